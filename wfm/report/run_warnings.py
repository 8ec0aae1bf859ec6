"""What a reader must know before believing the page: the run's own warnings, and what the tables show.

The summary names queues that nobody can serve; where a run has no summary, they are found from the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.io.run_folder import RunTables
from wfm.report import wording
from wfm.report.selection import QueueRows

SILENT_AFTER = pd.Timedelta(days=7)
MOST_ON_COVER = 5


@dataclass(frozen=True)
class NotKept:
    """A rule that the roster does not keep: of whom, the rule's key, and what is missing in words."""

    subject: str
    rule: str
    text: str


def rules_not_kept(run: RunTables) -> Sequence[NotKept] | None:
    """Return what the run says it could not keep, agents by name; None without a summary."""
    if run.summary is None:
        return None
    people = run.agents
    names = {} if people is None else dict(zip(people["agent_id"], people["name"], strict=True))
    return [
        NotKept(
            subject=wording.printable(names.get(one["subject"], one["subject"])),
            rule=wording.printable(one["rule"]),
            text=wording.printable(one["text"], wording.LONGEST_TEXT),
        )
        for one in run.summary.get("unmet", ())
    ]


def warnings_of(run: RunTables, queues: Sequence[QueueRows]) -> list[str]:
    """Return the warnings in the order of their weight, each a plain sentence."""
    summary = run.summary or {}
    broken = rules_not_kept(run) or ()
    found = [f"Not kept: {one.subject} {one.rule}: {one.text}" for one in broken[:MOST_ON_COVER]]
    if len(broken) > MOST_ON_COVER:
        found.append(f"{wording.counted(len(broken) - MOST_ON_COVER, 'more rule')} not kept: see Rules.")
    found += [str(warning) for warning in summary.get("warnings", ())]
    if run.summary is None:
        found += [
            f"Queue {wording.in_sentence(queue.name)}: no agent is scheduled for it."
            for queue in queues
            if _unserved(queue)
        ]
    found += list(_silent(queues))
    found += _absent(run)
    return [wording.printable(warning, wording.LONGEST_TEXT) for warning in found]


def _unserved(queue: QueueRows) -> bool:
    coverage = queue.coverage
    return bool(coverage["agents_to_schedule"].sum() > 0 and coverage["agents_scheduled"].sum() == 0)


def _silent(queues: Sequence[QueueRows]) -> Iterator[str]:
    """Yield a warning for each queue without a contact in the last week of the history."""
    ends = [queue.history["interval_start"].max() for queue in queues if len(queue.history)]
    if not ends:
        return
    last = max(ends)
    for queue in queues:
        contacts = queue.history[queue.history["offered"] > 0]["interval_start"]
        if contacts.empty and len(queue.history):
            yield f"Queue {wording.in_sentence(queue.name)}: no contact in the whole history."
        elif len(contacts) and last - contacts.max() > SILENT_AFTER:
            seen = wording.moment(contacts.max(), queue.timezone)
            yield f"Queue {wording.in_sentence(queue.name)}: silent since {seen} ({queue.timezone})."


def _absent(run: RunTables) -> list[str]:
    wanted = {
        "history": "nothing to compare the forecast with",
        "forecast": "no expected contacts",
        "days": "no bands of the day totals",
        "requirements": "no contacts beside the staffing",
        "agents": "agents are shown by id, without teams, contracts and cost",
        "roster": "no shifts",
        "coverage": "no staffing against requirement",
        "scores": "no forecast error",
        "summary": "no proven gap",
    }
    return [
        f"This run has no {name}: {effect}." for name, effect in wanted.items() if getattr(run, name) is None
    ]

"""What a reader must know before believing the page: the run's own warnings, and what the tables show.

The summary names queues that nobody can serve; where a run has no summary, they are found from the tables.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from wfm.io.run_folder import RunTables
from wfm.report import wording
from wfm.report.selection import QueueRows

SILENT_AFTER = pd.Timedelta(days=7)


def warnings_of(run: RunTables, queues: Sequence[QueueRows]) -> list[str]:
    """Return the warnings in the order of their weight, each a plain sentence."""
    summary = run.summary or {}
    found = [f"Not kept: {one['subject']} {one['rule']}: {one['text']}" for one in summary.get("unmet", ())]
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

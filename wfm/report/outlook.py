"""Is the plan safe? The figures of the first screen, per queue and in total.

Hours are agent-hours. A queue's understaffed hours are the missing agents of its intervals times the
interval's length, as in the coverage table; required hours are those of agents_to_schedule. Shares are of
required hours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from wfm.io.run_folder import RunTables
from wfm.report import wording
from wfm.report.selection import BALANCED_AGENTS, QueueRows

SAFE_SHARE = 0.01  # of required hours understaffed
TIGHT_SHARE = 0.05
SAFE_QUEUE_SHARE = 0.05
TIGHT_QUEUE_SHARE = 0.10
LEVEL_WORDS = {"safe": "Safe", "tight": "Tight", "short": "Short"}


@dataclass(frozen=True)
class QueueOutlook:
    """One queue over the rostered days; a figure that the run cannot give is None."""

    rows: QueueRows
    contacts: float | None
    required_h: float | None
    understaffed_h: float | None
    overstaffed_h: float | None
    staffed_share: float | None
    wape: float | None
    noise_floor: float | None

    @property
    def understaffed_share(self) -> float | None:
        """Understaffed as a share of required hours."""
        if self.understaffed_h is None or not self.required_h:
            return None
        return self.understaffed_h / self.required_h


@dataclass(frozen=True)
class TotalHours:
    """Agent-hours of all queues together; None where the run cannot give them."""

    required: float | None
    understaffed: float | None
    overstaffed: float | None


@dataclass(frozen=True)
class Verdict:
    """One word for the plan, the sentence behind it, and the rule by which it was found."""

    word: str
    css: str
    sentence: str


def queue_outlook(rows: QueueRows) -> QueueOutlook:
    """Return the figures of one queue."""
    coverage = rows.coverage
    wape, floor = _accuracy(rows.scores)
    if coverage.empty:
        return QueueOutlook(rows, None, None, None, None, None, wape, floor)
    net = coverage["net_staffing"]
    contacts = float(coverage["offered"].sum()) if coverage["offered"].notna().any() else None
    staffed = float(coverage["offered"][net > -BALANCED_AGENTS].sum())
    return QueueOutlook(
        rows=rows,
        contacts=contacts,
        required_h=float(coverage["agents_to_schedule"].sum()) * rows.interval_h,
        understaffed_h=float(-net.clip(upper=0).sum()) * rows.interval_h,
        overstaffed_h=float(net.clip(lower=0).sum()) * rows.interval_h,
        staffed_share=staffed / contacts if contacts else None,
        wape=wape,
        noise_floor=floor,
    )


def _accuracy(scores: pd.DataFrame) -> tuple[float | None, float | None]:
    """Return WAPE and noise floor of the model in use."""
    chosen = scores[scores["chosen"] & scores["wape"].notna()] if len(scores) else scores
    if chosen.empty:
        return None, None
    (best,) = chosen.nsmallest(1, "wape").to_dict("records")
    floor = float(best["noise_floor"])
    return float(best["wape"]), None if math.isnan(floor) else floor


def total(figures: Sequence[float | None]) -> float | None:
    """Return the sum of the figures that are known; None if none is."""
    known = [figure for figure in figures if figure is not None]
    return sum(known) if known else None


def total_hours(run: RunTables, outlooks: Sequence[QueueOutlook]) -> TotalHours:
    """Return the hours of the summary, which count idle surplus too; without it, sums over the queues."""
    stated = run.summary or {}
    return TotalHours(
        required=_stated(stated.get("required_h"), total([one.required_h for one in outlooks])),
        understaffed=_stated(stated.get("understaffed_h"), total([one.understaffed_h for one in outlooks])),
        overstaffed=_stated(stated.get("overstaffed_h"), total([one.overstaffed_h for one in outlooks])),
    )


def _stated(stated: object, computed: float | None) -> float | None:
    return float(stated) if isinstance(stated, int | float) else computed


def verdict(
    understaffed_h: float | None, required_h: float | None, queues: Sequence[QueueOutlook]
) -> Verdict:
    """Return whether the rostered days are safe, judged by the shares in total and in the worst queue."""
    if understaffed_h is None or not required_h:
        return Verdict(
            "Not known", "unknown", "This run has no coverage table, so nothing says whether it is safe."
        )
    share = understaffed_h / required_h
    sentence = (
        f"{wording.hours(understaffed_h)} of agents missing, {wording.percent(share)} of the hours required"
    )
    worst = max(queues, key=lambda queue: queue.understaffed_share or 0, default=None)
    worst_share = (worst.understaffed_share or 0) if worst else 0.0
    if worst and worst_share > share:
        sentence += (
            f"; {wording.percent(worst_share)} in {wording.in_sentence(worst.rows.name)}, the worst queue"
        )
    css = level(share, worst_share)
    return Verdict(LEVEL_WORDS[css], css, f"{sentence}.")


def level(share: float, queue_share: float) -> str:
    """Return safe, tight or short for the understaffed share in total and in the worst queue."""
    if share <= SAFE_SHARE and queue_share <= SAFE_QUEUE_SHARE:
        return "safe"
    return "tight" if share <= TIGHT_SHARE and queue_share <= TIGHT_QUEUE_SHARE else "short"


def verdict_rule() -> str:
    """Return in words by which shares the verdict is given."""
    safe, tight = wording.percent(SAFE_SHARE, 0), wording.percent(TIGHT_SHARE, 0)
    safe_queue, tight_queue = wording.percent(SAFE_QUEUE_SHARE, 0), wording.percent(TIGHT_QUEUE_SHARE, 0)
    return (
        f"Safe: at most {safe} of required hours understaffed, and {safe_queue} in any queue. "
        f"Tight: at most {tight}, and {tight_queue} in any queue. Short: more."
    )


def gap_words(objective: float | None, bound: float | None) -> str:
    """Return which share of the objective a better roster could save, in words; it is the summary's gap."""
    if objective is None or bound is None:
        return "not known"
    gap = max(0.0, (objective - bound) / max(1.0, abs(objective)))
    if gap < 5e-7:
        return "the best possible roster"
    if bound <= 0:
        return "no useful bound"
    return f"at most {wording.percent_at_most(gap)}"

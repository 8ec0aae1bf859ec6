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

from wfm.report import wording
from wfm.report.selection import QueueRows

BALANCED_AGENTS = (
    0.05  # a split of agents among queues leaves crumbs; less than this is neither short nor over
)
SAFE_SHARE = 0.01  # of required hours understaffed
TIGHT_SHARE = 0.05
SAFE_QUEUE_SHARE = 0.05
TIGHT_QUEUE_SHARE = 0.20
LEVEL_WORDS = {"safe": "Safe", "tight": "Tight", "short": "Short"}
WORST_SPELLS = 10


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
class Verdict:
    """One word for the plan, the sentence behind it, and the rule by which it was found."""

    word: str
    css: str
    sentence: str


@dataclass(frozen=True)
class Spell:
    """Consecutive intervals of one queue with too few agents, local time of the queue."""

    queue: str
    when: str
    timezone: str
    missing: float
    worst_at: str
    scheduled: float
    to_schedule: int
    missing_h: float


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
    """Return WAPE and floor of the model in use; of several averaged, that of the best one."""
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
            f"; {wording.percent(worst_share)} in {wording.printable(worst.rows.name)}, the worst queue"
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
    """Return how far the roster can be from the best possible one, in words."""
    if objective is None or bound is None:
        return "not known"
    if bound <= 0:
        return "no useful bound"
    above = max(0.0, (objective - bound) / bound)
    if above < 5e-7:
        return "the best possible roster"
    return f"at most {wording.percent_at_most(above)}"


def worst_spells(queues: Sequence[QueueRows], most: int = WORST_SPELLS) -> list[Spell]:
    """Return the spells with the most agents missing at one time, worst first."""
    spells = [spell for queue in queues for spell in _spells(queue)]
    return sorted(spells, key=lambda spell: (-round(spell.missing, 6), -spell.missing_h))[:most]


def _spells(queue: QueueRows) -> list[Spell]:
    short = queue.coverage[queue.coverage["net_staffing"] <= -BALANCED_AGENTS]
    if short.empty:
        return []
    length = pd.Timedelta(minutes=queue.interval_min)
    number = (short["interval_start"].diff() != length).cumsum()
    return [_spell(queue, part, length) for _, part in short.groupby(number)]


def _spell(queue: QueueRows, part: pd.DataFrame, length: pd.Timedelta) -> Spell:
    (worst,) = part.nsmallest(1, "net_staffing").to_dict("records")
    begin, end = part["interval_start"].iloc[0], part["interval_start"].iloc[-1] + length
    until = wording.clock_time(end, queue.timezone)
    return Spell(
        queue=queue.name,
        when=f"{wording.moment(begin, queue.timezone)}{wording.EN_DASH}{until}",
        timezone=queue.timezone,
        missing=-float(worst["net_staffing"]),
        worst_at=wording.clock_time(worst["interval_start"], queue.timezone),
        scheduled=float(worst["agents_scheduled"]),
        to_schedule=int(worst["agents_to_schedule"]),
        missing_h=float(-part["net_staffing"].sum()) * queue.interval_h,
    )

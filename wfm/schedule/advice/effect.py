"""What a change of a roster does: rules newly broken, coverage and objective before and after.

A rule that was broken before for the same subject and date is not blamed on the change; if its numbers
change, it is among `still_broken`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfm.conform import conform, empty
from wfm.schedule.advice.columns import CHANGES
from wfm.schedule.verify import Verification, Violation

FIGURES = ("understaffed_h", "overstaffed_h")
SMALLEST = 1e-9  # agents; differences below it are rounding


@dataclass(frozen=True)
class Effect:
    """Rules newly broken and those broken before in other words; figures by name; `changes` is CHANGES."""

    broken: tuple[Violation, ...]
    still_broken: tuple[Violation, ...]
    before: dict[str, float]
    after: dict[str, float]
    changes: pd.DataFrame

    @property
    def growth_h(self) -> float:
        """Agent-hours of understaffing more than before."""
        return self.after["understaffed_h"] - self.before["understaffed_h"]

    def facts(self) -> dict[str, Any]:
        """Return the effect as plain values for JSON."""
        rows = self.changes.assign(
            interval_start=[stamp.isoformat() for stamp in self.changes["interval_start"]]
        )
        return {
            "broken": [str(violation) for violation in self.broken],
            "still_broken": [str(violation) for violation in self.still_broken],
            "before": self.before,
            "after": self.after,
            "changes": rows.to_dict("records"),
        }


def effect(before: Verification, after: Verification) -> Effect:
    """Return what lies between two judgements of the same weeks."""
    broken, still = newly_broken(before.violations, after.violations)
    return Effect(broken, still, _figures(before), _figures(after), _changes(before, after))


def newly_broken(
    before: Sequence[Violation], after: Sequence[Violation]
) -> tuple[tuple[Violation, ...], tuple[Violation, ...]]:
    """Return the violations that are new, and those that were there before with other numbers."""
    same = Counter(before) & Counter(after)
    gone = Counter(_key(violation) for violation in (Counter(before) - same).elements())
    new, other = [], []
    for violation in after:
        if same[violation]:
            same[violation] -= 1
        elif gone[_key(violation)]:
            gone[_key(violation)] -= 1
            other.append(violation)
        else:
            new.append(violation)
    return tuple(new), tuple(other)


def _key(violation: Violation) -> tuple[object, ...]:
    return violation.subject, violation.date, violation.rule


def _figures(judged: Verification) -> dict[str, float]:
    return {**{name: judged.figures[name] for name in FIGURES}, "objective": judged.objective}


def _changes(before: Verification, after: Verification) -> pd.DataFrame:
    """Return CHANGES: queues whose lack changes, in intervals whose total lack does.

    Where the total stays, a queue may have given an agent to another: that is no change, for either
    split is as good.
    """
    totals = pd.concat(
        [judged.intervals.set_index("interval_start")["understaffed"] for judged in (before, after)], axis=1
    ).fillna(0.0)
    moved = totals.index[(totals.iloc[:, 0] - totals.iloc[:, 1]).abs() > SMALLEST]
    lacks = pd.concat([_lacks(before), _lacks(after)], axis=1, keys=["missing_before", "missing_after"])
    rows = lacks.reset_index()
    differs = (rows["missing_before"] - rows["missing_after"]).abs() > SMALLEST
    rows = rows[rows["interval_start"].isin(moved) & differs]
    return conform(rows, CHANGES) if len(rows) else empty(CHANGES)


def _lacks(judged: Verification) -> pd.Series:
    net = judged.coverage.set_index(["interval_start", "queue"])["net_staffing"]
    return (-net).clip(lower=0.0) + 0.0  # no -0.0

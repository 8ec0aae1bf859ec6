"""An agent as its tour is computed from: costs of shifts and days off, limits, reachable week states."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from wfm.schedule.facts import Facts
from wfm.schedule.shifts import Shifts
from wfm.schedule.tour import week_states
from wfm.schedule.week_limits import WeekLimits, Window

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class WeekStates:
    """Reachable (days, paid units) within a week, see `wfm.schedule.tour.week_states`."""

    days: Ints
    units: Ints
    after: Ints
    before: Ints


@dataclass(frozen=True)
class WeekBounds:
    """Limits per week: shifts, and paid units of `unit_min` minutes; those beyond `ordinary` cost more."""

    least_days: Ints
    most_days: Ints
    least_units: Ints
    most_units: Ints
    ordinary: Floats
    overtime_cost: float  # of a unit


@dataclass(frozen=True)
class Grading:
    """Per interval: the skill group, and the work of the agent against a full one."""

    group: Ints
    worth: Floats


@dataclass(frozen=True)
class Runs:
    """Fewest days of work in a row; runs that start after a date, or end before one, may be shorter there."""

    least: int
    start_free: NDArray[np.bool_]
    end_free: NDArray[np.bool_]


@dataclass(frozen=True)
class Further:
    """Rules that the programme of a tour does not know (`wfm.schedule.lawful`); each may be absent.

    `weekly_rest` is in minutes within weeks that `week_begin` parts; `windows` are (first week, last week,
    least units, most units); `changed` (dates x types) and `changed_off` say which choices differ from the
    previous roster, of which there may be `most_changes` (below 0: any number).
    """

    weekly_rest: int
    week_begin: Ints
    last_end: int
    windows: tuple[tuple[int, int, int, int], ...]
    most_changes: int
    changed: NDArray[np.bool_]
    changed_off: NDArray[np.bool_]

    @property
    def binding(self) -> bool:
        """Whether any of them can bind."""
        return bool(self.weekly_rest or self.windows or self.most_changes >= 0)


@dataclass(frozen=True)
class Agent:
    """An agent ready for the programme: static costs (INF where a rule forbids), states and limits.

    `rest` is that before a shift of each date, in minutes; `group` that of the first interval, `grading`
    tells where it or the agent's worth changes (None: nowhere, and it counts as one).
    """

    facts: Facts
    shifts: Shifts
    group: int
    static: Floats
    off_cost: Floats
    paid_class: Ints
    class_units: Ints
    unit_min: int
    bounds: WeekBounds
    states: WeekStates
    rest: Ints
    run_limit: int
    run_before: int
    uneven: float
    share: Floats
    blocked: Ints
    off_patterns: tuple[tuple[int, ...], ...]
    runs: Runs
    further: Further
    grading: Grading | None = None

    @property
    def worth(self) -> Floats | float:
        """Work against a full agent, per interval."""
        return 1.0 if self.grading is None else self.grading.worth


def week_units(paid_minutes: Sequence[int]) -> int:
    """Return the largest unit (minutes) in which every paid length is whole."""
    unit = 0
    for minutes in paid_minutes:
        unit = gcd(unit, int(minutes))
    return max(unit, 1)


@cache
def states_for(units: tuple[int, ...], most_days: int, most_units: int) -> WeekStates:
    """Return the week states that shifts of these paid units can reach."""
    days, paid, after, before = week_states(np.array(units, dtype=np.int64), most_days, most_units)
    return WeekStates(days, paid, after, before)


def bounds_in_units(limits: Sequence[WeekLimits], unit_min: int, overtime_cost: float) -> WeekBounds:
    """Return limits per week in whole shifts and units: minima rounded up, maxima down, exactly.

    `overtime_cost` is that of an hour. `ordinary` stays exact, for it is no limit but a price.
    """
    per_hour = Fraction(60, unit_min)
    return WeekBounds(
        np.array([_up(week.least_days) for week in limits], dtype=np.int64),
        np.array([week.most_days for week in limits], dtype=np.int64),
        np.array([_up(week.least_h * per_hour) for week in limits], dtype=np.int64),
        np.array([_down(week.most_h * per_hour) for week in limits], dtype=np.int64),
        np.array([float(week.ordinary_h * per_hour) for week in limits]),
        overtime_cost / float(per_hour),
    )


def windows_in_units(windows: Sequence[Window], unit_min: int) -> tuple[tuple[int, int, int, int], ...]:
    """Return (first week, last week, least, most units) of each reference period."""
    per_hour = Fraction(60, unit_min)
    return tuple((w.first, w.last, _up(w.least_h * per_hour), _down(w.most_h * per_hour)) for w in windows)


def _up(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)


def _down(value: Fraction) -> int:
    return value.numerator // value.denominator

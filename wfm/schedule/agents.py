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
    """Limits per week: shifts, and paid units of `unit_min` minutes."""

    least_days: Ints
    most_days: Ints
    least_units: Ints
    most_units: Ints


@dataclass(frozen=True)
class Agent:
    """An agent ready for the programme: static costs (INF where a rule forbids), states and limits."""

    facts: Facts
    shifts: Shifts
    group: int
    static: Floats
    off_cost: Floats
    paid_class: Ints
    class_units: Ints
    bounds: WeekBounds
    states: WeekStates
    rest: int
    run_limit: int
    run_before: int
    uneven: float
    share: Floats
    blocked: Ints
    off_patterns: tuple[tuple[int, ...], ...]


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


def bounds_in_units(
    hours: Sequence[tuple[Fraction, Fraction]], days: Sequence[tuple[Fraction, int]], unit_min: int
) -> WeekBounds:
    """Return limits per week in whole shifts and units: minima rounded up, maxima down, exactly."""

    def up(value: Fraction) -> int:
        return -(-value.numerator // value.denominator)

    def down(value: Fraction) -> int:
        return value.numerator // value.denominator

    return WeekBounds(
        np.array([up(low) for low, _ in days], dtype=np.int64),
        np.array([high for _, high in days], dtype=np.int64),
        np.array([up(low * 60 / unit_min) for low, _ in hours], dtype=np.int64),
        np.array([down(high * 60 / unit_min) for _, high in hours], dtype=np.int64),
    )

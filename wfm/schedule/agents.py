"""What the engine must know of each agent: facts from the tables, and the arrays its tour is computed from.

`Facts` are the agent's own (dates, leave, pins, requests, history); `build_agent` applies the rules of
`wfm.schedule.rules` one by one. A rule named in `relaxed` is left out: that is how conflicts are explained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

from wfm.config import Contract
from wfm.hours import WeeklyHours
from wfm.schedule.catalogue import NO_START, Catalogue
from wfm.schedule.tour import INF, week_states

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Absence:
    """A time off in minutes of the grid."""

    begin: int
    end: int
    paid: bool


@dataclass(frozen=True)
class Pin:
    """A shift fixed by hand: clock minutes of start and end on a date, or a day off (None)."""

    day: int
    span: tuple[int, int] | None


@dataclass(frozen=True)
class Request:
    """A wish for one date: minutes of the clock where the kind has a value."""

    day: int
    kind: str
    span: tuple[int, int]
    weight: float


@dataclass(frozen=True)
class Facts:
    """One agent as the tables tell it; days count from the first date of the horizon.

    `open_spans` holds, per date, the availability that begins on it, in minutes of the grid. `previous` maps a day
    to the begin and end of its shift in the plan to stay near. Weeks before the horizon count -1, -2, ...
    """

    agent_id: str
    site: str
    contract_name: str
    contract: Contract
    skills: tuple[int, ...]
    availability: WeeklyHours
    availability_text: str
    first_day: date | None
    last_day: date | None
    cost_ratio: float
    open_spans: tuple[tuple[tuple[int, int], ...], ...] = ()
    absences: tuple[Absence, ...] = ()
    pins: tuple[Pin, ...] = ()
    requests: tuple[Request, ...] = ()
    last_end: int | None = None
    run_before: int = 0
    weekends_worked_before: frozenset[int] = frozenset()
    weekends_known_before: int = 0
    previous: dict[int, tuple[int, int]] = field(default_factory=dict)
    compare_previous: bool = False


@dataclass(frozen=True)
class Structure:
    """Break structures of a contract in slots: lengths that share one point at the same row."""

    of_length: Ints
    first: Ints
    last: Ints
    width: Ints
    count: Ints
    step: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Shifts:
    """A catalogue in the form the compiled programme takes: minutes, slots and orderings. D dates, T types."""

    catalogue: Catalogue
    begin: Ints
    begin_slot: Ints
    length: Ints
    length_slots: Ints
    by_end: Ints
    near_first: Ints
    near_last: Ints
    unpopular: NDArray[np.bool_]
    structure: Structure


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


def build_shifts(catalogue: Catalogue, unpopular: NDArray[np.bool_], slot_min: int, step_min: int) -> Shifts:
    """Return the compiled form of a catalogue; `unpopular` is (dates x types)."""
    begin = catalogue.begin
    ends = np.where(begin[:, :, None] == NO_START, 2**40, begin[:, :, None] + catalogue.lengths)
    starts = catalogue.starts
    return Shifts(
        catalogue,
        begin,
        np.where(begin == NO_START, NO_START, begin // slot_min),
        catalogue.lengths,
        catalogue.lengths // slot_min,
        np.argsort(ends.reshape(len(begin), -1), axis=1, kind="stable"),
        np.searchsorted(starts, starts - 60, side="left"),
        np.searchsorted(starts, starts + 60, side="right"),
        unpopular,
        _structure(catalogue, slot_min, step_min),
    )


def _structure(catalogue: Catalogue, slot_min: int, step_min: int) -> Structure:
    distinct = sorted(set(catalogue.breaks), key=catalogue.breaks.index)
    most = max((len(breaks) for breaks in distinct), default=0)
    shape = (len(distinct), max(most, 1))
    first, last, width = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, breaks in enumerate(distinct):
        for b, rest in enumerate(breaks):
            first[row, b] = rest.offsets[0] // slot_min
            last[row, b] = rest.offsets[-1] // slot_min
            width[row, b] = rest.minutes // slot_min
    rows = tuple(distinct.index(breaks) for breaks in catalogue.breaks)
    return Structure(
        np.array(rows, dtype=np.int64),
        first,
        last,
        width,
        np.array([len(breaks) for breaks in distinct], dtype=np.int64),
        step_min // slot_min,
        rows,
    )


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


def forbidden(static: Floats) -> NDArray[np.bool_]:
    """Return where a rule forbids the shift."""
    return static >= INF

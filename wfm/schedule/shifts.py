"""The shifts of each contract and site as the compiled programmes take them: minutes, slots and orderings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from wfm.config import Config, Contract
from wfm.errors import ConfigError, Fault
from wfm.hours import DAY_MIN, parse_clock, parse_span
from wfm.schedule.catalogue import (
    NO_START,
    Catalogue,
    build_catalogue,
    gaps_of,
    shift_lengths,
    shift_starts,
)
from wfm.schedule.horizon import Grid

LONGEST_CLOCK_CHANGE_MIN = 60
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Structure:
    """Break structures of a contract in slots: lengths that share one point at the same row."""

    of_length: Ints
    first: Ints
    last: Ints
    width: Ints
    count: Ints
    least_gap: Ints
    most_gap: Ints
    step: int


@dataclass(frozen=True)
class Shifts:
    """A catalogue in the form the compiled programme takes: minutes, slots and orderings.

    `begin` and `begin_slot` are (dates x starts); `by_end` (dates x types) orders the types of a date by
    their end; starts at most 60 minutes from start j are `near_first[j]` to `near_last[j]`; `unpopular` is
    (dates x types).
    """

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


def build_shifts(catalogue: Catalogue, unpopular: NDArray[np.bool_], slot_min: int, step_min: int) -> Shifts:
    """Return the compiled form of a catalogue; `unpopular` is (dates x types)."""
    begin = catalogue.begin
    ends = np.where(begin[:, :, None] == NO_START, 2**40, begin[:, :, None] + catalogue.lengths)
    starts = catalogue.starts
    return Shifts(
        catalogue=catalogue,
        begin=begin,
        begin_slot=np.where(begin == NO_START, NO_START, begin // slot_min),
        length=catalogue.lengths,
        length_slots=catalogue.lengths // slot_min,
        by_end=np.argsort(ends.reshape(len(begin), -1), axis=1, kind="stable"),
        near_first=np.searchsorted(starts, starts - 60, side="left"),
        near_last=np.searchsorted(starts, starts + 60, side="right"),
        unpopular=unpopular,
        structure=_structure(catalogue, slot_min, step_min),
    )


def _structure(catalogue: Catalogue, slot_min: int, step_min: int) -> Structure:
    pairs = list(zip(catalogue.breaks, catalogue.gaps, strict=True))
    distinct = list(dict.fromkeys(pairs))
    most = max((len(breaks) for breaks, _ in distinct), default=0)
    shape = (len(distinct), max(most, 1))
    first, last, width = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    for row, (breaks, _) in enumerate(distinct):
        for b, rest in enumerate(breaks):
            first[row, b] = rest.offsets[0] // slot_min
            last[row, b] = rest.offsets[-1] // slot_min
            width[row, b] = rest.minutes // slot_min
    return Structure(
        of_length=np.array([distinct.index(pair) for pair in pairs], dtype=np.int64),
        first=first,
        last=last,
        width=width,
        count=np.array([len(breaks) for breaks, _ in distinct], dtype=np.int64),
        least_gap=np.array([-(-gaps.least // slot_min) for _, gaps in distinct], dtype=np.int64),
        most_gap=np.array([gaps.most // slot_min for _, gaps in distinct], dtype=np.int64),
        step=step_min // slot_min,
    )


@dataclass(frozen=True)
class Use:
    """Whose shifts are asked for: a contract at a site, and whether minors are among its agents."""

    contract: str
    site: str
    minors: bool


def shifts_in_use(
    uses: Iterable[Use], dates: Sequence[date], grid: Grid, config: Config
) -> dict[Use, Shifts]:
    """Return the shifts of every use; ConfigError if a contract's breaks fit into no shift."""
    found: dict[Use, Shifts] = {}
    for use in dict.fromkeys(uses):
        contract = config.contracts[use.contract]
        if not shift_lengths(contract, gaps_of(contract)):
            fault = Fault(
                "no shift length has room for its breaks", column=f"contracts.{use.contract}.breaks"
            )
            hint = "widen the windows of the breaks, or the shifts, or let longest_stretch_h be longer"
            raise ConfigError([fault], hint=hint)
        _check_rest(use, config)
        found[use] = shifts_of(contract, use, dates, grid, config)
    return found


def shifts_of(contract: Contract, use: Use, dates: Sequence[date], grid: Grid, config: Config) -> Shifts:
    """Return the shifts of a contract; for minors those with their stretches too, beside the adults'."""
    gaps = [(gaps_of(contract), False)]
    if use.minors:
        gaps.append((gaps_of(contract, config.minors.longest_stretch_h), True))
    catalogue = build_catalogue(contract, config.sites[use.site].timezone, dates, grid, gaps)
    unpopular = unpopular_shifts(catalogue, dates, config).reshape(len(dates), -1)
    return build_shifts(catalogue, unpopular, grid.slot_min, contract.break_step_min)


def _check_rest(use: Use, config: Config) -> None:
    """Refuse a rest that reaches over a whole day off: the programme looks back to yesterday only."""
    name, contract = use.contract, config.contracts[use.contract]
    starts, lengths = shift_starts(contract), shift_lengths(contract, gaps_of(contract))
    of_minors = (config.minors.rest_h or 0.0) if use.minors else 0.0
    rest_min = max(contract.rest_h, of_minors) * 60
    if starts[-1] + lengths[-1] + rest_min > 2 * DAY_MIN + starts[0] - LONGEST_CLOCK_CHANGE_MIN:
        problem = (
            "with these starts and lengths the rest can reach over a whole day off, which is not supported"
        )
        key = "minors.rest_h" if of_minors > contract.rest_h else f"contracts.{name}.rest_h"
        fault = Fault(problem, column=key, value=f"{rest_min / 60:g}")
        raise ConfigError([fault], hint="shorten rest_h or shift_hours, or begin the latest shifts earlier")


def unpopular_shifts(catalogue: Catalogue, dates: Sequence[date], config: Config) -> NDArray[np.bool_]:
    """Return which (date, start, length) end late, touch the night or start on a weekend."""
    start = catalogue.starts[None, :, None]
    end = catalogue.local_end
    late = end > parse_clock(config.schedule.late_after)
    first, last = parse_span(config.schedule.night)
    night = np.zeros(end.shape, dtype=bool)
    for shift in (-DAY_MIN, 0, DAY_MIN):
        night |= (start < last + shift) & (end > first + shift)
    weekend = np.array([day.weekday() in config.centre.weekend_numbers for day in dates])
    unpopular: NDArray[np.bool_] = late | night | weekend[:, None, None]
    return unpopular

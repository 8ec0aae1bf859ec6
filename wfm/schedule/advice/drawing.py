"""A shift drawn anew: its breaks stay where they are if that is legal, else take the first legal places.

Offsets are seconds from the start of the shift. What is neither break nor fixed (activities, leave) is
time on queue. `verify` judges what is drawn here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise

from wfm.config import Break, Contract
from wfm.schedule.verify.case import Segment, Shift

BREAKS = ("break", "lunch")
MINUTE_S = 60

Place = tuple[int, int]


@dataclass(frozen=True)
class Grid:
    """What breaks keep to: `step` of their starts, least `spacing` between, `longest` time without one."""

    step: int
    spacing: int
    longest: int


def draw(
    contract: Contract, start: datetime, end: datetime, fixed: Sequence[Segment], breaks: Sequence[Segment]
) -> tuple[Segment, ...] | None:
    """Return the segments from start to end around `fixed` ones; None if the due breaks find no place."""
    if any(segment.start < start or segment.end > end for segment in fixed):
        return None
    rules, grid = due(contract, end - start), _grid(contract)
    length, blocked = _seconds(end - start), _places(fixed, start)
    places = _places(breaks, start)
    if not _legal(rules, breaks, places, length, grid) or _collide(places, blocked):
        wanted = tuple((rule.from_min, rule.to_min, rule.minutes) for rule in rules)
        found = first_places(wanted, length, grid, blocked)
        if found is None:
            return None
        breaks = [
            Segment(
                start + timedelta(seconds=first), start + timedelta(seconds=last), rule.activity, rule.paid
            )
            for (first, last), rule in zip(found, rules, strict=True)
        ]
    return _tiled(start, end, (*fixed, *breaks))


def due(contract: Contract, length: timedelta) -> list[Break]:
    """Return the breaks of a shift of this length."""
    return [rule for rule in contract.breaks if timedelta(hours=rule.min_shift_hours) <= length]


def breaks_of(shift: Shift) -> list[Segment]:
    """Return the breaks of a shift."""
    return [segment for segment in shift.segments if segment.activity in BREAKS]


def fixed_of(shift: Shift) -> list[Segment]:
    """Return what stands in a shift beside breaks and time on queue: activities and leave."""
    return [segment for segment in shift.segments if segment.activity not in (*BREAKS, "on_queue")]


@cache
def first_places(
    wanted: tuple[tuple[int, int, int], ...], length: int, grid: Grid, blocked: tuple[Place, ...]
) -> tuple[Place, ...] | None:
    """Return the earliest places of breaks (from, to, minutes each), in order; None: there are none.

    Breaks lie apart from what is blocked. The first break stands as early as it can, then the second, ...
    """
    return _from(wanted, length, grid, blocked, (0, 0))


def _from(
    wanted: tuple[tuple[int, int, int], ...],
    length: int,
    grid: Grid,
    blocked: tuple[Place, ...],
    before: Place,
) -> tuple[Place, ...] | None:
    """Return the places of the breaks that are left after `before`, which is (0, 0) at first."""
    if not wanted:
        return () if length - before[1] <= grid.longest else None
    (from_min, to_min, minutes), rest = wanted[0], wanted[1:]
    earliest = max(from_min * MINUTE_S, before[1] + (grid.spacing if before[1] else 0))
    latest = min(to_min * MINUTE_S, before[1] + grid.longest, length - minutes * MINUTE_S)
    for start in range(-(-earliest // grid.step) * grid.step, latest + 1, grid.step):
        place = (start, start + minutes * MINUTE_S)
        if _collide([place], blocked):
            continue
        found = _from(rest, length, grid, blocked, place)
        if found is not None:
            return (place, *found)
    return None


def _legal(
    rules: Sequence[Break], breaks: Sequence[Segment], places: Sequence[Place], length: int, grid: Grid
) -> bool:
    """Return whether breaks that stand already are those that are due, where they may be."""
    if [(rule.activity, rule.paid) for rule in rules] != [(one.activity, one.paid) for one in breaks]:
        return False
    for rule, (start, end) in zip(rules, places, strict=True):
        inside = rule.from_min * MINUTE_S <= start <= rule.to_min * MINUTE_S and end <= length
        if not inside or start % grid.step or end - start != rule.minutes * MINUTE_S:
            return False
    edges = [0, *(edge for place in places for edge in place), length]
    stretches = [last - first for first, last in zip(edges[::2], edges[1::2], strict=True)]
    return max(stretches) <= grid.longest and min(stretches[1:-1], default=grid.spacing) >= grid.spacing


def _grid(contract: Contract) -> Grid:
    longest = 24 if contract.longest_stretch_h is None else contract.longest_stretch_h
    return Grid(
        contract.break_step_min * MINUTE_S,
        contract.break_spacing_min * MINUTE_S,
        int(longest * 60 * MINUTE_S),
    )


def _tiled(start: datetime, end: datetime, pieces: Iterable[Segment]) -> tuple[Segment, ...] | None:
    """Return the pieces with time on queue between them; None if they overlap."""
    in_order = sorted(pieces, key=lambda segment: segment.start)
    if any(later.start < earlier.end for earlier, later in pairwise(in_order)):
        return None
    tiles, moment = [], start
    for piece in in_order:
        if moment < piece.start:
            tiles.append(Segment(moment, piece.start, "on_queue", paid=True))
        tiles.append(piece)
        moment = piece.end
    if moment < end:
        tiles.append(Segment(moment, end, "on_queue", paid=True))
    return tuple(tiles)


def _places(segments: Iterable[Segment], start: datetime) -> tuple[Place, ...]:
    return tuple((_seconds(one.start - start), _seconds(one.end - start)) for one in segments)


def _collide(places: Iterable[Place], blocked: Sequence[Place]) -> bool:
    return any(max(a, c) < min(b, d) for a, b in places for c, d in blocked)


def _seconds(length: timedelta) -> int:
    return length // timedelta(seconds=1)

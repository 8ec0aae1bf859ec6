"""What an agent could do on a date instead, each with the rules it breaks and what it costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from wfm.schedule.verify import Violation
from wfm.schedule.verify.case import Request
from wfm.schedule.verify.goals import is_missed
from wfm.schedule.verify.violation import MINUTE
from wfm.schedule.why.legality import Judge
from wfm.schedule.why.prices import Added, Prices
from wfm.schedule.why.shapes import Shape, Shapes

SMALLEST = 1e-9  # points; differences below it are rounding
FURTHEST = 48  # steps that a limit is looked for


@dataclass(frozen=True)
class Option:
    """A shift (`segments` empty: a day off) against what is rostered: points by part, hours, broken rules."""

    segments: Shape
    parts: Mapping[str, float]
    understaffed_h: float
    overstaffed_h: float
    broken: tuple[Violation, ...]
    requests_missed: tuple[Request, ...]

    @property
    def points(self) -> float:
        """Points of the objective more (less: negative) than what is rostered."""
        return sum(self.parts.values())

    @property
    def legal(self) -> bool:
        """Whether no rule is broken that was kept before."""
        return not self.broken


@dataclass(frozen=True)
class Limit:
    """How far a shift can be moved one way: the first step if it is legal, and the first that is not."""

    direction: str
    first: Option | None
    forbidden: Option | None


class Options:
    """The options of one agent and date, all else as rostered."""

    def __init__(self, prices: Prices) -> None:
        self.prices, self.shapes = prices, Shapes(prices)
        self.judge = Judge(prices.case, prices)
        self._judged: dict[Shape, tuple[Violation, ...]] = {}
        shift = prices.agent.shift_on(prices.day)
        self.now: Shape = () if shift is None else shift.segments
        self.added = prices.added(self.now)
        self.wishes = tuple(wish for wish in prices.agent.requests if wish.date == prices.day)

    def option(self, shape: Shape) -> Option:
        """Return a shape judged and priced."""
        added, now = self.prices.added(shape), self.added
        parts = {name: points - now.parts[name] for name, points in added.parts.items()}
        return Option(
            shape,
            parts,
            added.understaffed_h - now.understaffed_h,
            added.overstaffed_h - now.overstaffed_h,
            self._broken(shape),
            self.missed(shape),
        )

    def missed(self, shape: Shape) -> tuple[Request, ...]:
        """Return the requests of the date that a shape does not meet."""
        agent = self.prices.worked(shape)
        return tuple(wish for wish in self.wishes if is_missed(wish, agent))

    def best(self, most: int) -> tuple[tuple[Option, ...], Mapping[str, int]]:
        """Return the cheapest options, and how many of those looked at break each rule.

        `most` legal ones, and among them at most `most` that rules forbid; all are looked at if there are
        fewer legal ones.
        """
        found: list[Option] = []
        rules: Counter[str] = Counter()
        legal = forbidden = 0
        for shape in self._by_points:
            if legal == most:
                break
            broken = self._broken(shape)
            rules.update({violation.rule for violation in broken})
            legal, forbidden = legal + (not broken), forbidden + bool(broken)
            if not broken or forbidden <= most:
                found.append(self.option(shape))
        return tuple(found), rules

    def granting(self, wish: Request) -> Option | None:
        """Return the cheapest legal option that meets a request, None if there is none."""
        meeting = (shape for shape in self._by_points if wish not in self.missed(shape))
        return next((self.option(shape) for shape in meeting if not self._broken(shape)), None)

    def limits(self) -> Iterator[Limit]:
        """Yield how far the shift can move earlier and later, shrink and grow, and whether it can be off."""
        if not self.now:
            return
        start, end, contract = self.now[0].start, self.now[-1].end, self.prices.agent.contract
        move, step = contract.start_step_min * MINUTE, contract.shift_step_min * MINUTE
        steps = range(1, FURTHEST + 1)
        yield self._limit("earlier", ((start - n * move, end - n * move) for n in steps))
        yield self._limit("later", ((start + n * move, end + n * move) for n in steps))
        yield self._limit("shorter", ((start, end - n * step) for n in steps if start < end - n * step))
        yield self._limit("longer", ((start, end + n * step) for n in steps))
        off = self.option(())
        yield Limit("day off", off if off.legal else None, None if off.legal else off)

    def _limit(self, direction: str, spans: Iterable[tuple[datetime, datetime]]) -> Limit:
        first = None
        for span in spans:
            found = self.option(self.shapes.drawn(*span) or self.shapes.bare(*span))
            if not found.legal:
                return Limit(direction, first, found)
            first = first or found
        return Limit(direction, first, None)

    def _broken(self, shape: Shape) -> tuple[Violation, ...]:
        """Return the rules newly broken, asked once for each shape."""
        if shape not in self._judged:
            self._judged[shape] = self.judge.broken(shape)
        return self._judged[shape]

    @cached_property
    def _by_points(self) -> list[Shape]:
        """Return all shapes of the contract and a day off, the cheapest first, without what is rostered."""
        shapes: list[Shape] = list(self.shapes.of_contract())
        if self.now:
            shapes.append(())
        points = [_sum(self.prices.added(shape)) for shape in shapes]
        now = _sum(self.added)
        order = sorted(range(len(shapes)), key=lambda at: (points[at], at))
        return [shapes[at] for at in order if not self._is_rostered(shapes[at], points[at] - now)]

    def _is_rostered(self, shape: Shape, points: float) -> bool:
        """Return whether a shape is that of the roster, or the same with breaks that are no better."""
        if not shape or not self.now:
            return shape == self.now
        same = (shape[0].start, shape[-1].end) == (self.now[0].start, self.now[-1].end)
        return same and points > -SMALLEST


def _sum(added: Added) -> float:
    return sum(added.parts.values())

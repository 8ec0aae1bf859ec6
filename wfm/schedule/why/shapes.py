"""The shifts that an agent could have on a date, breaks where they cost least.

Trainings, meetings and coaching stay where they stand, leave where it was granted. Lengths are seconds from
the start of the shift. The places of breaks are the cheapest if no two of them lie in one interval, which is
split as a whole; whatever is drawn is priced exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import cache

from wfm.config import Break
from wfm.localtime import exists, instant_of_minute
from wfm.schedule.advice.drawing import Grid, Place, draw, due, fixed_of
from wfm.schedule.advice.extra import starts_of
from wfm.schedule.advice.presence import without
from wfm.schedule.verify.case import Segment
from wfm.schedule.verify.legal import longest_stretch_min
from wfm.schedule.verify.spans import Span, common, union
from wfm.schedule.verify.violation import MINUTE
from wfm.schedule.why.prices import Prices

MINUTE_S = 60
SECOND = timedelta(seconds=1)
Shape = tuple[Segment, ...]


class Shapes:
    """The shifts of one agent and date."""

    def __init__(self, prices: Prices) -> None:
        self.prices = prices
        agent, day = prices.agent, prices.day
        shift = agent.shift_on(day)
        self.work = [] if shift is None else [one for one in fixed_of(shift) if one.activity != "leave"]
        contract = agent.contract
        self.grid = Grid(
            contract.break_step_min * MINUTE_S,
            contract.break_spacing_min * MINUTE_S,
            longest_stretch_min(agent, prices.case, day) * MINUTE_S,
        )

    def of_contract(self) -> Iterator[Shape]:
        """Yield every start and length of the contract into which breaks, activities and leave fit."""
        agent, day = self.prices.agent, self.prices.day
        shortest, longest = (round(hours * 60) for hours in agent.contract.shift_hours)
        for minute in starts_of(agent.contract):
            start = instant_of_minute(day, minute, agent.timezone)
            if not exists(datetime.combine(day, datetime.min.time()) + minute * MINUTE, agent.timezone):
                continue
            for length in range(shortest, longest + 1, agent.contract.shift_step_min):
                shape = self.drawn(start, start + length * MINUTE)
                if shape is not None:
                    yield shape

    def drawn(self, start: datetime, end: datetime) -> Shape | None:
        """Return the shift with its breaks where they cost least; None if they find no place."""
        fixed = [*self.work, *self._leave((start, end))]
        rules = due(self.prices.agent.contract, end - start)
        blocked = tuple(((one.start - start) // SECOND, (one.end - start) // SECOND) for one in fixed)
        costs = self._costs(start, end, fixed)
        places = cheapest_places(rules, (end - start) // SECOND, self.grid, blocked, costs)
        if places is None:
            return None
        breaks = [
            Segment(start + first * SECOND, start + last * SECOND, rule.activity, rule.paid)
            for (first, last), rule in zip(places, rules, strict=True)
        ]
        shape = draw(self.prices.agent.contract, start, end, fixed, breaks)
        return shape if shape is not None and any(one.activity == "on_queue" for one in shape) else None

    def bare(self, start: datetime, end: datetime) -> Shape:
        """Return the shift without breaks, to be asked which rules forbid it."""
        fixed = [*self.work, *self._leave((start, end))]
        inside = sorted(
            (one for one in fixed if start <= one.start and one.end <= end), key=lambda one: one.start
        )
        free = without([(start, end)], [one.span for one in inside])
        tiles = [*inside, *(Segment(*span, "on_queue", paid=True) for span in free)]
        return tuple(sorted(tiles, key=lambda one: one.start))

    def _leave(self, span: Span) -> list[Segment]:
        """Return the leave granted in a span; where paid and unpaid rows meet, it is paid."""
        rows = self.prices.agent.time_off
        paid = common([span], (row.span for row in rows if row.paid))
        unpaid = without(union(common([span], (row.span for row in rows if not row.paid))), paid)
        found = [Segment(*one, "leave", paid=True) for one in paid]
        return [*found, *(Segment(*one, "leave", paid=False) for one in unpaid)]

    def _costs(self, start: datetime, end: datetime, fixed: Sequence[Segment]) -> Callable[[Place], float]:
        """Return what a break at a place costs: the points that the time on queue there would save."""
        prices = self.prices
        whole = prices.times(without([(start, end)], [one.span for one in fixed]))

        @cache
        def cost(place: Place) -> float:
            gone = prices.times([(start + place[0] * SECOND, start + place[1] * SECOND)])
            return sum(
                prices.points(number, whole.get(number, 0) - time)
                - prices.points(number, whole.get(number, 0))
                for number, time in gone.items()
                if time <= whole.get(number, 0)  # else it lies in leave, where no break is placed
            )

        return cost


def cheapest_places(
    rules: Sequence[Break],
    length: int,
    grid: Grid,
    blocked: Sequence[Place],
    cost: Callable[[Place], float],
) -> tuple[Place, ...] | None:
    """Return the cheapest places of breaks in their order, the earliest of equals; None: there are none.

    Places and `length` are seconds, `blocked` is where no break may lie.
    """

    @cache
    def rest(number: int, end: int) -> tuple[float, tuple[Place, ...]] | None:
        if number == len(rules):
            return (0.0, ()) if length - end <= grid.longest else None
        rule, best = rules[number], None
        size = rule.minutes * MINUTE_S
        earliest = max(rule.from_min * MINUTE_S, end + (grid.spacing if number else 0))
        latest = min(rule.to_min * MINUTE_S, end + grid.longest, length - size)
        for start in range(-(-earliest // grid.step) * grid.step, latest + 1, grid.step):
            place = (start, start + size)
            if any(max(start, first) < min(place[1], last) for first, last in blocked):
                continue
            later = rest(number + 1, place[1])
            if later is None:
                continue
            total = cost(place) + later[0]
            if best is None or total < best[0]:
                best = (total, (place, *later[1]))
        return best

    found = rest(0, 0)
    return None if found is None else found[1]

"""Shifts drawn anew: breaks at the first legal places (against brute force), kept where they may stay."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.schedule.advice.made import published_of
from tests.schedule.verify.builder import MONDAY, Scenario, contract, moment, standard
from wfm.config import Contract
from wfm.schedule.advice.drawing import Grid, breaks_of, draw, first_places, fixed_of
from wfm.schedule.verify.case import Segment

MINUTE = 60
Wanted = tuple[tuple[int, int, int], ...]


def brute(wanted: Wanted, length: int, grid: Grid, blocked: tuple[tuple[int, int], ...]) -> object:
    """Try all places in order."""
    choices = [
        [
            (at, at + minutes * MINUTE)
            for at in range(0, to_min * MINUTE + 1, grid.step)
            if at >= from_min * MINUTE and at + minutes * MINUTE <= length
        ]
        for from_min, to_min, minutes in wanted
    ]
    for places in product(*choices):
        edges = [0, *(edge for place in places for edge in place), length]
        stretches = [last - first for first, last in zip(edges[::2], edges[1::2], strict=True)]
        apart = all(b[0] - a[1] >= grid.spacing for a, b in pairwise(places))
        free = all(max(a, c) >= min(b, d) for a, b in places for c, d in blocked)
        if min(stretches) >= 0 and max(stretches) <= grid.longest and apart and free:
            return places
    return None


windows = st.tuples(st.integers(0, 8), st.integers(0, 6), st.sampled_from([15, 30, 20])).map(
    lambda w: (w[0] * 30, w[0] * 30 + w[1] * 15, w[2])
)


@settings(max_examples=examples(150), deadline=None)
@given(
    wanted=st.lists(windows, max_size=3).map(tuple),
    length=st.integers(4, 20).map(lambda halves: halves * 30 * MINUTE),
    spacing=st.sampled_from([0, 30, 90]),
    longest=st.sampled_from([120, 240, 1440]),
    blocked=st.lists(st.tuples(st.integers(0, 10), st.integers(1, 4)), max_size=2),
)
def test_breaks_take_the_first_places_that_brute_force_finds(
    wanted: Wanted, length: int, spacing: int, longest: int, blocked: list[tuple[int, int]]
) -> None:
    grid = Grid(15 * MINUTE, spacing * MINUTE, longest * MINUTE)
    shut = tuple((at * 30 * MINUTE, (at + long) * 30 * MINUTE) for at, long in blocked)
    assert first_places(wanted, length, grid, shut) == brute(wanted, length, grid, shut)


def shift_of(plan: str, **keys: object) -> tuple[Contract, list[Segment], list[Segment]]:
    scenario = Scenario(contracts={"full": contract(**keys)})
    scenario.agent("a1")
    scenario.work("a1", MONDAY, plan)
    (agent,) = published_of(scenario).case().agents
    return agent.contract, fixed_of(agent.shifts[0]), breaks_of(agent.shifts[0])


def test_breaks_stay_where_they_are_while_they_may() -> None:
    rules, fixed, breaks = shift_of(standard())
    drawn = draw(rules, moment(MONDAY, "08:00"), moment(MONDAY, "17:00"), fixed, breaks)
    assert drawn is not None
    assert [segment for segment in drawn if segment.activity != "on_queue"] == breaks
    assert drawn[-1].end - drawn[-1].start == timedelta(hours=2.75)


def test_an_earlier_start_moves_the_breaks_that_would_be_too_late() -> None:
    rules, fixed, breaks = shift_of(standard())
    drawn = draw(rules, moment(MONDAY, "06:30"), moment(MONDAY, "16:30"), fixed, breaks)
    assert drawn is not None
    starts = [f"{s.start:%H:%M}" for s in drawn if s.activity != "on_queue"]
    assert starts == ["07:00", "09:00", "11:15"]  # UTC: 90, 210 and 345 minutes into the shift


def test_breaks_that_leave_the_grid_move() -> None:
    rules, fixed, breaks = shift_of(standard(), break_step_min=30)
    drawn = draw(rules, moment(MONDAY, "07:45"), moment(MONDAY, "16:30"), fixed, breaks)
    assert drawn is not None
    offsets = [(s.start - drawn[0].start) // timedelta(minutes=1) for s in drawn if s.activity != "on_queue"]
    assert offsets == [90, 210, 360]


def test_activities_stay_and_breaks_keep_out_of_them() -> None:
    rules, fixed, _ = shift_of("08:00 on_queue 09:30 training 10:30 on_queue 16:30")
    drawn = draw(rules, moment(MONDAY, "08:00"), moment(MONDAY, "16:30"), fixed, [])
    assert drawn is not None
    assert [s.activity for s in drawn] == [
        *("on_queue", "training", "break", "on_queue", "lunch", "on_queue", "break", "on_queue"),
    ]
    assert all(earlier.end == later.start for earlier, later in pairwise(drawn))


@pytest.mark.parametrize(
    "end", [pytest.param("09:00", id="activity outside"), pytest.param("10:30", id="no room")]
)
def test_a_shift_without_room_is_none(end: str) -> None:
    rules, fixed, _ = shift_of(
        "08:00 on_queue 09:15 training 10:30 on_queue 16:30",
        breaks=[{"activity": "break", "minutes": 30, "from_min": 90, "to_min": 120, "min_shift_hours": 1}],
    )
    assert draw(rules, moment(MONDAY, "08:00"), moment(MONDAY, end), fixed, []) is None

"""Unplanned shrinkage as drawn: the share that is missed is the share that was wanted, at every moment."""

from __future__ import annotations

import numpy as np
import pytest

from tests.simulate.small import centre, empty_book
from wfm.config import Queue
from wfm.simulate.absences import book_presence, draw_presence, room_for_presence
from wfm.simulate.book import STAFFED_S
from wfm.simulate.crew import unplanned

TIMES = 4000


def staff(sick=0.0, away=0.0):
    """Return an agent with two shifts of two stretches each."""
    crew = [(0, [(0.0, 7200.0), (9000.0, 14400.0), (86400.0, 90000.0), (91000.0, 95000.0)])]
    made = centre([0.0], [180.0], [[0]], crew, intervals=27).staff
    return made._replace(
        shift=np.array([1, 1, 2, 2]), sick=np.array([sick]), away=np.array([away]), away_s=600.0
    )


def present(drawn, moment):
    count = drawn.first[1]
    return bool(((drawn.begin[:count] <= moment) & (moment < drawn.end[:count])).any())


@pytest.mark.parametrize("away", [0.02, 0.1, 0.4])
def test_short_absences_take_their_share_of_every_moment(away):
    crew, random = staff(away=away), np.random.default_rng(1)
    drawn = room_for_presence(crew)
    moments = (0.0, 300.0, 3600.0, 7199.0, 9000.0, 14000.0, 86400.0)
    seen = np.zeros((TIMES, len(moments)))
    for time in range(TIMES):
        draw_presence(random, crew, drawn)
        seen[time] = [present(drawn, moment) for moment in moments]
        count = drawn.first[1]
        assert (drawn.end[:count] > drawn.begin[:count]).all()
        assert (drawn.begin[1:count] >= drawn.end[: count - 1]).all()
    error = np.sqrt(away * (1 - away) / TIMES)
    assert np.abs(seen.mean(axis=0) - (1 - away)).max() <= 4 * error


def test_sickness_takes_whole_shifts():
    crew, random = staff(sick=0.3), np.random.default_rng(2)
    drawn = room_for_presence(crew)
    first = second = both = 0
    for _ in range(TIMES):
        draw_presence(random, crew, drawn)
        kept = [present(drawn, moment) for moment in (100.0, 10_000.0, 86_500.0, 92_000.0)]
        assert kept[0] == kept[1]
        assert kept[2] == kept[3]
        first, second, both = first + kept[0], second + kept[2], both + (kept[0] and kept[2])
    assert first / TIMES == pytest.approx(0.7, abs=0.03)
    assert second / TIMES == pytest.approx(0.7, abs=0.03)
    assert both / TIMES == pytest.approx(0.49, abs=0.03)  # shifts are missed independently


def test_nobody_missing_is_the_plan():
    crew = staff()
    drawn = room_for_presence(crew)
    draw_presence(np.random.default_rng(1), crew, drawn)
    assert drawn.begin[: drawn.first[1]].tolist() == crew.begin.tolist()
    assert drawn.end[: drawn.first[1]].tolist() == crew.end.tolist()


def test_time_on_queue_is_booked_to_the_hours_in_which_it_passes():
    scenario = centre([0.0], [180.0], [[0]], [(0, [(1800.0, 5400.0)])], intervals=2)
    book = empty_book(scenario)
    book_presence(room := room_for_presence(scenario.staff), scenario.staff, 3600.0, book)
    assert book.time[STAFFED_S].sum() == 0  # nothing drawn yet
    draw_presence(np.random.default_rng(1), scenario.staff, room)
    book_presence(room, scenario.staff, 3600.0, book)
    assert book.time[STAFFED_S, 0].tolist() == [1800.0, 1800.0]


@pytest.mark.parametrize("mode", ["additive", "multiplicative"])
def test_what_is_missed_leaves_of_the_scheduled_what_the_formulas_leave(mode):
    shrinkage = {"leave": 0.08, "breaks": 0.1, "sickness": 0.05, "aux": 0.03, "late": 0.02}
    queue = Queue(
        service_level=0.8, shrinkage=shrinkage, shrinkage_planned=("leave", "breaks"), shrinkage_mode=mode
    )
    sick, away = unplanned(queue, ("sickness",))
    if mode == "additive":
        planned, lost = 0.18, 0.10
        assert (1 - sick) * (1 - away) == pytest.approx((1 - planned - lost) / (1 - planned))
    else:
        assert (1 - sick) * (1 - away) == pytest.approx(0.95 * 0.97 * 0.98)
        assert sick == pytest.approx(0.05)

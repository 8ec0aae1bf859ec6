"""Who is on queue: the parts of agents add up to the coverage that `verify` finds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.schedule.advice.made import published_of, random_centre
from tests.schedule.verify.builder import MONDAY, day_after, legal_week, moment
from wfm.schedule.why import attendance


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_agents_add_up_to_the_coverage_and_nobody_counts_twice(seed: int) -> None:
    published = published_of(random_centre(seed))
    coverage = published.judged().coverage
    for at in np.random.default_rng(seed).integers(0, len(coverage), 4):
        row = coverage.iloc[int(at)]
        start, queue = row["interval_start"].to_pydatetime(), str(row["queue"])
        found = attendance(published, queue, start)
        assert found.scheduled == pytest.approx(row["agents_scheduled"])
        assert found.needed == row["agents_to_schedule"]
        other = {one.agent_id: one for one in attendance(published, _other(queue), start).present}
        for one in found.present:
            elsewhere = other[one.agent_id].on_this if one.agent_id in other else 0.0
            assert one.on_this + elsewhere == pytest.approx(one.on_queue * one.worth)


def _other(queue: str) -> str:
    return {"calls": "chats", "chats": "calls"}[queue]


def test_a_split_by_hand() -> None:
    scenario = legal_week()
    scenario.agent("a2", skills="chats;calls", proficiency=0.8)
    scenario.need("chats", MONDAY, "08:00-09:00", 0)
    found = attendance(published_of(scenario), "calls", moment(MONDAY, "08:15"))
    assert [(one.agent_id, one.on_this) for one in found.present] == [("a1", 1.0), ("a2", 0.0)]
    assert "80" not in found.in_words()[1]
    assert "counts as 0.8, 0% of it here, skills chats;calls" in found.in_words()[2]


def test_who_is_on_a_break_is_named_with_it() -> None:
    found = attendance(published_of(legal_week()), "calls", moment(MONDAY, "10:00"))
    assert [(one.on_queue, one.away) for one in found.present] == [(0.0, ("break",))] * 2
    assert "in break" in found.in_words()[1]


def test_part_of_an_interval_counts_by_its_share() -> None:
    scenario = legal_week()
    scenario.centre = {**scenario.centre, "interval_min": 60}
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "09:00-12:00", 1)
    found = attendance(published_of(scenario), "calls", moment(MONDAY, "10:00"))
    assert [one.on_queue for one in found.present] == [0.75, 0.75]
    assert found.scheduled == pytest.approx(1.5)


def test_nobody_is_there_at_night() -> None:
    found = attendance(published_of(legal_week()), "calls", moment(day_after(1), "03:00"))
    assert (found.present, found.needed) == ((), None)
    assert found.in_words() == ["scheduled  nobody (not planned)"]

"""Coverage from a roster: shares of intervals, open queues only, breaks left out, history that reaches in."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, day_after, moment
from wfm.conform import conform
from wfm.tables import COVERAGE


def centre(*, interval_min: int = 30) -> Scenario:
    scenario = Scenario(centre={"timezone": "Europe/Berlin", "interval_min": interval_min})
    scenario.agent("a1", skills="calls;chats")
    scenario.agent("a2", skills="calls")
    return scenario


def scheduled(scenario: Scenario) -> dict[tuple[str, str], float]:
    table = scenario.verify().coverage
    clocks = table["interval_start"].dt.tz_convert("Europe/Berlin").dt.strftime("%H:%M")
    return dict(zip(zip(table["queue"], clocks, strict=True), table["agents_scheduled"], strict=True))


def test_a_part_of_an_interval_counts_by_its_share() -> None:
    scenario = centre()
    scenario.need("calls", MONDAY, "09:00-10:00", 1)
    scenario.work("a2", MONDAY, "09:10 on_queue 09:50 break 10:00")
    assert scheduled(scenario) == pytest.approx({("calls", "09:00"): 20 / 30, ("calls", "09:30"): 20 / 30})


def test_agents_go_where_they_are_missing_and_the_surplus_to_the_first_skill() -> None:
    scenario = centre()
    scenario.need("calls", MONDAY, "09:00-10:00", 1)
    scenario.need("chats", MONDAY, "09:00-09:30", 1)
    scenario.work("a1", MONDAY, "09:00 on_queue 10:00")
    scenario.work("a2", MONDAY, "09:00 on_queue 10:00")
    assert scheduled(scenario) == {("calls", "09:00"): 1, ("chats", "09:00"): 1, ("calls", "09:30"): 2}


def test_the_table_is_coverage_of_the_rows_of_the_horizon() -> None:
    scenario = centre()
    for day in (day_after(-1), MONDAY, day_after(6), day_after(7)):
        scenario.need("calls", day, "23:30-24:00", 1)
    scenario.work("a2", MONDAY, "09:00 on_queue 10:00")
    table = scenario.verify().coverage
    pd.testing.assert_frame_equal(conform(table, COVERAGE), table)
    assert table["net_staffing"].tolist() == [-1, -1]


def test_dates_of_requirements_are_those_of_the_queue() -> None:
    """23:30 on Sunday in London is 00:30 on Monday in Berlin: the row is of the week before."""
    scenario = centre()
    scenario.queues["chats"] = {"timezone": "Europe/London"}
    scenario.need("chats", MONDAY, "00:30-01:30", 1)
    assert len(scenario.verify().coverage) == 1


def test_history_counts_where_it_reaches_into_the_horizon() -> None:
    scenario = centre()
    scenario.worked("a2", day_after(-1), "20:00 on_queue 02:00")
    scenario.need("calls", MONDAY, "00:00-03:00", 1)
    result = scenario.verify()
    assert result.coverage["agents_scheduled"].tolist() == [1, 1, 1, 1, 0, 0]
    assert result.figures == pytest.approx({"understaffed_h": 1, "overstaffed_h": 0, "required_h": 3})
    assert result.parts["paid"] == 0


def test_time_on_queue_without_a_requirement_is_overstaffing() -> None:
    scenario = centre()
    scenario.need("chats", MONDAY, "09:00-10:00", 1)
    scenario.work("a2", MONDAY, "09:00 on_queue 12:00")  # a2 cannot chat, and nothing is open from 10:00
    result = scenario.verify()
    assert result.figures == pytest.approx({"understaffed_h": 1, "overstaffed_h": 3, "required_h": 1})
    assert result.intervals["understaffed"].tolist() == [1, 1, 0, 0, 0, 0]
    assert result.intervals["on_queue"].tolist() == [1] * 6


def test_intervals_follow_the_grid_of_the_requirements() -> None:
    """In Kolkata (UTC+5:30) hours begin at half past in UTC; a shift that fits them has whole shares."""
    scenario = Scenario(
        centre={"timezone": "Asia/Kolkata", "interval_min": 60},
        sites={"pune": {}},
    )
    scenario.agent("a1", site="pune")
    scenario.need("calls", MONDAY, "09:00-11:00", 1, timezone="Asia/Kolkata")
    scenario.work("a1", MONDAY, "09:00 on_queue 11:00")
    assert scenario.verify().coverage["agents_scheduled"].tolist() == [1, 1]


def test_an_agent_off_the_minute_is_counted_exactly() -> None:
    scenario = centre()
    scenario.need("calls", MONDAY, "09:00-09:30", 1)
    scenario.work("a2", MONDAY, "09:00 on_queue 09:30")
    scenario.plans["a2", MONDAY][0]["end"] = moment(MONDAY, "09:20").replace(second=20, microsecond=1)
    assert scheduled(scenario)["calls", "09:00"] == pytest.approx((20 * 60 + 20.000001) / 1800, rel=1e-12)

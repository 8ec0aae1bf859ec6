"""Every part of the objective against numbers worked out by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, moment, standard

TUESDAY, SATURDAY = day_after(1), day_after(5)


def pair(**schedule: object) -> Scenario:
    """Two agents of one site, intervals of 30 minutes, nothing required."""
    scenario = Scenario(centre={"timezone": "Europe/Berlin", "interval_min": 30}, schedule=schedule)
    scenario.agent("a1")
    scenario.agent("a2")
    return scenario


def test_understaffed_is_convex_in_the_share_of_missing_agents() -> None:
    scenario = pair()
    scenario.need("calls", MONDAY, "09:00-09:30", 4)
    scenario.work("a1", MONDAY, "09:00 on_queue 09:30")
    scenario.work("a2", MONDAY, "09:00 on_queue 09:15 break 09:30")
    # R = 4, A = 1.5, U = 2.5: 10 x 30/15 x 2.5 x (1 + 2.5/4)
    assert scenario.verify().parts["understaffed"] == pytest.approx(81.25)


def test_overstaffed_counts_agents_beyond_the_need_and_without_open_queue() -> None:
    scenario = pair()
    scenario.need("calls", MONDAY, "09:00-09:30", 1)
    scenario.need("chats", MONDAY, "09:00-09:30", 1)
    for agent_id in ("a1", "a2"):
        scenario.work(agent_id, MONDAY, "09:00 on_queue 10:00")
    # 09:00: R = 2, A = 2, U = 1: 1 surplus; 09:30: nothing open: 2 surplus; each 2 x 30/15
    assert scenario.verify().parts["overstaffed"] == pytest.approx(2 * 2 * 3)


def test_paid_weighs_hours_by_cost_over_mean_cost() -> None:
    scenario = pair()
    scenario.agent("a1", cost_per_hour=30)
    scenario.agent("a2", cost_per_hour=10)
    scenario.absent("a2", moment(MONDAY, "15:00"), moment(MONDAY, "16:30"))
    scenario.work("a1", MONDAY, standard())  # 8 paid hours at 1.5
    scenario.work(
        "a2", MONDAY, standard().replace("14:15 on_queue 16:30", "14:15 on_queue 15:00 leave 16:30")
    )
    # a2: 6.5 paid hours other than leave at 0.5
    assert scenario.verify().parts["paid"] == pytest.approx(4 * (8 * 1.5 + 6.5 * 0.5))


def test_nobody_costs_anything_then_paid_is_nothing() -> None:
    scenario = pair()
    for agent_id in ("a1", "a2"):
        scenario.agent(agent_id, cost_per_hour=0)
    scenario.work("a1", MONDAY, standard())
    assert scenario.verify().parts["paid"] == 0


@pytest.mark.parametrize(
    ("most", "price", "leave", "hours"),
    [
        pytest.param(8, 1.5, False, 0, id="none"),
        pytest.param(6, 1.5, False, 0.5 * 2, id="two hours, half as much again"),
        pytest.param(6, 2, False, 2, id="twice the price"),
        pytest.param(6, 1, False, 0, id="no dearer than others"),
        pytest.param(6, 1.5, True, 0.5 * 5, id="paid leave lowers the max"),
    ],
)
def test_overtime_costs_more_by_its_price(most: float, price: float, leave: bool, hours: float) -> None:
    """a1 works 8 paid hours at 1.5 times the mean cost."""
    terms = contract(week_hours=[0, most], overtime_hours=2, overtime_price=price, leave_day_hours=3)
    scenario = pair()
    scenario.contracts["full"] = terms
    scenario.agent("a1", cost_per_hour=30)
    scenario.agent("a2", cost_per_hour=10)
    scenario.work("a1", MONDAY, standard())
    scenario.worked("a1", day_after(-3), standard(hours=12))  # of the history nothing is paid for
    if leave:
        scenario.leave_day("a1", TUESDAY)
    found = scenario.verify().parts
    assert found["overtime"] == pytest.approx(4 * 1.5 * hours)
    assert found["paid"] == pytest.approx(4 * 1.5 * 8)


def test_overtime_is_counted_week_by_week() -> None:
    scenario = pair()
    scenario.contracts["full"] = contract(week_hours=[0, 10], overtime_hours=10)
    for number in (0, 1, 7):
        scenario.work("a1", day_after(number), standard())
    assert scenario.verify(weeks=2).parts["overtime"] == pytest.approx(4 * 0.5 * 6)


def on_leave(s: Scenario) -> None:
    s.leave_day("a1", MONDAY)


def works(plan: str) -> Callable[[Scenario], None]:
    return lambda s: s.work("a1", MONDAY, plan)


def rests(s: Scenario) -> None:
    s.rest("a1", MONDAY)


@pytest.mark.parametrize(
    ("kind", "value", "does", "missed"),
    [
        pytest.param("day_off", "", rests, False, id="day_off kept"),
        pytest.param("day_off", "", works(standard()), True, id="day_off worked"),
        pytest.param("prefer_start", "08:00", works(standard("08:30")), False, id="start 30 minutes later"),
        pytest.param("prefer_start", "08:00", works(standard("08:31")), True, id="start 31 minutes later"),
        pytest.param("prefer_start", "08:00", works(standard("07:29")), True, id="start 31 minutes earlier"),
        pytest.param("prefer_start", "08:00", rests, False, id="start of no shift"),
        pytest.param("prefer_shift", "08:00-16:30", works(standard()), False, id="shift fills the window"),
        pytest.param(
            "prefer_shift", "08:00-16:00", works(standard()), True, id="shift ends after the window"
        ),
        pytest.param(
            "prefer_shift", "09:00-18:00", works(standard()), True, id="shift begins before the window"
        ),
        pytest.param(
            "prefer_shift", "13:00-01:00", works(standard("14:00")), False, id="window past midnight"
        ),
        pytest.param("prefer_shift", "08:00-16:30", rests, True, id="shift preferred, none worked"),
        pytest.param("prefer_shift", "08:00-16:30", on_leave, False, id="shift preferred on a day of leave"),
        pytest.param(
            "avoid_shift", "16:30-20:00", works(standard()), False, id="shift ends as the window begins"
        ),
        pytest.param("avoid_shift", "16:00-20:00", works(standard()), True, id="shift overlaps the window"),
        pytest.param("avoid_shift", "06:00-20:00", rests, False, id="window avoided by a day off"),
        pytest.param(
            "avoid_shift", "22:00-06:00", works("20:00 on_queue 23:00"), True, id="night overlapped"
        ),
    ],
)
def test_requests_met_and_missed(
    kind: str, value: str, does: Callable[[Scenario], None], missed: bool
) -> None:
    scenario = pair()
    does(scenario)
    scenario.wish("a1", MONDAY, kind, value, weight=2.5)
    scenario.wish("a1", day_after(7), "prefer_shift", "08:00-16:30")  # past the horizon
    scenario.wish("nobody", MONDAY, "prefer_shift", "08:00-16:30")
    assert scenario.verify(first_day=MONDAY).parts["request"] == pytest.approx(4 * 2.5 * missed)


@pytest.mark.parametrize(
    ("counts", "unfair"),
    [
        pytest.param((1, 1), 0, id="equal"),
        pytest.param((1, 0), 0, id="mean 0.5 is 1"),
        pytest.param((2, 0), 1, id="mean 1"),
        pytest.param((3, 0), 1, id="mean 1.5 is 2"),
        pytest.param((2, 0, 0), 1, id="mean 2/3 is 1"),
        pytest.param((3, 3, 0), 2, id="mean 2, two above"),
        pytest.param((4, 2, 0), 2, id="mean 2, one above by two"),
    ],
)
def test_fairness_counts_what_lies_above_the_mean_rounded_up(counts: tuple[int, ...], unfair: int) -> None:
    scenario = pair()
    for agent_number, count in enumerate(counts):
        agent_id = f"a{agent_number + 1}"
        scenario.agent(agent_id)
        for number in range(count):
            scenario.work(agent_id, day_after(number), "14:00 on_queue 22:30")
    assert scenario.verify().parts["fairness"] == 6 * unfair


def test_fairness_is_judged_within_a_site() -> None:
    scenario = pair()
    scenario.sites["lyon"] = {}
    scenario.agent("a2", site="lyon")
    for number in range(3):
        scenario.work("a1", day_after(number), "14:00 on_queue 22:30")
    assert scenario.verify().parts["fairness"] == 0


@pytest.mark.parametrize(
    ("day", "plan", "unpopular"),
    [
        pytest.param(MONDAY, "13:30 on_queue 22:00", False, id="ends at late_after"),
        pytest.param(MONDAY, "13:45 on_queue 22:15", True, id="ends after late_after"),
        pytest.param(MONDAY, "06:00 on_queue 14:00", False, id="begins as the night ends"),
        pytest.param(MONDAY, "05:30 on_queue 13:30", True, id="begins in the night of the evening before"),
        pytest.param(MONDAY, "22:00 on_queue 06:00", True, id="through the night"),
        pytest.param(SATURDAY, "08:00 on_queue 16:00", True, id="weekend day"),
        pytest.param(SATURDAY, "22:00 on_queue 06:00", True, id="for three reasons, once"),
    ],
)
def test_unpopular_shifts(day: date, plan: str, unpopular: bool) -> None:
    scenario = pair(weights={"fairness": 1})
    scenario.agent("a3")
    scenario.agent("a4")
    for agent_id in ("a1", "a2"):  # mean 2/4 rounds up to 1: a second one of a1 counts
        scenario.work(agent_id, day_after(3), "14:00 on_queue 22:30")
    scenario.work("a1", day, plan)
    assert scenario.verify().parts["fairness"] == int(unpopular)


@pytest.mark.parametrize(
    ("starts", "pairs"),
    [
        pytest.param(("08:00", "09:00", "10:00"), 0, id="an hour apart"),
        pytest.param(("08:00", "09:15", "08:00"), 2, id="more than an hour, later and earlier"),
        pytest.param(("08:00", "", "12:00"), 0, id="a day off between"),
    ],
)
def test_start_consistency_counts_pairs_on_consecutive_dates(starts: tuple[str, ...], pairs: int) -> None:
    scenario = pair()
    scenario.worked("a1", day_after(-1), standard("14:00"))  # of another horizon
    for number, start in enumerate(starts):
        if start:
            scenario.work("a1", day_after(number), standard(start))
    assert scenario.verify().parts["start_consistency"] == pairs


def test_clock_times_are_compared_across_a_clock_change() -> None:
    scenario = pair()
    week = MONDAY + timedelta(weeks=3)  # 2026-03-29 is its Sunday
    scenario.work("a1", day_after(5, week), "08:00 on_queue 16:00")
    scenario.work("a1", day_after(6, week), "09:30 on_queue 17:30")  # elapsed only 24.5 h later
    assert scenario.verify(first_day=week).parts["start_consistency"] == 1


@pytest.mark.parametrize(
    ("before", "now", "changed"),
    [
        pytest.param("", "", 0, id="off as before"),
        pytest.param(
            "08:00 on_queue 16:00", "08:00 on_queue 12:00 break 12:15 on_queue 16:00", 0, id="breaks move"
        ),
        pytest.param("08:00 on_queue 16:00", "08:30 on_queue 16:30", 1, id="moved"),
        pytest.param("08:00 on_queue 16:00", "08:00 on_queue 16:30", 1, id="longer"),
        pytest.param("08:00 on_queue 16:00", "", 1, id="gone"),
        pytest.param("", "08:00 on_queue 16:00", 1, id="new"),
    ],
)
def test_changed_shifts_count_by_agent_and_date(before: str, now: str, changed: int) -> None:
    scenario = pair()
    scenario.worked("a2", TUESDAY, standard())
    scenario.work("a2", TUESDAY, standard())
    if before:
        scenario.worked("a1", MONDAY, before)
    if now:
        scenario.work("a1", MONDAY, now)
    assert scenario.verify().parts["changed_shift"] == 8 * changed


def test_shifts_struck_by_time_off_agents_gone_and_plans_of_other_weeks_do_not_count_as_changed() -> None:
    scenario = pair()
    scenario.worked("a1", MONDAY, "08:00 on_queue 16:00")
    scenario.absent("a1", moment(MONDAY, "15:00"), moment(MONDAY, "18:00"))
    scenario.worked("gone", MONDAY, "08:00 on_queue 16:00")
    assert scenario.verify().parts["changed_shift"] == 0
    fresh = pair()
    fresh.worked("a1", day_after(-3), "08:00 on_queue 16:00")
    fresh.work("a1", MONDAY, "08:00 on_queue 16:00")
    assert fresh.verify().parts["changed_shift"] == 0


def test_the_objective_is_the_sum_of_its_parts_and_scales_with_their_weights() -> None:
    scenario = pair()
    scenario.need("calls", MONDAY, "08:00-18:00", 1)
    scenario.worked("a1", TUESDAY, standard())
    for number, start in enumerate(("08:00", "14:00", "06:00")):
        scenario.work("a1", day_after(number), standard(start))
    scenario.wish("a1", MONDAY, "day_off")
    single = scenario.verify()
    assert set(single.parts) == {*scenario.config.schedule.weights.model_dump(), "overtime"}
    assert single.objective == pytest.approx(sum(single.parts.values()))
    weights = scenario.config.schedule.weights.model_dump()
    scenario.schedule = {"weights": {name: 3 * weight for name, weight in weights.items()}}
    tripled = scenario.verify()
    assert tripled.parts == pytest.approx({name: 3 * part for name, part in single.parts.items()})
    scenario.schedule = {"weights": dict.fromkeys(weights, 0)}
    assert scenario.verify().objective == 0

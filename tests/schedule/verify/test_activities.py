"""Ordered off-phone work stands once for each who takes part, in its window, together if it must."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, day_after, legal_week, moment, standard
from wfm.conform import conform
from wfm.tables import ACTIVITY_TABLE


def training(clock: str, minutes: int = 60) -> str:
    """A standard shift whose first hours hold a training from `clock`."""
    end = pd.Timestamp(f"2026-01-01 {clock}") + pd.Timedelta(minutes=minutes)
    return standard().replace(
        "08:00 on_queue 10:00", f"08:00 on_queue {clock} training {end:%H:%M} on_queue 10:00"
    )


def ordered(**cells: Any) -> pd.DataFrame:
    row = {
        "activity_id": "t1",
        "kind": "training",
        "agents": "a1;a2",
        "minutes": 60,
        "earliest": moment(MONDAY, "08:00"),
        "latest": moment(day_after(1), "18:00"),
        "together": False,
        "paid": True,
        **cells,
    }
    return conform(pd.DataFrame([row]), ACTIVITY_TABLE)


def week_with(plans: dict[tuple[str, int], str]) -> Scenario:
    scenario = legal_week()
    for (agent, day), plan in plans.items():
        scenario.work(agent, day_after(day), plan)
    return scenario


def found(scenario: Scenario, activities: pd.DataFrame) -> list[str]:
    verdict = scenario.verify(activities=activities)
    return [str(violation) for violation in verdict.violations if violation.rule == "activities"]


def test_work_in_its_window_is_no_violation_and_may_be_at_different_times():
    scenario = week_with({("a1", 0): training("08:30"), ("a2", 1): training("08:45")})
    assert found(scenario, ordered()) == []


@pytest.mark.parametrize(
    ("cells", "plans", "told"),
    [
        pytest.param({}, {("a1", 0): "08:30"}, "a2 2026-03-02 activities: t1: no training", id="missing"),
        pytest.param(
            {"minutes": 45}, {("a1", 0): "08:30", ("a2", 0): "08:30"}, "no training of 0:45", id="length"
        ),
        pytest.param({"kind": "meeting"}, {("a1", 0): "08:30", ("a2", 0): "08:30"}, "no meeting", id="kind"),
        pytest.param({"paid": False}, {("a1", 0): "08:30", ("a2", 0): "08:30"}, "no training", id="paid"),
        pytest.param(
            {"latest": moment(MONDAY, "09:15")},
            {("a1", 0): "08:30", ("a2", 0): "08:15"},
            "a1 2026-03-02 activities: t1: no training",
            id="window",
        ),
        pytest.param(
            {"together": True},
            {("a1", 0): "08:30", ("a2", 0): "08:45"},
            "t1 2026-03-02 activities: t1 begins at",
            id="apart",
        ),
        pytest.param(
            {"agents": "a1"},
            {("a1", 0): "08:30", ("a2", 0): "08:30"},
            "a2 2026-03-02 activities",
            id="uninvited",
        ),
    ],
)
def test_each_departure_from_the_order_is_named(cells, plans, told):
    scenario = week_with({key: training(clock) for key, clock in plans.items()})
    assert any(told in line for line in found(scenario, ordered(**cells)))


def test_who_has_no_shift_in_the_window_is_excused():
    scenario = week_with({("a1", 0): training("08:30")})
    for day in range(2):
        scenario.rest("a2", day_after(day))
    assert [line for line in found(scenario, ordered()) if line.startswith("a2")] == []


def test_a_team_means_all_its_agents():
    scenario = week_with({("a1", 0): training("08:30")})
    for agent in ("a1", "a2"):
        scenario.agent(agent, team="red")
    lines = found(scenario, ordered(agents="team:red"))
    assert len(lines) == 1
    assert lines[0].startswith("a2")

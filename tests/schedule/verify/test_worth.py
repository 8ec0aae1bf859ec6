"""Worth of agents: proficiency, ramps and skills with dates, in coverage and nowhere else."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, moment
from wfm.schedule.verify import Verification

TUESDAY = day_after(1)


def centre(**cells: Any) -> Scenario:
    """a1 on queue on Monday 09:00-10:00, intervals of 30 minutes; two agents needed."""
    scenario = Scenario(centre={"timezone": "Europe/Berlin", "interval_min": 30})
    scenario.contracts["full"] = contract(ramp=[0.25, 0.5])
    scenario.agent("a1", **cells)
    scenario.need("calls", MONDAY, "09:00-10:00", 2)
    scenario.work("a1", MONDAY, "09:00 on_queue 10:00")
    return scenario


def scheduled(verdict: Verification) -> list[float]:
    return [float(number) for number in verdict.coverage["agents_scheduled"]]


@pytest.mark.parametrize(
    ("cells", "worth"),
    [
        pytest.param({}, 1, id="a full agent"),
        pytest.param({"proficiency": 0.7}, 0.7, id="proficiency"),
        pytest.param({"proficiency": 1.3}, 1.3, id="better than a full agent"),
        pytest.param({"start_date": MONDAY}, 0.25, id="first day"),
        pytest.param({"start_date": day_after(-6)}, 0.25, id="seventh day"),
        pytest.param({"start_date": day_after(-7)}, 0.5, id="second week"),
        pytest.param({"start_date": day_after(-13)}, 0.5, id="its last day"),
        pytest.param({"start_date": day_after(-14)}, 1, id="beyond the ramp"),
        pytest.param({"start_date": TUESDAY}, 1, id="before the first day"),
        pytest.param({"start_date": MONDAY, "proficiency": 0.8}, 0.2, id="both"),
    ],
)
def test_an_agent_counts_by_proficiency_and_ramp(cells: dict[str, Any], worth: float) -> None:
    given = {name: pd.Timestamp(cell) if isinstance(cell, date) else cell for name, cell in cells.items()}
    verdict = centre(**given).verify()
    assert scheduled(verdict) == pytest.approx([worth] * 2)
    assert verdict.intervals["understaffed"].tolist() == pytest.approx([2 - worth] * 2)
    assert verdict.intervals["on_queue"].tolist() == pytest.approx([worth] * 2)
    assert verdict.parts["paid"] == pytest.approx(4)  # one hour, whatever it is worth


def test_worth_is_exact() -> None:
    """Ten agents of 0.1 are one: nothing is missing, not even a rounding."""
    scenario = Scenario()
    scenario.need("calls", MONDAY, "09:00-09:15", 1)
    for number in range(10):
        scenario.agent(f"a{number}", proficiency=0.1)
        scenario.work(f"a{number}", MONDAY, "09:00 on_queue 09:15")
    verdict = scenario.verify()
    assert verdict.intervals["understaffed"].tolist() == [0]
    assert verdict.intervals["on_queue"].tolist() == [1]
    assert Fraction(scheduled(verdict)[0]) == 1


def test_worth_beyond_the_need_is_overstaffing() -> None:
    scenario = centre(proficiency=2)
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "09:00-10:00", 1)
    assert scenario.verify().figures == {"understaffed_h": 0, "overstaffed_h": 1, "required_h": 1}


@pytest.mark.parametrize(
    ("skills", "monday", "tuesday"),
    [
        pytest.param("calls[2026-03-03..]", 0, 1, id="from Tuesday on"),
        pytest.param("calls[..2026-03-02]", 1, 0, id="until Monday, included"),
        pytest.param("calls[2026-03-02..2026-03-03]", 1, 1, id="both included"),
        pytest.param("calls", 1, 1, id="always"),
    ],
)
def test_a_skill_with_dates_serves_on_those_only(skills: str, monday: int, tuesday: int) -> None:
    scenario = centre(skills=skills)
    scenario.need("calls", TUESDAY, "09:00-10:00", 2)
    scenario.work("a1", TUESDAY, "09:00 on_queue 10:00")
    verdict = scenario.verify()
    assert scheduled(verdict) == [monday] * 2 + [tuesday] * 2
    assert verdict.figures["overstaffed_h"] == 2 - monday - tuesday


def test_a_new_skill_is_first_from_its_date_on() -> None:
    """The surplus goes to the first skill that is valid: chats on Monday, calls from Tuesday."""
    scenario = centre(skills="calls[2026-03-03..];chats")
    scenario.needs.clear()
    for day in (MONDAY, TUESDAY):
        for queue in ("calls", "chats"):
            scenario.need(queue, day, "09:00-09:30", 0)
        scenario.work("a1", day, "09:00 on_queue 09:30")
    table = scenario.verify().coverage
    assert table.sort_values(["interval_start", "queue"])["agents_scheduled"].tolist() == [0, 1, 1, 0]


def test_the_date_is_the_sites_at_the_start_of_the_interval() -> None:
    """In Lisbon midnight is an hour later; an interval across midnight keeps its first date."""
    for site, expected in (("hamburg", [0, 1, 1, 1]), ("lisbon", [0, 0, 0, 1])):
        scenario = Scenario(
            centre={"timezone": "Europe/Berlin", "interval_min": 30},
            sites={"hamburg": {}, "lisbon": {"timezone": "Europe/Lisbon"}},
        )
        scenario.agent("a1", skills="calls[2026-03-03..]", site=site)
        for number in range(4):
            start = moment(MONDAY, "23:30") + number * pd.Timedelta(minutes=30)
            scenario.needs.append({"queue": "calls", "interval_start": start, "agents_to_schedule": 1})
        scenario.work("a1", MONDAY, "23:30 on_queue 01:30" if site == "hamburg" else "22:30 on_queue 00:30")
        assert scheduled(scenario.verify()) == expected


def test_an_interval_across_midnight_keeps_its_first_date() -> None:
    scenario = Scenario(
        centre={"timezone": "Europe/Berlin", "interval_min": 60},
        sites={"adelaide": {"timezone": "Australia/Adelaide"}},  # half an hour beside the grid
    )
    scenario.agent("a1", skills="calls[2026-03-03..]", site="adelaide")
    start = moment(MONDAY, "23:30", "Australia/Adelaide")
    for number in range(2):
        begin = start + number * pd.Timedelta(hours=1)
        scenario.needs.append({"queue": "calls", "interval_start": begin, "agents_to_schedule": 1})
    scenario.work("a1", MONDAY, "23:30 on_queue 01:30")
    assert scheduled(scenario.verify()) == [0, 1]


def test_the_history_counts_by_its_worth() -> None:
    scenario = centre(proficiency=0.5, skills="calls[2026-03-02..]")
    scenario.rest("a1", MONDAY)
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "00:00-01:00", 1)
    scenario.worked("a1", day_after(-1), "20:00 on_queue 00:30")
    assert scheduled(scenario.verify()) == [0.5, 0]


def test_people_are_counted_on_seats_and_for_presence() -> None:
    scenario = centre(proficiency=0.1, skills="calls[2026-03-03..]")
    scenario.sites["hamburg"] = {"seats": 1, "min_present": 1}
    found = {violation.rule for violation in scenario.verify().violations}
    assert not found & {"seats", "min_present"}
    scenario.rest("a1", MONDAY)  # the queue counts as served by the site, although not yet
    scenario.agent("a2", skills="chats")
    assert "min_present" in {violation.rule for violation in scenario.verify().violations}
    for agent_id in ("a1", "a2"):
        scenario.work(agent_id, MONDAY, "09:00 on_queue 10:00")
    assert "seats" in {violation.rule for violation in scenario.verify().violations}

"""Suggestions: applied together they break no rule, and do exactly what they claim; judged by `verify`."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.schedule.advice.made import published_of, random_centre, without
from tests.schedule.small import ONE_CHOICE, bumpy_centre, config_with
from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, standard
from wfm.errors import UsageError
from wfm.schedule.advice import Published, Suggestions, suggest
from wfm.schedule.advice.effect import newly_broken
from wfm.schedule.options import Options
from wfm.schedule.stage import schedule

EXACT = 1e-6
QUICK = Options(time_limit_s=10, work_limit=ONE_CHOICE, sweeps=3)


def check(published: Published, found: Suggestions) -> None:
    """The laws of suggestions: legal together, effects exact and chained."""
    before, after = published.judged(), found.published.judged()
    assert newly_broken(before.violations, after.violations)[0] == ()
    rows = found.table.to_dict("records")
    levels = [(before.figures["understaffed_h"], before.figures["overstaffed_h"])]
    for row in rows:
        assert (row["understaffed_h_before"], row["overstaffed_h_before"]) == pytest.approx(
            levels[-1], abs=EXACT
        )
        levels.append((row["understaffed_h_after"], row["overstaffed_h_after"]))
        if row["kind"] == "time_off":
            assert row["understaffed_h_after"] <= row["understaffed_h_before"]  # less if a break moves
            assert row["overstaffed_h_after"] < row["overstaffed_h_before"]
            assert row["hours"] < 0
            assert row["cost"] < 0
        else:
            assert row["understaffed_h_after"] < row["understaffed_h_before"]
    last = (after.figures["understaffed_h"], after.figures["overstaffed_h"])
    assert levels[-1] == pytest.approx(last, abs=EXACT)


@settings(max_examples=examples(6, quick=3), deadline=None)
@given(seed=st.integers(0, 10_000))
def test_all_suggestions_together_are_legal_and_do_what_they_claim(seed: int) -> None:
    published = published_of(random_centre(seed, agents=6))
    check(published, suggest(published, most=4))


@pytest.mark.parametrize("seed", [0, 2, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 3))])
def test_the_limits_of_sites_hold(seed: int) -> None:
    scenario = random_centre(seed)
    scenario.sites["hamburg"] |= {"seats": 4, "min_present": 1}
    scenario.sites["porto"] |= {"seats": 3, "min_present": 1}
    published = published_of(scenario)
    check(published, suggest(published, most=8))


@pytest.fixture(scope="module")
def solved() -> Published:
    """A roster of the solver from which two agents have fallen ill on Tuesday."""
    config = config_with(week_hours="[12, 26]", days_per_week="[3, 6]")
    agents, requirements = bumpy_centre(12, 3, config)
    result = schedule(requirements, agents, config, options=QUICK)
    published = Published(result.roster, agents, requirements, config)
    tuesday = day_after(1, published.horizon.first_day)
    at_work = result.roster[result.roster["shift_date"] == pd.Timestamp(tuesday)]["agent_id"]
    return without(published, [(name, tuesday) for name in sorted(set(at_work))[:2]])


def test_suggestions_for_a_roster_of_the_solver_are_legal_and_exact(solved: Published) -> None:
    found = suggest(solved, most=5)
    assert len(found.table) > 0
    check(solved, found)


def lone(**keys: Any) -> Scenario:
    """An agent who works Monday 08:00-16:00, and is needed an hour longer."""
    scenario = Scenario(contracts={"full": contract(week_hours=[0, 40], days_per_week=[0, 5], **keys)})
    scenario.agent("a1", cost_per_hour=20)
    scenario.work("a1", MONDAY, standard("08:00", 8))
    scenario.need("calls", MONDAY, "16:00-17:00", 1)
    return scenario


def test_a_longer_shift_covers_what_is_missing_at_its_end() -> None:
    found = suggest(published_of(lone()), [MONDAY])
    (row,) = found.table[found.table["kind"] == "overtime"].to_dict("records")
    assert (row["was"], row["becomes"].split(", ")[0]) == ("08:00-16:00", "08:00-17:00")
    assert (row["hours"], row["cost"]) == (1.0, 20.0)
    assert (row["understaffed_h_before"], row["understaffed_h_after"]) == (1.0, 0.0)


def test_hours_above_the_most_of_the_week_cost_the_price_of_overtime() -> None:
    scenario = lone(overtime_hours=2, overtime_price=1.5)
    scenario.contracts["full"]["week_hours"] = [0, 7]
    found = suggest(published_of(scenario), [MONDAY])
    (row,) = found.table[found.table["kind"] == "overtime"].to_dict("records")
    assert (row["hours"], row["cost"]) == (1.0, 30.0)  # 7.5 h were paid already


def test_without_overtime_in_the_contract_nothing_above_its_most_is_suggested() -> None:
    scenario = lone()
    scenario.contracts["full"]["week_hours"] = [0, 7.5]
    assert suggest(published_of(scenario), [MONDAY]).table.query("kind != 'time_off'").empty


def test_the_cheaper_agent_goes_first() -> None:
    scenario = lone()
    scenario.agent("a2", cost_per_hour=15)
    scenario.work("a2", MONDAY, standard("08:00", 8))
    table = suggest(published_of(scenario), [MONDAY]).table
    assert list(table[table["kind"] == "overtime"]["agent_id"]) == ["a2"]


def test_a_day_off_becomes_a_shift_where_that_is_legal() -> None:
    scenario = legal_week()
    for number in range(5):
        scenario.rest("a2", day_after(number))
    scenario.agent("a2", skills="chats")
    scenario.contracts["full"] |= {"week_hours": [0, 45], "days_per_week": [0, 5]}
    scenario.need("chats", day_after(1), "09:00-10:00", 1)
    published = published_of(scenario)
    found = suggest(published, [day_after(1)])
    (row,) = found.table[found.table["kind"] == "call_in"].to_dict("records")
    assert (row["agent_id"], row["was"], row["understaffed_h_after"]) == (
        "a2",
        "off",
        row["understaffed_h_before"] - 1,
    )
    check(published, found)


@pytest.mark.parametrize("guard", ["pin", "leave", "rest", "days"])
def test_nobody_is_called_in_against_a_rule(guard: str) -> None:
    scenario = lone()
    scenario.needs.clear()
    scenario.need("calls", day_after(1), "06:00-09:00", 1)
    match guard:
        case "pin":
            scenario.pin("a1", day_after(1), "off")
        case "leave":
            scenario.leave_day("a1", day_after(1))
        case "rest":
            scenario.work("a1", MONDAY, standard("14:00", 9))
            scenario.contracts["full"]["starts"] = ["06:00-09:30", "14:00-14:00"]
        case _:
            scenario.contracts["full"]["days_per_week"] = [0, 1]
    table = suggest(published_of(scenario), [day_after(1)]).table
    assert table.query("kind == 'call_in'").empty


def test_a_whole_shift_that_nobody_needs_becomes_unpaid_leave() -> None:
    scenario = legal_week()  # least 35 h and 4 shifts: only leave lowers them
    scenario.contracts["full"] |= {"days_per_week": [5, 5], "week_hours": [40, 40]}
    published = published_of(scenario)
    found = suggest(published, [day_after(2)])
    rows = found.table.to_dict("records")
    assert [(row["kind"], row["agent_id"], row["becomes"]) for row in rows] == [
        ("time_off", "a1", "off"),
        ("time_off", "a2", "off"),
    ]
    assert found.published.time_off is not None
    assert list(found.published.time_off["paid"]) == [False, False]
    check(published, found)


def test_part_of_a_shift_becomes_leave_beside_its_breaks() -> None:
    scenario = lone()
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-12:00", 1)
    published = published_of(scenario)
    (row,) = suggest(published, [MONDAY]).table.to_dict("records")
    # the last break starts at most 450 min into the shift, and may as early as 345 min: 13:45-14:00
    assert (
        row["becomes"].endswith("break 13:45-14:00, leave 14:00-16:00")
        or "leave 14:30-16:00" in row["becomes"]
    )
    check(published, suggest(published, [MONDAY]))


def test_presence_keeps_the_last_one_at_the_site() -> None:
    scenario = lone()
    scenario.sites["hamburg"] = {"min_present": 1}
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-16:00", 0)
    assert suggest(published_of(scenario), [MONDAY]).table.empty


@pytest.mark.parametrize(("seats", "kinds"), [(1, set()), (2, {"call_in"})])
def test_seats_keep_a_second_one_out(seats: int, kinds: set[str]) -> None:
    scenario = lone()
    scenario.sites["hamburg"] = {"seats": seats}
    scenario.agent("a2")
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "10:00-15:00", 2)
    table = suggest(published_of(scenario), [MONDAY]).table
    assert set(table["kind"]) - {"time_off"} == kinds


def test_there_are_no_more_than_asked_for_and_one_a_date_and_agent() -> None:
    published = published_of(random_centre(11, agents=9))
    table = suggest(published, most=2).table
    assert table["kind"].value_counts().max() <= 2
    assert not table.duplicated(["agent_id", "date"]).any()


def test_dates_outside_are_refused() -> None:
    with pytest.raises(UsageError, match="not a date of the roster"):
        suggest(published_of(legal_week()), [day_after(8)])

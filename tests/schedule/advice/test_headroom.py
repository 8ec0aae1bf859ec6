"""Headroom: so many may go and nobody more is missing than was allowed, one more is too many; by `verify`."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from tests.schedule.advice.made import published_of, random_centre, understaffed_h, without
from tests.schedule.verify.builder import MONDAY, Scenario, day_after, legal_week
from wfm.errors import UsageError
from wfm.schedule.advice import Published, headroom
from wfm.schedule.advice.sheet import Sheet, taken_back

EXACT = 1e-6


@settings(max_examples=examples(12, quick=4), deadline=None)
@given(seed=st.integers(0, 10_000), tolerance=st.sampled_from([0.0, 0.5, 3.0, 8.25]))
def test_so_many_may_go_and_one_more_may_not(seed: int, tolerance: float) -> None:
    published = published_of(random_centre(seed))
    before = understaffed_h(published)
    for row in headroom(published, [MONDAY], tolerance_h=tolerance).to_dict("records"):
        gone = [name for name in str(row["first_off"] or "").split(";") if name and name != "nan"]
        assert len(gone) == row["headroom"]
        off = [(name, MONDAY) for name in gone]
        grown = understaffed_h(without(published, off)) - before
        assert grown <= tolerance + EXACT
        assert grown == pytest.approx(row["understaffed_h_off"] - row["understaffed_h"], abs=EXACT)
        for name in members_at_work(published, row) - set(gone):
            assert understaffed_h(without(published, [*off, (name, MONDAY)])) - before > tolerance + EXACT
        if row["headroom"] < row["rostered"]:
            grown = understaffed_h(without(published, [*off, (row["one_more"], MONDAY)])) - before
            claimed = row["understaffed_h_one_more"] - row["understaffed_h"]
            assert grown == pytest.approx(claimed, abs=EXACT)


def members_at_work(published: Published, row: dict[Hashable, Any]) -> set[str]:
    team, site = row["team"], row["site"]
    agents = published.agents
    has_team = agents["team"].notna()
    mine = agents["team"] == team if isinstance(team, str) and team else ~has_team & (agents["site"] == site)
    monday = published.roster[published.roster["shift_date"].dt.date == MONDAY]
    return set(agents[mine]["agent_id"]) & set(monday["agent_id"])


@pytest.mark.parametrize("seed", range(5))
def test_the_sheet_is_the_coverage_of_verify_also_after_changes_and_back(seed: int) -> None:
    published = published_of(random_centre(seed))
    case = published.case()
    sheet, figures = Sheet(case), published.judged().figures
    assert sheet.hours(sheet.missing) == pytest.approx(figures["understaffed_h"], abs=EXACT)
    assert sheet.hours(sheet.surplus) == pytest.approx(figures["overstaffed_h"], abs=EXACT)
    agent = next(one for one in case.agents if one.shifts)
    shift = agent.shifts[0]
    gone = sheet.shares(agent, (), shift.spans_of("on_queue"))
    before, growth = (sheet.missing, sheet.surplus), sheet.growth(gone)
    sheet.apply(gone)
    after = without(published, [(agent.agent_id, shift.date)]).judged().figures
    assert sheet.missing - before[0] == growth
    assert sheet.hours(sheet.missing) == pytest.approx(after["understaffed_h"], abs=EXACT)
    assert sheet.hours(sheet.surplus) == pytest.approx(after["overstaffed_h"], abs=EXACT)
    sheet.apply(taken_back(gone))
    assert (sheet.missing, sheet.surplus) == before


def test_the_sheet_counts_ramps_dated_skills_and_the_night_before() -> None:
    scenario = legal_week()
    scenario.contracts["full"] |= {"ramp": [0.5, 0.75]}
    scenario.agent("a1", start_date=day_after(-3), skills="chats[2026-03-03..];calls")
    scenario.agent("a2", proficiency=1.2)
    scenario.worked("a2", day_after(-1), "20:00 on_queue 24:00 lunch- 24:30 on_queue 28:30")
    scenario.need("chats", day_after(1), "08:00-12:00", 1)
    scenario.need("calls", MONDAY, "02:00-03:00", 1)
    published = published_of(scenario)
    sheet, figures = Sheet(published.case()), published.judged().figures
    assert sheet.unit == 20  # 0.5, 0.75 and 1.2 as whole numbers
    assert Fraction(sheet.missing, sheet.unit) > 0
    assert sheet.hours(sheet.missing) == pytest.approx(figures["understaffed_h"], abs=EXACT)
    assert sheet.hours(sheet.surplus) == pytest.approx(figures["overstaffed_h"], abs=EXACT)


def three_on_monday() -> Scenario:
    """Three agents of one kind at work on Monday, one needed."""
    scenario = Scenario()
    for number in range(3):
        scenario.agent(f"a{number}", team="red" if number else "")
        scenario.work(f"a{number}", MONDAY, "08:00 on_queue 16:00")
    scenario.need("calls", MONDAY, "09:00-12:00", 1)
    return scenario


def test_a_team_is_a_row_and_those_without_one_are_the_row_of_their_site() -> None:
    table = headroom(published_of(three_on_monday()), [MONDAY])
    assert [tuple(row) for row in table[["site", "team", "rostered", "first_off"]].fillna("").to_numpy()] == [
        ("hamburg", "red", 2, "a1;a2"),  # each row alone: the others stay
        ("hamburg", "", 1, "a0"),
    ]
    assert list(table["headroom"]) == [2, 1]


def test_the_last_one_needed_is_the_limit() -> None:
    scenario = three_on_monday()
    for number in range(3):
        scenario.agent(f"a{number}", team="red")
    (row,) = headroom(published_of(scenario), [MONDAY]).to_dict("records")
    assert (row["headroom"], row["first_off"], row["one_more"]) == (2, "a0;a1", "a2")
    assert (row["understaffed_h"], row["understaffed_h_off"], row["understaffed_h_one_more"]) == (0, 0, 3)


def test_growth_of_just_the_tolerance_is_allowed() -> None:
    (of_team, _) = headroom(published_of(three_on_monday()), [MONDAY], tolerance_h=3).to_dict("records")
    assert of_team["headroom"] == 2
    scenario = three_on_monday()
    scenario.rest("a0", MONDAY)
    for tolerance, allowed in ((2.99, 1), (3, 2)):
        table = headroom(published_of(scenario), [MONDAY], "red", tolerance)
        assert list(table["headroom"]) == [allowed]


def test_who_was_harmless_is_judged_anew_when_others_have_gone() -> None:
    scenario = three_on_monday()  # of a0 and a1 one can go; then the second costs 3 h, a2 only 1 h
    for number in range(3):
        scenario.agent(f"a{number}", team="red", skills="chats" if number == 2 else "calls")
    scenario.need("chats", MONDAY, "09:00-10:00", 1)
    (row,) = headroom(published_of(scenario), [MONDAY], tolerance_h=1).to_dict("records")
    assert (row["first_off"], row["one_more"]) == ("a0;a2", "a1")


def test_what_is_missing_after_midnight_counts_too() -> None:
    scenario = Scenario()
    scenario.agent("a0")
    scenario.work("a0", MONDAY, "20:00 on_queue 04:00")
    scenario.need("calls", day_after(1), "01:00-02:00", 1)
    (row,) = headroom(published_of(scenario), [MONDAY]).to_dict("records")
    assert (row["headroom"], row["understaffed_h_one_more"]) == (0, 1)


def test_every_date_of_the_horizon_has_its_rows() -> None:
    table = headroom(published_of(legal_week()))
    assert list(table["date"].dt.date) == [day_after(number) for number in range(7)]
    assert list(table["rostered"]) == [2] * 5 + [0, 0]


@pytest.mark.parametrize(
    ("dates", "team", "words"),
    [
        pytest.param([day_after(9)], None, "not a date of the roster", id="date"),
        pytest.param([MONDAY], "rde", "did you mean 'red'", id="team"),
    ],
)
def test_unknown_dates_and_teams_are_refused(dates: list[date], team: str | None, words: str) -> None:
    with pytest.raises(UsageError) as error:
        headroom(published_of(three_on_monday()), dates, team)
    assert words in str(error.value)

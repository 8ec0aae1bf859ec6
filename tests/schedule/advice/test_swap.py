"""Laws of swaps: they can be undone, agents of a kind change no coverage, and what they break is named."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from tests.schedule.advice.made import published_of, random_centre
from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, standard
from wfm.errors import RuleError, UsageError
from wfm.schedule.advice import Published, Swap, swap

SATURDAY = day_after(5)


def swapped(scenario: Scenario, one: str, day: date, other: str, other_day: date | None = None) -> Swap:
    return swap(published_of(scenario), one, day, other, other_day or day)


def rules(found: Swap) -> list[str]:
    return [violation.rule for violation in found.effect.broken]


def staggered() -> Scenario:
    """The legal week, the second agent an hour later and on Saturday in place of Monday."""
    scenario = legal_week()
    for number in range(5):
        scenario.work("a2", day_after(number), standard("09:00"))
    scenario.rest("a2", MONDAY)
    scenario.work("a2", SATURDAY, standard("09:00"))
    return scenario


@pytest.mark.parametrize(
    ("day", "other_day"),
    [
        pytest.param(day_after(1), day_after(1), id="shift for shift"),
        pytest.param(MONDAY, MONDAY, id="shift for day off"),
        pytest.param(SATURDAY, SATURDAY, id="day off for shift"),
        pytest.param(MONDAY, SATURDAY, id="shifts of two dates"),
    ],
)
def test_a_swap_and_its_reverse_give_the_same_roster(day: date, other_day: date) -> None:
    published = published_of(staggered())
    there = swap(published, "a1", day, "a2", other_day)
    assert not there.roster.equals(published.roster)
    changed = published.changed(there.roster)
    one_date = day == other_day
    back = swap(changed, "a1", day, "a2", day) if one_date else swap(changed, "a2", day, "a1", other_day)
    assert_frame_equal(back.roster, published.roster)


def test_a_swap_keeps_clock_times_and_breaks() -> None:
    scenario = staggered()
    found = swapped(scenario, "a1", day_after(1), "a2")
    before = published_of(scenario).roster
    columns = ["start", "end", "activity", "paid"]
    for one, other in (("a1", "a2"), ("a2", "a1")):
        taken = _rows(found.roster, one, day_after(1))[columns]
        given = _rows(before, other, day_after(1))[columns]
        assert_frame_equal(taken, given)


def _rows(roster: pd.DataFrame, agent_id: str, day: date) -> pd.DataFrame:
    mine = (roster["agent_id"] == agent_id) & (roster["shift_date"] == pd.Timestamp(day))
    return roster[mine].reset_index(drop=True)


def test_a_swap_between_agents_of_one_kind_changes_no_coverage() -> None:
    found = swapped(staggered(), "a1", day_after(1), "a2")
    assert found.allowed
    assert found.effect.changes.empty
    assert found.effect.before["understaffed_h"] == found.effect.after["understaffed_h"]
    assert found.effect.before["overstaffed_h"] == found.effect.after["overstaffed_h"]


def test_a_swap_that_breaks_rest_names_it_for_the_agent_concerned() -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(starts=["06:00-14:30"])}
    scenario.work("a2", day_after(1), standard("14:30"))
    for number in (2, 3, 4):
        scenario.rest("a2", day_after(number))
    scenario.contracts["full"] |= {"week_hours": [0, 45], "days_per_week": [0, 5]}
    found = swapped(scenario, "a1", day_after(1), "a2")
    assert not found.allowed
    assert [str(violation) for violation in found.effect.broken] == [
        "a1 2026-03-04 rest_h: 9 h between 23:00 and 08:00, at least 11 h"
    ]


def test_a_rule_broken_before_is_not_blamed_on_the_swap() -> None:
    scenario = staggered()
    scenario.work("a1", day_after(3), standard("05:30"))
    found = swapped(scenario, "a1", day_after(1), "a2")
    assert found.allowed
    assert published_of(scenario).judged().violations


def test_a_rule_broken_before_with_other_numbers_is_told() -> None:
    scenario = legal_week()
    scenario.contracts = {"full": contract(week_hours=[0, 20], days_per_week=[0, 5])}
    scenario.work("a2", day_after(1), standard("08:00", 9))
    found = swapped(scenario, "a1", day_after(1), "a2")
    assert found.allowed
    assert {(v.subject, v.rule) for v in found.effect.still_broken} == {
        ("a1", "week_hours"),
        ("a2", "week_hours"),
    }


def test_a_taker_with_other_breaks_breaks_the_rule_of_breaks() -> None:
    scenario = legal_week()
    scenario.contracts["plain"] = contract(breaks=[], week_hours=[0, 60])
    scenario.agent("a2", contract="plain")
    for number in range(5):
        scenario.work("a2", day_after(number), "08:00 on_queue 16:30")
    found = swapped(scenario, "a1", MONDAY, "a2")
    assert rules(found) == ["breaks", "breaks"]


def test_a_swap_takes_the_site_of_the_taker() -> None:
    scenario = legal_week()
    scenario.sites["bremen"] = {}
    scenario.agent("a2", site="bremen")
    for number in range(5):
        scenario.work("a2", day_after(number), standard("09:00"))
    found = swapped(scenario, "a1", MONDAY, "a2")
    assert found.allowed
    assert set(_rows(found.roster, "a2", MONDAY)["site"]) == {"bremen"}


def test_a_lack_that_only_goes_to_another_queue_is_no_change() -> None:
    scenario = legal_week()
    scenario.contracts["full"] |= {"week_hours": [0, 45], "days_per_week": [0, 5]}
    scenario.agent("a1", skills="calls;chats")
    scenario.agent("a2", skills="chats;calls")
    scenario.rest("a2", MONDAY)
    scenario.need("chats", MONDAY, "08:00-16:30", 1)
    found = swapped(scenario, "a1", MONDAY, "a2")
    assert found.allowed
    assert found.effect.growth_h == 0
    assert found.effect.changes.empty


@pytest.mark.parametrize("seed", range(6))
def test_the_changes_are_where_verify_finds_another_lack(seed: int) -> None:
    published = published_of(random_centre(seed))
    one, other = _two_who_differ(published)
    found = swap(published, one, MONDAY, other, MONDAY)
    before, after = published.judged(), published.changed(found.roster).judged()
    quarter = 0.25
    rows = found.effect.changes
    told = float((rows["missing_after"] - rows["missing_before"]).sum()) * quarter
    assert told == pytest.approx(after.figures["understaffed_h"] - before.figures["understaffed_h"])
    assert found.effect.growth_h == pytest.approx(told)


def _two_who_differ(published: Published) -> tuple[str, str]:
    monday = published.roster["shift_date"] == pd.Timestamp(MONDAY)
    at_work = set(published.roster[monday]["agent_id"])
    skills = dict(zip(published.agents["agent_id"], published.agents["skills"], strict=True))
    pairs = [(a, b) for a in sorted(at_work) for b in sorted(skills) if skills[a] != skills[b]]
    return pairs[0]


@pytest.mark.parametrize(
    ("one", "day", "other", "other_day", "words"),
    [
        pytest.param("a1", SATURDAY, "a3", SATURDAY, "no agent 'a3'", id="unknown agent"),
        pytest.param("a1", day_after(7), "a2", day_after(7), "not a date of the roster", id="outside"),
        pytest.param("a1", MONDAY, "a1", MONDAY, "with itself", id="one agent"),
        pytest.param("a1", day_after(6), "a2", day_after(6), "both off", id="nothing to exchange"),
        pytest.param("a1", SATURDAY, "a2", MONDAY, "a1 has no shift on 2026-03-07", id="no shift"),
    ],
)
def test_what_cannot_be_meant_is_refused(
    one: str, day: date, other: str, other_day: date, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        swap(published_of(staggered()), one, day, other, other_day)


def test_nobody_gets_two_shifts_on_one_date() -> None:
    with pytest.raises(RuleError, match="a2 has a shift of its own on 2026-03-03"):
        swap(published_of(staggered()), "a1", day_after(1), "a2", SATURDAY)

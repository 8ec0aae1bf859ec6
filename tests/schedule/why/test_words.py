"""What an explanation says: bars, words and JSON agree with its numbers."""

from __future__ import annotations

import json
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.schedule.advice.made import published_of
from tests.schedule.verify.builder import MONDAY, day_after, legal_week
from wfm.schedule.why import explain_shift
from wfm.schedule.why.bars import WIDEST, bar, scale_of
from wfm.schedule.why.shift_words import facts, in_words, why_off

QUARTER = timedelta(minutes=15)


@given(needed=st.integers(0, 40), without=st.integers(0, 40), added=st.integers(0, 3), scale=st.just(1.0))
def test_the_signs_of_a_bar_count_agents(needed: int, without: int, added: int, scale: float) -> None:
    drawn = bar(needed, without, without + added, scale)
    assert drawn.index("|") == needed
    assert drawn.count("#") == without
    assert drawn.count("+") == added
    assert drawn.count(".") == max(0, needed - without - added)


@given(agents=st.lists(st.floats(0, 1e6), min_size=1))
def test_no_bar_is_too_wide_and_the_scale_is_the_finest(agents: list[float]) -> None:
    scale = scale_of(agents)
    assert max(agents) <= scale * WIDEST
    assert scale == 1 or max(agents) > scale / 2.5 * WIDEST


def test_words_name_shift_coverage_rules_and_prices() -> None:
    scenario = legal_week()
    scenario.agent("a1", name="Eve [bold]\x1b[31m")
    scenario.wish("a1", MONDAY, "day_off", weight=2)
    found = explain_shift(published_of(scenario), "a1", MONDAY)
    text = "\n".join(in_words(found, QUARTER))
    assert text.startswith("a1 Eve [bold]\\x1b[31m, 2026-03-02 Mon, hamburg: 08:00-16:30, break 10:00-10:15")
    assert "\x1b" not in text
    assert "08:00-10:00  needs 1, net +0.00 without, +1.00 with" in text  # a2 is there too
    assert "earlier  07:30-16:00 is legal" in text
    assert "05:30-14:00 breaks starts: start 05:30, allowed 06:00-14:00" in text
    assert "missed  day_off, weight 2" in text
    assert "meets day_off, weight 2" in text


def test_the_json_is_the_explanation() -> None:
    found = explain_shift(published_of(legal_week()), "a1", MONDAY)
    plain = json.loads(json.dumps(facts(found), allow_nan=False))
    assert plain["objective"] == found.objective
    assert [one["points"] for one in plain["options"]] == [one.points for one in found.options]
    assert sum(plain["adds"]["parts"].values()) == sum(found.added.parts.values())
    assert len(plain["serves"]) == len(found.served)
    assert plain["off_because"] == ""


def test_a_day_off_is_explained_by_rules_or_by_need() -> None:
    scenario = legal_week()
    forbidden = explain_shift(published_of(scenario), "a1", day_after(5))
    assert why_off(forbidden).startswith("off: every shift of the contract breaks a rule: days_per_week (")
    scenario.rest("a1", day_after(4))
    idle = explain_shift(published_of(scenario), "a1", day_after(4))
    assert why_off(idle).startswith("off: not needed; the best legal shift, ")
    scenario.need("calls", day_after(4), "08:00-16:30", 3)
    wanted = explain_shift(published_of(scenario), "a1", day_after(4))
    assert "is legal and would lower the objective by" in why_off(wanted)
    assert wanted.best is not None
    assert f"{-wanted.best.points:.2f}" in why_off(wanted)

"""May this agent be off? The answer is that of `verify` on the roster with the leave granted."""

from __future__ import annotations

from datetime import date

import pytest

from tests.schedule.advice.made import published_of
from tests.schedule.verify.builder import MONDAY, Scenario, day_after, legal_week
from wfm.errors import UsageError
from wfm.schedule.advice import ask_leave


def test_leave_is_approved_while_the_other_is_enough() -> None:
    scenario = legal_week()
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-09:00", 1)
    answer = ask_leave(published_of(scenario), "a1", MONDAY)
    assert answer.approved
    assert answer.effect is not None
    assert answer.effect.growth_h == 0


def test_leave_is_refused_when_somebody_would_be_missing_and_approved_within_the_tolerance() -> None:
    scenario = legal_week()
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-09:00", 2)
    published = published_of(scenario)
    answer = ask_leave(published, "a1", MONDAY)
    assert not answer.approved
    assert answer.effect is not None
    assert answer.effect.broken == ()
    assert answer.effect.growth_h == pytest.approx(1.0)
    assert len(answer.effect.changes) == 4
    assert ask_leave(published, "a1", MONDAY, tolerance_h=1.0).approved
    assert not ask_leave(published, "a1", MONDAY, tolerance_h=0.99).approved


def test_leave_that_empties_the_site_breaks_min_present() -> None:
    scenario = legal_week()
    scenario.sites["hamburg"] = {"min_present": 2}
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-09:00", 0)
    answer = ask_leave(published_of(scenario), "a1", MONDAY)
    assert answer.effect is not None
    assert [(v.subject, v.rule) for v in answer.effect.broken] == [("hamburg", "min_present")]
    assert not answer.approved


def test_paid_leave_lowers_the_most_hours_and_unpaid_leave_does_not() -> None:
    scenario = legal_week()  # 5 x 8 h paid; the most is 45 h, 36 h with a day of leave, and 4 x 8 h are left
    scenario.contracts["full"] |= {"week_hours": [35, 40], "leave_day_hours": 10}
    published = published_of(scenario)
    paid, unpaid = (ask_leave(published, "a1", day_after(4), 99, paid=paid) for paid in (True, False))
    assert paid.effect is not None
    assert [v.rule for v in paid.effect.broken] == ["week_hours"]
    assert unpaid.approved


def test_a_pinned_shift_stays() -> None:
    scenario = legal_week()
    scenario.pin("a1", MONDAY, "08:00", "16:30")
    answer = ask_leave(published_of(scenario), "a1", MONDAY, 99)
    assert answer.effect is not None
    assert [v.rule for v in answer.effect.broken] == ["pins"]


def left() -> Scenario:
    scenario = legal_week()
    scenario.agent("a1", end_date=day_after(4))
    scenario.rest("a2", day_after(2))
    scenario.leave_day("a2", day_after(2))
    return scenario


@pytest.mark.parametrize(
    ("agent_id", "day", "words"),
    [
        pytest.param("a1", day_after(5), "is not employed", id="left"),
        pytest.param("a2", day_after(5), "has a day off", id="off"),
        pytest.param("a2", day_after(2), "is on leave already", id="leave"),
    ],
)
def test_who_is_off_anyway_is_told(agent_id: str, day: date, words: str) -> None:
    answer = ask_leave(published_of(left()), agent_id, day)
    assert (answer.approved, answer.off_anyway, answer.effect) == (True, words, None)


def test_unknown_names_and_dates_are_refused() -> None:
    for agent_id, day in (("a9", MONDAY), ("a1", day_after(-1))):
        with pytest.raises(UsageError):
            ask_leave(published_of(legal_week()), agent_id, day)

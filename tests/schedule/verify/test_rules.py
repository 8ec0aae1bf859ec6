"""Every rule: a legal roster passes, and one change that breaks one rule gives one line that names it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pandas as pd
import pytest

from tests.schedule.verify.builder import (
    MONDAY,
    Scenario,
    contract,
    day_after,
    legal_week,
    moment,
    standard,
)
from wfm.errors import ConfigError, DataError

TUESDAY, FRIDAY, SATURDAY, SUNDAY = (day_after(number) for number in (1, 4, 5, 6))
FULL_DAY = "08:00 on_queue 16:30"


def without_breaks(**keys: object) -> dict[str, object]:
    return contract(breaks=[], **keys)


def test_a_legal_roster_has_no_violation() -> None:
    assert legal_week().lines() == []


def gap(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:15 on_queue", "10:15 gap 10:30 on_queue"))


def overlap(s: Scenario) -> None:
    s.plans["a1", MONDAY][0]["end"] += timedelta(minutes=5)


def nested(s: Scenario) -> None:
    """The first segment reaches past all others; the shift ends where the last of them ends."""
    s.contracts["full"] = contract(week_hours=[35, 60])
    s.plans["a1", MONDAY][0]["end"] = moment(MONDAY, "17:00")
    s.pin("a1", MONDAY, "08:00", "17:00")


def unpaid_time_on_queue(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("08:00 on_queue", "08:00 on_queue-"))


def unplanned_training(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("08:00 on_queue", "08:00 training"))


def nothing_but_leave(s: Scenario) -> None:
    s.contracts["full"] = without_breaks(week_hours=[20, 45])
    s.agent("a3")
    for number in range(4):
        s.work("a3", day_after(number), FULL_DAY)
    s.work("a3", FRIDAY, "08:00 leave 16:30")
    s.absent("a3", moment(FRIDAY, "08:00"), moment(FRIDAY, "20:00"))
    del s.people["a1"], s.people["a2"]
    s.plans = {key: rows for key, rows in s.plans.items() if key[0] == "a3"}


def wrong_site(s: Scenario) -> None:
    s.sites["lyon"] = {}
    for row in s.plans["a1", MONDAY]:
        row["site"] = "lyon"


def wrong_date(s: Scenario) -> None:
    for row in s.plans["a1", FRIDAY]:
        row["shift_date"] = pd.Timestamp(SATURDAY)


def before_employment(s: Scenario) -> None:
    s.agent("a1", start_date=pd.Timestamp(TUESDAY))


def after_employment(s: Scenario) -> None:
    s.agent("a1", end_date=pd.Timestamp(day_after(3)))


def too_early(s: Scenario) -> None:
    s.work("a1", MONDAY, standard("05:30"))


def between_the_windows(s: Scenario) -> None:
    s.contracts["full"] = contract(starts=["06:00-08:00", "12:00-14:00"])
    s.work("a1", MONDAY, standard("10:00"))


def off_the_start_step(s: Scenario) -> None:
    s.work("a1", MONDAY, standard("08:15"))


def too_long(s: Scenario) -> None:
    s.work("a1", MONDAY, standard(hours=9.5))


def too_short(s: Scenario) -> None:
    s.work("a1", MONDAY, standard(hours=7.5))


def off_the_length_step(s: Scenario) -> None:
    s.work("a1", MONDAY, standard(hours=8.25))


def unavailable(s: Scenario) -> None:
    s.agent("a1", availability="Mon 08:00-16:00;Tue-Sun 08:00-18:00")


def missing_break(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:00 break 10:15 on_queue ", ""))


def breaks_in_another_order(s: Scenario) -> None:
    s.work(
        "a1",
        MONDAY,
        standard().replace("10:00 break 10:15", "10:00 lunch- 10:30").replace("lunch- 12", "break 12"),
    )


def long_break(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:15", "10:30"))


def unpaid_break(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:00 break", "10:00 break-"))


def early_break(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:00 break 10:15", "09:15 break 09:30"))


def late_break(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:00 break 10:15", "11:15 break 11:30"))


def break_off_the_grid(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("10:00 break 10:15", "10:05 break 10:20"))


def work_on_leave(s: Scenario) -> None:
    s.leave_day("a1", MONDAY)
    s.contracts["full"] = contract(days_per_week=[4, 6], week_hours=[30, 48])


def work_during_partial_leave(s: Scenario) -> None:
    s.absent("a1", moment(MONDAY, "15:00"), moment(MONDAY, "20:00"))


def leave_that_nobody_granted(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("14:15 on_queue 16:30", "14:15 on_queue 15:00 leave 16:30"))


def unpaid_leave_as_paid(s: Scenario) -> None:
    leave_that_nobody_granted(s)
    s.absent("a1", moment(MONDAY, "15:00"), moment(MONDAY, "16:30"), paid=False)


def paid_leave_as_unpaid(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("14:15 on_queue 16:30", "14:15 on_queue 15:00 leave- 16:30"))
    s.absent("a1", moment(MONDAY, "15:00"), moment(MONDAY, "16:30"))


def short_rest(s: Scenario) -> None:
    s.work("a1", MONDAY, standard("13:30"))
    s.work("a1", TUESDAY, standard("07:30"))


def short_rest_after_history(s: Scenario) -> None:
    s.worked("a1", day_after(-1), "18:00 on_queue 22:00")


def too_many_days(s: Scenario) -> None:
    s.contracts["full"] = contract(consecutive_days=4)
    s.rest("a2", FRIDAY)
    s.work("a2", SATURDAY, standard())


def too_many_days_with_history(s: Scenario) -> None:
    s.worked("a1", day_after(-2), standard())
    s.worked("a1", day_after(-1), standard())


def too_many_hours(s: Scenario) -> None:
    s.contracts["full"] = contract(week_hours=[35, 40])
    s.work("a1", MONDAY, standard(hours=9))


def too_few_hours(s: Scenario) -> None:
    s.contracts["full"] = contract(week_hours=[40, 45])
    s.work("a1", MONDAY, standard(hours=8))


def too_many_shifts(s: Scenario) -> None:
    s.work("a1", SATURDAY, standard(hours=8))
    s.contracts["full"] = contract(week_hours=[35, 48])


def too_few_shifts(s: Scenario) -> None:
    s.rest("a1", MONDAY)
    s.rest("a1", TUESDAY)
    s.contracts["full"] = contract(week_hours=[20, 45])


def too_few_hours_after_leave(s: Scenario) -> None:
    s.contracts["full"] = contract(week_hours=[40, 40], leave_day_hours=7)
    s.leave_day("a1", MONDAY)
    s.rest("a1", MONDAY)


def no_weekend_off(s: Scenario) -> None:
    s.contracts["full"] = contract(weekends_off_per_4_weeks=1, days_per_week=[4, 7], week_hours=[30, 60])
    s.rest("a1", TUESDAY)
    s.work("a1", SUNDAY, standard())
    s.worked("a2", day_after(-21), FULL_DAY)  # the history is known from here on
    for week in (-1, -2, -3):
        s.worked("a1", day_after(5 + 7 * week), FULL_DAY)


def too_few_seats(s: Scenario) -> None:
    s.sites["hamburg"] = {"seats": 1}
    for number in range(5):
        s.work("a2", day_after(number), standard("06:00" if number else "08:30", hours=8))
        s.work("a1", day_after(number), standard("14:00" if number else "08:00"))
    s.work("a1", MONDAY, standard("08:00"))


def nobody_at_lunch(s: Scenario) -> None:
    s.sites["hamburg"] = {"min_present": 1}


def too_few_present_for_a_second_queue(s: Scenario) -> None:
    s.sites["hamburg"] = {"min_present": 1}
    s.needs.clear()
    s.need("chats", MONDAY, "17:00-18:00", 0)
    s.agent("a1", skills="calls;chats")


def pinned_off(s: Scenario) -> None:
    s.pin("a1", MONDAY, "off")


def pinned_otherwise(s: Scenario) -> None:
    s.pin("a1", MONDAY, "09:00", "17:30")


def pinned_but_off(s: Scenario) -> None:
    s.pin("a1", SATURDAY, "22:00", "06:00")


def stranger(s: Scenario) -> None:
    s.work("a9", MONDAY, standard())


def unknown_contract(s: Scenario) -> None:
    s.agent("a3", contract="intern")


def unknown_site(s: Scenario) -> None:
    s.agent("a3", site="lyon")


def outside_the_horizon(s: Scenario) -> None:
    s.work("a1", day_after(7), standard())


BROKEN: list[tuple[Callable[[Scenario], None], str]] = [
    (gap, "a1 2026-03-02 segments: gap between break until 10:15 and on_queue from 10:30"),
    (overlap, "a1 2026-03-02 segments: overlap between on_queue until 10:05 and break from 10:00"),
    (nested, "a1 2026-03-02 segments: overlap between on_queue until 17:00 and break from 10:00"),
    (unpaid_time_on_queue, "a1 2026-03-02 activity: on_queue 08:00-10:00 is unpaid"),
    (unplanned_training, "a1 2026-03-02 activities: training 08:00-10:00 was not ordered"),
    (nothing_but_leave, "a3 2026-03-06 activity: a shift without time on queue"),
    (wrong_site, "a1 2026-03-02 site: rostered at 'lyon', the agent's site is 'hamburg'"),
    (wrong_date, "a1 2026-03-07 shift_date: the shift starts on 2026-03-06 08:00 in Europe/Berlin"),
    (before_employment, "a1 2026-03-02 start_date: a shift before the first day of employment 2026-03-03"),
    (after_employment, "a1 2026-03-06 end_date: a shift after the last day of employment 2026-03-05"),
    (too_early, "a1 2026-03-02 starts: start 05:30, allowed 06:00-14:00"),
    (between_the_windows, "a1 2026-03-02 starts: start 10:00, allowed 06:00-08:00, 12:00-14:00"),
    (off_the_start_step, "a1 2026-03-02 start_step_min: start 08:15 is not on the 30 min step from 06:00"),
    (too_long, "a1 2026-03-02 shift_hours: 9.5 h from 08:00, allowed 8 h to 9 h"),
    (too_short, "a1 2026-03-02 shift_hours: 7.5 h from 08:00, allowed 8 h to 9 h"),
    (off_the_length_step, "a1 2026-03-02 shift_step_min: 8.25 h from 08:00, allowed 8 h and steps of 30 min"),
    (unavailable, "a1 2026-03-02 availability: 08:00-16:30 is not inside the availability"),
    (
        missing_break,
        "a1 2026-03-02 breaks: lunch, break in a shift of 8.5 h, the contract has break, lunch, break",
    ),
    (
        breaks_in_another_order,
        "a1 2026-03-02 breaks: lunch, break, break in a shift of 8.5 h, the contract has break, lunch, break",
    ),
    (long_break, "a1 2026-03-02 breaks: break at 10:00 is 30 min long, not 15 min"),
    (unpaid_break, "a1 2026-03-02 breaks: break at 10:00 is unpaid, the contract says otherwise"),
    (early_break, "a1 2026-03-02 breaks: break at 09:15 starts 75 min into the shift, allowed 90 to 180 min"),
    (late_break, "a1 2026-03-02 breaks: break at 11:15 starts 195 min into the shift, allowed 90 to 180 min"),
    (
        break_off_the_grid,
        "a1 2026-03-02 breaks: break at 10:05 starts 125 min into the shift, not on the 15 min grid",
    ),
    (work_on_leave, "a1 2026-03-02 time_off: a shift from 08:00 on a day of leave"),
    (work_during_partial_leave, "a1 2026-03-02 time_off: on_queue 14:15-16:30 overlaps time off 15:00-16:30"),
    (leave_that_nobody_granted, "a1 2026-03-02 time_off: leave 15:00-16:30 without time off"),
    (unpaid_leave_as_paid, "a1 2026-03-02 time_off: leave 15:00-16:30 is paid, the time off is not"),
    (paid_leave_as_unpaid, "a1 2026-03-02 time_off: leave 15:00-16:30 is unpaid, the time off is paid"),
    (short_rest, "a1 2026-03-03 rest_h: 9.5 h between 22:00 and 07:30, at least 11 h"),
    (short_rest_after_history, "a1 2026-03-02 rest_h: 10 h between 22:00 and 08:00, at least 11 h"),
    (
        too_many_days,
        "a1 2026-03-06 consecutive_days: 5 days in a row from 2026-03-02 to 2026-03-06, at most 4",
    ),
    (
        too_many_days_with_history,
        "a1 2026-03-06 consecutive_days: 7 days in a row from 2026-02-28 to 2026-03-06, at most 6",
    ),
    (too_many_hours, "a1 2026-03-02 week_hours: 40.5 h paid, at most 40 h"),
    (too_few_hours, "a1 2026-03-02 week_hours: 39.5 h paid, at least 40 h"),
    (
        too_few_hours_after_leave,
        "a1 2026-03-02 week_hours: 32 h paid, at least 33 h (7 h of paid leave)",
    ),
    (too_many_shifts, "a1 2026-03-02 days_per_week: 6 shifts, at most 5"),
    (too_few_shifts, "a1 2026-03-02 days_per_week: 3 shifts, at least 4"),
    (
        no_weekend_off,
        "a1 2026-03-02 weekends_off_per_4_weeks: 0 weekends off from 2026-02-09 to 2026-03-08, at least 1",
    ),
    (too_few_seats, "hamburg 2026-03-02 seats: 2 agents inside a shift at 08:30, 1 seat"),
    (
        nobody_at_lunch,
        "hamburg 2026-03-02 min_present: 0 agents on queue at 10:00, at least 1 while a queue is open",
    ),
    (
        too_few_present_for_a_second_queue,
        "hamburg 2026-03-02 min_present: 0 agents on queue at 17:00, at least 1 while a queue is open",
    ),
    (pinned_off, "a1 2026-03-02 pins: 08:00-16:30, pinned off"),
    (pinned_otherwise, "a1 2026-03-02 pins: 08:00-16:30, pinned 09:00-17:30"),
    (pinned_but_off, "a1 2026-03-07 pins: off, pinned 22:00-06:00"),
    (stranger, "a9 2026-03-02 agent_id: a shift of an agent who is not in agents"),
    (unknown_contract, "a3 2026-03-02 contract: 'intern' is no contract of the configuration"),
    (unknown_site, "a3 2026-03-02 site: 'lyon' is no site of the configuration"),
    (outside_the_horizon, "a1 2026-03-09 weeks: a shift outside the horizon 2026-03-02 to 2026-03-08"),
]


@pytest.mark.parametrize(
    ("change", "line"), [pytest.param(change, line, id=change.__name__) for change, line in BROKEN]
)
def test_one_broken_rule_gives_one_line_that_names_it(change: Callable[[Scenario], None], line: str) -> None:
    scenario = legal_week()
    change(scenario)
    assert scenario.lines() == [line]


def kept_rest(s: Scenario) -> None:
    s.work("a1", MONDAY, standard("12:00"))
    s.work("a1", TUESDAY, standard("07:30"))


def kept_run(s: Scenario) -> None:
    s.worked("a1", day_after(-1), standard())


def kept_weekend(s: Scenario) -> None:
    no_weekend_off(s)
    del s.before["a1", day_after(-2 - 7)]


def kept_min_present(s: Scenario) -> None:
    s.sites["hamburg"] = {"min_present": 1, "seats": 2}
    plan = (
        standard()
        .replace("12:00 lunch- 12:30", "12:30 lunch- 13:00")
        .replace("10:00 break 10:15", "10:15 break 10:30")
    )
    s.work("a2", MONDAY, plan.replace("14:00 break 14:15", "14:15 break 14:30"))


def kept_leave(s: Scenario) -> None:
    s.work("a1", MONDAY, standard().replace("14:15 on_queue 16:30", "14:15 on_queue 15:00 leave 16:30"))
    s.absent("a1", moment(MONDAY, "15:00"), moment(MONDAY, "20:00"))


def kept_leave_day(s: Scenario) -> None:
    s.contracts["full"] = contract(week_hours=[40, 40])
    s.leave_day("a1", MONDAY)
    s.rest("a1", MONDAY)


def kept_pins(s: Scenario) -> None:
    s.pin("a1", MONDAY, "08:00", "16:30")
    s.pin("a1", SATURDAY, "off")
    s.pin("a1", day_after(9), "08:00", "16:30")
    s.pin("nobody", MONDAY, "08:00", "16:30")


def kept_employment(s: Scenario) -> None:
    s.agent("a1", start_date=pd.Timestamp(TUESDAY), end_date=pd.Timestamp(FRIDAY))
    s.rest("a1", MONDAY)
    s.work("a1", TUESDAY, standard(hours=8))
    s.contracts["full"] = contract(week_hours=[40, 45], days_per_week=[5, 5])


def kept_availability_over_midnight(s: Scenario) -> None:
    s.contracts["full"] = contract(starts=["06:00-23:00"], shift_hours=[8, 9])
    s.agent("a1", availability="Mon-Fri 06:00-24:00;Sat 00:00-08:00")
    s.work("a1", FRIDAY, standard("23:00"))


def kept_availability_over_the_week(s: Scenario) -> None:
    s.contracts["full"] = contract(starts=["06:00-23:00"], days_per_week=[4, 6], week_hours=[35, 50])
    s.agent("a1", availability="Mon-Sun 00:00-24:00")
    s.work("a1", SUNDAY, standard("23:00"))


KEPT = [
    kept_rest,
    kept_run,
    kept_weekend,
    kept_min_present,
    kept_leave,
    kept_leave_day,
    kept_pins,
    kept_employment,
    kept_availability_over_midnight,
    kept_availability_over_the_week,
]


@pytest.mark.parametrize("change", [pytest.param(change, id=change.__name__) for change in KEPT])
def test_a_rule_kept_by_a_hair_is_no_violation(change: Callable[[Scenario], None]) -> None:
    scenario = legal_week()
    change(scenario)
    assert scenario.lines() == []


@pytest.mark.parametrize(
    ("known_from", "expected"),
    [
        pytest.param(-21, 1, id="three weeks of history: four weeks known"),
        pytest.param(-20, 0, id="a day less: not known in full, binds nothing"),
    ],
)
def test_weekends_bind_in_four_weeks_known_in_full(known_from: int, expected: int) -> None:
    scenario = legal_week()
    no_weekend_off(scenario)
    scenario.before = {key: rows for key, rows in scenario.before.items() if key[0] == "a1"}
    scenario.worked("a2", day_after(known_from), FULL_DAY)
    assert len(scenario.lines()) == expected


def test_a_weekend_across_the_week_start_must_end_inside_the_horizon() -> None:
    """With weeks from Sunday the last weekend (Sat, Sun) ends a day after the horizon: nothing binds yet."""
    sunday = day_after(-1)
    scenario = legal_week()
    scenario.centre["week_start"] = "Sun"
    scenario.contracts["full"] = contract(
        weekends_off_per_4_weeks=4, days_per_week=[4, 7], week_hours=[30, 60]
    )
    scenario.worked("a2", day_after(-21, sunday), FULL_DAY)
    scenario.work("a1", SATURDAY, standard())
    assert scenario.lines(first_day=sunday) == []


def test_without_a_first_day_the_horizon_is_the_week_of_the_first_shift() -> None:
    assert legal_week().lines(first_day=None) == []


@pytest.mark.parametrize(
    ("first_day", "error"),
    [
        pytest.param(TUESDAY, ConfigError, id="not a week start"),
        pytest.param(None, DataError, id="needed for an empty roster"),
    ],
)
def test_a_first_day_that_cannot_be_is_an_error(first_day: date | None, error: type[Exception]) -> None:
    scenario = legal_week()
    scenario.plans.clear()
    with pytest.raises(error):
        scenario.verify(first_day=first_day)


def test_clock_times_that_cannot_be_read_are_all_reported() -> None:
    scenario = legal_week()
    scenario.pin("a1", MONDAY, "8 o'clock", "16:30")
    scenario.wish("a2", MONDAY, "prefer_start", "early")
    with pytest.raises(DataError) as raised:
        scenario.verify()
    assert [(fault.source, fault.column) for fault in raised.value.faults] == [
        ("pins", "shift_start"),
        ("requests", "value"),
    ]

"""Wall clock and elapsed time: days of clock change, two sites in two zones, shifts past midnight."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tests.schedule.verify.builder import MONDAY, Scenario, contract, day_after, legal_week, moment
from wfm.errors import ConfigError

SPRING, AUTUMN = (
    date(2026, 3, 29),
    date(2026, 10, 25),
)  # Sundays; Berlin's clock leaves out, repeats, 02:00-03:00
NEW_YORK = "America/New_York"


def sunday_week(sunday: date, **keys: object) -> tuple[Scenario, date]:
    """One agent with nothing to do in the week that ends on this Sunday."""
    scenario = Scenario()
    loose = {"week_hours": [0, 60], "days_per_week": [0, 7], "starts": ["00:00-23:30"], "breaks": []}
    scenario.contracts["full"] = contract(**{**loose, "shift_hours": [8, 8], **keys})
    scenario.agent("a1")
    return scenario, day_after(-6, sunday)


@pytest.mark.parametrize(
    ("sunday", "end", "hours"),
    [
        pytest.param(SPRING, "07:00", 8, id="spring, 8 h later it is 07:00"),
        pytest.param(SPRING, "06:00", 7, id="spring, 8 h by the clock are 7 h"),
        pytest.param(AUTUMN, "05:00", 8, id="autumn, 8 h later it is 05:00"),
        pytest.param(AUTUMN, "06:00", 9, id="autumn, 8 h by the clock are 9 h"),
    ],
)
def test_a_shift_is_as_long_as_it_lasts(sunday: date, end: str, hours: int) -> None:
    scenario, week = sunday_week(sunday)
    saturday = day_after(-1, sunday)
    scenario.work("a1", saturday, f"22:00 on_queue {end}")
    wrong = [f"a1 {saturday} shift_hours: {hours} h from 22:00, allowed 8 h to 8 h"]
    assert scenario.lines(first_day=week) == ([] if hours == 8 else wrong)
    assert scenario.verify(first_day=week).parts["paid"] == pytest.approx(4 * hours)


@pytest.mark.parametrize(
    ("sunday", "start", "rest"),
    [
        pytest.param(SPRING, "09:00", 10, id="spring, 11 h by the clock are 10 h"),
        pytest.param(SPRING, "10:00", 11, id="spring, 11 h"),
        pytest.param(AUTUMN, "08:00", 11, id="autumn, 10 h by the clock are 11 h"),
        pytest.param(AUTUMN, "07:30", 10.5, id="autumn, 10.5 h"),
    ],
)
def test_rest_is_elapsed_time(sunday: date, start: str, rest: float) -> None:
    scenario, week = sunday_week(sunday)
    scenario.work("a1", day_after(-1, sunday), "14:00 on_queue 22:00")
    end = f"{int(start[:2]) + 8}{start[2:]}"
    scenario.work("a1", sunday, f"{start} on_queue {end}")
    wrong = [f"a1 {sunday} rest_h: {rest:g} h between 22:00 and {start}, at least 11 h"]
    assert scenario.lines(first_day=week) == ([] if rest >= 11 else wrong)


@pytest.mark.parametrize("fold", [pytest.param(0, id="first"), pytest.param(1, id="second")])
def test_of_two_equal_clock_times_the_first_is_a_start(fold: int) -> None:
    scenario, week = sunday_week(AUTUMN)
    scenario.work("a1", AUTUMN, "02:30 on_queue 10:30")
    start = moment(AUTUMN, "02:30", fold=fold)
    scenario.plans["a1", AUTUMN][0] |= {"start": start, "end": start + timedelta(hours=8)}
    text = "start 02:30 is the second 02:30 of a clock change, only the first is a start"
    assert scenario.lines(first_day=week) == [f"a1 {AUTUMN} starts: {text}"] * fold


def test_breaks_are_placed_by_elapsed_time() -> None:
    """From 22:00 through the spring night a break 3 h later stands at 01:00, one 5 h later at 04:00."""
    rules = [
        {"activity": "break", "minutes": 15, "from_min": 180, "to_min": 180},
        {"activity": "break", "minutes": 15, "from_min": 300, "to_min": 300},
    ]
    scenario, week = sunday_week(SPRING, breaks=rules)
    plan = "22:00 on_queue 01:00 break 01:15 on_queue 04:00 break 04:15 on_queue 07:00"
    scenario.work("a1", day_after(-1, SPRING), plan)
    assert scenario.lines(first_day=week) == []


def test_a_repeated_hour_has_intervals_of_its_own() -> None:
    scenario, week = sunday_week(AUTUMN)
    scenario.work("a1", AUTUMN, "02:00 on_queue 09:00")  # from the first 02:00: 8 h
    start = moment(AUTUMN, "02:00")
    for number in range(8):
        row = {
            "queue": "calls",
            "interval_start": start + number * timedelta(minutes=15),
            "agents_to_schedule": 1,
        }
        scenario.needs.append(row)
    result = scenario.verify(first_day=week)
    assert result.violations == ()
    assert result.coverage["agents_scheduled"].tolist() == [1] * 8
    local = result.coverage["interval_start"].dt.tz_convert("Europe/Berlin").dt.strftime("%H:%M").tolist()
    assert local == ["02:00", "02:15", "02:30", "02:45"] * 2


def two_sites() -> Scenario:
    """An agent in Hamburg 08:00-16:00, one in New York 16:00-24:00 (22:00-06:00 in Berlin)."""
    scenario = Scenario(sites={"hamburg": {}, "newyork": {"timezone": NEW_YORK}})
    loose = {"week_hours": [0, 60], "days_per_week": [0, 7], "breaks": []}
    scenario.contracts["full"] = contract(**loose, starts=["08:00-16:00"], shift_hours=[8, 8])
    scenario.agent("a1")
    scenario.agent("a2", site="newyork", skills="calls;chats")
    scenario.work("a1", MONDAY, "08:00 on_queue 16:00")
    scenario.work("a2", MONDAY, "16:00 on_queue 24:00")
    return scenario


def test_a_shift_has_the_clock_and_date_of_its_site() -> None:
    scenario = two_sites()
    assert scenario.plans["a2", MONDAY][0]["start"] == moment(MONDAY, "22:00")
    assert scenario.lines() == []
    scenario.pin("a2", MONDAY, "16:00", "24:00")
    scenario.wish("a2", MONDAY, "prefer_start", "16:00")
    assert scenario.lines() == []
    assert scenario.verify().parts["request"] == 0


def test_sites_serve_one_queue_around_the_clock() -> None:
    scenario = two_sites()
    scenario.need("calls", MONDAY, "08:00-16:00", 1)
    scenario.need("calls", MONDAY, "22:00-24:00", 1)
    scenario.need("calls", day_after(1), "00:00-06:00", 1)
    result = scenario.verify()
    assert result.figures == pytest.approx({"understaffed_h": 0, "overstaffed_h": 0, "required_h": 16})


def test_presence_is_judged_at_each_site_by_its_clock_and_skills() -> None:
    scenario = two_sites()
    scenario.sites = {"hamburg": {"min_present": 1}, "newyork": {"timezone": NEW_YORK, "min_present": 1}}
    scenario.need(
        "chats", day_after(1), "05:45-06:15", 0
    )  # 23:45-00:15 in New York; nobody in Hamburg can chat
    assert scenario.lines() == [
        "newyork 2026-03-03 min_present: 0 agents on queue at 00:00, at least 1 while a queue is open"
    ]


def test_every_site_has_seats_of_its_own() -> None:
    scenario = two_sites()
    scenario.sites = {"hamburg": {"seats": 1}, "newyork": {"timezone": NEW_YORK, "seats": 1}}
    scenario.work("a2", MONDAY, "08:00 on_queue 16:00")  # 14:00-22:00 in Berlin
    assert scenario.lines() == []


def test_history_past_midnight_sits_on_a_seat() -> None:
    scenario, week = sunday_week(day_after(6))
    scenario.sites["hamburg"] = {"seats": 1}
    scenario.agent("a2")
    scenario.worked("a2", day_after(-1), "22:00 on_queue 06:00")
    scenario.work("a1", MONDAY, "05:30 on_queue 13:30")
    assert scenario.lines(first_day=week) == [
        "hamburg 2026-03-02 seats: 2 agents inside a shift at 05:30, 1 seat"
    ]


def test_a_grid_that_does_not_fit_all_zones_is_refused() -> None:
    scenario = legal_week()
    scenario.centre["interval_min"] = 60
    scenario.needs.clear()
    scenario.need("calls", MONDAY, "08:00-09:00", 1)
    scenario.need("chats", MONDAY, "08:00-09:00", 1, timezone="Asia/Kolkata")
    with pytest.raises(ConfigError, match="different grids"):
        scenario.verify()


def test_a_week_over_a_clock_change_is_legal_by_its_hours() -> None:
    scenario, week = sunday_week(SPRING, week_hours=[40, 40], days_per_week=[5, 5])
    for number in range(2, 6):
        scenario.work(
            "a1", day_after(number, week), "22:00 on_queue 06:00" if number < 5 else "22:00 on_queue 07:00"
        )
    scenario.work("a1", day_after(6, week), "22:00 on_queue 06:00")
    assert scenario.lines(first_day=week) == []

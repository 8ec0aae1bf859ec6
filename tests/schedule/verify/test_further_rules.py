"""Labour rules beside the basic ones: kept by a hair, broken by a hair, and what excuses.

Spacing and stretches of breaks, hours of a day, overtime and averages, long rests, least runs, rotations and
limits of changes; rules for the young stand in `test_minors`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

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
from wfm.errors import DataError

TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY, SUNDAY = (day_after(number) for number in range(1, 7))
NIGHT = (
    "22:00 on_queue 24:00 break 24:15 on_queue 26:00 lunch- 26:30 on_queue 28:00 break 28:15 on_queue 30:00"
)


def bound_by(scenario: Scenario | None = None, **keys: Any) -> Scenario:
    """The legal week, with more terms for a1 alone."""
    found = scenario or legal_week()
    found.contracts["own"] = contract(**keys)
    found.agent("a1", contract="own")
    return found


# --- one shift -----------------------------------------------------------------------------------------


def test_day_hours_are_paid_hours_of_a_shift() -> None:
    scenario = bound_by(day_hours=8)
    assert scenario.lines() == []  # 8.5 h elapsed, 8 h paid
    scenario.work("a1", MONDAY, standard(hours=9))
    scenario.work("a2", MONDAY, standard(hours=9))
    assert scenario.lines() == ["a1 2026-03-02 day_hours: 8.5 h paid, at most 8 h"]


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        pytest.param(2.25, [], id="by a hair"),
        pytest.param(
            2.2,
            ["a1 2026-03-02 longest_stretch_h: 2.25 h from 14:15 without a break, at most 2.2 h"],
            id="the last one too long",
        ),
        pytest.param(
            1.9,
            [
                "a1 2026-03-02 longest_stretch_h: 2 h from 08:00 without a break, at most 1.9 h",
                "a1 2026-03-02 longest_stretch_h: 2.25 h from 14:15 without a break, at most 1.9 h",
            ],
            id="the first too",
        ),
    ],
)
def test_stretches_run_from_break_to_break_and_to_the_ends(limit: float, told: list[str]) -> None:
    scenario = bound_by(longest_stretch_h=limit)
    assert [line for line in scenario.lines() if " 2026-03-02 " in line] == told


def test_leave_does_not_end_a_stretch() -> None:
    scenario = bound_by(longest_stretch_h=2.25)
    scenario.work("a1", MONDAY, standard().replace("14:15 on_queue", "14:15 leave 15:00 on_queue"))
    scenario.absent("a1", moment(MONDAY, "14:15"), moment(MONDAY, "15:00"))
    assert scenario.lines() == []
    scenario.work("a1", MONDAY, standard(hours=9).replace("14:15 on_queue", "14:15 leave 15:00 on_queue"))
    assert scenario.lines() == [
        "a1 2026-03-02 longest_stretch_h: 2.75 h from 14:15 without a break, at most 2.25 h"
    ]


def test_breaks_keep_their_distance() -> None:
    scenario = bound_by(break_spacing_min=60)
    late = standard().replace("10:00 break 10:15", "11:00 break 11:15")
    scenario.work("a1", MONDAY, late.replace("12:00 lunch- 12:30", "12:15 lunch- 12:45"))
    assert scenario.lines() == []
    scenario.work("a1", MONDAY, late)
    [line] = scenario.lines()
    told = "45 min between breaks ending 11:15 and starting 12:00, at least 60 min"
    assert line == f"a1 2026-03-02 break_spacing_min: {told}"


# --- rest of the week ----------------------------------------------------------------------------------


def test_the_longest_rest_of_a_week_ends_with_the_week() -> None:
    """Friday 16:30 to Sunday's midnight: 55.5 h, whatever follows."""
    assert bound_by(weekly_rest_h=55.5).lines() == []
    assert bound_by(weekly_rest_h=55.75).lines() == [
        "a1 2026-03-02 weekly_rest_h: longest rest of the week 55.5 h, at least 55.75 h"
    ]


def nights(sunday_before: bool) -> Scenario:
    """Nights from Tuesday to Saturday: the week rests from its midnight, or a shift that reaches in, on."""
    scenario = bound_by(weekly_rest_h=46, starts=["22:00"], shift_hours=[8, 8], week_hours=[35, 45], rest_h=8)
    scenario.rest("a1", MONDAY)
    for number in range(1, 6):
        scenario.work("a1", day_after(number), NIGHT)
    if sunday_before:
        scenario.worked("a1", day_after(-1), NIGHT)
    return scenario


def test_shifts_of_the_week_before_that_reach_in_shorten_the_rest() -> None:
    assert nights(sunday_before=False).lines() == []
    assert nights(sunday_before=True).lines() == [
        "a1 2026-03-02 weekly_rest_h: longest rest of the week 40 h, at least 46 h"
    ]


def test_the_rest_of_a_week_is_elapsed_time() -> None:
    """On 29 March the clocks of Berlin skip an hour: Friday 16:30 to Sunday's midnight is 54.5 h."""
    monday = date(2026, 3, 23)
    for limit, count in ((54.5, 0), (55, 1)):
        scenario = bound_by(Scenario(), weekly_rest_h=limit)
        for number in range(5):
            scenario.work("a1", day_after(number, monday), standard())
        assert len(scenario.lines(first_day=monday)) == count


# --- overtime and averages -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("terms", "told"),
    [
        pytest.param({"week_hours": [35, 39], "overtime_hours": 1}, [], id="overtime up to its limit"),
        pytest.param(
            {"week_hours": [35, 39], "overtime_hours": 0.9},
            ["a1 2026-03-02 overtime_hours: 40 h paid, at most 39 h and 0.9 h of overtime"],
            id="beyond it",
        ),
        pytest.param(
            {"week_hours": [35, 39]}, ["a1 2026-03-02 week_hours: 40 h paid, at most 39 h"], id="no overtime"
        ),
        pytest.param(
            {"week_hours": [41, 45], "overtime_hours": 1},
            ["a1 2026-03-02 week_hours: 40 h paid, at least 41 h"],
            id="the min stays with week_hours",
        ),
    ],
)
def test_overtime_lies_above_the_max_of_a_week(terms: dict[str, Any], told: list[str]) -> None:
    assert bound_by(**terms).lines() == told


def test_leave_lowers_what_is_overtime() -> None:
    scenario = bound_by(week_hours=[30, 35], overtime_hours=4, leave_day_hours=7)
    scenario.leave_day("a1", FRIDAY)
    scenario.rest("a1", FRIDAY)
    assert scenario.lines() == []
    scenario.contracts["own"]["overtime_hours"] = 3.5
    assert scenario.lines() == [
        "a1 2026-03-02 overtime_hours: 32 h paid, at most 28 h and 3.5 h of overtime (7 h of paid leave)"
    ]


def test_the_hours_of_an_agent_stand_in_place_of_the_contracts() -> None:
    scenario = legal_week()
    scenario.agent("a1", week_hours_max=39.5)
    scenario.agent("a2", week_hours_min=40.5)
    assert scenario.lines() == [
        "a1 2026-03-02 week_hours: 40 h paid, at most 39.5 h",
        "a2 2026-03-02 week_hours: 40 h paid, at least 40.5 h",
    ]


def test_a_leave_day_is_a_share_of_the_agents_own_hours() -> None:
    """35 h on five days: a day of leave is 7 h and leaves 28 h."""
    scenario = legal_week()
    scenario.contracts["full"] = contract(week_hours=[0, 45])
    scenario.agent("a1", week_hours_max=35)
    scenario.leave_day("a1", FRIDAY)
    scenario.rest("a1", FRIDAY)
    assert scenario.lines() == ["a1 2026-03-02 week_hours: 32 h paid, at most 28 h (7 h of paid leave)"]


def test_an_agent_whose_least_hours_are_above_the_most_is_a_data_fault() -> None:
    scenario = legal_week()
    scenario.agent("a1", week_hours_min=46)
    scenario.agent("a2", week_hours_max=30)
    with pytest.raises(DataError) as raised:
        scenario.verify()
    assert [fault.problem for fault in raised.value.faults] == [
        "agent a1: week_hours from 46 to 45 (contract full)",
        "agent a2: week_hours from 35 to 30 (contract full)",
    ]


def averaged(limits: list[float], *, weeks: int = 4, before: int = 3, **cells: Any) -> Scenario:
    """Weeks of 40 h, `before` of them in the history."""
    scenario = bound_by(average_week_hours=limits, average_weeks=weeks)
    scenario.agent("a1", **cells)
    for number in range(-7 * before, 0):
        if number % 7 < 5:
            scenario.worked("a1", day_after(number), standard())
    return scenario


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        pytest.param([40, 40], "", id="by a hair"),
        pytest.param(
            [0, 39.9], "160 h paid in 4 weeks from 2026-02-09, at most 159.6 h", id="too many hours"
        ),
        pytest.param(
            [40.1, 45], "160 h paid in 4 weeks from 2026-02-09, at least 160.4 h", id="too few hours"
        ),
    ],
)
def test_hours_on_average_over_weeks_known_in_full(limits: list[float], told: str) -> None:
    expected = [f"a1 2026-03-02 average_week_hours: {told}"] if told else []
    assert averaged(limits).lines() == expected
    assert averaged(limits, before=2).lines() == []  # not known in full


def test_every_run_of_weeks_that_ends_in_the_horizon_is_judged_on_its_last_week() -> None:
    scenario = averaged([0, 39], weeks=2, before=1)
    for number in range(7, 12):
        scenario.work("a1", day_after(number), standard())
        scenario.work("a2", day_after(number), standard())
    assert scenario.lines(weeks=2) == [
        "a1 2026-03-02 average_week_hours: 80 h paid in 2 weeks from 2026-02-23, at most 78 h",
        "a1 2026-03-09 average_week_hours: 80 h paid in 2 weeks from 2026-03-02, at most 78 h",
    ]


def test_leave_of_the_weeks_before_counts_for_the_average() -> None:
    def on_leave(limits: list[float], *, paid: bool) -> list[str]:
        scenario = averaged(limits, weeks=2, before=1)
        scenario.before = {key: rows for key, rows in scenario.before.items() if key[1] != day_after(-5)}
        scenario.contracts["own"]["leave_day_hours"] = 6
        scenario.leave_day("a1", day_after(-5), paid=paid)
        return scenario.lines()

    assert on_leave([39, 39], paid=True) == []  # 72 h = 2 x 39 - 6
    assert len(on_leave([39.1, 45], paid=True)) == 1
    [line] = on_leave([0, 38.9], paid=True)
    assert line.endswith("72 h paid in 2 weeks from 2026-02-23, at most 71.8 h (6 h of paid leave)")
    assert on_leave([39, 39], paid=False) == []  # unpaid leave lowers the min only
    assert on_leave([30, 36], paid=False) == []
    assert len(on_leave([30, 35.9], paid=False)) == 1


def test_the_least_average_is_pro_rata_of_employment() -> None:
    """Of 14 dates the last seven are employed: at least half of 2 x 40 h."""
    for least, count in ((40, 0), (40.1, 1)):
        scenario = averaged([least, 45], weeks=2, before=1, start_date=pd.Timestamp(MONDAY))
        scenario.before = {}
        scenario.worked("a2", day_after(-7), standard())
        found = [line for line in scenario.lines() if "average" in line]
        assert len(found) == count


# --- runs of days --------------------------------------------------------------------------------------


def run_of(*numbers: int, least: int = 3, known_from: int = -7) -> Scenario:
    """a1 works on these dates, counted from Monday; what was before is known from a date on."""
    scenario = bound_by(
        min_consecutive_days=least, days_per_week=[0, 7], week_hours=[0, 60], consecutive_days=14
    )
    scenario.worked("a2", day_after(known_from), standard())
    for number in range(5):
        scenario.rest("a1", day_after(number))
    for number in numbers:
        (scenario.work if number >= 0 else scenario.worked)("a1", day_after(number), standard())
    return scenario


@pytest.mark.parametrize(
    ("numbers", "told"),
    [
        pytest.param([1, 2, 3], "", id="long enough"),
        pytest.param(
            [2], "2026-03-04 min_consecutive_days: 1 day in a row on 2026-03-04, at least 3", id="one"
        ),
        pytest.param(
            [1, 2],
            "2026-03-03 min_consecutive_days: 2 days in a row from 2026-03-03 to 2026-03-04, at least 3",
            id="two",
        ),
        pytest.param([-1, 0, 1], "", id="with history"),
        pytest.param(
            [-1, 0],
            "2026-03-02 min_consecutive_days: 2 days in a row from 2026-03-01 to 2026-03-02, at least 3",
            id="begun before: at its first date in the horizon",
        ),
        pytest.param(
            [-2, -1],
            "2026-03-02 min_consecutive_days: 2 days in a row from 2026-02-28 to 2026-03-01, at least 3",
            id="ended right before: it could have gone on",
        ),
        pytest.param([-3, -2], "", id="ended earlier: past"),
        pytest.param([5, 6], "", id="reaches the end of the horizon"),
        pytest.param(
            [4, 5],
            "2026-03-06 min_consecutive_days: 2 days in a row from 2026-03-06 to 2026-03-07, at least 3",
            id="ends a day earlier",
        ),
    ],
)
def test_runs_of_days_that_have_ended_are_long_enough(numbers: list[int], told: str) -> None:
    assert run_of(*numbers).lines() == ([f"a1 {told}"] if told else [])


def test_runs_whose_beginning_is_not_known_are_excused() -> None:
    assert run_of(-1, 0, known_from=-1).lines() == []
    assert len(run_of(-1, 0, known_from=-2).lines()) == 1
    scenario = run_of(0, 1)
    scenario.before = {}
    assert scenario.lines() == []


@pytest.mark.parametrize("number", [1, 4], ids=["before", "after"])
def test_runs_beside_leave_or_the_ends_of_employment_are_excused(number: int) -> None:
    scenario = run_of(2, 3)
    assert len(scenario.lines()) == 1
    scenario.leave_day("a1", day_after(number))
    assert scenario.lines() == []
    name, day = ("start_date", WEDNESDAY) if number == 1 else ("end_date", THURSDAY)
    employed = run_of(2, 3)
    employed.agent("a1", **{name: pd.Timestamp(day)})
    assert employed.lines() == []


# --- rotations -----------------------------------------------------------------------------------------


def rotation(*weeks: str, week: int = 1) -> Scenario:
    scenario = bound_by(pattern="early_late")
    codes = {"E": "06:00-09:00", "L": "13:00"}
    scenario.patterns = {"early_late": {"first_week": MONDAY, "weeks": list(weeks), "codes": codes}}
    scenario.agent("a1", pattern_week=week)
    return scenario


EARLY, FREE = "E E E E E - -", "? ? ? ? ? ? ?"


def change(*steps: tuple[Callable[..., None], tuple[Any, ...]]) -> list[str]:
    scenario = rotation(EARLY)
    for step, arguments in steps:
        step(scenario, *arguments)
    return [line for line in scenario.lines() if " pattern: " in line]


@pytest.mark.parametrize(
    ("steps", "told"),
    [
        pytest.param([], "", id="kept"),
        pytest.param([(Scenario.work, ("a1", MONDAY, standard("09:00")))], "", id="the last start"),
        pytest.param(
            [(Scenario.work, ("a1", MONDAY, standard("09:30")))],
            "a1 2026-03-02 pattern: start 09:30, early_late has E (06:00-09:00)",
            id="after it",
        ),
        pytest.param(
            [(Scenario.rest, ("a1", MONDAY))],
            "a1 2026-03-02 pattern: off, early_late has E (06:00-09:00)",
            id="off",
        ),
        pytest.param(
            [(Scenario.work, ("a1", SATURDAY, standard()))],
            "a1 2026-03-07 pattern: a shift from 08:00, early_late has a day off",
            id="on a day off",
        ),
        pytest.param(
            [(Scenario.rest, ("a1", MONDAY)), (Scenario.leave_day, ("a1", MONDAY))], "", id="on leave"
        ),
    ],
)
def test_a_rotation_says_which_days_are_off_and_when_shifts_start(
    steps: list[tuple[Callable[..., None], tuple[Any, ...]]], told: str
) -> None:
    assert change(*steps) == ([told] if told else [])


def test_outside_employment_a_rotation_asks_for_nothing() -> None:
    scenario = rotation(EARLY)
    scenario.agent("a1", start_date=pd.Timestamp(TUESDAY))
    scenario.rest("a1", MONDAY)
    assert scenario.lines() == []


def test_a_free_date_is_bound_by_nothing() -> None:
    assert rotation(FREE).lines() == []


def test_every_agent_is_in_its_own_week_of_the_rotation() -> None:
    late = EARLY.replace("E", "L")
    assert rotation(EARLY, late).lines() == []
    assert len(rotation(EARLY, late, week=2).lines()) == 5
    assert rotation(late, EARLY, week=2).lines() == []
    shifted = rotation(late, EARLY)  # a week later the second begins
    shifted.patterns["early_late"]["first_week"] = day_after(-7)
    assert shifted.lines() == []


# --- limits of changes ---------------------------------------------------------------------------------


def changed(*starts: str) -> Scenario:
    """The week before is the legal week; now a1 starts otherwise on so many dates."""
    scenario = legal_week()
    for agent_id in ("a1", "a2"):
        for number in range(5):
            scenario.worked(agent_id, day_after(number), standard())
    for number, start in enumerate(starts):
        scenario.work("a1", day_after(number), standard(start))
    return scenario


def test_so_many_shifts_of_an_agent_may_change() -> None:
    scenario = changed("08:30", "08:00", "08:30", "08:30")
    scenario.schedule = {"max_changed_shifts_per_agent": 3}
    assert scenario.lines() == []
    scenario.schedule = {"max_changed_shifts_per_agent": 2}
    assert scenario.lines() == [
        "a1 2026-03-02 max_changed_shifts_per_agent: 3 shifts differ from the roster before, at most 2"
    ]


def test_so_many_shifts_of_all_agents_may_change() -> None:
    scenario = changed("08:30", "08:30")
    scenario.work("a2", FRIDAY, standard("08:30"))
    assert scenario.lines(max_changed_shifts=None) == []
    assert scenario.lines(max_changed_shifts=3) == []
    assert scenario.lines(max_changed_shifts=2) == [
        "roster 2026-03-02 max_changed_shifts: 3 shifts differ from the roster before, at most 2"
    ]
    assert changed("08:30").lines(max_changed_shifts=0) == [
        "roster 2026-03-02 max_changed_shifts: 1 shift differs from the roster before, at most 0"
    ]


def test_without_a_roster_before_nothing_has_changed() -> None:
    scenario = legal_week()
    scenario.schedule = {"max_changed_shifts_per_agent": 0}
    assert scenario.lines(max_changed_shifts=0) == []


def test_breaks_may_move_and_struck_shifts_go() -> None:
    scenario = changed()
    scenario.schedule = {"max_changed_shifts_per_agent": 0}
    scenario.work("a1", MONDAY, standard().replace("10:00 break 10:15", "10:15 break 10:30"))
    scenario.leave_day("a1", FRIDAY)
    scenario.rest("a1", FRIDAY)
    assert scenario.lines(max_changed_shifts=0) == []

"""The bound recomputed from its prices: brute force over all tours, the engine's own bound, false prices."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    fails,
    make_centre,
    run,
    succeeds,
    write,
)
from tests.schedule.small import (
    MONDAY,
    agents_table,
    bumpy_centre,
    config_with,
    requirements_table,
)
from tests.schedule.verify.builder import BERLIN, Scenario, contract, day_after, moment, standard
from tests.schedule.verify.builder import MONDAY as FIRST
from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import DataError
from wfm.localtime import instant
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import PRICES, Verification, minors, verify
from wfm.schedule.verify.bound import lower_bound
from wfm.schedule.verify.break_places import least_lost
from wfm.schedule.verify.breaks import breaks, longest_stretch_h
from wfm.schedule.verify.case import Agent, Case, Horizon, Segment, Shift
from wfm.schedule.verify.cheapest import cheapest_tour
from wfm.schedule.verify.choices import choices
from wfm.schedule.verify.objective import objective
from wfm.schedule.verify.read import Tables, read_case
from wfm.schedule.verify.timeline import Timeline
from wfm.schedule.verify.verification import AGENT_RULES, SHIFT_RULES
from wfm.tables import REQUESTS, ROSTER, TIME_OFF

QUICK = Options(time_limit_s=600, work_limit=0.02, sweeps=4)
START = MONDAY.date()
ORIGIN = instant(datetime.combine(START, datetime.min.time()), BERLIN)
TINY = """
{minors}
[patterns.turns]
first_week = 2026-11-02
weeks = ["{codes}"]
codes = {{ E = "08:00", L = "14:00" }}
[contracts.tiny]
pattern = "turns"
{more}
week_hours = [{hours}]
days_per_week = [{days}]
shift_hours = [4, 5]
shift_step_min = 60
starts = ["08:00-08:00", "14:00-14:00"]
rest_h = {rest}
consecutive_days = {run}
breaks = [{{ minutes = 30, paid = false, from_min = 60, to_min = 180 }}]
break_step_min = 30
"""
OWN_PARTS = ("paid", "overtime", "request", "start_consistency", "changed_shift")
PLAIN = {"minors": "", "codes": "? ? ? ? ? ? ?", "more": "", "hours": "14, 22", "days": "3, 5", "run": "6"}


def prices_of(rows: Sequence[tuple[str, pd.Timestamp, float]]) -> pd.DataFrame:
    return conform(pd.DataFrame(rows, columns=PRICES.names), PRICES)


def case_of(config: Config, agents: pd.DataFrame, requirements: pd.DataFrame, **tables: pd.DataFrame) -> Case:
    return read_case(Tables(empty(ROSTER), agents, requirements, **tables), config, Horizon(START, 1))


def checked(
    result: ScheduleResult, config: Config, agents: pd.DataFrame, requirements: pd.DataFrame, **tables: Any
) -> Verification:
    given: dict[str, Any] = {"summary": result.summary, "proof": result.prices, **tables}
    first = date.fromisoformat(result.summary["first_day"])
    return verify(
        result.roster, agents, requirements, config, first_day=first, weeks=result.summary["weeks"], **given
    )


# --- one tour, against every tour there is ---------------------------------------------------------------


def shifts_on(day: date) -> Iterator[Shift]:
    """Every shift of the tiny contract with every place of its break."""
    for hour, length, after in product((8, 14), (240, 300), range(60, 181, 30)):
        begin = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour)
        marks = [begin + timedelta(minutes=minutes) for minutes in (0, after, after + 30, length)]
        at = [instant(mark, BERLIN) for mark in marks]
        parts = (
            Segment(at[0], at[1], "on_queue", True),
            Segment(at[1], at[2], "break", False),
            Segment(at[2], at[3], "on_queue", True),
        )
        yield Shift(day, "hamburg", at[0], at[3], marks[0], marks[3], parts)


def value(shift: Shift, worth: np.ndarray) -> float:
    spans = [((a - ORIGIN) // timedelta(minutes=1), (b - ORIGIN) // timedelta(minutes=1)) for a, b in
             shift.spans_of("on_queue")]  # fmt: skip
    return sum(float(worth[a:b].sum()) for a, b in spans)


def brute_force(agent: Agent, case: Case, worth: np.ndarray, working: int) -> float:
    """The least of own cost less worth over all tours of the first dates that verify finds legal."""
    intervals = pd.DataFrame({"required": [0.0], "on_queue": [0.0], "understaffed": [0.0]})
    dates, least = case.horizon.dates, math.inf
    best: list[dict[tuple[int, int], Shift]] = []
    for day in dates:  # of shifts with the same times, only the best place of the break matters
        of_day: dict[tuple[int, int], Shift] = {}
        for shift in shifts_on(day):
            alone = replace(agent, shifts=(shift,))
            if [*breaks(alone), *longest_stretch_h(alone), *minors.longest_stretch_h(alone, case)]:
                continue
            key = (shift.local_start.hour, shift.length // timedelta(minutes=1))
            if key not in of_day or value(shift, worth) > value(of_day[key], worth):
                of_day[key] = shift
        best.append(of_day)
    free = [[None, *of_day.values()] for of_day in best[:working]] + [[None]] * (7 - working)
    for tour in product(*free):
        worker = replace(agent, shifts=tuple(shift for shift in tour if shift is not None))
        rules = [rule(worker) for rule in SHIFT_RULES] + [rule(worker, case) for rule in AGENT_RULES]
        if not any(True for broken in rules for _ in broken):
            own = objective(replace(case, agents=(worker,)), intervals).parts
            cost = sum(own[part] for part in OWN_PARTS)
            least = min(least, cost - sum(value(shift, worth) for shift in worker.shifts))
    return least


@pytest.mark.parametrize(
    ("rules", "seed"),
    [
        pytest.param({"hours": "7, 14", "days": "2, 3", "rest": "11"}, 1, id="hours and days"),
        pytest.param({"rest": "15"}, 2, id="long rest"),
        pytest.param({"days": "3, 4", "rest": "11", "run": "2"}, 3, id="short runs"),
        pytest.param({"hours": "0, 40", "days": "0, 5", "rest": "11", "run": "3"}, 4, id="free to stay off"),
        pytest.param({"hours": "0, 12", "rest": "11", "more": "overtime_hours = 6"}, 5, id="overtime"),
        pytest.param(
            {"hours": "0, 9.6", "rest": "11", "more": "overtime_hours = 4.5\novertime_price = 3"},
            6,
            id="dear overtime, hours of no whole shifts",
        ),
        pytest.param({"rest": "11", "more": "day_hours = 4"}, 7, id="short days"),
        pytest.param({"rest": "11", "more": "longest_stretch_h = 2.5"}, 8, id="short stretches"),
        pytest.param(
            {"hours": "7, 22", "days": "1, 5", "rest": "11", "codes": "E L - ? ? ? ?"}, 10, id="a rotation"
        ),
        pytest.param({"rest": "11", "minors": 'night = "18:30-06:00"\nunder_age = 18'}, 10, id="nights"),
        pytest.param({"rest": "11", "minors": "day_hours = 4"}, 11, id="the young: short days"),
        pytest.param({"rest": "11", "minors": "rest_h = 16"}, 16, id="the young: long rest"),
        pytest.param({"rest": "11", "minors": "longest_stretch_h = 3"}, 18, id="the young: stretches"),
        pytest.param(
            {"rest": "11", "minors": "breaks = [{ over_hours = 4, minutes = 45 }]"},
            14,
            id="the young: breaks",
        ),
        pytest.param(
            {"rest": "11", "hours": "7, 30", "minors": "week_hours = 13"}, 16, id="the young: week hours"
        ),
        pytest.param(
            {"rest": "11", "hours": "7, 30", "minors": "days_per_week = 3"}, 17, id="the young: days"
        ),
        pytest.param(
            {
                "rest": "11",
                "hours": "7, 12",
                "more": "overtime_hours = 8",
                "minors": "week_hours = 17\ndays_per_week = 4",
            },
            16,
            id="the young: overtime",
        ),
    ],
)
def test_the_cheapest_tour_is_the_least_of_all_legal_tours(rules, seed):
    terms = {**PLAIN, **rules}
    terms["minors"] = f"[minors]\n{terms['minors']}"
    config = config_with(TINY.format(**terms))
    random = np.random.default_rng(seed)
    wishes = [
        ("a00", MONDAY, "day_off", "", 1.0),
        ("a00", MONDAY + pd.Timedelta(days=2), "prefer_start", "14:00", 2.0),
    ]
    born = pd.Timestamp("2008-11-05")  # of age on Thursday
    person = {"contract": "tiny", "availability": "Mon-Thu 08:00-19:00; Fri 00:00-13:00", "birth_date": born}
    case = case_of(
        config,
        agents_table([person]),
        requirements_table({"billing": [1] * 16}, config),
        requests=conform(pd.DataFrame(wishes, columns=REQUESTS.names), REQUESTS),
    )
    agent, timeline = case.agents[0], Timeline(ORIGIN, 30, 9 * 48)
    worth = np.repeat(random.normal(0.07, 0.1, 9 * 48), 30)
    if terms["days"].startswith("0") and terms["run"] == "3":
        worth[:] = np.abs(worth)  # worth working every day: the run must bind
    working = 5 if seed < 5 else 4  # on the other dates nobody works, so that brute force has few
    worth[working * 1440 :] = -1.0
    expected = brute_force(agent, case, worth, working)
    assert math.isfinite(expected)
    assert cheapest_tour(agent, case, choices(agent, case, timeline, worth)) == pytest.approx(expected)
    if seed > 4:  # each rule matters: without it there is a cheaper tour
        free = config_with(TINY.format(**{**PLAIN, "rest": "11", "hours": terms["hours"], "minors": ""}))
        loose = free.contracts["tiny"].model_copy(
            update={"overtime_hours": 40.0, "overtime_price": 1.0, "pattern": None}
        )
        without = replace(agent, contract=loose, birth_date=None)
        assert cheapest_tour(without, case, choices(without, case, timeline, worth)) < expected - 1e-9


def test_rest_after_the_last_shift_before_the_horizon_is_that_of_the_young():
    """A shift of Sunday, under age, ends at 22:00: with 11 h of rest Monday may begin at 14:00 only."""
    config = config_with(TINY.format(**{**PLAIN, "rest": "9", "minors": "[minors]\nrest_h = 11"}))
    sunday, worth = START - timedelta(days=1), np.zeros(9 * 1440)
    end = instant(datetime.combine(sunday, datetime.min.time()) + timedelta(hours=22), BERLIN)
    segment = Segment(end - timedelta(hours=4), end, "on_queue", True)
    local = datetime.combine(sunday, datetime.min.time()) + timedelta(hours=18)
    before = Shift(sunday, "hamburg", segment.start, end, local, local + timedelta(hours=4), (segment,))
    case = case_of(
        config, agents_table([{"contract": "tiny"}]), requirements_table({"billing": [1] * 16}, config)
    )
    timeline = Timeline(ORIGIN, 30, 9 * 48)
    for born, first in ((date(2008, 11, 2), 14), (date(2008, 11, 1), 8)):  # of age on Monday, on Sunday
        agent = replace(case.agents[0], history=(before,), birth_date=born)
        assert min(choices(agent, case, timeline, worth)[0].clock) == first * 60


@pytest.mark.parametrize("spacing", [0, 75, 120], ids="{} min apart".format)
@pytest.mark.parametrize("stretch", [540, 165, 150, 135], ids="at most {} min".format)
def test_breaks_lose_the_least_worth_in_their_order_and_keep_out_of_leave(spacing, stretch):
    terms = contract(break_step_min=15, break_spacing_min=spacing)
    rule = Scenario(contracts={"full": terms}).config.contracts["full"]
    random, feasible = np.random.default_rng(5), 0
    for length in (480, 510, 540, 480, 510, 540):
        worth = random.normal(1.0, 1.0, 600)
        away = np.zeros(600, dtype=bool)
        away[140:170] = True
        total = np.concatenate([[0.0], np.cumsum(worth)])
        taken = np.concatenate([[0.0], np.cumsum(away)])
        windows = [range(90, 181, 15), range(210, 331, 15), range(345, 451, 15)]
        least = math.inf
        for first, lunch, last in product(*windows):
            spans = [(first, first + 15), (lunch, lunch + 30), (last, last + 15)]
            between = [lunch - first - 15, last - lunch - 30]
            in_order = min(between) >= spacing and last + 15 <= length
            short = max(first, *between, length - last - 15) <= stretch
            if in_order and short and not any(away[a:b].any() for a, b in spans):
                least = min(least, sum(float(worth[a:b].sum()) for a, b in spans))
        found = least_lost(np.array([0]), length, rule, total, taken, stretch)
        assert found[0] == pytest.approx(least)
        feasible += math.isfinite(least)
    assert feasible or stretch == 135 or spacing == 120


# --- the whole bound -----------------------------------------------------------------------------------


def test_without_prices_the_bound_is_what_the_least_paid_hours_cost_as_surplus():
    config = config_with()
    agents = agents_table([{"contract": "short"}, {"contract": "full"}])
    requirements = requirements_table({"billing": [1] * 16}, config)
    bound = lower_bound(case_of(config, agents, requirements), prices_of([]))
    # short: 3 x 4 h without a break; full: 35 h take 5 x 7.5 h, each with 15 min of paid break
    weights = config.schedule.weights
    paid_h, on_queue_h, required_h = 3 * 4 + 5 * 7.5, 3 * 4 + 5 * 7.25, 7 * 8
    surplus = weights.overstaffed * 4 * (on_queue_h - required_h)
    assert bound == pytest.approx(weights.paid * paid_h + surplus)


@pytest.mark.parametrize("seed", [1, 2], ids=["seed 1", "seed 2"])
def test_the_bound_of_a_schedule_is_found_again_from_its_prices(seed):
    config = config_with()
    agents, requirements = bumpy_centre(7, seed, config)
    day, hour = pd.Timedelta(days=1), pd.Timedelta(hours=1)
    off = [
        ("a01", MONDAY + day, MONDAY + 2 * day, "leave", True),
        ("a02", MONDAY + 9 * hour, MONDAY + 11 * hour, "doctor", False),
    ]
    frame = pd.DataFrame(off, columns=TIME_OFF.names)
    for column in ("start", "end"):
        frame[column] = frame[column].dt.tz_localize("Europe/Berlin")
    wishes = [("a03", MONDAY, "day_off", "", 1.0), ("a04", MONDAY, "avoid_shift", "10:00-12:00", 1.0)]
    tables: dict[str, Any] = {
        "time_off": conform(frame, TIME_OFF),
        "requests": conform(pd.DataFrame(wishes, columns=REQUESTS.names), REQUESTS),
    }
    result = schedule(requirements, agents, config, options=QUICK, **tables)
    verdict = checked(result, config, agents, requirements, **tables)
    assert [str(violation) for violation in verdict.violations] == []
    assert verdict.bound is not None
    # the summary caps its bound at the objective
    proven = min(verdict.bound, result.summary["objective"])
    assert proven == pytest.approx(result.summary["bound"], rel=1e-6)


def test_the_bound_is_found_again_behind_a_week_before():
    config = config_with()
    agents, requirements = bumpy_centre(5, 3, config)
    first = schedule(requirements, agents, config, options=QUICK)
    for days in (0, 7):  # a plan to stay near, and a history
        shifted = requirements.assign(interval_start=requirements["interval_start"] + pd.Timedelta(days=days))
        result = schedule(shifted, agents, config, options=QUICK, previous=first.roster)
        verdict = checked(result, config, agents, shifted, previous=first.roster)
        assert verdict.violations == ()
        assert verdict.bound is not None
        assert min(verdict.bound, result.summary["objective"]) == pytest.approx(result.summary["bound"])


DATED = {
    "a1": {"skills": "calls[..2026-03-04];chats", "proficiency": 0.8},
    "a2": {"skills": "calls;chats[2026-03-04..]", "start_date": pd.Timestamp(day_after(-5, FIRST))},
    "a3": {"skills": "chats[2026-03-03..2026-03-05]", "proficiency": 1.25},
}


@pytest.mark.parametrize(
    "people",
    [
        pytest.param({"a1": {"skills": "calls"}, "a2": {"skills": "calls;chats"}}, id="full agents"),
        pytest.param(DATED, id="worth and dated skills"),
    ],
)
def test_no_prices_at_all_lift_the_bound_above_the_cost_of_a_legal_roster(people):
    """Random prices, also absurd ones: a bound is a bound."""
    scenario = Scenario(queues={"calls": {}, "chats": {}})
    scenario.contracts["full"] = contract(week_hours=[35, 39], overtime_hours=1, ramp=[0.4, 0.7])
    for name, cells in people.items():
        scenario.agent(name, **cells)
        for number in range(5):
            scenario.work(name, day_after(number), standard())
    for number in range(5):
        scenario.need("calls", day_after(number), "08:00-16:30", 4)
        scenario.need("chats", day_after(number), "10:00-12:00", 1)
    found = scenario.verify()
    assert found.violations == ()
    starts = found.intervals.loc[found.intervals["required"] > 0, "interval_start"]
    random = np.random.default_rng(8)
    bounds = []
    for scale in (1.0, 5.0, 12.0, 40.0):
        rows = [
            (name, start, float(scale * random.random()))
            for name in ("calls", "chats", "calls;chats")
            for start in starts
        ]
        bound = scenario.verify(proof=prices_of(rows)).bound
        assert bound is not None
        assert bound <= found.objective + 1e-9
        bounds.append(bound)
    assert len(set(bounds)) == len(bounds)


def test_where_nothing_is_free_the_bound_is_the_cost_at_the_prices():
    """Pinned shifts without breaks leave no choice: each agent counts by its worth, as in coverage."""
    scenario = Scenario(queues={"calls": {}, "chats": {}})
    scenario.contracts["full"] = contract(
        breaks=[], week_hours=[0, 42], overtime_hours=1, ramp=[0.4, 0.7], starts=["06:00-14:00"]
    )
    for name, cells in DATED.items():
        scenario.agent(name, **cells)
        for number in range(7):
            if number < 5:
                start, end = ("08:00", "16:30") if number % 2 else ("10:00", "18:30")
                scenario.work(name, day_after(number), f"{start} on_queue {end}")
                scenario.pin(name, day_after(number), start, end)
            else:
                scenario.pin(name, day_after(number), "off")
    for number in range(7):
        scenario.need("chats", day_after(number), "08:00-20:00", 50)
    random = np.random.default_rng(3)
    starts = [row["interval_start"] for row in scenario.needs]
    prices = 10 * random.random(len(starts))  # below the cost of the first missing agent
    rows = [("chats", start, float(price)) for start, price in zip(starts, prices, strict=True)]
    found = scenario.verify(proof=prices_of(rows))
    assert found.violations == ()
    own = sum(found.parts[part] for part in OWN_PARTS)
    assert found.parts["overtime"] > 0
    missing = float((prices * (50 - found.coverage["agents_scheduled"])).sum())
    surplus = 2 * float((found.intervals["on_queue"] - found.intervals["required"]).sum())
    assert found.bound == pytest.approx(own + missing + surplus)


def test_overtime_is_paid_for_also_where_the_week_ends_with_a_shift():
    """Pinned from Thursday to Sunday: 4 x 8.5 h, two of them overtime."""
    scenario = Scenario()
    scenario.contracts["full"] = contract(breaks=[], week_hours=[0, 32], overtime_hours=2)
    scenario.agent("a1")
    for number in range(7):
        day = day_after(number)
        if number > 2:
            scenario.work("a1", day, "08:00 on_queue 16:30")
        scenario.pin("a1", day, *(("08:00", "16:30") if number > 2 else ("off",)))
    found = scenario.verify(proof=prices_of([]))
    assert found.parts["overtime"] == pytest.approx(4 * 0.5 * 2)
    assert found.bound == pytest.approx(found.objective)


ALIKE = {"proficiency": 1.0, "skills": "calls", "birth_date": None, "start_date": None, "pattern_week": 1}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"proficiency": 0.5}, id="proficiency"),
        pytest.param({"start_date": pd.Timestamp(FIRST)}, id="ramp"),
        pytest.param({"skills": "calls[2026-03-05..]"}, id="dates of skills"),
        pytest.param({"birth_date": pd.Timestamp("2009-01-01")}, id="age"),
        pytest.param({"pattern_week": 2}, id="week of the rotation"),
        pytest.param({"week_hours_max": 38}, id="own hours"),
    ],
)
def test_only_agents_that_are_alike_are_solved_once(other):
    """The bound of two is the sum of the bounds of each."""

    def bound_of(*people: dict[str, Any]) -> float:
        scenario = Scenario(minors={"week_hours": 36})
        scenario.patterns["turns"] = {"first_week": FIRST, "weeks": ["? - ? ? ? ? ?", "? ? ? ? ? - -"]}
        scenario.contracts["full"] = contract(week_hours=[16, 40], days_per_week=[2, 5], ramp=[0.25])
        scenario.contracts["full"]["pattern"] = "turns"
        for number, cells in enumerate(people):
            scenario.agent(f"a{number}", **{**ALIKE, **cells})
        starts = [
            instant(datetime.combine(day_after(n, FIRST), datetime.min.time()), BERLIN) for n in range(7)
        ]
        rows = [
            ("calls", pd.Timestamp(start + timedelta(minutes=15 * number)), 9.0 - day)
            for day, start in enumerate(starts)
            for number in range(96)
        ]
        found = scenario.verify(proof=prices_of(rows)).bound
        assert found is not None
        return found

    one, two = bound_of({}), bound_of(other)
    assert one != pytest.approx(two)
    assert bound_of({}, other) == pytest.approx(one + two)


def test_an_interval_across_midnight_is_worth_what_it_is_on_its_first_date():
    """In Adelaide, half an hour beside the grid: 23:30-00:30 is still Monday, without the skill."""
    scenario = Scenario(
        centre={"timezone": BERLIN, "interval_min": 60},
        sites={"adelaide": {"timezone": "Australia/Adelaide"}},
    )
    scenario.contracts["full"] = contract(breaks=[], starts=["22:30"], shift_hours=[8, 8], week_hours=[0, 40])
    scenario.contracts["full"]["days_per_week"] = [0, 5]
    scenario.agent("a1", site="adelaide", skills="calls[2026-03-03..]")
    scenario.pin("a1", FIRST, "22:30", "06:30")
    for number in range(1, 7):
        scenario.pin("a1", day_after(number), "off")
    scenario.work("a1", FIRST, "22:30 on_queue 06:30")
    begin = moment(FIRST, "22:30", "Australia/Adelaide")
    for number in range(8):
        start = begin + timedelta(hours=number)
        scenario.needs.append({"queue": "calls", "interval_start": start, "agents_to_schedule": 1})
    rows = [("calls", row["interval_start"], 10.0) for row in scenario.needs]
    found = scenario.verify(proof=prices_of(rows))
    covered = found.coverage["agents_scheduled"].tolist()
    assert covered == [0, 0, 1, 1, 1, 1, 1, 1]
    assert found.bound == pytest.approx(found.parts["paid"] + 10.0 * 2)  # A = R: nothing is surplus in sum


@pytest.mark.parametrize(
    ("skills", "bound"),
    [
        pytest.param("calls;chats", 20 - 4 - 8**2 * 2 / 40, id="at one time"),
        pytest.param("calls[..2026-03-02];chats[2026-03-03..]", 20 - 4, id="one after the other"),
        pytest.param("calls;chats[2026-03-03..]", 20 - 4, id="not yet"),
        pytest.param("calls;chats[2026-03-02..]", 20 - 4 - 8**2 * 2 / 40, id="from that date on"),
    ],
)
def test_queues_are_linked_by_what_an_agent_serves_at_one_time(skills, bound):
    """Prices of 10 and 10: only where one agent could take both do they exceed the first missing one's 12."""
    scenario = Scenario()
    scenario.agent("gone", skills=skills, end_date=pd.Timestamp(day_after(-1, FIRST)))
    for queue in ("calls", "chats"):
        scenario.need(queue, FIRST, "09:00-09:15", 1)
    start = scenario.needs[0]["interval_start"]
    found = scenario.verify(proof=prices_of([("calls", start, 10.0), ("chats", start, 10.0)]))
    assert found.bound == pytest.approx(bound)


def test_a_night_before_the_horizon_serves_its_first_morning():
    sunday, bounds = day_after(-1, FIRST), []
    night = "22:00 on_queue 24:00 break 24:15 on_queue 28:00 lunch- 28:30 on_queue 30:00"
    for worked in (False, True):
        scenario = Scenario()
        scenario.agent("gone", end_date=pd.Timestamp(sunday))
        scenario.need("calls", FIRST, "00:00-06:00", 1)
        if worked:
            scenario.worked("gone", sunday, night)
        starts = pd.DatetimeIndex([row["interval_start"] for row in scenario.needs])
        proof = prices_of([("calls", start, 3.0) for start in starts])
        bound = scenario.verify(proof=proof).bound
        assert bound is not None
        bounds.append(bound)
    surplus_cost = Scenario().config.schedule.weights.overstaffed
    assert bounds[0] == pytest.approx(24 * (3.0 - surplus_cost))
    on_queue = 24 - 3  # intervals: 15 min of break and 30 min of lunch after midnight
    assert bounds[1] == pytest.approx(bounds[0] - on_queue * (3.0 - surplus_cost))


# --- proofs that do not hold ---------------------------------------------------------------------------


def solved() -> tuple[ScheduleResult, Config, pd.DataFrame, pd.DataFrame]:
    config = config_with()
    agents, requirements = bumpy_centre(6, 1, config)
    return schedule(requirements, agents, config, options=QUICK), config, agents, requirements


def test_false_prices_prove_less_and_are_found():
    result, config, agents, requirements = solved()
    assert result.summary["bound"] < result.summary["objective"]
    price = result.prices["price"]
    for false in (result.prices.assign(price=price * 10), result.prices.assign(price=price + 50)):
        verdict = checked(replace(result, prices=false), config, agents, requirements)
        assert verdict.bound is not None
        assert verdict.bound < result.summary["bound"] * (1 - 1e-5)
        [line] = [str(violation) for violation in verdict.violations]
        assert line.startswith(f"summary {START} objective: bound ")
        assert f"{verdict.bound:.10g}" in line


def test_a_bound_above_the_one_of_the_prices_is_found():
    result, config, agents, requirements = solved()
    boast = (result.summary["bound"] + result.summary["objective"]) / 2
    gap = (result.summary["objective"] - boast) / result.summary["objective"]
    summary = {**result.summary, "bound": boast, "gap": gap}
    del summary["gap_h"]  # it follows from the bound, and is judged by itself
    verdict = checked(replace(result, summary=summary), config, agents, requirements)
    [line] = [str(violation) for violation in verdict.violations]
    assert f"bound {boast:.10g}, the prices of the proof give only" in line


@pytest.mark.parametrize(
    ("queues", "start", "price", "words"),
    [
        pytest.param("billing;sales", 8.0, 1.0, "unknown queue", id="unknown queue"),
        pytest.param("billing", 8.25, 1.0, "no interval of the horizon", id="between two intervals"),
        pytest.param("billing", 24.0 * 30, 1.0, "no interval of the horizon", id="after the horizon"),
        pytest.param("billing", 8.0, -1.0, "below 0", id="negative price"),
    ],
)
def test_prices_that_cannot_be_read_are_data_faults(queues, start, price, words):
    config = config_with()
    case = case_of(config, agents_table([{}]), requirements_table({"billing": [1] * 16}, config))
    moment = (MONDAY + pd.Timedelta(hours=start)).tz_localize("Europe/Berlin")
    table = prices_of([(queues, moment, 0.0)]).assign(price=price)
    with pytest.raises(DataError, match=words):
        lower_bound(case, table)


# --- the command ---------------------------------------------------------------------------------------


def test_the_command_proves_the_bound_of_its_files_and_refuses_false_ones(tmp_path, monkeypatch):
    make_centre(tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in (FORECAST_COMMAND, STAFF_COMMAND):
        succeeds(*command)
    files = ("--summary", "summary.json", "--proof", "proof.csv")
    succeeds(*SCHEDULE_COMMAND, *files)
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    outcome = succeeds(*VERIFY_COMMAND, *files, "--json")
    found = json.loads(outcome.out)["bound_recomputed"]
    assert min(found, summary["objective"]) == pytest.approx(summary["bound"], rel=1e-6)
    assert f"bound: {found:.6f} recomputed from the prices (summary says {summary['bound']})" in outcome.err
    header, first, *rows = Path("proof.csv").read_text(encoding="utf-8").splitlines()
    queues, start, _ = first.split(",")
    write("proof.csv", "\n".join([header, f"{queues},{start},100000", *rows, ""]))
    outcome = run(*VERIFY_COMMAND, *files)
    assert outcome.code == 5
    assert len(outcome.out.splitlines()) == 1
    for false, word in ((f"sales,{start},1", "sales"), (f"{queues},{start},-1", "-1")):
        write("proof.csv", "\n".join([header, false, *rows, ""]))
        assert word in fails(4, *VERIFY_COMMAND, *files)

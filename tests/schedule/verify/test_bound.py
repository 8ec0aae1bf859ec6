"""The bound recomputed from its prices: by hand, and as the engine found it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import (
    MONDAY,
    ONE_CHOICE,
    agents_table,
    bumpy_centre,
    config_with,
    requirements_table,
)
from tests.schedule.verify.builder import BERLIN, Scenario, contract, day_after, moment, standard
from tests.schedule.verify.builder import MONDAY as FIRST
from wfm.config import Config
from wfm.conform import conform, empty
from wfm.localtime import instant
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import PRICES, Verification, verify
from wfm.schedule.verify.bound import lower_bound
from wfm.schedule.verify.case import Case, Horizon
from wfm.schedule.verify.read import Tables, read_case
from wfm.tables import REQUESTS, ROSTER, TIME_OFF

QUICK = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=4)
START = MONDAY.date()
OWN_PARTS = ("paid", "overtime", "request", "start_consistency", "changed_shift")


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

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
from tests.schedule.verify.builder import BERLIN, Scenario, contract, day_after, standard
from tests.schedule.verify.builder import MONDAY as FIRST
from wfm.config import Config
from wfm.conform import conform, empty
from wfm.errors import DataError
from wfm.localtime import instant
from wfm.schedule.options import Options
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import PRICES, Verification, verify
from wfm.schedule.verify.bound import lower_bound
from wfm.schedule.verify.breaks import breaks
from wfm.schedule.verify.case import Agent, Case, Horizon, Segment, Shift
from wfm.schedule.verify.cheapest import cheapest_tour
from wfm.schedule.verify.choices import Timeline, choices, least_lost
from wfm.schedule.verify.objective import objective
from wfm.schedule.verify.read import Tables, read_case
from wfm.schedule.verify.verification import AGENT_RULES, SHIFT_RULES
from wfm.tables import REQUESTS, ROSTER, TIME_OFF

QUICK = Options(time_limit_s=600, work_limit=0.02, sweeps=4)
START = MONDAY.date()
ORIGIN = instant(datetime.combine(START, datetime.min.time()), BERLIN)
TINY = """
[contracts.tiny]
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


def brute_force(agent: Agent, case: Case, worth: np.ndarray) -> float:
    """The least of own cost less worth over all tours that verify finds legal."""
    intervals = pd.DataFrame({"required": [0.0], "on_queue": [0.0], "understaffed": [0.0]})
    dates, least = case.horizon.dates, math.inf
    best: list[dict[tuple[int, int], Shift]] = []
    for day in dates:  # of shifts with the same times, only the best place of the break matters
        of_day: dict[tuple[int, int], Shift] = {}
        for shift in shifts_on(day):
            if list(breaks(replace(agent, shifts=(shift,)))):
                continue
            key = (shift.local_start.hour, shift.length // timedelta(minutes=1))
            if key not in of_day or value(shift, worth) > value(of_day[key], worth):
                of_day[key] = shift
        best.append(of_day)
    free = [[None, *of_day.values()] for of_day in best[:5]] + [[None], [None]]
    for tour in product(*free):
        worker = replace(agent, shifts=tuple(shift for shift in tour if shift is not None))
        rules = [rule(worker) for rule in SHIFT_RULES] + [rule(worker, case) for rule in AGENT_RULES]
        if not any(True for broken in rules for _ in broken):
            own = objective(replace(case, agents=(worker,)), intervals).parts
            cost = sum(own[part] for part in ("paid", "request", "start_consistency", "changed_shift"))
            least = min(least, cost - sum(value(shift, worth) for shift in worker.shifts))
    return least


@pytest.mark.parametrize(
    ("rules", "seed"),
    [
        pytest.param({"hours": "7, 14", "days": "2, 3", "rest": "11", "run": "6"}, 1, id="hours and days"),
        pytest.param({"hours": "14, 22", "days": "3, 5", "rest": "15", "run": "6"}, 2, id="long rest"),
        pytest.param({"hours": "14, 22", "days": "3, 4", "rest": "11", "run": "2"}, 3, id="short runs"),
        pytest.param({"hours": "0, 40", "days": "0, 5", "rest": "11", "run": "3"}, 4, id="free to stay off"),
    ],
)
def test_the_cheapest_tour_is_the_least_of_all_legal_tours(rules, seed):
    config = config_with(TINY.format(**rules))
    random = np.random.default_rng(seed)
    wishes = [
        ("a00", MONDAY, "day_off", "", 1.0),
        ("a00", MONDAY + pd.Timedelta(days=2), "prefer_start", "14:00", 2.0),
    ]
    case = case_of(
        config,
        agents_table([{"contract": "tiny", "availability": "Mon-Thu 08:00-19:00; Fri 00:00-13:00"}]),
        requirements_table({"billing": [1] * 16}, config),
        requests=conform(pd.DataFrame(wishes, columns=REQUESTS.names), REQUESTS),
    )
    agent, timeline = case.agents[0], Timeline(ORIGIN, 30, 9 * 48)
    worth = np.repeat(random.normal(0.07, 0.1, 9 * 48), 30)
    worth[5 * 1440 :] = -1.0  # nobody works on the weekend, so that brute force has five dates only
    if rules["days"].startswith("0") and rules["run"] == "3":
        worth[:] = np.abs(worth)  # worth working every day: the run must bind
        worth[5 * 1440 :] = -1.0
    expected = brute_force(agent, case, worth)
    assert math.isfinite(expected)
    assert cheapest_tour(agent, case, choices(agent, case, timeline, worth)) == pytest.approx(expected)


def test_breaks_lose_the_least_worth_in_their_order_and_keep_out_of_leave():
    rule = Scenario(contracts={"full": contract(break_step_min=15)}).config.contracts["full"]
    random = np.random.default_rng(5)
    for length in (480, 510, 540):
        worth = random.normal(1.0, 1.0, 600)
        away = np.zeros(600, dtype=bool)
        away[100:160] = True
        total = np.concatenate([[0.0], np.cumsum(worth)])
        taken = np.concatenate([[0.0], np.cumsum(away)])
        windows = [range(90, 181, 15), range(210, 331, 15), range(345, 451, 15)]
        least = math.inf
        for first, lunch, last in product(*windows):
            spans = [(first, first + 15), (lunch, lunch + 30), (last, last + 15)]
            in_order = first + 15 <= lunch and lunch + 30 <= last and last + 15 <= length
            if in_order and not any(away[a:b].any() for a, b in spans):
                least = min(least, sum(float(worth[a:b].sum()) for a, b in spans))
        found = least_lost(np.array([0]), length, rule, total, taken)
        assert found[0] == pytest.approx(least)


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


def test_no_prices_at_all_lift_the_bound_above_the_cost_of_a_legal_roster():
    """Random prices, also absurd ones: a bound is a bound."""
    scenario = Scenario(queues={"calls": {}, "chats": {}})
    for name, skills in (("a1", "calls"), ("a2", "calls;chats")):
        scenario.agent(name, skills=skills)
        for number in range(5):
            scenario.work(name, day_after(number), standard())
    for number in range(5):
        scenario.need("calls", day_after(number), "08:00-16:30", 4)
        scenario.need("chats", day_after(number), "10:00-12:00", 1)
    found = scenario.verify()
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

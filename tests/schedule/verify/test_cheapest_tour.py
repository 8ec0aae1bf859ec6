"""The cheapest tour of an agent at any worth of its time, against every tour there is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import chain, product

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import (
    MONDAY,
    agents_table,
    config_with,
    requirements_table,
)
from tests.schedule.verify.builder import BERLIN, Scenario, contract
from tests.schedule.verify.test_bound import OWN_PARTS, START, case_of
from wfm.conform import conform
from wfm.localtime import instant
from wfm.schedule.verify import minors
from wfm.schedule.verify.break_places import least_lost
from wfm.schedule.verify.breaks import breaks, longest_stretch_h
from wfm.schedule.verify.case import Agent, Case, Segment, Shift
from wfm.schedule.verify.cheapest import cheapest_tour
from wfm.schedule.verify.choices import choices
from wfm.schedule.verify.objective import objective
from wfm.schedule.verify.timeline import Timeline
from wfm.schedule.verify.verification import AGENT_RULES, SHIFT_RULES
from wfm.tables import REQUESTS

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
PLAIN = {"minors": "", "codes": "? ? ? ? ? ? ?", "more": "", "hours": "14, 22", "days": "3, 5", "run": "6"}


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


def floor_of(shift: Shift, case: Case, worth: np.ndarray) -> float:
    """Return the least that a shift adds to a tour: no part of its cost is negative, and its work is paid."""
    hours = sum((b - a) / timedelta(hours=1) for a, b in shift.spans_of("on_queue"))
    return case.config.schedule.weights.paid * hours - value(shift, worth)


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
    tours = [tuple(shift for shift in tour if shift is not None) for tour in product(*free)]
    floors = [sum(floor_of(shift, case, worth) for shift in tour) for tour in tours]
    for floor, tour in sorted(zip(floors, tours, strict=True), key=lambda one: one[0]):
        if floor >= least:  # the tours that are left cost more
            break
        worker = replace(agent, shifts=tour)
        rules = chain((rule(worker) for rule in SHIFT_RULES), (rule(worker, case) for rule in AGENT_RULES))
        if not any(True for broken in rules for _ in broken):
            own = objective(replace(case, agents=(worker,)), intervals).parts
            cost = sum(own[part] for part in OWN_PARTS)
            least = min(least, cost - sum(value(shift, worth) for shift in tour))
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

"""The best tour over several weeks under a limit of dates in a row is that of trying every tour."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
import pytest

from wfm.schedule.tour import INF, LEGAL, OFF, best_tour, week_states

UNITS = np.array([4, 6])
LENGTH = np.array([240, 360])  # one start, two lengths: type 0 and 1
DAY_MIN = 1440
DAYS = 9  # two days of a second week
ALL = np.array(list(product((OFF, 0, 1), repeat=DAYS)), dtype=np.int64)  # every tour


@dataclass(frozen=True)
class Rules:
    """What binds a tour besides the costs; the bounds are per week."""

    run_limit: int
    run_before: int = 0
    days: tuple[tuple[int, int], ...] = ((2, 5), (0, 2))
    units: tuple[tuple[int, int], ...] = ((8, 26), (0, 10))
    rest: int = 600
    least_run: int = 1
    start_free: tuple[int, ...] = ()
    end_free: tuple[int, ...] = ()
    ordinary: tuple[float, float] = (99.0, 99.0)
    overtime_cost: float = 0.0

    def flags(self, days: tuple[int, ...]) -> np.ndarray:
        """Return which dates are among these."""
        flags: np.ndarray = np.isin(np.arange(DAYS), days)
        return flags


def found(cost: np.ndarray, off_cost: np.ndarray, rules: Rules) -> tuple[float, np.ndarray]:
    """Return the value and the tour of the programme."""
    begin = (np.arange(DAYS) * DAY_MIN + 480)[:, None]
    least_days, most_days = np.array(rules.days, dtype=np.int64).T.copy()
    least_units, most_units = np.array(rules.units, dtype=np.int64).T.copy()
    states = week_states(UNITS, int(most_days.max()), int(most_units.max()))
    tour = np.full(DAYS, -9, dtype=np.int64)
    value = best_tour(
        cost, off_cost, begin, LENGTH, np.tile([0, 1], (DAYS, 1)), np.array([0]), np.array([1]),
        np.tile([0, 1], (DAYS, 1)), *states, int(UNITS[-1]), least_days, most_days, least_units, most_units,
        np.array(rules.ordinary), rules.overtime_cost, np.full(DAYS, rules.rest), rules.run_limit,
        rules.run_before, rules.least_run, rules.flags(rules.start_free), rules.flags(rules.end_free), 0.0,
        tour,
    )  # fmt: skip
    return value, tour


def legal_tours(rules: Rules) -> np.ndarray:
    """Return every tour that keeps the rules."""
    kept = np.ones(len(ALL), dtype=bool)
    for week, ((least, most), (low, high)) in enumerate(zip(rules.days, rules.units, strict=True)):
        part = ALL[:, 7 * week : 7 * week + 7]
        worked, paid = (part != OFF).sum(axis=1), np.array([*UNITS, 0])[part].sum(axis=1)
        kept &= (least <= worked) & (worked <= most) & (low <= paid) & (paid <= high)
    run = np.full(len(ALL), rules.run_before)
    for day in range(DAYS):
        run = np.where(ALL[:, day] == OFF, 0, run + 1)
        kept &= (run <= rules.run_limit) | (rules.run_limit == 0)
        if day:
            both = (ALL[:, day - 1] != OFF) & (ALL[:, day] != OFF)
            kept &= ~both | (DAY_MIN - LENGTH[ALL[:, day - 1]] >= rules.rest)
    tours: np.ndarray = ALL[kept & np.array([_long_enough(tour, rules) for tour in ALL], dtype=bool)]
    return tours


def _long_enough(tour: np.ndarray, rules: Rules) -> bool:
    """Return whether no run that has ended is too short, but where it may be."""
    if rules.least_run <= 1:
        return True
    run, start = rules.run_before, 0
    for day, kind in enumerate(tour):
        if kind != OFF:
            start = day if run == 0 else start
            run += 1
            continue
        excused = day in rules.end_free or start in rules.start_free
        if 0 < run < rules.least_run and not excused:
            return False
        run = 0
    return True


def overtime(tours: np.ndarray, rules: Rules) -> np.ndarray:
    """Return what the hours beyond the ordinary ones cost more."""
    total = np.zeros(len(tours))
    for week, ordinary in enumerate(rules.ordinary):
        paid = np.array([*UNITS, 0])[tours[:, 7 * week : 7 * week + 7]].sum(axis=1)
        total += rules.overtime_cost * np.maximum(0.0, paid - ordinary)
    return total


def costs_of_tours(tours: np.ndarray, cost: np.ndarray, off_cost: np.ndarray) -> np.ndarray:
    """Return what each tour costs; INF where a date forbids it."""
    table = np.column_stack([cost, off_cost])  # OFF is -1: the last column
    costs: np.ndarray = table[np.arange(DAYS), tours].sum(axis=1)
    return costs


def check(cost: np.ndarray, off_cost: np.ndarray, rules: Rules) -> np.ndarray:
    """Assert that the programme finds the least cost, by a legal tour; return the tour."""
    tours = legal_tours(rules)
    least = (costs_of_tours(tours, cost, off_cost) + overtime(tours, rules)).min(initial=INF)
    value, tour = found(cost, off_cost, rules)
    if least >= LEGAL:
        assert value >= LEGAL
        return tour
    assert value == pytest.approx(least, abs=1e-9)
    assert (tours == tour).all(axis=1).any()
    costs = costs_of_tours(tour[None], cost, off_cost) + overtime(tour[None], rules)
    assert costs[0] == pytest.approx(value, abs=1e-9)
    return tour


@pytest.mark.parametrize("run_before", [0, 1, 2])
@pytest.mark.parametrize("least_run", [2, 3])
@pytest.mark.parametrize("free", [((), ()), ((0, 4), (2, 6))], ids=["strict", "excused"])
def test_no_run_ends_too_early_and_the_best_tour_is_the_best_of_all(least_run, run_before, free):
    random = np.random.default_rng([least_run, run_before])
    for _ in range(6):
        cost, off_cost = random.normal(0.0, 2.0, (DAYS, 2)), random.normal(0.0, 1.0, DAYS)
        off_cost[random.random(DAYS) < 0.1] = INF
        rules = Rules(4, run_before, least_run=least_run, start_free=free[0], end_free=free[1])
        check(cost, off_cost, rules)


@pytest.mark.parametrize("ordinary", [(10.0, 4.0), (16.0, 7.5), (0.0, 99.0)])
def test_hours_beyond_the_ordinary_ones_cost_their_price(ordinary):
    random = np.random.default_rng(7)
    for price in (0.0, 0.2, 5.0):
        cost, off_cost = random.normal(-1.0, 2.0, (DAYS, 2)), random.normal(0.0, 1.0, DAYS)
        check(cost, off_cost, Rules(0, ordinary=ordinary, overtime_cost=price))


@pytest.mark.parametrize("run_before", [0, 1, 3])
@pytest.mark.parametrize("run_limit", [0, 1, 2, 3])
def test_under_a_limit_of_dates_in_a_row_the_best_tour_is_the_best_of_all(run_limit, run_before):
    random = np.random.default_rng([run_limit, run_before])
    for _ in range(8):
        cost, off_cost = random.normal(0.0, 2.0, (DAYS, 2)), random.normal(0.0, 1.0, DAYS)
        cost[random.random(cost.shape) < 0.1] = INF
        off_cost[random.random(DAYS) < 0.1] = INF
        check(cost, off_cost, Rules(run_limit, run_before))
        check(cost, off_cost, Rules(run_limit, run_before, rest=1200))  # none the day after the longer shift


def test_equal_costs_leave_a_legal_tour_whichever_run_is_kept():
    for run_limit, run_before in product((1, 2, 3), (0, 2)):
        check(np.zeros((DAYS, 2)), np.zeros(DAYS), Rules(run_limit, run_before))
        check(np.full((DAYS, 2), -1.0), np.zeros(DAYS), Rules(run_limit, run_before))


@pytest.mark.parametrize(
    ("first_days", "worked_early"),
    [
        pytest.param((-5.0, -5.0, 0.0), (True, True), id="the longer run is cheaper"),
        pytest.param((9.0, -5.0, -5.0), (False, True), id="the shorter run is cheaper"),
    ],
)
def test_of_two_runs_to_one_date_the_one_that_pays_stays(first_days, worked_early):
    cost = np.full((DAYS, 2), 3.0)
    cost[: len(first_days), 0] = first_days
    rules = Rules(2, days=((2, 3), (0, 2)), units=((8, 18), (0, 10)))
    tour = check(cost, np.zeros(DAYS), rules)
    assert tuple((tour[:2] != OFF).tolist()) == worked_early


def test_a_run_goes_on_over_the_border_of_the_weeks():
    cost = np.full((DAYS, 2), 1.0)
    cost[5:, 0] = -5.0  # Saturday to Tuesday
    for run_limit in (1, 2, 3):
        tour = check(cost, np.zeros(DAYS), Rules(run_limit))
        assert not (tour[5:] != OFF).all()

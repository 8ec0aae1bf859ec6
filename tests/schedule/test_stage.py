"""The stage: every roster passes the independent verification, and its bound is a bound."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pandas as pd
import pytest

from tests.schedule.small import (
    MONDAY,
    ONE_CHOICE,
    agents_table,
    bumpy_centre,
    config_with,
    problem_of,
    requirements_table,
)
from wfm.conform import conform
from wfm.errors import ConfigError, DataError, LimitError, RuleError
from wfm.schedule.bound import Relaxation, climb
from wfm.schedule.build import build_agent
from wfm.schedule.goals import own_cost
from wfm.schedule.options import Options, Progress
from wfm.schedule.search import Search
from wfm.schedule.solver import Tour
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import PINS, REQUESTS, TIME_OFF

QUICK = Options(time_limit_s=600, work_limit=ONE_CHOICE, sweeps=10)


def planned(config, agents, requirements, *, options=QUICK, first_day=None, **tables):
    """Return a result whose roster the independent verification accepts."""
    result = schedule(requirements, agents, config, options=options, first_day=first_day, **tables)
    first = date.fromisoformat(result.summary["first_day"])
    verdict = verify(
        result.roster,
        agents,
        requirements,
        config,
        first_day=first,
        weeks=result.summary["weeks"],
        summary=result.summary,
        **tables,
    )
    assert [str(violation) for violation in verdict.violations] == []
    assert verdict.objective == pytest.approx(result.summary["objective"])
    pd.testing.assert_series_equal(
        result.coverage.groupby("interval_start")["agents_scheduled"].sum(),
        verdict.coverage.groupby("interval_start")["agents_scheduled"].sum(),
    )
    return result


@pytest.mark.parametrize("seed", [1, 2], ids=["seed 1", "seed 2"])
def test_a_roster_of_two_sites_passes_verification_and_lies_above_its_bound(seed):
    config = config_with()
    agents, requirements = bumpy_centre(14, seed, config)
    many_choices = replace(QUICK, work_limit=0.03)
    summary = planned(config, agents, requirements, options=many_choices).summary
    assert summary["bound"] <= summary["objective"]
    assert 0 <= summary["gap"] < 0.25
    assert summary["gap"] == pytest.approx(
        (summary["objective"] - summary["bound"]) / max(1, abs(summary["objective"]))
    )
    assert sum(summary["parts"].values()) == pytest.approx(summary["objective"])


def test_the_bound_never_exceeds_the_best_of_all_rosters():
    text = """
[contracts.tiny]
week_hours = [4, 10]
days_per_week = [1, 2]
shift_hours = [4, 5]
shift_step_min = 60
starts = ["08:00", "11:00"]
"""
    config = config_with(text, hours='"Mon-Wed 08:00-16:00"')
    agents = agents_table(
        [
            {"contract": "tiny", "skills": s, "availability": "Mon-Wed" + " 00:00-24:00"}
            for s in ("billing", "billing;tech")
        ]
    )
    curves = {"billing": [1, 1, 2, 2, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0], "tech": [0] * 8 + [1] * 8}
    requirements = requirements_table(curves, config)
    requirements = requirements[
        requirements["interval_start"] < (MONDAY + pd.Timedelta(days=3)).tz_localize("Europe/Berlin")
    ]
    result = planned(config, agents, requirements.reset_index(drop=True))
    problem = problem_of(config, agents, requirements.reset_index(drop=True))
    built = [build_agent(problem, index) for index in range(2)]
    best = least_objective(problem, built)
    assert result.summary["bound"] <= best + 1e-9
    assert result.summary["objective"] >= best - 1e-9
    assert result.summary["objective"] == pytest.approx(best, rel=0.02)


def least_objective(problem, built) -> float:
    """Return the least objective over every pair of legal tours (no breaks in the contract)."""
    search = Search(problem, built, 1)
    tours = []
    for agent in built:
        legal = []
        for types in product(range(-1, agent.static.shape[1]), repeat=3):
            full = np.array([*types, -1, -1, -1, -1])
            worked = np.flatnonzero(full >= 0)
            if not (agent.static[worked, full[worked]] < 1e14).all():
                continue
            units = agent.class_units[agent.paid_class[worked, full[worked]]].sum()
            bounds = agent.bounds
            if not bounds.least_days[0] <= len(worked) <= bounds.most_days[0]:
                continue
            if bounds.least_units[0] <= units <= bounds.most_units[0]:
                unpopular = int(agent.shifts.unpopular[worked, full[worked]].sum())
                no_breaks = np.zeros((7, 1), dtype=np.int64)
                legal.append(Tour(full, no_breaks, own_cost(agent, full), unpopular))
        tours.append(legal)
    best = np.inf
    for first, second in product(*tours):
        search.state.put(0, first)
        search.state.put(1, second)
        best = min(best, search.state.objective())
        search.state.take(0)
        search.state.take(1)
    return float(best)


def test_any_prices_give_a_bound_below_any_roster():
    config = config_with()
    agents, requirements = bumpy_centre(8, 3, config)
    objective = planned(config, agents, requirements).summary["objective"]
    problem = problem_of(config, agents, requirements)
    built = [build_agent(problem, index) for index in range(len(problem.facts))]
    relaxation = Relaxation(problem, built, Search(problem, built, 1).state)
    random = np.random.default_rng(5)
    for size in (0.0, 0.5, 3.0, 20.0, 60.0):
        prices = size * random.random(problem.cuts.required.shape) * (problem.required > 0)
        assert relaxation.value(prices)[0] <= objective + 1e-6


def test_climbing_never_loses_the_best_prices():
    config = config_with()
    agents, requirements = bumpy_centre(6, 4, config)
    problem = problem_of(config, agents, requirements)
    built = [build_agent(problem, index) for index in range(len(problem.facts))]
    relaxation = Relaxation(problem, built, Search(problem, built, 1).state)
    found = climb(relaxation, np.zeros_like(problem.cuts.required), 30)
    assert found.value >= relaxation.value(np.zeros_like(problem.cuts.required))[0]
    assert relaxation.value(found.prices)[0] == pytest.approx(found.value)


def test_same_seed_same_roster_and_another_seed_may_differ():
    config = config_with()
    agents, requirements = bumpy_centre(8, 5, config)
    first = schedule(requirements, agents, config, options=QUICK)
    again = schedule(requirements.sample(frac=1, random_state=1), agents, config, options=QUICK)
    pd.testing.assert_frame_equal(first.roster, again.roster)
    assert first.summary["bound"] == again.summary["bound"]


def test_leave_requests_and_pins_are_kept():
    config = config_with()
    agents, requirements = bumpy_centre(10, 6, config)
    agents["contract"] = "full"
    ids = list(agents["agent_id"])
    time_off = pd.DataFrame(
        [
            (ids[0], "2026-11-03T00:00:00+01:00", "2026-11-05T00:00:00+01:00", "leave", "true"),
            (ids[1], "2026-11-04T10:10:00+01:00", "2026-11-04T12:00:00+01:00", "doctor", "true"),
            (ids[2], "2026-11-02T00:00:00+01:00", "2026-11-09T00:00:00+01:00", "leave", "false"),
        ],
        columns=TIME_OFF.names,
    )
    requests = pd.DataFrame(
        [
            (ids[3], "2026-11-03", "day_off", "", 9.0),
            (ids[4], "2026-11-04", "prefer_start", "09:00", 2.0),
            (ids[5], "2026-11-05", "avoid_shift", "15:00-23:00", 1.0),
            (ids[6], "2026-11-06", "prefer_shift", "07:00-17:00", 1.0),
        ],
        columns=REQUESTS.names,
    )
    pins = pd.DataFrame(
        [(ids[7], "2026-11-04", "off", ""), (ids[8], "2026-11-04", "09:30", "18:00")], columns=PINS.names
    )
    tables = {
        "time_off": conform(time_off, TIME_OFF),
        "requests": conform(requests, REQUESTS),
        "pins": conform(pins, PINS),
    }
    roster = planned(config, agents, requirements, **tables).roster
    on = roster.groupby(["agent_id", roster["shift_date"].dt.strftime("%m-%d")]).agg(
        start=("start", "min"), end=("end", "max")
    )
    assert (ids[0], "11-03") not in on.index
    assert ids[2] not in roster["agent_id"].to_numpy()
    assert (ids[3], "11-03") not in on.index
    assert (ids[7], "11-04") not in on.index
    zone = config.sites[agents.set_index("agent_id").loc[ids[8], "site"]].timezone
    assert on.loc[(ids[8], "11-04"), "start"].tz_convert(zone).strftime("%H:%M") == "09:30"
    assert on.loc[(ids[8], "11-04"), "end"].tz_convert(zone).strftime("%H:%M") == "18:00"


def test_the_next_week_keeps_the_rules_across_the_border_and_a_new_plan_stays_near():
    config = config_with()
    agents, requirements = bumpy_centre(8, 7, config)
    first = planned(config, agents, requirements)
    later = requirements.assign(interval_start=requirements["interval_start"] + pd.Timedelta(days=7))
    planned(config, agents, later, previous=first.roster)
    again = planned(
        config,
        agents,
        requirements,
        previous=first.roster,
        options=replace(QUICK, seed=9),
    )
    shifts = len(first.roster[["agent_id", "shift_date"]].drop_duplicates())
    weight = config.schedule.weights.changed_shift
    assert again.summary["parts"]["changed_shift"] <= weight * shifts / 4


def with_site(config, name, **limits):
    """Return the configuration with limits of one site set."""
    site = config.sites[name].model_copy(update=limits)
    return config.model_copy(update={"sites": {**config.sites, name: site}})


@pytest.mark.parametrize(
    "limits",
    [{"seats": 10}, {"min_present": 2}, {"seats": 11, "min_present": 1}],
    ids=["seats", "present", "both"],
)
def test_seats_and_presence_are_kept(limits):
    config = with_site(config_with(), "hamburg", **limits)
    agents, requirements = bumpy_centre(14, 8, config)
    agents["contract"], agents["site"], agents["skills"] = "full", "hamburg", "billing;tech"
    planned(config, agents, requirements)


def test_too_few_seats_for_the_hours_of_all_are_a_conflict():
    config = with_site(config_with(), "hamburg", seats=1)
    agents, requirements = bumpy_centre(8, 9, config)
    agents["contract"], agents["site"] = "full", "hamburg"
    with pytest.raises(RuleError, match=r"site hamburg: seats 1 .* its 8 agents must be inside"):
        schedule(requirements, agents, config, options=QUICK)


def test_seats_and_presence_that_no_search_reconciles_end_with_the_limit():
    """Each alone can be kept: the one agent who has a seat is not present during a break."""
    config = with_site(config_with(), "hamburg", seats=1, min_present=1)
    agents = agents_table([{"contract": "full", "week_hours_min": 20.0}] * 2)
    requirements = requirements_table({"billing": [1] * 16}, config)
    with pytest.raises(LimitError, match=r"min_present|seats"):
        schedule(requirements, agents, config, options=QUICK)


@pytest.mark.parametrize(
    ("agent", "named", "unnamed"),
    [
        pytest.param(
            {"availability": "Mon-Tue 08:00-20:00"},
            ["availability", "week_hours at least 35"],
            ["rest_h", "days_per_week"],
            id="two days",
        ),
        pytest.param(
            {"availability": "Mon-Sun 08:00-11:00"}, ["availability"], ["consecutive_days"], id="too short"
        ),
        pytest.param({"end_date": "2026-11-02"}, [], [], id="one day of employment is legal pro rata"),
    ],
)
def test_an_agent_whose_rules_conflict_is_named_with_the_smallest_set(agent, named, unnamed):
    config = config_with()
    agents = agents_table([{"contract": "full"}, {"contract": "full", **agent}])
    requirements = requirements_table({"billing": [1] * 16}, config)
    if not named:
        planned(config, agents, requirements)
        return
    with pytest.raises(RuleError) as caught:
        schedule(requirements, agents, config, options=QUICK)
    text = str(caught.value)
    assert "a01" in text
    assert "a00" not in text
    for rule in named:
        assert rule in text
    for rule in unnamed:
        assert rule not in text


def test_an_illegal_pin_is_a_conflict_that_names_the_pin():
    config = config_with()
    agents, requirements = bumpy_centre(4, 10, config)
    pins = conform(pd.DataFrame([("a00", "2026-11-03", "03:10", "11:10")], columns=PINS.names), PINS)
    with pytest.raises(RuleError, match="pins 03:10-11:10"):
        schedule(requirements, agents, config, pins=pins, options=QUICK)


def test_unknown_names_are_data_errors_and_a_wrong_first_day_a_configuration_error():
    config = config_with()
    agents, requirements = bumpy_centre(3, 11, config)
    with pytest.raises(DataError, match="unknown skill"):
        schedule(requirements, agents.assign(skills="sales"), config)
    with pytest.raises(DataError, match="unknown contract"):
        schedule(requirements, agents.assign(contract="night"), config)
    with pytest.raises(ConfigError, match="begin on Mon"):
        schedule(requirements, agents, config, first_day=date(2026, 11, 3))
    half = requirements[
        requirements["interval_start"] > requirements["interval_start"].min() + pd.Timedelta(days=3)
    ]
    with pytest.raises(DataError, match="no week"):
        schedule(half, agents, config)


def test_a_queue_that_nobody_serves_is_a_warning():
    config = config_with()
    agents = agents_table([{"skills": "billing"}] * 3)
    requirements = requirements_table({"billing": [1] * 16, "tech": [1] * 16}, config)
    result = planned(config, agents, requirements)
    assert any("tech" in warning for warning in result.summary["warnings"])
    assert result.summary["understaffed_h"] >= 16 * 0.5 * 7


def test_progress_ends_with_objective_and_bound():
    config = config_with()
    agents, requirements = bumpy_centre(5, 12, config)
    events: list[Progress] = []
    schedule(requirements, agents, config, options=QUICK, progress=events.append)
    assert {event.phase for event in events} == {"warm up", "prices", "search", "anneal", "combine", "bound"}
    assert events[-1].objective is not None
    assert events[-1].bound is not None
    assert events[-1].bound <= events[-1].objective


@pytest.mark.parametrize("costs", [(1.0, 1.0), (10.0, 30.0)], ids=["equal", "unequal"])
def test_the_gap_is_also_said_in_paid_hours_at_mean_cost(costs):
    config = config_with()
    agents, requirements = bumpy_centre(6, 1, config)
    agents["cost_per_hour"] = [costs[i % 2] for i in range(6)]
    result = planned(config, agents, requirements, options=QUICK)
    summary, paid_hour = result.summary, config.schedule.weights.paid
    assert summary["gap_h"] * paid_hour == pytest.approx(summary["objective"] - summary["bound"])
    paid = result.roster[result.roster["paid"]]
    hours = (paid["end"] - paid["start"]).dt.total_seconds() / 3600
    cost = paid["agent_id"].map(agents.set_index("agent_id")["cost_per_hour"])
    assert summary["paid_h"] == pytest.approx(float((hours * cost).sum()) / agents["cost_per_hour"].mean())


@pytest.mark.parametrize("free", ["weight", "cost"])
def test_no_gap_in_paid_hours_where_an_hour_has_no_price(free):
    config = config_with("\n[schedule.weights]\npaid = 0\n" if free == "weight" else "")
    agents, requirements = bumpy_centre(4, 1, config)
    if free == "cost":
        agents["cost_per_hour"] = 0.0
    summary = planned(config, agents, requirements, options=QUICK).summary
    assert summary["gap_h"] is None
    assert summary["paid_h"] is None


def test_no_more_shifts_change_than_allowed():
    config = config_with()
    agents, requirements = bumpy_centre(8, 16, config)
    first = planned(config, agents, requirements)
    shuffled = requirements.assign(agents_to_schedule=requirements["agents_to_schedule"].to_numpy()[::-1])
    options = replace(QUICK, seed=3, max_changed_shifts=2)
    result = planned(config, agents, shuffled, options=options, previous=first.roster)
    changed = result.summary["parts"]["changed_shift"] / config.schedule.weights.changed_shift
    assert changed <= 2


def test_missed_requests_are_counted_and_those_without_effect_named():
    config = config_with(starts='["07:00-10:00"]')
    agents = agents_table([{"contract": "full"}] * 2)
    rows = [
        ("a00", "2026-11-03", "prefer_start", "18:00", 1.0),  # no shift starts then
        ("a00", "2026-11-04", "avoid_shift", "00:00-06:00", 1.0),  # no shift is there
        ("a01", "2026-12-24", "day_off", "", 1.0),
        ("a0l", "2026-11-04", "day_off", "", 1.0),
    ]
    wishes = conform(pd.DataFrame(rows, columns=REQUESTS.names), REQUESTS)
    requirements = requirements_table({"billing": [1] * 16}, config)
    summary = planned(config, agents, requirements, requests=wishes).summary
    assert summary["requests"] == 2
    assert summary["requests_missed"] * config.schedule.weights.request == summary["parts"]["request"]
    assert any("a0l is not in agents" in w and "did you mean a0" in w for w in summary["warnings"])
    assert any("outside the horizon" in warning for warning in summary["warnings"])


def test_a_rest_that_reaches_over_a_day_off_is_refused_and_not_overlooked():
    config = config_with("\n[contracts.long]\nstarts = ['07:00-22:00']\nrest_h = 30\nweek_hours = [0, 40]\n")
    agents = agents_table([{"contract": "long"}])
    with pytest.raises(ConfigError, match="rest_h"):
        schedule(requirements_table({"billing": [1] * 16}, config), agents, config, options=QUICK)


WEEKENDS = """
[contracts.shop]
week_hours = [16, 24]
days_per_week = [3, 4]
shift_hours = [6, 6]
starts = ["08:00-10:00"]
weekends_off_per_4_weeks = 1
"""


def weekends_worked(roster: pd.DataFrame) -> dict[str, set[int]]:
    """Return, per agent, the ISO weeks with a shift on Saturday or Sunday."""
    days = roster[["agent_id", "shift_date"]].drop_duplicates()
    free = days[days["shift_date"].dt.day_of_week >= 5]
    weeks = free["shift_date"].dt.isocalendar().week
    return {str(agent): set(rows) for agent, rows in weeks.groupby(free["agent_id"])}


def test_one_weekend_in_four_stays_free_within_a_month_and_after_three_worked_ones():
    config = config_with(WEEKENDS + "[schedule]\nweeks = 4\n")
    agents = agents_table([{"contract": "shop", "skills": "billing"}] * 4)
    requirements = requirements_table({"billing": [2] * 16}, config, weeks=5)
    weekend = requirements["interval_start"].dt.tz_convert("Europe/Berlin").dt.day_of_week >= 5
    requirements.loc[weekend, "agents_to_schedule"] = 4  # everybody is wanted on every weekend
    month = planned(config, agents, requirements).roster
    assert all(len(weeks) <= 3 for weeks in weekends_worked(month).values())
    later = replace(QUICK, weeks=1)
    following = planned(
        config, agents, requirements, options=later, previous=month, first_day=date(2026, 11, 30)
    )
    both = weekends_worked(pd.concat([month, following.roster]))
    for agent, weeks in both.items():
        last_four = weeks & {46, 47, 48, 49}
        assert len(last_four) <= 3, agent

"""Check a roster against every hard rule, and compute its coverage and objective anew, without the solver.

The rules are those of docs/rules and docs/rostering.md, written from their text: nothing here is shared with
the engine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault
from wfm.localtime import week_start_of
from wfm.schedule.verify import minors
from wfm.schedule.verify.activities import activities as activities_rule
from wfm.schedule.verify.averages import average_week_hours
from wfm.schedule.verify.bound import lower_bound
from wfm.schedule.verify.breaks import break_spacing_min, breaks, longest_stretch_h
from wfm.schedule.verify.case import Agent, Case, Horizon
from wfm.schedule.verify.changes import max_changed_shifts as max_changed_shifts_rule
from wfm.schedule.verify.changes import max_changed_shifts_per_agent
from wfm.schedule.verify.coverage import cover
from wfm.schedule.verify.freeze import freeze
from wfm.schedule.verify.leave import time_off as time_off_rule
from wfm.schedule.verify.objective import objective
from wfm.schedule.verify.pattern import pattern
from wfm.schedule.verify.pins import pins as pins_rule
from wfm.schedule.verify.read import Tables, read_case, strays
from wfm.schedule.verify.rest import rest_h, weekly_rest_h
from wfm.schedule.verify.runs import consecutive_days, min_consecutive_days
from wfm.schedule.verify.shifts import (
    activity,
    availability,
    belonging,
    day_hours,
    segments,
    shift_hours,
    starts,
)
from wfm.schedule.verify.site import min_present, seats
from wfm.schedule.verify.summary import bound_claim, claims
from wfm.schedule.verify.violation import Violation
from wfm.schedule.verify.weekends import weekends_off
from wfm.schedule.verify.weeks import days_per_week, overtime_hours, week_hours

SHIFT_RULES: tuple[Callable[[Agent], Iterator[Violation]], ...] = (
    segments,
    activity,
    belonging,
    starts,
    shift_hours,
    day_hours,
    availability,
    breaks,
    longest_stretch_h,
    break_spacing_min,
    time_off_rule,
)
AGENT_RULES: tuple[Callable[[Agent, Case], Iterator[Violation]], ...] = (
    rest_h,
    weekly_rest_h,
    consecutive_days,
    min_consecutive_days,
    week_hours,
    overtime_hours,
    average_week_hours,
    days_per_week,
    weekends_off,
    pattern,
    *minors.RULES,
    pins_rule,
    freeze,
    max_changed_shifts_per_agent,
)
CASE_RULES: tuple[Callable[[Case], Iterator[Violation]], ...] = (activities_rule, max_changed_shifts_rule)
SITE_RULES: tuple[Callable[[str, Case], Iterator[Violation]], ...] = (seats, min_present)


@dataclass(frozen=True)
class Verification:
    """What verify found: violations by agent (then site, then summary), COVERAGE, and the objective.

    `intervals` has interval_start, required, on_queue and understaffed (agents) for every interval with a
    requirement or with agents on queue. `parts` are named like their weights, and `overtime`; `figures`
    are understaffed_h, overstaffed_h and required_h. `bound` is the one that the prices of a proof give, None
    if there is none.
    """

    violations: tuple[Violation, ...]
    coverage: pd.DataFrame
    intervals: pd.DataFrame
    parts: dict[str, float]
    objective: float
    figures: dict[str, float]
    bound: float | None = None


def verify(  # noqa: PLR0913 (the tables of the contract)
    roster: pd.DataFrame,
    agents: pd.DataFrame,
    requirements: pd.DataFrame,
    config: Config,
    *,
    first_day: date | None = None,
    weeks: int | None = None,
    time_off: pd.DataFrame | None = None,
    requests: pd.DataFrame | None = None,
    pins: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    freeze_days: int = 0,
    max_changed_shifts: int | None = None,
    activities: pd.DataFrame | None = None,
    elsewhere: pd.DataFrame | None = None,
    summary: Mapping[str, object] | None = None,
    proof: pd.DataFrame | None = None,
) -> Verification:
    """Return every violation of a roster, and its coverage and objective; all tables are conformed.

    The horizon is `weeks` (default: of the configuration) from `first_day` (default: the week of the first
    shift); its first `freeze_days` dates keep the shifts of `previous`, and
    at most `max_changed_shifts` of all differ from it (None: no limit). `elsewhere` (interval_start,
    agents_to_schedule) is what rosters of other agents are for: it counts in R alone. Numbers of `summary`
    that differ from those computed here are violations too, and so is a bound above the one that `proof` (see
    `prices.PRICES`) gives. Raises ConfigError if `first_day` does not begin a week, DataError if it is needed
    and missing, or if a request, pin or price cannot be read, or an agent's least hours of a week are above
    its most.
    """
    horizon = _horizon(roster, config, first_day, weeks)
    tables = Tables(roster, agents, requirements, time_off, requests, pins, previous, activities, elsewhere)
    case = replace(read_case(tables, config, horizon, freeze_days), max_changed_shifts=max_changed_shifts)
    violations = [*strays(tables, config, horizon), *_broken_rules(case)]
    covered = cover(case)
    found = objective(case, covered.intervals)
    if summary is not None:
        violations += claims(summary, found, horizon.first_day)
    bound = None if proof is None else lower_bound(case, proof)
    if bound is not None:
        violations += bound_claim(summary or {}, bound, horizon.first_day)
        bound = bound if math.isfinite(bound) else None
    return Verification(
        tuple(violations), covered.table, covered.intervals, found.parts, found.total, found.figures, bound
    )


def _broken_rules(case: Case) -> Iterator[Violation]:
    for agent in case.agents:
        for shift_rule in SHIFT_RULES:
            yield from shift_rule(agent)
        for agent_rule in AGENT_RULES:
            yield from agent_rule(agent, case)
    for case_rule in CASE_RULES:
        yield from case_rule(case)
    for site in case.config.sites:
        for site_rule in SITE_RULES:
            yield from site_rule(site, case)


def _horizon(roster: pd.DataFrame, config: Config, first_day: date | None, weeks: int | None) -> Horizon:
    week_start = config.centre.week_start_number
    if first_day is None:
        if roster.empty:
            fault = Fault("no shift, so that the first day of the roster is not known")
            raise DataError([fault], source="roster", hint="name the first day with --from")
        first_day = week_start_of(roster["shift_date"].min().date(), week_start)
    if first_day.weekday() != week_start:
        fault = Fault(f"a roster begins on {config.centre.week_start}", column="--from", value=str(first_day))
        raise ConfigError([fault], hint="name a week start, or change [centre] week_start")
    return Horizon(first_day, config.schedule.weeks if weeks is None else weeks)

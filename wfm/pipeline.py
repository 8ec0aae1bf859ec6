"""The stages composed in memory: history and agents in; forecast, requirements, roster and verdict out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from time import perf_counter
from typing import Any

import pandas as pd

from wfm.config import Config, days_in_horizon
from wfm.erlang import staff
from wfm.errors import Fault, RuleError, WfmError
from wfm.forecast import ForecastResult, forecast
from wfm.schedule.horizon import horizon_dates, rows_in_horizon
from wfm.schedule.options import Listener, Options, silent
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify import verify
from wfm.simulate.stage import SimulationResult, simulate

Say = Callable[[str], None]
MOST_MISSES_NAMED = 10


@dataclass(frozen=True)
class PlanInputs:
    """The tables a plan is made from; what is None is not used."""

    history: pd.DataFrame
    agents: pd.DataFrame
    time_off: pd.DataFrame | None = None
    requests: pd.DataFrame | None = None
    pins: pd.DataFrame | None = None
    overrides: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    backlog: pd.DataFrame | None = None
    activities: pd.DataFrame | None = None
    previous: pd.DataFrame | None = None


@dataclass(frozen=True)
class Proof:
    """What simulations say of the rostered weeks: as many agents as required, and the roster itself.

    The requirements are played as forecast, which checks the formulas; the roster with its breaks and skills,
    unplanned shrinkage and the forecast's own uncertainty. None where nothing is rostered.
    """

    requirements: SimulationResult | None
    roster: SimulationResult | None

    def in_words(self, config: Config) -> list[str]:
        """Return sentences: what the roster gives, and where even the requirements would miss a promise."""
        lines = [] if self.roster is None else simulation_in_words(self.roster, config)
        if self.requirements is not None and self.requirements.misses:
            lines.append(
                f"simulate: agents as required miss a promise in {len(self.requirements.misses)} intervals:"
            )
            lines += misses_in_words(self.requirements, config)
        return lines


@dataclass(frozen=True)
class Plan:
    """What the chain gives, with the seconds that each stage took."""

    forecast: ForecastResult
    requirements: pd.DataFrame
    schedule: ScheduleResult
    proof: Proof
    seconds: Mapping[str, float] = field(default_factory=dict)


def make_plan(
    inputs: PlanInputs,
    config: Config,
    *,
    as_of: pd.Timestamp | None = None,
    options: Options | None = None,
    say: Say = lambda _: None,
    progress: Listener = silent,
) -> Plan:
    """Run forecast, staff, schedule and verify; RuleError if the roster does not pass its verification."""
    watch = _Stopwatch()
    predicted = forecast(
        inputs.history,
        config,
        horizon_days=days_in_horizon(config.forecast.horizon),
        as_of=as_of,
        models=config.forecast.models,
        events=inputs.events,
        overrides=inputs.overrides,
    )
    watch.lap("forecast")
    for note in predicted.notes:
        say(f"forecast: {note}")
    say(f"forecast: {predicted.forecast['offered'].sum():.0f} contacts in {config.forecast.horizon}")
    requirements = staff(predicted.forecast, config, inputs.backlog)
    watch.lap("staff")
    hours = requirements["agents_to_schedule"].sum() * config.centre.interval_min / 60
    say(f"staff: {hours:.0f} agent-hours to schedule in {config.forecast.horizon}")
    tables = {
        name: getattr(inputs, name) for name in ("time_off", "requests", "pins", "activities", "previous")
    }
    planned = schedule(requirements, inputs.agents, config, options=options, progress=progress, **tables)
    watch.lap("schedule")
    for line in schedule_in_words(planned.summary):
        say(line)
    verdict = verify(
        planned.roster,
        inputs.agents,
        requirements,
        config,
        first_day=datetime.fromisoformat(planned.summary["first_day"]).date(),
        weeks=planned.summary["weeks"],
        freeze_days=0 if options is None else options.freeze_days,
        summary=planned.summary,
        **tables,
    )
    watch.lap("verify")
    if verdict.violations:
        faults = [Fault(str(violation)) for violation in verdict.violations]
        raise RuleError(
            faults, source="the roster failed its verification", hint="this is a bug: please report it"
        )
    say("verify: 0 violations; coverage and objective recomputed without the solver")
    try:
        proof = prove(planned, requirements, predicted, inputs, config)
    except WfmError as trouble:  # the plan stands without its proof, and says so
        say(f"warning: not simulated: {trouble.problem}")
        proof = Proof(None, None)
    watch.lap("simulate")
    for line in proof.in_words(config):
        say(line)
    return Plan(predicted, requirements, planned, proof, watch.laps)


def prove(
    planned: ScheduleResult,
    requirements: pd.DataFrame,
    predicted: ForecastResult,
    inputs: PlanInputs,
    config: Config,
) -> Proof:
    """Simulate the rostered weeks, by their requirements and by their roster."""
    first_day = datetime.fromisoformat(planned.summary["first_day"]).date()
    rows = rows_in_horizon(requirements, horizon_dates(first_day, planned.summary["weeks"]), config)
    if rows.empty or planned.roster.empty:
        return Proof(None, None)
    forecast_rows, backlog = predicted.forecast, inputs.backlog
    return Proof(
        simulate(rows, config, forecast=forecast_rows, backlog=backlog),
        simulate(
            rows,
            config,
            roster=planned.roster,
            agents=inputs.agents,
            forecast=forecast_rows,
            days=predicted.days,
            backlog=backlog,
        ),
    )


def schedule_in_words(summary: Mapping[str, Any]) -> list[str]:
    """Return the summary of a roster as sentences."""
    required, missing = max(float(summary["required_h"]), 1e-9), float(summary["understaffed_h"])
    best = f"gap {summary['gap']:.1%} (no roster can cost less than {summary['bound']:.0f})"
    lines = [f"warning: {text}" for text in summary["warnings"]]
    lines.append(
        f"schedule: {summary['status']}, objective {summary['objective']:.0f}, {best}; understaffed"
        f" {missing:.1f} h ({missing / required:.2%} of {required:.0f} h), overstaffed"
        f" {summary['overstaffed_h']:.1f} h, {summary['seconds']:.0f} s"
    )
    if summary["gap_h"] is not None:
        at_most = ceil(round(summary["gap_h"] * 10, 6)) / 10  # rounded up, so that it is true
        lines.append(
            f"schedule: gap {summary['gap']:.1%}: at most {at_most:.1f} paid agent-hours"
            f" (of {summary['paid_h']:.0f} planned) could still be saved with nothing else worse"
        )
    lines += [f"unmet: {one['subject']} {one['rule']}: {one['text']}" for one in summary.get("unmet", ())]
    if summary.get("requests"):
        lines.append(f"schedule: {summary['requests_missed']} of {summary['requests']} requests not met")
    return lines


def simulation_in_words(result: SimulationResult, config: Config) -> list[str]:
    """Return per queue what was promised and what the simulation gives, and the first intervals that miss."""
    summary = result.summary
    lines = [f"warning: {text}" for text in summary["warnings"]]
    for name, given in summary["queues"].items():
        line = f"simulate: {name}: {given['offered']:.0f} contacts"
        if given.get("service_level") is not None:
            half = given["service_level_half_width"]
            line += f", service level [{given['service_level_variant']}] {given['service_level']:.1%}"
            line += "" if half is None else f" +- {half:.1%}"
        if given.get("service_level_target") is not None:
            line += f" (promised {given['service_level_target']:.0%})"
        if given.get("within_deadline") is not None:
            line += f", {given['within_deadline']:.1%} done by the deadline"
        if given.get("backlog_at_end") is not None:
            line += f", {given['backlog_at_end']:.0f} waiting at the end"
        if given.get("abandonment") is not None:
            line += f", abandoned {given['abandonment']:.1%}"
        if given.get("days_met") is not None:
            line += f"; promises kept on {given['days_met']:.0%} of the days"
        if given.get("intervals_missed"):
            line += f", surely missed in {given['intervals_missed']} intervals"
        lines.append(line)
    lines += misses_in_words(result, config)
    lines.append(f"simulate: {summary['replications']} replications, seed {summary['seed']}")
    return lines


def misses_in_words(result: SimulationResult, config: Config) -> list[str]:
    """Return the first promises that intervals miss, and how many more there are."""
    lines = [f"simulate: {miss.in_words(config.queue_zones)}" for miss in result.misses[:MOST_MISSES_NAMED]]
    if len(result.misses) > MOST_MISSES_NAMED:
        lines.append(f"simulate: and {len(result.misses) - MOST_MISSES_NAMED} more, see the table")
    return lines


class _Stopwatch:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = now - self._last
        self._last = now

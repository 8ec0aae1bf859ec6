"""The whole chain: history and agents in; forecast, requirements, roster, verdict and simulation out.

A part that fails (queues, sites) keeps its last good result, where there is one, and is named; if every part
of a stage fails, so does the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty, joined
from wfm.errors import ConfigError, DataError, LimitError, WfmError, count_of
from wfm.forecast import ForecastResult
from wfm.forecast.sources import check_past, default_as_of
from wfm.forecast.stage import check_tables, overridden
from wfm.localtime import local_dates
from wfm.pipeline.in_words import schedule_in_words
from wfm.pipeline.proof import Proof, ProofPart, joined_proofs, prove
from wfm.pipeline.queue_parts import (
    forecast_in_parts,
    joined_forecasts,
    joined_requirements,
    staff_in_parts,
)
from wfm.pipeline.site_parts import (
    OWN_TABLES,
    SitePart,
    joined_rosters,
    scheduled_part,
    site_parts,
)
from wfm.pipeline.work import Direct, Ended, Work
from wfm.schedule.horizon import first_whole_week
from wfm.schedule.options import Listener, Options, silent
from wfm.schedule.stage import ScheduleResult
from wfm.tables import COVERAGE, DAYS, EVENTS, FORECAST, HISTORY, REQUIREMENTS, ROSTER

Say = Callable[[str], None]
T = TypeVar("T")


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
class LastGood:
    """The plan that stands, for what fails tonight."""

    forecast: pd.DataFrame | None = None
    requirements: pd.DataFrame | None = None
    roster: pd.DataFrame | None = None
    coverage: pd.DataFrame | None = None
    days: pd.DataFrame | None = None


@dataclass(frozen=True)
class Stale:
    """What failed tonight: stage, queues or sites, why; and whether its last good result stands in."""

    stage: str
    names: tuple[str, ...]
    reason: str
    kept: bool
    error: BaseException

    def __str__(self) -> str:
        kept = "its last good result is kept" if self.kept else "there is none from before"
        return f"{self.stage} of {', '.join(self.names)} failed, {kept}: {self.reason}"


@dataclass(frozen=True)
class Plan:
    """What the chain gives, what of it is stale, and the seconds that each stage took."""

    forecast: ForecastResult
    requirements: pd.DataFrame
    schedule: ScheduleResult
    proof: Proof
    stale: tuple[Stale, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)


@dataclass
class _Chain:
    """The work of one plan: what it is made from, where its parts are done, what went wrong so far."""

    inputs: PlanInputs
    config: Config
    as_of: pd.Timestamp
    work: Work
    last: LastGood
    say: Say
    progress: Listener
    stale: list[Stale] = field(default_factory=list)

    def forecast(self) -> ForecastResult:
        """Return the forecast of every queue, the last good one of those that fail."""
        ended = forecast_in_parts(self.inputs.history, self.config, self.as_of, self.inputs.events, self.work)
        result = joined_forecasts(self._good("forecast", ended, self._kept(self.last.forecast)))
        if self.inputs.overrides is not None:
            result = overridden(result, self.config, self.inputs.overrides, self.as_of)
        return replace(
            result,
            forecast=self._with_last(result.forecast, self.last.forecast, "forecast"),
            days=self._with_last_days(result.days),
        )

    def staff(self, predicted: ForecastResult) -> pd.DataFrame:
        """Return the requirements of every queue, the last good ones of those that fail."""
        ended = staff_in_parts(predicted.forecast, self.config, self.inputs.backlog, self.work)
        found = joined_requirements(self._good("staff", ended, self._kept(self.last.requirements)))
        return self._with_last(found, self.last.requirements, "staff")

    def schedule(
        self, requirements: pd.DataFrame, options: Options | None
    ) -> tuple[ScheduleResult, list[tuple[SitePart, ScheduleResult]]]:
        """Return the roster of all sites, and the parts of it that were made tonight."""
        tables = {name: getattr(self.inputs, name) for name in OWN_TABLES}
        first_day = first_whole_week(requirements, self.config)
        whole = SitePart((), requirements, self.inputs.agents, tables, self.config, first_day, options)
        roster = self.last.roster
        kept = set() if roster is None else set(roster.loc[roster["shift_date"].dt.date >= first_day, "site"])
        parts = site_parts(whole)
        one = len(parts) == 1  # which is done in this process, so that there is somebody to tell
        scheduled = partial(scheduled_part, progress=self.progress) if one else scheduled_part
        ended = self.work.each("schedule", scheduled, parts)
        self._good("schedule", ended, kept)
        made = [(one.part, one.result.result) for one in ended if one.result is not None]
        result = joined_rosters([planned for _, planned in made], self.config)
        failed = [one.part for one in ended if one.error is not None]
        return (self._with_rosters(result, failed, first_day) if failed else result), made

    def prove(self, predicted: ForecastResult, made: Sequence[tuple[SitePart, ScheduleResult]]) -> Proof:
        """Return what simulations say of the rosters made tonight."""
        parts = [self._proof_part(predicted, part, planned) for part, planned in made]
        try:
            ended = self.work.each("simulate", prove, parts)
        except (ConfigError, DataError, LimitError) as trouble:  # the plan stands without, and says so
            self.say(f"warning: not simulated: {trouble.problem}")
            return Proof(None, None)
        for one in ended:
            if one.error is not None:
                self.say(f"warning: not simulated: {_reason(one.error)}")
        return joined_proofs([one.result for one in ended if one.result is not None])

    def _proof_part(self, predicted: ForecastResult, part: SitePart, planned: ScheduleResult) -> ProofPart:
        queues, backlog = part.queues, self.inputs.backlog
        return ProofPart(
            planned,
            part.requirements,
            _of(predicted.forecast, queues),
            _of(predicted.days, queues),
            part.agents,
            None if backlog is None else _of(backlog, queues),
            self.config,
        )

    def _good(self, stage: str, ended: Sequence[Ended[Any, T]], kept: set[str]) -> list[T]:
        """Return the results; what failed is noted. Raises the first error if there is no result at all."""
        errors = [one.error for one in ended if one.error is not None]
        if errors and len(errors) == len(ended):
            raise errors[0]
        for one in ended:
            if one.error is not None:
                names = tuple(one.part.sites if stage == "schedule" else one.part.queues)
                stale = Stale(stage, names, _reason(one.error), kept.issuperset(names), one.error)
                self.stale.append(stale)
                self.say(f"warning: {stale}")
        return [one.result for one in ended if one.result is not None]

    def _kept(self, last: pd.DataFrame | None) -> set[str]:
        """Return the queues that an earlier table reaches into the time planned now for."""
        return set() if last is None else set(last.loc[last["interval_start"] >= self.as_of, "queue"])

    def _with_last(self, found: pd.DataFrame, last: pd.DataFrame | None, stage: str) -> pd.DataFrame:
        """Return a table with the last good rows of the queues that failed in a stage."""
        failed = [name for one in self.stale if one.stage == stage for name in one.names]
        table = FORECAST if stage == "forecast" else REQUIREMENTS
        if last is None or not failed:
            return found
        rows = last[last["queue"].isin(failed) & (last["interval_start"] >= self.as_of)]
        return joined([found, rows], table)

    def _with_last_days(self, days: pd.DataFrame) -> pd.DataFrame:
        """Return DAYS with the last good ones of queues that failed: the next change guard needs them."""
        failed = [name for one in self.stale if one.stage == "forecast" for name in one.names]
        last = self.last.days
        if last is None or not failed:
            return days
        parts = [days]
        for name in failed:
            zone = self.config.queues[name].timezone
            today = local_dates(pd.Series([self.as_of]), zone).iloc[0]
            parts.append(last[(last["queue"] == name) & (last["date"] >= today)])
        return joined(parts, DAYS)

    def _with_rosters(
        self, result: ScheduleResult, failed: Sequence[SitePart], first_day: date
    ) -> ScheduleResult:
        """Return a roster with the last good one of the sites that failed."""
        last, coverage = self.last.roster, self.last.coverage
        if last is None:
            return result
        sites = [site for part in failed for site in part.sites]
        rows = last[last["site"].isin(sites) & (last["shift_date"].dt.date >= first_day)]
        parts = [] if coverage is None else [_of(coverage, part.queues) for part in failed]
        begin = result.coverage["interval_start"].min()
        covered = [part[part["interval_start"] >= begin] for part in parts]
        return replace(
            result,
            roster=joined([result.roster, rows], ROSTER),
            coverage=joined([result.coverage, *covered], COVERAGE),
        )


def make_plan(  # noqa: PLR0913 - all but two by keyword
    inputs: PlanInputs,
    config: Config,
    *,
    as_of: pd.Timestamp | None = None,
    options: Options | None = None,
    say: Say = lambda _: None,
    progress: Listener = silent,
    work: Work | None = None,
    last: LastGood | None = None,
) -> Plan:
    """Run forecast, staff, schedule, verify and simulate; RuleError if a roster does not pass verification.

    `work` does the parts (default: here, and the first error ends the plan); `last` stands in for those that
    fail elsewhere.
    """
    watch = _Stopwatch()
    known = conform(inputs.history, HISTORY)
    check_tables(known, empty(EVENTS) if inputs.events is None else conform(inputs.events, EVENTS), config)
    origin = default_as_of(known, config.centre.interval_min) if as_of is None else as_of
    check_past(known, origin)
    chain = _Chain(inputs, config, origin, work or Direct(), last or LastGood(), say, progress)
    predicted = chain.forecast()
    watch.lap("forecast")
    for note in predicted.notes:
        say(f"forecast: {note}")
    contacts = f"{predicted.forecast['offered'].sum():.0f}"
    say(f"forecast: {count_of(contacts, 'contact')} in {config.forecast.horizon}")
    requirements = chain.staff(predicted)
    watch.lap("staff")
    hours = requirements["agents_to_schedule"].sum() * config.centre.interval_min / 60
    say(f"staff: {hours:.0f} agent-hours to schedule in {config.forecast.horizon}")
    planned, made = chain.schedule(requirements, options)
    watch.lap("schedule")
    for line in schedule_in_words(planned.summary):
        say(line)
    say("verify: 0 violations; coverage and objective recomputed without the solver")
    proof = chain.prove(predicted, made)
    watch.lap("simulate")
    for line in proof.in_words(config):
        say(line)
    return Plan(predicted, requirements, planned, proof, tuple(chain.stale), watch.laps)


def _reason(error: BaseException) -> str:
    """Return an error in one line."""
    text = error.problem if isinstance(error, WfmError) else f"{type(error).__name__}: {error}"
    return "; ".join(line.strip() for line in text.splitlines())


def _of(frame: pd.DataFrame, queues: Sequence[str]) -> pd.DataFrame:
    return frame[frame["queue"].isin(queues)].reset_index(drop=True)


class _Stopwatch:
    def __init__(self) -> None:
        self.laps: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, name: str) -> None:
        now = perf_counter()
        self.laps[name] = now - self._last
        self._last = now

"""The whole chain: history and agents in; forecast, requirements, roster, verdict and simulation out.

A part that fails (queues, sites) keeps its last good result, where there is one, and is named; if every part
of a stage fails, so does the plan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from time import perf_counter
from typing import Any, TypeVar

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty, joined
from wfm.errors import ConfigError, DataError, Fault, LimitError, WfmError, count_of
from wfm.forecast import ForecastResult
from wfm.forecast.sources import check_past, default_as_of
from wfm.forecast.stage import check_tables, overridden
from wfm.localtime import local_dates
from wfm.pipeline.in_words import schedule_in_words
from wfm.pipeline.kept_rosters import kept_roster
from wfm.pipeline.proof import Proof, ProofPart, joined_proofs, prove
from wfm.pipeline.queue_parts import (
    forecast_in_parts,
    joined_forecasts,
    joined_requirements,
    staff_in_parts,
)
from wfm.pipeline.site_parts import (
    OWN_TABLES,
    Scheduled,
    SitePart,
    joined_rosters,
    scheduled_part,
    site_parts,
)
from wfm.pipeline.standing import LastGood, Stale, Uncovered, last_date, uncovered
from wfm.pipeline.work import Direct, Ended, LostError, Work
from wfm.schedule.horizon import first_whole_week, horizon_dates, rows_in_horizon
from wfm.schedule.options import Listener, Options, silent
from wfm.schedule.stage import ScheduleResult
from wfm.skills import queues_of
from wfm.tables import DAYS, EVENTS, FORECAST, HISTORY, REQUIREMENTS

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
class Plan:
    """What the chain gives, what of it is stale, and the seconds that each stage took.

    `uncovered` are days of stale queues that nobody knows the contacts of; `remarks` say how rosters that
    were kept fit tonight's tables.
    """

    forecast: ForecastResult
    requirements: pd.DataFrame
    schedule: ScheduleResult
    proof: Proof
    stale: tuple[Stale, ...] = ()
    uncovered: tuple[Uncovered, ...] = ()
    remarks: tuple[str, ...] = ()
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
    uncovered: list[Uncovered] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)

    def forecast(self) -> ForecastResult:
        """Return the forecast of every queue, the last good one of those that fail."""
        ended = forecast_in_parts(self.inputs.history, self.config, self.as_of, self.inputs.events, self.work)
        result = joined_forecasts(self._good("forecast", ended, self._reach(self.last.forecast)))
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
        found = joined_requirements(self._good("staff", ended, self._reach(self.last.requirements)))
        requirements = self._with_last(found, self.last.requirements, "staff")
        failed = [name for one in self.stale for name in one.names]
        self.uncovered += uncovered(failed, requirements, self.config, self.as_of)
        for gap in self.uncovered:
            self.say(f"warning: {gap}")
        return requirements

    def schedule(
        self, requirements: pd.DataFrame, options: Options | None
    ) -> tuple[ScheduleResult, list[tuple[SitePart, ScheduleResult]]]:
        """Return the roster of all sites, and its parts."""
        tables = {name: getattr(self.inputs, name) for name in OWN_TABLES}
        first_day = self._first_day(requirements)
        whole = SitePart((), requirements, self.inputs.agents, tables, self.config, first_day, options)
        weeks = (options and options.weeks) or self.config.schedule.weeks
        parts = site_parts(whole)
        blind = [self._is_blind(part, horizon_dates(first_day, weeks)) for part in parts]
        seeing = [part for part, is_blind in zip(parts, blind, strict=True) if not is_blind]
        known = iter(self.work.each("schedule", scheduled_part, seeing, self.progress))
        ended = [
            Ended(part, None, _no_requirements(first_day)) if is_blind else next(known)
            for part, is_blind in zip(parts, blind, strict=True)
        ]
        self._good("schedule", ended, self._reach_of_sites(first_day, weeks))
        made = [(one.part, self._roster_of(one, first_day, weeks)) for one in ended]
        return joined_rosters([planned for _, planned in made], self.config), made

    def _first_day(self, requirements: pd.DataFrame) -> date:
        """Return the day that the roster begins on; queues of which the end is not known do not move it."""
        short = {gap.queue for gap in self.uncovered}
        whole = requirements[~requirements["queue"].isin(short)]
        return first_whole_week(whole if len(whole) else requirements, self.config)

    def _is_blind(self, part: SitePart, dates: list[date]) -> bool:
        """Return whether nothing is known of a site's week, for want of forecasts: no roster fits that."""
        served = {queue for skills in part.agents["skills"] for queue in queues_of(str(skills))}
        short = {gap.queue for gap in self.uncovered}
        return bool(served & short) and rows_in_horizon(part.requirements, dates, self.config).empty

    def _roster_of(self, ended: Ended[SitePart, Scheduled], first_day: date, weeks: int) -> ScheduleResult:
        """Return the roster of a part, what can be kept of the last good one where tonight's failed."""
        if ended.result is not None:
            return ended.result.result
        kept = kept_roster(ended.part, self.last.roster, first_day, weeks)
        self.remarks += kept.remarks
        for remark in kept.remarks:
            self.say(f"warning: {remark}")
        return kept.result

    def prove(self, predicted: ForecastResult, made: Sequence[tuple[SitePart, ScheduleResult]]) -> Proof:
        """Return what simulations say of the rosters."""
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

    def _good(self, stage: str, ended: Sequence[Ended[Any, T]], reach: Mapping[str, date]) -> list[T]:
        """Return the results; what failed is noted, with how far its last good result reaches.

        Raises the first error if there is no result at all; but parts that were lost (killed, or too late)
        without any answer fail the plan only if nothing from before can stand in.
        """
        failed = [one for one in ended if one.error is not None]
        stale = [self._stale(stage, one, reach) for one in failed]
        lost = all(isinstance(one.error, LostError) for one in failed) and any(one.kept for one in stale)
        if failed and len(failed) == len(ended) and not lost:
            raise failed[0].error or AssertionError
        self.stale += stale
        for one in stale:
            self.say(f"warning: {one}")
        return [one.result for one in ended if one.result is not None]

    def _stale(self, stage: str, ended: Ended[Any, T], reach: Mapping[str, date]) -> Stale:
        names = tuple(ended.part.sites if stage == "schedule" else ended.part.queues)
        error = ended.error or AssertionError()
        kept = bool(names) and reach.keys() >= set(names)
        until = min((reach[name] for name in names), default=None) if kept else None
        since = self.last.since(stage, names) if kept else ""
        return Stale(stage, names, _reason(error), kept, error, since, until)

    def _reach(self, last: pd.DataFrame | None) -> dict[str, date]:
        """Return up to which date an earlier table knows the time planned now for, by queue."""
        if last is None:
            return {}
        coming = last[(last["interval_start"] >= self.as_of) & last["queue"].isin(self.config.queues)]
        ends = {str(name): last_date(rows, self.config) for name, rows in coming.groupby("queue")}
        return {name: end for name, end in ends.items() if end is not None}

    def _reach_of_sites(self, first_day: date, weeks: int) -> dict[str, date]:
        """Return the last date of the horizon on which the last good roster has a shift, by site."""
        if self.last.roster is None:
            return {}
        days = self.last.roster["shift_date"].dt.date
        inside = (days >= first_day) & (days < first_day + timedelta(weeks=weeks))
        ends = days[inside].groupby(self.last.roster["site"]).max()
        return {str(site): end for site, end in ends.items()}

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
    whose = " in the rosters made tonight" if any(one.stage == "schedule" for one in chain.stale) else ""
    say(f"verify: 0 violations{whose}; coverage and objective recomputed without the solver")
    proof = chain.prove(predicted, made)
    watch.lap("simulate")
    for line in proof.in_words(config):
        say(line)
    return Plan(
        predicted,
        requirements,
        planned,
        proof,
        tuple(chain.stale),
        tuple(chain.uncovered),
        tuple(chain.remarks),
        watch.laps,
    )


def _no_requirements(first_day: date) -> DataError:
    fault = Fault(f"no queue of these sites has requirements in the week from {first_day.isoformat()}")
    return DataError([fault], source="no forecast reaches the roster", hint="see why the forecasts failed")


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

"""`wfm explain`: why a number, or a shift, is what it is."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.cli.advice import day_of
from wfm.cli.common import WFM_TOML, AsJson, ConfigPath, OptionalPath, configuration, say, summarise
from wfm.cli.run_files import Given, in_config, published_of, run_of, tell_difference
from wfm.cli.values import parse_horizon, parse_moment
from wfm.errors import UsageError, WfmError

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Config
    from wfm.forecast.explanation import ForecastExplanation
    from wfm.schedule.why import Attendance

QueueName = Annotated[str, typer.Argument(help="Queue.")]
Run = Annotated[OptionalPath, typer.Option("--run", help="Run folder; default: runs/current.")]
Roster = Annotated[OptionalPath, typer.Option("--roster", help="The roster, in place of the run's.")]
Agents = Annotated[OptionalPath, typer.Option("--agents", help="Agents, in place of the run's.")]
Required = Annotated[
    OptionalPath, typer.Option("--requirements", help="Requirements, in place of the run's.")
]
Overrides = Annotated[
    OptionalPath,
    typer.Option("--overrides", help="Overrides; default: [inputs] overrides, if there are any."),
]
Events = Annotated[
    OptionalPath, typer.Option("--events", help="Events; default: [inputs] events, if there are any.")
]


def add_to(app: typer.Typer) -> None:
    """Register the group of this file."""
    group = typer.Typer(
        help="Why a number, or a shift, is what it is.", no_args_is_help=True, rich_markup_mode=None
    )
    for command in (forecast, interval, shift):
        group.command()(command)
    app.add_typer(group, name="explain")


def interval(
    queue: QueueName,
    start: Annotated[str, typer.Argument(help="Start of the interval; without offset the queue's time.")],
    run: Run = None,
    forecast: Annotated[
        OptionalPath, typer.Option(help="The forecast behind the requirement, in place of the run's.")
    ] = None,
    history: Annotated[
        OptionalPath, typer.Option(help="History that the forecast was learnt from: adds its parts.")
    ] = None,
    roster: Roster = None,
    agents: Agents = None,
    requirements: Required = None,
    backlog: Annotated[
        OptionalPath, typer.Option(help="Open deferred work; default: [inputs] backlog, if there is one.")
    ] = None,
    overrides: Overrides = None,
    events: Events = None,
    config: ConfigPath = WFM_TOML,
    as_json: AsJson = False,
) -> None:
    """From contacts to people: parts of the forecast, load, agents, shrinkage, who is on queue.

    Example: wfm explain interval billing_voice 2026-03-02T10:00 --run runs/current
    """
    from wfm.erlang.explanation import explain_interval
    from wfm.io.inputs import read_optional, read_queue_table
    from wfm.tables import BACKLOG, FORECAST

    settings = configuration(config)
    check_queue(queue, settings)
    of_run = forecast is None or run is not None
    forecast = forecast_file(run) if forecast is None else forecast
    moment = moment_of(start, settings.queues[queue].timezone)
    rows = read_queue_table(forecast, FORECAST, settings)
    waiting = None
    if settings.queues[queue].deferred:
        waiting = read_optional(in_config(backlog, settings.inputs.backlog, config), BACKLOG, settings)
    lines = explain_interval(rows, settings, queue, moment, waiting)
    parts = None
    past = history_of(run_of(run)) if history is None and of_run else history
    if past is not None:
        hand = Hand(overrides, events, config)
        parts = forecast_parts(past, settings, Wanted(queue, moment), rows, hand)
    given = Given(config, run, roster, agents, requirements)
    there = on_queue_then(given, settings, queue, moment) if of_run or given.of_files else None
    show_interval(parts, lines, there, as_json=as_json)


def forecast(
    queue: QueueName,
    when: Annotated[str, typer.Argument(help="A day (2026-03-02), or an interval (2026-03-02T10:00).")],
    run: Run = None,
    history: Annotated[
        OptionalPath, typer.Option(help="History that the forecast learns from, in place of the run's.")
    ] = None,
    horizon: Annotated[str | None, typer.Option(help="Local calendar days, e.g. 6w or 10d.")] = None,
    as_of: Annotated[str | None, typer.Option(help="Forecast from here; later rows are ignored.")] = None,
    model: Annotated[list[str] | None, typer.Option(help="Model to use (repeatable).")] = None,
    overrides: Overrides = None,
    events: Events = None,
    config: ConfigPath = WFM_TOML,
    as_json: AsJson = False,
) -> None:
    """Level, weekday, profile, month, holiday, event, models, overrides: what makes a forecast, and why.

    Example: wfm explain forecast billing_voice 2026-03-02T10:00 --history history.csv
    """
    from wfm.forecast.explanation import Asked, explain_forecast
    from wfm.io.history import read_history
    from wfm.io.inputs import read_optional
    from wfm.tables import EVENTS, OVERRIDES

    settings = configuration(config)
    check_queue(queue, settings)
    past = history_file(run) if history is None else history
    moment = moment_of(when, settings.queues[queue].timezone)
    days = parse_horizon(settings.forecast.horizon if horizon is None else horizon)
    explanation = explain_forecast(
        read_history(past, settings, mapping=None),
        settings,
        Asked(queue, moment, len(when) == len("2026-03-02"), days),
        as_of=parse_moment(as_of, settings.centre.timezone),
        models=tuple(model or ()),
        events=read_optional(in_config(events, settings.inputs.events, config), EVENTS, settings),
        overrides=read_optional(in_config(overrides, settings.inputs.overrides, config), OVERRIDES, settings),
    )
    for line in explanation.in_words() if not as_json else ():
        typer.echo(line)
    summarise(explanation.facts(), as_json)


def shift(
    agent: Annotated[str, typer.Argument(help="Agent (agent_id).")],
    date: Annotated[str, typer.Argument(help="Date of the shift or the day off, YYYY-MM-DD.")],
    run: Run = None,
    roster: Roster = None,
    agents: Agents = None,
    requirements: Required = None,
    most: Annotated[int, typer.Option(help="Legal alternatives to show.", min=1, max=200)] = 5,
    config: ConfigPath = WFM_TOML,
    from_: Annotated[str | None, typer.Option("--from", help="First day, a week start.")] = None,
    time_off: Annotated[OptionalPath, typer.Option(help="Granted absence; of a run: [inputs].")] = None,
    requests: Annotated[OptionalPath, typer.Option(help="Wishes; of a run: [inputs].")] = None,
    pins: Annotated[OptionalPath, typer.Option(help="Shifts fixed by hand; of a run: [inputs].")] = None,
    previous: Annotated[OptionalPath, typer.Option(help="The roster before.")] = None,
    freeze: Annotated[
        str | None, typer.Option(help="First days that must be as in --previous, e.g. 14d.")
    ] = None,
    activities: Annotated[
        OptionalPath, typer.Option(help="Trainings, meetings, coaching; of a run: [inputs].")
    ] = None,
    skill_requirements: Annotated[
        OptionalPath, typer.Option(help="Of a roster for skill groups in place of queues.")
    ] = None,
    weeks: Annotated[int | None, typer.Option(help="Weeks of the horizon.", min=1, max=26)] = None,
    as_json: AsJson = False,
) -> None:
    """Why an agent works so, or is off: coverage with and without, the rules that bind, what else could be.

    Example: wfm explain shift a017 2026-03-06 --run runs/current
    """
    from wfm.schedule.why import explain_shift
    from wfm.schedule.why.shift_words import facts, in_words

    settings, day = configuration(config), day_of(date)
    given = Given(
        config,
        run,
        roster,
        agents,
        requirements,
        time_off,
        requests,
        pins,
        previous,
        activities,
        skill_requirements,
        freeze,
        from_,
        weeks,
    )
    found = explain_shift(published_of(given, settings), agent, day, most)
    tell_difference(given, found.objective)
    if not as_json:
        for line in in_words(found, timedelta(minutes=settings.centre.interval_min)):
            typer.echo(line)
    summarise(facts(found), as_json)


@dataclass(frozen=True)
class Hand:
    """The planner's overrides and events: files of options, else of the configuration."""

    overrides: Path | None
    events: Path | None
    config: Path


@dataclass(frozen=True)
class Wanted:
    """A queue and the start of an interval."""

    queue: str
    moment: pd.Timestamp


def forecast_parts(
    history: Path, settings: Config, wanted: Wanted, rows: pd.DataFrame, hand: Hand
) -> ForecastExplanation | None:
    """Return the parts of a forecast made anew, None (and a message) if there are none.

    It is made from the first interval of the forecast, or from the end of the history if that is earlier.
    """
    from wfm.forecast.explanation import Asked, explain_forecast
    from wfm.io.history import read_history
    from wfm.io.inputs import read_optional
    from wfm.tables import EVENTS, OVERRIDES

    past, first = read_history(history, settings, mapping=None), rows["interval_start"].min()
    later = bool((past["interval_start"] >= first).any())
    named, config = settings.inputs, hand.config
    try:
        found = explain_forecast(
            past,
            settings,
            Asked(wanted.queue, wanted.moment, False, parse_horizon(settings.forecast.horizon)),
            as_of=first if later else None,
            models=settings.forecast.models,
            events=read_optional(in_config(hand.events, named.events, config), EVENTS, settings),
            overrides=read_optional(in_config(hand.overrides, named.overrides, config), OVERRIDES, settings),
        )
    except WfmError as trouble:
        say(f"warning: the parts of the forecast cannot be told: {trouble.problem}")
        return None
    tell_other_forecast(found, wanted, rows)
    return found


def tell_other_forecast(found: ForecastExplanation, wanted: Wanted, rows: pd.DataFrame) -> None:
    """Say that the forecast made anew is not the one that was staffed."""
    at = (rows["queue"] == wanted.queue) & (rows["interval_start"] == wanted.moment)
    stood = float(rows.loc[at, "offered"].sum())
    if abs(stood - found.contacts) > 0.005:  # half of the last figure shown
        say(
            f"warning: made anew from the history the forecast is {found.contacts:.2f}, the one staffed was"
            f" {stood:.2f}: its overrides, events or --as-of were others"
        )


def on_queue_then(given: Given, settings: Config, queue: str, moment: pd.Timestamp) -> Attendance | None:
    """Return who is on queue, None (and a message) where a run has no roster."""
    from wfm.errors import DataError
    from wfm.schedule.why import attendance

    try:
        published = published_of(given, settings)
    except DataError as trouble:
        say(f"warning: who is on queue cannot be told: {trouble.problem}")
        return None
    return attendance(published, queue, moment.to_pydatetime())


def show_interval(
    parts: ForecastExplanation | None, lines: list[str], there: Attendance | None, *, as_json: bool
) -> None:
    """Print the chain from the forecast to the people, or all of it as one object."""
    chain = [] if parts is None else [*parts.in_words(), ""]
    chain += lines + ([] if there is None else there.in_words())
    for line in chain if not as_json else ():
        typer.echo(line)
    told: dict[str, Any] = {
        "forecast": None if parts is None else parts.facts(),
        "requirement": lines,
        "on_queue": None if there is None else there.facts(),
    }
    summarise(told, as_json)


def forecast_file(run: Path | None) -> Path:
    """Return the forecast of a run; UsageError if no run is named and there was no night."""
    from wfm.io.run_paths import need_table
    from wfm.tables import FORECAST

    return need_table(run_or_hint(run, "name the forecast with --forecast forecast.csv"), FORECAST)


def history_file(run: Path | None) -> Path:
    """Return the history of a run; UsageError if no run is named and there was no night."""
    from wfm.io.run_paths import need_table
    from wfm.tables import HISTORY

    return need_table(run_or_hint(run, "name the history with --history history.csv"), HISTORY)


def history_of(run: Path) -> Path | None:
    """Return the history of a run, None where it has none."""
    from wfm.io.run_paths import find_table
    from wfm.tables import HISTORY

    return find_table(run, HISTORY)


def run_or_hint(run: Path | None, hint: str) -> Path:
    """Return the run that is named, else the last night's; UsageError with a hint if there is neither."""
    try:
        return run_of(run)
    except UsageError as error:
        raise UsageError(error.problem, hint=hint) from error


def moment_of(text: str, timezone: str) -> pd.Timestamp:
    """Read a moment that must be there."""
    moment = parse_moment(text, timezone)
    if moment is None:
        raise UsageError("no time", hint="write 2026-03-02T10:00")
    return moment


def check_queue(queue: str, settings: Config) -> None:
    """Raise UsageError, with the nearest name, for a queue that is not configured."""
    if queue not in settings.queues:
        near = difflib.get_close_matches(queue, list(settings.queues), n=1)
        known = f"did you mean '{near[0]}'?" if near else f"queues: {', '.join(settings.queues)}"
        raise UsageError(f"no queue '{queue}'", hint=known)

"""Tables and configuration to a scenario; faults of the tables together, before anything is played."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from wfm.config import Config, Queue
from wfm.errors import ConfigError, DataError, Fault
from wfm.localtime import local_dates
from wfm.simulate.crew import Blend, staff_of_requirements, staff_of_roster, unplanned
from wfm.simulate.demand import demand_of, handle_times, rules_of
from wfm.simulate.options import Options
from wfm.simulate.scenario import NO_SKILL, Scenario, Staff
from wfm.simulate.span import Span, span_of
from wfm.skills import queues_on

MOST_CONTACTS = 20_000_000  # expected in one replication; more would take minutes
MOST_AGENTS = 100_000  # on queue at once by the requirements
KEPT_FREE = r"^blend/.*/(\d+) idle$"  # in queue_model, of a blended row: agents kept free


@dataclass(frozen=True)
class Tables:
    """The tables of one run, conformed; what is None is not used."""

    requirements: pd.DataFrame
    roster: pd.DataFrame | None
    agents: pd.DataFrame | None
    forecast: pd.DataFrame | None
    backlog: pd.DataFrame
    days: pd.DataFrame | None
    contacts: pd.DataFrame | None


def build_scenario(tables: Tables, config: Config, options: Options) -> tuple[Scenario, Span]:
    """Return what is played, and its span. DataError where tables do not fit, ConfigError for queues."""
    _check_queues(tables.requirements, config)
    required = tables.requirements
    if tables.roster is not None:
        required = _of_roster(required, tables.roster, config)
    span = span_of(required, config.centre.interval_min)
    _check_grid(required, span)
    arrivals = required if tables.forecast is None else _within(tables.forecast, span)
    _check_grid(arrivals, span)
    measured = {} if tables.contacts is None else handle_times(tables.contacts)
    scenario = Scenario(
        demand_of(required, arrivals, span, config.queues, tables.backlog, tables.days),
        rules_of(required, span, config.queues, measured),
        _staff(tables, required, span, config, options),
    )
    _check_volume(scenario, span)
    return scenario, span


def notes(scenario: Scenario, span: Span, tables: Tables, config: Config) -> Iterator[str]:
    """Yield what a reader of the results should know."""
    queues = config.queues
    for q, name in enumerate(span.queues):
        if not (scenario.staff.rank[:, q] < NO_SKILL).any() and scenario.demand.rate[q].any():
            yield f"queue {name}: nobody can serve it"
        if queues[name].patience_s is None and not queues[name].deferred:
            yield f"queue {name}: no patience_s, nobody hangs up before the queue closes"
        if tables.contacts is not None and _without_acw(tables.contacts, name):
            yield f"queue {name}: the log has no after-contact work, agents look free too early"
        if queues[name].deferred and queues[name].arrives_always and tables.forecast is None:
            yield f"queue {name}: what arrives in closed time is in the forecast only (--forecast)"
    yield from _notes_of_blends(scenario, span, tables.requirements, queues)
    if tables.roster is None:
        yield from _notes_of_changed_teams(scenario, span, queues)


def _notes_of_blends(
    scenario: Scenario, span: Span, requirements: pd.DataFrame, queues: Mapping[str, Queue]
) -> Iterator[str]:
    """Yield that agents are not kept free, where the requirements count on it and a group serves both."""
    serves = scenario.staff.rank < NO_SKILL
    for q, name in enumerate(span.queues):
        partner = queues[name].blend_with
        if partner not in span.queues or not (serves[:, q] & serves[:, span.queues.index(partner)]).any():
            continue
        own = requirements.loc[(requirements["queue"] == name) & (requirements["load"] > 0), "queue_model"]
        kept_free = own.str.extract(KEPT_FREE)[0].dropna().astype(int).max()
        if kept_free > 0:
            words = f"up to {kept_free} of its agents free for {partner}"
            yield f"queue {name}: the blend keeps {words}, here an idle agent takes {name} at once"


def _notes_of_changed_teams(scenario: Scenario, span: Span, queues: Mapping[str, Queue]) -> Iterator[str]:
    """Yield where a blended team begins or ends while calls go on: who goes still finishes a contact."""
    works = np.diff(scenario.rules.worked, axis=1) > 0
    for q, name in enumerate(span.queues):
        partner = queues[name].blend_with
        if partner not in span.queues:
            continue
        live = works[span.queues.index(partner)]
        if (live[1:] & live[:-1] & (works[q, 1:] != works[q, :-1])).any():
            words = "all agents change, which makes the interval after it too good"
            yield f"queue {partner}: where the hours of {name} begin or end {words}"


def _without_acw(contacts: pd.DataFrame, queue: str) -> bool:
    own = contacts[contacts["queue"] == queue]
    return len(own) > 0 and not own["acw_s"].fillna(0.0).any()


def _staff(tables: Tables, required: pd.DataFrame, span: Span, config: Config, options: Options) -> Staff:
    nothing_lost = not options.shrinkage or (tables.roster is None and options.staffing == "required")
    lost = {
        name: (0.0, 0.0) if nothing_lost else unplanned(queue, config.simulate.whole_shift)
        for name, queue in config.queues.items()
    }
    away_s = config.simulate.away_min * 60.0
    if tables.roster is not None:
        return staff_of_roster(tables.roster, _skills(tables), span, away_s, lost)
    agents = span.filled(
        required, f"agents_{'required' if options.staffing == 'required' else 'to_schedule'}"
    )
    if agents.max(initial=0) > MOST_AGENTS:
        raise DataError(
            [
                Fault(
                    f"{agents.max():,.0f} agents in one interval, at most {MOST_AGENTS:,}",
                    "check the forecast",
                )
            ],
            source="requirements",
        )
    return staff_of_requirements(agents, span, away_s, lost, _blends(required, span, config))


def _blends(required: pd.DataFrame, span: Span, config: Config) -> list[Blend]:
    """Return the blended pairs among the queues of the span."""
    number, worked = {name: q for q, name in enumerate(span.queues)}, span.open(required)
    return [
        Blend(number[partner], q, worked[q])
        for name, q in number.items()
        if (partner := config.queues[name].blend_with) in number
    ]


def _skills(tables: Tables) -> dict[str, list[str]]:
    """Return every rostered agent's queues, best first; DataError where agents does not have one."""
    if tables.roster is None or tables.agents is None:
        raise ValueError("a roster without agents has no skills")
    texts = dict(zip(tables.agents["agent_id"], tables.agents["skills"], strict=True))
    unknown = sorted(set(tables.roster["agent_id"]) - set(texts))
    if unknown:
        faults = [Fault("not in agents", column="agent_id", value=agent) for agent in unknown]
        raise DataError(faults, source="roster", hint="give the agents table that the roster was made with")
    first_day = tables.roster["shift_date"].min().date()
    return {agent: list(queues_on(str(text), first_day)) for agent, text in texts.items()}


def _of_roster(required: pd.DataFrame, roster: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return the requirements of the roster's dates."""
    if roster.empty:
        raise DataError([Fault("no shifts", "make it with wfm schedule")], source="roster")
    first, last = roster["shift_date"].min(), roster["shift_date"].max()
    zones = {name: config.queues[name].timezone for name in required["queue"].unique()}
    parts = [
        rows[local_dates(rows["interval_start"], zones[str(name)]).between(first, last)]
        for name, rows in required.groupby("queue", sort=True)
    ]
    kept = pd.concat(parts)
    if kept.empty:
        days = f"{required['interval_start'].min():%Y-%m-%d} to {required['interval_start'].max():%Y-%m-%d}"
        fault = Fault(f"its shifts are of {first:%Y-%m-%d} to {last:%Y-%m-%d}, the requirements of {days}")
        raise DataError([fault], source="roster", hint="give the requirements of the roster's weeks")
    return kept


def _within(forecast: pd.DataFrame, span: Span) -> pd.DataFrame:
    """Return the forecast's rows of the span; DataError if there are none."""
    end = span.starts()[-1]
    rows = forecast[forecast["queue"].isin(span.queues) & forecast["interval_start"].between(span.start, end)]
    if rows.empty:
        fault = Fault(f"no row between {span.start:%Y-%m-%d %H:%M} and {end:%Y-%m-%d %H:%M} UTC")
        raise DataError([fault], source="forecast", hint="give the forecast that the requirements come from")
    return rows


def _check_queues(required: pd.DataFrame, config: Config) -> None:
    if required.empty:
        raise DataError([Fault("no rows", "make them with wfm staff")], source="requirements")
    unknown = [str(name) for name in required["queue"].unique() if name not in config.queues]
    if unknown:
        faults = [Fault("no such queue", f"add [queues.{n}]", column="queue", value=n) for n in unknown]
        raise ConfigError(faults, hint="every queue of the requirements needs its section in wfm.toml")


def _check_grid(rows: pd.DataFrame, span: Span) -> None:
    """Refuse rows off the grid of intervals, which were made with another interval_min."""
    off = rows[span.seconds(rows["interval_start"]) % span.interval_s != 0]
    if len(off):
        faults = [
            Fault(
                f"not a multiple of {span.interval_min} min after the first",
                column="interval_start",
                value=str(t),
            )
            for t in off["interval_start"].head()
        ]
        raise DataError(faults, source="requirements", hint="set [centre] interval_min as it was for them")


def _check_volume(scenario: Scenario, span: Span) -> None:
    expected = float(scenario.demand.rate.sum() * span.interval_s)
    if expected > MOST_CONTACTS:
        fault = Fault(f"{expected:,.0f} contacts in one replication, at most {MOST_CONTACTS:,}")
        raise DataError([fault], source="requirements", hint="simulate fewer days, or check the forecast")

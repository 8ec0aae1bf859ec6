"""The stage: a plan in, the service it gives out. Requirements or a roster are played contact by contact.

Demand is that of the requirements (or of a forecast, which also has the deferred work that arrives in closed
time). Agents are those of the roster, or as many per interval as the requirements say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.simulate.build import Tables, build_scenario, notes
from wfm.simulate.demand import variants_of
from wfm.simulate.options import Options
from wfm.simulate.replications import Replications, replicate
from wfm.simulate.results import days_table, simulation_table, whole_service
from wfm.simulate.scenario import Scenario
from wfm.simulate.sums import Sums, joined
from wfm.simulate.verdict import Miss, misses_of, summary_of
from wfm.tables import AGENTS, BACKLOG, CONTACTS, DAYS, FORECAST, REQUIREMENTS, ROSTER, Table

FIRST_BATCH = 32  # replications, before the precision is looked at; each batch doubles their number

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class SimulationResult:
    """SIMULATION, SIMULATED_DAYS, a summary, and the promises that intervals miss."""

    simulation: pd.DataFrame
    days: pd.DataFrame
    summary: dict[str, Any]
    misses: list[Miss]


def simulate(  # noqa: PLR0913 - one parameter per input table, all but two by keyword
    requirements: pd.DataFrame,
    config: Config,
    *,
    roster: pd.DataFrame | None = None,
    agents: pd.DataFrame | None = None,
    forecast: pd.DataFrame | None = None,
    backlog: pd.DataFrame | None = None,
    days: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
    options: Options | None = None,
    done: Callable[[float], None] = lambda _: None,
) -> SimulationResult:
    """Return what service a plan gives, over as many replications as the precision takes.

    A `roster` needs its `agents`. `forecast` replaces the arrivals of the requirements, `days` says how
    uncertain the volume of a day is, `contacts` how handle times spread; `done` hears the share that is over.
    Raises DataError where tables do not fit each other or volumes are absurd, ConfigError for unknown queues,
    LimitError where contacts pile up beyond all room.
    """
    options = options or Options()
    tables = Tables(
        conform(requirements, REQUIREMENTS),
        _table(roster, ROSTER),
        _table(agents, AGENTS),
        _table(forecast, FORECAST),
        empty(BACKLOG) if backlog is None else conform(backlog, BACKLOG),
        _table(days, DAYS),
        _table(contacts, CONTACTS),
    )
    scenario, span = build_scenario(tables, config, options)
    sums = _played(scenario, variants_of(span, config.queues), config, options, done)
    simulation = simulation_table(sums, scenario, span)
    misses = misses_of(simulation, config.queues, len(sums.days))
    summary = summary_of(sums, scenario.rules, span, config.queues, misses)
    seed = config.simulate.seed if options.seed is None else options.seed
    summary |= {"seed": seed, "warnings": list(notes(scenario, span, tables, config))}
    return SimulationResult(simulation, days_table(sums, span, config.queues), summary, misses)


def _played(
    scenario: Scenario,
    variants: NDArray[np.int64],
    config: Config,
    options: Options,
    done: Callable[[float], None],
) -> Sums:
    """Return the sums of the replications asked for, or of so many that the precision is reached."""
    settings = config.simulate
    seed = settings.seed if options.seed is None else options.seed
    precision = settings.precision if options.precision is None else options.precision
    asked = settings.replications if options.replications is None else options.replications
    if asked:
        return replicate(scenario, variants, Replications(seed, 0, asked), done, options.workers)
    sums: Sums | None = None
    target = min(FIRST_BATCH, settings.most_replications)
    while True:
        before = 0 if sums is None else len(sums.days)
        more = replicate(
            scenario, variants, Replications(seed, before, target - before), done, options.workers
        )
        sums = more if sums is None else joined([sums, more])
        if target >= settings.most_replications or _precise(whole_service(sums)[1], precision):
            return sums
        target = min(2 * target, settings.most_replications)


def _precise(half_width: Floats, precision: float) -> bool:
    """Return whether every queue's service level is known well enough; unknown ones never will be."""
    known = half_width[~np.isnan(half_width)]
    return bool((known <= precision).all())


def _table(frame: pd.DataFrame | None, table: Table) -> pd.DataFrame | None:
    return None if frame is None else conform(frame, table)

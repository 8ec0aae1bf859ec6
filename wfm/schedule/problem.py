"""The roster problem as plain data: agents, their rules and goals, requirements and sites on one grid.

Built from tables and configuration once; nothing in it knows of files, clocks or solvers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Weights
from wfm.localtime import local_dates
from wfm.schedule.catalogue import contract_minutes
from wfm.schedule.cuts import Cuts, build_cuts
from wfm.schedule.facts import Facts
from wfm.schedule.facts_from_tables import Setting, collect_facts, without_effect
from wfm.schedule.history import Carried, carried_over
from wfm.schedule.horizon import Day, Grid, build_grid, horizon_dates, rows_in_horizon
from wfm.schedule.inputs import Inputs, with_elsewhere, with_site
from wfm.schedule.shifts import Shifts, Use, shifts_in_use
from wfm.schedule.sites import SiteLimits, site_days, site_limits
from wfm.schedule.weekends import whole_weekends
from wfm.skills import queues_of

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Problem:
    """Everything the search, the bound and the read-back need. N intervals, G skill groups.

    `required` (N) is what these agents are for, `total` (N) the R of the objective: with what is required
    elsewhere, where anything is required here.
    """

    config: Config
    weights: Weights
    dates: list[date]
    grid: Grid
    requirements: pd.DataFrame
    facts: list[Facts]
    shifts: list[Shifts]
    groups: list[frozenset[int]]
    group_of: NDArray[np.int64]
    cuts: Cuts
    required: Floats
    total: Floats
    days: Mapping[str, list[Day]]
    weekends: list[tuple[int, ...]]
    sites: list[SiteLimits]
    site_of: NDArray[np.int64]
    history: list[Carried]
    warnings: list[str]

    @property
    def price_scale(self) -> float:
        """Objective per interval and agent: the contract weighs 15 minutes."""
        return self.grid.interval_min / 15


def build_problem(inputs: Inputs, config: Config, first_day: date, weeks: int) -> Problem:
    """Return the problem of a horizon; DataError where tables name what the configuration does not know."""
    inputs = replace(inputs, agents=with_site(inputs.agents, config))
    agents, dates = inputs.agents, horizon_dates(first_day, weeks)
    rows = rows_in_horizon(inputs.requirements, dates, config)
    contracts = [config.contracts[name] for name in sorted(agents["contract"].unique())]
    grid = build_grid(rows, dates, config, [m for contract in contracts for m in contract_minutes(contract)])
    queues = sorted(rows["queue"].unique())
    days = {name: site_days(site.timezone, dates, grid) for name, site in config.sites.items()}
    facts = collect_facts(inputs, Setting(config, dates, grid, days, queues))
    uses = [Use(fact.contract_name, fact.site, any(fact.minor)) for fact in facts]
    shifts = shifts_in_use(uses, dates, grid, config)
    groups = sorted({frozenset(grade.skills) for fact in facts for grade in fact.grades}, key=sorted)
    group_of = [groups.index(frozenset(fact.skills)) for fact in facts]
    sites = list(config.sites)
    site_of = [sites.index(fact.site) for fact in facts]
    places = {fact.agent_id: (index, site_of[index]) for index, fact in enumerate(facts)}
    required = _required(rows, queues, grid)
    return Problem(
        config=config,
        weights=config.schedule.weights,
        dates=dates,
        grid=grid,
        requirements=rows,
        facts=facts,
        shifts=[shifts[use] for use in uses],
        groups=groups,
        group_of=np.array(group_of, dtype=np.int64),
        cuts=build_cuts(groups, required),
        required=required.sum(axis=0),
        total=with_elsewhere(required.sum(axis=0), grid.interval_starts(), inputs.elsewhere),
        days=days,
        weekends=whole_weekends(dates, config),
        sites=site_limits(agents, rows, grid, config),
        site_of=np.array(site_of, dtype=np.int64),
        history=carried_over(inputs.previous, places, first_day, grid),
        warnings=[
            *_unserved(agents, queues),
            *_empty_weeks(rows, dates, config),
            *without_effect(inputs, dates),
        ],
    )


def _required(rows: pd.DataFrame, queues: Sequence[str], grid: Grid) -> Floats:
    required = np.zeros((len(queues), grid.intervals))
    starts = grid.interval_starts()
    at = starts.get_indexer(pd.DatetimeIndex(rows["interval_start"]))
    number = rows["queue"].map({name: index for index, name in enumerate(queues)}).to_numpy()
    required[number.astype(np.int64), at] = rows["agents_to_schedule"].to_numpy()
    return required


def _empty_weeks(rows: pd.DataFrame, dates: Sequence[date], config: Config) -> list[str]:
    local = local_dates(rows["interval_start"], config.centre.timezone)
    return [
        f"week of {first}: no requirements at all, its shifts count as overstaffing"
        for first in dates[::7]
        if not local.between(pd.Timestamp(first), pd.Timestamp(first + timedelta(days=6))).any()
    ]


def _unserved(agents: pd.DataFrame, queues: Sequence[str]) -> list[str]:
    served = {skill for text in agents["skills"].unique() for skill in queues_of(str(text))}
    return [f"queue {name}: no agent has this skill" for name in queues if name not in served]

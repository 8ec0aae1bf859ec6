"""What simulations say of a plan: by its requirements, and by its roster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from wfm.config import Config
from wfm.conform import joined
from wfm.errors import count_of
from wfm.pipeline.in_words import misses_in_words, simulation_in_words
from wfm.schedule.horizon import horizon_dates, rows_in_horizon
from wfm.schedule.stage import ScheduleResult
from wfm.simulate.stage import SimulationResult, simulate
from wfm.tables import SIMULATED_DAYS, SIMULATION


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
            missed = count_of(len(self.requirements.misses), "interval")
            lines.append(f"simulate: agents as required miss a promise in {missed}:")
            lines += misses_in_words(self.requirements, config)
        return lines


@dataclass(frozen=True)
class ProofPart:
    """A roster to be simulated, with all that its queues need."""

    planned: ScheduleResult
    requirements: pd.DataFrame
    forecast: pd.DataFrame
    days: pd.DataFrame
    agents: pd.DataFrame
    backlog: pd.DataFrame | None
    config: Config


def prove(part: ProofPart) -> Proof:
    """Simulate the rostered weeks, by their requirements and by their roster."""
    planned, config = part.planned, part.config
    first_day = datetime.fromisoformat(planned.summary["first_day"]).date()
    rows = rows_in_horizon(part.requirements, horizon_dates(first_day, planned.summary["weeks"]), config)
    if rows.empty or planned.roster.empty:
        return Proof(None, None)
    return Proof(
        simulate(rows, config, forecast=part.forecast, backlog=part.backlog),
        simulate(
            rows,
            config,
            roster=planned.roster,
            agents=part.agents,
            forecast=part.forecast,
            days=part.days,
            backlog=part.backlog,
        ),
    )


def joined_proofs(parts: Sequence[Proof]) -> Proof:
    """Return the proofs of parts as one."""
    return Proof(
        _joined([part.requirements for part in parts if part.requirements is not None]),
        _joined([part.roster for part in parts if part.roster is not None]),
    )


def _joined(parts: Sequence[SimulationResult]) -> SimulationResult | None:
    if len(parts) <= 1:
        return parts[0] if parts else None
    summaries = [part.summary for part in parts]
    summary = {
        **summaries[0],
        "replications": min(one["replications"] for one in summaries),
        "first_interval": min(one["first_interval"] for one in summaries),
        "last_interval": max(one["last_interval"] for one in summaries),
        "queues": {name: given for one in summaries for name, given in one["queues"].items()},
        "warnings": [text for one in summaries for text in one["warnings"]],
    }
    misses = [miss for part in parts for miss in part.misses]
    return SimulationResult(
        joined([part.simulation for part in parts], SIMULATION),
        joined([part.days for part in parts], SIMULATED_DAYS),
        summary,
        sorted(misses, key=lambda miss: (miss.queue, miss.interval_start, miss.promise)),
    )

"""Every table of the contract, declared once: columns with kind, unit, bounds and meaning, and the key.

Durations are seconds (`_s`), ratios fractions, times interval starts. In memory an instant is
`datetime64[us, UTC]`, a date a naive midnight, a text `str`; every declared column is present, optional ones
may be empty. `wfm.conform` checks a frame against these declarations; docs/tables.md is generated from them.
"""

from __future__ import annotations

from wfm.tables.accuracy import HINDSIGHT, SCORE_PARTS, SCORES
from wfm.tables.declaration import TEXTS, Column, Kind, Ordered, Table
from wfm.tables.demand import (
    BACKLOG,
    CONTACTS,
    DAYS,
    EVENTS,
    FORECAST,
    FORECAST_FIELDS,
    HISTORY,
    OUTCOMES,
    OVERRIDES,
)
from wfm.tables.recurring import BANDS
from wfm.tables.rostering import (
    ACTIVITIES,
    ACTIVITY_TABLE,
    AGENTS,
    CHANGES,
    COVERAGE,
    PINS,
    REQUESTS,
    ROSTER,
    TIME_OFF,
)
from wfm.tables.simulation import SIMULATED_DAYS, SIMULATION
from wfm.tables.staffing import COSTS, LEVERS, REQUIREMENTS, SENSITIVITY, SKILL_REQUIREMENTS

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CONTACTS,
        HISTORY,
        FORECAST,
        DAYS,
        REQUIREMENTS,
        COSTS,
        SENSITIVITY,
        SKILL_REQUIREMENTS,
        AGENTS,
        TIME_OFF,
        REQUESTS,
        PINS,
        ACTIVITY_TABLE,
        ROSTER,
        COVERAGE,
        OVERRIDES,
        EVENTS,
        BACKLOG,
        SCORES,
        SCORE_PARTS,
        HINDSIGHT,
        SIMULATION,
        SIMULATED_DAYS,
    )
}

__all__ = [
    "ACTIVITIES",
    "ACTIVITY_TABLE",
    "AGENTS",
    "BACKLOG",
    "BANDS",
    "CHANGES",
    "CONTACTS",
    "COSTS",
    "COVERAGE",
    "DAYS",
    "EVENTS",
    "FORECAST",
    "FORECAST_FIELDS",
    "HINDSIGHT",
    "HISTORY",
    "LEVERS",
    "OUTCOMES",
    "OVERRIDES",
    "PINS",
    "REQUESTS",
    "REQUIREMENTS",
    "ROSTER",
    "SCORES",
    "SCORE_PARTS",
    "SENSITIVITY",
    "SIMULATED_DAYS",
    "SIMULATION",
    "SKILL_REQUIREMENTS",
    "TABLES",
    "TEXTS",
    "TIME_OFF",
    "Column",
    "Kind",
    "Ordered",
    "Table",
]

"""Whether the rules of all agents and sites can be kept at all: a look before the search, in a second."""

from __future__ import annotations

from datetime import date

import pandas as pd

from wfm.config import Config
from wfm.conform import conform, empty
from wfm.schedule.build import build_agent
from wfm.schedule.conflicts import check_feasible
from wfm.schedule.freeze import with_freeze
from wfm.schedule.horizon import check_first_day, first_whole_week, horizon_dates
from wfm.schedule.inputs import Inputs, table_or_empty
from wfm.schedule.options import Options
from wfm.schedule.problem import build_problem
from wfm.tables import ACTIVITY_TABLE, PINS, REQUESTS, REQUIREMENTS, ROSTER, TIME_OFF


def check(  # noqa: PLR0913 - one parameter per input table, all but three by keyword
    requirements: pd.DataFrame,
    agents: pd.DataFrame,
    config: Config,
    *,
    first_day: date | None = None,
    time_off: pd.DataFrame | None = None,
    pins: pd.DataFrame | None = None,
    previous: pd.DataFrame | None = None,
    options: Options | None = None,
) -> list[str]:
    """Raise RuleError if an agent has no legal tour or a site's limits cannot be kept; return warnings.

    Nothing is searched: that takes a second or two. Activities are not looked at, for they are placed by a
    search.
    """
    options = options or Options()
    inputs = Inputs(
        conform(requirements, REQUIREMENTS),
        agents,
        table_or_empty(time_off, TIME_OFF),
        empty(REQUESTS),
        table_or_empty(pins, PINS),
        table_or_empty(previous, ROSTER),
        empty(ACTIVITY_TABLE),
    )
    first_day = first_day or first_whole_week(inputs.requirements, config)
    check_first_day(first_day, config)
    weeks = options.weeks or config.schedule.weeks
    inputs = with_freeze(inputs, config, horizon_dates(first_day, weeks), options.freeze_days)
    problem = build_problem(inputs, config, first_day, weeks)
    check_feasible(problem, [build_agent(problem, index) for index in range(len(problem.facts))])
    return problem.warnings

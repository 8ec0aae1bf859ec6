"""Hot small moves, which take nearly everything, never leave a rule that joins dates far apart."""

from __future__ import annotations

import numpy as np
import pytest

from tests.schedule.small import MONDAY, agents_table, problem_of, requirements_table
from tests.schedule.test_labour_rules import LONG, QUICK, configured
from wfm.schedule.annealing import _Run
from wfm.schedule.build import build_agent
from wfm.schedule.further_rules import changes, keeps_further_rules
from wfm.schedule.search import Search
from wfm.schedule.stage import schedule

HEAT = 50.0
OPEN = "Mon-Sun 08:00-20:00"
WEEKS = "[schedule]\nweeks = 2\n"


@pytest.mark.parametrize(
    ("lines", "sections"),
    [
        pytest.param("weekly_rest_h = 60", "", id="weekly rest"),
        pytest.param("average_week_hours = [24, 30]\naverage_weeks = 2", WEEKS, id="averages"),
        pytest.param("", "[schedule]\nmax_changed_shifts_per_agent = 1\n", id="changes"),
    ],
)
def test_hot_moves_keep_the_rules_that_join_dates(lines: str, sections: str) -> None:
    config = configured(lines, sections)
    opening = {name: queue.model_copy(update={"hours": OPEN}) for name, queue in config.queues.items()}
    config = config.model_copy(update={"queues": opening})
    agents = agents_table([{"contract": "flex"}] * 5)
    requirements = requirements_table({"billing": LONG}, config, config.schedule.weeks)
    tables = {}
    if "changed" in sections:
        before = schedule(requirements, agents, configured("", ""), first_day=MONDAY.date(), options=QUICK)
        tables = {"previous": before.roster}
    problem = problem_of(config, agents, requirements, **tables)
    search = Search(problem, [build_agent(problem, index) for index in range(len(agents))], 3)
    search.sweep(1.0)
    run = _Run(search)
    moved = False
    for _ in range(25):
        earlier = run.plan.types.copy()
        run.small_moves(HEAT)
        moved |= bool((earlier != run.plan.types).any())
        for agent, types in zip(search.agents, run.plan.types, strict=True):
            assert keeps_further_rules(agent, np.asarray(types))
            assert "changed" not in sections or changes(agent, np.asarray(types)) <= 1
    assert moved

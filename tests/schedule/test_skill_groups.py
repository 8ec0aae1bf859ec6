"""Skill groups in place of queues: who can stand in for whom, and a roster that covers groups."""

from __future__ import annotations

from datetime import date

import pandas as pd
import pytest

from tests.schedule.small import MONDAY, agents_table, config_with, requirements_table
from wfm.conform import conform
from wfm.errors import DataError
from wfm.schedule.options import Options
from wfm.schedule.skill_groups import groups_as_queues
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify
from wfm.tables import SKILL_REQUIREMENTS


def skill_table(requirements, **groups):
    """Return SKILL_REQUIREMENTS: each group with its skills asks for as many agents as a row's number."""
    starts = pd.DatetimeIndex(requirements["interval_start"].unique())
    parts = [
        pd.DataFrame({"group": name, "interval_start": starts, "skills": skills}).assign(
            agents_required=count, agents_to_schedule=count, agents_gross=count
        )
        for name, (skills, count) in groups.items()
    ]
    return conform(pd.concat(parts), SKILL_REQUIREMENTS)


@pytest.mark.parametrize(
    ("skills", "groups"),
    [
        ("billing", "one"),
        ("tech", ""),
        ("tech;billing", "both;one"),
        ("billing;tech[2026-03-16..]", "both[2026-03-16..];one"),
        ("billing[..2026-03-20];tech[2026-03-16..]", "both[2026-03-16..2026-03-20];one[..2026-03-20]"),
        ("billing[..2026-03-10];tech[2026-03-16..]", "one[..2026-03-10]"),
    ],
    ids=["specialist", "no group", "generalist", "from a date", "for some days", "never both"],
)
def test_an_agent_stands_in_for_the_groups_whose_skills_it_has(skills, groups):
    config = config_with()
    requirements = requirements_table({"billing": [1]}, config)
    table = skill_table(requirements, one=("billing", 1), both=("billing;tech", 1))
    agents = agents_table([{"skills": skills}])
    plan = groups_as_queues(table, agents, config)
    assert plan.agents["skills"].tolist() == [groups]
    assert bool(plan.warnings) == (groups == "")


def test_a_roster_for_groups_passes_verification_and_only_generalists_fill_their_seats():
    config = config_with()
    agents = agents_table([{"skills": skills} for skills in ["billing"] * 5 + ["tech;billing"] * 3])
    table = skill_table(
        requirements_table({"billing": [3] * 16}, config), one=("billing", 2), both=("billing;tech", 1)
    )
    plan = groups_as_queues(table, agents, config)
    result = schedule(
        plan.requirements,
        plan.agents,
        plan.config,
        first_day=MONDAY.date(),
        options=Options(time_limit_s=600, work_limit=0.1, sweeps=30),
    )
    verdict = verify(
        result.roster,
        plan.agents,
        plan.requirements,
        plan.config,
        first_day=date.fromisoformat(result.summary["first_day"]),
        weeks=result.summary["weeks"],
        summary=result.summary,
    )
    assert not verdict.violations
    assert verdict.objective == pytest.approx(result.summary["objective"])
    on_queue = result.roster[result.roster["activity"] == "on_queue"]
    generalists = set(agents["agent_id"][5:])
    both = result.coverage[result.coverage["queue"] == "both"]
    for start, scheduled in zip(both["interval_start"], both["agents_scheduled"], strict=True):
        here = on_queue[(on_queue["start"] <= start) & (on_queue["end"] > start)]["agent_id"]
        assert scheduled <= len(set(here) & generalists) + 1e-9
    assert both["agents_scheduled"].sum() > 0


def test_a_group_whose_skills_change_is_refused():
    config = config_with()
    table = skill_table(requirements_table({"billing": [1]}, config), one=("billing", 1))
    table.loc[0, "skills"] = "tech"
    with pytest.raises(DataError, match="not the same in every row"):
        groups_as_queues(table, agents_table([{}]), config)


def test_a_skill_that_no_queue_has_is_refused():
    config = config_with()
    table = skill_table(requirements_table({"billing": [1]}, config), one=("bilingual", 1))
    with pytest.raises(DataError, match="no such queue"):
        groups_as_queues(table, agents_table([{}]), config)

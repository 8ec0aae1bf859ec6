"""Rosters for skill groups: the groups of SKILL_REQUIREMENTS stand in for queues, and nothing else changes.

An agent can stand in for every group all of whose queues it serves; the groups with most skills come first in
its list, since fewest others can do their work. Coverage then splits agents among groups as it does among
queues: nobody is counted twice, and a sales agent cannot fill the seat of one who also speaks French.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import pandas as pd

from wfm.config import Config
from wfm.conform import conform
from wfm.errors import DataError, Fault
from wfm.skills import Skill, parse_skills, queues_of
from wfm.tables import REQUIREMENTS, SKILL_REQUIREMENTS

Span = tuple[date | None, date | None]  # first and last date; None: no bound


@dataclass(frozen=True)
class GroupPlan:
    """Requirements, agents and configuration in which groups are the queues, and what to know of them."""

    requirements: pd.DataFrame
    agents: pd.DataFrame
    config: Config
    warnings: list[str]


def groups_as_queues(skill_requirements: pd.DataFrame, agents: pd.DataFrame, config: Config) -> GroupPlan:
    """Return what the roster stage takes. DataError for a group whose skills change from row to row."""
    skill_requirements = conform(skill_requirements, SKILL_REQUIREMENTS)
    skills_of = _skills(skill_requirements)
    queues = {}
    for name, own in skills_of.items():
        unknown = [skill for skill in own if skill not in config.queues]
        if unknown:
            fault = Fault("no such queue", column="skills", value=unknown[0])
            raise DataError([fault], source="skill_requirements", hint="name queues of wfm.toml")
        queues[name] = config.queues[own[0]].model_copy(update={"hours": "", "holidays": ""})
    texts = [_as_groups(str(text), skills_of) for text in agents["skills"]]
    outside = [str(agent) for agent, text in zip(agents["agent_id"], texts, strict=True) if not text]
    named = ", ".join(outside[:5]) + (f" and {len(outside) - 5} more" if len(outside) > 5 else "")
    return GroupPlan(
        _requirements(skill_requirements),
        agents.assign(skills=pd.Series(texts, index=agents.index, dtype="str")),
        config.model_copy(update={"queues": queues}),
        [f"no group of the skill requirements fits the skills of {named}"] if outside else [],
    )


def _skills(skill_requirements: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    found = {}
    for name, texts in skill_requirements.groupby("group", sort=True)["skills"]:
        if len(set(texts)) > 1:
            fault = Fault("its skills are not the same in every row", column="group", value=str(name))
            raise DataError([fault], source="skill_requirements", hint="make it with wfm staff")
        own = queues_of(str(texts.iloc[0]))
        if not own:
            raise DataError(
                [Fault("a group without skills", column="group", value=str(name))],
                source="skill_requirements",
            )
        found[str(name)] = own
    return found


def _as_groups(text: str, skills_of: Mapping[str, tuple[str, ...]]) -> str:
    """Return the groups that an agent with these skills can stand in for, in the notation of skills."""
    own = parse_skills(text)
    parts = []
    for name in sorted(skills_of, key=lambda group: (-len(skills_of[group]), group)):
        served = [[skill for skill in own if skill.queue == queue] for queue in skills_of[name]]
        spans: list[Span] = [(None, None)] if all(served) else []
        for skills in served:
            spans = [common for span in spans for skill in skills if (common := _common(span, skill))]
        parts += [_written(name, *span) for span in spans]
    return ";".join(parts)


def _common(span: Span, skill: Skill) -> Span | None:
    """Return the dates of a span on which the skill counts too; None if there are none."""
    first = max((day for day in (span[0], skill.first) if day is not None), default=None)
    last = min((day for day in (span[1], skill.last) if day is not None), default=None)
    return None if first is not None and last is not None and last < first else (first, last)


def _written(name: str, first: date | None, last: date | None) -> str:
    return name if first is None and last is None else f"{name}[{first or ''}..{last or ''}]"


def _requirements(skill_requirements: pd.DataFrame) -> pd.DataFrame:
    """Return REQUIREMENTS by group; the stage reads the agents only, contacts belong to queues."""
    counts = ["agents_required", "agents_to_schedule", "agents_gross"]
    rows = skill_requirements[["group", "interval_start", *counts]].rename(columns={"group": "queue"})
    return conform(rows.assign(offered=0.0, aht_s=0.0, load=0.0, queue_model="skill_groups"), REQUIREMENTS)

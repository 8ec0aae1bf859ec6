"""How far a roster may leave the one before: shifts changed, as the goal `changed_shift` counts them."""

from __future__ import annotations

from collections.abc import Iterator

from wfm.schedule.verify.case import Agent, Case
from wfm.schedule.verify.goals import changed_shifts
from wfm.schedule.verify.violation import Violation


def max_changed_shifts_per_agent(agent: Agent, case: Case) -> Iterator[Violation]:
    """At most so many shifts of an agent differ."""
    most = case.config.schedule.max_changed_shifts_per_agent
    if text := _too_many(changed_shifts(agent, case), most):
        yield Violation(agent.agent_id, case.horizon.first_day, "max_changed_shifts_per_agent", text)


def max_changed_shifts(case: Case) -> Iterator[Violation]:
    """At most so many shifts of all agents together differ."""
    changed = sum(changed_shifts(agent, case) for agent in case.agents)
    if text := _too_many(changed, case.max_changed_shifts):
        yield Violation("roster", case.horizon.first_day, "max_changed_shifts", text)


def _too_many(changed: int, most: int | None) -> str:
    if most is None or changed <= most:
        return ""
    differ = "shift differs" if changed == 1 else "shifts differ"
    return f"{changed} {differ} from the roster before, at most {most}"

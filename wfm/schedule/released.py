"""Agents whom published days leave no legal tour: later days are let go, and what the past breaks is told.

A day of paid leave counts towards the hours of its week, so that a sick call alone can make the rest of a
published week too long. Then the agent's dates from the repair on may change as well. Where the past alone is
to blame, it stays as it was worked, and the rule that it breaks is flagged; nothing is relaxed in silence.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import partial

from wfm.schedule.agents import Agent
from wfm.schedule.best_effort import Unmet
from wfm.schedule.build import build_agent
from wfm.schedule.conflicts import any_tour, check_feasible, smallest_conflict
from wfm.schedule.facts import Facts
from wfm.schedule.problem import Problem
from wfm.schedule.relaxations import AMOUNTS, least_step, with_facts
from wfm.schedule.rule_names import MOST_HOURS, OVERTIME, PINS
from wfm.schedule.solver import Solver


def released_where_stuck(problem: Problem, first: date) -> tuple[Problem, list[Agent], list[Unmet]]:
    """Return the problem with legal agents, those agents, and what the past (before `first`) breaks.

    Raises RuleError for conflicts that no release of frozen days resolves.
    """
    solver = Solver(problem)
    unmet: list[Unmet] = []
    agents: list[Agent] = []
    for index in range(len(problem.facts)):
        agent = build_agent(problem, index)
        if any_tour(solver, agent) is None:
            problem, agent, told = _released(problem, index, solver, first)
            unmet += told
        agents.append(agent)
    check_feasible(problem, agents)
    return problem, agents, unmet


def _released(
    problem: Problem, index: int, solver: Solver, first: date
) -> tuple[Problem, Agent, list[Unmet]]:
    facts = problem.facts[index]
    own = tuple(pin for pin in facts.pins if not pin.frozen)
    past = tuple(pin for pin in facts.pins if pin.frozen and pin.when < first)
    later = with_facts(problem, index, replace(facts, pins=(*past, *own)))
    agent = build_agent(later, index)
    if any_tour(solver, agent) is not None:
        return later, agent, []
    rules = smallest_conflict(solver, partial(build_agent, later, index))
    if past and PINS in rules:
        for rule in (OVERTIME if rule == MOST_HOURS else rule for rule in rules if rule in AMOUNTS):
            eased = least_step(later, index, rule, partial(any_tour, solver))
            if eased is not None:
                told = Unmet(facts.agent_id, _key(rule, facts), f"{eased.words}: {_since(first)}")
                return with_facts(problem, index, eased.facts), eased.agent, [told]
    return later, agent, []


def _key(rule: str, facts: Facts) -> str:
    """Return the key under which a verification reports the rule."""
    key = "week_hours" if rule == OVERTIME and not facts.contract.overtime_hours else rule
    return key.partition(" (")[0]


def _since(first: date) -> str:
    return f"the days before {first} were worked as published"

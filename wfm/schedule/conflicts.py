"""Why an agent's rules cannot be met: the smallest set of them that conflict, in words.

A deletion filter: rules are left out one by one; one whose absence does not help belongs to no conflict that
is left, the others together do. The set is minimal: without any of its rules a legal tour exists.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from wfm.errors import Fault, RuleError
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.facts import Facts
from wfm.schedule.lawful import Wanted, lawful_tour
from wfm.schedule.problem import Problem
from wfm.schedule.rule_names import PINS, RULES
from wfm.schedule.rule_words import in_words
from wfm.schedule.solver import Solver

Rebuild = Callable[[frozenset[str]], Agent]  # the agent without the rules named


def check_feasible(problem: Problem, agents: list[Agent]) -> None:
    """Raise RuleError naming, for every agent without a legal tour, the smallest conflicting set of rules."""
    solver = Solver(problem)
    faults = [
        Fault(_conflict(agent.facts, smallest_conflict(solver, partial(build_agent, problem, index))))
        for index, agent in enumerate(agents)
        if not feasible(solver, agent)
    ]
    if faults:
        hint = "relax one rule of each set in wfm.toml or agents.csv, or correct the dates, leave or pins"
        raise RuleError(faults, source="hard rules", hint=hint)


def feasible(solver: Solver, agent: Agent) -> bool:
    """Return whether the agent has any legal tour."""
    price = np.zeros(solver.problem.grid.slots)
    tours = (
        lawful_tour(solver, agent, Wanted(price, free_days=free), thorough=True)[1]
        for free in agent.off_patterns
    )
    return any(tour is not None for tour in tours)


def smallest_conflict(solver: Solver, rebuild: Rebuild) -> list[str]:
    """Return a minimal set of rules that cannot hold together; empty if no rule is to blame."""
    relaxed: frozenset[str] = frozenset()
    if not feasible(solver, rebuild(frozenset(RULES))):
        return []
    for rule in RULES:
        if not feasible(solver, rebuild(relaxed | {rule})):
            relaxed |= {rule}
    return [rule for rule in RULES if rule not in relaxed]


def _conflict(facts: Facts, rules: list[str]) -> str:
    head = f"agent {facts.agent_id} (contract {facts.contract_name})"
    if not rules:
        return f"{head}: starts, shift_hours and breaks allow no shift at all"
    if rules == [PINS]:
        return f"{head}: no shift of the contract fits: {in_words(PINS, facts)}"
    if len(rules) == 1:
        shortest, longest = facts.contract.shift_hours
        shifts = f"shifts of {shortest:g} to {longest:g} h and their breaks"
        return f"{head}: {in_words(rules[0], facts)} cannot be met with {shifts}"
    return f"{head}: these cannot hold together: {'; '.join(in_words(rule, facts) for rule in rules)}"

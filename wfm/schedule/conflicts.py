"""Why an agent's rules cannot be met: the smallest set of them that conflict, in words.

A deletion filter: rules are left out one by one; one whose absence does not help belongs to no conflict that
is left, the others together do. The set is minimal: without any of its rules a legal tour exists.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from wfm.errors import MOST_FAULTS_SHOWN, Fault, RuleError
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.facts import Facts
from wfm.schedule.lawful import any_lawful_tour
from wfm.schedule.problem import Problem
from wfm.schedule.relaxations import relaxations, with_facts
from wfm.schedule.rule_names import PINS, RULES
from wfm.schedule.rule_words import in_words
from wfm.schedule.site_conflicts import site_conflicts
from wfm.schedule.solver import Solver, Tour

HINT = "relax one rule of each set in wfm.toml or agents.csv, or correct the dates, leave or pins"
MOST_NAMED = 5  # agents of one conflict
Rebuild = Callable[[frozenset[str]], Agent]  # the agent without the rules named


def check_feasible(problem: Problem, agents: list[Agent]) -> None:
    """Raise RuleError naming, for every agent without a legal tour, the smallest conflicting set of rules.

    Agents whose conflict reads the same are named together; the cheapest relaxation is that of the first.
    """
    solver = Solver(problem)
    alike: dict[str, list[int]] = {}
    blamed: dict[str, list[str]] = {}
    for index, agent in enumerate(agents):
        if any_tour(solver, agent) is None:
            rules = smallest_conflict(solver, partial(build_agent, problem, index))
            words = _conflict(_fewest_pins(solver, problem, index, rules), rules)
            alike.setdefault(words, []).append(index)
            blamed[words] = rules
    faults = [
        Fault(f"{_named(problem, members)}: {words}", _remedy(problem, members[0], blamed[words], number))
        for number, (words, members) in enumerate(alike.items())
    ]
    faults += site_conflicts(problem, agents)
    if faults:
        raise RuleError(faults, source="hard rules", hint=HINT)


def check_seats(problem: Problem, agents: list[Agent]) -> None:
    """Raise RuleError where a site has too few seats whatever the roster."""
    faults = site_conflicts(problem, agents, presence=False)
    if faults:
        raise RuleError(faults, source="hard rules", hint=HINT)


def any_tour(solver: Solver, agent: Agent) -> Tour | None:
    """Return any legal tour of the agent, None if there is none."""
    found = any_lawful_tour(solver, agent)
    return None if found is None else found[1]


def feasible(solver: Solver, agent: Agent) -> bool:
    """Return whether the agent has any legal tour."""
    return any_tour(solver, agent) is not None


def _fewest_pins(solver: Solver, problem: Problem, index: int, rules: list[str]) -> Facts:
    """Return the agent's facts with only those pins that take part in its conflict."""
    facts = problem.facts[index]
    relaxed = frozenset(RULES) - frozenset(rules)
    for pin in facts.pins if PINS in rules else ():
        fewer = replace(facts, pins=tuple(each for each in facts.pins if each is not pin))
        if not feasible(solver, build_agent(with_facts(problem, index, fewer), index, relaxed)):
            facts = fewer
    return facts


def _remedy(problem: Problem, index: int, rules: list[str], number: int) -> str:
    """Return the cheapest relaxation with its effect, for as many conflicts as are shown."""
    if number >= MOST_FAULTS_SHOWN:
        return ""
    found = relaxations(problem, index, rules, partial(any_tour, Solver(problem)))
    if not found:
        return ""
    return f"{found[0].words} would do: {problem.facts[index].agent_id} then has {found[0].effect}"


def _named(problem: Problem, members: list[int]) -> str:
    names = [problem.facts[index].agent_id for index in members]
    shown = ", ".join(names[:MOST_NAMED]) + (
        f" and {len(names) - MOST_NAMED} more" if names[MOST_NAMED:] else ""
    )
    return f"agent{'' if len(names) == 1 else 's'} {shown}"


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
    head = f"contract {facts.contract_name}"
    if not rules:
        return f"{head}: starts, shift_hours and breaks allow no shift at all"
    if rules == [PINS]:
        return f"{head}: no shift of the contract fits: {in_words(PINS, facts)}"
    if len(rules) == 1:
        shortest, longest = facts.contract.shift_hours
        shifts = f"shifts of {shortest:g} to {longest:g} h and their breaks"
        return f"{head}: {in_words(rules[0], facts)} cannot be met with {shifts}"
    return f"{head}: these cannot hold together: {'; '.join(in_words(rule, facts) for rule in rules)}"

"""The best legal roster where not everything can be had: what protects people holds, the rest is flagged.

Of an agent without a legal tour, the demands (`rule_names.DEMANDS`) are taken back and put in again one by
one, as far as they can be kept: pins and activities each for itself, minima as high as possible. Presence at
a site that nobody can give is lowered where it lacks. Seats and what protects agents are never touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from wfm.errors import count_of
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.conflicts import any_tour, feasible
from wfm.schedule.facts import Facts
from wfm.schedule.problem import Problem
from wfm.schedule.relaxations import AMOUNTS, least_step, with_facts
from wfm.schedule.rule_names import ACTIVITIES, DEMANDS, PATTERN, PINS
from wfm.schedule.rule_words import in_words, pin_words
from wfm.schedule.search import Search
from wfm.schedule.solver import Solver


@dataclass(frozen=True)
class Unmet:
    """What a roster does not keep: of an agent or site, by the rule's key, in words."""

    subject: str
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.subject} {self.rule}: {self.text}"


def with_demands_that_can_be_met(problem: Problem) -> tuple[Problem, list[Agent], list[Unmet]]:
    """Return the problem with only those demands that can be met, its agents, and what was taken back."""
    solver = Solver(problem)
    facts, unmet = list(problem.facts), []
    agents = []
    for index in range(len(facts)):
        agent = build_agent(problem, index)
        if not feasible(solver, agent):
            eased, missing = _eased(problem, index, solver)
            facts[index] = eased
            agent = build_agent(with_facts(problem, index, eased), index)
            unmet += missing
        agents.append(agent)
    return replace(problem, facts=facts), agents, unmet


def _eased(problem: Problem, index: int, solver: Solver) -> tuple[Facts, list[Unmet]]:
    """Return the facts of an agent whose demands can be met, and what was taken back."""
    facts, taken_back = problem.facts[index], list(DEMANDS)
    missing: list[Unmet] = []

    def possible(now: Facts, relaxed: Sequence[str]) -> bool:
        agent = build_agent(with_facts(problem, index, now), index, frozenset(relaxed))
        return feasible(solver, agent)

    for rule in DEMANDS:
        others = [each for each in taken_back if each != rule]
        if not possible(facts, others):
            eased, words = _as_far_as_can_be(problem, index, facts, rule, others)
            missing += [Unmet(facts.agent_id, key, text) for key, text in words]
            facts = eased
        taken_back = others
    return facts, missing


def _as_far_as_can_be(
    problem: Problem, index: int, facts: Facts, rule: str, others: Sequence[str]
) -> tuple[Facts, list[tuple[str, str]]]:
    """Return the facts with one demand kept as far as it can be, and (rule, words) of what cannot."""
    solver, relaxed = Solver(problem), frozenset(others)

    def possible(now: Facts) -> bool:
        return feasible(solver, build_agent(with_facts(problem, index, now), index, relaxed))

    if rule == PINS:
        kept = replace(facts, pins=())
        dropped = []
        for pin in facts.pins:
            tried = replace(kept, pins=(*kept.pins, pin))
            if possible(tried):
                kept = tried
            else:
                key = "freeze" if pin.frozen else PINS
                dropped.append((key, f"{pin_words(pin.span)} on {pin.when} cannot be kept"))
        return kept, dropped
    if rule == ACTIVITIES:
        with_some = replace(facts, engagements=())
        left_out = []
        for work in facts.engagements:
            tried = replace(with_some, engagements=(*with_some.engagements, work))
            if possible(tried):
                with_some = tried
            else:
                left_out.append((ACTIVITIES, f"{work.activity_id} cannot be attended"))
        return with_some, left_out
    if rule == PATTERN:
        return replace(facts, pattern=None), [(PATTERN, f"{in_words(rule, facts)} cannot be kept")]
    amount = AMOUNTS[rule]
    eased = least_step(with_facts(problem, index, facts), index, rule, partial(any_tour, solver), relaxed)
    if eased is None:
        raise RuntimeError(f"agent {facts.agent_id}: {amount.key} cannot be eased: nobody has to work")
    told = f"{in_words(rule, facts)} cannot be kept: {eased.words}"
    return eased.facts, [(rule.partition(" (")[0], told)]


def lower_presence(search: Search) -> list[Unmet]:
    """Lower the presence due at each site to what the roster of a search has; return what is given up."""
    unmet = []
    for at, site in enumerate(search.problem.sites):
        lacking = np.maximum(0, site.least - search.state.present[at])
        if lacking.any():
            hours = float((lacking > 0).sum()) * search.problem.grid.slot_min / 60
            least = count_of(site.min_present, "agent")
            text = f"fewer than {least} on queue for {hours:g} hours of the horizon"
            unmet.append(Unmet(site.name, "min_present", text))
            search.problem.sites[at] = replace(site, least=site.least - lacking)
    return unmet

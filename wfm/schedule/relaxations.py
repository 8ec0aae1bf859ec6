"""The least change of one rule that lets an agent have a legal tour again, and what the tour then looks like.

Rules with a number are eased step by step to the nearest number that does; pins, leave and activities are
left out one by one; the others (availability, employment, a rotation) as a whole. The bigger the share of its
number by which a rule is eased, the dearer; leaving something out has a price of its own, and a rule that
protects people is dearer than any that asks something of them (`rule_names.DEMANDS`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from wfm.errors import count_of
from wfm.schedule.agents import Agent
from wfm.schedule.build import build_agent
from wfm.schedule.facts import Facts
from wfm.schedule.goals import units_by_week
from wfm.schedule.problem import Problem
from wfm.schedule.rule_names import (
    ACTIVITIES,
    CHANGES,
    DAY_HOURS,
    DEMANDS,
    LEAST_AVERAGE,
    LEAST_DAYS,
    LEAST_HOURS,
    LEAST_RUN,
    MINORS_DAY_HOURS,
    MINORS_DAYS,
    MINORS_HOURS,
    MINORS_REST,
    MINORS_STRETCH,
    MOST_AVERAGE,
    MOST_DAYS,
    MOST_HOURS,
    OVERTIME,
    PATTERN,
    PINS,
    REST,
    RUN,
    SPACING,
    STRETCH,
    TIME_OFF,
    WEEKENDS,
    WEEKLY_REST,
)
from wfm.schedule.rule_words import pin_words
from wfm.schedule.solver import Tour
from wfm.schedule.tour import OFF

Thing = TypeVar("Thing")
ToTour = Callable[[Agent], Tour | None]  # any legal tour of the agent
MOST_STEPS = 64
WHOLE_RULE, ONE_PIN = 2.0, 0.5  # prices, where a rule has no number
PROTECTION, PROTECTION_OF_MINORS = 4.0, 8.0  # what it costs more to ease a rule that protects people


@dataclass(frozen=True)
class Amount:
    """A rule's number: where it stands, the step in which it is eased, and how far at most."""

    section: str  # contract, minors or facts
    key: str
    place: int | None  # of a pair
    step: float
    limit: float


AMOUNTS = {
    REST: Amount("contract", "rest_h", None, -0.5, 0),
    RUN: Amount("contract", "consecutive_days", None, 1, 31),
    LEAST_RUN: Amount("contract", "min_consecutive_days", None, -1, 1),
    WEEKENDS: Amount("contract", "weekends_off_per_4_weeks", None, -1, 0),
    WEEKLY_REST: Amount("contract", "weekly_rest_h", None, -1, 0),
    STRETCH: Amount("contract", "longest_stretch_h", None, 0.25, 24),
    SPACING: Amount("contract", "break_spacing_min", None, -15, 0),
    DAY_HOURS: Amount("contract", "day_hours", None, 0.25, 24),
    MOST_AVERAGE: Amount("contract", "average_week_hours", 1, 1, 168),
    LEAST_AVERAGE: Amount("contract", "average_week_hours", 0, -1, 0),
    MOST_HOURS: Amount("contract", "week_hours", 1, 0.5, 168),
    OVERTIME: Amount("contract", "overtime_hours", None, 0.25, 168),
    LEAST_HOURS: Amount("contract", "week_hours", 0, -0.5, 0),
    MOST_DAYS: Amount("contract", "days_per_week", 1, 1, 7),
    LEAST_DAYS: Amount("contract", "days_per_week", 0, -1, 0),
    MINORS_DAY_HOURS: Amount("minors", "day_hours", None, 0.25, 24),
    MINORS_STRETCH: Amount("minors", "longest_stretch_h", None, 0.25, 24),
    MINORS_REST: Amount("minors", "rest_h", None, -0.5, 0),
    MINORS_HOURS: Amount("minors", "week_hours", None, 0.5, 168),
    MINORS_DAYS: Amount("minors", "days_per_week", None, 1, 7),
    CHANGES: Amount("facts", "most_changes", None, 1, 31),
}


@dataclass(frozen=True)
class Relaxation:
    """One rule eased: in words, its price (the lower, the easier to give), the facts left, and a tour."""

    rule: str
    words: str
    price: float
    facts: Facts
    agent: Agent
    tour: Tour

    @property
    def effect(self) -> str:
        """What the agent's tour then has: shifts and paid hours, by week where there are several."""
        worked = (self.tour.types != OFF).reshape(-1, 7).sum(axis=1)
        minutes = self.agent.unit_min * units_by_week(self.agent, self.tour.types)
        weeks = [
            f"{count_of(days, 'shift')}, {paid / 60:g} h paid"
            for days, paid in zip(worked, minutes, strict=True)
        ]
        return " / ".join(weeks)


NOTHING: frozenset[str] = frozenset()


def relaxations(problem: Problem, index: int, rules: Sequence[str], to_tour: ToTour) -> list[Relaxation]:
    """Return, per rule, the least relaxation that makes the agent's rules possible, the cheapest first."""
    found = [one for rule in rules for one in _of_rule(problem, index, rule, to_tour)]
    return sorted(found, key=lambda one: one.price + _protection(one.rule))


def _protection(rule: str) -> float:
    if rule in DEMANDS:
        return 0.0
    return PROTECTION_OF_MINORS if rule.startswith("minors.") else PROTECTION


def _of_rule(problem: Problem, index: int, rule: str, to_tour: ToTour) -> Iterator[Relaxation]:
    facts = problem.facts[index]
    if rule in AMOUNTS:
        least = least_step(problem, index, rule, to_tour)
        if least is not None:
            yield least
        return
    for words, price, eased in _left_out(facts, rule):
        agent = build_agent(with_facts(problem, index, eased), index)
        tour = to_tour(agent)
        if tour is not None:
            yield Relaxation(rule, words, price, eased, agent, tour)
            return
    agent = build_agent(problem, index, frozenset({rule}))
    tour = to_tour(agent)
    if tour is not None:
        yield Relaxation(rule, f"without {rule}", WHOLE_RULE, facts, agent, tour)


def least_step(
    problem: Problem, index: int, rule: str, to_tour: ToTour, relaxed: frozenset[str] = NOTHING
) -> Relaxation | None:
    """Return the rule eased by the fewest steps that suffice, by doubling and halving: easing never hurts.

    `relaxed` are other rules, left out meanwhile.
    """
    facts, amount = problem.facts[index], AMOUNTS[rule]
    now = _number(facts, amount)
    steps = min(MOST_STEPS, max(1, -int(-(amount.limit - now) // amount.step)))
    low, high, best = 1, steps, None
    stride = 1
    while low <= high:
        middle = (low + high) // 2 if best is not None else min(low + stride - 1, high)
        stride *= 2
        value = now + amount.step * middle
        value = min(value, amount.limit) if amount.step > 0 else max(value, amount.limit)
        eased = _with_number(facts, amount, value)
        agent = build_agent(with_facts(problem, index, eased), index, relaxed)
        tour = to_tour(agent)
        if tour is None:
            low = middle + 1
            continue
        share = abs(value - now) / max(abs(now), abs(amount.step))
        key = CHANGES if rule == CHANGES else amount.key
        key = key if amount.section != "minors" else f"minors.{key}"
        bound = "" if amount.place is None else ("at least ", "at most ")[amount.place]
        best = Relaxation(rule, f"{key} {bound}{value:g} instead of {now:g}", share, eased, agent, tour)
        high = middle - 1
    return best


def _number(facts: Facts, amount: Amount) -> float:
    holder = {"contract": facts.contract, "minors": facts.minors, "facts": facts}[amount.section]
    value = getattr(holder, amount.key)
    return float(value if amount.place is None else value[amount.place])


def _with_number(facts: Facts, amount: Amount, value: float) -> Facts:
    """Return the facts with another number; the other end of a pair gives way where they would cross."""
    number: float | tuple[float, float] = value
    whole = amount.key in ("consecutive_days", "min_consecutive_days", "days_per_week", "most_changes")
    if whole or amount.key in ("weekends_off_per_4_weeks", "break_spacing_min"):
        number = int(value)
    if amount.section == "facts":
        return replace(facts, most_changes=int(value))
    if amount.section == "minors":
        return replace(facts, minors=facts.minors.model_copy(update={amount.key: number}))
    if amount.place is not None:
        pair = list(getattr(facts.contract, amount.key))
        pair[amount.place] = number
        number = tuple(pair)
    return replace(facts, contract=facts.contract.model_copy(update={amount.key: number}))


def _left_out(facts: Facts, rule: str) -> Iterator[tuple[str, float, Facts]]:
    """Yield what is left out, its price, and the facts without it: each thing alone, then more and more."""
    if rule == PATTERN:
        yield "without its rotation", WHOLE_RULE, replace(facts, pattern=None)
    if rule == PINS:
        for out in _ever_more(facts.pins):
            words = ", ".join(f"{pin_words(pin.span)} on {pin.when}" for pin in out)
            kept = tuple(pin for pin in facts.pins if pin not in out)
            yield (
                f"without {words} as {'published' if out[0].frozen else 'pinned'}",
                ONE_PIN * len(out),
                replace(facts, pins=kept),
            )
    if rule == ACTIVITIES:
        for work in _ever_more(facts.engagements):
            ids = ", ".join(one.activity_id for one in work)
            left = tuple(one for one in facts.engagements if one not in work)
            yield f"without {ids}", ONE_PIN * len(work), replace(facts, engagements=left)
    if rule == TIME_OFF:
        for absences in _ever_more(facts.absences):
            rest = tuple(one for one in facts.absences if one not in absences)
            words = f"without {len(absences)} of the {len(facts.absences)} times off in the horizon"
            yield words, WHOLE_RULE * len(absences), replace(facts, absences=rest)


def _ever_more(things: Sequence[Thing]) -> Iterator[tuple[Thing, ...]]:
    for thing in things:
        yield (thing,)
    for count in range(2, len(things) + 1):
        yield tuple(things[-count:])


def with_facts(problem: Problem, index: int, facts: Facts) -> Problem:
    """Return the problem with other facts of one agent."""
    changed = list(problem.facts)
    changed[index] = facts
    return replace(problem, facts=changed)

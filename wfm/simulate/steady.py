"""The steady state of queues that share agents, by one long simulation at constant rates.

The first block warms up and is not counted; the others are the batches behind the standard errors. Equal
seeds give the same contacts whatever the staffing, so that two staffings differ by their agents alone.
Source: Law & Kelton, Simulation Modeling and Analysis, batch means (ch. 9), common random numbers (ch. 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.simulate.absences import book_presence, whole_presence
from wfm.simulate.book import (
    ABANDONED,
    ABANDONED_IN,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    SHORT,
    STAFFED_S,
    WAITED_S,
    WORKED_S,
    Book,
    new_book,
)
from wfm.simulate.demand import rules_of_queues
from wfm.simulate.event_loop import run_events
from wfm.simulate.event_space import event_space
from wfm.simulate.scenario import NO_SKILL, Demand, Rules, Scenario, Staff
from wfm.simulate.sums import VARIANTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BLOCKS = 20  # counted
LONGEST_BLOCK_AHT = 50.0  # a block is at least so many mean handle times, whatever the contacts asked for
MOST_WAITING = 20_000  # more at once than served: the system has no steady state worth waiting for
FRESH_STREAM, REDIAL_STREAM = range(2)


@dataclass(frozen=True)
class SteadySystem:
    """Queues (Q) at constant rates and groups (G) of agents; `rank` (G, Q): place of a skill, 0 is best."""

    rules: Rules
    variant: Ints
    rate_per_s: Floats
    aht_s: Floats
    rank: Ints


@dataclass(frozen=True)
class Ratio:
    """A ratio per queue or group: its value and its standard error, by batches."""

    value: Floats
    error: Floats


@dataclass(frozen=True)
class SteadyService:
    """Service per queue (Q), occupancy per group (G); not `stable`: contacts pile up, nothing is known.

    A ratio of nothing (waits where nobody is answered) is not a number; `attempts` are the contacts seen.
    """

    stable: bool
    attempts: Floats
    service_level: Ratio
    asa_s: Ratio
    abandonment: Ratio
    occupancy: Ratio


def steady_system(
    queues: Mapping[str, Queue], rate_per_s: Floats, aht_s: Floats, skills: Sequence[Sequence[str]]
) -> SteadySystem:
    """Return the system of live queues, as the mapping has them, and of groups with these skills."""
    names = list(queues)
    rank = np.full((len(skills), len(names)), NO_SKILL, dtype=np.int64)
    for g, own in enumerate(skills):
        served = [names.index(name) for name in own if name in queues]
        rank[g, served] = np.arange(len(served))
    variants = [VARIANTS.index(queue.service_level_variant) for queue in queues.values()]
    worked = np.zeros((len(names), BLOCKS + 2))
    rules = rules_of_queues(queues, worked, {})
    return SteadySystem(rules, np.array(variants, dtype=np.int64), rate_per_s, aht_s, rank)


def steady_service(system: SteadySystem, agents: Ints, contacts: int, seed: int) -> SteadyService:
    """Return the service that so many agents per group (G) give, from about so many contacts."""
    scenario = _scenario(system, agents, contacts)
    queues, groups = scenario.demand.rate.shape[0], len(system.rank)
    book = new_book(queues, groups, BLOCKS + 1)
    presence = whole_presence(scenario.staff)
    space = event_space(scenario, MOST_WAITING + int(agents.sum() * max(1, system.rules.concurrency.max())))
    full = run_events(
        _stream(seed, FRESH_STREAM), _stream(seed, REDIAL_STREAM), scenario,
        np.ones((queues, 1)), presence, book, space,
    )  # fmt: skip
    book_presence(presence, scenario.staff, scenario.demand.interval_s, book)
    return _service(system, book, stable=not full)


def _scenario(system: SteadySystem, agents: Ints, contacts: int) -> Scenario:
    rate = np.repeat(system.rate_per_s[:, None], BLOCKS + 1, axis=1)
    block_s = max(
        contacts / (BLOCKS * max(float(system.rate_per_s.sum()), 1e-12)),
        LONGEST_BLOCK_AHT * float(system.aht_s.max(initial=0.0)),
    )
    demand = Demand(
        interval_s=block_s,
        rate=rate,
        aht_s=np.repeat(system.aht_s[:, None], BLOCKS + 1, axis=1),
        day=np.zeros(rate.shape, dtype=np.int64),
        closes=np.full(rate.shape, np.inf),
        old_queue=np.zeros(0, dtype=np.int64),
        day_cv=np.zeros(len(rate)),
    )
    group = np.repeat(np.arange(len(agents)), agents)
    number = len(group)
    staff = Staff(
        rank=system.rank,
        group=group,
        first=np.arange(number + 1),
        begin=np.zeros(number),
        end=np.full(number, (BLOCKS + 1) * block_s),
        shift=np.arange(number),
        sick=np.zeros(number),
        away=np.zeros(number),
        away_s=1.0,
    )
    return Scenario(demand, system.rules, staff)


def _service(system: SteadySystem, book: Book, *, stable: bool) -> SteadyService:
    counts = book.counts[:, :, 1:]
    attempts, good, answered = counts[ATTEMPTS], counts[ANSWERED_IN], counts[ANSWERED]
    of = np.array(
        [
            (
                attempts[q],
                attempts[q] - counts[SHORT, q],
                attempts[q] - counts[ABANDONED_IN, q],
                attempts[q],
                answered[q],
            )[variant]
            for q, variant in enumerate(system.variant)
        ]
    ).reshape(attempts.shape)
    within = (system.variant == VARIANTS.index("abandons_in_target_good"))[:, None]
    return SteadyService(
        stable,
        attempts.sum(axis=1),
        _ratio(good + within * counts[ABANDONED_IN], of),
        _ratio(counts[WAITED_S], answered),
        _ratio(counts[ABANDONED], attempts),
        _ratio(book.time[WORKED_S, :, 1:], book.time[STAFFED_S, :, 1:]),
    )


def _ratio(x: Floats, y: Floats) -> Ratio:
    """Return sum x / sum y of each row and its standard error; not a number where y is nothing."""
    total = y.sum(axis=1)
    value = np.divide(x.sum(axis=1), total, out=np.full(len(x), np.nan), where=total > 0)
    residual = x - value[:, None] * y
    blocks = x.shape[1]
    spread = np.sqrt(blocks / (blocks - 1) * (residual**2).sum(axis=1))
    return Ratio(value, np.divide(spread, total, out=np.full(len(x), np.nan), where=total > 0))


def _stream(seed: int, purpose: int) -> np.random.Generator:
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence(seed, spawn_key=(purpose,))))

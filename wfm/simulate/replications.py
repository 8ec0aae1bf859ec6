"""Many replications of a scenario, on all cores: equal seeds give equal sums, whatever the number of workers.

Each replication has random streams of its own, derived from the seed and its number. They are done in chunks
of a fixed size, whose sums are added in order. Queues whose agents serve nothing else are played by
`wfm.simulate.single_queue`, all others together by `wfm.simulate.event_loop`.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wfm.errors import LimitError
from wfm.simulate.absences import book_presence, draw_presence, room_for_presence, whole_presence
from wfm.simulate.arrivals import draw_factors
from wfm.simulate.book import Book, clear, new_book
from wfm.simulate.event_loop import run_events
from wfm.simulate.event_space import EventSpace, event_space
from wfm.simulate.parts import Part, parts_of
from wfm.simulate.scenario import Demand, Presence, Scenario
from wfm.simulate.single_queue import run_single_queue
from wfm.simulate.sums import Sums, add_replication, empty_sums, joined

Ints = NDArray[np.int64]

CHUNK = 8  # replications whose sums are added up together, whoever does them
FIRST_CONTACTS, MORE_ROOM, MOST_CONTACTS = 4_000, 4, 20_000_000  # at once waiting or in service
CONTACTS, REDIALS, ABSENCES, FACTORS = range(4)  # what a random stream is for


@dataclass(frozen=True)
class Replications:
    """Which replications: their seed, the first one's number, and how many."""

    seed: int
    first: int
    count: int

    def chunks(self) -> Iterator[tuple[int, int]]:
        """Yield the first number and the count of each chunk."""
        for begin in range(self.first, self.first + self.count, CHUNK):
            yield begin, min(CHUNK, self.first + self.count - begin)


def replicate(
    scenario: Scenario,
    variant: Ints,
    wanted: Replications,
    done: Callable[[float], None] = lambda _: None,
    workers: int | None = None,
) -> Sums:
    """Return the sums of the replications; `variant` (Q) is each queue's service level, see `sums.VARIANTS`.

    `done` hears the share that is over. Raises LimitError where contacts pile up beyond all room.
    """
    parts = parts_of(scenario)
    tasks = [(number, chunk) for chunk in wanted.chunks() for number in range(len(parts))]
    places = threading.local()

    def run(task: tuple[int, tuple[int, int]]) -> Sums:
        number, chunk = task
        if not hasattr(places, "own"):
            places.own = {}
        if number not in places.own:
            places.own[number] = _Place(parts[number], number, wanted.seed, variant[parts[number].queues])
        sums: Sums = places.own[number].sums(*chunk)
        return sums

    found: list[list[Sums]] = [[] for _ in parts]
    with ThreadPoolExecutor(max_workers=workers or os.cpu_count(), thread_name_prefix="simulate") as pool:
        for over, ((number, _), sums) in enumerate(zip(tasks, pool.map(run, tasks), strict=True), start=1):
            found[number].append(sums)
            done(over / len(tasks))
    return _whole(scenario, parts, [joined(of_part) for of_part in found])


def _whole(scenario: Scenario, parts: list[Part], sums: list[Sums]) -> Sums:
    """Return the sums of the parts, each in its place."""
    demand, groups = scenario.demand, len(scenario.staff.rank)
    book = new_book(demand.rate.shape[0], groups, demand.rate.shape[1])
    whole = empty_sums(len(sums[0].days), book, _days(demand))
    for part, own in zip(parts, sums, strict=True):
        whole.counts[:, part.queues] = own.counts
        whole.moments[:, :, part.queues] = own.moments
        whole.waits[part.queues] = own.waits
        whole.days[:, part.queues, : own.days.shape[2]] = own.days
        whole.time[:, part.groups] = own.time[:, : len(part.groups)]
    return whole


def _days(demand: Demand) -> int:
    return int(demand.day.max(initial=0)) + 1


class _Place:
    """The work space of one thread for one part."""

    def __init__(self, part: Part, number: int, seed: int, variant: Ints) -> None:
        self.part, self.number, self.seed, self.variant = part, number, seed, variant
        self.demand, staff = part.scenario.demand, part.scenario.staff
        self.book: Book = new_book(self.demand.rate.shape[0], len(staff.rank), self.demand.rate.shape[1])
        self.factor = np.ones((self.demand.rate.shape[0], _days(self.demand)))
        self.absent = bool((staff.sick > 0).any() or (staff.away > 0).any())
        self.presence: Presence = room_for_presence(staff) if self.absent else whole_presence(staff)
        agents = len(staff.group)
        self.heap, self.stretch = np.zeros(agents, dtype=np.int64), np.zeros(agents, dtype=np.int64)
        self.free = np.zeros(agents)
        self.contacts = FIRST_CONTACTS
        self.events = None if part.simple else self._events()

    def sums(self, first: int, count: int) -> Sums:
        """Return the sums of so many replications."""
        sums = empty_sums(count, self.book, self.factor.shape[1])
        for number in range(count):
            self._play(first + number)
            add_replication(sums, number, self.book, self.demand, self.variant)
        return sums

    def _play(self, replication: int) -> None:
        scenario = self.part.scenario
        if (self.demand.day_cv > 0).any():
            draw_factors(self._stream(replication, FACTORS), self.demand, self.factor)
        if self.absent:
            draw_presence(self._stream(replication, ABSENCES), scenario.staff, self.presence)
        if self.part.simple:
            run_single_queue(
                self._stream(replication, CONTACTS), scenario, self.factor, self.presence, self.book,
                self.heap, self.free, self.stretch,
            )  # fmt: skip
        else:
            self._play_events(replication)
        book_presence(self.presence, scenario.staff, self.demand.interval_s, self.book)

    def _play_events(self, replication: int) -> None:
        """Play with as much room for contacts as it takes."""
        while self.events is not None and run_events(
            self._stream(replication, CONTACTS), self._stream(replication, REDIALS), self.part.scenario,
            self.factor, self.presence, self.book, self.events,
        ):  # fmt: skip
            clear(self.book)
            self.contacts *= MORE_ROOM
            if self.contacts > MOST_CONTACTS:
                raise LimitError(
                    f"more than {self.contacts // MORE_ROOM:,} contacts wait at once",
                    hint="the agents cannot serve so many: check offered, aht_s and who is on queue",
                )
            self.events = self._events()

    def _events(self) -> EventSpace:
        return event_space(self.part.scenario, self.contacts)

    def _stream(self, replication: int, purpose: int) -> np.random.Generator:
        key = (replication, self.number, purpose)
        return np.random.Generator(np.random.SFC64(np.random.SeedSequence(self.seed, spawn_key=key)))

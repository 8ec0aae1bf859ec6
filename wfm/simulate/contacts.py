"""The contacts that wait, are served or will call again: a pool of slots, and one line per queue; compiled.

A line is first come, first served; a contact may leave it from any place.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wfm.compiled import inlined

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

# columns of `Contacts.facts`
QUEUE = 0
INTERVAL = 1  # of arrival; -1: left from before the start
WAITS = 2  # 1 while it stands in line
AFTER, BEFORE = 3, 4  # its neighbours in line; -1: none. AFTER also links the slots that are free
FACTS = 5

# columns of `Contacts.moments`
ARRIVED = 0
WORK_S = 1  # handle time left, if it were handled alone
LEAVES = 2  # when its patience ends
REDIAL_S = 3  # how long after that it calls again; inf: never
MOMENTS = 4

# columns of `Contacts.line`
HEAD, TAIL = 0, 1  # -1: nobody waits
NEW = 2  # the first one that waits for its overflow still; -1: none
LINE = 3

FREE, UNUSED = 0, 1  # of `Contacts.slots`: head of the freed slots, and the first never used


class Contacts(NamedTuple):
    """The pool of C slots, and the lines of the Q queues."""

    facts: Ints  # (C, FACTS)
    moments: Floats  # (C, MOMENTS)
    line: Ints  # (Q, LINE)
    slots: Ints  # (2)


def new_contacts(slots: int, queues: int) -> Contacts:
    """Return room for so many contacts at once."""
    return Contacts(
        np.empty((slots, FACTS), dtype=np.int64),
        np.empty((slots, MOMENTS)),
        np.empty((queues, LINE), dtype=np.int64),
        np.empty(2, dtype=np.int64),
    )


@inlined
def no_contacts(contacts: Contacts) -> None:
    """Begin anew."""
    contacts.line[:, :] = -1
    contacts.slots[FREE], contacts.slots[UNUSED] = -1, 0


@inlined
def take_slot(contacts: Contacts) -> int:
    """Return a free slot; -1: there is none."""
    c = contacts.slots[FREE]
    if c >= 0:
        contacts.slots[FREE] = contacts.facts[c, AFTER]
        return int(c)
    c = contacts.slots[UNUSED]
    if c == contacts.facts.shape[0]:
        return -1
    contacts.slots[UNUSED] = c + 1
    return int(c)


@inlined
def free_slot(contacts: Contacts, c: int) -> None:
    """Forget a contact."""
    contacts.facts[c, AFTER] = contacts.slots[FREE]
    contacts.slots[FREE] = c


@inlined
def join_line(contacts: Contacts, c: int) -> None:
    """Let a contact wait behind the others of its queue."""
    facts, line = contacts.facts, contacts.line
    q = facts[c, QUEUE]
    last = line[q, TAIL]
    facts[c, WAITS], facts[c, AFTER], facts[c, BEFORE] = 1, -1, last
    line[q, TAIL] = c
    if last >= 0:
        facts[last, AFTER] = c
    else:
        line[q, HEAD] = c


@inlined
def leave_line(contacts: Contacts, c: int) -> None:
    """Take a contact out of its line."""
    facts, line = contacts.facts, contacts.line
    q, before, after = facts[c, QUEUE], facts[c, BEFORE], facts[c, AFTER]
    facts[c, WAITS] = 0
    if before >= 0:
        facts[before, AFTER] = after
    else:
        line[q, HEAD] = after
    if after >= 0:
        facts[after, BEFORE] = before
    else:
        line[q, TAIL] = before

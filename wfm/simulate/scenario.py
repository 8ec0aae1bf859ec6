"""What is simulated, in plain arrays: demand, the queues' rules, and who is on queue when.

Q queues, N intervals of equal length, G groups of agents with the same skills, A agents, S stretches on
queue, D local days, B contacts left from before. Times are seconds after the start of the first interval.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

NO_SKILL = 99  # rank of a queue that a group does not serve
EXPONENTIAL, LOGNORMAL, MEASURED = 0, 1, 2  # kinds of handle time
LONGEST_IDLE, BEST_SKILL = 0, 1  # kinds of routing: whoever is idle longest, or the better rank before that


class Demand(NamedTuple):
    """Contacts that arrive, and the time they take."""

    interval_s: float
    rate: Floats  # (Q, N) fresh contacts per second
    aht_s: Floats  # (Q, N) mean handle time of those that arrive in the interval, handled alone
    day: Ints  # (Q, N) local day of the queue
    closes: Floats  # (Q, N) when the hours in which the contact arrives end; inf: it is never turned away
    old_queue: Ints  # (B) queues of the contacts that wait at the start, oldest first
    day_cv: Floats  # (Q) coefficient of variation of a day's volume around the forecast, gamma distributed


class Rules(NamedTuple):
    """How the contacts of each queue behave and are routed; all (Q) unless said otherwise."""

    patience_s: Floats  # mean of an exponential patience; inf: nobody leaves
    redial: Floats  # share of the abandoned who call again ...
    redial_after_s: Floats  # ... after so long, mean of an exponential
    routing: Ints  # who takes a contact first
    priority: Ints  # the smaller, the sooner an agent who becomes free takes it
    overflow_after_s: Floats  # wait after which agents take it for whom it is not the first skill
    concurrency: Ints  # contacts of the queue that one agent handles at once
    slowdown: Floats  # each further one at once lengthens handle time by this share
    answer_within_s: Floats
    short_abandon_s: Floats
    deadline_s: Floats  # working seconds from arrival to the end of handling; inf: none
    worked: Floats  # (Q, N + 1) working seconds of the queue before each interval's start
    handle: Ints  # kind of handle time
    spread: Floats  # sigma of the logarithm, LOGNORMAL
    table: Floats  # (Q, points) quantiles of handle time / mean at equal steps from 0 to 1, MEASURED


class Staff(NamedTuple):
    """Who is on queue when. Stretches of one agent stand together, in order, and do not overlap."""

    rank: Ints  # (G, Q) place of a queue in the group's list of skills, 0 is best; NO_SKILL: not served
    group: Ints  # (A)
    first: Ints  # (A + 1) stretches of agent a are first[a] to first[a + 1] - 1
    begin: Floats  # (S)
    end: Floats  # (S)
    shift: Ints  # (S) number of the shift it belongs to; an agent is sick for whole shifts
    sick: Floats  # (A) probability of a shift being missed
    away: Floats  # (A) share of the time on queue that is lost to short absences
    away_s: float  # how long one lasts


class Presence(NamedTuple):
    """Who is on queue when in one replication: the stretches of `Staff` less what was missed."""

    first: Ints  # (A + 1)
    begin: Floats
    end: Floats


class Scenario(NamedTuple):
    """All of it."""

    demand: Demand
    rules: Rules
    staff: Staff

"""What every queueing model is asked and what it answers, in a form that compiled code passes around.

Model: how contacts wait. Question: threshold and definition of the service level. Measures: the steady state.
"""

from __future__ import annotations

import math
from typing import Final, NamedTuple

from wfm.erlang.kernel import kernel

VARIANTS: Final = (
    "offered",
    "excluding_short",
    "excluding_abandoned_in_target",
    "abandons_in_target_good",
    "answered",
)
OFFERED, EXCLUDING_SHORT, EXCLUDING_ABANDONED_IN_TARGET, ABANDONS_IN_TARGET_GOOD = range(4)


class Question(NamedTuple):
    """Patience and redials of the contacts, and how their service level is counted."""

    patience_s: float  # mean patience, seconds; infinite: nobody abandons
    redial_probability: float  # share of the abandoned who try again
    answer_within_s: float
    short_abandon_s: float
    variant: int  # position in VARIANTS
    with_asa: bool  # whether the mean wait of the answered is wanted, the dearest measure


class Measures(NamedTuple):
    """Steady state of one queue with one number of agents; ratios are fractions of the offered attempts."""

    service_level: float
    asa_s: float  # mean wait of the answered
    abandonment: float
    occupancy: float
    p_wait: float
    mean_wait_s: float  # of all contacts, the abandoned included
    queue_length: float
    blocking: float
    attempts: float  # attempts per fresh contact: 1 without redials


class Wait(NamedTuple):
    """What happens to an arriving contact; shares of all arrivals."""

    p_wait: float
    answered: float
    answered_in_target: float
    still_waiting: float  # neither answered nor gone at the threshold
    kept: float  # not abandoned within the short-abandon threshold
    abandoned: float
    mean_wait_s: float
    asa_s: float


@kernel
def service_level(wait: Wait, variant: int) -> float:
    """Return the service level by one of the VARIANTS; 0 where its denominator is empty."""
    if variant == ABANDONS_IN_TARGET_GOOD:
        return 1.0 - wait.still_waiting
    counted = wait.answered
    if variant == OFFERED:
        counted = 1.0
    elif variant == EXCLUDING_SHORT:
        counted = wait.kept
    elif variant == EXCLUDING_ABANDONED_IN_TARGET:
        counted = wait.answered_in_target + wait.still_waiting
    return wait.answered_in_target / counted if counted > 0.0 else 0.0


@kernel
def measured(wait: Wait, arrivals_per_s: float, occupancy: float, variant: int) -> Measures:
    """Return the measures of a line whose agents are busy for the share `occupancy`."""
    return Measures(
        service_level(wait, variant),
        wait.asa_s,
        wait.abandoned,
        occupancy,
        wait.p_wait,
        wait.mean_wait_s,
        arrivals_per_s * wait.mean_wait_s,
        0.0,
        1.0,
    )


@kernel
def idle(agents: float) -> Measures:
    """Return the measures of a queue without contacts: no promise is broken."""
    none_there = 1.0 if agents == 0.0 else 0.0
    return Measures(1.0, 0.0, 0.0, 0.0, none_there, 0.0, 0.0, none_there, 1.0)


@kernel
def unstable() -> Measures:
    """Return the measures of a queue of patient contacts that grows without bound."""
    return Measures(0.0, math.inf, 0.0, 1.0, 1.0, math.inf, math.inf, 0.0, 1.0)

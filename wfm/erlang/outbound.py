"""Predictive dialling: how fast a dialler may call so that few of those who answer find nobody to talk to.

Dials go out at a constant rate and a share of them is answered by a person, so that live answers come as a
Poisson stream; `agents` take them, with exponential handle times (talk and after-call work). Who reaches no
agent within `wait_s` is abandoned: the queue M/M/n+D, in closed form. A dialler that looks at its agents
before it dials does better, so that these rates are safe ones. Times in seconds, ratios are fractions.

With lambda live answers a second, mu = 1 / aht, d = lambda - n mu, E = the weights of the states with a free
agent relative to the last of them, and J = (exp(d tau) - 1) / d + exp(d tau) / (n mu):

    abandoned / live = lambda / (n mu) exp(d tau) / (E + lambda J)

Sources: Barrer (1957), Operations Research 5, 650-656; Zeltyn & Mandelbaum (2005), Queueing Systems 51,
361-402 (M/M/n+G, of which this is the case of one fixed patience).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from wfm.erlang.gamma_ratios import upper

HOUR_S = 3600.0
HALVINGS = 100  # more than a float has digits
MOST_AGENTS = 100_000


@dataclass(frozen=True)
class Campaign:
    """What is dialled: handle time of a contact, answered share of the dials, ring time, and the promise.

    `max_abandonment` is the largest share of the live answers that may find no agent within `wait_s`.
    """

    aht_s: float
    answer_rate: float
    max_abandonment: float = 0.03
    wait_s: float = 2.0
    ring_s: float = 15.0


@dataclass(frozen=True)
class Pace:
    """A constant rate of dialling and what comes of it; counts are per hour unless named otherwise.

    `contacts` are live answers that reach an agent, `talk_occupancy` is the share of agents' time that these
    take (after-call work included), `agents_idle` and `lines_busy` are means over time. Lines are busy with
    ringing and with contacts; the wait of at most wait_s is left out.
    """

    agents: int
    dials_per_hour: float
    live_per_hour: float
    contacts_per_hour: float
    abandonment: float
    p_wait: float
    talk_occupancy: float
    agents_idle: float
    lines_busy: float


def abandonment(agents: int, live_per_s: float, aht_s: float, wait_s: float) -> tuple[float, float]:
    """Return (abandoned / live, share of live answers that wait or find nobody) of M/M/n+D; agents >= 1."""
    if live_per_s <= 0.0:
        return 0.0, 0.0
    capacity = agents / aht_s
    free = float(upper(agents - 1.0, live_per_s * aht_s))
    drift = (live_per_s - capacity) * wait_s
    # Numerator and denominator are divided by exp(drift) where it grows, so that nothing overflows.
    grown, start = (math.exp(-drift), 1.0) if drift > 0.0 else (1.0, math.exp(drift))
    served = wait_s * (abs(math.expm1(-abs(drift)) / drift) if drift != 0.0 else 1.0)
    line = served + start / capacity
    total = free * grown + live_per_s * line
    return live_per_s / capacity * start / total, live_per_s * line / total


def pace(agents: int, live_per_s: float, campaign: Campaign) -> Pace:
    """Return what comes of `live_per_s` live answers a second; agents >= 1."""
    lost, waits = abandonment(agents, live_per_s, campaign.aht_s, campaign.wait_s)
    contacts_per_s = live_per_s * (1.0 - lost)
    dials_per_s = live_per_s / campaign.answer_rate
    busy = contacts_per_s * campaign.aht_s
    return Pace(
        agents,
        dials_per_s * HOUR_S,
        live_per_s * HOUR_S,
        contacts_per_s * HOUR_S,
        lost,
        waits,
        busy / agents,
        agents - busy,
        dials_per_s * campaign.ring_s + busy,
    )


def fastest_pace(agents: int, campaign: Campaign) -> Pace:
    """Return the highest rate of dialling under the cap on abandonment; agents >= 1.

    The share abandoned grows with the rate and exceeds 1 - n mu / lambda, which bounds the search.
    """
    _check(campaign)
    capacity = agents / campaign.aht_s
    low, high = 0.0, capacity / (1.0 - campaign.max_abandonment)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        kept = abandonment(agents, middle, campaign.aht_s, campaign.wait_s)[0] <= campaign.max_abandonment
        low, high = (middle, high) if kept else (low, middle)
    return pace(agents, low, campaign)


def agents_for(contacts_per_hour: float, campaign: Campaign) -> Pace:
    """Return the fewest agents whose fastest pace reaches so many contacts an hour, at that pace.

    ValueError where MOST_AGENTS would not do.
    """
    _check(campaign)
    low = max(0, math.floor(contacts_per_hour * campaign.aht_s / HOUR_S * (1.0 - 1e-12)))  # always talking
    high = low + 1
    while fastest_pace(high, campaign).contacts_per_hour < contacts_per_hour:
        low, high = high, high + 2 * (high - low)
        if high > MOST_AGENTS:
            raise ValueError(f"more than {MOST_AGENTS:,} agents")
    while high - low > 1:
        agents = (low + high) // 2
        enough = fastest_pace(agents, campaign).contacts_per_hour >= contacts_per_hour
        low, high = (low, agents) if enough else (agents, high)
    return fastest_pace(high, campaign)


def _check(campaign: Campaign) -> None:
    if not (0.0 < campaign.max_abandonment < 1.0 and 0.0 < campaign.answer_rate <= 1.0):
        raise ValueError("max_abandonment lies between 0 and 1, answer_rate above 0 and up to 1")
    if not (campaign.aht_s > 0.0 and campaign.wait_s >= 0.0 and campaign.ring_s >= 0.0):
        raise ValueError("aht_s lies above 0, wait_s and ring_s are not negative")

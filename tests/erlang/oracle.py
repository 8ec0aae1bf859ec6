"""Slow, exact truth for the queueing formulas: 25 digits, sums over states and integrals, no shared code.

Rates are per second. Every function returns a dictionary of mpf values.
"""

from __future__ import annotations

from functools import cache

from mpmath import exp, expm1, inf, mp, mpf, quad

mp.dps = 25
TINY = mpf(10) ** -28


def impatient(head, load, capacity, aht_s, patience_s, within_s):
    """M/M/n+M: `head` is the weight of the states with a free server relative to the last of them.

    Sums the states of the line one by one and integrates the density of the offered wait.
    """
    lam, service, theta = mpf(load) / aht_s, mpf(capacity) / aht_s, 1 / mpf(patience_s)
    line, queue, weight, place = mpf(0), mpf(0), lam / service, 0
    while place < 5 or weight > TINY * line or service + place * theta < lam:
        line += weight
        queue += place * weight
        place += 1
        weight *= lam / (service + place * theta)
    total = head + line
    density = _offered_wait(lam, service, theta, total)
    answered_later = _integral(lambda t: density(t) * exp(-theta * t), within_s, patience_s)
    abandoned = theta * queue / total / lam
    waits = _integral(lambda t: t * density(t) * exp(-theta * t), 0, patience_s)
    longer = exp(-theta * within_s) * _integral(density, within_s, patience_s)
    in_target = 1 - abandoned - answered_later
    return {
        "p_wait": line / total,
        "abandonment": abandoned,
        "answered_in_target": in_target,
        "longer": longer,
        "asa_s": waits / (1 - abandoned),
        "queue_length": queue / total,
        "mean_wait_s": queue / total / lam,
    }


@cache
def erlang_a(agents, load, aht_s, patience_s, within_s):
    """Erlang A with its occupancy."""
    weight, head = mpf(1), mpf(1)
    for busy in range(agents - 1, 0, -1):
        weight *= busy / mpf(load)
        head += weight
    found = impatient(head, load, agents, aht_s, patience_s, within_s)
    return found | {"occupancy": load * (1 - found["abandonment"]) / agents}


def erlang_c(agents, load, aht_s, within_s):
    """Erlang C by its states: P(wait) and what follows."""
    weight, free = mpf(1), mpf(0)
    for busy in range(agents):
        free += weight
        weight *= mpf(load) / (busy + 1)
    line = weight * agents / (agents - mpf(load))
    p_wait = line / (free + line)
    spare = (agents - mpf(load)) / aht_s
    return {"p_wait": p_wait, "service_level": 1 - p_wait * exp(-spare * within_s), "asa_s": p_wait / spare}


def erlang_b(agents, load):
    """Blocking, by the states."""
    weight, total = mpf(1), mpf(1)
    for busy in range(1, agents + 1):
        weight *= mpf(load) / busy
        total += weight
    return weight / total


def chat(agents, load, slowdowns, aht_s, patience_s, within_s):
    """Chat with patience: the birth-death chain over all contacts, spread evenly over the agents."""
    slots = agents * len(slowdowns)
    weights = [mpf(1)]
    for contacts in range(1, slots):
        each, more = divmod(contacts, agents)
        rate = more * (each + 1) / mpf(slowdowns[each]) if more else mpf(0)
        rate += (agents - more) * each / mpf(slowdowns[each - 1]) if each else mpf(0)
        weights.append(weights[-1] * load / rate)
    head = sum(weights) / weights[-1]
    found = impatient(head, load, slots / mpf(slowdowns[-1]), aht_s, patience_s, within_s)
    in_use = sum(contacts * weight for contacts, weight in enumerate(weights)) / sum(weights)
    free = 1 - found["p_wait"]
    return found | {"occupancy": free * in_use / slots + found["p_wait"]}


def service_levels(found):
    """Return the four definitions that need no threshold for short abandons."""
    in_target, longer = found["answered_in_target"], found["longer"]
    return {
        "offered": in_target,
        "excluding_abandoned_in_target": in_target / (in_target + longer),
        "abandons_in_target_good": 1 - longer,
        "answered": in_target / (1 - found["abandonment"]),
    }


def _offered_wait(lam, service, theta, total):
    """Return the density, which remembers: the integrals ask for it at the same places."""
    return cache(lambda t: lam / total * exp(-lam / theta * expm1(-theta * t) - service * t))


def _integral(function, start, patience_s):
    """Return the integral from `start` on: pieces on which it is smooth by Gauss, which needs few places."""
    ends = [start + patience_s * step for step in (0, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3, 6, 12)]
    return quad(function, ends, method="gauss-legendre") + quad(function, [ends[-1], inf])

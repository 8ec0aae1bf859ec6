"""Erlang B, C, A and X for any real number of agents: a crew that may be cut.

Erlang B has a continuous extension that keeps its recursion: 1 / B is a times the integral over t > 0 of
exp(-a t) (1 + t)**n, for any real n > -1; Erlang C, A and X follow from it as they do for whole agents.
Loads in erlangs, times in seconds. Source: Jagers & van Doorn (1986), Operations Research Letters 5, 43-46.
"""

from __future__ import annotations

import math

from wfm.erlang.erlang_a import measure_impatient
from wfm.erlang.erlang_c import measure_with_head
from wfm.erlang.erlang_x import of_attempts
from wfm.erlang.gamma_ratios import lower
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import ABANDONS_IN_TARGET_GOOD, Measures, Question, unstable
from wfm.erlang.models import ERLANG_B, ERLANG_C

STEPS = 100
FIXED_POINT = 1e-14  # of the attempts, relative
SERIES_BELOW = 2.0  # loads where the series beats the continued fraction
HUGE = 2.0**900


@kernel
def measure_between(model: int, agents: float, load: float, aht_s: float, asked: Question) -> Measures:
    """Return the steady state of Erlang B, C, A or X for any real number of agents > 0 and load > 0."""
    if model == ERLANG_B:
        lost = 1.0 / upper_between(agents, load)
        in_time = 1.0 if asked.variant > ABANDONS_IN_TARGET_GOOD else 1.0 - lost
        return Measures(in_time, 0.0, 0.0, load * (1.0 - lost) / agents, 0.0, 0.0, 0.0, lost, 1.0)
    if model == ERLANG_C:
        if agents <= load:
            return unstable()
        return measure_with_head(upper_between(agents - 1.0, load), agents, load, aht_s, asked)
    if asked.redial_probability == 0.0:
        return _impatient(agents, load, aht_s, asked)
    attempts = _attempts(agents, load, aht_s, asked)
    return of_attempts(_impatient(agents, attempts, aht_s, asked), attempts / load)


@kernel
def _impatient(agents: float, load: float, aht_s: float, asked: Question) -> Measures:
    return measure_impatient(upper_between(agents - 1.0, load), agents, load, aht_s, asked)


@kernel
def _attempts(agents: float, load: float, aht_s: float, asked: Question) -> float:
    """Return the load of first attempts and redials: secant steps on a - p * lost(a) = load.

    What is lost is convex in the attempts, so that steps from below never pass the solution.
    """
    quick = Question(asked.patience_s, asked.redial_probability, 0.0, 0.0, 0, False)
    last, attempts, slope = load, load, 1.0
    missing = asked.redial_probability * load * _impatient(agents, load, aht_s, quick).abandonment
    for _ in range(STEPS):
        if missing <= FIXED_POINT * load:
            break
        last, before = attempts, missing
        attempts += missing / slope
        lost = attempts * _impatient(agents, attempts, aht_s, quick).abandonment
        missing = load + asked.redial_probability * lost - attempts
        slope = max((before - missing) / (attempts - last), 1.0 - asked.redial_probability)
    return attempts


@kernel
def upper_between(n: float, a: float) -> float:
    """Return `upper` of `wfm.erlang.gamma_ratios` for real n > -1: whole steps down, then the integral."""
    total, term, left = 0.0, 1.0, n
    while left >= 1.0:
        total += term
        term *= left / a
        left -= 1.0
        if term < 1e-17 * total and left < a:
            return total
        if term > HUGE:
            return math.inf
    return total + term * _upper_start(left, a)


@kernel
def _upper_start(n: float, a: float) -> float:
    """Return the integral for -1 < n < 1: the full gamma function less the lower, or a continued fraction."""
    if n == 0.0:
        return 1.0
    if n < 0.0:
        return (_upper_start(n + 1.0, a) - 1.0) * a / (n + 1.0) if a < SERIES_BELOW else _fraction(n, a)
    if a >= SERIES_BELOW:
        return _fraction(n, a)
    series, exponent, _ = lower(n + 1.0, a)
    whole = math.gamma(n + 1.0) * math.exp(a - n * math.log(a))
    return whole - a / (n + 1.0) * series * math.exp(exponent)


@kernel
def _fraction(n: float, a: float) -> float:
    """Return the integral by the continued fraction of the incomplete gamma function (DLMF 8.9.2; Lentz)."""
    s = n + 1.0
    b = a + 1.0 - s
    c, d = math.inf, 1.0 / b
    value = d
    for k in range(1, 1000):
        factor = -k * (k - s)
        b += 2.0
        d = 1.0 / (factor * d + b)
        c = b + factor / c
        value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value * a

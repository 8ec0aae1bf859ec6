"""Erlang X: Erlang A whose abandoning contacts try again with a given probability.

The attempts form a Poisson stream of load a' = a + p a' P(abandon | a'), a fixed point; service level,
abandonment and occupancy count attempts. Source: Mandelbaum, Massey, Reiman & Stolyar (1999).
"""

from __future__ import annotations

from wfm.erlang.erlang_a import measure_erlang_a
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question

STEPS = 100
TOLERANCE = 1e-15
NEAR, NEAR_STEPS = 1e-12, 12  # relative, of the fresh load


@kernel
def measure_erlang_x(agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the steady state for a fresh load > 0 and a redial probability below 1."""
    if question.redial_probability == 0.0:
        return measure_erlang_a(agents, load, aht_s, question)
    attempts = load_of_attempts(agents, load, aht_s, question)
    return of_attempts(measure_erlang_a(agents, attempts, aht_s, question), attempts / load)


@kernel
def measure_near(ratio: float, agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the same, quickly where attempts are about `ratio` per fresh contact: secant steps from there.

    The first slope is that of the chord from no attempts at all, where all of the fresh load is missing.
    """
    redials = question.redial_probability
    attempts, last, last_missing = load * ratio, 0.0, load
    for _ in range(NEAR_STEPS):
        found = measure_erlang_a(agents, attempts, aht_s, question)
        missing = load - attempts * (1.0 - redials * found.abandonment)
        if abs(missing) <= NEAR * load:
            return of_attempts(found, attempts / load)
        slope = (last_missing - missing) / (attempts - last) if attempts != last else 1.0
        last, last_missing = attempts, missing
        attempts += missing / min(max(slope, 1.0 - redials), 1.0)
    return measure_erlang_x(agents, load, aht_s, question)


@kernel
def of_attempts(found: Measures, ratio: float) -> Measures:
    """Return the measures of Erlang A at the attempts as those of so many attempts per fresh contact."""
    return Measures(
        found.service_level,
        found.asa_s,
        found.abandonment,
        found.occupancy,
        found.p_wait,
        found.mean_wait_s,
        found.queue_length,
        0.0,
        ratio,
    )


@kernel
def load_of_attempts(agents: float, load: float, aht_s: float, question: Question) -> float:
    """Return the load of first attempts and redials: bracketed secant steps (Illinois) on the fixed point."""
    quick = Question(question.patience_s, question.redial_probability, 0.0, 0.0, 0, False)
    low, high = load, load / (1.0 - question.redial_probability)
    below = _excess(low, agents, load, aht_s, quick)
    above = _excess(high, agents, load, aht_s, quick)
    kept_side = 0
    for _ in range(STEPS):
        if below >= 0.0 or above <= 0.0 or high - low <= TOLERANCE * high:
            break
        middle = high - above * (high - low) / (above - below)
        if not low < middle < high:
            middle = 0.5 * (low + high)
        value = _excess(middle, agents, load, aht_s, quick)
        if value >= 0.0:
            high, above = middle, value
            below = 0.5 * below if kept_side == -1 else below
            kept_side = -1
        else:
            low, below = middle, value
            above = 0.5 * above if kept_side == 1 else above
            kept_side = 1
        if abs(value) <= TOLERANCE * load:
            return middle
    return low if below >= 0.0 else high


@kernel
def _excess(attempts: float, agents: float, load: float, aht_s: float, question: Question) -> float:
    """Return attempts - redials - fresh load."""
    lost = measure_erlang_a(agents, attempts, aht_s, question).abandonment
    return attempts * (1.0 - question.redial_probability * lost) - load

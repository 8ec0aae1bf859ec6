"""Erlang B (M/M/n/n): contacts that find every agent busy are lost; load in erlangs.

Source: Erlang (1917); the inverse blocking probability is `upper(n, a)` of `wfm.erlang.gamma_ratios`.
"""

from __future__ import annotations

from wfm.erlang.gamma_ratios import upper
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import ABANDONS_IN_TARGET_GOOD, Measures, Question


@kernel
def blocking(agents: float, load: float) -> float:
    """Return the share of contacts lost; 0 agents lose all, even of no load."""
    if agents == 0.0:
        return 1.0
    return 1.0 / upper(agents, load) if load > 0.0 else 0.0


@kernel
def measure_erlang_b(agents: float, load: float, question: Question) -> Measures:
    """Return the steady state: nobody waits, who is not blocked is answered at once."""
    lost = blocking(agents, load)
    occupancy = load * (1.0 - lost) / agents if agents > 0.0 else 0.0
    level = 1.0 - lost
    if question.variant > ABANDONS_IN_TARGET_GOOD and agents > 0.0:  # of the answered
        level = 1.0
    return Measures(level, 0.0, 0.0, occupancy, 0.0, 0.0, 0.0, lost, 1.0)

"""Erlang C (M/M/n): contacts wait, nobody abandons; load in erlangs, times in seconds.

Source: Gross, Shortle, Thompson & Harris, Fundamentals of Queueing Theory, ch. 2 (4th ed.).
"""

from __future__ import annotations

from wfm.erlang.gamma_ratios import upper
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question, measured, unstable
from wfm.erlang.waiting_line import patient_line


@kernel
def measure_erlang_c(agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the steady state for load > 0; without one (load >= agents) nobody is served in time."""
    if agents <= load:
        return unstable()
    return measure_with_head(upper(agents - 1.0, load), agents, load, aht_s, question)


@kernel
def measure_with_head(head: float, agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the steady state, `head` being upper(agents - 1, load), known from a neighbour."""
    wait = patient_line(head, load, agents, aht_s, question)
    return measured(wait, load / aht_s, load / agents, question.variant)

"""Erlang A (M/M/n+M): contacts wait and abandon after a patience of exponential law.

Load in erlangs, times in seconds. Source: Palm (1957); see `wfm.erlang.waiting_line`.
"""

from __future__ import annotations

from wfm.erlang.gamma_ratios import upper
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question, measured
from wfm.erlang.waiting_line import impatient_line, nobody_answers


@kernel
def measure_erlang_a(agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the steady state for load > 0, which exists for any number of agents."""
    if agents == 0.0:
        return measured(nobody_answers(question), load / aht_s, 0.0, question.variant)
    return measure_impatient(upper(agents - 1.0, load), agents, load, aht_s, question)


@kernel
def measure_impatient(head: float, agents: float, load: float, aht_s: float, question: Question) -> Measures:
    """Return the steady state of agents > 0, `head` being upper(agents - 1, load), known from a neighbour."""
    wait = impatient_line(head, load, agents, aht_s, question)
    return measured(wait, load / aht_s, load * wait.answered / agents, question.variant)

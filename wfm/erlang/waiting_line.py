"""The line in front of fully busy agents, with and without patience: who waits, how long, who leaves.

The states below are summed up in `head`: the weights of all states with a free agent, relative to the last of
them. Load and capacity are in erlangs of the handle time of one contact, times in seconds.
Patient contacts: M/M/n. Impatient ones (exponential patience): M/M/n+M, by sums of positive terms only, after
Palm (1957) and Mandelbaum & Zeltyn, Service engineering in action: the Palm/Erlang-A queue (2007).
"""

from __future__ import annotations

import math

from wfm.erlang.gamma_ratios import lower, mean_harmonic
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import EXCLUDING_SHORT, Question, Wait


@kernel
def patient_line(head: float, load: float, capacity: float, aht_s: float, question: Question) -> Wait:
    """Return the waits when nobody abandons; needs load < capacity."""
    p_wait = load / ((capacity - load) * head + load)
    spare = (capacity - load) / aht_s
    longer = p_wait * math.exp(-spare * question.answer_within_s)
    asa_s = p_wait / spare
    return Wait(p_wait, 1.0, 1.0 - longer, longer, 1.0, 0.0, asa_s, asa_s)


@kernel
def impatient_line(head: float, load: float, capacity: float, aht_s: float, question: Question) -> Wait:
    """Return the waits when contacts abandon after a patience of exponential law; capacity > 0."""
    if math.isinf(head):  # waits rarer than any float can say
        return Wait(0.0, 1.0, 1.0, 0.0, 1.0, 0.0, 0.0, 0.0)
    patience_s = question.patience_s
    x, y = capacity * patience_s / aht_s, load * patience_s / aht_s
    line, exponent, mean_place = lower(x, y)
    one = 1.0 if exponent == 0.0 else math.exp(-exponent)
    free = head * one
    weight = free + load / capacity * line
    p_wait = load / capacity * line / weight
    answered = (free - one + line) / weight
    abandoned = line / weight * mean_place / x
    later, waiting = _after(question.answer_within_s, x, y, patience_s, exponent)
    still_waiting = load / capacity * waiting / weight
    answered_in_target = max(0.0, answered - later / weight)
    kept = 1.0
    if question.variant == EXCLUDING_SHORT:
        later, waiting = _after(question.short_abandon_s, x, y, patience_s, exponent)
        kept = answered - later / weight + load / capacity * waiting / weight
    asa_s = patience_s * mean_harmonic(x, y) * line / weight / answered if question.with_asa else 0.0
    return Wait(
        p_wait,
        answered,
        answered_in_target,
        still_waiting,
        kept,
        abandoned,
        patience_s * abandoned,
        asa_s,
    )


@kernel
def _after(within_s: float, x: float, y: float, patience_s: float, exponent: float) -> tuple[float, float]:
    """Return the weights of answers after `within_s` and of waiting then, times exp(-exponent)."""
    elapsed = within_s / patience_s
    gone = -math.expm1(-elapsed)
    line, own_exponent, _ = lower(x, y * (1.0 - gone))
    scale = math.exp(y * gone - x * elapsed + own_exponent - exponent)
    one = 1.0 if own_exponent == 0.0 else math.exp(-own_exponent)
    return scale * (line - one), scale * line * (1.0 - gone)


@kernel
def nobody_answers(question: Question) -> Wait:
    """Return the waits with no agent at all: every contact leaves when its patience ends."""
    still_waiting = math.exp(-question.answer_within_s / question.patience_s)
    kept = math.exp(-question.short_abandon_s / question.patience_s)
    return Wait(1.0, 0.0, 0.0, still_waiting, kept, 1.0, question.patience_s, math.nan)

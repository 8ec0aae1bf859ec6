"""Chat: agents with several contacts at once, each further one slowing the others down.

A birth-death process over the contacts in service, always spread evenly over the agents (routing to the agent
with the fewest). With j contacts an agent needs `slowdowns[j - 1]` times the handle time of a contact alone;
contacts beyond all slots wait, with or without patience. Load in erlangs of contacts handled alone.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from wfm.erlang.kernel import kernel
from wfm.erlang.measures import Measures, Question, measured, unstable
from wfm.erlang.waiting_line import impatient_line, nobody_answers, patient_line


@kernel
def measure_chat(
    agents: float, load: float, aht_s: float, question: Question, slowdowns: NDArray[np.float64]
) -> Measures:
    """Return the steady state for load > 0; occupancy is the share of slots in use."""
    slots = agents * len(slowdowns)
    capacity = slots / slowdowns[-1]
    patient = math.isinf(question.patience_s)
    if patient and capacity <= load:
        return unstable()
    if agents == 0.0:
        return measured(nobody_answers(question), load / aht_s, 0.0, question.variant)
    head, busy = _free_slots(agents, load, slowdowns)
    if patient:
        wait = patient_line(head, load, capacity, aht_s, question)
    else:
        wait = impatient_line(head, load, capacity, aht_s, question)
    occupancy = (1.0 - wait.p_wait) * busy / slots + wait.p_wait
    return measured(wait, load / aht_s, occupancy, question.variant)


@kernel
def _free_slots(agents: float, load: float, slowdowns: NDArray[np.float64]) -> tuple[float, float]:
    """Return the weight of the states with a free slot, relative to the last one, and their mean contacts."""
    weight, busy = 1.0, 0.0
    for others in range(len(slowdowns)):  # every agent has so many contacts, some one more
        with_more = (others + 1.0) / slowdowns[others]
        with_these = others / slowdowns[others - 1] if others > 0 else 0.0
        for more in range(int(agents)):
            contacts = others * agents + more
            if contacts == 0.0:
                continue
            rate = more * with_more + (agents - more) * with_these
            weight = 1.0 + weight * rate / load
            busy += (contacts - busy) / weight
    return weight, busy

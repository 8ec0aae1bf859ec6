"""The queueing models by name, and their steady state for whole columns of queues at once.

A new model registers here: a name, a number, a branch of `measure`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from wfm.erlang.chat import measure_chat
from wfm.erlang.erlang_a import measure_erlang_a
from wfm.erlang.erlang_b import measure_erlang_b
from wfm.erlang.erlang_c import measure_erlang_c
from wfm.erlang.erlang_x import measure_erlang_x
from wfm.erlang.kernel import kernel
from wfm.erlang.measures import VARIANTS, Measures, Question, idle

Name = Literal["erlang_b", "erlang_c", "erlang_a", "erlang_x", "chat"]
Variant = Literal[
    "offered",
    "excluding_short",
    "excluding_abandoned_in_target",
    "abandons_in_target_good",
    "answered",
]
ERLANG_B, ERLANG_C, ERLANG_A, ERLANG_X, CHAT = range(5)
NUMBERS: Final[dict[str, int]] = {
    "erlang_b": ERLANG_B,
    "erlang_c": ERLANG_C,
    "erlang_a": ERLANG_A,
    "erlang_x": ERLANG_X,
    "chat": CHAT,
}


@dataclass(frozen=True)
class QueueingModel:
    """How contacts wait: the model, their mean patience, redials, and the slots of an agent (chat).

    `slowdowns[j - 1]` is the handle time with j contacts at once relative to one alone.
    """

    name: Name
    patience_s: float | None = None
    redial_probability: float = 0.0
    slowdowns: tuple[float, ...] = (1.0,)

    @property
    def patient(self) -> bool:
        """Whether contacts wait for ever."""
        return self.name in ("erlang_b", "erlang_c") or self.patience_s is None

    @property
    def endless(self) -> bool:
        """Whether a queue grows without bound when the load exceeds what the agents can do."""
        return self.patient and self.name != "erlang_b"


@dataclass(frozen=True)
class Answering:
    """How a service level is counted: threshold, definition, and what a short abandon is (seconds)."""

    answer_within_s: float = 20.0
    variant: Variant = "offered"
    short_abandon_s: float = 5.0


def question(model: QueueingModel, answering: Answering, *, with_asa: bool) -> Question:
    """Return model and service level as compiled code takes them."""
    return Question(
        float(model.patience_s) if model.patience_s is not None else math.inf,
        float(model.redial_probability),
        float(answering.answer_within_s),
        float(answering.short_abandon_s),
        VARIANTS.index(answering.variant),
        with_asa,
    )


@dataclass(frozen=True)
class Performance:
    """The steady state of many queues, one array per measure, in the shape of the broadcast arguments."""

    service_level: NDArray[np.float64]
    asa_s: NDArray[np.float64]
    abandonment: NDArray[np.float64]
    occupancy: NDArray[np.float64]
    p_wait: NDArray[np.float64]
    mean_wait_s: NDArray[np.float64]
    queue_length: NDArray[np.float64]
    blocking: NDArray[np.float64]
    attempts: NDArray[np.float64]


def performance(
    model: QueueingModel,
    agents: ArrayLike,
    load: ArrayLike,
    aht_s: ArrayLike,
    answering: Answering | None = None,
) -> Performance:
    """Return the steady state of `agents` under `load` erlangs of handle time `aht_s`, element by element.

    Without load nothing is broken (service level 1, no wait). Without a steady state (patient contacts, load
    not below capacity) the service level is 0 and the waits infinite; `asa_s` is NaN where nobody answers.
    """
    columns = np.broadcast_arrays(*(np.asarray(values, dtype=np.float64) for values in (agents, load, aht_s)))
    shape = columns[0].shape
    flat = [np.ascontiguousarray(column).reshape(-1) for column in columns]
    asked = question(model, answering or Answering(), with_asa=True)
    table = np.empty((len(Measures._fields), flat[0].size))
    _measure_all(NUMBERS[model.name], flat[0], flat[1], flat[2], asked, np.array(model.slowdowns), table)
    return Performance(*(row.reshape(shape) for row in table))


@kernel
def measure(
    model: int,
    agents: float,
    load: float,
    aht_s: float,
    asked: Question,
    slowdowns: NDArray[np.float64],
) -> Measures:
    """Return the steady state of one queue; `slowdowns` see QueueingModel."""
    if load <= 0.0:
        return idle(agents)
    if model == ERLANG_B:
        return measure_erlang_b(agents, load, asked)
    if model == ERLANG_C:
        return measure_erlang_c(agents, load, aht_s, asked)
    if model == ERLANG_A:
        return measure_erlang_a(agents, load, aht_s, asked)
    if model == ERLANG_X:
        return measure_erlang_x(agents, load, aht_s, asked)
    return measure_chat(agents, load, aht_s, asked, slowdowns)


@kernel
def _measure_all(
    model: int,
    agents: NDArray[np.float64],
    load: NDArray[np.float64],
    aht_s: NDArray[np.float64],
    asked: Question,
    slowdowns: NDArray[np.float64],
    table: NDArray[np.float64],
) -> None:
    for row in range(agents.size):
        found = measure(model, agents[row], load[row], aht_s[row], asked, slowdowns)
        for column in range(len(found)):
            table[column, row] = found[column]

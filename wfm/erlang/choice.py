"""Which model and which targets a queue of the configuration means; the requirements name the choice."""

from __future__ import annotations

from wfm.config import Queue
from wfm.erlang.models import Name, QueueingModel
from wfm.erlang.targets import Targets
from wfm.errors import ConfigError, Fault


def targets_of(queue: Queue) -> Targets:
    """Return the promises of a queue."""
    return Targets(
        service_level=queue.service_level,
        answer_within_s=queue.answer_within_s,
        service_level_variant=queue.service_level_variant,
        short_abandon_s=queue.short_abandon_s,
        asa_s=queue.asa_s,
        max_abandonment=queue.max_abandonment,
        max_occupancy=queue.max_occupancy,
        max_blocking=queue.max_blocking,
    )


def model_of(queue: Queue) -> QueueingModel:
    """Return the queueing model of a live queue; several contacts at once make it the chat model.

    `auto` is Erlang B where blocking is the only promise, A where patience is known (X if the abandoned
    redial), else Erlang C. Raises ConfigError for promises or slots that the model does not know.
    """
    name = queue.queue_model if queue.queue_model != "auto" else _usual(queue)
    _check(name, queue)
    patience_s = None if name in ("erlang_b", "erlang_c") else queue.patience_s
    if queue.concurrency == 1:
        redials = queue.redial_probability if name == "erlang_x" else 0.0
        return QueueingModel(name, patience_s, redials)
    slowdowns = tuple(1.0 + queue.concurrency_slowdown * others for others in range(queue.concurrency))
    return QueueingModel("chat", patience_s, slowdowns=slowdowns)


def _usual(queue: Queue) -> Name:
    if _promises_blocking_only(queue):
        return "erlang_b"
    if queue.patience_s is not None:
        return "erlang_x" if queue.redial_probability > 0.0 and queue.concurrency == 1 else "erlang_a"
    return "erlang_c"


def _promises_blocking_only(queue: Queue) -> bool:
    others = (queue.service_level, queue.asa_s, queue.max_abandonment, queue.max_occupancy)
    return queue.max_blocking is not None and all(target is None for target in others)


def _check(name: Name, queue: Queue) -> None:
    if queue.concurrency > 1 and name in ("erlang_b", "erlang_x"):
        remedy = "promise a service_level and use erlang_a, erlang_c or auto; or set concurrency = 1"
        raise ConfigError([Fault(f"{name} knows no concurrency", remedy, column="queue_model")])
    if name != "erlang_b" and _promises_blocking_only(queue):
        remedy = "give a service_level, or let queue_model be erlang_b or auto"
        raise ConfigError([Fault(f"{name} never blocks a contact", remedy, column="max_blocking")])

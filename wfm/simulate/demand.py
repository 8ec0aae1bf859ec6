"""Tables and configuration to the demand of a scenario: who arrives when, and how contacts behave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue
from wfm.simulate.scenario import (
    BEST_SKILL,
    EXPONENTIAL,
    LOGNORMAL,
    LONGEST_IDLE,
    MEASURED,
    Demand,
    Rules,
)
from wfm.simulate.span import Span
from wfm.simulate.sums import VARIANTS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BAND = 2 * 1.2815515655446004  # standard deviations between the 10 % and the 90 % quantile of a normal
POINTS = 1001  # quantiles of measured handle times
LIVE_PRIORITY, DEFERRED_PRIORITY = 3, 7
ROUTING = {"longest_idle": LONGEST_IDLE, "best_skill": BEST_SKILL}


def demand_of(
    requirements: pd.DataFrame,
    arrivals: pd.DataFrame,
    span: Span,
    queues: Mapping[str, Queue],
    backlog: pd.DataFrame,
    days: pd.DataFrame | None,
) -> Demand:
    """Return the demand; `arrivals` are requirements or a forecast, rows of the span only."""
    dates = {name: span.dates(queues[name].timezone) for name in span.queues}
    old = backlog[backlog["queue"].isin(span.queues)].sort_values("arrived_at")
    counts = np.rint(old["contacts"].to_numpy(dtype=np.float64)).astype(np.int64)
    number = old["queue"].map({queue: at for at, queue in enumerate(span.queues)}).to_numpy(dtype=np.int64)
    rate, aht_s = span.filled(arrivals, "offered") / span.interval_s, span.filled(arrivals, "aht_s")
    return Demand(
        interval_s=span.interval_s,
        rate=rate,
        aht_s=np.where(rate > 0, aht_s, _mean_aht(rate, aht_s)[:, None]),
        day=np.array([_day_numbers(dates[name]) for name in span.queues]),
        closes=_closing(span.open(requirements), span, [queues[name].deferred for name in span.queues]),
        old_queue=np.repeat(number, counts),
        day_cv=np.array([_day_cv(name, queues[name], days) for name in span.queues]),
    )


def rules_of(
    requirements: pd.DataFrame, span: Span, queues: Mapping[str, Queue], measured: Mapping[str, Floats]
) -> Rules:
    """Return the rules of the span's queues; `measured` has handle times (seconds) of some of them."""
    worked = np.cumsum(span.open(requirements) * span.interval_s, axis=1)
    own = {name: queues[name] for name in span.queues}
    return rules_of_queues(own, np.concatenate([np.zeros((len(own), 1)), worked], axis=1), measured)


def rules_of_queues(queues: Mapping[str, Queue], worked: Floats, measured: Mapping[str, Floats]) -> Rules:
    """Return the rules of queues in their order; `worked` (Q, N + 1) as in `Rules`, `measured` see above."""
    own = list(queues.values())
    spread = [0.0 if queue.handle_time == "exponential" else queue.handle_time_cv for queue in own]
    return Rules(
        patience_s=_floats([queue.patience_s or np.inf for queue in own]),
        redial=_floats([queue.redial_probability for queue in own]),
        redial_after_s=_floats([queue.redial_after_s for queue in own]),
        routing=np.array([ROUTING[queue.routing] for queue in own], dtype=np.int64),
        priority=np.array([_priority(queue) for queue in own], dtype=np.int64),
        overflow_after_s=_floats([queue.overflow_after_s for queue in own]),
        concurrency=np.array([queue.concurrency for queue in own], dtype=np.int64),
        slowdown=_floats([queue.concurrency_slowdown for queue in own]),
        answer_within_s=_floats([queue.answer_within_s for queue in own]),
        short_abandon_s=_floats([queue.short_abandon_s for queue in own]),
        deadline_s=_floats([(queue.deadline_h or np.inf) * 3600.0 for queue in own]),
        worked=worked,
        handle=np.array([_handle(name, queue, measured) for name, queue in queues.items()], dtype=np.int64),
        spread=np.sqrt(np.log1p(_floats(spread) ** 2)),
        table=np.array([_quantiles(measured.get(name)) for name in queues]),
    )


def variants_of(span: Span, queues: Mapping[str, Queue]) -> Ints:
    """Return the number of each queue's definition of service level."""
    return np.array(
        [VARIANTS.index(queues[name].service_level_variant) for name in span.queues], dtype=np.int64
    )


def _mean_aht(rate: Floats, aht_s: Floats) -> Floats:
    """Return each queue's mean handle time, for what arrives when nothing is expected."""
    contacts = rate.sum(axis=1)
    work = (rate * aht_s).sum(axis=1)
    mean: Floats = np.divide(work, contacts, out=aht_s.max(axis=1), where=contacts > 0)
    return mean


def _closing(is_open: NDArray[np.bool_], span: Span, deferred: Sequence[bool]) -> Floats:
    """Return when the working hours of an interval end; deferred contacts are never turned away."""
    closes = np.full(is_open.shape, np.inf)
    for q, waits in enumerate(deferred):
        if waits:
            continue
        end = 0.0
        for n in range(span.intervals - 1, -1, -1):
            if not is_open[q, n]:
                closes[q, n] = n * span.interval_s
                end = 0.0
            else:
                end = end or (n + 1) * span.interval_s
                closes[q, n] = end
    return closes


def _day_numbers(dates: pd.DatetimeIndex) -> Ints:
    return np.unique(dates, return_inverse=True)[1].astype(np.int64)


def _day_cv(name: str, queue: Queue, days: pd.DataFrame | None) -> float:
    """Return how uncertain a day's volume is, chance of single contacts aside."""
    if days is None:
        return queue.uncertainty_cv if queue.uncertainty != "none" else 0.0
    own = days[(days["queue"] == name) & (days["offered"] > 0)]
    if own.empty:
        return 0.0
    spread = ((own["offered_p90"] - own["offered_p10"]) / BAND) ** 2 - own["offered"]
    return float(np.sqrt(max(0.0, spread.sum() / (own["offered"] ** 2).sum())))


def _priority(queue: Queue) -> int:
    if queue.priority is not None:
        return queue.priority
    return DEFERRED_PRIORITY if queue.deferred else LIVE_PRIORITY


def _handle(name: str, queue: Queue, measured: Mapping[str, Floats]) -> int:
    if name in measured:
        return MEASURED
    return EXPONENTIAL if queue.handle_time == "exponential" else LOGNORMAL


def _quantiles(seconds: Floats | None) -> Floats:
    """Return quantiles of handle times over their mean, so that a draw between them has mean 1."""
    if seconds is None:
        return np.zeros(POINTS)
    table = np.quantile(seconds, np.linspace(0.0, 1.0, POINTS))
    return np.asarray(table / ((table[1:] + table[:-1]) / 2).mean())


def handle_times(contacts: pd.DataFrame) -> dict[str, Floats]:
    """Return the handle times of the contacts handled, by queue: talk, hold and after-contact work."""
    parts = contacts[["talk_s", "hold_s", "acw_s"]].fillna(0.0).sum(axis=1)
    seconds = parts.where(parts > 0, (contacts["ended_at"] - contacts["answered_at"]).dt.total_seconds())
    known = contacts[(contacts["outcome"] == "handled") & (seconds > 0)]
    return {
        str(name): seconds[rows.index].to_numpy(dtype=np.float64) for name, rows in known.groupby("queue")
    }


def _floats(values: Sequence[float]) -> Floats:
    return np.array(values, dtype=np.float64)

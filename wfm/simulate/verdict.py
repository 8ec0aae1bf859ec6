"""Does the plan keep its promises? The intervals that miss one, and the whole in a few figures."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from wfm.config import Queue
from wfm.simulate.book import ABANDONED, ANSWERED, ATTEMPTS, BACKLOG, FRESH, TURNED_AWAY, WAITED_S
from wfm.simulate.results import CONFIDENCE, LEAST, day_met, deadlines_kept, ratio_of, whole_service
from wfm.simulate.scenario import Rules
from wfm.simulate.span import Span
from wfm.simulate.sums import Sums


@dataclass(frozen=True)
class Miss:
    """A promise that an interval misses by more than chance; `low` to `high` is 95 % confident."""

    queue: str
    interval_start: pd.Timestamp
    promise: str
    target: float
    value: float
    low: float
    high: float

    def in_words(self, zones: Mapping[str, str]) -> str:
        """Return it as a sentence, in the wall clock of the queue."""
        unit, scale = (" s", 1.0) if self.promise == "asa_s" else (" %", 100.0)
        figures = f"{self.value * scale:.1f}{unit} ({self.low * scale:.1f} to {self.high * scale:.1f})"
        moment = self.interval_start.tz_convert(zones[self.queue])
        promised = f"promised {self.target * scale:g}{unit}"
        return f"{self.queue} {moment:%Y-%m-%d %H:%M} {self.promise} {figures}, {promised}"


def misses_of(table: pd.DataFrame, queues: Mapping[str, Queue], replications: int) -> list[Miss]:
    """Return the promises that intervals miss by more than chance, in order of queue and time.

    Of many intervals some lie below their target by chance. An interval is named where even an interval of
    confidence as wide as their number asks for (Bonferroni) does not reach the target.
    """
    if replications < LEAST or table.empty:
        return []
    wider = float(stdtrit(replications - 1, 1 - (1 - CONFIDENCE) / len(table)))
    wider /= float(stdtrit(replications - 1, CONFIDENCE))
    found = []
    for name, rows in table.groupby("queue", sort=True):
        queue = queues[str(name)]
        promises = (
            ("service_level", queue.service_level, "service_level", "", -1),
            ("asa_s", queue.asa_s, "asa", "_s", 1),
            ("max_abandonment", queue.max_abandonment, "abandonment", "", 1),
        )
        for promise, target, column, unit, worse in promises:
            if target is None or queue.deferred:
                continue
            names = [f"{column}{part}{unit}" for part in ("", "_low", "_high")]
            figures = zip(rows["interval_start"], *(rows[each] for each in names), strict=True)
            found += [
                Miss(str(name), pd.Timestamp(start), promise, target, value, low, high)
                for start, value, low, high in figures
                if worse * (value - target) > wider * (high - low) / 2
            ]
    return sorted(found, key=lambda miss: (miss.queue, miss.interval_start, miss.promise))


def summary_of(
    sums: Sums, rules: Rules, span: Span, queues: Mapping[str, Queue], misses: list[Miss]
) -> dict[str, Any]:
    """Return replications, first and last interval, and per queue what was promised and what was given."""
    totals = sums.counts.sum(axis=2)
    level, half = whole_service(sums)
    in_time = deadlines_kept(sums, rules)
    replications = len(sums.days)
    given: dict[str, Any] = {}
    for q, name in enumerate(span.queues):
        queue, counts = queues[name], totals[:, q]
        figures: dict[str, Any] = {
            "offered": counts[FRESH] / replications,
            "handled": counts[ANSWERED] / replications,
            "abandoned": counts[ABANDONED] / replications,
            "turned_away": counts[TURNED_AWAY] / replications,
        }
        if queue.deferred:
            figures |= {
                "within_deadline": _known(in_time[q]),
                "backlog_at_end": float(sums.counts[BACKLOG, q, -1]) / replications,
            }
        else:
            figures |= {
                "service_level": _known(level[q]),
                "service_level_half_width": _known(half[q]),
                "service_level_variant": queue.service_level_variant,
                "service_level_target": queue.service_level,
                "asa_s": _known(ratio_of(counts[WAITED_S], counts[ANSWERED])),
                "abandonment": _known(ratio_of(counts[ABANDONED], counts[ATTEMPTS])),
                "days_met": _known(day_met(sums.days[:, q], queue)),
                "intervals_missed": len({m.interval_start for m in misses if m.queue == name}),
            }
        given[name] = figures
    starts = span.starts()
    return {
        "replications": replications,
        "first_interval": starts[0].isoformat(),
        "last_interval": starts[-1].isoformat(),
        "queues": given,
    }


def _known(value: Any) -> float | None:
    return None if np.isnan(value) else float(value)

"""Sums over replications to tables: means with confidence intervals, percentiles, days, and a summary.

A 95 % confidence interval of a ratio r of sums is r +- t sd(x - r y) / (mean(y) sqrt(replications)), with
Student's t (Cochran, Sampling Techniques, ch. 6). Service levels are those of all contacts together.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import stdtrit

from wfm.config import Queue
from wfm.conform import conform
from wfm.simulate.book import (
    ABANDONED,
    ABANDONED_IN,
    ANSWERED,
    ANSWERED_IN,
    ATTEMPTS,
    BACKLOG,
    BINS_PER_OCTAVE,
    FRESH,
    IN_DEADLINE,
    SHORT,
    SHORTEST_LOG2,
    STAFFED_S,
    TURNED_AWAY,
    WAITED_S,
    WORKED_S,
)
from wfm.simulate.scenario import NO_SKILL, Rules, Scenario
from wfm.simulate.span import Span
from wfm.simulate.sums import (
    ABANDONMENT,
    DAY_ABANDONED,
    DAY_ANSWERED,
    DAY_ATTEMPTS,
    DAY_GOOD,
    DAY_OF,
    DAY_WAITED,
    MOMENTS,
    SERVICE,
    VARIANTS,
    WAIT,
    XX,
    XY,
    YY,
    Sums,
    X,
    Y,
)
from wfm.tables import SIMULATED_DAYS, SIMULATION

Floats = NDArray[np.float64]

CONFIDENCE = 0.975  # of each side
LEAST = 2  # replications that can tell how much they vary


def simulation_table(sums: Sums, scenario: Scenario, span: Span) -> pd.DataFrame:
    """Return SIMULATION of the intervals in which a queue works or contacts arrive."""
    counts, replications = sums.counts, len(sums.days)
    levels = service_levels(counts)
    serves = (scenario.staff.rank < NO_SKILL).T.astype(np.float64)  # (Q, G)
    worked, staffed = (serves @ sums.time[row] for row in (WORKED_S, STAFFED_S))
    attempts, answered = counts[ATTEMPTS], counts[ANSWERED]
    columns: dict[str, Floats] = {
        "offered": counts[FRESH] / replications,
        "attempts": attempts / replications,
        "handled": answered / replications,
        "abandoned": counts[ABANDONED] / replications,
        "turned_away": counts[TURNED_AWAY] / replications,
        **{f"sl_{name}": level for name, level in levels.items()},
        "asa_s": ratio_of(counts[WAITED_S], answered),
        "abandonment": ratio_of(counts[ABANDONED], attempts),
        "within_deadline": _within_deadline(sums, scenario.rules),
        "occupancy": np.minimum(1.0, ratio_of(worked, staffed)),
        "agents": staffed / (replications * span.interval_s),
        "backlog": counts[BACKLOG] / replications,
    }
    for share in (50, 80, 95):
        columns[f"wait_p{share}_s"] = wait_quantile(sums.waits, share / 100)
    for name, suffix, ratio in (
        ("service_level", "", SERVICE), ("asa", "_s", WAIT), ("abandonment", "", ABANDONMENT)
    ):  # fmt: skip
        middle, half = interval_of_ratio(sums, ratio)
        columns[f"{name}{suffix}"] = middle
        columns[f"{name}_low{suffix}"] = np.maximum(0.0, middle - half)
        highest = np.inf if ratio == WAIT else 1.0
        columns[f"{name}_high{suffix}"] = np.minimum(highest, middle + half)
    deferred = np.isfinite(scenario.rules.deadline_s)
    for name, values in columns.items():
        if name.startswith(("service_level", "sl_", "asa", "abandonment")):
            values[deferred] = np.nan
    works = np.diff(scenario.rules.worked, axis=1) > 0
    queue, interval = np.nonzero(works | (scenario.demand.rate > 0))
    frame = pd.DataFrame(
        {
            "queue": np.array(span.queues)[queue],
            "interval_start": span.starts()[interval],
            **{name: values[queue, interval] for name, values in columns.items()},
        }
    )
    return conform(frame[SIMULATION.names], SIMULATION)


def days_table(sums: Sums, span: Span, queues: Mapping[str, Queue]) -> pd.DataFrame:
    """Return SIMULATED_DAYS: each day of each queue with contacts."""
    rows = []
    for q, name in enumerate(span.queues):
        dates = span.dates(queues[name].timezone).unique()
        for number, date in enumerate(dates):
            figures = sums.days[:, q, number]
            if not figures[:, DAY_ATTEMPTS].any():
                continue
            rows.append({"queue": name, "date": date, **_day(figures, queues[name])})
    return conform(pd.DataFrame(rows, columns=SIMULATED_DAYS.names), SIMULATED_DAYS)


def _day(figures: Floats, queue: Queue) -> dict[str, float]:
    """Return the columns of one day from its figures per replication."""
    totals = figures.sum(axis=0)
    offered = {"offered": float(totals[DAY_ATTEMPTS] / len(figures))}
    if queue.deferred:
        return offered
    levels = ratio_of(figures[:, DAY_GOOD], figures[:, DAY_OF])
    known = levels[~np.isnan(levels)]
    low, middle, high = np.quantile(known, (0.1, 0.5, 0.9)) if len(known) else (np.nan,) * 3
    return offered | {
        "service_level": float(ratio_of(totals[DAY_GOOD], totals[DAY_OF])),
        "service_level_p10": float(low),
        "service_level_p50": float(middle),
        "service_level_p90": float(high),
        "met": float(_met(figures, queue).mean()),
        "asa_s": float(ratio_of(totals[DAY_WAITED], totals[DAY_ANSWERED])),
        "abandonment": float(ratio_of(totals[DAY_ABANDONED], totals[DAY_ATTEMPTS])),
    }


def day_met(figures: Floats, queue: Queue) -> float:
    """Return the share of days (replications, D, DAY_FIGURES) on which the promises are kept."""
    busy = figures[..., DAY_ATTEMPTS] > 0
    return float(ratio_of((_met(figures, queue) & busy).sum(), busy.sum()))


def _met(figures: Floats, queue: Queue) -> NDArray[np.bool_]:
    """Return in which rows (..., DAY_FIGURES) the promises are kept; without contacts they are."""
    kept = np.ones(figures.shape[:-1], dtype=np.bool_)
    for target, good, of, at_least in (
        (queue.service_level, DAY_GOOD, DAY_OF, True),
        (queue.asa_s, DAY_WAITED, DAY_ANSWERED, False),
        (queue.max_abandonment, DAY_ABANDONED, DAY_ATTEMPTS, False),
    ):
        if target is not None:
            value = ratio_of(figures[..., good], figures[..., of])
            kept &= np.isnan(value) | ((value >= target) if at_least else (value <= target))
    return kept


def service_levels(counts: Floats) -> dict[str, Floats]:
    """Return the service level of every variant for counts (COUNTS, ...)."""
    attempts, within = counts[ATTEMPTS], counts[ANSWERED_IN]
    pairs = (
        (within, attempts),
        (within, attempts - counts[SHORT]),
        (within, attempts - counts[ABANDONED_IN]),
        (within + counts[ABANDONED_IN], attempts),
        (within, counts[ANSWERED]),
    )
    return {name: ratio_of(*pair) for name, pair in zip(VARIANTS, pairs, strict=True)}


def interval_of_ratio(sums: Sums, ratio: int) -> tuple[Floats, Floats]:
    """Return a ratio (Q, N) and the half-width of its 95 % confidence interval; NaN where unknown."""
    return _with_half_width(sums.moments[ratio], len(sums.days))


def whole_service(sums: Sums) -> tuple[Floats, Floats]:
    """Return each queue's service level over the whole span, and the half-width of its interval."""
    good, of = sums.days[..., DAY_GOOD].sum(axis=2), sums.days[..., DAY_OF].sum(axis=2)
    moments = np.zeros((MOMENTS, good.shape[1]))
    for row, values in ((XX, good * good), (XY, good * of), (YY, of * of), (X, good), (Y, of)):
        moments[row] = values.sum(axis=0)
    return _with_half_width(moments, len(good))


def _with_half_width(moments: Floats, n: int) -> tuple[Floats, Floats]:
    middle = ratio_of(moments[X], moments[Y])
    if n < LEAST:
        return middle, np.full_like(middle, np.nan)
    squares = np.maximum(0.0, moments[XX] - 2 * middle * moments[XY] + middle**2 * moments[YY])
    deviation = np.sqrt(squares / (n - 1))
    return middle, float(stdtrit(n - 1, CONFIDENCE)) * ratio_of(deviation * np.sqrt(n), moments[Y])


def wait_quantile(waits: NDArray[np.int64], share: float) -> Floats:
    """Return the wait (Q, N) that a share of the answered does not exceed, between the borders of its bin."""
    total, running = waits.sum(axis=-1), np.cumsum(waits, axis=-1)
    wanted = share * total
    at = (running < wanted[..., None]).sum(axis=-1)
    found = np.minimum(at, waits.shape[-1] - 1)[..., None]
    inside = np.take_along_axis(waits, found, -1)[..., 0]
    before = np.take_along_axis(running, found, -1)[..., 0] - inside
    part = ratio_of(wanted - before, inside)
    borders = np.concatenate([[0.0, 0.0], _border(np.arange(1, waits.shape[-1]))])
    low, high = borders[at], borders[np.minimum(at + 1, waits.shape[-1])]
    return np.where(total > 0, low + part * (high - low), np.nan)


def _border(number: NDArray[np.int64]) -> Floats:
    """Return the upper border of a bin of waits after the first, in seconds."""
    return np.asarray(2.0 ** (SHORTEST_LOG2 + number / BINS_PER_OCTAVE))


def _within_deadline(sums: Sums, rules: Rules) -> Floats:
    """Return the share of deferred work (Q, N) done in time, NaN where the deadline lies behind the end."""
    done = ratio_of(sums.counts[IN_DEADLINE], sums.counts[FRESH])
    return np.where(_due_before_end(rules), done, np.nan)


def deadlines_kept(sums: Sums, rules: Rules) -> Floats:
    """Return the share of each queue's deferred work done in time, of what was due before the end."""
    due = _due_before_end(rules)
    done, of = (np.where(due, sums.counts[row], 0.0).sum(axis=1) for row in (IN_DEADLINE, FRESH))
    return np.asarray(ratio_of(done, of))


def _due_before_end(rules: Rules) -> NDArray[np.bool_]:
    return (rules.worked[:, -1:] - rules.worked[:, :-1]) >= rules.deadline_s[:, None]


def ratio_of(x: Any, y: Any) -> Any:
    """Return x / y, NaN where y is 0."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    return np.divide(x, y, out=np.full(np.broadcast(x, y).shape, np.nan), where=y > 0)

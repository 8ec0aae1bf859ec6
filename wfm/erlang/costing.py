"""What requirements cost: paid hours, full-time equivalents and money, by queue, day, month and in total.

Hours are agents x interval, summed over the intervals that there are, so that a day of a clock change counts
its 23 or 25 hours; dates are those of the queue's time zone. Paid hours are those of `agents_gross`, and

    fte  = paid_h / (fte_week_hours x days / 7)
    cost = paid_h x cost_per_hour

Definition of FTE: paid hours / contract full-time hours in the period.
"""

from __future__ import annotations

from math import ceil

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Config, Queue
from wfm.conform import conform, empty
from wfm.erlang.days_covered import Dates, Span, lengths, local_days, span_of
from wfm.erlang.shrinkage import factors
from wfm.tables import COSTS

SUMS = ("contacts", "workload_h", "required_h", "scheduled_h", "paid_h", "paid_exact_h")
DUST = 1e-9  # of the days, left by adding shares


def costs(requirements: pd.DataFrame, config: Config) -> pd.DataFrame:
    """Return COSTS of REQUIREMENTS, whose queues are all configured.

    Days on which a queue does not work have no row. `paid_exact_h` is filled where every row of the queue
    has `agents_fractional`.
    """
    parts = [_of_queue(str(name), rows, config) for name, rows in requirements.groupby("queue", sort=True)]
    return conform(pd.concat(parts, ignore_index=True), COSTS) if parts else empty(COSTS)


def all_queues(costed: pd.DataFrame) -> pd.DataFrame:
    """Return the sums of COSTS over the queues: one row per period and date, `queues` in place of `queue`.

    The total has the earliest date. `days` is the largest of the queues', FTE are added as they are;
    `paid_exact_h` is there where every queue has it.
    """
    is_total = costed["period"] == "total"
    first = costed["date"].where(~is_total, costed["date"][is_total].min())
    groups = costed.assign(date=first).groupby(["period", "date"], sort=True)
    sums = groups[[*SUMS, "fte", "cost"]].sum(skipna=False)
    found = sums.assign(
        days=groups["days"].max(),
        period_days=groups["period_days"].max(),
        queues=groups["queue"].nunique(),
        cost_per_contact=sums["cost"] / sums["contacts"].where(sums["contacts"] > 0.0),
    ).reset_index()
    return found[["queues", *COSTS.names[1:]]]


def hourly_cost(queue: Queue, config: Config) -> float:
    """Return the cost of a paid hour of a queue."""
    return config.staffing.cost_per_hour if queue.cost_per_hour is None else queue.cost_per_hour


def fte_per_hour(days: NDArray[np.float64], config: Config) -> NDArray[np.float64]:
    """Return the full-time equivalents that one paid hour within so many days makes."""
    return 7.0 / (config.staffing.fte_week_hours * days)


def gross_factor(queue: Queue) -> float:
    """Return the agents paid per agent on queue, before rounding."""
    return float(factors(queue.shrinkage, queue.shrinkage_planned, queue.shrinkage_mode)[1])


def _of_queue(name: str, rows: pd.DataFrame, config: Config) -> pd.DataFrame:
    queue, minutes = config.queues[name], config.centre.interval_min
    starts = pd.DatetimeIndex(rows["interval_start"])
    dates = local_days(starts, queue.timezone)
    span = span_of(starts, queue, minutes)
    days, sums = _by_day(dates, _measured(rows, queue, minutes / 60.0))
    keys = {"day": days, "month": days.astype("datetime64[M]"), "total": np.full(len(days), days[0])}
    parts = [_of_period(period, key, sums, span) for period, key in keys.items()]
    found: dict[str, NDArray[np.generic]] = {
        column: np.concatenate([part[column] for part in parts]) for column in parts[0]
    }
    paid_h, contacts = found["paid_h"].astype(np.float64), found["contacts"].astype(np.float64)
    cost = paid_h * hourly_cost(queue, config)
    per_contact = np.divide(cost, contacts, out=np.full(len(cost), np.nan), where=contacts > 0.0)
    fte = paid_h * fte_per_hour(found["days"].astype(np.float64), config)
    return pd.DataFrame({"queue": name, **found, "fte": fte, "cost": cost, "cost_per_contact": per_contact})


def _by_day(
    dates: Dates, measured: dict[str, NDArray[np.float64]]
) -> tuple[Dates, dict[str, NDArray[np.float64]]]:
    """Return the dates that have rows, and the sums of each."""
    first = dates.min()
    place = (dates - first).astype(np.int64)
    filled = np.flatnonzero(np.bincount(place))
    sums = {
        name: np.asarray(np.bincount(place, weights=values)[filled], dtype=np.float64)
        for name, values in measured.items()
    }
    return first + filled, sums


def _of_period(
    period: str, key: Dates, of_days: dict[str, NDArray[np.float64]], span: Span
) -> dict[str, NDArray[np.generic]]:
    """Return the columns of COSTS that are sums, one element per date or month of `key`.

    `of_days` are the sums of days, and `key` says for each day where it belongs.
    """
    distinct, back = np.unique(key, return_inverse=True)
    if period == "day":
        days, period_days = span.of_days(distinct), np.ones(len(distinct), dtype=np.int64)
    elif period == "month":
        days, period_days = span.of_months(distinct), lengths(distinct)
    else:
        days, period_days = np.array([span.days]), np.array([ceil(span.days - DUST)])
    sums = {name: np.bincount(back, weights=values) for name, values in of_days.items()}
    return {
        "period": np.full(len(distinct), period),
        "date": distinct.astype("datetime64[us]"),
        "days": days,
        "period_days": period_days,
        **sums,
    }


def _measured(rows: pd.DataFrame, queue: Queue, interval_h: float) -> dict[str, NDArray[np.float64]]:
    """Return what each interval adds to the SUMS."""
    workload_h = rows["load"].to_numpy(dtype=np.float64) * interval_h

    def agent_hours(column: str) -> NDArray[np.float64]:
        return rows[column].to_numpy(dtype=np.float64) * interval_h

    return {
        "contacts": _contacts(rows, workload_h, queue),
        "workload_h": workload_h,
        "required_h": agent_hours("agents_required"),
        "scheduled_h": agent_hours("agents_to_schedule"),
        "paid_h": agent_hours("agents_gross"),
        "paid_exact_h": agent_hours("agents_fractional") * gross_factor(queue),
    }


def _contacts(rows: pd.DataFrame, workload_h: NDArray[np.float64], queue: Queue) -> NDArray[np.float64]:
    """Return the contacts behind the work of each interval.

    Email may be done on another day than it came, in closed time or before the forecast: there its work
    counts, at the mean handle time.
    """
    offered, aht_s = rows["offered"].to_numpy(dtype=np.float64), rows["aht_s"].to_numpy(dtype=np.float64)
    if not queue.deferred:
        return offered
    mean_s = float(offered @ aht_s / offered.sum()) if offered.sum() > 0.0 else float(aht_s.mean())
    return workload_h * (3600.0 / mean_s) if mean_s > 0.0 else offered

"""Coverage summed up by day: hours required, scheduled, missing and beyond need, per queue and of all."""

from __future__ import annotations

import pandas as pd

from wfm.errors import UsageError
from wfm.export.plan import Plan
from wfm.export.request import Request
from wfm.io.inputs import read_optional
from wfm.localtime import local_dates
from wfm.schedule.verify.coverage import cover
from wfm.tables import COVERAGE

SUMS = ["required_h", "to_schedule_h", "scheduled_h", "net_h", "missing_h", "over_h"]
ALL = ""  # queue of the rows that sum all queues up


def check_one_source(request: Request) -> None:
    """Raise UsageError if a request has both a coverage and requirements."""
    if request.coverage is not None and request.requirements is not None:
        raise UsageError(
            "--coverage and --requirements: one of them is enough",
            hint="give --coverage if the roster has one, else --requirements",
        )


def staffing_days(request: Request, plan: Plan) -> pd.DataFrame | None:
    """Return hours (SUMS) and `lowest` net agents by date and queue, ALL first; None if nothing tells them.

    Dates are those of the queue. Coverage comes from the request's table, else is computed from its
    requirements, as `wfm verify` does.
    """
    coverage = read_optional(request.coverage, COVERAGE, plan.config)
    if coverage is None and request.requirements is not None:
        coverage = cover(plan.case).table
    return None if coverage is None or coverage.empty else by_day(coverage, plan)


def by_day(coverage: pd.DataFrame, plan: Plan) -> pd.DataFrame:
    """Return the sums of COVERAGE; see `staffing_days`."""
    length_h = plan.config.centre.interval_min / 60
    zones = plan.config.queue_zones
    dates = [
        local_dates(rows["interval_start"], zones[str(queue)])
        for queue, rows in coverage.groupby("queue", sort=False)
    ]
    net = coverage["net_staffing"]
    rows = pd.DataFrame(
        {
            "queue": coverage["queue"],
            "date": pd.concat(dates),
            "required_h": coverage["agents_required"] * length_h,
            "to_schedule_h": coverage["agents_to_schedule"] * length_h,
            "scheduled_h": coverage["agents_scheduled"] * length_h,
            "net_h": net * length_h,
            "missing_h": -net.clip(upper=0) * length_h,
            "over_h": net.clip(lower=0) * length_h,
            "lowest": net,
        }
    )
    sums = dict.fromkeys(SUMS, "sum") | {"lowest": "min"}
    every = rows.assign(queue=ALL).groupby(["date", "queue"]).agg(sums)
    return pd.concat([every, rows.groupby(["date", "queue"]).agg(sums)]).sort_index().reset_index()

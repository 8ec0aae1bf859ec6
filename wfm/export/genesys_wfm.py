"""Genesys Cloud: a history, or a forecast in its shape, as the CSV of the historical data import.

Columns and rules are those of the Genesys Cloud Resource Center: "Prepare the historical data import .csv
file", "Historical data import overview", "Navigate the Historical Data Import view".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault, UsageError, count_of
from wfm.export.csv_file import MEGABYTE, SECONDS_DIGITS, STANDARD_OUTPUT, check_out, utc_stamps, write_csv
from wfm.export.demand import Demand, in_intervals, in_whole_contacts, read_demand
from wfm.export.queue_names import QueueName, queue_names
from wfm.export.request import PLAN_OPTIONS, Exported, Request, refuse_options

LENGTH_MIN = 15
MEDIA = {"voice": "Voice", "chat": "Chat", "email": "Email"}
MOST_BYTES = 5000 * MEGABYTE  # of all files that are stored there together
NOT_IN_A_FILE_NAME = '{^}%`]\u201d">/:[~<#|'


def write(request: Request) -> Exported:
    """Write the file, one row per queue and 15 minutes; skill set and language stay empty.

    Raises ConfigError for intervals that 15 minutes cannot be made of, DataError for queues that Genesys
    cannot take, UsageError for options and file names that do not fit.
    """
    refuse_options(request, PLAN_OPTIONS, "is for a roster")
    check_out(request.source, request.out)
    _check_options(request)
    demand = in_intervals(read_demand(request), LENGTH_MIN, request.config)
    _check_quarters(demand, request)
    demand = in_whole_contacts(demand, request.config)
    names = queue_names(request, demand.queues, lambda _: "")
    frame = _frame(demand, names, request.config)
    write_csv(frame, request.out, most_bytes=MOST_BYTES, taker="Genesys Cloud")
    figures = {
        "kind": demand.kind,
        "queues": demand.queues,
        "interval_min": LENGTH_MIN,
        "intervals": len(frame),
        "contacts": int(demand.rows["offered"].sum()),
    }
    notes = (*demand.notes, *_notes(demand, request.config))
    return Exported(f"{demand.kind} as historical data for Genesys Cloud", len(frame), notes, figures)


def _check_options(request: Request) -> None:
    if request.daily_zone is not None:
        raise UsageError("--daily is for Amazon Connect: Genesys Cloud takes 15 minutes", hint="leave it out")
    if request.interval_min not in (None, LENGTH_MIN):
        raise UsageError(
            f"--interval {request.interval_min}: Genesys Cloud takes 15 minutes", hint="leave it out"
        )
    name = request.out.name
    if request.out != STANDARD_OUTPUT and any(c.isspace() or c in NOT_IN_A_FILE_NAME for c in name):
        hint = f"no blanks and none of {NOT_IN_A_FILE_NAME}"
        raise UsageError(f"'{name}': Genesys Cloud refuses such a file name", hint=hint)
    minutes = request.config.centre.interval_min
    if LENGTH_MIN % minutes:
        problem = f"intervals of {minutes} minutes do not make Genesys Cloud's 15"
        raise ConfigError([Fault(problem, "plan in intervals of 5 or 15", column="centre.interval_min")])


def _check_quarters(demand: Demand, request: Request) -> None:
    """Refuse stamps off the quarter-hour of UTC, which a zone with an odd offset gives."""
    starts = demand.rows["interval_start"]
    off = starts[starts != starts.dt.floor(f"{LENGTH_MIN}min")]
    if len(off):
        problem = f"not on a quarter-hour of UTC: {count_of(len(off), 'interval')}, the first shown"
        remedy = "Genesys Cloud has no others"
        source = str(request.source)
        raise DataError([Fault(problem, remedy, source, None, "interval_start", off.iloc[0].isoformat())])


def _frame(demand: Demand, names: Mapping[str, QueueName], config: Config) -> pd.DataFrame:
    rows = demand.rows
    nothing = pd.Series(None, index=rows.index, dtype="str")
    return pd.DataFrame(
        {
            "Interval Start UTC Date": utc_stamps(rows["interval_start"]),
            "Queue": rows["queue"].map({queue: own.name for queue, own in names.items()}),
            "Media Type": rows["queue"].map({queue: MEDIA[config.queues[queue].channel] for queue in names}),
            "Skill Set": nothing,
            "Language": nothing,
            "Offered": rows["offered"],
            "Interactions Handled": rows["handled"],
            "Total Handle Time (Seconds)": (rows["handled"] * rows["aht_s"]).round(SECONDS_DIGITS),
        }
    )


def _notes(demand: Demand, config: Config) -> Iterator[str]:
    if config.centre.interval_min != LENGTH_MIN:
        yield f"intervals of {config.centre.interval_min} minutes are added up to {LENGTH_MIN}"
    if demand.kind == "forecast":
        yield "Genesys Cloud reads rows before its historical data end date, which cannot lie in the future"

"""Amazon Connect: a forecast as forecast override, a history as import of historical data.

Columns, units and rules are those of the Amazon Connect Administrator Guide: "Import historical data for
forecasting", "Override a forecast", "Set the forecast time zone".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault, UsageError, count_of
from wfm.export.csv_file import MEGABYTE, SECONDS_DIGITS, check_out, utc_stamps, write_csv
from wfm.export.demand import (
    Demand,
    added_up,
    in_intervals,
    in_whole_contacts,
    read_demand,
    unfinished_days,
)
from wfm.export.queue_names import QueueName, queue_names
from wfm.export.request import PLAN_OPTIONS, Exported, Request, refuse_options
from wfm.localtime import day_bounds, zone

CHANNELS = {"voice": "VOICE", "chat": "CHAT"}
LENGTHS_MIN = (15, 30)
MARKS = "-_.() "
TITLES = {"forecast": "forecast override", "history": "historical data"}
MOST_BYTES = {"forecast": 250 * MEGABYTE, "history": 1000 * MEGABYTE}
HANDLED = "ContactsHandled"  # only a history has it


def write(request: Request) -> Exported:
    """Write the file; intervals (short-term) first, then whole days (long-term) if `daily_zone` is given.

    Raises ConfigError for intervals that Connect does not have, DataError for queues that it cannot take,
    UsageError for options that do not fit.
    """
    refuse_options(request, PLAN_OPTIONS, "is for a roster")
    check_out(request.source, request.out)
    _check_zone(request.daily_zone)
    length = length_for(request.config.centre.interval_min, request.interval_min)
    fine = read_demand(request)
    left_out = [queue for queue in fine.queues if request.config.queues[queue].channel not in CHANNELS]
    fine = _without(fine, left_out, request)
    names = queue_names(request, fine.queues, wrong_name)
    demand = in_whole_contacts(in_intervals(fine, length, request.config), request.config, request.daily_zone)
    days, unfinished = _days(demand, fine, request)
    short = _frame(demand, f"{length}mins", names, request.config)
    frame = pd.concat([short, _frame(days, "daily", names, request.config)], ignore_index=True)
    write_csv(frame, request.out, most_bytes=MOST_BYTES[demand.kind], taker="Amazon Connect")
    figures = {
        "kind": demand.kind,
        "queues": demand.queues,
        "left_out": left_out,
        "interval_min": length,
        "intervals": len(demand.rows),
        "days": len(days.rows),
        "days_left_out": unfinished,
        "contacts": int(demand.rows["offered"].sum()),
    }
    notes = (*demand.notes, *_notes(request, left_out, names, unfinished, length))
    return Exported(f"{TITLES[demand.kind]} for Amazon Connect", len(frame), notes, figures)


def length_for(centre_min: int, wanted: int | None) -> int:
    """Return the minutes of Connect's intervals: `wanted`, else the shortest that the centre's fill."""
    fitting = [length for length in LENGTHS_MIN if length % centre_min == 0]
    if not fitting:
        problem = f"intervals of {centre_min} minutes cannot be split into Amazon Connect's 15 or 30"
        remedy = "plan in intervals of 15 or 30"
        raise ConfigError([Fault(problem, remedy, column="centre.interval_min")])
    if wanted is not None and wanted not in fitting:
        problem = f"--interval {wanted}: intervals of {centre_min} minutes make none of {wanted}"
        raise UsageError(problem, hint=f"use {' or '.join(map(str, fitting))}, as set in Amazon Connect")
    return wanted or fitting[0]


def wrong_name(name: str) -> str:
    """Return what Amazon Connect's importer dislikes in a name; empty: nothing."""
    strange = sorted({c for c in name if not (c.isalpha() or c.isdecimal() or c in MARKS)})
    return f"has {' '.join(strange)}; letters, digits, blanks and - _ . ( ) only" if strange else ""


def _check_zone(name: str | None) -> None:
    try:
        zone(name or "UTC")
    except ValueError as error:
        hint = "write the forecast time zone that is set in Amazon Connect"
        raise UsageError(f"--daily: {error}", hint=hint) from error


def _without(demand: Demand, left_out: list[str], request: Request) -> Demand:
    rows = demand.rows[~demand.rows["queue"].isin(left_out)].reset_index(drop=True)
    if rows.empty:
        problem = f"email alone ({', '.join(left_out)}): Amazon Connect forecasts voice and chat"
        raise DataError([Fault(problem, "export a voice or chat queue", str(request.source))])
    return replace(demand, rows=rows)


def _days(demand: Demand, fine: Demand, request: Request) -> tuple[Demand, int]:
    """Return whole days, each stamped with its midnight, and the number of those left out as unfinished."""
    if request.daily_zone is None:
        return replace(demand, rows=demand.rows.iloc[:0]), 0
    totals = added_up(demand.rows, ["queue", "day"])
    unfinished = unfinished_days(fine, request.config, request.daily_zone)
    kept = [key not in unfinished for key in zip(totals["queue"], totals["day"], strict=True)]
    midnights = [day_bounds(day.date(), request.daily_zone)[0] for day in totals["day"]]
    totals = totals.assign(interval_start=pd.DatetimeIndex(midnights, tz="UTC").as_unit("us"))
    return replace(demand, rows=totals[kept].reset_index(drop=True)), kept.count(False)


def _frame(demand: Demand, duration: str, names: Mapping[str, QueueName], config: Config) -> pd.DataFrame:
    rows = demand.rows
    columns = {
        "QueueName": rows["queue"].map({queue: own.name for queue, own in names.items()}),
        "QueueId": rows["queue"].map({queue: own.id for queue, own in names.items()}),
        "ChannelType": rows["queue"].map({queue: CHANNELS[config.queues[queue].channel] for queue in names}),
        "TimeStamp": utc_stamps(rows["interval_start"]),
        "IntervalDuration": pd.Series(duration, index=rows.index, dtype="str"),
        "IncomingContactVolume": rows["offered"].astype("int64"),
        "AverageHandleTime": rows["aht_s"].round(SECONDS_DIGITS),
    }
    if demand.kind == "history":
        columns[HANDLED] = rows["handled"].astype("int64")
    return pd.DataFrame(columns)


def _notes(
    request: Request, left_out: list[str], names: Mapping[str, QueueName], unfinished: int, length: int
) -> Iterator[str]:
    if left_out:
        yield f"left out, because Amazon Connect forecasts voice and chat alone: {', '.join(left_out)}"
    if length != request.config.centre.interval_min:
        yield f"intervals of {request.config.centre.interval_min} minutes are added up to {length}"
    nameless = [queue for queue, own in names.items() if not own.id]
    if nameless:
        yield f"no QueueId, which Amazon Connect needs, for {', '.join(nameless)}: give --queues FILE"
    if request.daily_zone is None:
        yield "no days for the long-term forecast: give --daily with the forecast time zone of Amazon Connect"
    if unfinished:
        days = count_of(unfinished, "day")
        yield f"{days} left out of the long-term rows: intervals of their open hours are missing"

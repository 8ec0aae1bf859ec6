"""Sample exports of intervals: the true legs counted per quarter of an hour, as each format writes them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from wfm.demo.export_truth import ZONE, Export, as_contacts, each

TARGET_S = 20


def connect_wfm(legs: pd.DataFrame) -> Export:
    """Return the forecast import of Connect, with a row for a whole day."""
    rows = []
    for row in each(counted(legs)):
        start = row.start.strftime("%Y-%m-%dT%H:%M:%SZ")
        mean = f"{row.handle_s / row.handled:.6f}" if row.handled else ""
        rows.append([row.queue, f"id-{row.queue}", "VOICE", start, "15mins", row.offered, mean, row.handled])
    rows.append(["billing", "id-billing", "VOICE", "2026-03-28T00:00:00Z", "daily", 900, "300", 880])
    header = (
        "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime"
    )
    text = _table([*header.split(","), "ContactsHandled"], rows)
    return Export({"connect-wfm.csv": text}, as_contacts(legs), ("handled", "aht_s"))


def connect_hist(legs: pd.DataFrame) -> Export:
    """Return historical metrics of Connect: a dash where there is no value."""
    rows = []
    for row in each(counted(legs)):
        mean = f"{row.handle_s / row.handled:.6f}" if row.handled else "-"
        start, end = (_iso(at) for at in (row.start, row.start + pd.Timedelta(minutes=15)))
        rows.append([row.queue, start, end, row.offered, row.handled, row.abandoned, mean, "-"])
    header = [
        *(
            "Queue",
            "StartInterval",
            "EndInterval",
            "Contacts queued",
            "Contacts handled",
            "Contacts abandoned",
        ),
        *("Average handle time", "Service level 20 seconds"),
    ]
    return Export(
        {"connect-hist.csv": _table(header, rows)}, as_contacts(legs), ("handled", "abandoned", "aht_s")
    )


def genesys_wfm(legs: pd.DataFrame) -> Export:
    """Return the historical data import of Genesys: the handle time is a sum, skills hold separators."""
    rows = [
        [_iso(row.start), row.queue, "Voice", "a|||b", "Spanish", row.offered, row.handled, int(row.handle_s)]
        for row in each(counted(legs))
    ]
    header = [
        *("Interval Start UTC Date", "Queue", "Media Type", "Skill Set", "Language", "Offered"),
        *("Interactions Handled", "Total Handle Time (Seconds)"),
    ]
    return Export({"genesys-wfm.csv": _table(header, rows)}, as_contacts(legs), ("handled", "aht_s"))


def genesys_perf(legs: pd.DataFrame) -> Export:
    """Return the performance view of Genesys: milliseconds, local stamps, a last interval not complete."""
    rows: list[list[object]] = []
    for row in each(counted(legs)):
        times = [int(seconds * 1000) for seconds in (row.talk_s, row.hold_s, row.acw_s)]
        end = row.start + pd.Timedelta(minutes=15)
        counts = [row.offered, row.handled, row.abandoned, row.short_abandoned, row.flow_out]
        rows.append([_minute(row.start), _minute(end), "TRUE", "voice", row.queue, *counts, *times])
    rows.append(
        ["2026-03-30 21:00", "2026-03-30 21:15", "FALSE", "voice", "billing", 50, 1, 0, 0, 0, 1, 1, 1]
    )
    header = [
        *(
            "Interval Start",
            "Interval End",
            "Interval Complete",
            "Media Type",
            "Queue Name",
            "Offer",
            "Answer",
        ),
        *("Abandon", "Short Abandon", "Flow-Out", "Total Talk", "Total Hold", "Total ACW"),
    ]
    gives = ("handled", "abandoned", "short_abandoned", "flow_out", "aht_s", "talk_s", "hold_s", "acw_s")
    return Export({"genesys-perf.csv": _table(header, rows)}, as_contacts(legs), gives)


def avaya_cms(legs: pd.DataFrame) -> Export:
    """Return hsplit: booked where a call ends, STARTTIME without leading zeros, an incomplete interval."""
    work = pd.to_timedelta(legs["acw_s"].fillna(0), unit="s")
    booked = legs.assign(arrived_at=legs["ended_at"] + work)
    splits = {"billing": "7487", "sales": "7488"}
    rows: list[list[object]] = []
    for row in each(counted(booked)):
        local = row.start.tz_convert(ZONE)
        counts = [row.offered, row.handled, row.abandoned, row.flow_out]
        sums = [int(value) for value in (row.talk_s, row.hold_s, row.acw_s, row.wait_s)]
        targets = [row.answered_in_target, row.abandoned_in_target]
        clock = local.hour * 100 + local.minute
        rows.append([local.date(), clock, 15, 1, splits[row.queue], *counts, *sums, *targets, 0])
    rows.append(["2026-03-30", 2330, 15, 1, "7487", 50, 1, 2, 3, 4, 5, 6, 7, 8, 9, 1])
    header = [
        *("ROW_DATE", "STARTTIME", "INTRVL", "ACD", "SPLIT", "CALLSOFFERED", "ACDCALLS", "ABNCALLS"),
        *(
            "OUTFLOWCALLS",
            "ACDTIME",
            "HOLDTIME",
            "ACWTIME",
            "ANSTIME",
            "ACCEPTABLE",
            "SLVLABNS",
            "INCOMPLETE",
        ),
    ]
    gives = (
        *("handled", "abandoned", "flow_out", "answered_in_target", "abandoned_in_target"),
        *("aht_s", "talk_s", "hold_s", "acw_s", "wait_s"),
    )
    queues = {number: name for name, number in splits.items()}
    truth = as_contacts(booked, answered_at=pd.NaT, ended_at=pd.NaT)
    return Export({"avaya-cms.csv": _table(header, rows)}, truth, gives, queues)


def iex_queuestats(legs: pd.DataFrame) -> Export:
    """Return the four counters of IEX before and after the threshold, stamps with the offset of the day."""
    rows = []
    for row in each(counted(legs)):
        handled_late = row.handled - row.answered_in_target
        gone_late = row.abandoned - row.abandoned_in_target
        local = row.start.tz_convert(ZONE).isoformat(" ").replace("+", " +")
        counters = [row.answered_in_target, handled_late, row.abandoned_in_target, gone_late]
        rows.append([local, row.queue, row.offered, *counters])
    header = [
        *("C_TIMESTAMP", "C_QUEUE", "C_ORIGCONTRCVD", "C_ORIGHNDLBEFSL", "C_ORIGHNDLAFTSL"),
        *("C_ORIGABANDBEFSL", "C_ORIGABANDAFTSL"),
    ]
    gives = ("handled", "abandoned", "answered_in_target", "abandoned_in_target")
    return Export({"iex-queuestats.csv": _table(header, rows)}, as_contacts(legs), gives)


def counted(legs: pd.DataFrame) -> pd.DataFrame:
    """Return counts and sums of legs per queue and quarter of an hour of arrival (start, UTC)."""
    handled, gone = legs["outcome"] == "handled", legs["outcome"] == "abandoned"
    soon = legs["wait_s"] <= TARGET_S
    columns: dict[str, Any] = {
        "offered": 1,
        "handled": handled,
        "abandoned": gone,
        "short_abandoned": gone & (legs["wait_s"] <= 5),
        "flow_out": legs["outcome"] == "flow_out",
        "answered_in_target": handled & soon,
        "abandoned_in_target": gone & soon,
    }
    sums = {name: legs[name].where(handled, 0.0) for name in ("talk_s", "hold_s", "acw_s", "wait_s")}
    handle = sums["talk_s"] + sums["hold_s"] + sums["acw_s"]
    frame = legs.assign(start=legs["arrived_at"].dt.floor("15min"), **columns, **sums, handle_s=handle)
    names = [*columns, *sums, "handle_s"]
    whole = dict.fromkeys(columns, "int64")
    return frame.groupby(["queue", "start"], as_index=False)[names].sum().astype(whole)


def _table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    return text.getvalue()


def _iso(instant: pd.Timestamp) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%SZ")


def _minute(instant: pd.Timestamp) -> str:
    return instant.tz_convert(ZONE).strftime("%Y-%m-%d %H:%M")

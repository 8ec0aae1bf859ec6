"""What is kept of the contacts: history, log and backlog, booked to the interval of arrival."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.config import Queue


def history_rows(expected: pd.DataFrame, contacts: pd.DataFrame, name: str, queue: Queue) -> pd.DataFrame:
    """Return the HISTORY rows of one queue; an interval in which nobody came has zeros and no AHT."""
    row, wait_s = contacts["row"].to_numpy(), contacts["wait_s"].to_numpy()
    outcome = contacts["outcome"].to_numpy()
    handled, abandoned = outcome == "handled", outcome == "abandoned"

    def totals(of: NDArray[np.bool_], weights: NDArray[np.int64] | None = None) -> NDArray[np.float64]:
        weight = None if weights is None else weights[of]
        return np.bincount(row[of], weight, minlength=len(expected)).astype("float64")

    times = {each: totals(handled, contacts[each].to_numpy()) for each in ("talk_s", "hold_s", "acw_s")}
    count = totals(handled)
    return pd.DataFrame(
        {
            "queue": name,
            "interval_start": expected["interval_start"],
            "offered": np.bincount(row, minlength=len(expected)).astype("float64"),
            "handled": count,
            "abandoned": totals(abandoned),
            "aht_s": sum(times.values()) / np.where(count > 0, count, np.nan),
            "short_abandoned": totals(abandoned & (wait_s <= queue.short_abandon_s)),
            "flow_out": totals(outcome == "flow_out"),
            "answered_in_target": totals(handled & (wait_s <= queue.answer_within_s)),
            "abandoned_in_target": totals(abandoned & (wait_s <= queue.answer_within_s)),
            **times,
            "wait_s": totals(handled, wait_s),
        }
    )


def log_rows(begin: pd.Timestamp, contacts: pd.DataFrame, name: str, queue: Queue) -> pd.DataFrame:
    """Return the CONTACTS rows of one queue, without id and agent; seconds count from `begin`."""
    contacts = contacts.reset_index(drop=True)
    handled = contacts["outcome"] == "handled"
    short = (contacts["outcome"] == "abandoned") & (contacts["wait_s"] <= queue.short_abandon_s)
    arrived = begin + _span(contacts["arrived"])
    left = arrived + _span(contacts["wait_s"])
    times = {each: contacts[each].astype("float64").where(handled) for each in ("talk_s", "hold_s", "acw_s")}
    return pd.DataFrame(
        {
            "queue": name,
            "channel": queue.channel,
            "arrived_at": arrived,
            "answered_at": left.where(handled),
            "ended_at": left + _span(contacts["talk_s"] + contacts["hold_s"]),
            "wait_s": contacts["wait_s"].astype("float64"),
            **times,
            "outcome": contacts["outcome"].mask(short, "short_abandon"),
        }
    )


def backlog_rows(
    expected: pd.DataFrame, contacts: pd.DataFrame, name: str, end: pd.Timestamp
) -> pd.DataFrame:
    """Return the BACKLOG rows of one deferred queue: contacts not yet taken up at `end`."""
    begin = expected["interval_start"].iloc[0]
    taken_up = contacts["arrived"] + contacts["wait_s"]
    open_at_end = taken_up >= (end - begin) // pd.Timedelta(seconds=1)
    waiting = contacts.loc[open_at_end, "row"].value_counts().sort_index()
    starts = expected["interval_start"].iloc[waiting.index].reset_index(drop=True)
    return pd.DataFrame({"queue": name, "arrived_at": starts, "contacts": waiting.to_numpy(dtype="float64")})


def _span(seconds: pd.Series) -> pd.Series:
    return pd.to_timedelta(seconds, unit="s").astype("timedelta64[us]")

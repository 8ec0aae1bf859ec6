"""What only the planner can answer about a file, and what it shows that he must know.

Each question has a topic: preset, timezone, attribution, unit, acw, date_order, queues, interval,
incomplete, totals, rows, end.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from wfm.config import Config
from wfm.errors import count_of, one_line, shown
from wfm.io.ending import CUT, WAYS_OUT
from wfm.io.guess.fits import Fit
from wfm.io.guess.reading import Reading
from wfm.io.intervals import FEWEST_STARTS
from wfm.io.quarantine import quarantined, showable

LONGEST_HANDLE_S = 7200  # a median beyond it is a matter of units
SHORTEST_HANDLE_S = 3
MOST_QUEUES = 20
MOST_REASONS = 3
FEWEST_DAYS = 3  # to see when a day usually ends
_WORK = ["talk_s", "hold_s", "acw_s"]


@dataclass(frozen=True)
class Question:
    """A topic, and the question or remark about it in words."""

    topic: str
    text: str


def questions(
    fit: Fit, reading: Reading, config: Config | None, *, has_end: bool, is_cut: bool = False
) -> list[Question]:
    """Return every open question about a file that `fit` describes, those of its preset first.

    `has_end` says that the sample has the last lines of the file, `is_cut` that the file may be cut though
    the sample does not show it. Without `config` queues are only listed.
    """
    preset = [Question("timezone" if "zone" in text else "preset", text) for text in fit.source.questions]
    if not fit.source.confirmed:
        remark = "unconfirmed: part of this preset is commonly known, but was not seen published"
        preset.insert(0, Question("preset", f"{remark}; look at the rows with care"))
    seen = [*_of_times(fit, reading), *_of_durations(fit, reading), *_of_queues(reading, config)]
    cut = _of_cut(config) if is_cut or not reading.scan.complete else ()
    if reading.is_empty:
        return [*preset, Question("rows", "there is no row below the header"), *cut]
    return [*preset, *seen, *_of_rows(reading), *cut, *(_of_end(reading) if has_end else ())]


def interval_length(frame: pd.DataFrame) -> int | None:
    """Return the longest step (minutes) on which all interval starts lie, None if they are too few."""
    minutes = np.unique(frame["interval_start"].to_numpy().astype("datetime64[m]").astype("int64"))
    return math.gcd(*np.diff(minutes).tolist()) if len(minutes) >= FEWEST_STARTS else None


def handle_times(frame: pd.DataFrame) -> pd.Series:
    """Return the handle times (s) of the rows that have one: of contacts, or means of intervals."""
    work = frame[_WORK].sum(axis=1, min_count=1)
    if "offered" in frame:
        handled = frame["handled"].fillna(frame["offered"])
        work = frame["aht_s"].fillna(work / handled.where(handled > 0))
    return work[work > 0]


def _of_times(fit: Fit, reading: Reading) -> Iterator[Question]:
    source = fit.source
    asked = any("zone" in text for text in source.questions)
    if source.timezone is None and not reading.has_offset and not asked:
        text = "the stamps have no offset: whose wall clock is it? give timezone in the mapping, else it is"
        yield Question("timezone", f"{text} read as that of the queue")
    if len(fit.formats) > 1:
        text = "day and month cannot be told apart in the dates: are they written"
        yield Question("date_order", f"{text} {fit.formats[0]} (as assumed) or {fit.formats[1]}?")
    if source.attribution == "completion":
        text = "contacts are booked to the interval in which they ended, so peaks come late"
        yield Question("attribution", f"{text}: can the system export arrivals?")
    elif source.grain == "interval" and not fit.is_canonical and not source.about:
        text = "is a contact booked to the interval of its arrival (as assumed) or of its end?"
        yield Question("attribution", f'{text} for the end say attribution = "completion"')
    if source.grain == "interval" and (length := interval_length(reading.frame)):
        yield Question("interval", f"intervals of {length} minutes are seen: is that right?")


def _of_durations(fit: Fit, reading: Reading) -> Iterator[Question]:
    times = handle_times(reading.frame)
    if len(times) and times.median() > LONGEST_HANDLE_S:
        text = f"the median handle time is {times.median():,.0f} s: are the durations milliseconds?"
        yield Question("unit", f'{text} then say duration = "ms"')
    elif len(times) and times.median() < SHORTEST_HANDLE_S:
        text = (
            f"the median handle time is {times.median():.3g} s: are the durations seconds, minutes or hours?"
        )
        yield Question("unit", f'{text} say so by duration = "s", "min" or "h"')
    given = {
        name for name in (*_WORK, "aht_s") if name in reading.frame and reading.frame[name].notna().any()
    }
    if (
        given
        and not given & {"acw_s", "aht_s"}
        and not any("after-contact" in q for q in fit.source.questions)
    ):
        text = "no after-contact work is in it: if there is any, give acw_s"
        yield Question("acw", f"{text} as a constant" if fit.source.grain != "interval" else text)
    if not given:
        yield Question("unit", "no handle times are in it: give [queues.X] aht_s")


def _of_queues(reading: Reading, config: Config | None) -> Iterator[Question]:
    names = [_name(queue) for queue in reading.queues]
    if config is None:
        yield Question("queues", f"{count_of(len(names), 'queue')} seen: {_listed(names)}")
        return
    unknown = [_name(queue) for queue in reading.queues if queue not in config.queues]
    if unknown:
        text = f"wfm.toml does not have {_listed(unknown)}: add [queues.NAME], or give each its queue in"
        yield Question("queues", f"{text} values.queue of a mapping; it has {_listed(list(config.queues))}")
    length = interval_length(reading.frame) if reading.source.grain == "interval" else None
    if length and length > config.centre.interval_min:
        text = f"the file's intervals of {length} minutes are longer than the centre's"
        yield Question("interval", f"{text} {config.centre.interval_min}, which import refuses")


def _of_rows(reading: Reading) -> Iterator[Question]:
    refused = reading.refused
    if len(refused):
        first = quarantined(refused.drop_duplicates(["column", "reason"]).head(MOST_REASONS))
        reasons = "; ".join(_reason(row) for row in first.to_dict("records"))
        yield Question("rows", f"{len(refused)} of {count_of(reading.rows, 'row')} cannot be read: {reasons}")
    if reading.excluded:
        yield Question("rows", f"{count_of(reading.excluded, 'row')} left out as no contacts of a queue")


def _of_cut(config: Config | None) -> Iterator[Question]:
    if config is None or config.import_.final_newline == "required":
        yield Question("end", f"{CUT}, so import refuses it: {WAYS_OUT}")
    else:
        yield Question("end", f'{CUT}; final_newline = "optional" of wfm.toml lets import take it')


def _of_end(reading: Reading) -> Iterator[Question]:
    if reading.totals is not None:
        yield Question("totals", "the last row is a total: import leaves it out")
    last_of_days = pd.Series(reading.frame[_time_of(reading)].dropna().sort_values().to_numpy())
    last_of_days = last_of_days.groupby(last_of_days.dt.normalize()).max()
    if len(last_of_days) < FEWEST_DAYS:
        return
    minutes = last_of_days.dt.hour * 60 + last_of_days.dt.minute
    last = pd.Timestamp(last_of_days.iloc[-1])
    if minutes.iloc[-1] < minutes.iloc[:-1].median() - 60:
        text = f"the file ends on {last:%Y-%m-%d} at {last:%H:%M}, other days go on until later"
        yield Question("incomplete", f"{text}: its last interval may be incomplete, give --as-of before it")


def _time_of(reading: Reading) -> str:
    return "interval_start" if reading.source.grain == "interval" else "arrived_at"


def _reason(row: Mapping[Any, Any]) -> str:
    column = "" if pd.isna(row["column"]) else f"{row['column']} "
    value = "" if pd.isna(row["value"]) else f"{shown(str(row['value']))} "
    return one_line(f"{column}{value}{row['reason']}")


def _name(queue: str) -> str:
    return shown(showable("queue", queue) or "")


def _listed(names: list[str]) -> str:
    more = len(names) - MOST_QUEUES
    return ", ".join(names[:MOST_QUEUES]) + (f" and {more} more" if more > 0 else "")

"""The calls behind the sample exports: what really happened, one row per leg, in whole seconds.

Two days of two queues, one before and one after the clock change of March 2026, with calls at midnight, calls
that leave one queue for the other, and calls that an agent transfers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from wfm.demo.stream import stream
from wfm.tables import CONTACTS

ZONE = "Europe/Berlin"
QUEUES = ("billing", "sales")
DAYS = ("2026-03-28", "2026-03-30")
CALLS_PER_DAY = 24
PHONE = "+4930901820"  # the numbers in the samples; the block is set aside for fiction
_MIDNIGHT = "2026-03-28T23:59:30"


@dataclass(frozen=True)
class Export:
    """A sample of one preset: its files, and the contacts that an import of them must find.

    `truth` is CONTACTS as far as the format can tell; `gives` are the columns of HISTORY that it fills beside
    the counts of contacts; `queues` says which text of the files is which queue.
    """

    files: dict[str, str]
    truth: pd.DataFrame
    gives: tuple[str, ...] = ()
    queues: dict[str, str] = field(default_factory=dict)


def true_legs(seed: int) -> pd.DataFrame:
    """Return the legs in order of arrival.

    Columns of CONTACTS (times in UTC), and `call`, `nth` (1 is the first leg), `way` (how the leg came: new,
    passed on unanswered, or transferred) and `next_way` (how it goes on, empty if it does not).
    """
    rng = stream(seed, "exports")
    seconds = np.sort(rng.integers(8 * 3600, 18 * 3600, size=(len(DAYS), CALLS_PER_DAY)), axis=1)
    days = pd.to_datetime(list(DAYS)).to_numpy()[:, None]
    begins = list(pd.DatetimeIndex((days + seconds * np.timedelta64(1, "s")).ravel()))
    begins += [pd.Timestamp(_MIDNIGHT), pd.Timestamp(_MIDNIGHT) + pd.Timedelta(seconds=20)]
    legs: list[dict[str, Any]] = []
    for number, begin in enumerate(sorted(begins), start=1):
        legs += _legs_of(rng, number, begin.tz_localize(ZONE).tz_convert("UTC"))
    return pd.DataFrame(legs).sort_values(["arrived_at", "contact_id"], ignore_index=True)


def each(rows: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a frame, with its columns as attributes."""
    yield from rows.itertuples()


def _legs_of(rng: np.random.Generator, call: int, begin: pd.Timestamp) -> list[dict[str, Any]]:
    first = int(rng.integers(len(QUEUES)))
    kind = rng.choice(["handled", "transferred", "passed on", "abandoned"], p=[0.55, 0.15, 0.12, 0.18])
    outcome = {"passed on": "flow_out", "abandoned": "abandoned"}.get(str(kind), "handled")
    next_way = str(kind) if kind in ("transferred", "passed on") else ""
    leg = _leg(rng, call, begin, outcome)
    legs = [{**leg, "queue": QUEUES[first], "nth": 1, "way": "new", "next_way": next_way}]
    if next_way:
        left = leg["left_at"]
        onward = {"queue": QUEUES[1 - first], "nth": 2, "way": next_way, "next_way": ""}
        legs.append({**_leg(rng, call, left, "handled"), **onward})
    return [{**one, "contact_id": f"{call:04d}-{one['nth']}"} for one in legs]


def _leg(rng: np.random.Generator, call: int, begin: pd.Timestamp, outcome: str) -> dict[str, Any]:
    wait = int(rng.exponential(25)) + 1
    talk, hold, acw = (int(rng.gamma(4, mean / 4)) + 1 for mean in (180, 30, 45))
    hold = hold if rng.random() < 0.3 else 0
    answered = begin + pd.Timedelta(seconds=wait)
    left = answered + pd.Timedelta(seconds=talk + hold) if outcome == "handled" else answered
    handled = outcome == "handled"
    return {
        "call": call,
        "channel": "voice",
        "arrived_at": begin,
        "answered_at": answered if handled else pd.NaT,
        "ended_at": left,
        "left_at": left,
        "wait_s": float(wait),
        "talk_s": float(talk) if handled else np.nan,
        "hold_s": float(hold) if handled else np.nan,
        "acw_s": float(acw) if handled else np.nan,
        "outcome": outcome,
        "agent_id": f"a{int(rng.integers(1, 9)):04d}" if handled else None,
    }


def as_contacts(legs: pd.DataFrame, **changes: Any) -> pd.DataFrame:
    """Return legs as CONTACTS with some columns replaced, for what a format cannot tell."""
    return legs.assign(**changes)[CONTACTS.names]

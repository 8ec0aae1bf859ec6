"""Instants and dates as ISO 8601 text: wall clock of a zone with its offset, `2026-03-02T09:00:00+01:00`.

A stamp is three texts to be put one after the other: date, time of day and offset. A million rows have few
different ones, and each is formatted once.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from wfm.localtime import zone

DATE_LENGTH = len("2026-03-02")


def iso_stamps(instants: pd.Series, zone_names: pd.Series) -> list[pa.DictionaryArray]:
    """Return the parts of the stamps in the wall clock of each row's zone; microseconds only if one has them.

    All parts of an empty stamp are empty.
    """
    utc = instants.to_numpy(dtype="datetime64[us]")
    local = utc.copy()
    for name in zone_names.unique():
        rows = (zone_names == name).to_numpy()
        clock = instants[rows].dt.tz_convert(zone(str(name))).dt.tz_localize(None)
        local[rows] = clock.to_numpy(dtype="datetime64[us]")
    empty = np.isnat(local)
    local, utc = np.where(empty, np.datetime64(0, "us"), local), np.where(empty, np.datetime64(0, "us"), utc)
    return _parts(local, (local - utc).astype("timedelta64[s]"), empty)


def iso_dates(dates: pd.Series) -> pa.DictionaryArray:
    """Return dates as texts."""
    days = pa.array(dates.to_numpy(dtype="datetime64[D]")).dictionary_encode()
    return pa.DictionaryArray.from_arrays(days.indices, days.dictionary.cast(pa.large_string()))


def _parts(
    local: NDArray[np.datetime64], offsets: NDArray[np.timedelta64], empty: NDArray[np.bool_]
) -> list[pa.DictionaryArray]:
    whole = bool((local == local.astype("datetime64[s]")).all())
    days = local.astype("datetime64[D]")
    day_codes, day = pd.factorize(days)
    time_codes, time = pd.factorize((local - days).astype(np.int64))
    offset_codes, offset = pd.factorize(offsets.astype(np.int64))
    of_day = np.datetime_as_string(time.astype("datetime64[us]"), unit="s" if whole else "us")
    return [
        _texts(day_codes, [str(text) for text in day.astype("datetime64[D]")], empty),
        _texts(time_codes, [str(text)[DATE_LENGTH:] for text in of_day], empty),
        _texts(offset_codes, [_offset(int(seconds)) for seconds in offset], empty),
    ]


def _texts(codes: NDArray[np.int64], texts: list[str], empty: NDArray[np.bool_]) -> pa.DictionaryArray:
    which = pa.array(codes.astype(np.int32), mask=empty)
    return pa.DictionaryArray.from_arrays(which, pa.array(texts, pa.large_string()))


def _offset(seconds: int) -> str:
    hours, rest = divmod(abs(seconds), 3600)
    text = f"{'-' if seconds < 0 else '+'}{hours:02d}:{rest // 60:02d}"
    return text if rest % 60 == 0 else f"{text}:{rest % 60:02d}"

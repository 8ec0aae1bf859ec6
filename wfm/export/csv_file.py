"""One CSV file for another system: stamps in UTC with `Z`, within its limit of size, written atomically."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from wfm.errors import DataError, Fault, UsageError
from wfm.io.atomic import replacing
from wfm.io.csv_writing import csv_bytes

STANDARD_OUTPUT = Path("-")
MEGABYTE = 1_000_000
SECONDS_DIGITS = 3  # of handle times: whole milliseconds


def check_out(source: Path, out: Path) -> None:
    """Refuse, with UsageError, a file that no other system would take, or that is the input itself."""
    if out == STANDARD_OUTPUT:
        return
    if out.suffix != ".csv":
        raise UsageError(f"{out}: the format is CSV", hint="name a file that ends with .csv, or - for stdout")
    if out.resolve() == source.resolve():
        raise UsageError(f"{out} is the table to export", hint="name another file for the result")


def utc_stamps(instants: pd.Series) -> pd.Series:
    """Return instants (UTC) as text: 2026-03-02T09:00:00Z."""
    seconds = instants.dt.tz_convert(None).to_numpy(dtype="datetime64[s]")
    return pd.Series(np.datetime_as_string(seconds), index=instants.index, dtype="str") + "Z"


def write_csv(frame: pd.DataFrame, out: Path, *, most_bytes: int, taker: str) -> None:
    """Write a frame of texts and numbers; DataError, and no file, if it is larger than `taker` accepts."""
    content = b"".join(csv_bytes(frame))
    if len(content) > most_bytes:
        problem = f"{len(content) / MEGABYTE:,.0f} MB, more than the {most_bytes / MEGABYTE:,.0f} of {taker}"
        raise DataError([Fault(problem, "export fewer queues (--queue) or a shorter time", str(out))])
    if out == STANDARD_OUTPUT:
        sys.stdout.write(content.decode())
        return
    with replacing(out) as part:
        part.write_bytes(content)

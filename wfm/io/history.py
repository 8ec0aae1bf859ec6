"""What kind of table a file holds; a history is read as it stands, a per-contact log imported first."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.config import Config
from wfm.io.inputs import read_queue_table
from wfm.io.intake import take_in
from wfm.io.tables import unreadable_file
from wfm.tables import CONTACTS, HISTORY, ROSTER


def read_history(path: Path, config: Config, *, mapping: Path | None = None) -> pd.DataFrame:
    """Return HISTORY; a log of contacts is imported, and refused with its first bad row as any other file."""
    if mapping is None and not is_contact_log(path):
        return read_queue_table(path, HISTORY, config)
    return take_in([path], config, mapping=mapping, max_bad_ratio=0.0).history


def is_contact_log(path: Path) -> bool:
    """Return whether a file has the key of the contacts table in its header; DataError if unreadable."""
    return has_column(path, CONTACTS.key[0])


def is_roster(path: Path) -> bool:
    """Return whether a file has the agents of a roster in its header; DataError if unreadable."""
    return has_column(path, ROSTER.key[0])


def has_column(path: Path, name: str) -> bool:
    """Return whether the header of a file has a name; DataError if it is unreadable."""
    if path.is_dir():
        return False
    try:
        if path.suffix == ".parquet":
            return name in pq.read_schema(path).names
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as lines:
            return name.encode() in lines.readline()
    except (OSError, EOFError, pa.ArrowException) as error:
        raise unreadable_file(path, error) from error

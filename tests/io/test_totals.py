"""The totals row of an interval export: found at the end alone, and compared with the rows above it."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from wfm.io.mapping import parse_mapping
from wfm.io.matching import fitting
from wfm.io.scan import scan
from wfm.io.totals import Totals, totals_row

MAPPING = """
[source.x]
grain = "interval"
decimal = ","
thousands = "."
missing = ["-"]
[source.x.columns]
queue = "Queue"
interval_start = ["Day", "Time"]
offered = "Calls"
[source.x.values.queue]
"All" = "billing"
"""
ROWS = "billing;2026-03-02;09:00;1.000,5\nsales;2026-03-02;09:15;200\n"


def found(folder: Path, rows: str, *, queues: tuple[str, ...] = ("billing", "sales")) -> Totals | None:
    """Return the totals row of an export with these rows."""
    path = folder / "export.csv"
    path.write_text(f"Queue;Day;Time;Calls\n{rows}", encoding="utf-8")
    with duckdb.connect() as connection:
        source, read = fitting(parse_mapping(MAPPING, "m"), scan(connection, path, folder))
        return totals_row(connection, read, source, queues)


@pytest.mark.parametrize(
    "last",
    [
        pytest.param("Total;;;1.200,5", id="in the queue's column"),
        pytest.param("GRAND TOTAL:;-;-;1.200,5", id="capitals and a colon"),
        pytest.param(";Summe;;1.200,5", id="in the day's column"),
        pytest.param("Gesamtsumme;2026-03-02;09:15;1.200,5", id="with a start"),
        pytest.param(";;;1.200,5", id="without a word"),
        pytest.param("billing;-;;1.200,5", id="without a start"),
    ],
)
def test_a_trailing_total_is_found_and_agrees_with_the_rows(tmp_path, last):
    totals = found(tmp_path, f"{ROWS}{last}\n")
    assert totals == Totals(record=3, stated=1200.5, added=1200.5)
    assert totals is not None
    assert totals.warning() == ""


def test_a_total_that_is_not_the_sum_of_the_rows_is_told(tmp_path):
    totals = found(tmp_path, f"{ROWS}Total;;;1.234\n")
    assert totals is not None
    assert totals.warning() == "the file's own total says 1234, its rows add up to 1200.5"
    silent = found(tmp_path, f"{ROWS}Total;;;-\n")
    assert silent is not None
    assert (silent.stated, silent.warning()) == (None, "")


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param(ROWS, id="no total"),
        pytest.param(f"{ROWS}Total;2026-03-02;09:15;7\nsales;2026-03-02;09:30;1\n", id="not the last row"),
        pytest.param(f"Total;2026-03-02;09:00;7\n{ROWS}Total;2026-03-02;09:15;7\n", id="one per interval"),
        pytest.param(f"{ROWS}All;2026-03-02;09:30;7\n", id="a queue of the mapping"),
        pytest.param(f"{ROWS}billing;-;-;-\n", id="neither start nor count"),
        pytest.param("Total;;;7\n", id="the only row"),
        pytest.param("", id="no rows"),
    ],
)
def test_other_rows_are_no_totals(tmp_path, rows):
    assert found(tmp_path, rows) is None


def test_a_queue_of_that_name_is_no_total(tmp_path):
    rows = f"{ROWS}Overall;2026-03-02;09:30;7\n"
    assert found(tmp_path, rows) is not None
    assert found(tmp_path, rows, queues=("billing", "overall")) is None

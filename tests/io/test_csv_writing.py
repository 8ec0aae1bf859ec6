"""Frames as CSV text: every cell as it is, the same bytes however they are made."""

from __future__ import annotations

import csv
import importlib
import io
import sys
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.conform import Zones, conform
from wfm.io.csv_writing import WORTH_LOADING, csv_bytes
from wfm.io.tables import write_table
from wfm.tables import HISTORY


def awkward_contacts(rows: int) -> pd.DataFrame:
    """Return contacts with cells of every kind: empty, quoted, negative zero, of any size, in two zones."""
    random = np.random.default_rng(3)
    arrived = pd.Timestamp("2026-10-24T23:00Z") + pd.to_timedelta(np.arange(rows), unit="min")
    answered = pd.Series(arrived + pd.Timedelta(microseconds=250_000)).where(random.random(rows) < 0.7)
    handled = np.where(random.random(rows) < 0.2, np.nan, 10 ** random.uniform(-9, 12, rows))
    return pd.DataFrame(
        {
            "contact_id": [f"c{row}" for row in range(rows)],
            "queue": random.choice(["b", 'say "k"', "a,b", "é"], rows),
            "arrived_at": arrived.as_unit("us"),
            "answered_at": answered.astype("datetime64[us, UTC]"),
            "talk_s": handled,
            "count": random.integers(-5, 10**12, rows),
            "open": random.random(rows) < 0.5,
            "note": pd.Series(random.choice(["", "two\nlines", "x"], rows), dtype="str").replace("", pd.NA),
            "net": np.where(random.random(rows) < 0.5, -0.0, -random.random(rows)),
        }
    )


KATHMANDU = Zones(names={"é": "Asia/Kathmandu"}, default="Europe/Berlin")


def test_a_file_is_the_same_however_many_pieces_it_is_written_in(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = awkward_contacts(50)
    whole = b"".join(csv_bytes(frame, KATHMANDU))
    monkeypatch.setattr("wfm.io.csv_writing.ROWS_AT_ONCE", 3)
    assert b"".join(csv_bytes(frame, KATHMANDU)) == whole


def test_a_file_is_the_same_whether_its_lines_are_compiled_or_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    importlib.import_module("numba")  # compiled lines are for commands that have it loaded
    for frame in (awkward_contacts(WORTH_LOADING + 5), awkward_contacts(1), awkward_contacts(0)):
        monkeypatch.setattr("wfm.io.csv_writing.WORTH_LOADING", 0)
        compiled = b"".join(csv_bytes(frame, KATHMANDU))
        monkeypatch.setattr("wfm.io.csv_writing.WORTH_LOADING", len(frame) + 1)
        assert b"".join(csv_bytes(frame, KATHMANDU)) == compiled


def test_writing_loads_no_compiler_that_the_command_has_not_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "numba", raising=False)
    monkeypatch.setitem(sys.modules, "wfm.io.compiled_lines", None)  # importing it is now an error
    assert b"".join(csv_bytes(awkward_contacts(WORTH_LOADING), KATHMANDU)).count(b"c") > WORTH_LOADING


def test_each_cell_is_the_value_that_stands_in_the_frame() -> None:
    frame = awkward_contacts(60)
    header, *lines = csv.reader(io.StringIO(b"".join(csv_bytes(frame, KATHMANDU)).decode(), newline=""))
    assert header == list(frame.columns)
    for cells, row in zip(lines, frame.to_dict("records"), strict=True):
        clock = ZoneInfo(KATHMANDU.names.get(row["queue"], KATHMANDU.default))
        arrived, answered = (row[name] for name in ("arrived_at", "answered_at"))
        expected = {
            "contact_id": row["contact_id"],
            "queue": row["queue"],
            "arrived_at": arrived.tz_convert(clock).isoformat(),
            "answered_at": ""
            if pd.isna(answered)
            else answered.tz_convert(clock).isoformat("T", "microseconds"),
            "count": str(row["count"]),
            "open": str(row["open"]).lower(),
            "note": "" if pd.isna(row["note"]) else row["note"],
        }
        written = dict(zip(header, cells, strict=True))
        assert {name: written[name] for name in expected} == expected
        for name in ("talk_s", "net"):
            assert repr(float(written[name] or "nan")) == repr(row[name])


@given(numbers=st.lists(st.floats(0, allow_infinity=False), min_size=20, max_size=100))
@settings(max_examples=examples(20), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_has_the_shortest_text_that_reads_back(tmp_path: Path, numbers: list[float]) -> None:
    starts = pd.date_range("2026-03-02", periods=len(numbers), freq="15min", tz="UTC")
    frame = conform(pd.DataFrame({"queue": "q", "interval_start": starts, "offered": numbers}), HISTORY)
    write_table(frame, HISTORY, tmp_path / "x.csv")
    written = [line.split(",")[2] for line in (tmp_path / "x.csv").read_text().splitlines()[1:]]
    assert [float(text) for text in written] == numbers
    digits = [significant(text) for text in written]
    assert digits == [significant(repr(number)) for number in numbers]


def significant(text: str) -> str:
    mantissa = text.split("e", maxsplit=1)[0].replace("-", "")
    return mantissa.replace(".", "").strip("0")


def test_quotes_stand_only_around_text_that_needs_them(tmp_path: Path) -> None:
    stamp = pd.Timestamp("2026-03-02T09:00Z")
    names = ["a,b", "=1+1", 'say "q"', "two\nlines", "a;b", "plain"]
    frame = conform(pd.DataFrame({"queue": names, "interval_start": stamp, "offered": 1}), HISTORY)
    write_table(frame, HISTORY, tmp_path / "x.csv")
    text = (tmp_path / "x.csv").read_bytes().decode()
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as written:
        assert sorted(row[0] for row in list(csv.reader(written))[1:]) == sorted(names)
    assert text.count('"') == 3 * 2 + 2 * 2
    assert "\nplain,2026-03-02T09:00:00+00:00,1\n" in text


def test_each_row_has_the_wall_clock_of_its_own_queue(tmp_path: Path) -> None:
    stamp = pd.Timestamp("2026-07-01T12:00:00.250Z")
    frame = conform(pd.DataFrame({"queue": ["b", "k", "n"], "interval_start": stamp, "offered": 1}), HISTORY)
    names = {"b": "Europe/Berlin", "k": "Asia/Kathmandu", "n": "America/St_Johns"}
    write_table(frame, HISTORY, tmp_path / "x.csv", Zones(names=names))
    clocks = [line.split(",")[1] for line in (tmp_path / "x.csv").read_text().splitlines()[1:]]
    assert clocks == [
        stamp.tz_convert(ZoneInfo(name)).isoformat(timespec="microseconds") for name in names.values()
    ]

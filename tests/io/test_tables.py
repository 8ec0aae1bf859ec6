"""Tables in files: what is written is read back, CSV and Parquet alike, the same bytes each time."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wfm.conform import Zones, conform
from wfm.errors import DataError, OutputError, UsageError
from wfm.io.tables import read_table, write_table
from wfm.tables import HISTORY, ROSTER, TABLES, Column, Table

BERLIN = Zones(names={}, default="Europe/Berlin")
ENDINGS = ("csv", "csv.gz", "parquet")
TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12
).filter(lambda text: text == text.strip() and text)
MOMENTS = st.integers(0, 60 * 24 * 365 * 60).map(lambda minute: pd.Timestamp(minute * 60, unit="s", tz="UTC"))


def values(column: Column) -> st.SearchStrategy[object]:
    low, high = column.low if column.low is not None else -1e6, column.high or 1e6
    kinds: dict[str, st.SearchStrategy[object]] = {
        "text": st.sampled_from(column.choices) if column.choices else TEXT,
        "time": MOMENTS,
        "date": MOMENTS.map(lambda moment: moment.tz_localize(None).normalize()),
        "number": st.floats(low, high, allow_subnormal=False),
        "integer": st.integers(int(low), int(high)),
        "flag": st.booleans(),
        "hours": st.sampled_from(["Mon-Fri 08:00-20:00", "Sat 22:00-06:00;Sun 00:00-24:00"]),
    }
    given_value = kinds[column.kind]
    return st.none() | given_value if column.optional and column.default is None else given_value


def _put_in_order(row: dict[str, Any], table: Table) -> None:
    for rule in (*table.ordered,) * len(table.ordered):  # a chain of rules is settled by as many passes
        first, last = row[rule.first], row[rule.last]
        if first is not None and last is not None:
            row[rule.first], row[rule.last] = min(first, last), max(first, last)
            if rule.strict and first == last:
                row[rule.last] += pd.Timedelta(minutes=1)


@st.composite
def frames(draw: st.DrawFn, table: Table) -> pd.DataFrame:
    """Draw a frame that obeys a table's declaration: keys unique, ordered columns in order."""
    columns = table.columns
    rows = draw(st.lists(st.fixed_dictionaries({c.name: values(c) for c in columns}), min_size=1, max_size=4))
    for row in rows:
        _put_in_order(row, table)
    unique = {tuple(str(row[name]) for name in table.key): row for row in rows}
    frame = pd.DataFrame(list(unique.values()), columns=table.names)
    for column in columns:
        if column.kind == "time":
            frame[column.name] = pd.to_datetime(frame[column.name], utc=True).astype("datetime64[us, UTC]")
    return conform(frame, table)


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(drawn=st.data())
def test_every_table_survives_csv_and_parquet_alike(tmp_path: Path, name: str, drawn: st.DataObject) -> None:
    table = TABLES[name]
    frame = drawn.draw(frames(table))
    for ending in ENDINGS:
        path = tmp_path / f"table.{ending}"
        write_table(frame, table, path, BERLIN)
        pd.testing.assert_frame_equal(read_table(path, table, BERLIN), frame)


def night() -> pd.DataFrame:
    starts = pd.date_range("2026-10-25T00:00", "2026-10-25T04:45", freq="15min", tz="Europe/Berlin")
    return conform(
        pd.DataFrame({"queue": "q", "interval_start": starts, "offered": np.arange(len(starts))}), HISTORY
    )


def test_csv_has_the_wall_clock_with_its_offset(tmp_path: Path) -> None:
    write_table(night(), HISTORY, tmp_path / "x.csv", BERLIN)
    lines = (tmp_path / "x.csv").read_text().splitlines()
    assert lines[0] == "queue,interval_start,offered"
    assert lines[9].startswith("q,2026-10-25T02:00:00+02:00,")
    assert lines[13].startswith("q,2026-10-25T02:00:00+01:00,")


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_same_table_gives_the_same_bytes(tmp_path: Path, ending: str) -> None:
    for name in ("a", "b"):
        write_table(night(), HISTORY, tmp_path / f"{name}.{ending}", BERLIN)
    assert (tmp_path / f"a.{ending}").read_bytes() == (tmp_path / f"b.{ending}").read_bytes()


def test_a_folder_of_parquet_is_one_table(tmp_path: Path) -> None:
    frame = night()
    (tmp_path / "parts").mkdir()
    write_table(frame.iloc[:7], HISTORY, tmp_path / "parts" / "a.parquet")
    write_table(frame.iloc[7:], HISTORY, tmp_path / "parts" / "b.parquet")
    pd.testing.assert_frame_equal(read_table(tmp_path / "parts", HISTORY), frame)


CSV = "queue,interval_start,offered\nq,2026-03-02T09:00:00Z,3\n"


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(CSV.encode(), id="plain"),
        pytest.param(CSV.encode("utf-8-sig"), id="byte order mark"),
        pytest.param(CSV.replace(",", ";").encode(), id="semicolons"),
        pytest.param(CSV.replace("\n", "\r\n").encode(), id="windows line ends"),
        pytest.param(CSV.replace("q,", '"q",').encode(), id="quotes"),
        pytest.param(CSV.rstrip().encode(), id="no final line break"),
        pytest.param(b"ignored,".join([b"", CSV.encode()]), id="an extra column"),
    ],
)
def test_csv_of_any_habit_is_read(tmp_path: Path, content: bytes) -> None:
    if content.startswith(b"ignored"):
        content = content.replace(b"\nq", b"\n9,q")
    (tmp_path / "x.csv").write_bytes(content)
    (row,) = read_table(tmp_path / "x.csv", HISTORY).to_dict("records")
    assert (row["queue"], row["offered"], row["interval_start"]) == (
        "q",
        3,
        pd.Timestamp("2026-03-02T09:00Z"),
    )


def test_a_fault_names_the_line_past_blank_lines_and_breaks_in_quotes(tmp_path: Path) -> None:
    text = 'queue,interval_start,offered\n"a\nb",2026-03-02T09:00Z,1\n\nq,2026-03-02T09:00Z,x\n'
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError) as raised:
        read_table(tmp_path / "x.csv", HISTORY)
    assert [fault.row for fault in raised.value.faults] == [5]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        pytest.param("x.csv", b"", id="empty"),
        pytest.param("x.csv", b"queue,interval_start,offered\nq,1\n", id="short row"),
        pytest.param("x.csv", b"queue,interval_start,offered\nq,2026-03-02T09:00Z,1,2,3\n", id="long row"),
        pytest.param("x.csv", b"queue,interval_start,offered\n\xff\xfe\x00,1,1\n", id="not UTF-8"),
        pytest.param("x.csv.gz", b"no gzip", id="no gzip"),
        pytest.param("x.csv.gz", gzip.compress(CSV.encode() * 50)[:-8], id="cut gzip"),
        pytest.param("x.parquet", b"no parquet", id="no Parquet"),
        pytest.param("x.parquet", b"", id="empty Parquet"),
    ],
)
def test_a_damaged_file_is_a_data_error(tmp_path: Path, name: str, content: bytes) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError, match=name):
        read_table(tmp_path / name, HISTORY)


def test_a_missing_file_is_a_data_error_and_an_unknown_ending_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        read_table(tmp_path / "nowhere.csv", HISTORY)
    with pytest.raises(UsageError):
        read_table(tmp_path / "x.docx", HISTORY)
    with pytest.raises(UsageError):
        write_table(night(), HISTORY, tmp_path / "x.docx")
    with pytest.raises(OutputError):
        write_table(night(), HISTORY, tmp_path / "nowhere" / "x.csv")


def test_standard_output_is_csv(capsys: pytest.CaptureFixture[str]) -> None:
    write_table(night().head(1), HISTORY, Path("-"), BERLIN)
    assert capsys.readouterr().out == "queue,interval_start,offered\nq,2026-10-25T00:00:00+02:00,0.0\n"


def test_an_empty_roster_can_be_written_and_read(tmp_path: Path) -> None:
    roster = conform(pd.DataFrame({name: pd.Series(dtype="str") for name in ROSTER.names}), ROSTER)
    for ending in ENDINGS:
        write_table(roster, ROSTER, tmp_path / f"x.{ending}")
        assert read_table(tmp_path / f"x.{ending}", ROSTER).empty

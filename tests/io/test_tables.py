"""Tables in files: what is written is read back, CSV and Parquet alike, the same bytes each time."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.conform import Zones, conform
from wfm.errors import DataError, OutputError, UsageError
from wfm.io.csv_reading import cells_of, columns_of, open_csv
from wfm.io.tables import read_table, write_table
from wfm.tables import HISTORY, ROSTER, TABLES, Column, Table

BERLIN = Zones(names={}, default="Europe/Berlin")
ENDINGS = ("csv", "csv.gz", "parquet")
PLAIN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=12
)
AWKWARD = st.text(st.sampled_from('",;\n\r=+-@ aé\u200b\U0001f600'), min_size=1, max_size=8)
TEXT = (PLAIN | AWKWARD).filter(lambda text: text == text.strip() and text)
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
        "skills": st.sampled_from(["billing", "chat[2026-03-16..];billing[..2026-06-30]"]),
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
@settings(
    max_examples=examples(6, quick=3),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(drawn=st.data())
def test_every_table_survives_csv_and_parquet_alike(tmp_path: Path, name: str, drawn: st.DataObject) -> None:
    table = TABLES[name]
    frame = drawn.draw(frames(table))
    for ending in ENDINGS:
        write_table(frame, table, tmp_path / f"table.{ending}", BERLIN)
    for ending in ("csv", "parquet"):
        pd.testing.assert_frame_equal(read_table(tmp_path / f"table.{ending}", table, BERLIN), frame)
    plain, packed = (tmp_path / "table.csv").read_bytes(), (tmp_path / "table.csv.gz").read_bytes()
    assert gzip.decompress(packed) == plain


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
    assert capsys.readouterr().out == "queue,interval_start,offered\nq,2026-10-25T00:00:00+02:00,0\n"


def test_an_empty_roster_can_be_written_and_read(tmp_path: Path) -> None:
    roster = conform(pd.DataFrame({name: pd.Series(dtype="str") for name in ROSTER.names}), ROSTER)
    for ending in ENDINGS:
        write_table(roster, ROSTER, tmp_path / f"x.{ending}")
        assert read_table(tmp_path / f"x.{ending}", ROSTER).empty


STAMPS = (
    "2026-03-02T09:00:00+01:00",
    "2026-03-02 09:00",
    "2026-10-25T02:30",
    "2026-10-25T02:30:00Z",
    "2026-03-29T02:30:00",
    "2026-03-02",
    "2026-03-02T09:00:00.25+05:30",
    " 2026-03-02T09:15 ",
    "2026-03-02T09+01",
    "1969-12-31T23:00Z",
    "today",
    "",
)
NUMBERS = ("3", " 4 ", "1.5", "1e3", "+2", "0.1", "1e400", "nan", "-0", "-1", "1,5", "many", "", "9" * 20)
QUEUES = ("q", '"q"', '"a, ""b"""', '"two\nlines"', " q ", "=1+1", "é", "", '""')


def cells(*usual: str, rare: tuple[str, ...]) -> st.SearchStrategy[str]:
    return st.one_of(*[st.sampled_from(usual)] * 6, st.sampled_from(rare))


ROWS = st.tuples(
    cells("q", '"q"', "é", rare=QUEUES),
    cells(*(f"2026-03-02T{hour:02d}:00:00Z" for hour in range(24)), rare=STAMPS)
    | cells(*(f"2026-10-25T{hour:02d}:00" for hour in (0, 1, 2, 2, 3)), rare=STAMPS),
    cells("3", "1.5", "0.1", rare=NUMBERS),
    cells("180", "", rare=NUMBERS),
)


def outcome(read: Callable[[], pd.DataFrame]) -> tuple[pd.DataFrame | None, str]:
    try:
        return read(), ""
    except DataError as error:
        return None, str(error)


TOKYO = Zones(names={"é": "Asia/Tokyo"}, default="UTC", nonexistent="drop")
USUAL = ("q", "2026-10-25T01:00", "3", "180")
RARE_ROWS = [
    (*USUAL[:place], cell, *USUAL[place + 1 :])
    for place, rare in enumerate((QUEUES, STAMPS, NUMBERS, NUMBERS))
    for cell in rare
]


def check_both_ways(path: Path, rows: list[tuple[str, ...]], extra: str, rule: Zones) -> None:
    """Check that columns read at once and cells read as text are the same table or have the same faults."""
    head = ["queue", "interval_start", "offered", "aht_s", *([extra] if extra else [])]
    lines = [",".join(head), *(",".join([*row, *(["7"] if extra else [])]) for row in quoted_commas(rows))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="")
    texts, numbers = cells_of(open_csv(path))
    known = {"queue": ["q", "é", '"two\nlines"']}
    quick, faults = outcome(lambda: read_table(path, HISTORY, rule, known))
    slow, expected = outcome(
        lambda: conform(texts, HISTORY, source=str(path), zones=rule, lines=numbers, known=known)
    )
    assert faults == expected
    if quick is not None and slow is not None:
        pd.testing.assert_frame_equal(quick, slow, check_exact=True)


@settings(max_examples=examples(40), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(ROWS, min_size=1, max_size=5),
    extra=st.sampled_from(["", "note", "aht", "handled"]),
    rule=st.sampled_from([BERLIN, TOKYO]),
)
def test_numbers_read_at_once_and_cells_read_as_text_give_the_same_table_or_the_same_faults(
    tmp_path: Path, rows: list[tuple[str, ...]], extra: str, rule: Zones
) -> None:
    check_both_ways(tmp_path / "x.csv", rows, extra, rule)


def test_each_rare_cell_is_read_alike_both_ways(tmp_path: Path) -> None:
    for row in RARE_ROWS:
        check_both_ways(tmp_path / "x.csv", [row], "", BERLIN)


def quoted_commas(rows: list[tuple[str, ...]]) -> list[list[str]]:
    return [[f'"{cell}"' if cell == "1,5" else cell for cell in row] for row in rows]


def test_a_clean_file_is_read_without_its_cells_as_text(tmp_path: Path) -> None:
    write_table(night(), HISTORY, tmp_path / "x.csv", BERLIN)
    columns = columns_of(open_csv(tmp_path / "x.csv"), HISTORY)
    assert columns is not None
    assert str(columns["offered"].dtype) == "float64"
    (tmp_path / "x.csv").write_text("queue,interval_start,offered\nq,2026-03-02T09:00Z,nan\n")
    assert columns_of(open_csv(tmp_path / "x.csv"), HISTORY) is None


def test_an_hour_later_but_still_in_a_longer_gap_is_a_fault_even_when_shifted(tmp_path: Path) -> None:
    text = "queue,interval_start,offered\nq,2024-03-31T01:30,1\nq,2024-03-31T02:30,1\n"
    (tmp_path / "x.csv").write_text(text)
    troll = Zones(default="Antarctica/Troll", nonexistent="shift")  # 01:00 to 03:00 are skipped
    with pytest.raises(DataError, match="skips this hour") as raised:
        read_table(tmp_path / "x.csv", HISTORY, troll)
    assert [fault.row for fault in raised.value.faults] == [2]

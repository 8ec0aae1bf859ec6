"""The fast pass of import changes nothing: with it and without it every row ends in the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.io.odd_logs import BEGINNINGS, CONFIG, NEEDED, Log, Oddity, Style, by_both_paths, logs, written
from wfm.io import rows
from wfm.io.compact import CompactRows
from wfm.io.intake import take_in
from wfm.io.plain import PlainRows, plain_rows

MANY = settings(max_examples=5)  # each takes a fifth of a second; the slow tests draw very many
VERY_MANY = settings(max_examples=1500)
USUAL = Style(columns=tuple(sorted(NEEDED)), begin=BEGINNINGS[0])


def check(folder: Path, log: Log) -> None:
    paths, mapping = written(log, folder)
    by_both_paths(paths, mapping)


@MANY
@given(log=logs())
def test_an_import_with_the_fast_pass_is_the_one_without(tmp_path_factory: pytest.TempPathFactory, log: Log):
    check(tmp_path_factory.mktemp("log"), log)


@pytest.mark.slow
@VERY_MANY
@given(log=logs())
def test_any_import_with_the_fast_pass_is_the_one_without(tmp_path_factory: pytest.TempPathFactory, log: Log):
    check(tmp_path_factory.mktemp("log"), log)


@MANY
@given(log=logs())
def test_a_parquet_file_is_the_same_by_both_paths(tmp_path_factory: pytest.TempPathFactory, log: Log):
    log = replace(log, style=replace(log.style, split_time=False))
    paths, mapping = written(log, tmp_path_factory.mktemp("log"))
    by_both_paths([as_parquet(log, paths[0].with_suffix(".parquet"))], mapping)


def as_parquet(log: Log, path: Path) -> Path:
    """Write the cells of a log to Parquet: numbers and times typed where every one of a column is."""
    names = [f'"{name}"' for name in log.header]
    kinds = {"wait_s": "DOUBLE", "talk_s": "INTEGER", "hold_s": "FLOAT", "acw_s": "UBIGINT"}
    kinds |= dict.fromkeys(("arrived_at", "answered_at", "ended_at"), time_type(log))
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE log ({', '.join(f'{name} VARCHAR' for name in names)})")
        for cells in log.table():
            connection.table("log").insert(cells)
        for name, kind in kinds.items():
            empty_as_null = f"{kind} USING CAST(nullif({name}, '') AS {kind})"
            for how in (kind, empty_as_null):
                try:
                    connection.execute(f"ALTER TABLE log ALTER {name} TYPE {how}")
                except (duckdb.ConversionException, duckdb.BinderException):
                    continue  # a cell that is none, or no such column: text
                break
        connection.execute("COPY log TO ? (FORMAT parquet)", [str(path)])
    return path


def time_type(log: Log) -> str:
    return "TIMESTAMP" if log.style.clock == "wall" else "TIMESTAMPTZ"


@pytest.mark.parametrize(
    "marks",
    [
        pytest.param("decimal = ','", id="decimal comma"),
        pytest.param("decimal = ','\nthousands = '.'", id="thousands point"),
    ],
)
def test_the_marks_of_numbers_are_those_of_texts_and_change_no_typed_number(tmp_path, marks):
    log = Log(replace(USUAL, columns=(*USUAL.columns, "talk_s")), 8)
    paths, mapping = written(log, tmp_path)
    parquet = as_parquet(log, paths[0].with_suffix(".parquet"))
    usual = by_both_paths([parquet], mapping).history
    text = mapping.read_text(encoding="utf-8")
    mapping.write_text(text.replace('decimal = "."', marks), encoding="utf-8")
    pd.testing.assert_frame_equal(by_both_paths([parquet], mapping).history, usual)
    assert usual["wait_s"].sum() > 0


@pytest.mark.parametrize(
    "log",
    [
        pytest.param(
            Log(replace(USUAL, clock="epoch_s"), 6, (Oddity(3, "arrived_at", "never"),)), id="no epoch"
        ),
        pytest.param(
            Log(replace(USUAL, clock="epoch_s"), 2, (Oddity(1, "", "empty cells"),)), id="empty cells"
        ),
        pytest.param(Log(replace(USUAL, quotes="every"), 9, (Oddity(3, "queue", "nowhere"),)), id="queue"),
    ],
)
def test_one_bad_cell_never_takes_the_file_with_it(tmp_path, log):
    paths, mapping = written(log, tmp_path)
    found = by_both_paths(paths, mapping)
    assert found.figures["rows_kept"] == log.rows - 1
    assert len(found.quarantine) == 1


@pytest.mark.slow
@VERY_MANY
@given(log=logs(for_arrow=True), size=st.integers(1, 12), group=st.integers(1, 9), most=st.integers(0, 9))
def test_any_parquet_file_is_the_same_by_both_paths(
    tmp_path_factory: pytest.TempPathFactory, log: Log, size: int, group: int, most: int
):
    paths, mapping = written(log, tmp_path_factory.mktemp("log"))
    parquet = as_parquet(log, paths[0].with_suffix(".parquet"))
    pq.write_table(pq.read_table(parquet), parquet, row_group_size=group)
    sizes = {"row_groups__AT_ONCE": size, "row_groups__MOST_ROWS": most, "compact__AT_ONCE": 2 * size}
    by_both_paths([parquet], mapping, plain_pass__AT_ONCE=size, **sizes)


@pytest.mark.parametrize(
    ("style", "kind"),
    [
        pytest.param(USUAL, CompactRows, id="by Arrow"),
        pytest.param(replace(USUAL, clock="wall"), CompactRows, id="wall clock by Arrow"),
        pytest.param(replace(USUAL, words=True, exclude=True), CompactRows, id="words and rules by Arrow"),
        pytest.param(replace(USUAL, key=("queue", "contact_id")), CompactRows, id="a key of two columns"),
        pytest.param(replace(USUAL, quotes="every"), PlainRows, id="by DuckDB"),
        pytest.param(replace(USUAL, clock="%d.%m.%Y %H:%M:%S"), PlainRows, id="a time format"),
    ],
)
def test_usual_logs_go_through_the_fast_pass(tmp_path, monkeypatch, style, kind):
    found = plain_of(monkeypatch, *written(Log(style, 20), tmp_path))
    assert found == [(kind, 20)]


@pytest.mark.parametrize("clock", ["offset", "wall"])
def test_usual_parquet_goes_through_the_fast_pass_of_arrow(tmp_path, monkeypatch, clock):
    columns = (*USUAL.columns, "answered_at", "ended_at", "talk_s", "hold_s", "acw_s")
    log = Log(replace(USUAL, columns=columns, clock=clock, duration="ms"), 20)
    paths, mapping = written(log, tmp_path)
    parquet = as_parquet(log, paths[0].with_suffix(".parquet"))
    found = plain_of(monkeypatch, [parquet], mapping)
    assert found == [(CompactRows, 20)]


def plain_of(monkeypatch: pytest.MonkeyPatch, paths: list[Path], mapping: Path) -> list[tuple[type, int]]:
    """Return of each file of an import what keeps its plain rows, and how many they are."""
    plain = []

    def kept(*parts):
        found = plain_rows(*parts)
        plain.extend([(type(found[0]), found[0].count())] if found else [])
        return found

    monkeypatch.setattr(rows, "plain_rows", kept)
    take_in(paths, CONFIG, mapping=mapping)
    return plain


@pytest.mark.parametrize("order", ["0123", "1230", "2301", "3012"])
def test_a_contact_is_one_contact_however_its_files_are_read(tmp_path, order):
    log = Log(replace(USUAL, columns=(*USUAL.columns, "talk_s")), 9)
    by_arrow, mapping = written(log, tmp_path)
    parquet = as_parquet(log, tmp_path / "log.parquet")
    quoted = tmp_path / "quoted.csv"
    quoted.write_bytes(replace(log, style=replace(log.style, quotes="every")).content())
    blank = tmp_path / "blank.csv"  # looked at the slow way
    blank.write_bytes(by_arrow[0].read_bytes().replace(b",c", b", c"))
    files = [by_arrow[0], parquet, quoted, blank]
    found = by_both_paths([files[int(place)] for place in order], mapping)
    assert (found.figures["rows_kept"], found.figures["rows_duplicate"]) == (9, 27)


def test_a_hash_that_duckdb_does_not_know_is_not_used(tmp_path, monkeypatch):
    monkeypatch.setattr("wfm.io.text_hash._SEED", np.uint64(1))
    found = plain_of(monkeypatch, *written(Log(USUAL, 20), tmp_path))
    assert found == [(PlainRows, 20)]

"""The fast pass of import changes nothing: with it and without it every row ends in the same place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings

from tests.io.odd_logs import BEGINNINGS, CONFIG, NEEDED, Log, Oddity, Style, by_both_paths, logs, written
from wfm.io import rows
from wfm.io.intake import take_in
from wfm.io.plain import plain_rows

MANY = settings(max_examples=20)
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
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"CREATE TABLE log ({', '.join(f'{name} VARCHAR' for name in names)})")
        for cells in log.table():
            connection.table("log").insert(cells)
        for name, kind in [("wait_s", "DOUBLE"), ("talk_s", "INTEGER"), ("arrived_at", time_type(log))]:
            try:
                connection.execute(f"ALTER TABLE log ALTER {name} TYPE {kind}")
            except (duckdb.ConversionException, duckdb.BinderException):
                continue  # a cell that is none, or no such column: text
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


@pytest.mark.parametrize(
    "style",
    [
        pytest.param(USUAL, id="by Arrow"),
        pytest.param(replace(USUAL, clock="wall"), id="wall clock by Arrow"),
        pytest.param(replace(USUAL, quotes="every"), id="by DuckDB"),
        pytest.param(replace(USUAL, clock="%d.%m.%Y %H:%M:%S"), id="a time format"),
        pytest.param(replace(USUAL, key=("queue", "contact_id")), id="a key of two columns"),
    ],
)
def test_usual_logs_go_through_the_fast_pass(tmp_path, monkeypatch, style):
    plain: list[int] = []

    def counted(*parts):
        found = plain_rows(*parts)
        plain.append(found[0].count() if found else 0)
        return found

    paths, mapping = written(Log(style, 20), tmp_path)
    monkeypatch.setattr(rows, "plain_rows", counted)
    take_in(paths, CONFIG, mapping=mapping)
    assert plain == [20]

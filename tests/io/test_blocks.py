"""Blocks of a CSV file: wherever they are cut, the rows are the same as without them."""

from __future__ import annotations

import gzip
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.io.odd_logs import Log, by_both_paths, logs, written
from wfm.io import blocks
from wfm.io.blocks import Blocks
from wfm.io.sniff import sniff

SIZES = st.integers(64, 500)
HEADS = st.integers(400, 1200)  # longer than any header
MANY = settings(max_examples=15)
VERY_MANY = settings(max_examples=1500)


@MANY
@given(log=logs(for_arrow=True), size=SIZES)
def test_rows_across_the_edges_of_blocks_are_those_of_the_slow_path(
    tmp_path_factory: pytest.TempPathFactory, log: Log, size: int
):
    paths, mapping = written(log, tmp_path_factory.mktemp("log"))
    by_both_paths(paths, mapping, blocks__BLOCK=size)


@pytest.mark.slow
@VERY_MANY
@given(log=logs(for_arrow=True), size=SIZES)
def test_rows_across_any_edges_of_blocks_are_those_of_the_slow_path(
    tmp_path_factory: pytest.TempPathFactory, log: Log, size: int
):
    paths, mapping = written(log, tmp_path_factory.mktemp("log"))
    by_both_paths(paths, mapping, blocks__BLOCK=size)


@MANY
@given(log=logs(), size=HEADS)
def test_a_large_file_that_is_not_as_plain_as_its_beginning_is_read_as_it_is(
    tmp_path_factory: pytest.TempPathFactory, log: Log, size: int
):
    paths, mapping = written(log, tmp_path_factory.mktemp("log"))
    by_both_paths(paths, mapping, blocks__BLOCK=size, sniff__BLOCK=size, sniff__LARGE=0)


LINES = st.lists(st.text("ab,1\t ", max_size=9), min_size=1, max_size=30)


@given(lines=LINES, size=st.integers(1, 40), line_end=st.sampled_from(["\n", "\r\n"]), packed=st.booleans())
def test_every_line_is_found_by_its_number_and_broken_ones_are_numbered(
    tmp_path_factory: pytest.TempPathFactory, lines: list[str], size: int, line_end: str, packed: bool
):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    content = line_end.join(["a,b", *lines, ""]).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    rows = [line for line in lines if line]
    found = Blocks(path, sniff(path), {0: pa.string(), 1: pa.string()}, ("",))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        batches = list(found.batches())
        numbers = list(range(1, len(rows) + 1))
        assert [line.decode() for line in found.lines(numbers)] == rows
    assert found.broken == [n for n, row in zip(numbers, rows, strict=True) if row.count(",") != 1]
    good = {n: row.split(",") for n, row in zip(numbers, rows, strict=True) if n not in found.broken}
    read = {r["record"]: [r["c0"], r["c1"]] for batch in batches for r in batch.to_pylist()}
    assert read == good


def test_blocks_of_one_line_give_the_batches_of_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "log.csv"
    path.write_text("a,b\n" + "".join(f"{n},{'x' if n == 7 else n}\n" for n in range(50)))
    kinds = {0: pa.float64(), 1: pa.float64()}
    whole = pa.Table.from_batches(Blocks(path, sniff(path), kinds, ("",)).batches())
    monkeypatch.setattr(blocks, "BLOCK", 3)
    parts = pa.Table.from_batches(Blocks(path, sniff(path), kinds, ("",)).batches())
    assert parts.combine_chunks().equals(whole.combine_chunks())
    assert [row["record"] for row in parts.to_pylist() if row["bad"]] == [8]

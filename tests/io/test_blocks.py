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
from wfm.io.blocks import Block, Blocks
from wfm.io.sniff import sniff

SIZES = st.integers(64, 500)
HEADS = st.integers(400, 1200)  # longer than any header
MANY = settings(max_examples=5)  # each takes a fifth of a second; the slow tests draw very many
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
ENDS = st.sampled_from(["\n", "\r\n"])


def read(path: Path, kinds: dict[int, pa.DataType]) -> tuple[list[dict[str, object]], list[int], list[bytes]]:
    """Return the good rows of a file with their numbers, the numbers of the broken lines, and every line."""
    rows, broken, lines = list[dict[str, object]](), list[int](), list[bytes]()
    for block in Blocks(path, sniff(path), kinds, ("",)).each(lambda block: block):
        good = zip(block.rows.to_pylist(), block.records().tolist(), strict=True)
        rows += [{**row, "record": number + len(lines)} for row, number in good]
        broken += [number + len(lines) for number in block.broken]
        lines += block.lines(range(1, block.count + 1))
    return rows, broken, lines


@given(lines=LINES, size=st.integers(1, 40), line_end=ENDS, packed=st.booleans(), cut=st.booleans())
def test_every_line_is_found_by_its_number_and_broken_ones_are_numbered(
    tmp_path_factory: pytest.TempPathFactory,
    lines: list[str],
    size: int,
    line_end: str,
    packed: bool,
    cut: bool,
):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    content = (line_end.join(["a,b", *lines]) + ("" if cut else line_end)).encode()
    path.write_bytes(gzip.compress(content) if packed else content)
    written = [line for line in lines if line]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", size)
        patch.setattr(blocks, "_PIECE", size)
        rows, broken, found = read(path, {0: pa.string(), 1: pa.string()})
    assert [line.decode() for line in found] == written
    cells = {number: line.split(",") for number, line in enumerate(written, 1)}
    assert broken == [number for number, row in cells.items() if len(row) != 2]
    good = {number: row for number, row in cells.items() if len(row) == 2}
    assert {row["record"]: [row["c0"], row["c1"]] for row in rows} == good


@given(lines=LINES, piece=st.integers(1, 40), line_end=ENDS, cut=st.booleans())
def test_the_lines_of_a_block_are_those_that_a_split_of_its_text_finds(lines, piece, line_end, cut):
    text = (line_end.join(lines) + ("" if cut else line_end)).encode()
    filled = [line for line in text.splitlines() if line]
    block = Block(text, pa.RecordBatch.from_pylist([]), [], len(filled))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_PIECE", piece)
        for number, line in enumerate(filled, 1):
            assert block.lines([number]) == [line]
        assert block.lines(range(1, len(filled) + 1)) == filled


def test_blocks_of_one_line_give_the_rows_of_one_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "log.csv"
    path.write_text("a,b\n" + "".join(f"{n},{'x' if n == 7 else n}\n" for n in range(50)))
    kinds = {0: pa.float64(), 1: pa.float64()}
    whole = read(path, kinds)
    monkeypatch.setattr(blocks, "BLOCK", 3)
    assert read(path, kinds) == whole
    assert [row["record"] for row in whole[0] if row["bad"]] == [8]

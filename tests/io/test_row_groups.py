"""Every row of a Parquet file comes once and in its order, however the file is cut into groups of rows."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.io import row_groups
from wfm.io.row_groups import RowGroups

TABLE = pa.table(
    {"id": [f"c{row}" for row in range(50)], "word": ["a", "b"] * 25, "left_out": range(50), "n": range(50)}
)


@settings(max_examples=20)
@given(rows=st.integers(0, 50), group=st.integers(1, 60), at_once=st.integers(1, 60), most=st.integers(0, 60))
def test_every_row_comes_once_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, rows: int, group: int, at_once: int, most: int
):
    path = tmp_path_factory.mktemp("groups") / "table.parquet"
    pq.write_table(TABLE.slice(0, rows), path, row_group_size=group)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(row_groups, "AT_ONCE", at_once)
        patch.setattr(row_groups, "MOST_ROWS", most)
        found = [*RowGroups(path, ["id", "word", "n"], ["word"]).each(lambda batch: batch)]
    assert all(len(batch) <= at_once and pa.types.is_dictionary(batch["word"].type) for batch in found)
    cells = [row for batch in found for row in batch.to_pylist()]
    assert cells == TABLE.select(["id", "word", "n"]).slice(0, rows).to_pylist()


def test_what_fails_in_a_thread_is_raised(tmp_path: Path):
    path = tmp_path / "table.parquet"
    pq.write_table(TABLE, path, row_group_size=7)
    with pytest.raises(ZeroDivisionError):
        list(RowGroups(path, ["n"], []).each(lambda batch: 1 // (len(batch) - 1)))

"""The hash of a text is the one that DuckDB itself gives it, whatever the text."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.io import text_hash
from wfm.io.text_hash import LONGEST, agrees, sizes, text_hashes

TEXTS = st.text(st.sampled_from("ab0 \0é€𝄞"), max_size=40) | st.text(max_size=20)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as found:
        yield found


@given(texts=st.lists(TEXTS, max_size=30), begin=st.integers(0, 3))
def test_the_hash_is_that_of_duckdb(connection, texts, begin):
    column = pa.array(texts, pa.string())[begin:]
    connection.register("texts", pa.table({"text": column}))
    theirs = connection.execute("FROM texts SELECT hash(text) AS h").fetchnumpy()["h"]
    np.testing.assert_array_equal(text_hashes(column), theirs)
    assert sizes(column).tolist() == [len(text.encode()) for text in texts[begin:]]


def test_texts_of_every_size_have_the_hash_of_duckdb(connection):
    text = "0123456789abcdef" * 16
    column = pa.array([text[:size] for size in range(LONGEST + 1)])
    connection.register("texts", pa.table({"text": column}))
    theirs = connection.execute("FROM texts SELECT hash(text) AS h").fetchnumpy()["h"]
    np.testing.assert_array_equal(text_hashes(column), theirs)


def test_duckdb_is_asked_whether_it_still_hashes_so(connection, monkeypatch):
    assert agrees(connection)
    monkeypatch.setattr(text_hash, "_MULTIPLIER", np.uint64(3))
    assert not agrees(connection)

"""A cut has the rows of its queues and no others, here and in another process."""

from __future__ import annotations

import pickle

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from wfm.pipeline.cut import Cut, bounds_of, cut

NAMES = st.lists(st.sampled_from("abcdef"), max_size=30)


@given(names=NAMES, wanted=st.sets(st.sampled_from("abcdefg")))
def test_a_cut_has_the_rows_of_its_queues(names: list[str], wanted: set[str]):
    table = pd.DataFrame({"queue": pd.Series(sorted(names), dtype="str"), "n": range(len(names))})
    expected = table[table["queue"].isin(wanted)].reset_index(drop=True)
    found = Cut(table, bounds_of(table), tuple(wanted))
    assert_frame_equal(found.rows(), expected)
    sent = pickle.loads(pickle.dumps(found))  # noqa: S301 - what multiprocessing does
    assert_frame_equal(sent.rows(), expected)
    assert len(sent.table) == len(expected)


def test_a_table_that_is_not_sorted_is_refused():
    with pytest.raises(ValueError, match="sorted"):
        cut(pd.DataFrame({"queue": ["a", "b", "a"]}), ["a"])

"""Compact rows are counted as pandas counts them, and repeated ids found, however they lie in the file."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wfm.io import compact, repeats
from wfm.io import tally as tallying
from wfm.io.compact import CompactRows, CompactWriter
from wfm.io.plain_arrays import NO_VALUE, ROWS
from wfm.io.plain_cells import BUCKET_US, SECONDS
from wfm.io.repeats import matching, repeated, upper_half
from wfm.io.tally import Limits, tally
from wfm.tables import OUTCOMES

WITHIN_US = {"billing": 20_000_000, "sales": 500_000, "Büro": 0}
LIMITS = Limits(WITHIN_US, {"billing": 5_000_000, "sales": 0, "Büro": 10**9})
MANY = settings(max_examples=25)
DURATIONS = st.sampled_from([NO_VALUE, 0, 500, 501, 5_000, 20_000, 20_001, 2**31 - 1])
BUCKETS = st.integers(5_000_000, 5_000_020) | st.sampled_from([288, 13_000_000])  # 1970 and 2093
IDS = st.integers(0, 2**64 - 1) | st.sampled_from([1, 2, 2**32, 2**32 + 1, 2**63, 2**63 + 5])
ROW = st.tuples(IDS, st.integers(0, 2), st.integers(0, 3), BUCKETS, *[DURATIONS] * 4, st.integers(1, 3))
LOGS = st.lists(ROW, max_size=60)


def compacted(rows: list[tuple[int, ...]], path: Path, at_once: int) -> tuple[CompactRows, pd.DataFrame]:
    """Return rows as compact ones, and as a frame; the last number of each is how far its record is on."""
    values = {name: [row[place] for row in rows] for place, name in enumerate(ROWS.names[1:])}
    gaps = np.cumsum([row[-1] for row in rows], dtype=np.int64)
    columns = {"record": gaps, **values}
    typed: dict[str, Any] = {f.name: np.array(columns[f.name], dtype=f.type.to_pandas_dtype()) for f in ROWS}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(compact, "AT_ONCE", at_once)
        with CompactWriter(path) as writer:
            for begin in range(0, len(rows), 2):
                part = {name: column[begin : begin + 2] for name, column in typed.items()}
                writer.add({**part, "record": part["record"] - np.uint32(1)}, 1)
    return writer.written, pd.DataFrame(typed)


def by_pandas(rows: pd.DataFrame, buckets: int) -> pd.DataFrame:
    """Return what `tally` should, row by row and group by group."""
    queues = list(LIMITS.within_us)
    found = []
    intervals = rows["bucket"].astype("int64") // buckets
    for key, group in rows.groupby([rows["queue"].map(dict(enumerate(queues))), intervals]):
        name, bucket = str(key[0]), key[1]
        outcome = group["outcome"].map(dict(enumerate(OUTCOMES)))
        wait_us = group["wait_s"].astype("float64").where(group["wait_s"] >= 0) * 1000
        handled, abandoned = outcome == "handled", outcome.isin(["abandoned", "short_abandon"])
        in_target = wait_us <= LIMITS.within_us[name]
        short = (outcome == "short_abandon") | (wait_us <= LIMITS.short_us[name])
        times = group.loc[handled, list(SECONDS)].astype("float64")
        times = times.where(times >= 0)
        found.append(
            {
                "queue": name,
                "bucket": bucket,
                "offered": len(group),
                "handled": handled.sum(),
                "abandoned": abandoned.sum(),
                "short_abandoned": (abandoned & short).sum(),
                "flow_out": (outcome == "flow_out").sum(),
                "answered_in_target": (handled & in_target).sum(),
                "abandoned_in_target": (abandoned & in_target).sum(),
                "handle_n": times[["talk_s", "hold_s", "acw_s"]].notna().any(axis=1).sum(),
                **(times.sum(min_count=1) * 1000).to_dict(),
            }
        )
    return pd.DataFrame(found)


@MANY
@given(
    rows=LOGS,
    at_once=st.integers(1, 70),
    cells=st.integers(1, 80),
    buckets=st.sampled_from([1, 3]),
    left_out=st.sets(st.integers(0, 59)),
)
def test_counts_and_sums_are_those_of_pandas(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[int, ...]],
    at_once: int,
    cells: int,
    buckets: int,
    left_out: set[int],
):
    found, frame = compacted(rows, tmp_path_factory.mktemp("rows") / "rows.arrow", at_once)
    without = np.array(frame["record"].iloc[[place for place in sorted(left_out) if place < len(frame)]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallying, "MOST_CELLS", cells)
        counted = tally(found, without.astype(np.int64), LIMITS, buckets)
    expected = by_pandas(frame[~frame["record"].isin(without)], buckets)
    assert len(counted) == len(expected)
    if len(expected):
        order = ["queue", "bucket"]
        pd.testing.assert_frame_equal(
            counted.sort_values(order, ignore_index=True)[expected.columns],
            expected.sort_values(order, ignore_index=True),
            check_dtype=False,
            check_exact=True,
        )


@MANY
@given(rows=LOGS, at_once=st.integers(1, 70))
def test_rows_are_as_many_as_were_written_and_span_their_arrivals(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, ...]], at_once: int
):
    found, frame = compacted(rows, tmp_path_factory.mktemp("rows") / "rows.arrow", at_once)
    assert found.count() == len(frame)
    ends = [frame["bucket"].min(), frame["bucket"].max()] if len(frame) else []
    spans = [tuple(pd.Timestamp(int(end) * BUCKET_US, unit="us", tz="UTC") for end in ends)] if ends else []
    assert found.span() == spans
    kept = [pd.DataFrame(dict(part)) for part in found.each(ROWS.names, dict)]
    pd.testing.assert_frame_equal(pd.concat([frame.head(0), *kept], ignore_index=True), frame)


@MANY
@given(rows=LOGS, at_once=st.integers(1, 70), ids=st.integers(1, 70))
def test_rows_of_every_id_that_comes_twice_are_found_with_all_that_they_hold(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[int, ...]], at_once: int, ids: int
):
    found, frame = compacted(rows, tmp_path_factory.mktemp("rows") / "rows.arrow", at_once)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "IDS_AT_ONCE", ids)
        patch.setattr(repeats, "ROWS_AT_ONCE", at_once)
        tops = repeated(lambda: found.each(["id"], lambda part: upper_half(part["id"])), found.count())
        parts = [pd.DataFrame(dict(part)) for part in matching(found, tops, ROWS.names)] if len(tops) else []
    times = Counter(row[0] >> 32 for row in rows)
    assert tops.tolist() == sorted(top for top, count in times.items() if count > 1)
    expected = frame[(frame["id"] // 2**32).isin(tops)].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.concat([frame.head(0), *parts], ignore_index=True), expected)

"""Exports by interval: on the grid, finer, coarser, overlapping."""

from __future__ import annotations

import pandas as pd
import pytest

from tests.io.test_intake import CONFIG, configured
from wfm.errors import DataError
from wfm.io.intake import take_in
from wfm.io.tables import read_table
from wfm.tables import HISTORY


def interval_rows(starts: pd.DatetimeIndex, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"queue": "billing", "interval_start": [s.isoformat() for s in starts], **columns})


def test_an_interval_export_on_the_grid_passes_unchanged_and_its_gaps_stay_missing(tmp_path):
    starts = pd.date_range("2026-03-02T08:00Z", periods=9, freq="15min").delete(4)
    rows = interval_rows(
        starts, offered=range(8), handled=range(8), aht_s=[123.456 + n / 7 for n in range(8)]
    )
    rows.to_csv(tmp_path / "intervals.csv", index=False)
    history = take_in([tmp_path / "intervals.csv"], CONFIG).history
    wanted = read_table(tmp_path / "intervals.csv", HISTORY)
    pd.testing.assert_frame_equal(history, wanted)
    zeros = take_in([tmp_path / "intervals.csv"], configured(**{"import": {"absent": "zero"}})).history
    assert len(zeros) == 9
    assert zeros["offered"].sum() == rows["offered"].sum()


def test_finer_intervals_are_summed_and_their_handle_time_weighted(tmp_path):
    starts = pd.date_range("2026-03-02T08:00Z", periods=6, freq="5min")
    rows = interval_rows(
        starts, offered=[1, 2, 3, 4, 5, 6], handled=[1, 1, 2, 0, 3, 1], aht_s=[60, 90, 30, "", 10, 50]
    )
    rows.to_csv(tmp_path / "intervals.csv", index=False)
    history = take_in([tmp_path / "intervals.csv"], CONFIG).history
    assert history["offered"].tolist() == [6, 15]
    assert history["handled"].tolist() == [4, 4]
    assert history["aht_s"].tolist() == [(60 + 90 + 2 * 30) / 4, (3 * 10 + 50) / 4]


def test_coarser_intervals_are_refused_with_the_setting_that_fits(tmp_path):
    starts = pd.date_range("2026-03-02T08:00Z", periods=6, freq="30min")
    interval_rows(starts, offered=1).to_csv(tmp_path / "intervals.csv", index=False)
    with pytest.raises(DataError, match="interval_min = 30"):
        take_in([tmp_path / "intervals.csv"], CONFIG)


def test_of_overlapping_interval_files_the_later_holds(tmp_path):
    starts = pd.date_range("2026-03-02T08:00Z", periods=6, freq="15min")
    interval_rows(starts, offered=1).to_csv(tmp_path / "a.csv", index=False)
    interval_rows(starts[3:], offered=[2, 1, 2]).to_csv(tmp_path / "b.csv", index=False)
    intake = take_in([tmp_path / "a.csv", tmp_path / "b.csv"], CONFIG)
    assert intake.history["offered"].tolist() == [1, 1, 1, 2, 1, 2]
    assert (intake.rows_read, intake.rows_kept, intake.rows_duplicate) == (9, 6, 3)


def test_overlapping_files_of_different_interval_lengths_are_refused(tmp_path):
    interval_rows(pd.date_range("2026-03-02T08:00Z", periods=9, freq="5min"), offered=1).to_csv(
        tmp_path / "a.csv", index=False
    )
    interval_rows(pd.date_range("2026-03-02T08:00Z", periods=9, freq="15min"), offered=3).to_csv(
        tmp_path / "b.csv", index=False
    )
    with pytest.raises(DataError, match="overlap"):
        take_in([tmp_path / "a.csv", tmp_path / "b.csv"], CONFIG)


def test_a_mark_for_thousands_that_was_read_as_a_decimal_is_warned_of(tmp_path):
    path, mapping = tmp_path / "export.csv", tmp_path / "mapping.toml"
    counts = [7, 1234, 999, 2001, 12, 0, 5678, 40]
    starts = pd.date_range("2026-03-02T08:00Z", periods=len(counts), freq="15min")
    written = [f"{count:,}".replace(",", ".") for count in counts]
    interval_rows(starts, offered=written).to_csv(path, index=False)
    intake = take_in([path], CONFIG)
    broken = [count for count in counts if count >= 1000]
    assert intake.history["offered"].sum() == pytest.approx(sum(counts) - 0.999 * sum(broken))
    warning = next(text for text in intake.warnings if "not whole" in text)
    assert f"in {len(broken)} intervals, 1.234 in the first" in warning
    columns = "\n".join(f'{name} = "{name}"' for name in ("queue", "interval_start", "offered"))
    keys = 'grain = "interval"\ndecimal = ","\nthousands = "."'
    mapping.write_text(f"[source.a]\n{keys}\n[source.a.columns]\n{columns}\n", encoding="utf-8")
    intake = take_in([path], CONFIG, mapping=mapping)
    assert intake.history["offered"].tolist() == counts
    assert not any("not whole" in text for text in intake.warnings)

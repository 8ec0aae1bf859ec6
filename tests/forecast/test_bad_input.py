"""Histories that are wrong, odd or nearly empty: a clear error, or finite numbers with a note, never NaN."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.cli.tiny import changed_config, fails, history_rows, history_text, make_centre, succeeds, write
from tests.examples import examples
from tests.forecast.made import BERLIN, OFFICE, configured, history, local_dates_of
from wfm.errors import DataError
from wfm.forecast import ForecastResult, forecast
from wfm.tables import BANDS

PAST = history("2025-11-03", "2026-03-01")
DATES = local_dates_of(PAST)
AS_OF = pd.Timestamp("2026-03-02", tz=BERLIN)
AT = 500  # of the row that is made bad
GOOD_ROW = "hotline,2026-01-05T09:00:00,8,240"


def with_row(**cells: Any) -> pd.DataFrame:
    """Return the history with cells of one row changed."""
    changed = PAST.astype({"offered": object, "queue": object})
    for column, value in cells.items():
        changed.loc[AT, column] = value
    return changed


def replaced(keep: pd.Series, offered: float) -> pd.DataFrame:
    """Return the history with other contacts where `keep` is false."""
    return PAST.assign(offered=PAST["offered"].where(keep, offered))


def sound(past: pd.DataFrame, as_of: pd.Timestamp | None = AS_OF, **queues: Any) -> ForecastResult:
    """Return the forecast of two weeks, whose numbers are finite, not negative, and ordered."""
    result = forecast(past, configured(**queues), horizon_days=14, as_of=as_of)
    for table in (result.forecast, result.days):
        numbers = table[["offered", "aht_s", *BANDS]].to_numpy()
        assert len(numbers)
        assert np.isfinite(numbers).all()
        assert (numbers >= 0).all()
        assert (np.diff(table[list(BANDS)].to_numpy(), axis=1) >= 0).all()
    return result


def noted(result: ForecastResult, words: str) -> bool:
    """Return whether a note says so."""
    return any(words in note for note in result.notes)


USUAL = sound(PAST).forecast["offered"].sum()


def volume(result: ForecastResult) -> float:
    """Return the contacts of the forecast beside those from the good history."""
    return float(result.forecast["offered"].sum() / USUAL)


# What cannot be believed is refused, and named


@pytest.mark.parametrize(
    ("past", "words"),
    [
        pytest.param(with_row(offered=np.nan), "row 502, column offered: empty", id="nan"),
        pytest.param(with_row(offered=np.inf), "row 502, column offered, value 'inf'", id="inf"),
        pytest.param(with_row(offered=-np.inf), "row 502, column offered, value '-inf'", id="minus inf"),
        pytest.param(with_row(offered=-1.0), "row 502, column offered, value '-1.0': below 0", id="negative"),
        pytest.param(with_row(offered="many"), "row 502, column offered, value 'many'", id="text"),
        pytest.param(with_row(interval_start=pd.NaT), "row 502, column interval_start: empty", id="no stamp"),
        pytest.param(with_row(queue=None), "row 502, column queue: empty", id="no queue"),
        pytest.param(with_row(queue="b"), "'b'.*unknown queue", id="unknown queue"),
        pytest.param(PAST.assign(aht_s=np.inf), "column aht_s, value 'inf'", id="endless handle time"),
        pytest.param(
            PAST.assign(aht_s=-1.0), "column aht_s, value '-1.0': below 0", id="negative handle time"
        ),
        pytest.param(pd.concat([PAST, PAST.iloc[[AT]]]), "second row for one key", id="twice"),
        pytest.param(
            pd.concat([PAST, PAST.iloc[[AT]].assign(offered=999.0)]),
            "second row for one key",
            id="two counts",
        ),
        pytest.param(PAST.drop(columns="offered"), "column offered: missing column", id="no counts"),
    ],
)
def test_what_cannot_be_believed_is_an_error_that_names_it(past, words):
    with pytest.raises(DataError, match=words):
        forecast(past, configured(), horizon_days=14)


@pytest.mark.parametrize("minutes", [7, 15], ids=["off the clock", "off the grid"])
def test_a_stamp_that_is_not_on_the_grid_is_refused(minutes):
    stray = PAST["interval_start"].iloc[AT] + pd.Timedelta(minutes=minutes)
    with pytest.raises(DataError, match=r"queue a has intervals of \d+ min"):
        forecast(with_row(interval_start=stray), configured(), horizon_days=14)


def test_an_as_of_before_everything_is_an_error_with_both_times():
    with pytest.raises(DataError, match=r"no row before 2025-11-03T07:00:00.*begins at 2025-11-03T07:00:00"):
        sound(PAST, PAST["interval_start"].min())


# Rows of the future


def stray_row(day: str) -> pd.DataFrame:
    """Return the history and one row of another day."""
    start = pd.Timestamp(f"{day} 09:00", tz=BERLIN).tz_convert("UTC")
    return pd.concat([PAST, pd.DataFrame({"queue": ["a"], "interval_start": [start], "offered": [5.0]})])


@pytest.mark.parametrize("day", ["2026-03-02", "2026-06-08", "2030-01-07"])
def test_rows_after_as_of_change_nothing(day):
    plain, stray = (
        forecast(rows, configured(), horizon_days=14, as_of=AS_OF) for rows in (PAST, stray_row(day))
    )
    assert stray.forecast.equals(plain.forecast)
    assert stray.notes == plain.notes


@pytest.mark.parametrize("day", ["2026-06-08", "2030-01-07"])
def test_without_as_of_a_stray_row_of_the_future_is_told(day):
    """The forecast begins after it, so that somebody must be told why."""
    result = sound(stray_row(day), None)
    assert any("days" in note and "history" in note for note in result.notes), result.notes


# Histories of nothing, of one value, of one row


@pytest.mark.parametrize("hours", [OFFICE, ""], ids=["office", "always"])
def test_zeros_give_zeros_and_a_note_whatever_the_hours(hours):
    past = history("2026-01-05", hours=hours).assign(offered=0.0)
    result = sound(past, a={"hours": hours})
    assert not result.forecast[["offered", "offered_p90"]].to_numpy().any()
    assert noted(result, "the forecast is zero")


def test_a_silent_queue_does_not_disturb_its_neighbour():
    past = pd.concat([PAST, PAST.assign(queue="b", offered=0.0)])
    result = sound(past, a={"hours": OFFICE}, b={"hours": OFFICE})
    alone = sound(PAST).forecast["offered"].to_numpy()
    of_queue = dict(list(result.forecast.groupby("queue")["offered"]))
    assert of_queue["a"].to_numpy() == pytest.approx(alone, rel=1e-9)
    assert not of_queue["b"].any()
    assert [note[:2] for note in result.notes if "the forecast is zero" in note] == ["b:"]


@pytest.mark.parametrize("offered", [1e-9, 0.5, 1e6])
def test_a_constant_series_goes_on(offered):
    found = sound(PAST.assign(offered=offered))
    assert found.forecast["offered"].to_numpy() == pytest.approx(offered, rel=0.01)
    assert found.days["aht_s"].to_numpy() == pytest.approx(200.0)


def test_a_series_that_repeats_every_week_goes_on():
    exact = history("2025-11-03", "2026-03-01", seed=None)
    truth = history("2026-03-02", "2026-03-15", seed=None)["offered"].to_numpy()
    assert sound(exact).forecast["offered"].to_numpy() == pytest.approx(truth, rel=0.01)


@pytest.mark.parametrize("offered", [0.0, 1.0, 1e7])
def test_one_row_is_a_short_history(offered):
    result = sound(PAST.iloc[[AT]].assign(offered=offered), None)
    assert noted(result, "short history of 1 day,")
    assert (result.forecast["offered"] > 1e-9).any() == (offered > 0)


def test_contacts_in_closed_hours_alone_give_zeros_and_a_note():
    night = PAST.assign(interval_start=PAST["interval_start"] + pd.Timedelta(hours=12))
    result = sound(night)
    assert not result.forecast["offered"].any()
    assert noted(result, "the forecast is zero")


def test_an_absurd_interval_is_left_out_and_told():
    result = sound(with_row(offered=1e12))
    assert noted(result, "not learnt from")
    assert volume(result) == pytest.approx(1.0, abs=0.01)


# Gaps, silence, and what came before


def test_weeks_of_zeros_at_the_end_are_an_outage_that_is_told():
    result = sound(replaced(DATES < "2026-02-02", 0.0))
    assert noted(result, "read as outage")
    assert volume(result) == pytest.approx(1.0, abs=0.03)


@pytest.mark.parametrize("weeks", [2, 4])
def test_a_queue_that_opened_after_months_of_zeros_has_its_own_level(weeks):
    open_already = PAST["interval_start"] >= AS_OF - pd.DateOffset(weeks=weeks)
    assert volume(sound(replaced(open_already, 0.0))) == pytest.approx(1.0, abs=0.1)


def test_a_gap_of_months_before_the_forecast_is_told():
    result = sound(PAST, pd.Timestamp("2026-09-01", tz=BERLIN))
    assert noted(result, "the history ends 184 days before the forecast begins")
    assert volume(result) == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize(("level", "weeks"), [(20.0, 2), (40.0, 4)])
def test_after_a_gap_of_months_the_weeks_since_are_believed(level, weeks):
    before = history("2025-03-03", "2025-06-01")
    since = history(str((AS_OF - pd.DateOffset(weeks=weeks)).date()), "2026-03-01", level=level, seed=3)
    assert volume(sound(pd.concat([before, since]))) == pytest.approx(level / 20.0, rel=0.1)


def test_a_gap_of_months_within_the_history_is_told():
    result = sound(PAST[(DATES < "2025-11-24") | (DATES >= "2026-02-16")])
    assert any("2025-11-2" in note or "days without" in note for note in result.notes), result.notes


def test_a_queue_that_stopped_long_ago_is_told_beside_one_that_goes_on():
    past = pd.concat([PAST, PAST[DATES < "2025-12-01"].assign(queue="b")])
    result = sound(past, a={"hours": OFFICE}, b={"hours": OFFICE})
    assert [note[:2] for note in result.notes if "the history ends" in note] == ["b:"]


# Any mixture of them


@given(
    keep=st.floats(0.001, 1.0),
    scale=st.sampled_from([0.0, 1e-3, 0.05, 1.0, 1e4]),
    cut=st.tuples(st.integers(0, 2000), st.integers(0, 2000)),
    noise=st.sampled_from(["counts", "fractions", "bursts", "zero days"]),
    seed=st.integers(0, 2**16),
)
@settings(max_examples=examples(12, quick=5))
def test_any_history_of_counts_gives_finite_numbers(keep, scale, cut, noise, seed):
    random = np.random.default_rng(seed)
    rows = PAST.iloc[min(cut) : max(cut) + 1]
    rows = rows[random.random(len(rows)) <= keep]
    rows = PAST.iloc[[cut[0]]] if rows.empty else rows
    kinds: dict[str, Callable[[np.ndarray], Any]] = {
        "counts": random.poisson,
        "fractions": lambda mean: mean * random.random(len(mean)),
        "bursts": lambda mean: mean * (random.random(len(mean)) > 0.9) * 50,
        "zero days": lambda mean: mean * (random.random(200)[np.arange(len(mean)) // 24 % 200] > 0.5),
    }
    offered = np.asarray(kinds[noise](rows["offered"].to_numpy() * scale), dtype=float)
    sound(rows.assign(offered=offered), None)


# Through the command line


@pytest.fixture
def centre(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the tiny centre, which is also the current one; the default models."""
    make_centre(tmp_path)
    monkeypatch.chdir(tmp_path)
    changed_config({'models = ["seasonal_naive"]\n': ""}, "wfm.toml")
    return tmp_path


def refused(code: int, rows: list[str], *options: str) -> str:
    """Forecast a history of these rows, which must end with `code` and no file; return the message."""
    before = sorted(path.name for path in Path().iterdir())
    write("bad.csv", history_text(rows))
    outputs = ("-o", "new.csv", "--days", "days.csv", "--scores", "scores.csv")
    message = fails(code, "forecast", "bad.csv", *outputs, *options)
    assert sorted(path.name for path in Path().iterdir()) == sorted([*before, "bad.csv"])
    return message


def test_text_in_numbers_is_4_and_names_each_cell(centre):
    cells = ["inf", "-inf", "1e400", "0x1F", "1_000", "1 000", "12 calls", "#N/A", "NULL", "TRUE", "--"]
    rows = [f"hotline,2026-01-{5 + day:02d}T10:00:00,{cell},240" for day, cell in enumerate(cells)]
    message = refused(4, [GOOD_ROW, *rows])
    assert f"{len(cells)} data faults" in message
    for place, cell in enumerate(cells):
        assert f"row {place + 3}, column offered, value '{cell}'" in message


def test_text_in_handle_times_is_4_and_names_the_cell(centre):
    message = refused(4, [GOOD_ROW, "hotline,2026-01-05T10:00:00,8,4 min"])
    assert "row 3, column aht_s, value '4 min'" in message


def test_intervals_of_another_length_are_4_and_name_the_setting(centre):
    halves = [row.replace(":00:00,", ":30:00,") for row in history_rows()]
    assert "interval_min" in refused(4, sorted([*history_rows(), *halves]))


@pytest.mark.parametrize(
    ("code", "option", "value", "words"),
    [
        pytest.param(4, "--as-of", "2020-01-01T00:00", "no row before", id="before everything"),
        pytest.param(2, "--as-of", "yesterday", "yesterday", id="no time"),
        pytest.param(2, "--horizon", "0d", "0d", id="no days"),
        pytest.param(2, "--horizon", "-1w", "-1w", id="backwards"),
        pytest.param(2, "--horizon", "soon", "soon", id="no span"),
    ],
)
def test_an_origin_or_span_that_cannot_be_is_refused(centre, code, option, value, words):
    assert words in refused(code, history_rows(), option, value)


def test_rows_after_as_of_leave_the_file_as_it_is(centre):
    rows, written = history_rows(), list[bytes]()
    for name, past in (("known", rows), ("more", [*rows, "hotline,2026-03-04T09:00:00,999,240"])):
        write("past.csv", history_text(past))
        succeeds("forecast", "past.csv", "--as-of", "2026-03-02T00:00", "-o", f"{name}.csv")
        written.append(Path(f"{name}.csv").read_bytes())
    assert written[0] == written[1]


def test_a_history_without_a_handled_call_is_3_and_names_the_key(centre):
    silent = [",".join([*row.split(",")[:2], "0", "240"]) for row in history_rows()]
    assert "queues.hotline.aht_s: no handle time" in refused(3, silent)


@pytest.mark.parametrize(
    ("rows", "offered", "words"), [(1, "8", "short history of 1 day,"), (None, "0", "the forecast is zero")]
)
def test_a_forecast_from_next_to_nothing_says_so(centre, rows, offered, words):
    changed_config({"service_level = 0.80": "service_level = 0.80\naht_s = 200"}, "wfm.toml")
    thin = [",".join([*row.split(",")[:2], offered, "240"]) for row in history_rows()[:rows]]
    write("thin.csv", history_text(thin))
    outcome = succeeds("forecast", "thin.csv", "-o", "new.csv")
    assert words in " ".join(outcome.err.split())
    assert "nan" not in Path("new.csv").read_text(encoding="utf-8").lower()

"""Earlier forecasts against what happened: published values, laws, and a plain recount of random tables."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.forecast.made import BERLIN, configured, events
from wfm.errors import DataError
from wfm.forecast.hindsight import LEADS, EarlierForecast, Hindsight, hindsight
from wfm.localtime import interval_grid
from wfm.tables import BANDS, HINDSIGHT

NEW_YORK = "America/New_York"
RATIOS = ["wape", "day_wape", "bias", "aht_wape", "aht_bias"]
Row = dict[str, Any]


def hours_of(first: str, last: str, timezone: str = BERLIN) -> pd.DatetimeIndex:
    """Return the hours of the local dates `first` to `last`."""
    return interval_grid(date.fromisoformat(first), date.fromisoformat(last), timezone, 60)


def expected(starts: pd.DatetimeIndex, offered: Any, **columns: Any) -> pd.DataFrame:
    """Return FORECAST whose bands are 0 and a million, unless columns say otherwise."""
    wide = dict.fromkeys(BANDS[:2], 0.0) | dict.fromkeys(BANDS[2:], 1e6)
    usual = {"queue": "a", "aht_s": 200.0, **wide, "model": "any", **columns}
    return pd.DataFrame({"interval_start": starts, "offered": offered}).assign(**usual)


def came(starts: pd.DatetimeIndex, offered: Any, *, queue: str = "a", **columns: Any) -> pd.DataFrame:
    """Return HISTORY."""
    rows = pd.DataFrame({"queue": queue, "interval_start": starts, "offered": offered})
    return rows.assign(**columns).astype({"offered": "float64"})


def scored(
    rows: pd.DataFrame, history: pd.DataFrame, *, made: pd.Timestamp | None = None, **keys: Any
) -> Hindsight:
    """Return the hindsight of one forecast in a centre of hours, its one queue always open."""
    made = rows["interval_start"].min() if made is None else made
    config = configured(60, a={"hours": ""}, sections=keys.pop("sections", None))
    return hindsight([EarlierForecast("run", made, rows)], history, config, **keys)


def one_row(found: Hindsight) -> pd.Series:
    """Return the only row of the scores."""
    (row,) = (row for _, row in found.scores.iterrows())
    return row


def test_the_golden_example_gives_its_published_figures() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")[:4]
    row = one_row(scored(expected(starts, [100.0, 120, 80, 40]), came(starts, [110, 100, 90, 30])))
    assert row["wape"] == pytest.approx(0.1515, abs=5e-5)
    assert row["bias"] == pytest.approx(0.0303, abs=5e-5)
    assert row["day_wape"] == pytest.approx(0.0303, abs=5e-5)
    assert (row["intervals"], row["days"], row["offered"], row["forecast"]) == (4, 1, 330, 340)


@pytest.mark.parametrize(
    ("mean", "published"), [(5, 0.351), (10, 0.250), (20, 0.178), (50, 0.113), (100, 0.080), (500, 0.036)]
)
@pytest.mark.parametrize("level", [1.0, 0.8], ids=["right level", "too low"])
def test_the_noise_floor_is_the_published_one_at_the_level_of_what_came(
    mean: float, published: float, level: float
) -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    row = one_row(scored(expected(starts, level * mean), came(starts, mean)))
    assert row["noise_floor"] == pytest.approx(published, abs=6e-4)
    day = 24 * mean  # the sum of Poisson counts is one
    assert row["day_noise_floor"] == pytest.approx(math.sqrt(2 / (math.pi * day)), rel=2e-3)


def test_a_forecast_of_poisson_means_reaches_the_floor_and_its_bands_hold() -> None:
    starts = hours_of("2026-01-05", "2026-03-15")
    mean = np.random.default_rng(1).uniform(5, 60, len(starts))
    offered = np.random.default_rng(2).poisson(mean)
    deviation = np.sqrt(mean)
    bands = dict(zip(BANDS, (mean + z * deviation for z in (-1.96, -1.2816, 0, 1.2816, 1.96)), strict=True))
    found = scored(expected(starts, mean, **bands), came(starts, offered)).scores
    size = found["intervals"].sum()
    for name, promised in (("coverage_80", 0.8), ("coverage_95", 0.95)):
        share = (found[name] * found["intervals"]).sum() / size
        error = math.sqrt(promised * (1 - promised) / size)
        assert abs(share - promised) < 4 * error + 0.01  # 0.01: a normal band of counts
    total = found["offered"].sum()
    gap = ((found["wape"] - found["noise_floor"]) * found["offered"]).sum() / total
    assert abs(gap) < 4 * math.sqrt((1 - 2 / math.pi) * mean.sum()) / total


def test_a_perfect_forecast_scores_nothing_and_covers() -> None:
    starts = hours_of("2026-03-02", "2026-04-12")
    offered = np.arange(len(starts)) % 7 + 1.0
    bands = {band: offered + step for band, step in zip(BANDS, (-0.5, -0.25, 0, 0.25, 0.5), strict=True)}
    history = came(starts, offered, aht_s=200.0, handled=offered)
    found = scored(expected(starts, offered, **bands), history).scores
    assert (found[[*RATIOS]] == 0).all(axis=None)
    assert (found[["coverage_80", "coverage_95"]] == 1).all(axis=None)
    assert found["lead_from_day"].tolist() == list(LEADS)
    assert found["lead_to_day"].dropna().tolist() == [0, 1, 3, 7, 14, 28]
    assert found["days"].tolist() == [1, 1, 2, 4, 7, 14, 13]
    assert found["intervals"].sum() == len(starts)


@given(factor=st.floats(0.01, 1000), seed=st.integers(0, 99))
@settings(max_examples=4)
def test_a_centre_of_another_size_has_the_same_ratios(factor: float, seed: int) -> None:
    starts, draw = hours_of("2026-03-02", "2026-03-08"), np.random.default_rng(seed)
    mean, offered = draw.uniform(1, 9, (2, len(starts)))
    aht_s = draw.uniform(60, 600, len(starts))
    small = scored(expected(starts, mean), came(starts, offered, aht_s=aht_s)).scores
    large = scored(
        expected(starts, factor * mean, aht_s=factor * 200),
        came(starts, factor * offered, aht_s=factor * aht_s),
    ).scores
    pd.testing.assert_frame_equal(small[RATIOS], large[RATIOS])


@given(hours=st.integers(-30, 200))
@settings(max_examples=5)
def test_what_lies_before_the_forecast_was_made_is_never_counted(hours: int) -> None:
    starts = hours_of("2026-03-02", "2026-03-08")
    made = starts[0] + pd.Timedelta(hours=hours)
    found = scored(expected(starts, 5.0), came(starts, 7), made=made).scores
    assert found["intervals"].sum() == (starts >= made).sum()


def test_what_has_not_happened_is_not_counted_and_nothing_at_all_is_no_row() -> None:
    starts = hours_of("2026-03-02", "2026-03-08")
    assert scored(expected(starts, 5.0), came(starts[:30], 7)).scores["intervals"].sum() == 30
    before = came(hours_of("2026-03-01", "2026-03-01"), 7)
    found = scored(expected(starts, 5.0), before)
    assert found.scores.empty
    assert list(found.scores.columns) == HINDSIGHT.names
    assert found.last_days == ()


def test_a_missing_row_is_not_a_zero_unless_the_import_says_so() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    history = came(starts, 10).drop(index=[4, 5])
    row = one_row(scored(expected(starts, 10.0), history))
    assert (row["intervals"], row["days"], row["wape"]) == (22, 0, 0)
    row = one_row(scored(expected(starts, 10.0), history, sections={"import": {"absent": "zero"}}))
    assert (row["intervals"], row["days"]) == (24, 1)
    assert row["wape"] == pytest.approx(20 / 220)


@pytest.mark.parametrize(
    ("first", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)], ids=["23", "25", "24"]
)
def test_a_clock_change_day_is_one_complete_day(first: str, hours: int) -> None:
    starts = hours_of(first, first)
    assert len(starts) == hours
    row = one_row(scored(expected(starts, 9.0), came(starts, 10)))
    assert (row["intervals"], row["days"]) == (hours, 1)
    assert row["day_wape"] == pytest.approx(0.1)


def test_the_lead_counts_local_dates_across_a_clock_change() -> None:
    starts = hours_of("2026-03-28", "2026-03-30")
    made = hours_of("2026-03-27", "2026-03-27")[-1]  # 23:00, an hour before the first of three days
    found = scored(expected(starts, 9.0), came(starts, 10), made=made).scores
    assert found["lead_from_day"].tolist() == [1, 2]
    assert found["intervals"].tolist() == [24, 23 + 24]


def test_a_day_that_had_begun_is_no_day_but_contacts_out_of_hours_do_not_begin_it() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    config = configured(60, a={"hours": "Mon-Fri 08:00-18:00"})
    opening, noon = starts[8], starts[12]

    def days(rows: pd.DatetimeIndex) -> int:
        forecast = EarlierForecast.of("run", expected(rows, 9.0))
        return int(one_row(hindsight([forecast], came(starts, 10), config))["days"])

    assert days(starts[(starts >= noon) & (starts < starts[18])]) == 0
    assert days(starts[(starts >= opening) & (starts < starts[18])]) == 1


def test_outages_count_unless_events_are_given() -> None:
    starts = hours_of("2026-03-02", "2026-03-03")
    offered = np.where(np.arange(48) == 10, 0, 10)
    outage = events(("down", "2026-03-02T10:15", "2026-03-02T10:45", "outage", None))
    told = scored(expected(starts, 10.0), came(starts, offered), events=outage)
    untold = scored(expected(starts, 10.0), came(starts, offered))
    assert told.scores["wape"].tolist() == [0, 0]
    assert (told.scores["intervals"].tolist(), told.scores["days"].tolist(), told.hidden) == (
        [23, 24],
        [0, 1],
        1,
    )
    assert untold.scores["wape"].tolist() == pytest.approx([10 / 230, 0])
    assert (untold.scores["days"].tolist(), untold.hidden) == ([1, 1], 0)


def test_campaigns_count_and_closures_do_not_keep_email_away() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    campaign = events(("mail", "2026-03-02T10:00", "2026-03-02T12:00", "campaign", 2.0))
    assert scored(expected(starts, 9.0), came(starts, 10), events=campaign).hidden == 0
    closed = events(("party", "2026-03-02T10:00", "2026-03-02T12:00", "closed", None))
    assert scored(expected(starts, 9.0), came(starts, 10), events=closed).hidden == 2
    post = configured(60, a={"channel": "email", "hours": "Mon-Fri 08:00-18:00", "deadline_h": 8})
    forecast = EarlierForecast.of("run", expected(starts, 9.0))
    assert hindsight([forecast], came(starts, 10), post, events=closed).hidden == 0


def test_of_forecasts_made_at_one_moment_the_last_counts() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    runs = [EarlierForecast.of(name, expected(starts, value)) for name, value in (("x", 5.0), ("y", 10.0))]
    config = configured(60, a={"hours": ""})
    found = hindsight(runs, came(starts, 10), config)
    assert one_row(found)["wape"] == 0
    assert found.last_days[0].run == "y"
    assert "1 of 2 forecasts" in found.notes[0]
    assert one_row(hindsight(runs[::-1], came(starts, 10), config))["wape"] == pytest.approx(0.5)


def test_the_last_day_is_judged_by_the_newest_forecast_of_it() -> None:
    weeks = hours_of("2026-03-02", "2026-03-08")
    nights = [(f"2026-03-0{day}", 10.0 + day) for day in (2, 4, 5)]
    runs = [EarlierForecast.of(day, expected(weeks[weeks >= hours_of(day, day)[0]], f)) for day, f in nights]
    until = came(hours_of("2026-03-02", "2026-03-04"), 10)
    half = came(hours_of("2026-03-05", "2026-03-05")[:12], 10)
    (day,) = hindsight(runs, pd.concat([until, half]), configured(60, a={"hours": ""})).last_days
    assert (day.queue, day.run, f"{day.date:%Y-%m-%d}", day.lead_days) == ("a", "2026-03-04", "2026-03-04", 0)
    assert (day.offered, day.forecast) == (240, 24 * 14)


def test_a_queue_that_left_the_configuration_is_named_and_left_out() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    both = pd.concat([expected(starts, 10.0), expected(starts, 10.0, queue="gone")])
    found = scored(both, came(starts, 10))
    assert found.scores["queue"].tolist() == ["a"]
    assert any(note.startswith("gone:") for note in found.notes)


def test_intervals_of_another_length_are_refused() -> None:
    starts = hours_of("2026-03-02", "2026-03-02")
    halves = interval_grid(date(2026, 3, 2), date(2026, 3, 2), BERLIN, 30)
    with pytest.raises(DataError, match="intervals of 30 min") as refusal:
        scored(expected(halves, 10.0), came(starts, 10))
    assert "run" in str(refusal.value)


def test_a_forecast_without_rows_is_refused() -> None:
    with pytest.raises(DataError, match="without rows"):
        EarlierForecast.of("run", expected(hours_of("2026-03-02", "2026-03-02")[:0], []))


@st.composite
def centres(draw: st.DrawFn) -> tuple[list[EarlierForecast], pd.DataFrame]:
    """Draw forecasts of two queues in two zones around both clock changes, and a history with holes."""
    around = draw(st.sampled_from(["2026-03-05", "2026-03-26", "2026-10-22", "2026-10-29"]))
    random = np.random.default_rng(draw(st.integers(0, 10**6)))
    first = date.fromisoformat(around)
    starts = interval_grid(first, first + timedelta(days=9), BERLIN, 60)
    history = pd.concat([_history(random, starts, queue) for queue in ("a", "b")], ignore_index=True)
    begins = sorted(draw(st.sets(st.integers(0, 150), min_size=1, max_size=4)))
    runs = [EarlierForecast.of(f"r{at}", _forecast(random, starts[at : at + 190])) for at in begins]
    return runs, history


def _history(random: np.random.Generator, starts: pd.DatetimeIndex, queue: str) -> pd.DataFrame:
    size = len(starts)
    rows = came(
        starts,
        random.poisson(random.uniform(0, 12, size)),
        queue=queue,
        aht_s=np.where(random.random(size) < 0.2, np.nan, random.uniform(0, 400, size)),
        handled=np.where(random.random(size) < 0.2, np.nan, random.integers(0, 9, size)),
    )
    kept: pd.DataFrame = rows[random.random(size) < random.choice([0.9, 0.99, 1.0])]
    return kept


def _forecast(random: np.random.Generator, starts: pd.DatetimeIndex) -> pd.DataFrame:
    parts = []
    for queue in ("a", "b"):
        bands = np.sort(random.integers(0, 15, (len(starts), 5)), axis=1).astype(float)
        values = {"aht_s": random.uniform(1, 400, len(starts)), **dict(zip(BANDS, bands.T, strict=True))}
        parts.append(expected(starts, random.uniform(0, 12, len(starts)), queue=queue, **values))
    return pd.concat(parts, ignore_index=True)


@given(centre=centres())
@settings(max_examples=6)
def test_random_tables_score_as_counted_row_by_row(
    centre: tuple[list[EarlierForecast], pd.DataFrame],
) -> None:
    runs, history = centre
    zones = {"a": BERLIN, "b": NEW_YORK}
    queues: dict[str, Any] = {name: {"hours": "", "timezone": zone} for name, zone in zones.items()}
    found = hindsight(runs, history, configured(60, **queues)).scores
    counted = dict(recount(runs, history, zones))
    assert set(zip(found["queue"], found["lead_from_day"], strict=True)) == set(counted)
    for row in found.to_dict("records"):
        key = row["queue"], row["lead_from_day"]
        for name, value in counted[key].items():
            assert row[name] == pytest.approx(value, rel=1e-9, abs=1e-12, nan_ok=True), name


def recount(
    runs: list[EarlierForecast], history: pd.DataFrame, zones: dict[str, str]
) -> Iterator[tuple[tuple[str, int], Row]]:
    """Yield key and figures of HINDSIGHT by loops over plain values, with the clocks of `zoneinfo`."""
    past = {(row["queue"], row["interval_start"]): row for row in history.to_dict("records")}
    cells: dict[tuple[str, int], list[Row]] = defaultdict(list)
    days: dict[tuple[str, int], list[list[Row]]] = defaultdict(list)
    for run in runs:
        by_day: dict[tuple[str, date], list[Row]] = defaultdict(list)
        for row in run.rows.to_dict("records"):
            came_row = past.get((row["queue"], row["interval_start"]))
            day = _local(row["interval_start"], zones[row["queue"]])
            by_day[row["queue"], day].append({"run": run.run, "f": row, "y": came_row})
        for (queue, day), rows in by_day.items():
            first = _local(run.made, zones[queue])
            lead = (day - first).days
            bucket = next(a for a, b in pairwise([*LEADS, 10**6]) if a <= lead < b)
            judged = [row for row in rows if row["y"] is not None]
            cells[queue, bucket] += judged
            begun = day == first and any(
                row["offered"] > 0 and start < run.made and _local(start, zones[queue]) == day
                for (name, start), row in past.items()
                if name == queue
            )
            if len(judged) == len(rows) and not begun:
                days[queue, bucket].append(rows)
    for (queue, bucket), rows in cells.items():
        if rows:
            yield (queue, bucket), _counted(rows, days[queue, bucket])


def _local(moment: pd.Timestamp, zone: str) -> date:
    instant: datetime = moment.to_pydatetime()
    return instant.astimezone(ZoneInfo(zone)).date()


def _counted(rows: list[Row], days: list[list[Row]]) -> Row:
    pairs = [(row["f"]["offered"], row["y"]["offered"]) for row in rows]
    whole = [(sum(r["f"]["offered"] for r in day), sum(r["y"]["offered"] for r in day)) for day in days]
    total = sum(y for _, y in pairs)
    timed = [
        (row["f"]["aht_s"], row["y"]["aht_s"], weight)
        for row in rows
        for weight in [row["y"]["offered"] if math.isnan(row["y"]["handled"]) else row["y"]["handled"]]
        if row["y"]["aht_s"] > 0 and weight > 0
    ]
    return {
        "forecasts": len({row["run"] for row in rows}),
        "intervals": len(rows),
        "days": len(days),
        "offered": total,
        "forecast": sum(f for f, _ in pairs),
        "wape": _over(sum(abs(f - y) for f, y in pairs), total),
        "bias": _over(sum(f - y for f, y in pairs), total),
        "day_wape": _over(sum(abs(f - y) for f, y in whole), sum(y for _, y in whole)),
        "coverage_80": sum(_covered(row, BANDS[1], BANDS[3]) for row in rows) / len(rows),
        "coverage_95": sum(_covered(row, BANDS[0], BANDS[4]) for row in rows) / len(rows),
        "aht_wape": _over(sum(w * abs(f - y) / y for f, y, w in timed), sum(w for _, _, w in timed)),
        "aht_bias": _over(sum(w * (f - y) for f, y, w in timed), sum(w * y for _, y, w in timed)),
    }


def _over(numerator: float, denominator: float) -> float:
    return numerator / denominator if denominator > 0 else math.nan


def _covered(row: Row, low: str, high: str) -> float:
    """Return 1 inside, 0 outside, and one half on an edge if five contacts or more were expected."""
    actual, edges = row["y"]["offered"], (row["f"][low], row["f"][high])
    if actual in edges and row["f"]["offered"] >= 5:
        return 0.5
    return float(edges[0] <= actual <= edges[1])

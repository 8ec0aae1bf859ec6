"""What a planner relies on: twelve laws of the default forecast, on made calls and some on real ones.

Variants of one history are queues of one forecast; errors are pooled over weekly origins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import chdir
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bench.real_series import ANONYMOUS_BANK, BANK
from tests.cli.tiny import changed_config, history_rows, history_text, make_centre, succeeds, write
from tests.examples import QUICK as QUICK_RUN
from tests.forecast.made import BERLIN, OFFICE, configured, grid, history, local_dates_of, rates
from wfm.config import Config, build_config
from wfm.forecast import ForecastResult, forecast
from wfm.forecast.registry import MEMBERS
from wfm.localtime import to_local
from wfm.tables import BANDS

HORIZON = pd.Timedelta(days=14)
ORIGINS = 4 if QUICK_RUN else 8  # weekly
MOVED_ORIGINS = {"made": 1, "real": 2} if QUICK_RUN else {"made": 3, "real": 6}
NEW_LEVEL = 1.4
QUICK = {"forecast": {"backtest_origins": 1}}  # where a model is named, there is nothing to choose
ODD_DAYS: dict[str, Callable[[pd.Series], pd.Series]] = {
    "a tenth": lambda offered: (offered * 0.1).round(),
    "zeros": lambda offered: offered * 0.0,
    "deleted": lambda offered: offered * np.nan,
    "triple": lambda offered: offered * 3,
}
Frames = Mapping[str, pd.DataFrame]
Change = Callable[[pd.DataFrame, pd.Timestamp], Frames]


@dataclass(frozen=True)
class Series:
    """Rows of one queue up to a horizon beyond the last of its origins, and the settings of the queue."""

    rows: pd.DataFrame
    timezone: str
    interval_min: int
    keys: dict[str, Any]
    made: bool = True

    @property
    def origins(self) -> list[pd.Timestamp]:
        """Return local midnights a week apart, the latest first, each with its whole horizon in the rows."""
        last = self.rows["interval_start"].max().tz_convert(self.timezone).normalize()
        latest = last + pd.Timedelta(days=1) - HORIZON
        return [latest - pd.DateOffset(weeks=week) for week in range(ORIGINS)]

    def config(self, names: Iterable[str], sections: dict[str, Any]) -> Config:
        """Return a configuration of queues with the settings of this one."""
        centre = {"timezone": self.timezone, "interval_min": self.interval_min}
        return build_config({"centre": centre, "queues": dict.fromkeys(names, self.keys), **sections})

    def forecast(self, variants: Frames, as_of: pd.Timestamp, models: tuple[str, ...] = ()) -> ForecastResult:
        """Return the forecast of two weeks from variants of the rows, each a queue of its name."""
        past = pd.concat(frame.assign(queue=name) for name, frame in variants.items())
        config = self.config(variants, QUICK if models else {})
        return forecast(past, config, horizon_days=HORIZON.days, as_of=as_of, models=models)

    def dates(self) -> pd.Series:
        """Return the local date (text) of each row."""
        return local_dates_of(self.rows, self.timezone)


def noisy(first: str, last: str, seed: int, level: float = 20.0, **where: Any) -> pd.DataFrame:
    """Return HISTORY rows of Poisson counts whose days differ by 5 % beyond chance."""
    return with_noise(history(first, last, seed=None, level=level, **where), seed)


def with_noise(rows: pd.DataFrame, seed: int) -> pd.DataFrame:
    """Return Poisson counts with these rates, of days that differ by 5 %."""
    random = np.random.default_rng(seed)
    day, dates = pd.factorize(local_dates_of(rows))
    of_day = 1 + 0.05 * random.standard_normal(len(dates))
    return rows.assign(offered=random.poisson(rows["offered"] * of_day[day]).astype(float))


def queues_of(names: Iterable[str], **keys: Any) -> dict[str, Any]:
    """Return queues with office hours for `configured`."""
    return {name: {"hours": OFFICE, **keys} for name in names}


def made_series(seed: int) -> Series:
    """Return 30 weeks of a made office queue."""
    keys = {"hours": OFFICE, "service_level": 0.8, "aht_s": 200}
    return Series(noisy("2025-08-18", "2026-03-15", seed), BERLIN, 30, keys)


SERIES = [
    pytest.param(1, id="made"),
    pytest.param(BANK, marks=pytest.mark.real_data, id="bank"),
    pytest.param(ANONYMOUS_BANK, marks=pytest.mark.real_data, id="anonymous bank"),
]


@pytest.fixture(scope="module", params=SERIES)
def series(request) -> Series:
    """Return a made series, or a real one if there are any."""
    if isinstance(request.param, int):
        return made_series(request.param)
    real = request.param
    folder = request.getfixturevalue("shared") / "data"
    keys = real.settings()["queues"][real.queue]
    return Series(real.history(folder), real.timezone, real.interval_min, keys, made=False)


@pytest.fixture(scope="module")
def moves(series) -> dict[str, np.ndarray]:
    """Return by which part the total moves if a day of the last week is odd: by kind, days of all origins."""
    dates, offered, found = series.dates(), series.rows["offered"], list[pd.Series]()
    for as_of in series.origins[: MOVED_ORIGINS["made" if series.made else "real"]]:
        week = dates[series.rows["interval_start"].between(as_of - pd.Timedelta(days=7), as_of, "left")]
        odd = {
            f"{kind}|{day}": offered.mask(dates == day, change(offered))
            for kind, change in ODD_DAYS.items()
            for day in week.unique()
        }
        variants = {name: series.rows.assign(offered=values).dropna() for name, values in odd.items()}
        made = series.forecast({"plain": series.rows, **variants}, as_of).forecast
        totals = made.groupby("queue", observed=True)["offered"].sum()
        found.append((totals / totals["plain"] - 1).drop("plain").abs())
    moved = pd.concat(found)
    kinds = moved.index.astype("str").str.partition("|").get_level_values(0)
    return {kind: moved[kinds == kind].to_numpy() for kind in ODD_DAYS}


def pooled(series: Series, change: Change, models: tuple[str, ...] = ()) -> pd.DataFrame:
    """Return WAPE and bias over all origins of each variant that `change(rows, origin)` makes of the rows."""
    parts = []
    for as_of in series.origins:
        variants = change(series.rows, as_of)
        actual = pd.concat(frame.assign(queue=name) for name, frame in variants.items())
        made = series.forecast(variants, as_of, models).forecast
        parts.append(made.merge(actual, on=["queue", "interval_start"], suffixes=("", "_actual")))
    rows = pd.concat(parts)
    rows["error"] = rows["offered"] - rows["offered_actual"]
    rows["miss"] = rows["error"].abs()
    sums = rows.groupby("queue")[["offered_actual", "error", "miss"]].sum()
    return sums.div(sums["offered_actual"], axis=0).rename(columns={"miss": "wape", "error": "bias"})


def day_after(day: str, days: int = 1) -> str:
    """Return the date so many days later."""
    return str((pd.Timestamp(day) + pd.Timedelta(days=days)).date())


def a_holiday_effect(rows: pd.DataFrame, holidays: Mapping[str, float], after: float = 1.2) -> pd.DataFrame:
    """Return rows whose holidays have factors and, unless holidays too, the days after them have `after`."""
    following = {day_after(day): after for day in holidays}
    factor = local_dates_of(rows).map({**following, **holidays}).fillna(1.0)
    return rows.assign(offered=rows["offered"] * factor)


def day_totals(result: ForecastResult) -> pd.DataFrame:
    """Return the expected contacts of days (dates as text) by queue."""
    days = result.days.assign(date=result.days["date"].dt.strftime("%Y-%m-%d"))
    return days.pivot_table(index="date", columns="queue", values="offered", observed=True)


# a. closed hours are exactly absent


@pytest.mark.parametrize(
    "hours",
    ["Mon-Fri 08:00-20:00;Sat 09:00-14:00", "Mon-Sun 22:00-06:00", "Fri 20:00-24:00;Sat-Mon 00:00-04:00"],
    ids=["office", "nights", "weekend"],
)
def test_closed_hours_and_closed_holidays_are_absent(hours):
    """The hours from midnight to six belong to the holiday that began the evening before."""
    past = history("2026-01-05", "2026-03-25", hours=hours)
    config = configured(a={"hours": hours, "holidays": "DE", "holiday_hours": ""})
    as_of = pd.Timestamp("2026-03-26", tz=BERLIN)
    result = forecast(past, config, horizon_days=14, as_of=as_of)
    starts = grid("2026-03-26", "2026-04-08", hours)
    evening = pd.Timedelta(hours=6 if "22:00-06:00" in hours else 0)
    begun = (to_local(starts.to_series(), BERLIN) - evening).dt.strftime("%Y-%m-%d").to_numpy()
    expected = starts[~np.isin(begun, ["2026-04-03", "2026-04-06"])]
    assert 0 < len(expected) < len(starts)
    assert result.forecast["interval_start"].tolist() == expected.tolist()
    dates = local_dates_of(result.forecast).unique().tolist()
    assert result.days["date"].dt.strftime("%Y-%m-%d").tolist() == dates


# b, c. holidays, the day after, and the one that moves

FIXED = ["2025-05-01", "2025-05-29", "2025-06-09", "2025-10-03", "2025-12-25", "2025-12-26", "2026-01-01"]
EASTER_2025 = ["2025-04-18", "2025-04-21"]
EASTER_2026 = ["2026-04-03", "2026-04-06"]
COMING = {"2026-03-30": EASTER_2026, "2026-04-27": ["2026-05-01"], "2026-05-11": ["2026-05-14"]}


def with_holidays(as_of: str, easter: float, other: float, first: str = "2025-03-31") -> pd.DataFrame:
    """Return a made year before `as_of` without noise whose holidays have factors, for queue a."""
    factors = dict.fromkeys(EASTER_2025 + EASTER_2026, easter) | dict.fromkeys([*FIXED, "2026-05-01"], other)
    return a_holiday_effect(history(first, day_after(as_of, -1), seed=None), factors)


def holiday_forecast(variants: Frames, as_of: str) -> pd.DataFrame:
    """Return day totals by variant of a queue with the holidays of Germany."""
    past = pd.concat(frame.assign(queue=name) for name, frame in variants.items())
    config = configured(**queues_of(variants, holidays="DE"))
    begin = pd.Timestamp(as_of, tz=BERLIN)
    return day_totals(forecast(past, config, horizon_days=14, as_of=begin))


@pytest.mark.parametrize("as_of", COMING)
def test_a_holiday_and_the_day_after_have_the_level_of_earlier_ones(as_of):
    mean = with_holidays(as_of, easter=0.4, other=0.4)
    found = holiday_forecast(
        {"exact": mean} | {f"q{seed}": with_noise(mean, seed) for seed in range(16)}, as_of
    )
    holidays = dict.fromkeys(COMING[as_of], 0.4)
    coming = a_holiday_effect(history(as_of, found.index[-1], seed=None), holidays)
    truth = coming["offered"].groupby(local_dates_of(coming)).sum()
    days = [day for holiday in holidays for day in (holiday, day_after(holiday))]
    error = found.loc[days].div(truth[days], axis=0) - 1
    assert (error["exact"].abs() < 0.05).all()
    assert (error.mean(axis=1).abs() < 0.05).all()
    assert ((error**2).mean(axis=1) ** 0.5 < 0.1).all()


def test_easter_is_learnt_from_other_holidays_and_from_last_easter_though_it_moved():
    variants = {
        "both": with_holidays("2026-03-30", easter=0.4, other=0.4),
        "others": with_holidays("2026-03-30", easter=0.4, other=0.4, first="2025-04-28"),
        "own": with_holidays("2026-03-30", easter=0.4, other=1.0),
        "never": with_holidays("2026-03-30", easter=1.0, other=1.0),
    }
    share = holiday_forecast(variants, "2026-03-30").loc[EASTER_2026]
    share = share.div(share["never"], axis=0)
    assert share["both"].to_numpy() == pytest.approx(0.4, rel=0.1)
    assert share["others"].to_numpy() == pytest.approx(0.4, rel=0.1)
    assert (share["own"] < 0.8).all()  # one Easter beside seven holidays without effect


def test_the_dates_of_last_easter_are_ordinary_days():
    past = with_holidays("2026-04-09", easter=0.4, other=0.4)
    found = holiday_forecast({"a": past}, "2026-04-09")["a"]
    ordinary = history("2026-04-09", "2026-04-22", seed=None)
    truth = ordinary["offered"].groupby(local_dates_of(ordinary)).sum()
    for day in ("2026-04-17", "2026-04-18", "2026-04-20", "2026-04-21", "2026-04-22"):
        assert found[day] == pytest.approx(truth[day], rel=0.03), day


# d, e. odd days of the last week


@pytest.mark.parametrize("kind", ODD_DAYS)
def test_an_odd_day_of_the_last_week_hardly_moves_the_total(series, moves, kind):
    if series.made:
        assert moves[kind].max() < 0.01
    else:
        assert np.median(moves[kind]) < 0.005
        assert np.mean(moves[kind] < 0.01) >= 0.9


# f. missing rows


def test_missing_rows_cost_less_than_two_percent_of_the_error(series):
    random = np.random.default_rng(5)

    def change(rows: pd.DataFrame, as_of: pd.Timestamp) -> Frames:
        future = rows["interval_start"] >= as_of
        return {"whole": rows, "thin": rows[future | (random.random(len(rows)) > 0.05)]}

    found = pooled(series, change)
    thin, whole = found.loc["thin"], found.loc["whole"]
    assert thin["wape"] < 1.02 * whole["wape"]
    assert thin["bias"] == pytest.approx(whole["bias"], abs=0.01)


# g. clock changes


@pytest.mark.parametrize(
    ("change", "quarters"), [("2026-03-29", 92), ("2026-10-25", 100)], ids=["spring", "autumn"]
)
def test_a_clock_change_leaves_the_profile_on_the_wall_clock(change, quarters):
    sunday = pd.Timestamp(change, tz=BERLIN)
    as_of = sunday - pd.DateOffset(days=6)  # a Monday
    past = history(day_after(change, -6 - 12 * 7), day_after(change, -7), hours="", interval_min=15)
    rows = forecast(past, configured(15, a={}), horizon_days=14, as_of=as_of).forecast
    assert np.isfinite(rows[["offered", "aht_s", *BANDS]].to_numpy()).all()
    dates = local_dates_of(rows)
    before, changed, after, later = (
        by_clock(rows[dates == day_after(change, days)]) for days in (-6, 0, 1, 7)
    )
    assert (dates == change).sum() == quarters
    assert after.to_numpy() == pytest.approx(before.to_numpy(), rel=1e-3)
    both = changed.index.intersection(later.index)
    assert len(both) == min(quarters, 96)
    ratio = (changed[both] / later[both]).to_numpy()
    assert ratio == pytest.approx(ratio[0], rel=1e-3)


def by_clock(day: pd.DataFrame) -> pd.Series:
    """Return the share of the day that falls on each time of the wall clock, a repeated one's mean."""
    clock = to_local(day["interval_start"], BERLIN).dt.strftime("%H:%M")
    mean = day["offered"].groupby(clock).mean()
    return mean / mean.sum()


# h. short histories


def test_a_short_history_costs_at_most_a_percent_beside_last_week_again(series):
    def change(rows: pd.DataFrame, as_of: pd.Timestamp) -> Frames:
        weeks = {f"{n} weeks": as_of - pd.DateOffset(weeks=n) for n in (1, 2, 4)}
        return {name: rows[rows["interval_start"] >= first] for name, first in weeks.items()}

    default, naive = (pooled(series, change, models)["wape"] for models in ((), ("seasonal_naive",)))
    assert (default <= 1.01 * naive).all()


# i. a new level


def test_a_new_level_of_four_weeks_is_followed(series):
    def change(rows: pd.DataFrame, as_of: pd.Timestamp) -> Frames:
        new = rows["interval_start"] >= as_of - pd.DateOffset(weeks=4)
        return {
            "shifted": rows.assign(offered=rows["offered"].mask(new, (NEW_LEVEL * rows["offered"]).round()))
        }

    default, median = (pooled(series, change, models).loc["shifted"] for models in ((), ("median_of_weeks",)))
    assert default["wape"] <= median["wape"]
    assert abs(default["bias"]) < 0.06


# j. few calls


def quiet_forecast(level: float, *models: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Return FORECAST of 24 office queues with so few calls per interval, and the expected ones."""
    queues = queues_of(f"q{seed}" for seed in range(24))
    past = pd.concat(
        history("2025-11-03", "2026-03-01", level=level, seed=seed, queue=name)
        for seed, name in enumerate(queues)
    )
    as_of = pd.Timestamp("2026-03-02", tz=BERLIN)
    config = configured(sections=QUICK if models else {}, **queues)
    rows = forecast(past, config, horizon_days=14, as_of=as_of, models=models).forecast
    return rows, rates(pd.DatetimeIndex(rows["interval_start"]), level=level)


@pytest.mark.parametrize("level", [0.05, 0.2, 0.6])
def test_below_one_call_bands_are_whole_numbers_that_cover_and_the_volume_is_kept(level):
    rows, mean = quiet_forecast(level)
    bands = rows[list(BANDS)].to_numpy()
    assert np.array_equal(bands, np.round(bands))
    assert (np.diff(bands, axis=1) >= 0).all()
    came = np.random.default_rng(9).poisson(mean)
    for low, high, nominal in ((1, 3, 0.80), (0, 4, 0.95)):
        cover = np.mean((came >= bands[:, low]) & (came <= bands[:, high]))
        assert cover >= nominal
    assert rows["offered"].sum() == pytest.approx(mean.sum(), rel=0.05)


@pytest.mark.parametrize("model", MEMBERS)
def test_each_part_of_the_mean_keeps_the_volume_of_a_quiet_queue(model):
    rows, mean = quiet_forecast(0.6, model)
    assert rows["offered"].sum() == pytest.approx(mean.sum(), rel=0.05)


# k. the order of rows


def test_unsorted_rows_of_several_queues_give_the_same_tables():
    queues: dict[str, Any] = {"a": {"hours": OFFICE}, "b": {"hours": OFFICE}, "c": {"hours": "", "like": "a"}}
    past = pd.concat(noisy("2025-12-01", "2026-03-01", seed, queue=queue) for seed, queue in enumerate("ab"))
    past = past.assign(aht_s=150 + past["offered"])
    config = configured(**queues)
    ordered, *others = (
        forecast(rows, config, horizon_days=14)
        for rows in (past, past.iloc[::-1], past.sample(frac=1, random_state=3))
    )
    for other in others:
        for table in ("forecast", "days", "scores", "parts"):
            assert getattr(other, table).equals(getattr(ordered, table))
        assert other.notes == ordered.notes


def test_an_unsorted_file_gives_the_same_bytes(tmp_path: Path):
    make_centre(tmp_path)
    rows = history_rows()
    mixed = [rows[place] for place in np.random.default_rng(2).permutation(len(rows))]
    with chdir(tmp_path):
        config = changed_config({'models = ["seasonal_naive"]\n': ""})
        written = []
        for name, order in (("sorted", rows), ("mixed", mixed)):
            past = write(f"{name}.csv", history_text(order))
            outputs = [Path(f"{name}_{table}.csv") for table in ("forecast", "days", "scores")]
            options = ("-o", outputs[0], "--days", outputs[1], "--scores", outputs[2])
            succeeds("forecast", past, "--config", config, *options)
            written.append([path.read_bytes() for path in outputs])
    assert written[0] == written[1]
    assert all(written[0])


# l. handle times


@pytest.mark.parametrize(("many", "few"), [(100, 20), (100, 10)])
def test_handle_time_of_a_day_is_weighted_by_calls(many, few):
    """Weekdays are busy until 14:00 with short calls; what is long after that is no outlier."""
    starts = grid("2025-12-01", "2026-03-01", "Mon-Fri 08:00-20:00")
    busy = starts.tz_convert(BERLIN).hour < 14
    columns = {"offered": np.where(busy, many, few).astype(float), "aht_s": np.where(busy, 100.0, 1000.0)}
    past = pd.DataFrame({"queue": "a", "interval_start": starts, **columns})
    config = configured(a={"hours": "Mon-Fri 08:00-20:00"})
    days = forecast(past, config, horizon_days=14, as_of=pd.Timestamp("2026-03-02", tz=BERLIN)).days
    expected = (many * 100 + few * 1000) / (many + few)
    assert days["aht_s"].to_numpy() == pytest.approx(expected, rel=0.01)


def test_intervals_add_up_to_their_day():
    past = noisy("2025-12-01", "2026-03-01", seed=4)
    past = past.assign(aht_s=100 + 20 * past["offered"])
    result = forecast(past, configured(), horizon_days=14)
    rows = result.forecast.assign(seconds=result.forecast["offered"] * result.forecast["aht_s"])
    sums = rows.groupby(local_dates_of(rows))[["offered", "seconds"]].sum()
    handle_time = sums["seconds"] / sums["offered"]
    assert result.days["offered"].to_numpy() == pytest.approx(sums["offered"].to_numpy(), rel=1e-9)
    assert result.days["aht_s"].to_numpy() == pytest.approx(handle_time.to_numpy(), rel=1e-9)

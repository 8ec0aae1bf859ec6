"""Forecast accuracy on real series, beside the planner's rules and the Poisson floor; and speed.

    python bench/forecast.py [--json] [--origins N]

Two weeks ahead from weekly origins in the last third of each series of ../shared/data (absent files are
skipped). Ours is the default of `wfm.forecast.forecast`, which sees only what came before its origin, its own
backtest and choice included. The rules are plain: last week again, the mean of eight weeks, the median of
six, per weekday and interval, without any cleaning or calendar. Figures are WAPE over intervals.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
from real_series import SERIES, Series

from wfm.conform import conform, empty
from wfm.forecast import forecast
from wfm.forecast.bands import USUAL_INTERVAL, quantiles
from wfm.forecast.registry import model
from wfm.forecast.scoring import noise_floor, wape
from wfm.forecast.sources import default_as_of, queue_sources
from wfm.tables import EVENTS, HISTORY

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
HORIZON_DAYS = 14
RULES = {
    "last week": (1, np.nanmean),
    "mean of 8 weeks": (8, np.nanmean),
    "median of 6 weeks": (6, np.nanmedian),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--origins", type=int, default=12, help="most origins of a series")
    options = parser.parse_args()
    found = {
        series.queue: accuracy(series, options.origins) for series in SERIES if (DATA / series.file).is_file()
    }
    missing = [series.file for series in SERIES if not (DATA / series.file).is_file()]
    if missing:
        print(f"skipped, not in {DATA}: {', '.join(missing)}", file=sys.stderr)
    report = {"series": found, **speed()}
    print(json.dumps(report, indent=1) if options.json else as_text(report))


def accuracy(series: Series, most: int) -> dict[str, float]:
    """Return the WAPE of ours, of the rules and of the floor, pooled over origins."""
    history, config = series.history(DATA), series.config()
    pairs: dict[str, list[pd.DataFrame]] = {}
    for origin in origins(history, series.timezone, most):
        ours = forecast(history, config, horizon_days=HORIZON_DAYS, as_of=origin).forecast
        past = history[history["interval_start"] < origin]
        rows = ours[["interval_start", "offered"]].merge(history, on="interval_start", suffixes=("", "_came"))
        pairs.setdefault("wfm", []).append(rows)
        for name, (weeks, middle) in RULES.items():
            made = rule(past, rows["interval_start"], series.timezone, weeks, middle)
            pairs.setdefault(name, []).append(rows.assign(offered=made).dropna(subset=["offered"]))
    joined = {name: pd.concat(parts) for name, parts in pairs.items()}
    errors = {
        name: wape(*(rows[column].to_numpy(float) for column in ("offered", "offered_came")))
        for name, rows in joined.items()
    }
    return {
        **errors,
        "Poisson floor": noise_floor(joined["wfm"]["offered"].to_numpy()),
        "origins": len(pairs["wfm"]),
    }


def origins(history: pd.DataFrame, timezone: str, most: int) -> list[pd.Timestamp]:
    """Return weekly local midnights of the last third, the latest one horizon before the end."""
    local = history["interval_start"].dt.tz_convert(timezone)
    first, end = local.min().normalize(), local.max().normalize() + pd.Timedelta(days=1)
    earliest = first + (end - first) * 2 / 3
    steps = (pd.DateOffset(days=HORIZON_DAYS + 7 * step) for step in range(most))
    return [end - step for step in steps if end - step >= earliest]


def rule(past: pd.DataFrame, starts: pd.Series, timezone: str, weeks: int, middle) -> np.ndarray:
    """Return the middle of the same weekday and wall clock over the last weeks, NaN without any row."""
    local = past["interval_start"].dt.tz_convert(timezone)
    recent = past[local >= local.max().normalize() - pd.Timedelta(days=7 * weeks - 1)]

    def cell(times: pd.Series) -> pd.Series:
        clock = times.dt.tz_convert(timezone)
        return clock.dt.day_of_week * 1440 + clock.dt.hour * 60 + clock.dt.minute

    value = recent.groupby(cell(recent["interval_start"]))["offered"].agg(middle)
    return cell(starts).map(value).to_numpy()


def speed() -> dict[str, float]:
    """Return series per CPU second: 26 weeks of half hours, one model with bands, and all with backtest."""
    series = SERIES[1]
    if not (DATA / series.file).is_file():
        return {}
    config = series.config()
    history = series.history(DATA)
    recent = conform(
        history[history["interval_start"] >= history["interval_start"].max() - pd.Timedelta(weeks=26)],
        HISTORY,
    )
    as_of = default_as_of(recent, series.interval_min)

    def core() -> None:
        (item,), _ = queue_sources(recent, config, as_of, HORIZON_DAYS, empty(EVENTS))
        prepared = item.source.prepared(item.future)
        made = model("median_days")(prepared.learning, prepared.future) * prepared.future_factor
        quantiles(made[prepared.future_open], USUAL_INTERVAL)

    def full() -> None:
        forecast(recent, config, horizon_days=HORIZON_DAYS)

    return {f"series_per_s_{name}": rate(job) for name, job in (("core", core), ("full", full))}


def rate(job) -> float:
    job()
    begin, runs = time.process_time(), 5
    for _ in range(runs):
        job()
    return round(runs / (time.process_time() - begin), 2)


def as_text(report: dict) -> str:
    lines = []
    for queue, errors in report["series"].items():
        lines.append(f"{queue}: {errors['origins']} origins, {HORIZON_DAYS} days ahead")
        for name, value in errors.items():
            if name != "origins":
                lines.append(f"  {name:<18} {100 * value:6.2f} %   {value / errors['wfm']:.3f} of wfm")
    lines += [f"{name}: {value}" for name, value in report.items() if name != "series"]
    return "\n".join(lines)


if __name__ == "__main__":
    main()

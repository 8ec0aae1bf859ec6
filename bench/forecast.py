"""Accuracy of the default forecast on real series, beside packages a planner could pick; and its speed.

    python bench/forecast.py [--json] [--origins N] [--only NAME ...] [--peers DIR] [--install-peers DIR]
                             [--save DIR]

`--install-peers DIR` makes the virtual environments of the peers in DIR (pip, from its usual index) and then
compares; `--peers DIR` uses those of an earlier run. Without either only ours, the planner's rules and what
is plain numpy are measured. `--only` names contenders, ours is `wfm`. `--save` keeps the forecasts.

Two weeks ahead from weekly origins in the last third of each series of ../shared/data (absent files are
skipped). A contender gets only what came before the origin, its own choices included; what each does is in
bench/forecast_peers.py. All are scored on the same cells: the open intervals that have an actual. WAPE is of
intervals, day WAPE of the totals of these per day; CPU seconds are the median over origins on one thread,
memory is the peak of the Python process. `Poisson floor`: the WAPE of a perfect forecast of Poisson counts
with the means that ours expects.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.forecast_peers import PEERS
from bench.real_series import DATA, HORIZON_DAYS, SERIES, Series
from wfm.forecast.scoring import bias, noise_floor, wape
from wfm.hours import DAY_MIN

ENVIRONMENTS = {  # and what pip installs there
    "prophet": ["prophet"],
    "statsforecast": ["statsforecast", "pandas<3"],
    "lightgbm": ["lightgbm", "pandas"],
    "statsmodels": ["statsmodels"],
}
LIVES_IN = {  # all others in our own environment
    "prophet": "prophet",
    **dict.fromkeys(("mstl", "auto_ets", "auto_arima", "theta"), "statsforecast"),
    "lightgbm": "lightgbm",
    **dict.fromkeys(("glm_poisson", "sarimax"), "statsmodels"),
}
OURS = "wfm"
ONE_THREAD = {f"{name}_NUM_THREADS": "1" for name in ("OMP", "OPENBLAS", "MKL", "NUMBA")}

Answer = dict[str, Any]  # see `answered` in bench/forecast_question.py


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--origins", type=int, default=12, help="most origins of a series")
    parser.add_argument("--only", nargs="+", choices=list(PEERS), default=list(PEERS), metavar="NAME")
    parser.add_argument("--peers", type=Path, help="folder of the peers' environments")
    parser.add_argument("--install-peers", type=Path, metavar="DIR", help="make them first")
    parser.add_argument("--save", type=Path, metavar="DIR", help="write SERIES__NAME.csv of each there")
    options = parser.parse_args()
    missing = install(options.install_peers, options.only) if options.install_peers else {}
    folder = options.install_peers or options.peers
    found = {}
    for series in SERIES:
        if not (DATA / series.file).is_file():
            print(f"{series.queue} skipped: {series.file} is not in {DATA}", file=sys.stderr)
            continue
        asked, cells = question(series, options.origins)
        answers = {n: missing.get(LIVES_IN.get(n, "")) or ask(folder, n, asked) for n in options.only}
        if options.save:
            save(options.save, series, cells, answers)
        found[series.queue] = compared(cells, answers)
    report = {"series": found, "summary": summary(found), **(speeds() if OURS in options.only else {})}
    print(json.dumps(report, indent=1) if options.json else in_words(report))


def speeds() -> dict[str, float]:
    """Return series per CPU second; what it looks into is not needed to compare."""
    from bench.forecast_speed import speed

    return speed()


def question(series: Series, most: int) -> tuple[dict[str, Any], pd.DataFrame]:
    """Return what contenders are asked, and the cells to score: those wanted, with their actual or NaN."""
    history = series.complete(DATA)
    local = pd.DatetimeIndex(history["interval_start"]).tz_convert(series.timezone).tz_localize(None)
    minutes = series.open_minutes()
    is_open = open_at(local, minutes)
    cells = pd.concat(
        [wanted(series, origin) for origin in origins(history, series.timezone, most)], ignore_index=True
    )
    holidays = series.holiday_names(local.min().date(), local.max().date())  # the end of the last horizon
    asked = {
        "config": series.settings(),
        "interval_min": series.interval_min,
        "open_minutes": minutes,
        "holidays": {day.isoformat(): name for day, name in holidays.items()},
        "stamps": iso(local[is_open]),
        "offered": history["offered"][is_open].tolist(),
        "origins": [
            {"origin": own["stamp"].iloc[0].normalize().isoformat(), "wanted": iso(own["stamp"])}
            for _, own in cells.groupby("origin")
        ],
    }
    return asked, cells.assign(
        actual=cells["interval_start"].map(history.set_index("interval_start")["offered"])
    )


def wanted(series: Series, origin: pd.Timestamp) -> pd.DataFrame:
    """Return the open intervals of one horizon: origin, interval_start and local stamp."""
    end = origin + pd.DateOffset(days=HORIZON_DAYS)
    starts = pd.date_range(origin, end, freq=f"{series.interval_min}min", inclusive="left")
    stamps = starts.tz_localize(None)
    rows = pd.DataFrame({"origin": origin, "interval_start": starts.tz_convert("UTC"), "stamp": stamps})
    return rows[open_at(stamps, series.open_minutes()) & ~stamps.duplicated()]  # of an hour twice, the first


def open_at(stamps: pd.DatetimeIndex, minutes: list[list[int]]) -> npt.NDArray[np.bool_]:
    own = stamps.day_of_week * DAY_MIN + stamps.hour * 60 + stamps.minute
    return np.isin(own, [day * DAY_MIN + minute for day in range(7) for minute in minutes[day]])


def iso(stamps: pd.DatetimeIndex | pd.Series[Any]) -> list[str]:
    return [stamp.isoformat() for stamp in stamps]


def origins(history: pd.DataFrame, timezone: str, most: int) -> list[pd.Timestamp]:
    """Return weekly local midnights of the last third, the latest one horizon before the end."""
    local = history["interval_start"].dt.tz_convert(timezone)
    first, end = local.min().normalize(), local.max().normalize() + pd.Timedelta(days=1)
    earliest = first + (end - first) * 2 / 3
    steps = (pd.DateOffset(days=HORIZON_DAYS + 7 * step) for step in range(most))
    return [end - step for step in steps if end - step >= earliest]


def ask(folder: Path | None, name: str, asked: dict[str, Any]) -> Answer | str:
    """Return a contender's answer, or why there is none."""
    python = Path(sys.executable)
    if name in LIVES_IN:
        if folder is None:
            return "skipped: python bench/forecast.py --install-peers DIR installs it"
        python = python_of(folder, LIVES_IN[name])
        if not python.is_file():
            return f"skipped: not in {folder}"
    ended = subprocess.run(
        [python, Path(__file__).with_name("forecast_peers.py"), name],
        input=json.dumps(asked), capture_output=True, text=True, check=False, env=os.environ | ONE_THREAD,
    )  # fmt: skip
    if ended.returncode:
        return f"failed: {(ended.stderr.strip().splitlines() or ['without a word'])[-1]}"
    answer: Answer = json.loads(ended.stdout.strip().splitlines()[-1])
    return answer


def install(folder: Path, names: list[str]) -> dict[str, str]:
    """Make the environments that the contenders need; return why one could not be installed."""
    missing = {}
    for environment in sorted({LIVES_IN[name] for name in names if name in LIVES_IN}):
        venv.create(folder / environment, with_pip=True, clear=True)
        python = str(python_of(folder, environment))
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        made = subprocess.run([*pip, *ENVIRONMENTS[environment]], capture_output=True, text=True, check=False)
        if made.returncode:
            missing[environment] = f"skipped: {made.stderr.strip().splitlines()[-1]}"
    return missing


def python_of(folder: Path, environment: str) -> Path:
    return folder / environment / "bin" / "python"


def with_forecast(cells: pd.DataFrame, answer: Answer) -> pd.DataFrame:
    """Return the cells with an actual and what was forecast for them; without the origins that failed."""
    made: list[float] = []
    for values, (_, own) in zip(answer["forecasts"], cells.groupby("origin"), strict=True):
        made += values or [np.nan] * len(own)
    in_order = cells.sort_values("origin", kind="stable")
    return in_order.assign(forecast=made).dropna(subset=["actual", "forecast"])


def save(folder: Path, series: Series, cells: pd.DataFrame, answers: dict[str, Answer | str]) -> None:
    """Write the forecasts of each contender, one file per series and name."""
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["origin", "interval_start", "forecast", "actual"]
    for name, answer in answers.items():
        if not isinstance(answer, str):
            file = folder / f"{series.queue}__{name.replace(' ', '_')}.csv"
            with_forecast(cells, answer)[columns].to_csv(file, index=False)


def compared(cells: pd.DataFrame, answers: dict[str, Answer | str]) -> dict[str, Any]:
    """Return the figures of each contender of a series, or why there are none, and the floor."""
    contenders = {
        name: answer if isinstance(answer, str) else figures(cells, answer)
        for name, answer in answers.items()
    }
    scored = cells.dropna(subset=["actual"])
    found = {"origins": cells["origin"].nunique(), "cells": len(scored), "contenders": contenders}
    ours = answers.get(OURS)
    if isinstance(ours, dict):
        found["poisson_floor"] = noise_floor(with_forecast(cells, ours)["forecast"].to_numpy(float))
    return found


def figures(cells: pd.DataFrame, answer: Answer) -> dict[str, Any] | str:
    """Return errors over all origins that did not fail, and of each."""
    rows = with_forecast(cells, answer)
    if rows.empty:
        return f"failed: {next(iter(answer['failed'].values()))}"
    return {
        **errors(rows),
        "wape_by_origin": {f"{day:%Y-%m-%d}": errors(own)["wape"] for day, own in rows.groupby("origin")},
        "cpu_s": answer["cpu_s"],
        "mib": answer["mib"],
        "failed": answer["failed"],
    }


def errors(rows: pd.DataFrame) -> dict[str, float]:
    """Return WAPE of intervals and of day totals, and bias, pooled over rows."""
    made, came = (rows[column].to_numpy(dtype=float) for column in ("forecast", "actual"))
    days = rows.groupby(["origin", rows["stamp"].dt.normalize()])[["forecast", "actual"]].sum()
    per_day = wape(days["forecast"].to_numpy(dtype=float), days["actual"].to_numpy(dtype=float))
    return {"wape": wape(made, came), "day_wape": per_day, "bias": bias(made, came)}


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """Return ours beside the best other per series, and the geometric mean of the ratios."""
    lines: dict[str, dict[str, Any]] = {}
    for queue, own in found.items():
        errors_of = whole_wapes(own["contenders"])
        ours = errors_of.pop(OURS, None)
        if ours is not None and errors_of:
            best = min(errors_of, key=lambda name: errors_of[name])
            lines[queue] = {
                "wfm": ours,
                "best": best,
                "best_wape": errors_of[best],
                "ratio": ours / errors_of[best],
            }
    if not lines:
        return {}
    ratios = [line["ratio"] for line in lines.values()]
    return {"series": lines, "geometric_mean": float(np.exp(np.mean(np.log(ratios))))}


def whole_wapes(contenders: dict[str, Any]) -> dict[str, float]:
    """Return the WAPE of those who answered at every origin; others had other cells."""
    return {n: own["wape"] for n, own in contenders.items() if isinstance(own, dict) and not own["failed"]}


def in_words(report: dict[str, Any]) -> str:
    lines = []
    for queue, found in report["series"].items():
        lines += [*series_in_words(queue, found), ""]
    if report["summary"]:
        lines.append("ours / best other:")
        for queue, own in report["summary"]["series"].items():
            lines.append(f"  {queue:<16}{own['ratio']:6.3f}   ({own['best']})")
        lines.append(f"  {'geometric mean':<16}{report['summary']['geometric_mean']:6.3f}")
    lines += [f"{name}: {value}" for name, value in report.items() if name.startswith("series_per")]
    return "\n".join(lines)


def series_in_words(queue: str, found: dict[str, Any]) -> list[str]:
    lines = [f"{queue}: {found['origins']} origins, {HORIZON_DAYS} days ahead, {found['cells']} intervals"]
    lines.append(f"  {'':<18}  WAPE %  / best peer  day WAPE %  bias %    CPU s     MiB")
    whole = whole_wapes(found["contenders"])
    best = min((value for name, value in whole.items() if name != OURS), default=float("nan"))
    answers = found["contenders"].items()
    ranked = sorted(answers, key=lambda item: 9.0 if isinstance(item[1], str) else item[1]["wape"])
    for name, own in ranked:
        if isinstance(own, str):
            lines.append(f"  {name:<18}  {own}")
            continue
        lines.append(
            f"  {name:<18}{100 * own['wape']:8.2f}{own['wape'] / best:13.3f}{100 * own['day_wape']:12.2f}"
            f"{100 * own['bias']:+8.2f}{own['cpu_s']:9.2f}{own['mib'] or float('nan'):8.0f}"
        )
        if own["failed"]:
            why = next(reversed(own["failed"].values()))
            lines.append(f"  {'':<18}  failed at {len(own['failed'])} of {found['origins']} origins: {why}")
    if "poisson_floor" in found:
        lines.append(f"  {'Poisson floor':<18}{100 * found['poisson_floor']:8.2f}")
    return lines


if __name__ == "__main__":
    main()

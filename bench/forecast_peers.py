"""Forecasts of one series by one contender, inside that contender's own environment.

    python bench/forecast_peers.py NAME < question.json > answer.json

`bench/forecast.py` calls it; bench/forecast_question.py says what a question is. Each contender gets local
stamps and contacts in opening hours before the origin, the hours and the public holidays, and forecasts the
intervals that it is asked for. Packages run with their defaults; what they lack is done for them plainly:
`filled` gaps, day totals `spread` by the mean profile of eight weeks. The statsforecast models learn no
holidays (they are filled like gaps). `svd_shen_huang`: Shen & Huang, Interday forecasting and intraday
updating of call center arrivals, M&SOM 10(3), 2008, sections 2 and 3.1.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import sys
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.forecast_question import (
    Days,
    FloatArray,
    Forecaster,
    IntArray,
    Question,
    answered,
    days_of,
    filled,
    spread,
    weekly,
)

VECTORS, DAYS_LEARNT = 4, 150  # of the singular value decomposition, as in the paper
GLM_WEEKS, MOST_ITERATIONS = 13, 500
WEEKDAY_TYPE = np.array([0, 0, 0, 0, 1, 2, 3])  # Monday to Thursday are alike in shape
LOOK_BACK_WEEKS = 8
SNAPSHOTS_DAYS, HORIZON_DAYS = 7, 14
BOOSTING = {"objective": "poisson", "learning_rate": 0.05, "num_leaves": 31, "min_data_in_leaf": 20}
BOOSTING_ROUNDS = 400


def wfm(question: Question) -> FloatArray:
    """Return our default; an interval it does not open is forecast as 0."""
    from wfm.config import build_config
    from wfm.forecast import forecast

    config = build_config(question.config)
    ((queue, own),) = config.queues.items()

    def instants(stamps: pd.DatetimeIndex) -> pd.DatetimeIndex:
        first = np.ones(len(stamps), dtype=bool)
        return stamps.tz_localize(own.timezone, ambiguous=first).tz_convert("UTC")

    starts = instants(pd.DatetimeIndex(question.known.index))
    history = pd.DataFrame({"queue": queue, "interval_start": starts, "offered": question.known.to_numpy()})
    (origin,) = instants(pd.DatetimeIndex([question.origin]))
    made = forecast(history, config, horizon_days=HORIZON_DAYS, as_of=origin).forecast
    offered = made.set_index("interval_start")["offered"]
    return offered.reindex(instants(question.wanted), fill_value=0.0).to_numpy(dtype=np.float64)


def rule(question: Question, weeks: int, middle: str) -> FloatArray:
    """Return the middle of weekday and slot over the last weeks; of all if none of these is known."""
    days = days_of(question)
    recent = weekly(days, np.where(days.within_weeks(weeks)[:, None], days.offered, np.nan), middle)
    cells = np.nan_to_num(np.where(np.isnan(recent), weekly(days, days.offered), recent))
    return days.values(question, cells[days.weekday[days.past :]])


def svd_shen_huang(question: Question) -> FloatArray:
    """Return days x slots from few singular vectors of the root counts, their scores forecast one by one."""
    days = days_of(question)
    past = np.where(days.is_open, days.without_holidays(), 0.0)[: days.past]
    ordinary = np.flatnonzero(~np.isnan(past).any(axis=1))[-DAYS_LEARNT:]
    roots = np.sqrt(past[ordinary] + 0.25)
    vectors = np.linalg.svd(roots, full_matrices=False)[2][:VECTORS]
    weekday = days.weekday
    scores = [autoregressed(s, weekday[ordinary], weekday[days.past :]) for s in (roots @ vectors.T).T]
    made = np.maximum(np.array(scores).T @ vectors, 0.0)
    return days.values(question, made**2 - 0.25)


def autoregressed(score: FloatArray, weekday: IntArray, future: IntArray) -> FloatArray:
    """Return the future of a score: regressed on the weekday and on the score of the day before."""
    rows = np.column_stack([np.eye(7)[weekday[1:]], score[:-1]])
    *levels, slope = np.linalg.lstsq(rows, score[1:], rcond=None)[0]
    made, last = [], score[-1]
    for day in future:
        last = levels[day] + slope * last
        made.append(last)
    return np.array(made, dtype=np.float64)


def prophet(question: Question) -> FloatArray:
    """Return Prophet's defaults on the intervals, holidays given by name."""
    peer = importlib.import_module("prophet")
    names = {"ds": list(question.holidays), "holiday": list(question.holidays.values())}
    model = peer.Prophet(holidays=pd.DataFrame(names) if question.holidays else None)
    model.fit(pd.DataFrame({"ds": question.known.index, "y": question.known.to_numpy()}))
    made = model.predict(pd.DataFrame({"ds": question.wanted}))["yhat"]
    return np.asarray(made, dtype=np.float64)


def mstl(question: Question) -> FloatArray:
    """Return MSTL with its default trend over the open intervals, of a day and a week."""
    models = importlib.import_module("statsforecast.models")
    days = days_of(question)
    past, future = days.is_open[: days.past], days.is_open[days.past :]
    per_week = sum(len(minutes) for minutes in question.open_minutes)
    per_day = max(len(minutes) for minutes in question.open_minutes)
    model = models.MSTL(season_length=[per_day, per_week])
    learnt = filled(days, days.without_holidays())[past]
    made = np.zeros(future.shape)
    made[future] = model.forecast(y=learnt, h=int(future.sum()))["mean"]
    return days.values(question, made)


def day_totals(question: Question, model: str) -> FloatArray:
    """Return a statsforecast model of day totals, its season the open days of a week."""
    models = importlib.import_module("statsforecast.models")
    days = days_of(question)
    totals = filled(days, days.without_holidays()).sum(axis=1)
    made = getattr(models, model)(season_length=days.per_week).forecast(
        y=totals, h=len(days.dates) - days.past
    )
    return days.values(question, spread(days, np.asarray(made["mean"], dtype=np.float64)))


def sarimax(question: Question) -> FloatArray:
    """Return (1,0,1)x(1,0,1) of log day totals with a dummy for holidays."""
    from statsmodels.tsa.statespace.sarimax import SARIMAX

    days = days_of(question)
    total = np.nansum(days.offered[: days.past], axis=1)
    known = (total > 0) & ~np.isnan(days.offered[: days.past]).all(axis=1)
    logs = np.where(known, np.log(np.maximum(total, 1)), np.nan)
    flag = days.holiday.astype(float)[:, None]
    learnable = bool(flag[: days.past][known].any())
    past, future = (flag[: days.past], flag[days.past :]) if learnable else (None, None)
    seasonal = (1, 0, 1, days.per_week)
    model = SARIMAX(logs, exog=past, order=(1, 0, 1), seasonal_order=seasonal, trend="c")
    made = model.fit(disp=False, maxiter=MOST_ITERATIONS).forecast(len(days.dates) - days.past, exog=future)
    return days.values(question, spread(days, np.exp(np.asarray(made, dtype=np.float64))))


def glm_poisson(question: Question) -> FloatArray:
    """Return a Poisson regression of the last weeks: weekday, slot by type of weekday, holiday, trend."""
    from statsmodels.genmod.families import Poisson
    from statsmodels.genmod.generalized_linear_model import GLM

    days = days_of(question)
    recent = np.flatnonzero(days.within_weeks(GLM_WEEKS) | (np.arange(len(days.dates)) >= days.past))
    offered, is_open = days.offered[recent], days.is_open[recent]
    learnt = is_open & ~np.isnan(offered)
    wanted = is_open & (recent >= days.past)[:, None]
    rows = glm_rows(days, recent)
    rows = rows[:, rows[learnt.ravel()].any(axis=0)]  # closed weekdays and holidays that never were
    model = GLM(offered[learnt], rows[learnt.ravel()], family=Poisson()).fit()
    made = np.zeros(days.offered.shape)
    made[recent] = np.where(wanted, model.predict(rows).reshape(offered.shape), 0.0)
    return days.values(question, made[days.past :])


def glm_rows(days: Days, chosen: IntArray) -> FloatArray:
    """Return the regressors of chosen days x slots; a type's first slot is the level of its weekdays."""
    slots = len(days.minutes)
    weekday = np.repeat(days.weekday[chosen], slots)
    slot = np.tile(np.arange(slots), len(chosen))
    shape = np.eye(4 * slots)[:, np.arange(4 * slots) % slots > 0]
    age = np.repeat((days.dates[chosen] - days.dates[days.past]).days / 91, slots)
    holiday = np.repeat(days.holiday[chosen], slots)
    kind = WEEKDAY_TYPE[weekday]
    return np.column_stack([np.eye(7)[weekday], shape[kind * slots + slot], holiday, age])


def lightgbm(question: Question) -> FloatArray:
    """Return boosted trees on rows as they would have been known at weekly origins of the past."""
    import lightgbm as peer

    days = days_of(question)
    first = days.dates[days.past]
    weeks = (first - days.dates[0]).days // SNAPSHOTS_DAYS
    past = [first - pd.Timedelta(days=SNAPSHOTS_DAYS * back) for back in range(1, weeks - 1)]
    learnt = pd.concat([features(days, origin) for origin in past]).dropna(subset=["offered"])
    data = peer.Dataset(learnt.drop(columns=["offered", "day"]), learnt["offered"], params={"verbose": -1})
    model = peer.train(BOOSTING | {"num_threads": 1, "verbose": -1, "seed": 1}, data, BOOSTING_ROUNDS)
    rows = features(days, first)
    made = np.zeros(days.offered.shape)
    made[rows["day"], rows["slot"]] = model.predict(rows.drop(columns=["offered", "day"]))
    return days.values(question, made[days.past :])


def features(days: Days, origin: pd.Timestamp) -> pd.DataFrame:
    """Return a row per open interval of the horizon after an origin, with what was known at that origin."""
    ahead = np.asarray((days.dates - origin).days)
    day, slot = np.nonzero(days.is_open & ((ahead >= 0) & (ahead < HORIZON_DAYS))[:, None])
    dates, weekday = days.dates[day], days.weekday[day]
    holidays = days.dates[days.holiday]
    columns: dict[str, Any] = {"day": day, "slot": slot, "weekday": weekday, "ahead": ahead[day]}
    columns |= {"day_of_month": dates.day, "offered": days.offered[day, slot]}
    for name, shift in (("holiday", 0), ("after_holiday", -1), ("before_holiday", 1)):
        columns[name] = (dates + pd.Timedelta(days=shift)).isin(holidays).astype(int)
    for weeks in (1, 2, 4, LOOK_BACK_WEEKS):
        recent = (ahead < 0) & (ahead >= -7 * weeks)
        rows = days.offered[recent]
        columns[f"level_{weeks}"] = np.nansum(rows) / max(int((~np.isnan(rows)).sum()), 1)
        if weeks >= 4:
            cells = pd.DataFrame(rows).groupby(days.weekday[recent])
            for middle in ("mean", "median"):
                table = cells.agg(middle).reindex(range(7)).to_numpy()
                columns[f"{middle}_{weeks}"] = table[weekday, slot]
    return pd.DataFrame(columns)


RULES = {
    "last week": (1, "mean"),
    "mean of 8 weeks": (8, "mean"),
    "median of 6 weeks": (6, "median"),
}
PEERS: dict[str, Forecaster] = {
    "wfm": wfm,
    **{name: partial(rule, weeks=weeks, middle=middle) for name, (weeks, middle) in RULES.items()},
    "svd_shen_huang": svd_shen_huang,
    "glm_poisson": glm_poisson,
    "sarimax": sarimax,
    "lightgbm": lightgbm,
    "auto_ets": partial(day_totals, model="AutoETS"),
    "theta": partial(day_totals, model="DynamicOptimizedTheta"),
    "mstl": mstl,
    "auto_arima": partial(day_totals, model="AutoARIMA"),
    "prophet": prophet,
}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        print(f"nothing to do: bench/forecast.py asks the peers ({', '.join(PEERS)})")
        return
    asked = json.load(sys.stdin)
    with contextlib.redirect_stdout(sys.stderr):  # packages like to talk
        answer = answered(asked, PEERS[sys.argv[1]])
    print("\n" + json.dumps(answer))  # a line of its own, whatever compiled code has printed


if __name__ == "__main__":
    main()

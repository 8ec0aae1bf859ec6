"""Poisson regression of the intervals of the last 13 weeks: weekday, slot by kind of weekday, damped trend.

log E(contacts per interval) = weekday + trend + month + slot of the kind; Tuesday to Thursday are alike in
shape, the other weekdays each on its own. The month is known (an offset). Kinds share no slots, and the sums
of a day tell all about the trend, so that the likelihood falls apart: day totals on weekdays and trend, then
contacts by place and slot, summed over the weeks, kind by kind. That is exact without gaps and takes
milliseconds. The means are those of quasi-Poisson: a dispersion (Pearson's chi-square per degree of freedom)
changes no mean, only how much a trend and a cell are believed. The trend is shrunk by its standard error and
fades over the horizon; a cell has a gamma prior, worth a few contacts, at what all weekdays have in its slot.
Source: McCullagh & Nelder, Generalized Linear Models (2nd ed.), 6.2 and 9.2.
"""

from __future__ import annotations

import warnings

import numpy as np
from statsmodels.genmod.families import Poisson
from statsmodels.genmod.generalized_linear_model import GLM, GLMResults
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from wfm.forecast.arrays import (
    WEEK,
    BoolArray,
    FloatArray,
    IntArray,
    ahead,
    by_week,
    completed,
    ratio,
)
from wfm.forecast.learning import Learning

WEEKS = 13
TREND_SD = 0.003  # prior of the change of a log level per week
TREND_FADES_WEEKS = 2.0
PRIOR_CONTACTS = 4.0  # of a slot of the week, times the dispersion
KIND = np.array([0, 1, 1, 1, 2, 3, 4])  # of weekdays, Monday first


def predict(learning: Learning) -> FloatArray:
    """Return contacts (cases, horizon, slots), zero where the ordinary week is closed."""
    rows = min(learning.known_days, WEEK * WEEKS)
    month = learning.effects.month[:, learning.known_days - rows : learning.known_days]
    age = np.arange(-rows, 0) / WEEK
    weeks_ahead = np.arange(learning.horizon_days) / WEEK
    damped = TREND_FADES_WEEKS * (1.0 - np.exp(-weeks_ahead / TREND_FADES_WEEKS))
    weekday = (learning.day[:, learning.known_days, None] + np.arange(WEEK) + 3) % WEEK  # day 0: a Thursday
    made = np.zeros((len(month), learning.horizon_days, learning.open_week.shape[2]))
    for case, opens in enumerate(learning.open_week):
        trend = _trend(learning.totals[case, -rows:], age, month[case])
        exposure = month[case] * np.exp(trend * age)
        week = _week(learning.offered[case, -rows:], exposure, opens, KIND[weekday[case]])
        made[case] = ahead(week[None], learning.horizon_days)[0] * np.exp(trend * damped)[:, None]
    return made * learning.coming_month[:, :, None]


def _trend(totals: FloatArray, age: FloatArray, month: FloatArray) -> float:
    """Return the change per week of the log of day totals (days,), shrunk by its standard error."""
    place = np.arange(len(totals)) % WEEK
    contacts = np.bincount(place, np.nan_to_num(totals), minlength=WEEK)
    used = ~np.isnan(totals) & (contacts > 0)[place]
    terms = np.column_stack([place[:, None] == np.flatnonzero(contacts > 0), age])[used]
    if len(terms) < terms.shape[1] + WEEK:  # less than a week more than there are terms
        return 0.0
    fit = _fitted(totals[used], terms, month[used])
    variance = fit.bse[-1] ** 2 * fit.pearson_chi2 / fit.df_resid
    return float(fit.params[-1] * TREND_SD**2 / (TREND_SD**2 + variance))


def _week(offered: FloatArray, exposure: FloatArray, opens: BoolArray, kind: IntArray) -> FloatArray:
    """Return contacts (7, slots) by place of offered contacts (days, slots), each day with its exposure."""
    cells = by_week(offered[None])[0]
    exposed = np.where(np.isnan(cells), 0.0, exposure.reshape(-1, WEEK, 1))
    contacts, behind = np.nansum(cells, axis=0), exposed.sum(axis=0)
    raw = ratio(contacts, behind)
    usual = _usual(np.where(opens, completed(raw[None])[0], 0.0))
    prior = PRIOR_CONTACTS * _dispersion(cells, exposed * np.nan_to_num(raw), opens)
    week = np.zeros(usual.shape)
    for each in np.unique(kind):
        place, slot = np.nonzero((usual > 0) & (kind == each)[:, None])
        if len(place):
            terms = np.column_stack(
                [place[:, None] == np.unique(place), slot[:, None] == np.unique(slot)[1:]]
            )
            count, base = contacts[place, slot] + prior, behind[place, slot] + prior / usual[place, slot]
            saturated = terms.shape[1] >= len(count)  # a weekday by itself: its cells are the fit
            mean = count if saturated else _fitted(count, terms.astype(np.float64), base).fittedvalues
            week[place, slot] = mean / base
    return week


def _usual(week: FloatArray) -> FloatArray:
    """Return contacts (7, slots) if all weekdays had the same shares of the slots that they open."""
    common = np.where(week > 0, week.sum(axis=0), 0.0)
    return np.nan_to_num(common * ratio(week.sum(axis=1), common.sum(axis=1))[:, None])


def _dispersion(cells: FloatArray, mean: FloatArray, opens: BoolArray) -> float:
    """Return Pearson's chi-square per degree of freedom round the mean of each place and slot, at least 1."""
    used = ~np.isnan(cells) & (mean > 0)
    chi_square = float(((cells - mean)[used] ** 2 / mean[used]).sum())
    freedom = int(used.sum()) - int((used.any(axis=0) & opens).sum())
    return max(chi_square / freedom, 1.0) if freedom > 0 else 1.0


def _fitted(count: FloatArray, terms: FloatArray, exposure: FloatArray) -> GLMResults:
    """Return the fit of counts with an exposure; its standard errors are those of a dispersion of 1."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PerfectSeparationWarning)  # a history without any noise
        return GLM(count, terms, family=Poisson(), exposure=exposure).fit()

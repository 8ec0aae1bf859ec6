"""Regression of day totals on weekday, level and calendar: robust, shrunken, for many queues at once.

Contacts of a day are overdispersed counts with a log link; its coefficients have normal priors, so that thin
evidence gives hardly any effect. Iteratively reweighted least squares on the working response (negative
binomial weights 1 / (1 / m + s^2)), with Huber's weights against odd days, that fall off further for days
which are far out. Source: McCullagh & Nelder,
Generalized Linear Models (2nd ed.), 2.5; Huber & Ronchetti, Robust Statistics, 7.8.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from wfm.forecast.arrays import WEEK, BoolArray, FloatArray, IntArray, nan_mean, nan_median
from wfm.forecast.calendar_terms import (
    BUMPS,
    DayKinds,
    day_kinds,
    month_terms,
)
from wfm.forecast.cases import Cases
from wfm.forecast.level import level_terms

WEEKDAY_SD = 1.0
MONTH_SD, EDGE_SD = 0.06, 0.1
NO_MONTH_DAYS, MONTH_DAYS = 30, 75
# holiday, day before, first and second after a closed one, after an open one: prior mean and deviation
AROUND_MEAN = np.array([0.0, 0.0, 0.07, 0.04, 0.0])
AROUND_SD = np.array([1.0, 0.7, 0.15, 0.10, 0.3])
NAME_STRENGTH = 1.0  # days of evidence that the effect of all holidays counts for beside a name's own
HUBER, FAR_OUT = 2.0, 3.0  # deviations; how many times as far a day hardly counts at all
SKEWNESS = 2.0  # small counts lie far above their mean without being odd
ROUNDS = 3
PACES, BELIEFS = (1.0, 4.0), (0.99999, 0.00001)  # of the level: growth is believed when it is beyond doubt
FIRST_NOISE, LEAST_NOISE = 0.08, 0.02
FEWEST_STEPS = 15  # differences of days a week apart
LARGEST_LOG_STEP = 1.0
LEAST_TOTAL = 1e-6  # contacts a day
SPECIAL_NOISE = 0.1  # holidays and days near them differ more from each other than ordinary days do
LOG_LIMITS = (-10.0, 20.0)
LOWEST_RATIO = 0.02


@dataclass(frozen=True)
class DayEffects:
    """What is expected of each day (cases, days), past and to come, as factors and contacts.

    `ordinary` are the contacts of a day by its weekday and the level of its time, `month` and `around`
    (holidays, and the days near them) multiply it. `noise` (cases,) is the relative error of a day, `trust`
    (cases, known days) the weight of each beside an ordinary one's: less near holidays, and far from what is
    expected.
    """

    ordinary: FloatArray
    month: FloatArray
    around: FloatArray
    kinds: DayKinds
    noise: FloatArray
    trust: FloatArray

    @property
    def expected(self) -> FloatArray:
        """Expected contacts of each day."""
        return self.ordinary * self.month * self.around


@dataclass(frozen=True)
class _Prior:
    """Normal prior of the coefficients: precision (terms, terms), mean (terms,), which are the level's."""

    precision: FloatArray
    mean: FloatArray
    level: slice

    def at(self, pace: float) -> FloatArray:
        """Return the precision with a level that moves so many times as much."""
        precision = self.precision.copy()
        precision[self.level, self.level] /= pace**2
        return precision


@dataclass(frozen=True)
class _Days:
    """Known days: terms (cases, days, terms), contacts, which are known, and noise of special days."""

    terms: FloatArray
    count: FloatArray
    known: BoolArray
    special: FloatArray

    def normal(self, weight: FloatArray, working: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the normal equations (cases, terms, terms) and (cases, terms) of weighted least squares."""
        across = np.swapaxes(self.terms, 1, 2)
        gram = np.matmul(across * weight[:, None, :], self.terms)
        return gram, np.matmul(across, (weight * working)[:, :, None])[:, :, 0]


def day_effects(cases: Cases, totals: FloatArray) -> DayEffects:
    """Return the effects learnt from the totals (cases, known days) of all days, NaN where unknown."""
    kinds = day_kinds(cases)
    terms, prior = _design(cases, kinds, totals)
    past = slice(totals.shape[1])
    special = SPECIAL_NOISE * kinds.special[:, past].astype(np.float64)
    days = _Days(terms[:, past], np.nan_to_num(totals), ~np.isnan(totals), special)
    centre = np.log(np.maximum(np.nan_to_num(nan_mean(totals, axis=1)), LEAST_TOTAL))
    coefficients, noise, trust = _fit(days, prior, centre)
    weekday, level, month, around = _parts(terms, coefficients)
    own = np.arange(terms.shape[1]) - cases.known_days
    plain = np.take_along_axis(coefficients[:, :WEEK], np.broadcast_to(own % WEEK, kinds.place.shape), axis=1)
    ordinary = np.exp(centre[:, None] + plain + level)
    around = np.exp(around + weekday - plain)
    effects = DayEffects(ordinary, np.exp(month), around, kinds, noise, trust)
    return _with_names(effects, cases.holiday, totals)


def _design(cases: Cases, kinds: DayKinds, totals: FloatArray) -> tuple[FloatArray, _Prior]:
    """Return the terms (cases, days, terms), horizon included, and the prior of their coefficients."""
    level, covariance = level_terms(cases.known_days, cases.horizon_days)
    days = len(level)
    month = month_terms(cases.day) * _month_weight(totals)[:, None, None]
    weekday = (kinds.place[:, :, None] == np.arange(WEEK)).astype(np.float64)
    moving = np.broadcast_to(level, (len(totals), days, level.shape[1]))
    terms = np.concatenate([weekday, moving, month, kinds.flags()], axis=2)
    size = terms.shape[2]
    precision = np.zeros((size, size))
    first, last = WEEK, WEEK + level.shape[1]
    precision[first:last, first:last] = np.linalg.inv(covariance)
    spread = np.concatenate(
        [np.full(WEEK, WEEKDAY_SD), np.ones(last - first), np.full(BUMPS, MONTH_SD), [EDGE_SD] * 2, AROUND_SD]
    )
    own = np.r_[0:first, last:size]
    precision[own, own] = spread[own] ** -2.0
    mean = np.zeros(size)
    mean[-len(AROUND_MEAN) :] = AROUND_MEAN
    return terms, _Prior(precision, mean, slice(first, last))


def _month_weight(totals: FloatArray) -> FloatArray:
    """Return how far (cases,) the course of the month is believed; it comes in slowly, with the days seen."""
    known = (~np.isnan(totals)).sum(axis=1)
    return np.asarray(np.clip((known - NO_MONTH_DAYS) / (MONTH_DAYS - NO_MONTH_DAYS), 0.0, 1.0))


def _fit(days: _Days, prior: _Prior, centre: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return coefficients (cases, terms), noise (cases,) and the weight of each day (cases, days)."""
    working = np.log(days.count + 0.5) - centre[:, None]
    most = _weekly_noise(days)
    noise = np.minimum(FIRST_NOISE, most)
    weight = days.known / (1.0 / (days.count + 0.5) + noise[:, None] ** 2 + days.special**2)
    ordinary = variance = robust = np.ones(days.count.shape)
    for _ in range(ROUNDS):
        coefficients = _solved(*days.normal(weight, working), prior)
        log_mean = np.matmul(days.terms, coefficients[:, :, None])[:, :, 0]
        expected = np.exp(np.clip(log_mean + centre[:, None], *LOG_LIMITS))
        relative = (days.count - expected) / expected
        noise = np.minimum(_noise(np.where(days.known, relative, np.nan), expected), most)
        ordinary = 1.0 / expected + noise[:, None] ** 2
        variance = ordinary + days.special**2
        far = np.abs(relative) / np.sqrt(variance)
        near = HUBER + SKEWNESS / np.sqrt(expected)
        beyond = near / np.maximum(far, 1e-9)
        robust = days.known * np.minimum(1.0, beyond) * np.minimum(1.0, FAR_OUT * beyond) ** 2
        weight = robust / variance
        working = log_mean + np.minimum(relative, LARGEST_LOG_STEP + 2.0 * SKEWNESS / np.sqrt(expected))
    return _averaged(*days.normal(weight, working), prior), noise, robust * ordinary / variance


def _solved(gram: FloatArray, right: FloatArray, prior: _Prior) -> FloatArray:
    """Return the coefficients (cases, terms) of the usual pace."""
    whole = (right + prior.precision @ prior.mean)[:, :, None]
    return np.asarray(np.linalg.solve(gram + prior.precision, whole)[:, :, 0], dtype=np.float64)


def _averaged(gram: FloatArray, right: FloatArray, prior: _Prior) -> FloatArray:
    """Return the mean of the coefficients of all paces, weighted by how likely each makes the totals.

    The likelihood of a normal model with its coefficients integrated out: Bishop, Pattern Recognition and
    Machine Learning, eq. 3.86, but for what is the same for all.
    """
    whole = right + prior.precision @ prior.mean  # the level's prior mean is zero
    found, evidence = [], []
    for pace, belief in zip(PACES, BELIEFS, strict=True):
        precision = prior.at(pace)
        coefficients = np.linalg.solve(gram + precision, whole[:, :, None])[:, :, 0]
        volume = np.linalg.slogdet(precision)[1] - np.linalg.slogdet(gram + precision)[1]
        found.append(coefficients)
        evidence.append(0.5 * ((coefficients * whole).sum(axis=1) + volume) + np.log(belief))
    odds = np.exp(np.array(evidence) - np.max(evidence, axis=0))
    share = odds / odds.sum(axis=0)
    return np.asarray((share[:, :, None] * np.array(found)).sum(axis=0), dtype=np.float64)


def _weekly_noise(days: _Days) -> FloatArray:
    """Return the relative error of a day by differences of a week, which no change of level enlarges.

    Infinite with less than three weeks of them.
    """
    if days.count.shape[1] <= WEEK:
        return np.full(len(days.count), np.inf)
    logs = np.where(days.known, np.log(days.count + 0.5), np.nan)
    step = np.abs(logs[:, WEEK:] - logs[:, :-WEEK])
    spread = (1.4826 * nan_median(step, axis=1)) ** 2 / 2
    chance = nan_median(np.where(days.known, 1.0 / (days.count + 0.5), np.nan), axis=1)
    enough = (~np.isnan(step)).sum(axis=1) >= FEWEST_STEPS
    noise = np.sqrt(np.maximum(spread - chance, LEAST_NOISE**2))
    return np.where(enough, noise, np.inf)


def _noise(relative: FloatArray, expected: FloatArray) -> FloatArray:
    """Return the relative error of a day beyond Poisson's, by the median deviation."""
    spread = (1.4826 * nan_median(np.abs(relative), axis=1)) ** 2
    chance = nan_median(np.where(np.isnan(relative), np.nan, 1.0 / expected), axis=1)
    return np.nan_to_num(np.sqrt(np.maximum(spread - chance, LEAST_NOISE**2)), nan=FIRST_NOISE)


def _parts(terms: FloatArray, coefficients: FloatArray) -> tuple[FloatArray, ...]:
    """Return the sums of the weekday's, level's, month's and holidays' terms (cases, days)."""
    size = terms.shape[2]
    edges = (0, WEEK, size - BUMPS - 2 - len(AROUND_SD), size - len(AROUND_SD), size)
    return tuple(np.matmul(terms[:, :, a:b], coefficients[:, a:b, None])[:, :, 0] for a, b in pairwise(edges))


def _with_names(effects: DayEffects, holiday: IntArray, totals: FloatArray) -> DayEffects:
    """Return the effects with each holiday's own beside that of all: `n` days seen count n / (n + 1)."""
    past = effects.kinds.holiday[:, : totals.shape[1]] & ~np.isnan(totals)
    if not past.any():
        return effects
    ratio = np.maximum(totals, LOWEST_RATIO) / effects.expected[:, : totals.shape[1]]
    case, day = np.nonzero(past)
    names = int(holiday.max()) + 1
    key = case * names + holiday[case, day]
    log_ratio = np.log(np.maximum(ratio[case, day], LOWEST_RATIO))
    seen = np.bincount(key, minlength=len(totals) * names)
    total = np.bincount(key, weights=log_ratio, minlength=len(totals) * names)
    own = np.exp(total / (seen + NAME_STRENGTH)).reshape(len(totals), names)
    factor = np.where(effects.kinds.holiday, np.take_along_axis(own, np.maximum(holiday, 0), axis=1), 1.0)
    return replace(effects, around=effects.around * factor)

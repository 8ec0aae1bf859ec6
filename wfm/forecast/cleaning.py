"""What of a history is evidence of ordinary demand: outages and odd days are masked, nothing is repaired.

All matrices are (days, slots) of offered contacts, NaN where unknown or closed. The yardstick is the
baseline: the median of the same weekday and slot in the four weeks before and after, the day itself left out.
Masked are

- runs of zeros where the baseline expected at least `OUTAGE_CONTACTS`: a Poisson process does that with a
  probability below exp(-15), an outage or a missing feed every few months;
- whole days whose total is far from the baseline (four robust standard deviations and a factor of 1.5),
  unless more than `LONGEST_ODD_SPELL` of them follow each other: that is a new level, not an odd day.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import BoolArray, FloatArray, nan_median, ratio

NEAR_WEEKS = 4
OUTAGE_CONTACTS = 15.0
ODD_DEVIATIONS = 4.0
ODD_FACTOR = 1.5
LONGEST_ODD_SPELL = 3
USUAL_DAY_CV = 0.05  # days differ at least this much, whatever a calm history shows


def local_baseline(offered: FloatArray) -> FloatArray:
    """Return the median of the same weekday and slot within four weeks, the day itself left out."""
    days = len(offered)
    around = np.full((2 * NEAR_WEEKS, *offered.shape), np.nan)
    for weeks in range(1, NEAR_WEEKS + 1):
        shift = 7 * weeks
        if shift < days:
            around[weeks - 1, shift:] = offered[:-shift]
            around[NEAR_WEEKS + weeks - 1, :-shift] = offered[shift:]
    return nan_median(around)


def outages(offered: FloatArray, baseline: FloatArray) -> BoolArray:
    """Return the cells of zero runs too long to be chance; closed and unknown cells do not end a run."""
    mask = np.zeros(offered.size, dtype=bool)
    known = np.flatnonzero(~np.isnan(offered).ravel())
    zero = offered.ravel()[known] == 0
    run = np.cumsum(~zero)  # zeros that follow the same positive value share its number
    expected = np.where(zero, np.nan_to_num(baseline.ravel()[known]), 0.0)
    missed = np.bincount(run, weights=expected)[run] if len(known) else expected
    mask[known] = zero & (missed >= OUTAGE_CONTACTS)
    return mask.reshape(offered.shape)


def odd_days(offered: FloatArray, baseline: FloatArray) -> BoolArray:
    """Return the days (days,) whose observed total is far from the baseline, level shifts excepted."""
    both = ~np.isnan(offered) & ~np.isnan(baseline)
    seen = np.where(both, offered, 0.0).sum(axis=1)
    expected = np.where(both, baseline, 0.0).sum(axis=1)
    quotient = ratio(seen, expected)
    deviation = np.log(np.maximum(quotient, 0.01))
    noise = _usual_deviation(deviation, expected)
    centred = np.abs(deviation)
    odd: BoolArray = (centred > ODD_DEVIATIONS * noise) & (centred > np.log(ODD_FACTOR))
    kept: BoolArray = odd & ~_in_long_spell(odd, ~np.isnan(quotient))
    return kept


def _usual_deviation(deviation: FloatArray, expected: FloatArray) -> FloatArray:
    """Return the standard deviation of a day's log ratio: robust over all days, at least Poisson's."""
    spread = 1.4826 * float(np.nan_to_num(nan_median(np.abs(deviation))))
    poisson = 1.0 / np.sqrt(np.maximum(expected, 1.0))
    return np.asarray(np.sqrt(np.maximum(spread, USUAL_DAY_CV) ** 2 + poisson**2), dtype=np.float64)


def _in_long_spell(odd: BoolArray, known: BoolArray) -> BoolArray:
    """Return the odd days in spells of more than `LONGEST_ODD_SPELL` known days."""
    days = np.flatnonzero(known)
    spell = np.cumsum(~odd[days])
    length = np.bincount(spell, weights=odd[days].astype(np.float64))[spell] if len(days) else np.zeros(0)
    long = np.zeros(len(odd), dtype=bool)
    long[days] = odd[days] & (length > LONGEST_ODD_SPELL)
    return long

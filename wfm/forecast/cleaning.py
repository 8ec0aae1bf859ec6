"""What of a history is evidence of ordinary demand: outages, spikes, odd days and level shifts.

One pure function for models and `wfm doctor`. Nothing is repaired but the level: what cannot be believed is
masked. The yardstick is a usual day: the median total of the same weekday in the four weeks before and after,
the day itself left out, times the usual share of the slot (trimmed mean of recent weeks). Found are

- outages: runs of zeros where a usual day had at least `OUTAGE_CONTACTS`: chance does that with a probability
  below exp(-15), an outage or a missing feed every few months;
- spikes: intervals far above what is usual (six deviations and ten contacts beyond twice as much);
- odd days: totals far from the usual (3.5 robust deviations and a factor of 1.5), unless more than three
  follow each other: that is a new level, not an odd day;
- level shifts: a step of at least `LEAST_SHIFT` between weeks that is far beyond the noise of the days on
  either side and happened within a week. Days before it are moved to the new level.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from wfm.forecast.arrays import (
    WEEK,
    BoolArray,
    FloatArray,
    ahead,
    by_week,
    completed,
    nan_mean,
    nan_median,
    ratio,
    trimmed_mean,
)

PROFILE_WEEKS, THIN = 9, 2.0  # below so many contacts trimming leaves nothing but zeros
NEAR_WEEKS = 4
OUTAGE_CONTACTS = 15.0
SPIKE_DEVIATIONS, SPIKE_FACTOR, SPIKE_CONTACTS, USUAL_INTERVAL_CV = 6.0, 2.0, 10.0, 0.2
ODD_DEVIATIONS = 3.5
ODD_FACTOR = 1.5
LONGEST_ODD_SPELL = 3
USUAL_DAY_CV = 0.05  # days differ at least this much, whatever a calm history shows
LEAST_SHARE_SEEN = 0.5
SHIFT_WEEKS = (3, 4, 5, 6, 8, 10, 13)  # before the end: a busy turn of the month lasts two
LEAST_SHIFT, SHIFT_SHARPNESS = np.log(1.2), 0.6
SHIFT_DEVIATIONS, SURE_DEVIATIONS = 6.0, 8.0  # not believed below the first, in full above the second
SHIFT_BEFORE_WEEKS, FEWEST_WEEKS_BEFORE = 8, 2
NEARLY = 0.8  # of the least shift: medians of weeks stand in for those of days


@dataclass(frozen=True)
class Cleaning:
    """Masks over cells (cases, days, slots) and days, and what was found on the way.

    `totals` are contacts of a whole day (cases, days), NaN where masked or too little was seen; `level` is
    the multiplier that moves a day to the level of the last one; `share` (cases, 7, slots) the usual shares
    of the day by place, `usual` the usual totals.
    """

    down: BoolArray
    spike: BoolArray
    odd: BoolArray
    level: FloatArray
    totals: FloatArray
    usual: FloatArray
    share: FloatArray

    @property
    def masked(self) -> BoolArray:
        """The cells that are no evidence."""
        return self.down | self.spike | self.odd[:, :, None]

    def baseline(self) -> FloatArray:
        """Return usual contacts (cases, days, slots), NaN where no day was near."""
        return np.asarray(self.usual[:, :, None] * ahead(self.share, self.usual.shape[1]), dtype=np.float64)


def clean(ordinary: FloatArray, open_week: BoolArray) -> Cleaning:
    """Return what is odd in the contacts (cases, days, slots) of ordinary days; NaN is unknown or closed.

    `open_week` (cases, 7, slots) are the ordinary opening hours by place: a day is whole without the others.
    """
    share = usual_share(ordinary, open_week)
    totals = day_totals(ordinary, share)
    usual = _usual(totals)
    down = _outages(ordinary, usual, share)
    if down.any():
        totals = day_totals(np.where(down, np.nan, ordinary), share)
        usual = _usual(totals)
    odd = _odd_days(totals, usual)
    spike = _spikes(ordinary, usual, share) & ~odd[:, :, None]
    if spike.any():
        totals = day_totals(np.where(down | spike, np.nan, ordinary), share)
    totals = np.where(odd, np.nan, totals)
    return Cleaning(down, spike, odd, _levels(totals), totals, usual, share)


def usual_share(ordinary: FloatArray, open_week: BoolArray) -> FloatArray:
    """Return the usual shares of the day (cases, 7, slots); rows sum to 1, or are zero if nothing came."""
    recent = by_week(ordinary)[:, -PROFILE_WEEKS:]
    plain, robust = nan_mean(recent, axis=1), trimmed_mean(recent, axis=1)
    week = np.where(open_week, completed(np.where(plain < THIN, plain, robust)), 0.0)
    return np.nan_to_num(ratio(week, week.sum(axis=2, keepdims=True)))


def day_totals(offered: FloatArray, share: FloatArray) -> FloatArray:
    """Return contacts of whole days (cases, days), gaps filled by the share of the day that was seen.

    NaN where less than half was seen. Days without any share (never open, or silent) are seen by their cells.
    """
    known = ~np.isnan(offered)
    weeks = by_week(known)
    seen = np.einsum("cwps,cps->cwp", weeks, share).reshape(known.shape[:2])
    whole = ahead(share.sum(axis=2), known.shape[1]) > 0
    contacts = np.where(known, offered, 0.0).sum(axis=2)
    silent = ~whole & known.any(axis=2)
    return np.where(silent, contacts, np.where(seen >= LEAST_SHARE_SEEN, ratio(contacts, seen), np.nan))


def _usual(totals: FloatArray) -> FloatArray:
    """Return the median of the same weekday within four weeks, the day itself left out."""
    weeks = by_week(totals)
    count = weeks.shape[1]
    around = np.full((2 * NEAR_WEEKS, *weeks.shape), np.nan)
    for shift in range(1, min(NEAR_WEEKS, count - 1) + 1):
        around[shift - 1, :, shift:] = weeks[:, :-shift]
        around[NEAR_WEEKS + shift - 1, :, :-shift] = weeks[:, shift:]
    return nan_median(around).reshape(totals.shape)


def _outages(ordinary: FloatArray, usual: FloatArray, share: FloatArray) -> BoolArray:
    """Return the cells of zero runs too long to be chance; closed and unknown cells do not end a run."""
    mask = np.zeros(ordinary.size, dtype=bool)
    flat = ordinary.ravel()
    zero = np.flatnonzero(flat == 0)
    case, day, slot = np.unravel_index(zero, ordinary.shape)
    run = np.cumsum(flat > 0)[zero] + case  # zeros after the same positive value of a case share a number
    expected = np.nan_to_num(usual)[case, day] * share[case, day % WEEK, slot]
    missed = np.bincount(run, weights=expected, minlength=1)[run] if len(zero) else expected
    mask[zero] = missed >= OUTAGE_CONTACTS
    return mask.reshape(ordinary.shape)


def _spikes(ordinary: FloatArray, usual: FloatArray, share: FloatArray) -> BoolArray:
    """Return single intervals far above the usual."""
    expected = np.nan_to_num(usual)[:, :, None] * ahead(share, usual.shape[1])
    spike: BoolArray = ordinary > SPIKE_FACTOR * expected + SPIKE_CONTACTS
    near = np.nonzero(spike)
    usually, came = expected[near], ordinary[near]
    deviation = np.sqrt(usually + (USUAL_INTERVAL_CV * usually) ** 2)
    spike[near] = (came > SPIKE_FACTOR * usually + SPIKE_DEVIATIONS * deviation) & (usually > 0)
    return spike


def _odd_days(totals: FloatArray, usual: FloatArray) -> BoolArray:
    """Return the days (cases, days) whose total is far from the usual one, long spells excepted."""
    deviation = np.log((totals + 0.5) / (usual + 0.5))
    spread = 1.4826 * np.nan_to_num(nan_median(np.abs(deviation), axis=1))[:, None]
    noise = np.sqrt(np.maximum(spread, USUAL_DAY_CV) ** 2 + 1.0 / np.maximum(usual, 1.0))
    far = np.abs(deviation)
    odd = (far > ODD_DEVIATIONS * noise) & (far > np.log(ODD_FACTOR))
    for case in np.flatnonzero(odd.sum(axis=1) > LONGEST_ODD_SPELL):
        odd[case] &= ~_in_long_spell(odd[case], ~np.isnan(deviation[case]))
    return np.asarray(odd, dtype=bool)


def _in_long_spell(odd: BoolArray, known: BoolArray) -> BoolArray:
    """Return the odd days in spells of more than `LONGEST_ODD_SPELL` known days."""
    days = np.flatnonzero(known)
    spell = np.cumsum(~odd[days])
    length = np.bincount(spell, weights=odd[days].astype(np.float64))[spell] if len(days) else np.zeros(0)
    long = np.zeros(len(odd), dtype=bool)
    long[days] = odd[days] & (length > LONGEST_ODD_SPELL)
    return long


def _levels(totals: FloatArray) -> FloatArray:
    """Return the multiplier (cases, days) of each day to the last level: 1 unless there was a shift."""
    level = np.ones(totals.shape)
    weeks = by_week(np.log(np.maximum(totals, 0.0) + 0.5))
    unexplained = weeks - nan_median(weeks, axis=1)[:, None]
    middle = nan_median(unexplained, axis=2)  # of each week
    for case in np.flatnonzero(_has_step(middle)):
        sure, step, back = max(_step(unexplained[case], back) for back in SHIFT_WEEKS)
        belief = np.clip((sure - SHIFT_DEVIATIONS) / (SURE_DEVIATIONS - SHIFT_DEVIATIONS), 0.0, 1.0)
        level[case, : totals.shape[1] - back * WEEK] = np.exp(belief * step)
    return level


def _has_step(middle: FloatArray) -> BoolArray:
    """Return which cases, by the middles of their weeks, are worth a closer look."""
    steps = np.zeros(len(middle), dtype=bool)
    for back in SHIFT_WEEKS:
        before = middle[:, -back - SHIFT_BEFORE_WEEKS : -back]
        if before.shape[1] >= FEWEST_WEEKS_BEFORE:
            step = nan_median(middle[:, -back:], axis=1) - nan_median(before, axis=1)
            steps |= np.abs(step) >= NEARLY * LEAST_SHIFT
    return steps


def _step(unexplained: FloatArray, back: int) -> tuple[float, float, int]:
    """Return how many standard errors a step so many weeks back has, 0 if small or slow, its size, `back`."""
    sides = unexplained[-back:], unexplained[-back - SHIFT_BEFORE_WEEKS : -back]
    if len(sides[1]) < FEWEST_WEEKS_BEFORE:
        return 0.0, 0.0, back
    middles = [float(nan_median(side.ravel())) for side in sides]
    step, noise = middles[0] - middles[1], 0.0
    for side, middle in zip(sides, middles, strict=True):
        spread = 1.4826 * float(nan_median(np.abs(side - middle).ravel()))
        noise += max(spread, USUAL_DAY_CV) ** 2 / max(int((~np.isnan(side)).sum()), 1)
    sharp = float(nan_median(sides[0][0]) - nan_median(sides[1][-1]))
    clear = abs(step) >= LEAST_SHIFT and sharp * np.sign(step) >= SHIFT_SHARPNESS * abs(step)
    return (abs(step) / float(np.sqrt(noise)), step, back) if clear else (0.0, 0.0, back)

"""Shares of the day by place and slot, freed from noise: what days have in common stays, the rest shrinks.

The shares are ratios of sums over recent weeks, the latest weighted most. In units of their sampling error
the matrix (7, slots) is signal of low rank plus noise of unit variance; its singular values are shrunk as is
best for the squared error. Source: Gavish & Donoho, Optimal shrinkage of singular values, IEEE Trans. Inf.
Theory 63 (2017), eq. 7.
"""

from __future__ import annotations

import numpy as np

from wfm.forecast.arrays import BoolArray, FloatArray, ahead, by_week, ratio

WEEKS, HALF_LIFE_WEEKS = 26, 8.0
DISPERSION_WEEKS = 9
FEWEST_CONTACTS = 1e-3  # per slot: where nothing ever came the relative error has no meaning
LARGEST_DISPERSION = 50.0


def profile(offered: FloatArray, totals: FloatArray, open_week: BoolArray) -> FloatArray:
    """Return shares (cases, 7, slots) of ordinary days (cases, days, slots) with known totals (cases, days).

    Rows sum to 1 over the open slots, or are zero if nothing ever came on any day.
    """
    recent, sums = by_week(offered)[:, -WEEKS:], by_week(totals)[:, -WEEKS:]
    weeks = recent.shape[1]
    weight = 0.5 ** (np.arange(weeks - 1, -1, -1) / HALF_LIFE_WEEKS)
    used = ~np.isnan(recent) & ~np.isnan(sums)[..., None]
    count = np.where(used, recent, 0.0)
    base = np.nan_to_num(sums)[..., None] * used
    share = _filled(_weighted(weight, count), _weighted(weight, base), open_week)
    late = slice(-DISPERSION_WEEKS, None)
    dispersion = _dispersion(count[:, late], base[:, late], share, weight[late])
    days = ~np.isnan(sums)
    sample = _weighted(weight, days) ** 2 / np.maximum(_weighted(weight**2, days), 1e-12)
    total = ratio(_weighted(weight, np.nan_to_num(sums)), _weighted(weight, days))
    return _shares(_shrunk(share, np.nan_to_num(total), sample, dispersion), open_week)


def _weighted(weight: FloatArray, values: FloatArray | BoolArray) -> FloatArray:
    """Return the weighted sum over weeks (cases, 7, ...) of (cases, weeks, 7, ...)."""
    flat = np.asarray(values, dtype=np.float64).reshape(*values.shape[:2], -1)
    summed = np.matmul(weight, flat).reshape(len(values), *values.shape[2:])
    return np.asarray(summed, dtype=np.float64)


def _filled(count: FloatArray, base: FloatArray, open_week: BoolArray) -> FloatArray:
    """Return the shares; a place or slot never seen has those of all places."""
    everyone = ratio(count.sum(axis=1), base.sum(axis=1))[:, None]
    share = np.where(base > 0, ratio(count, base), everyone)
    return _shares(np.nan_to_num(share), open_week)


def _shares(values: FloatArray, open_week: BoolArray) -> FloatArray:
    inside = np.where(open_week, np.maximum(values, 0.0), 0.0)
    return np.nan_to_num(ratio(inside, inside.sum(axis=2, keepdims=True)))


def _dispersion(count: FloatArray, base: FloatArray, share: FloatArray, weight: FloatArray) -> FloatArray:
    """Return variance / mean (cases,) of intervals round the shares."""
    expected = base * share[:, None]
    square = np.matmul(weight, ((count - expected) ** 2).sum(axis=(2, 3))[..., None])[:, 0]
    mean = np.matmul(weight, expected.sum(axis=(2, 3))[..., None])[:, 0]
    weeks = (base.sum(axis=3) > 0).sum(axis=1).max(axis=1)
    lost = np.where(weeks > 1, weeks / np.maximum(weeks - 1, 1), 1.0)
    found = np.where(weeks > 1, np.nan_to_num(ratio(square, mean)) * lost, 1.0)
    return np.clip(found, 0.1, LARGEST_DISPERSION)


def _shrunk(share: FloatArray, total: FloatArray, sample: FloatArray, dispersion: FloatArray) -> FloatArray:
    """Return contacts (cases, 7, slots) of low rank: `sample` days were behind each place's shares."""
    contacts = share * total[..., None]
    common = ratio(contacts.sum(axis=1), total.sum(axis=1)[:, None])
    usual = np.maximum(np.nan_to_num(common)[:, None] * total[..., None], FEWEST_CONTACTS)
    active = (total > 0) & (sample > 0)
    error = np.sqrt(usual * dispersion[:, None, None] / np.maximum(sample, 0.5)[..., None])
    unit = np.where(active[..., None], contacts / error, 0.0)
    left, size, right = np.linalg.svd(unit, full_matrices=False)
    rows, columns = active.sum(axis=1), (contacts > 0).any(axis=1).sum(axis=1)
    kept = _optimal(size, rows[:, None], columns[:, None])
    shrunk = np.matmul(left * kept[:, None, :], right) * error
    return np.where(active[..., None], shrunk, share)  # of a place never seen the shape is all that matters


def _optimal(size: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
    """Return singular values shrunk for the least squared error, noise of unit variance."""
    long, short = np.maximum(np.maximum(rows, columns), 1), np.minimum(rows, columns)
    beta = short / long
    scaled = size / np.sqrt(long)
    inside = np.maximum((scaled**2 - beta - 1) ** 2 - 4 * beta, 0.0)
    above = scaled > 1 + np.sqrt(beta)
    return np.where(above, np.sqrt(inside) / np.maximum(scaled, 1e-12), 0.0) * np.sqrt(long)


def spread(totals: FloatArray, share: FloatArray) -> FloatArray:
    """Return contacts (cases, days, slots): totals (cases, days) to come times the shares of their place."""
    return np.asarray(totals[:, :, None] * ahead(share, totals.shape[1]), dtype=np.float64)

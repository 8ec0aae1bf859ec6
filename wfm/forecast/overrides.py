"""The planner's hand on a forecast: OVERRIDES in file order, after models and events.

`set`, `add` and `multiply` act on each interval (grain interval) or on the whole of the span (grain total:
the sum of offered, or the call-weighted mean of aht_s), which is spread by the profile that stands. Bands
scale with the value. Nothing is created in closed hours, for there are no rows; an override that expired at
`as_of` has no effect.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from wfm.errors import DataError, Fault
from wfm.forecast.arrays import BoolArray, FloatArray
from wfm.forecast.bands import scaled_quantiles
from wfm.tables import BANDS


def apply_overrides(
    forecast: pd.DataFrame, overrides: pd.DataFrame, as_of: pd.Timestamp
) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return the forecast with the overrides applied, and a note on each: what it changed, or why not.

    Raises DataError for a negative value to set or to multiply with.
    """
    _check_values(overrides)
    changed, notes = forecast.copy(), list[str]()
    for row in overrides.itertuples(index=False):
        override = dict(zip(overrides.columns, row, strict=True))
        name = f"override of {override['queue']} {override['field']} from {override['from'].isoformat()}"
        rows = _rows(changed, override)
        if pd.notna(override["expires"]) and override["expires"] <= as_of:
            notes.append(f"{name}: expired {override['expires'].isoformat()}, no effect")
        elif not rows.any():
            notes.append(f"{name}: no effect, no forecast interval lies in its span")
        else:
            before = _figure(changed[rows], str(override["field"]))
            _change(changed, rows, override)
            after = _figure(changed[rows], str(override["field"]))
            notes.append(f"{name}: {before} -> {after}, by {override['author']}: {override['reason']}")
    return changed, tuple(notes)


def _figure(rows: pd.DataFrame, field: str) -> str:
    """Return what an override changes in words: the contacts of its span, or their mean handle time."""
    if field == "offered":
        return f"{rows['offered'].sum():.1f} contacts"
    weights = rows["offered"].to_numpy(dtype=np.float64)
    plain = float(rows["aht_s"].mean())
    mean_s = (
        float(weights @ rows["aht_s"].to_numpy(dtype=np.float64)) / weights.sum() if weights.sum() else plain
    )
    return f"{mean_s:.1f} s"


def _check_values(overrides: pd.DataFrame) -> None:
    bad = overrides[(overrides["mode"] != "add") & (overrides["value"] < 0)]
    faults = [
        Fault(
            "negative",
            "0 or more",
            "overrides",
            None,
            "value",
            f"{row.mode} {row.value:g}, queue {row.queue}",
        )
        for row in bad.itertuples(index=False)
    ]
    if faults:
        raise DataError(faults, source="overrides")


def _rows(forecast: pd.DataFrame, override: dict[str, object]) -> BoolArray:
    starts = forecast["interval_start"]
    inside = (starts >= override["from"]) & (starts < override["to"])
    return np.asarray(inside & (forecast["queue"] == override["queue"]), dtype=bool)


def _change(forecast: pd.DataFrame, rows: BoolArray, override: dict[str, object]) -> None:
    """Change the rows in place."""
    field, mode, value = str(override["field"]), str(override["mode"]), float(str(override["value"]))
    before = forecast.loc[rows, field].to_numpy(dtype=np.float64)
    if override["grain"] == "interval" or mode == "multiply":
        after = _applied(before, mode, value)
    elif field == "offered":
        after = _spread(before, _applied(before.sum(), mode, value))
    else:
        after = _level(before, forecast.loc[rows, "offered"].to_numpy(dtype=np.float64), mode, value)
    forecast.loc[rows, field] = after
    if field == "offered":
        bands = forecast.loc[rows, list(BANDS)].to_numpy(dtype=np.float64)
        forecast.loc[rows, list(BANDS)] = scaled_quantiles(bands, before, np.asarray(after))


def _applied(before: FloatArray, mode: str, value: float) -> FloatArray:
    new = {"set": np.full_like(before, value), "add": before + value, "multiply": before * value}[mode]
    return np.maximum(new, 0.0)


def _spread(before: FloatArray, total: FloatArray) -> FloatArray:
    """Return intervals that sum to `total` in the proportions of `before`, evenly if all are zero."""
    share = before / before.sum() if before.sum() > 0 else np.full(len(before), 1.0 / len(before))
    return share * total


def _level(before: FloatArray, offered: FloatArray, mode: str, value: float) -> FloatArray:
    """Return handle times whose call-weighted mean is the one asked for, in the proportions of `before`."""
    weight = offered if offered.sum() > 0 else np.ones(len(offered))
    mean = np.average(before, weights=weight)
    wanted = _applied(np.asarray(mean), mode, value)
    return before * (wanted / mean) if mean > 0 else np.full(len(before), float(wanted))

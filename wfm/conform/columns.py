"""The cells of a column as values of its kind: text, number, flag, instant or date; each bad cell a fault."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wfm.conform.distinct import categories_of, distinct_texts
from wfm.conform.faults import FrameFaults
from wfm.conform.zones import Zones
from wfm.errors import Fault
from wfm.hours import parse_hours
from wfm.skills import parse_skills
from wfm.stamps import StampFault, parse_stamps, quickly_parsed
from wfm.tables import TEXTS, Column, Table

TRUE_WORDS = ("true", "1", "yes")
FALSE_WORDS = ("false", "0", "no")
NOTATIONS = (("hours", "not weekly hours", parse_hours), ("skills", "not a list of skills", parse_skills))
MOST_ROWS_SHOWN = 5
COMMA_NUMBER = r"^\s*[+-]?[\d.]*\d,\d+\s*$"
COMMA_REMEDY = "a decimal point; a history with commas: `wfm import` with a mapping file"
FIRST_YEARS = {"time": 1970, "date": 1900}  # people are born before the first call
LAST_YEAR = 2199


def typed_column(
    values: pd.Series,
    column: Column,
    table: Table,
    zones: Zones,
    faults: FrameFaults,
) -> pd.Series:
    """Return a column typed; text as a category, rows with a fault as empty or any value."""
    if column.kind in TEXTS:
        return _text(values, column, faults)
    if column.kind == "time" and _is_text(values):
        values = quickly_parsed(values)
    blank = values.isna()
    if _is_text(values):
        blank |= values.astype("str").str.strip() == ""
    missing = blank.to_numpy(dtype=bool)
    if not column.optional:
        faults.add(missing, column.name, "empty", _needed(column))
    if column.kind == "flag":
        return _flag(values, missing, column, faults)
    if column.kind == "time":
        return _time(values, missing, column, table, zones, faults)
    if column.kind == "date":
        return _date(values, missing, column, faults)
    return _number(values, missing, column, faults)


def absent_column(column: Column, index: pd.Index) -> pd.Series:
    """Return an optional column that the frame does not have: its default, or empty."""
    if column.kind in TEXTS:
        texts = [] if column.default is None else [str(column.default)]
        return categories_of(np.full(len(index), len(texts) - 1), texts, index)
    if column.kind == "time":
        return pd.Series(pd.NaT, index=index, dtype="datetime64[us, UTC]")
    if column.kind == "date":
        return pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
    dtype = "int64" if column.kind == "integer" and column.default is not None else "float64"
    return pd.Series(np.nan if column.default is None else column.default, index=index, dtype=dtype)


def _is_text(values: pd.Series) -> bool:
    return values.dtype == object or pd.api.types.is_string_dtype(values.dtype)


def _needed(column: Column) -> str:
    return f"{column.description} is needed in every row"


def _text(values: pd.Series, column: Column, faults: FrameFaults) -> pd.Series:
    codes, texts = distinct_texts(values)
    if not column.optional:
        faults.add(codes < 0, column.name, "empty", _needed(column))
    if column.choices:
        unknown = np.array([*(text not in column.choices for text in texts), False])
        faults.add(unknown[codes], column.name, "unknown value", f"one of {', '.join(column.choices)}")
    for kind, what, parse in NOTATIONS:
        if column.kind == kind:
            unread = np.array([*(bool(_problem(parse, text)) for text in texts), False])
            faults.add_each(unread[codes], column.name, partial(_explained, what, parse))
    if column.default is not None:
        texts = list(dict.fromkeys([*texts, str(column.default)]))
        codes = np.where(codes < 0, texts.index(str(column.default)), codes)
    return categories_of(codes, texts, values.index)


def _explained(what: str, parse: Callable[[str], object], text: str) -> tuple[str, str]:
    return what, _problem(parse, text)


def _problem(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    return ""


def _flag(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: FrameFaults) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype(bool)
    words = values.astype("str").str.strip().str.lower()
    true, false = words.isin(TRUE_WORDS), words.isin(FALSE_WORDS)
    bad = ~(true | false).to_numpy() & ~missing
    faults.add(bad, column.name, "neither true nor false", "write true or false")
    return true.astype(bool)


def _number(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: FrameFaults) -> pd.Series:
    if _is_text(values):
        values = _quickly_read(values)
    unread = missing | _with_comma(values, column, faults)
    if values.dtype == np.float64:
        numbers = values  # as they are: a copy of every empty column of a large history is a lot
    else:
        readable = values.mask(unread) if unread.any() else values
        numbers = pd.to_numeric(readable, errors="coerce").astype("float64")
    finite = np.isfinite(numbers.to_numpy())
    faults.add(~finite & ~unread, column.name, "not a number", "digits with a decimal point")
    _check_bounds(np.asarray(numbers, dtype=np.float64), column, faults)
    if column.default is not None:
        numbers = numbers.fillna(float(column.default))
    if column.kind == "integer":
        whole = numbers.where(np.isfinite(numbers), 0.0).to_numpy()
        bad = finite & (whole != np.floor(whole))
        faults.add(bad, column.name, "not a whole number", column.description)
        return pd.Series(whole.astype("int64"), index=values.index)
    return numbers


def _quickly_read(texts: pd.Series) -> pd.Series:
    """Return texts as numbers if Arrow reads every one of them, else as they are."""
    cells = pa.array(texts.astype("str"), from_pandas=True)
    try:
        numbers: pd.Series = cells.cast(pa.float64()).to_pandas()
    except pa.ArrowInvalid:
        return texts
    return texts if numbers.isna().sum() > cells.null_count else numbers.set_axis(texts.index)


def _with_comma(values: pd.Series, column: Column, faults: FrameFaults) -> NDArray[np.bool_]:
    """Return which cells are numbers but for a comma: one cause, so one fault for the column."""
    none = np.zeros(len(values), dtype=bool)
    if not _is_text(values):
        return none
    texts = pa.array(values.astype("str"), from_pandas=True)
    if not pc.any(pc.match_substring(texts, ",")).as_py():
        return none
    matches = pc.match_substring_regex(texts, COMMA_NUMBER).fill_null(False)
    comma = np.asarray(matches, dtype=np.bool_)
    count = int(comma.sum())
    if count:
        rows = faults.lines[np.flatnonzero(comma)[:MOST_ROWS_SHOWN]]
        more = ", ..." if count > MOST_ROWS_SHOWN else ""
        shown = f", in {count} rows ({', '.join(map(str, rows))}{more})" if count > 1 else ""
        problem, value = f"not a number: a comma{shown}", str(values[comma].iloc[0])
        faults.add_one(Fault(problem, COMMA_REMEDY, "", int(rows[0]), column.name, value))
    return comma


def _check_bounds(numbers: NDArray[np.float64], column: Column, faults: FrameFaults) -> None:
    remedy = f"{column.description}, {_range(column)}"
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            bad = (numbers < column.low) & np.isfinite(numbers)
            faults.add(bad, column.name, f"below {column.low:g}", remedy)
        if column.high is not None:
            bad = (numbers > column.high) & np.isfinite(numbers)
            faults.add(bad, column.name, f"above {column.high:g}", remedy)


def _range(column: Column) -> str:
    low = f"from {column.low:g}" if column.low is not None else ""
    high = f"to {column.high:g}" if column.high is not None else ""
    return " ".join(part for part in (low, high, column.unit) if part)


_STAMP_REMEDIES = {
    StampFault.UNREADABLE: "ISO 8601 such as 2026-03-02T09:00:00+01:00 (others: `wfm import` with a mapping)",
    StampFault.AMBIGUOUS: 'add the offset, or set [import] ambiguous = "first" or "second"',
    StampFault.NONEXISTENT: 'correct it, or set [import] nonexistent = "drop" or "shift"',
}


def _time(
    values: pd.Series,
    missing: NDArray[np.bool_],
    column: Column,
    table: Table,
    zones: Zones,
    faults: FrameFaults,
) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        stamps = values.astype("datetime64[us, UTC]")
        _check_years(stamps, column, faults)
        return stamps
    unique = column.name in table.key
    groups = values if not unique or zones.column not in faults.frame else faults.frame[zones.column]
    stamps, problems = parse_stamps(
        values.mask(missing) if missing.any() else values,
        zones.of(faults.frame),
        groups if unique else None,
        zones.ambiguous,
        zones.nonexistent,
    )
    for problem, bad in problems.items():
        faults.add(bad & ~missing, column.name, problem.value, _STAMP_REMEDIES[problem])
    _check_years(stamps, column, faults)
    return stamps


def _check_years(stamps: pd.Series, column: Column, faults: FrameFaults) -> None:
    moments = stamps.to_numpy(dtype="datetime64[us]")
    first_year = FIRST_YEARS[column.kind]
    first, end = np.datetime64(f"{first_year}-01-01"), np.datetime64(f"{LAST_YEAR + 1}-01-01")
    far = (moments < first) | (moments >= end)
    faults.add(far, column.name, "not a plausible time", f"years {first_year} to {LAST_YEAR}")


def _date(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: FrameFaults) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        values = values.dt.tz_localize(None)
    if pd.api.types.is_datetime64_dtype(values.dtype):
        midnights: pd.Series = values.dt.normalize().astype("datetime64[us]")
        return midnights
    texts = values.mask(missing).astype("str").str.strip()
    dates = pd.to_datetime(texts, format="%Y-%m-%d", errors="coerce")
    bad = dates.isna().to_numpy() & ~missing
    faults.add(bad, column.name, "not a date", "YYYY-MM-DD")
    return dates.astype("datetime64[us]")

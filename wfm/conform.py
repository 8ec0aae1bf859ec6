"""Check a frame against its declared table: every fault found, then one error; or a typed, sorted frame.

Text cells (as read from CSV) and typed cells (Parquet, memory) give the same result. A stamp without offset
is local time of its queue or site, see `Zones`. Nothing is repaired or dropped silently.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from wfm.errors import MOST_FAULTS_SHOWN, DataError, Fault
from wfm.hours import parse_hours
from wfm.stamps import Ambiguous, Nonexistent, StampFault, parse_stamps
from wfm.tables import Column, Table

TRUE_WORDS = ("true", "1", "yes")
FALSE_WORDS = ("false", "0", "no")
CLOSE_NAME = 0.8
MOST_NAMES_SHOWN = 12
FIRST_YEAR, LAST_YEAR = 1970, 2199


@dataclass(frozen=True)
class Zones:
    """Whose wall clock a stamp without offset shows: the zone named by the value of `column`."""

    column: str = "queue"
    names: Mapping[str, str] = field(default_factory=dict)
    default: str = "UTC"
    ambiguous: Ambiguous = "error"
    nonexistent: Nonexistent = "error"

    def of(self, frame: pd.DataFrame) -> pd.Series:
        """Return the zone's name for each row."""
        if self.column not in frame:
            return pd.Series(self.default, index=frame.index, dtype="str")
        return frame[self.column].map(dict(self.names)).astype("str").fillna(self.default)


class _Faults:
    """Collects faults of one frame; counts all, keeps enough to print."""

    def __init__(self, frame: pd.DataFrame, source: str, lines: NDArray[np.int64] | None) -> None:
        self.frame, self.source = frame, source
        self.lines = np.arange(len(frame)) + 2 if lines is None else lines
        self.kept: list[Fault] = []
        self.total = 0

    def add(self, bad: NDArray[np.bool_], column: str, problem: str, remedy: str) -> None:
        """Record every row where `bad` holds."""
        positions = np.flatnonzero(bad)
        self.total += len(positions)
        for position in positions[:MOST_FAULTS_SHOWN]:
            value = self.frame[column].iloc[position] if column in self.frame else None
            text = None if value is None or pd.isna(value) else str(value)
            row = int(self.lines[position])
            self.kept.append(Fault(problem, remedy, "", row, column, text))

    def add_one(self, fault: Fault) -> None:
        self.total += 1
        self.kept.append(fault)

    def raise_if_any(self, table: Table) -> None:
        if self.total:
            self.kept.sort(key=lambda fault: (fault.row or 0, fault.column or ""))
            hint = f"the {table.name} table has: {', '.join(table.names)}"
            raise DataError(self.kept, source=self.source or table.name, hint=hint, total=self.total)


def conform(
    frame: pd.DataFrame,
    table: Table,
    *,
    source: str = "",
    zones: Zones | None = None,
    lines: NDArray[np.int64] | None = None,
    known: Mapping[str, Collection[str]] | None = None,
) -> pd.DataFrame:
    """Return `frame` as `table`: declared columns only, typed, sorted by key with a fresh index.

    `lines` gives the line of the file of each row (default: position + 2). `known` names, per column, the
    values that exist elsewhere (queues, sites, agents); cells of `;`-lists are taken apart. Raises DataError
    with every fault.
    """
    faults = _Faults(frame, source, lines)
    _check_twice(frame, table, source)
    _check_header(frame, table, faults)
    columns: dict[str, pd.Series] = {}
    zone_names = (zones or Zones()).of(frame)
    for column in table.columns:
        if column.name in frame:
            columns[column.name] = _typed(frame[column.name], column, table, zones, zone_names, faults)
        else:
            columns[column.name] = _absent(column, frame.index)
    typed = pd.DataFrame(columns, index=frame.index)
    _check_rows(typed, table, faults)
    for name, names in (known or {}).items():
        _check_known(typed[name], names, faults)
    faults.raise_if_any(table)
    times = [column.name for column in table.columns if column.kind == "time" and not column.optional]
    typed = typed[typed[times].notna().all(axis=1)]  # stamps of a skipped hour, with nonexistent = "drop"
    if table.in_file_order:
        return typed.reset_index(drop=True)
    return typed.sort_values(list(table.key), kind="stable", ignore_index=True)


def empty(table: Table) -> pd.DataFrame:
    """Return the table without rows."""
    return conform(pd.DataFrame({name: pd.Series(dtype="str") for name in table.names}), table)


def _check_known(values: pd.Series, names: Collection[str], faults: _Faults) -> None:
    """Report cells that name something that does not exist, with the nearest name that does."""
    column = str(values.name)
    for text in values.dropna().unique():
        pieces = [piece.strip() for piece in str(text).split(";") if piece.strip()]
        wrong = [piece for piece in pieces if piece not in names and not piece.startswith("team:")]
        if wrong:
            bad_name_remedy = _remedy_of_name(wrong[0], names)
            bad = (values == text).fillna(False).to_numpy(dtype=bool)
            faults.add(bad, column, f"'{wrong[0]}' is not known", bad_name_remedy)


def _remedy_of_name(name: str, names: Collection[str]) -> str:
    if "," in name and all(piece.strip() in names for piece in name.split(",")):
        return "put ';' between names"
    near = difflib.get_close_matches(name, list(names), n=1)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(sorted(names)[:MOST_NAMES_SHOWN])}"


def _check_twice(frame: pd.DataFrame, table: Table, source: str) -> None:
    """Refuse a table in which a column stands twice: which of them holds is anybody's guess."""
    twice = [str(name) for name in frame.columns[frame.columns.duplicated()].unique()]
    if twice:
        faults = [Fault("column stands twice", "keep one of them", "", 1, name) for name in twice]
        raise DataError(faults, source=source or table.name)


def _check_header(frame: pd.DataFrame, table: Table, faults: _Faults) -> None:
    unknown = [str(name) for name in frame.columns if name not in table.names]
    for column in table.columns:
        if column.name in frame:
            continue
        near = difflib.get_close_matches(column.name, unknown, n=1, cutoff=CLOSE_NAME)
        if near:
            remedy = f"rename it to '{column.name}'"
            faults.add_one(Fault("unknown column", remedy, "", 1, near[0]))
        elif not column.optional:
            remedy = f"add it: {column.description}" + (f", {column.unit}" if column.unit else "")
            faults.add_one(Fault("missing column", remedy, "", 1, column.name))


def _absent(column: Column, index: pd.Index) -> pd.Series:
    if column.kind in ("text", "hours"):
        default = column.default if column.default is not None else pd.NA
        return pd.Series(default, index=index, dtype="str")
    if column.kind == "time":
        return pd.Series(pd.NaT, index=index, dtype="datetime64[us, UTC]")
    if column.kind == "date":
        return pd.Series(pd.NaT, index=index, dtype="datetime64[us]")
    return pd.Series(np.nan if column.default is None else column.default, index=index, dtype="float64")


def _typed(
    values: pd.Series,
    column: Column,
    table: Table,
    zones: Zones | None,
    zone_names: pd.Series,
    faults: _Faults,
) -> pd.Series:
    texts = _is_text(values)
    blank = (values.isna() | (values.astype("str").str.strip() == "")) if texts else values.isna()
    missing = blank.to_numpy(dtype=bool)
    if not column.optional:
        faults.add(missing, column.name, "empty", f"{column.description} is needed in every row")
    if column.kind in ("text", "hours"):
        return _text(values, missing, column, faults)
    if column.kind == "flag":
        return _flag(values, missing, column, faults)
    if column.kind == "time":
        return _time(values, missing, column, table, zones, zone_names, faults)
    if column.kind == "date":
        return _date(values, missing, column, faults)
    return _number(values, missing, column, faults)


def _is_text(values: pd.Series) -> bool:
    return values.dtype == object or pd.api.types.is_string_dtype(values.dtype)


def _text(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: _Faults) -> pd.Series:
    texts = values.astype("str").str.strip().mask(missing)
    if column.default is not None:
        texts = texts.fillna(str(column.default))
    if column.choices:
        bad = (~texts.isin(column.choices)).to_numpy() & ~missing
        faults.add(bad, column.name, "unknown value", f"one of {', '.join(column.choices)}")
    if column.kind == "hours":
        for text in texts.dropna().unique():
            try:
                parse_hours(text)
            except ValueError as error:
                bad = (texts == text).fillna(False).to_numpy(dtype=bool)
                faults.add(bad, column.name, "not weekly hours", str(error))
    return texts


def _flag(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: _Faults) -> pd.Series:
    if pd.api.types.is_bool_dtype(values.dtype):
        return values.astype(bool)
    words = values.astype("str").str.strip().str.lower()
    true, false = words.isin(TRUE_WORDS), words.isin(FALSE_WORDS)
    bad = ~(true | false).to_numpy() & ~missing
    faults.add(bad, column.name, "neither true nor false", "write true or false")
    return true.astype(bool)


def _number(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: _Faults) -> pd.Series:
    numbers = pd.to_numeric(values.mask(missing) if missing.any() else values, errors="coerce")
    numbers = numbers.astype("float64")
    finite = np.isfinite(numbers.to_numpy())
    commas = (
        _is_text(values) and values.astype("str").str.fullmatch(r"\s*-?[\d.]*\d,\d+\s*").fillna(False).any()
    )
    remedy = (
        "a decimal point; a history with commas: `wfm import` with a mapping file"
        if commas
        else "digits with a decimal point"
    )
    faults.add(~finite & ~missing, column.name, "not a number", remedy)
    with np.errstate(invalid="ignore"):
        if column.low is not None:
            bad = finite & (numbers.to_numpy() < column.low)
            faults.add(bad, column.name, f"below {column.low:g}", f"{column.description}, {_range(column)}")
        if column.high is not None:
            bad = finite & (numbers.to_numpy() > column.high)
            faults.add(bad, column.name, f"above {column.high:g}", f"{column.description}, {_range(column)}")
    if column.default is not None:
        numbers = numbers.fillna(float(column.default))
    if column.kind == "integer":
        whole = numbers.fillna(0).to_numpy()
        bad = finite & (whole != np.floor(whole))
        faults.add(bad, column.name, "not a whole number", column.description)
        return pd.Series(np.where(finite, whole, 0).astype("int64"), index=values.index)
    return numbers


def _range(column: Column) -> str:
    low = f"from {column.low:g}" if column.low is not None else ""
    high = f"to {column.high:g}" if column.high is not None else ""
    return " ".join(part for part in (low, high, column.unit) if part)


def _time(
    values: pd.Series,
    missing: NDArray[np.bool_],
    column: Column,
    table: Table,
    zones: Zones | None,
    zone_names: pd.Series,
    faults: _Faults,
) -> pd.Series:
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        return values.astype("datetime64[us, UTC]")
    rule = zones or Zones()
    unique = column.name in table.key
    groups = values if not unique or rule.column not in faults.frame else faults.frame[rule.column]
    stamps, problems = parse_stamps(
        values.mask(missing), zone_names, groups if unique else None, rule.ambiguous, rule.nonexistent
    )
    for problem, bad in problems.items():
        faults.add(bad & ~missing, column.name, problem.value, _STAMP_REMEDIES[problem])
    known = stamps.notna().to_numpy()
    far = known & ~stamps.dt.year.between(FIRST_YEAR, LAST_YEAR).to_numpy(dtype=bool)
    faults.add(far, column.name, "not a plausible time", f"years {FIRST_YEAR} to {LAST_YEAR}")
    return stamps


_STAMP_REMEDIES = {
    StampFault.UNREADABLE: "ISO 8601 such as 2026-03-02T09:00:00+01:00 (others: `wfm import` with a mapping)",
    StampFault.AMBIGUOUS: 'add the offset, or set [import] ambiguous = "first" or "second"',
    StampFault.NONEXISTENT: 'correct it, or set [import] nonexistent = "drop" or "shift"',
}


def _date(values: pd.Series, missing: NDArray[np.bool_], column: Column, faults: _Faults) -> pd.Series:
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


def _check_rows(typed: pd.DataFrame, table: Table, faults: _Faults) -> None:
    for rule in table.ordered:
        first, last = typed[rule.first], typed[rule.last]
        bad = (first >= last) if rule.strict else (first > last)
        word = "not after" if rule.strict else "before"
        faults.add(
            bad.fillna(False).to_numpy(dtype=bool),
            rule.last,
            f"{word} '{rule.first}'",
            "swap or correct them",
        )
    if len(typed) == 0 or any(
        name not in faults.frame for name in table.key if not table.column(name).optional
    ):
        return
    keys = typed[list(table.key)]
    whole = keys.drop(columns=[n for n in table.key if table.column(n).optional]).notna().all(axis=1)
    twice = (keys.duplicated(keep="first") & whole).to_numpy()
    if twice.any():
        first_rows = (
            keys.assign(line=faults.lines).groupby(list(table.key), dropna=False)["line"].transform("first")
        )
        for position in np.flatnonzero(twice)[:MOST_FAULTS_SHOWN]:
            key = ", ".join(f"{name}={keys[name].iloc[position]}" for name in table.key)
            problem = f"second row for one key ({key}), first in row {int(first_rows.iloc[position])}"
            row = int(faults.lines[position])
            faults.add_one(Fault(problem, "keep one of them", "", row, table.key[-1]))
        faults.total += int(twice.sum()) - min(int(twice.sum()), MOST_FAULTS_SHOWN)

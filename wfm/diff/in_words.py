"""Changes as tables of text, and as plain values for JSON. Names are on one line, controls made visible."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from wfm.diff.changes import Changes
from wfm.diff.figures import SMALLEST, Figures
from wfm.diff.run import Reach
from wfm.diff.service import changed_service
from wfm.diff.settings import Setting
from wfm.errors import count_of, one_line

ALL = "all"
SHARES = frozenset({"service_level", "abandonment", "within_deadline"})
TITLES = {"people": "agents (site; contract; skills)", "settings": "wfm.toml", "manifest": "made from"}


@dataclass(frozen=True)
class Section:
    """A table to be printed: every cell is text."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    left_out: int = 0

    @property
    def texts(self) -> int:
        """How many of its columns are texts: the others, to their right, are numbers."""
        return 2 if "change" in self.header else len(self.header)


def sections(found: Changes, most: int) -> Iterator[Section]:
    """Yield the tables that have rows; of days, shifts and settings at most `most` rows each."""
    for figure in found.figures:
        yield from _figure(figure, most)
    yield from _service(found.service)
    yield from _shifts(found.shifts, most)
    yield from _settings("objective", found.objective, len(found.objective))
    for name, title in TITLES.items():
        yield from _settings(title, getattr(found, name), most)


def headline(found: Changes) -> list[str]:
    """Return what was compared, what was left out, and how much changed, in sentences."""
    lines = [f"{one_line(found.before)} -> {one_line(found.after)}"]
    for reach in found.reaches:
        lines += _reach(reach, found)
    lines += [f"not compared: {one_line(text)}" for text in found.missing]
    if found.is_empty:
        return [*lines, "nothing differs"]
    people = found.shifts["agent_id"].nunique()
    kinds = ", ".join(f"{count} {kind}" for kind, count in found.shifts["kind"].value_counts().items())
    if len(found.shifts):
        verb = "differs" if len(found.shifts) == 1 else "differ"
        shifts = f"{count_of(len(found.shifts), 'shift')} of {count_of(people, 'agent')}"
        lines.append(f"{shifts} {verb}: {kinds}")
    return lines


def _reach(reach: Reach, found: Changes) -> Iterator[str]:
    if reach.common is None:
        spans = (" to ".join(_moment(moment) for moment in side) for side in (reach.before, reach.after))
        yield f"{reach.table}: no common time ({'; '.join(spans)})"
        return
    first, last = reach.common
    for name, side in ((found.before, reach.before), (found.after, reach.after)):
        if side[0] < first:
            yield f"{reach.table}: only {one_line(name)} has {_moment(side[0])} to before {_moment(first)}"
        if side[1] > last:
            yield f"{reach.table}: only {one_line(name)} has after {_moment(last)} to {_moment(side[1])}"


def _moment(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d}" if moment.tzinfo is None else f"{moment:%Y-%m-%d %H:%M} UTC"


def _figure(figure: Figures, most: int) -> Iterator[Section]:
    changed = figure.changed
    if changed.empty:
        return
    key = figure.keys[0]
    totals = figure.totals
    whole = {"before": totals["before"].sum(), "after": totals["after"].sum()}
    rows = [(one_line(str(row[key])), ALL, *_numbers(row)) for row in totals.to_dict("records")]
    rows.append((ALL, ALL, *_numbers(whole)))
    by_size = (changed["after"] - changed["before"]).abs().sort_values(ascending=False, kind="stable")
    kept = changed.loc[by_size.index[:most]].sort_index()
    rows += [
        (one_line(str(row[key])), f"{row['date']:%Y-%m-%d %a}", *_numbers(row))
        for row in kept.to_dict("records")
    ]
    header = (key, "date", "before", "after", "change", "share")
    yield Section(f"{figure.name} ({figure.unit})", header, tuple(rows), len(changed) - len(kept))


def _numbers(row: Any) -> tuple[str, ...]:
    before, after = float(row["before"]), float(row["after"])
    change = after - before
    share = f"{change / before:+z.1%}" if before > SMALLEST else "-"
    return f"{before:z.2f}", f"{after:z.2f}", f"{change:+z.2f}", share


def _service(rows: pd.DataFrame) -> Iterator[Section]:
    changed = changed_service(rows)
    if changed.empty:
        return
    texts = []
    for row in changed.to_dict("records"):
        measure = str(row["measure"])
        shown = [_share(row[side], measure) for side in ("before", "after")]
        both = all(pd.notna(row[side]) for side in ("before", "after"))
        change = _share(row["after"] - row["before"], measure, sign=True) if both else "-"
        texts.append((one_line(str(row["queue"])), measure, *shown, change))
    header = ("queue", "measure", "before", "after", "change")
    yield Section("service (simulated)", header, tuple(texts))


def _share(value: float, measure: str, *, sign: bool = False) -> str:
    if pd.isna(value):
        return "-"
    plus = "+" if sign else ""
    return f"{value:{plus}z.1%}" if measure in SHARES else f"{value:{plus}z.1f} s"


def _shifts(rows: pd.DataFrame, most: int) -> Iterator[Section]:
    if rows.empty:
        return
    names = ("agent_id", "name", "kind", "before", "after")
    inside = rows["kind"] == "inside"  # who comes and goes at other times matters more than breaks
    outside_first = pd.concat([rows[~inside], rows[inside]])
    texts = [
        (f"{row['date']:%Y-%m-%d %a}", *(one_line(str(row[name])) for name in names))
        for row in outside_first.head(most).to_dict("records")
    ]
    header = ("date", "agent", "name", "kind", "before", "after")
    yield Section("shifts", header, tuple(texts), max(0, len(rows) - most))


def _settings(title: str, settings: Iterable[Setting], most: int) -> Iterator[Section]:
    rows = [(one_line(one.key), *(_value(side) for side in (one.before, one.after))) for one in settings]
    if rows:
        yield Section(title, ("key", "before", "after"), tuple(rows[:most]), max(0, len(rows) - most))


def _value(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:z.6g}"
    if isinstance(value, str):
        return one_line(value)
    return one_line(json.dumps(_unsigned_zero(value), default=str, ensure_ascii=False))


def facts(found: Changes) -> dict[str, Any]:
    """Return the changes as plain values: only rows that differ, dates and moments in ISO 8601."""
    told = {
        "before": found.before,
        "after": found.after,
        "same": found.is_empty,
        "figures": {figure.name: _figure_facts(figure) for figure in found.figures},
        "service": _records(changed_service(found.service)),
        "shifts": _records(found.shifts),
        **{
            name: [vars(one) for one in getattr(found, name)]
            for name in ("people", "objective", "settings", "manifest")
        },
        "compared": [_reach_facts(reach) for reach in found.reaches],
        "not_compared": list(found.missing),
    }
    return {name: _unsigned_zero(value) for name, value in told.items()}


def _unsigned_zero(value: Any) -> Any:
    """Return a plain value in which no zero has a sign: `-0.0` reads like a loss."""
    if isinstance(value, float):
        return value + 0.0
    if isinstance(value, Mapping):
        return {key: _unsigned_zero(one) for key, one in value.items()}
    return [_unsigned_zero(one) for one in value] if isinstance(value, list | tuple) else value


def _figure_facts(figure: Figures) -> dict[str, Any]:
    return {
        "unit": figure.unit,
        "before": float(figure.rows["before"].sum()),
        "after": float(figure.rows["after"].sum()),
        "totals": _records(figure.totals),
        "changed": _records(figure.changed),
    }


def _reach_facts(reach: Reach) -> dict[str, Any]:
    spans = {"before": reach.before, "after": reach.after, "common": reach.common}
    sides = {name: span and [moment.isoformat() for moment in span] for name, span in spans.items()}
    return {"table": reach.table, **sides}


def _records(rows: pd.DataFrame) -> list[dict[str, Any]]:
    return [{str(key): _plain(value) for key, value in row.items()} for row in rows.to_dict("records")]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    return None if isinstance(value, float) and math.isnan(value) else value

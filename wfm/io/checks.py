"""The SQL that turns the text cells of one source into typed columns with a fault code per row.

Three queries inside each other: the innermost cleans the cells (see `wfm.io.cells`), the middle one reads
each canonical column once (`t3` its text, `v3` its value, `b3` unreadable), the outer one picks the first
check that a row fails. The code of a fault is its place in the list of checks, so that the words stay in
Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from wfm.io.cells import Cells, Reading, quoted
from wfm.io.scan import Scan

WHOLE_ROW = ""
UNKNOWN_QUEUE = "unknown queue"
_TYPES = {"number": "DOUBLE", "time": "TIMESTAMP"}


@dataclass(frozen=True)
class Check:
    """A condition under which a row is refused, SQL of the text to show, and the reason in words."""

    column: str
    reason: str
    condition: str = ""
    text: str = "NULL"


@dataclass(frozen=True)
class Layout:
    """What is read from one source: a reading per canonical column, and per end of a span."""

    scan: Scan
    cells: Cells
    readings: tuple[Reading, ...]

    @property
    def times(self) -> list[str]:
        """Names of the columns that hold a time."""
        return [reading.column.name for reading in self.readings if reading.is_time]

    @property
    def spans(self) -> list[Reading]:
        """The columns that are the time between two others."""
        return [reading for reading in self.readings if reading.parts]


def layout(scan: Scan, cells: Cells) -> Layout:
    """Return what to read: every canonical column that the mapping gives, then the ends of spans."""
    readings = [found for column in cells.source.table.columns if (found := cells.reading(column))]
    ends = dict.fromkeys(header for reading in readings for header in reading.parts)
    return Layout(scan, cells, (*readings, *map(cells.end, ends)))


def cell_checks(plan: Layout, queues: Iterable[str]) -> Iterator[Check]:
    """Yield the checks of cells and of the row's width, in the order in which a fault is reported."""
    if plan.scan.width is not None:
        yield Check(WHOLE_ROW, plan.scan.short_row, "short_row")
        yield Check(WHOLE_ROW, "more cells than the header has columns", "long_row")
    for number, reading in enumerate(plan.readings):
        yield from _checks_of(number, reading, queues)


def _checks_of(number: int, reading: Reading, queues: Iterable[str]) -> Iterator[Check]:
    column, place = reading.column, reading.place
    text, value = f"t{number}", f"v{number}"
    if reading.unreadable:
        yield Check(place, f"not {reading.expected}", f"b{number}", text)
    if not column.optional and not reading.parts:
        yield Check(place, f"empty: {column.description} is needed in every row", f"{value} IS NULL")
    if column.name == "queue":
        yield Check("queue", UNKNOWN_QUEUE, f"{value} NOT IN ({_listed(queues)})", text)
    if column.choices:
        reason = f"not one of {', '.join(column.choices)}"
        yield Check(place, reason, f"{value} NOT IN ({_listed(column.choices)})", text)
    if column.low is not None and not reading.parts:
        shown = text if reading.text != "NULL" else f"CAST({value} AS VARCHAR)"
        yield Check(place, f"below {column.low:g}", f"{value} < {column.low!r}", shown)


def checked_sql(plan: Layout, checks: list[Check], name: str) -> str:
    """Return SQL that creates table `name`: its own columns, and the canonical ones.

    Its own are record, version and part (see `Cells`), apart, excluded, fault and value.

    A time has the columns `X.stamp`, `X.aware` and `X.shift` (see `Reading`). Columns that the mapping does
    not give are NULL.
    """
    widths = _widths(plan.scan)
    cells = ["record", *widths, *plan.cells.cleaned()]
    values = ["record", *(word.split()[-1] for word in widths), f"{_excluded(plan.cells)} AS excluded"]
    for number, reading in enumerate(plan.readings):
        values += _values(number, reading)
    values.append(f"{plan.cells.version()} AS version")
    values += [f"{plan.cells.part()} AS part", f"{plan.cells.apart()} AS apart"]
    columns = ["record", "version", "part", "apart", *_verdict(checks, len(widths)), *_columns(plan)]
    query = f"FROM {plan.scan.numbered}"
    for names in (cells, values, columns):
        query = f"FROM ({query}) SELECT {', '.join(names)}"
    return f"CREATE OR REPLACE TEMP TABLE {name} AS {query}"


def _widths(scan: Scan) -> list[str]:
    if scan.width is None:
        return []
    return [f"c{scan.width - 1} IS NULL AS short_row", f"c{scan.width} IS NOT NULL AS long_row"]


def _excluded(cells: Cells) -> str:
    rules = [f"WHEN {cells.excluded(rule)} THEN {code}" for code, rule in enumerate(cells.source.exclude)]
    return f"CAST(CASE {' '.join(rules)} END AS SMALLINT)" if rules else "CAST(NULL AS SMALLINT)"


def _values(number: int, reading: Reading) -> Iterator[str]:
    yield f"{reading.text} AS t{number}"
    if reading.value:
        yield f"{reading.value} AS v{number}"
    if reading.is_time:
        yield f"{reading.aware} AS a{number}"
        yield f"CAST({reading.shift or 'NULL'} AS DOUBLE) AS s{number}"
    if reading.unreadable:
        yield f"({' OR '.join(f'({condition})' for condition in reading.unreadable)}) AS b{number}"


def _verdict(checks: list[Check], widths: int) -> Iterator[str]:
    """Yield SQL of excluded, fault and value; the first `widths` checks come before any exclusion."""
    cases = [f"WHEN {check.condition} THEN {code}" for code, check in enumerate(checks)]
    fault = " ".join([*cases[:widths], "WHEN excluded IS NOT NULL THEN NULL", *cases[widths:]])
    shown = " ".join(f"WHEN {code} THEN {check.text}" for code, check in enumerate(checks))
    yield "CASE WHEN NOT (short_row OR long_row) THEN excluded END AS excluded" if widths else "excluded"
    yield f"CAST(CASE {fault} END AS SMALLINT) AS fault"
    yield f"CASE WHEN fault IS NOT NULL THEN CASE fault {shown} END END AS value"


def _columns(plan: Layout) -> Iterator[str]:
    given = set()
    for number, reading in enumerate(plan.readings):
        name, kind = reading.column.name, _TYPES.get(reading.column.kind, "VARCHAR")
        given.add(name)
        if reading.is_time:
            yield f'v{number} AS "{name}.stamp", a{number} AS "{name}.aware", s{number} AS "{name}.shift"'
        else:
            yield f'CAST({"NULL" if reading.parts else f"v{number}"} AS {kind}) AS "{name}"'
    for column in plan.cells.source.table.columns:
        if column.name not in given:
            yield f'CAST(NULL AS {_TYPES.get(column.kind, "VARCHAR")}) AS "{column.name}"'


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(map(quoted, texts))

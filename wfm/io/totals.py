"""The totals row with which many interval exports end: found, left out, and compared with the rows above it.

A row is a totals row if it is the last one and says so where the queue or the start stands (`Total`, `Summe`
and the like), or if it has counts but no start. A total that differs from the sum of the rows means that the
export was cut, or that some of its rows were removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import duckdb

from wfm.io.cells import Cells, quoted
from wfm.io.scan import Scan
from wfm.io.source import Source
from wfm.tables import HISTORY

REASON = "totals row"
TOLERANCE = 1e-6  # of the total: sums of fractions are not exact
WORDS = (
    *("total", "totals", "grand total", "sum", "overall", "all queues", "summary"),
    *("summe", "gesamt", "gesamtsumme", "gesamtergebnis", "insgesamt"),
    *("somme", "total général", "totale", "totale generale", "suma", "total general", "totaal", "razem"),
)


@dataclass(frozen=True)
class Totals:
    """The totals row of a file: its record number, the `offered` that it states, and that of the other rows.

    `stated` is None if no number stands there.
    """

    record: int
    stated: float | None
    added: float

    def warning(self) -> str:
        """Return what to tell the user of a total that is not the sum of the rows, nothing if it is."""
        if self.stated is None or abs(self.stated - self.added) <= TOLERANCE * max(self.stated, 1):
            return ""
        return f"the file's own total says {self.stated:.15g}, its rows add up to {self.added:.15g}"


def totals_row(
    connection: duckdb.DuckDBPyConnection, found: Scan, source: Source, queues: Iterable[str]
) -> Totals | None:
    """Return the totals row of an interval export, None if it has none; `queues` are those of the centre.

    A word of the mapping's `values.queue`, and the name of a queue, is never taken for a total.
    """
    if source.table is not HISTORY:
        return None
    cells = Cells(source, found.numbers, found.types)
    offered = cells.reading(HISTORY.column("offered"))
    queue = [f"x{found.numbers[header]}" for header in source.headers_of("queue")]
    start = [f"h{found.numbers[header]}" for header in source.headers_of("interval_start")]
    if offered is None or not start:
        return None
    known = [name.casefold() for name in (*queues, *source.values.get("queue", {}))]
    words = ", ".join(quoted(word) for word in WORDS if word not in known)
    says_so = " OR ".join(
        f"lower(rtrim(coalesce({cell}, ''), ': ')) IN ({words})" for cell in (*queue, *start)
    )
    no_start = " AND ".join(f"{cell} IS NULL" for cell in start)
    cleaned = f"FROM {found.numbered} SELECT record, {', '.join(cells.cleaned())}"
    judged = (
        f"FROM ({cleaned}) SELECT record, CAST({offered.value} AS DOUBLE) AS offered, "
        f"({says_so}) AS says_so, ({no_start}) AS no_start, max(record) OVER () AS last"
    )
    row = connection.execute(
        f"FROM ({judged}) SELECT max(last), bool_or(says_so OR (no_start AND offered IS NOT NULL)) "
        "FILTER (record = last), count(*) FILTER (says_so), max(offered) FILTER (record = last), "
        "coalesce(sum(offered) FILTER (record < last), 0), count(*)"
    ).fetchall()[0]
    last, is_total, words_found, stated, added, rows = row
    if not is_total or words_found > 1 or rows == 1:  # a total of every interval is no trailing one
        return None
    return Totals(int(last), stated, float(added))

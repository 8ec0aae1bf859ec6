"""One source as typed, checked rows in DuckDB, each with its record number and, if it has one, its fault.

A row has at most one fault, its first: a wrong number of cells, then by column a cell that cannot be read or
believed or is empty where it is needed, an unknown queue, times out of order. Rows that the mapping excludes
are counted, not checked.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from wfm.errors import DataError, Fault
from wfm.io.cells import Cells
from wfm.io.checks import UNKNOWN_QUEUE, Check, Layout, cell_checks, checked_sql, layout
from wfm.io.compact import CompactRows
from wfm.io.mapping import Source, nearest
from wfm.io.plain import PlainRows, plain_rows
from wfm.io.scan import Scan, ascertained
from wfm.io.totals import REASON as TOTALS_ROW
from wfm.io.totals import Totals, totals_row
from wfm.io.wall_clock import ZoneRule, instant_sql, place_doubtful
from wfm.stamps import StampFault
from wfm.tables import HISTORY

SKIPPED_HOUR = 'in the hour that the clock change skips (nonexistent = "drop")'
_REMEDIES = {
    StampFault.AMBIGUOUS: 'add the offset, or set [import] ambiguous = "first" or "second"',
    StampFault.NONEXISTENT: 'correct it, or set [import] nonexistent = "drop" or "shift"',
}


_QUOTED = re.compile(r"""(["']).*\1""")


@dataclass
class Rows:
    """The rows of one source, in the table `name` of the connection; those in `plain` need no look here."""

    connection: duckdb.DuckDBPyConnection
    name: str
    scan: Scan
    source: Source
    rule: ZoneRule
    plain: PlainRows | CompactRows | None = None
    totals: Totals | None = None
    imbalance: str = ""
    checks: list[Check] = field(default_factory=list)

    def load(self, *, in_full: bool = False) -> Rows:
        """Read, place in time and check the file; DataError if it is no readable table at all.

        `in_full` keeps every column of every row; else plain rows are kept apart, and only what is counted.
        """
        try:
            if not in_full:
                self._part()
            self.scan = ascertained(self.scan) if self.plain is None else self.scan
            plan = layout(self.scan, Cells(self.source, self.scan.numbers, self.scan.types))
            self.checks += cell_checks(plan, self.rule.zones)
            self.connection.execute(checked_sql(plan, self.checks, self.name))
            self._leave_out_totals()
            self._place(plan)
            self._measure(plan)
        except duckdb.Error as error:
            raise self._unreadable(error) from error
        self._check_order()
        self._check_apart()
        self.imbalance = self._more_than_came()
        return self

    @property
    def good(self) -> str:
        """SQL of the rows that can be used, with the canonical columns; instants are naive UTC."""
        names = ", ".join(f'"{name}"' for name in self.source.table.names)
        usable = "fault IS NULL AND excluded IS NULL"
        return f"(FROM {self.name} SELECT record, version, part, {names} WHERE {usable})"

    @property
    def notes(self) -> list[str]:
        """What the user must know of the file itself."""
        warning = self.totals.warning() if self.totals else ""
        return [note for note in (warning, self.imbalance) if note]

    def _more_than_came(self) -> str:
        """Return a warning if more contacts left intervals than came in them, empty if not.

        That is no fault: many systems book a contact where it is answered or left, after the interval in
        which it came (so Genesys says of its own views). Many such rows tell of a wrong mapping.
        """
        if self.source.table is not HISTORY or self.source.attribution == "completion":
            return ""
        left = " + ".join(f"coalesce({name}, 0)" for name in ("handled", "abandoned", "flow_out"))
        rows, first = self.connection.execute(
            f"FROM {self.good} SELECT count(*), arg_min((record, {left}, offered), record) "
            f"WHERE {left} > offered * (1 + 1e-9)"
        ).fetchall()[0]
        if not rows:
            return ""
        record, gone, offered = first
        text = f"more contacts handled, abandoned or passed on than offered in {rows} of its intervals"
        return (
            f"{text} (first in record {record}: {gone:g} of {offered:g}): they may have come in an interval "
            "before; if there are many, look at the mapping (`wfm doctor` compares whole days)"
        )

    def _leave_out_totals(self) -> None:
        """Leave out the totals row with which an interval export ends."""
        self.totals = totals_row(self.connection, self.scan, self.source, self.rule.zones)
        if self.totals is not None:
            code = len(self.source.exclude) + 1
            self._update(f"fault = NULL, excluded = {code}", f"WHERE record = {self.totals.record}")

    def _part(self) -> None:
        """Part the plain rows from those that need a look."""
        try:
            found = plain_rows(self.connection, f"{self.name}_plain", self.scan, self.source, self.rule)
        except duckdb.Error:
            if self.scan.text is None or not self.scan.text.dialect.assumed:
                raise
            found = None
        if found is not None:
            self.plain, self.scan = found

    def refused(self) -> pd.DataFrame:
        """Return the refused rows: file, record, column, value and reason."""
        found = self.connection.execute(
            f"FROM {self.name} SELECT record, fault, CAST(value AS VARCHAR) AS value WHERE fault IS NOT NULL"
        ).df()
        checks = [self.checks[code] for code in found["fault"]]
        reasons = [self._reason(check, value) for check, value in zip(checks, found["value"], strict=True)]
        return pd.DataFrame(
            {
                "file": pd.Series(str(self.scan.path), index=found.index, dtype="str"),
                "record": found["record"],
                "column": pd.Series([check.column or None for check in checks], dtype="str"),
                "value": found["value"].astype("str"),
                "reason": pd.Series(reasons, dtype="str"),
            }
        )

    def excluded(self) -> dict[str, int]:
        """Return the number of rows left out on purpose, by reason."""
        reasons = [*(rule.reason for rule in self.source.exclude), SKIPPED_HOUR, TOTALS_ROW]
        found = self.connection.execute(
            f"FROM {self.name} SELECT excluded, count(*) WHERE excluded IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ).fetchall()
        return {reasons[code]: count for code, count in found}

    def count(self) -> int:
        """Return the number of rows read, without the excluded ones."""
        looked_at = int(self._one(f"FROM {self.name} SELECT count(*) WHERE excluded IS NULL"))
        return looked_at + (self.plain.count() if self.plain else 0)

    def span(self, column: str) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Return the first and last instant of a column of the good rows, or nothing if there are none."""
        first, last = self.connection.execute(
            f'FROM {self.good} SELECT min("{column}"), max("{column}")'
        ).fetchall()[0]
        spans = self.plain.span() if self.plain and column == "arrived_at" else []
        if first is not None:
            spans.append((pd.Timestamp(first, tz="UTC"), pd.Timestamp(last, tz="UTC")))
        return [(min(span[0] for span in spans), max(span[1] for span in spans))] if spans else []

    def _place(self, plan: Layout) -> None:
        """Turn wall clocks into instants: column X from `X.stamp`, `X.aware` and `X.shift`."""
        columns = []
        for name in plan.times:
            first, last = self.connection.execute(
                f'FROM {self.name} SELECT min("{name}.stamp"), max("{name}.stamp") '
                f'WHERE NOT "{name}.aware" AND fault IS NULL'
            ).fetchall()[0]
            stamp = f'"{name}.stamp"'
            placed = "NULL" if first is None else instant_sql(stamp, "queue", self.rule, first, last)
            instant = f'CASE WHEN "{name}.aware" THEN {stamp} ELSE {placed} END'
            columns.append(f'{instant} + to_microseconds({_microseconds(name)}) AS "{name}"')
        if columns:
            self.connection.execute(
                f"CREATE OR REPLACE TEMP TABLE {self.name} AS FROM {self.name} SELECT *, {', '.join(columns)}"
            )
        labels = {reading.column.name: reading.place for reading in plan.readings}
        for position, name in enumerate(plan.times):
            self._place_doubtful(name, labels[name], plan.times[0] if position else "")

    def _place_doubtful(self, name: str, label: str, arrival: str) -> None:
        """Place the stamps of column `name` inside a clock change, none before the row's `arrival`."""
        not_before = f'"{arrival}"' if arrival else "CAST(NULL AS TIMESTAMP)"
        stamps = self.connection.execute(
            f'FROM {self.name} SELECT record, queue, "{name}.stamp" AS local, {not_before} AS not_before '
            f'WHERE fault IS NULL AND excluded IS NULL AND "{name}" IS NULL AND "{name}.stamp" IS NOT NULL '
            "ORDER BY record"
        ).df()
        if stamps.empty:
            return
        stamps["not_before"] = pd.to_datetime(stamps["not_before"]).dt.tz_localize("UTC")
        instants, problems = place_doubtful(stamps, self.rule, unique=self.source.grain == "interval")
        placed = pd.DataFrame({"record": stamps["record"], "instant": instants.dt.tz_localize(None)})
        self._set_instants(name, placed[placed["instant"].notna()])
        for problem, bad in problems.items():
            if bad.any():
                shown = f"""strftime("{name}.stamp", '%Y-%m-%dT%H:%M:%S')"""
                check = Check(label, f"{problem.value}: {_REMEDIES[problem]}", text=shown)
                self._refuse(check, _records(stamps["record"][bad]))
        faulty = np.logical_or.reduce(list(problems.values()))
        dropped = stamps["record"][instants.isna() & ~faulty]
        if len(dropped):
            code = len(self.source.exclude)
            self._update(f"excluded = {code}", f"WHERE {_records(dropped)}")

    def _set_instants(self, name: str, placed: pd.DataFrame) -> None:
        self.connection.register("placed", placed)
        instant = f"placed.instant + to_microseconds({_microseconds(name)})"
        self._update(f'"{name}" = {instant}', f"FROM placed WHERE {self.name}.record = placed.record")
        self.connection.unregister("placed")

    def _measure(self, plan: Layout) -> None:
        """Fill the columns that are the time between two others."""
        for reading in plan.spans:
            name, (first, last) = reading.column.name, reading.parts
            begin, end = plan.cells.end_name(first), plan.cells.end_name(last)
            self._update(f'"{name}" = (epoch_us({end}) - epoch_us({begin})) / 1e6')
            self._refuse(Check(name, f"'{last}' before '{first}'"), f'"{name}" < 0')
            if not reading.column.optional:
                self._refuse(Check(name, f"empty: '{first}' and '{last}' are needed"), f'"{name}" IS NULL')

    def _check_order(self) -> None:
        for rule in self.source.table.ordered:
            text = f"""strftime("{rule.last}", '%Y-%m-%dT%H:%M:%SZ')"""
            self._refuse(
                Check(rule.last, f"before {rule.first}", text=text), f'"{rule.last}" < "{rule.first}"'
            )

    def _check_apart(self) -> None:
        if not self.source.apart or self.source.table is not HISTORY:
            return
        mixed = (
            f"FROM {self.name} SELECT queue, interval_start WHERE fault IS NULL AND excluded IS NULL "
            "GROUP BY ALL HAVING count(DISTINCT apart) > 1"
        )
        reason = (
            f"'{self.source.apart}' has several values here: map queue to it too, as docs/import.md shows"
        )
        self._refuse(Check("queue", reason, text="queue"), f"(queue, interval_start) IN ({mixed})")

    def _refuse(self, check: Check, condition: str) -> None:
        """Give the rows of `condition` that have no fault yet this one."""
        code, shown = len(self.checks), check.text
        self.checks.append(check)
        untouched = "fault IS NULL AND excluded IS NULL"
        self._update(f"fault = {code}, value = {shown}", f"WHERE ({condition}) AND {untouched}")

    def _update(self, settings: str, which: str = "") -> None:
        # every literal in it went through `quoted`, every column is numbered or declared
        self.connection.execute(f"UPDATE {self.name} SET {settings} {which}")  # noqa: S608

    def _reason(self, check: Check, value: str | float | None) -> str:
        if check.reason != UNKNOWN_QUEUE or pd.isna(value):
            return check.reason
        remedy = nearest(str(value), list(self.rule.zones))
        return f"{check.reason}; {remedy}" if remedy else f"{check.reason}: not in [queues] of wfm.toml"

    def _one(self, query: str) -> int:
        return int(self.connection.execute(query).fetchall()[0][0])

    def _unreadable(self, error: duckdb.Error) -> DataError:
        first = _QUOTED.sub("...", str(error).strip().splitlines()[0])  # it may be a cell of the file
        fault = Fault(
            f"cannot be read as a table: {first}", "save it again as CSV or Parquet", str(self.scan.path)
        )
        return DataError([fault])


def _microseconds(name: str) -> str:
    return f'CAST(round(coalesce("{name}.shift", 0) * 1e6) AS BIGINT)'


def _records(records: pd.Series) -> str:
    return f"record IN ({', '.join(str(int(record)) for record in records)})"

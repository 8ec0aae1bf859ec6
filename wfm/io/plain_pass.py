"""One pass over a large file that parts the plain rows of a log of contacts from those that need a look.

CSV is parsed by Arrow in blocks, Parquet in batches, a few at work at a time. The plain rows become compact
ones, the others a small table for those who know every form and name every fault.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from wfm.io.blocks import Block, Blocks
from wfm.io.compact import Columns, CompactRows, CompactWriter
from wfm.io.plain_arrays import PlainArrays
from wfm.io.row_groups import AT_ONCE, RowGroups
from wfm.io.scan import Scan, csv_sql
from wfm.io.source import as_tuple

_ROWS = "rows_of_arrow"


def csv_pass(arrays: PlainArrays, name: str, scan: Scan) -> tuple[CompactRows, Scan] | None:
    """Return the plain rows of a CSV file, and a scan of the others; None if Arrow cannot take it.

    Lines with a wrong number of cells are not plain.
    """
    text, types = scan.text, arrays.types
    if text is None or types is None or text.dialect.quoted or text.dialect.bare_returns:
        return None
    mark = text.dialect.delimiter.encode()
    blocks = Blocks(text.path, text.dialect, types, tuple(dict.fromkeys(("", *arrays.source.missing))))
    odd, writer = text.folder / f"{name}.csv", CompactWriter(text.folder / f"{name}.arrow")
    base = 0
    with writer, odd.open("wb") as file:
        for columns, numbers, lines, count in blocks.each(lambda block: _parted(arrays, block)):
            writer.add(columns, base)
            for number, line in zip(numbers, lines, strict=True):
                file.write(b"%d%s%s\n" % (base + number, mark, line))
            base += count
    pa.default_memory_pool().release_unused()
    sql = csv_sql(odd, replace(text.dialect, header_lines=0, compressed=False), ("record", *scan.cells))
    numbered = f"(FROM {sql} SELECT * REPLACE (CAST(record AS BIGINT) AS record))"
    return writer.written, replace(scan, sql=numbered, is_numbered=True)


def _parted(arrays: PlainArrays, block: Block) -> tuple[Columns, list[int], list[bytes], int]:
    """Return the plain rows of a block, the numbers of its other lines, these lines, and how many it has."""
    columns, odd = arrays.split(block.rows)
    records = block.records()
    columns["record"] = records[columns["record"]]
    numbers = sorted([*records[odd].tolist(), *block.broken])
    return columns, numbers, block.lines(numbers), block.count


def parquet_pass(
    arrays: PlainArrays, name: str, scan: Scan, connection: duckdb.DuckDBPyConnection
) -> tuple[CompactRows, Scan] | None:
    """Return the plain rows of a Parquet file, and a scan of the others; None if its types are not usual."""
    types = arrays.types
    if types is None or not scan.with_record:
        return None
    with pq.ParquetFile(scan.path) as file:
        schema: pa.Schema = file.schema_arrow
        if len({*schema.names}) < file.metadata.num_columns or len(schema) != len(scan.cells):
            return None  # names that come twice, or a column of several
    if not all(_is_usual(schema.field(number).type, kind) for number, kind in types.items()):
        return None
    read = sorted({scan.numbers[header] for header in arrays.source.headers})
    chosen = pa.schema([schema.field(number).with_name(f"c{number}") for number in read])
    keys = as_tuple(arrays.source.columns["contact_id"])
    names = [schema.names[number] for number in read]
    words = [word for word in names if word not in keys and pa.types.is_string(schema.field(word).type)]
    odd = f"{name}_odd"
    folder = connection.execute("SELECT current_setting('temp_directory')").fetchall()[0][0]
    others = _Others(connection, odd, chosen.append(pa.field("record", pa.int64())))
    writer, base = CompactWriter(Path(folder) / f"{name}.arrow"), 1
    batches = RowGroups(scan.path, names, words)
    with others, writer:
        for columns, rows, count in batches.each(lambda batch: _typed(arrays, chosen, batch)):
            writer.add(columns, base)
            others.add(rows, base)
            base += count
    return writer.written, replace(scan, sql=f"(FROM {odd})", is_numbered=True)


def _typed(arrays: PlainArrays, schema: pa.Schema, batch: pa.RecordBatch) -> tuple[Columns, pa.Table, int]:
    """Return the plain rows of a batch, the others as they are with their place as `record`, and its size."""
    batch = batch.rename_columns(schema.names)
    columns, odd = arrays.split(batch)
    others = pa.Table.from_batches([batch.take(pa.array(odd))]).cast(schema)
    others.validate(full=True)  # whether every text is one
    return columns, others.append_column("record", pa.array(odd)), len(batch)


class _Others:
    """A table of DuckDB for the rows that are not plain, filled with many of them at once."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema) -> None:
        self._connection, self._name, self._waiting = connection, name, list[pa.Table]()
        self._execute("CREATE OR REPLACE TABLE {} AS FROM {}", schema.empty_table())

    def __enter__(self) -> None:
        """Begin."""

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Insert what is left, unless something went wrong."""
        if self._waiting and kind is None:
            self._flush()

    def add(self, rows: pa.Table, base: int) -> None:
        """Add rows whose records are counted from `base`."""
        if len(rows):
            records = pa.array(rows["record"].to_numpy() + base)
            self._waiting.append(rows.set_column(len(rows.schema) - 1, "record", records))
        if sum(map(len, self._waiting)) > AT_ONCE:
            self._flush()

    def _flush(self) -> None:
        self._execute("INSERT INTO {} FROM {}", pa.concat_tables(self._waiting))
        self._waiting.clear()

    def _execute(self, query: str, rows: pa.Table) -> None:
        self._connection.register(_ROWS, rows)
        self._connection.execute(query.format(self._name, _ROWS))
        self._connection.unregister(_ROWS)


def _is_usual(found: pa.DataType, wanted: pa.DataType) -> bool:
    if pa.types.is_timestamp(wanted):
        return bool(
            pa.types.is_timestamp(found) and found.unit == "us" and (found.tz is None) == (wanted.tz is None)
        )
    if pa.types.is_floating(wanted):
        return bool(pa.types.is_integer(found) or pa.types.is_float32(found) or pa.types.is_float64(found))
    return bool(pa.types.is_string(found))

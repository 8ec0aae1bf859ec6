"""JSON exports as DuckDB reads them: each object a row, each value under the dotted path of its keys.

The objects may stand one to a line (blank lines do not count), in one array, or one after the other without
line breaks, as delivery streams write them; plain or gzip. Nothing is read into memory at once. In a file of
lines one that is no object becomes a row that is too short, so that it is refused with its number; elsewhere
nobody knows where the next object begins, and the file as a whole is refused.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import duckdb

from wfm.errors import DataError, Fault
from wfm.io.cells import quoted
from wfm.io.ending import CutFile, is_cut_json
from wfm.io.scan import Scan
from wfm.io.sniff import head_of, is_packed
from wfm.io.tables import unreadable_file

Form = Literal["newline_delimited", "array", "unstructured"]
SAMPLE_OBJECTS = 2000
LONGEST_OBJECT = 1 << 24  # bytes
NO_OBJECT = "not a JSON object"
_NO_DELIMITER = "\x02"  # JSON has no control characters, so that a line is one cell


def is_json(head: bytes) -> bool:
    """Return whether a file that begins with `head` holds JSON objects."""
    return head.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")


def json_scan(connection: duckdb.DuckDBPyConnection, path: Path, wanted: Iterable[str]) -> Scan:
    """Return how DuckDB reads the JSON file at `path`; DataError if there is no object in it.

    Its headers are the paths in the first objects, and those of `wanted` that occur anywhere.
    """
    form = _form(head_of(path))
    objects = _objects(path, form)
    is_cut = form == "newline_delimited" and is_cut_json(path, LONGEST_OBJECT)
    try:
        headers = _headers(connection, objects)
        headers |= _rare(connection, objects, [name for name in wanted if name not in headers])
    except duckdb.Error as error:
        raise unreadable_file(path, error) from error
    if not headers and is_cut:
        raise CutFile(
            [Fault("there is no whole JSON object in it", "fetch it again: it may be cut", str(path))]
        )
    if not headers:
        raise DataError([Fault("there is no JSON object in it", "export it again", str(path))])
    paths = ", ".join(map(quoted, headers.values()))
    values = f"CASE WHEN usable THEN json_extract_string(object, [{paths}]) END AS found"
    last = len(headers)  # never empty in an object; the column after it always is: no row is too long
    cells = [
        *(f"found[{place + 1}] AS c{place}" for place in range(last)),
        f"CASE WHEN usable THEN '' END AS c{last}",
        f"NULL::VARCHAR AS c{last + 1}",
    ]
    sql = f"(FROM (FROM {objects} SELECT usable, {values}) SELECT {', '.join(cells)})"
    numbers = {name: place for place, name in enumerate(headers)}
    names = tuple(f"c{place}" for place in range(last + 2))
    return Scan(path, sql, numbers, {}, last + 1, complete=not is_cut, cells=names, short_row=NO_OBJECT)


def _objects(path: Path, form: Form) -> str:
    """Return SQL of the objects of a file: `object` (JSON text), and whether it is `usable`."""
    packed = quoted("gzip" if is_packed(path) else "none")
    if form == "newline_delimited":
        reader = (
            f"read_csv({quoted(str(path))}, columns = {{'object': 'VARCHAR'}}, "
            f"delim = {quoted(_NO_DELIMITER)}, quote = '', escape = '', "
            f"header = false, auto_detect = false, compression = {packed}, "
            f"max_line_size = {LONGEST_OBJECT}, buffer_size = {2 * LONGEST_OBJECT}, nullstr = '')"
        )
        text = "ltrim(trim(object), chr(65279))"  # the byte order mark
    else:
        reader = (
            f"read_json_objects({quoted(str(path))}, format = {quoted(form)}, compression = {packed}, "
            f"maximum_object_size = {LONGEST_OBJECT})"
        )
        text = "json::VARCHAR"
    usable = "CASE WHEN json_valid(object) THEN json_type(object) = 'OBJECT' ELSE false END AS usable"
    return f"(FROM (FROM {reader} SELECT {text} AS object) SELECT object, {usable} WHERE object <> '')"


def _form(head: bytes) -> Form:
    text = head.removeprefix(codecs.BOM_UTF8).decode("utf-8", errors="ignore").lstrip()
    if text.startswith("["):
        return "array"
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except ValueError:
        return "newline_delimited"  # a damaged line
    rest = text[end:].lstrip(" \t")
    alone = "\n" not in text[:end] and (not rest or rest[0] in "\r\n")
    return "newline_delimited" if alone else "unstructured"


def _headers(connection: duckdb.DuckDBPyConnection, objects: str) -> dict[str, str]:
    """Return the JSON path of every value in the first objects, by its header."""
    found = connection.execute(
        f"FROM (FROM {objects} SELECT object WHERE usable LIMIT {SAMPLE_OBJECTS}) "
        "SELECT json_group_structure(object::JSON)"
    ).fetchall()[0][0]
    structure = json.loads(found) if found else {}
    keys = _leaves(structure) if isinstance(structure, dict) else ()
    return {".".join(path): _path(path) for path in keys if _readable("".join(path))}


def _leaves(structure: Mapping[str, Any], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, inner in structure.items():
        if isinstance(inner, dict):
            yield from _leaves(inner, (*above, key))
        else:
            yield (*above, key)


def _rare(connection: duckdb.DuckDBPyConnection, objects: str, wanted: list[str]) -> dict[str, str]:
    """Return the paths of the wanted headers that some object of the file has."""
    paths = {name: _path(name.split(".")) for name in wanted if _readable(name)}
    if not paths:
        return {}
    tests = ", ".join(f"bool_or(json_exists(object, {quoted(path)}))" for path in paths.values())
    row = connection.execute(f"FROM {objects} SELECT {tests} WHERE usable").fetchall()[0]
    return {name: path for (name, path), exists in zip(paths.items(), row, strict=True) if exists}


def _readable(key: str) -> bool:
    """Return whether a key can stand in a JSON path, where these are signs of their own even in quotes."""
    return not set(key) & set('"*\\')


def _path(keys: Iterable[str]) -> str:
    return "$" + "".join(f'."{key}"' for key in keys)

"""The reference pages: docs/configuration.md and docs/wfm.schema.json from the models of `wfm.config`, and
docs/tables.md from the declarations of `wfm.tables`.

`python -m wfm.config_docs [FOLDER]` writes them again; a test compares the committed ones with new ones.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic.fields import FieldInfo

from wfm.config import Config, Hours, Queue, Section, Share
from wfm.tables import TABLES, Column, Table

UNITS = {
    "_s": "s",
    "_min": "min",
    "minutes": "min",
    "_h": "h",
    "_hours": "h",
    "weeks": "weeks",
    "days": "days",
    "days_per_week": "days",
}
BOUNDS = {Ge: ">= ", Gt: "> ", Le: "<= ", Lt: "< "}
TYPE_NAMES = {str: "text", int: "whole number", float: "number", bool: "true or false"}
COLUMN_KINDS = {"hours": "weekly hours", "flag": "true or false", "integer": "whole number"}

CONFIGURATION_HEAD = """\
# Configuration

Every key of `wfm.toml`. This page and [wfm.schema.json](wfm.schema.json), which editors understand, are made by
`python -m wfm.config_docs` from the models in `wfm/config.py`.

Every key may be left out unless it says *needed*. An unknown key is an error that names the nearest known one, and all
faults are reported at once. NAME stands for a name of your own. Times of day are local, ratios are fractions from
0 to 1. `[defaults.queue]` takes every key of a queue, and holds for all queues that do not set it themselves.
Weekly hours are written `Mon-Fri 08:00-20:00;Sat 09:00-14:00`: an end at or before the start crosses midnight,
`24:00` is allowed, a day that is not named is closed, and empty text means always.
"""

TABLES_HEAD = """\
# Tables

Every table that commands read and write, made by `python -m wfm.config_docs` from `wfm/tables.py`. A file is CSV
(`.csv`, `.csv.gz`) or Parquet, as its name says; both hold the same table. One row per key, rows sorted by key.

Times are the starts of half-open intervals, in CSV as ISO 8601 with offset (`2026-03-02T09:00:00+01:00`). A stamp
without offset is local time of the queue, or of the agent's site. Durations are seconds (`_s`), ratios fractions
from 0 to 1. Optional columns may be absent or have empty cells. Unknown columns are ignored, unless the name is so
close to a declared one that it must be meant.
"""


def configuration_page() -> str:
    """Return docs/configuration.md."""
    sections = [_section_text(title, model) for title, model in _sections(Config, "")]
    return "\n".join([CONFIGURATION_HEAD, *sections])


def tables_page() -> str:
    """Return docs/tables.md."""
    return "\n".join([TABLES_HEAD, *(_table_text(table) for table in TABLES.values())])


def schema_text() -> str:
    """Return the JSON schema of wfm.toml, `[defaults.queue]` included."""
    schema = Config.model_json_schema(by_alias=True)
    queue = {"$ref": f"#/$defs/{Queue.__name__}"}
    schema["properties"]["defaults"] = {
        "additionalProperties": False,
        "description": "keys that hold for every queue which does not set them itself",
        "properties": {"queue": queue},
        "type": "object",
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


PAGES = {
    "configuration.md": configuration_page,
    "tables.md": tables_page,
    "wfm.schema.json": schema_text,
}


def write_pages(folder: Path) -> None:
    """Write every page into `folder`."""
    for name, page in PAGES.items():
        (folder / name).write_text(page(), encoding="utf-8")


def _sections(model: type[Section], prefix: str) -> Iterator[tuple[str, type[Section]]]:
    """Yield the title of each table of the file with its model, outer ones first."""
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is None:
            continue
        named = get_origin(field.annotation) is dict
        title = f"{prefix}{field.alias or name}{'.NAME' if named else ''}"
        yield title, inner
        yield from _sections(inner, f"{title}.")


def _model_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for found in map(_model_in, get_args(annotation)) if found is not None), None)


def _section_text(title: str, model: type[Section]) -> str:
    rows = [
        _row(f"`{field.alias or name}`", *_described(name, field))
        for name, field in model.model_fields.items()
        if not _is_table(field.annotation)
    ]
    head = [_row("key", "type", "default", "bounds", "unit", "meaning"), _row(*["---"] * 6)]
    intro = [f"## `[{title}]`", "", (model.__doc__ or "").strip(), ""]
    return "\n".join([*intro, *head, *rows]) + "\n"


def _is_table(annotation: Any) -> bool:
    """Return whether the key has a heading of its own; a list of tables (breaks) has both."""
    return _model_in(annotation) is not None and get_origin(annotation) is not tuple


def _described(name: str, field: FieldInfo) -> tuple[str, str, str, str, str]:
    unit = "fraction" if _mentions(field.annotation, Share) else _unit(name)
    bounds = ", ".join(_bounds(field.annotation, field.metadata))
    return _type_name(field.annotation), _default(field), bounds, unit, field.description or ""


def _unit(name: str) -> str:
    return next((unit for ending, unit in UNITS.items() if name.endswith(ending)), "")


def _type_name(annotation: Any) -> str:
    """Return the type as a planner would say it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return "weekly hours" if annotation == Hours else _type_name(arguments[0])
    if origin is Literal:
        return ", ".join(f"`{choice}`" for choice in arguments)
    if origin in (Union, UnionType):
        return " or ".join(_type_name(each) for each in arguments if each is not NoneType)
    if origin is tuple:
        several = _type_name(arguments[0])
        return (
            f"list of {several}" if arguments[-1] is Ellipsis else f"[{', '.join(['min', 'max'])}] {several}"
        )
    if origin is dict:
        return f"table of {_type_name(arguments[1])}"
    return "table" if _model_in(annotation) else TYPE_NAMES[annotation]


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*needed*"
    default = field.get_default(call_default_factory=True)
    if default is None:
        return ""
    return f"`{json.dumps(default)}`"


def _bounds(annotation: Any, metadata: list[Any]) -> Iterator[str]:
    """Yield the bounds that stand on a field or inside its type."""
    for rule in metadata:
        for kind, sign in BOUNDS.items():
            if isinstance(rule, kind):
                yield f"{sign}{getattr(rule, kind.__name__.lower()):g}"
        if isinstance(rule, MinLen):
            yield "not empty"
        if isinstance(rule, FieldInfo):
            yield from _bounds(None, rule.metadata)
    if get_origin(annotation) is Annotated:
        inner, *rules = get_args(annotation)
        yield from _bounds(inner, rules)
    else:
        for argument in get_args(annotation):
            yield from _bounds(argument, [])


def _mentions(annotation: Any, part: Any) -> bool:
    return annotation == part or any(_mentions(argument, part) for argument in get_args(annotation))


def _table_text(table: Table) -> str:
    key = ", ".join(f"`{name}`" for name in table.key)
    intro = [f"## {table.name}", "", f"{table.description.capitalize()}. Key: {key}.", ""]
    head = [_row("column", "type", "unit", "allowed", "", "meaning"), _row(*["---"] * 6)]
    rows = [_row(f"`{column.name}`", *_column(column)) for column in table.columns]
    orders = [
        f"`{rule.first}` lies before `{rule.last}`{'' if rule.strict else ' or is equal'}."
        for rule in table.ordered
    ]
    return "\n".join([*intro, *head, *rows, *(["", " ".join(orders)] if orders else [])]) + "\n"


def _column(column: Column) -> tuple[str, str, str, str, str]:
    allowed = ", ".join(f"`{choice}`" for choice in column.choices)
    low = "" if column.low is None else f">= {column.low:g}"
    high = "" if column.high is None else f"<= {column.high:g}"
    optional = "optional" if column.optional else ""
    if column.default is not None:
        optional += f", {column.default:g}" if isinstance(column.default, float) else f", {column.default}"
    limits = ", ".join(filter(None, (allowed, low, high)))
    return COLUMN_KINDS.get(column.kind, column.kind), column.unit, limits, optional, column.description


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    write_pages(Path(sys.argv[1] if len(sys.argv) > 1 else "docs"))

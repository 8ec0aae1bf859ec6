"""TOML text of keys and values from files, whatever stands in them: quotes, line breaks, any script."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def toml_key(name: str) -> str:
    """Return a key as it may stand in TOML."""
    return name if _BARE.fullmatch(name) else toml_value(name)


def toml_value(value: Any) -> str:
    """Return a text, number, truth value, list or table as TOML on one line."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        inner = ", ".join(f"{toml_key(key)} = {toml_value(entry)}" for key, entry in value.items())
        return f"{{ {inner} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(toml_value, value))}]"
    return repr(value)


def source_text(keys: Mapping[str, Any], comments: Mapping[str, list[str]] | None = None) -> str:
    """Return a mapping file with one source, `export`; `comments` are lines below a table ("" is the top).

    Values that are mappings become tables of their own, those inside `values` one for each column.
    """
    notes = comments or {}
    tables = {f"{name}": entry for name, entry in keys.items() if isinstance(entry, Mapping)}
    if "values" in tables:
        tables |= {f"values.{column}": words for column, words in tables.pop("values").items()}
    lines = ["[source.export]"]
    lines += [
        f"{name} = {toml_value(entry)}" for name, entry in keys.items() if not isinstance(entry, Mapping)
    ]
    lines += [f"# {note}" for note in notes.get("", [])]
    for name in [*tables, *(name for name in notes if name and name not in tables)]:
        lines += ["", f"[source.export.{name}]"]
        lines += [f"{toml_key(key)} = {toml_value(entry)}" for key, entry in tables.get(name, {}).items()]
        lines += [f"# {note}" for note in notes.get(name, [])]
    return "\n".join(lines) + "\n"

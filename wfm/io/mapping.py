"""Mapping files: how the columns of a foreign export become the columns of `contacts` or `history`.

A mapping is TOML with one or more `[source.NAME]` tables; docs/import.md describes every key. Nothing in it
is executed: what a column needs beyond a header is one of the few forms of `Derived`. A preset is a mapping
file of the package. A source that names a `preset` has the preset's keys, with its own ones laid over them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from wfm.config import Section
from wfm.errors import ConfigError, Fault
from wfm.io.mapping_checks import faults_of, nearest
from wfm.io.source import (
    EPOCHS,
    EXCEL,
    Derived,
    DurationUnit,
    Events,
    Exclude,
    Source,
    as_tuple,
    canonical,
)

__all__ = [
    "EPOCHS",
    "EXCEL",
    "HINT",
    "Derived",
    "DurationUnit",
    "Events",
    "Exclude",
    "MappingFile",
    "Source",
    "as_tuple",
    "canonical",
    "load_mapping",
    "load_preset",
    "nearest",
    "parse_mapping",
    "preset_names",
]

HINT = "docs/import.md lists every key of a mapping file"
_GIVING = ("columns", "constants", "derive")  # the tables of a source that give a canonical column


class MappingFile(Section):
    """The whole of a mapping file."""

    source: dict[str, Source] = Field(min_length=1, description="exports by name")


def preset_names() -> list[str]:
    """Return the names of the presets of the package."""
    return sorted(_presets())


def load_preset(name: str) -> dict[str, Source]:
    """Return the mapping of a telephone system that the package knows; ConfigError for another name."""
    return parse_mapping(_preset_text(name), f"preset {name}")


def load_mapping(path: Path) -> dict[str, Source]:
    """Return the sources of the mapping file at `path`; ConfigError with every fault."""
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ConfigError([Fault(f"cannot be read: {reason}")], source=str(path), hint=HINT) from error


def parse_mapping(text: str, source: str) -> dict[str, Source]:
    """Return the sources of a mapping file's text; ConfigError with every fault."""
    try:
        given = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([Fault(f"not TOML: {error}")], source=source, hint="correct that line") from error
    try:
        mapping = MappingFile.model_validate(_with_presets(given))
    except ValidationError as error:
        faults = [_fault(dict(detail)) for detail in error.errors()]
        raise ConfigError(faults, source=source, hint=HINT) from error
    faults = [
        fault
        for name, entry in mapping.source.items()
        for fault in faults_of(f"source.{name}", entry, extends="preset" in given["source"][name])
    ]
    if faults:
        raise ConfigError(faults, source=source, hint=HINT)
    return mapping.source


def _presets() -> dict[str, Traversable]:
    folder = resources.files("wfm.io") / "presets"
    return {
        entry.name.removesuffix(".toml"): entry for entry in folder.iterdir() if entry.name.endswith(".toml")
    }


def _preset_text(name: str) -> str:
    known = _presets()
    if name not in known:
        names = sorted(known)
        remedy = nearest(name, names) or f"one of {', '.join(names)}, or write a mapping file (--mapping)"
        raise ConfigError([Fault("no such preset", remedy, value=name)], hint=HINT)
    return known[name].read_text(encoding="utf-8")


def _with_presets(document: dict[str, Any]) -> dict[str, Any]:
    """Return a mapping with the preset that a source names put under its own keys."""
    sources = document.get("source")
    if not isinstance(sources, dict):
        return document
    return {**document, "source": {name: _with_preset(entry) for name, entry in sources.items()}}


def _with_preset(own: Any) -> Any:
    if not isinstance(own, dict) or not isinstance(own.get("preset"), str):
        return own
    (base,) = tomllib.loads(_preset_text(own["preset"]))["source"].values()
    own = {key: value for key, value in own.items() if key != "preset"}
    given = {name for part in _GIVING if isinstance(own.get(part), dict) for name in own[part]}
    for part in _GIVING:  # what the user gives in one way, the preset no longer gives in another
        base[part] = {name: entry for name, entry in base.get(part, {}).items() if name not in given}
    rules = own.get("exclude", [])
    if isinstance(rules, list):
        reasons = {rule.get("reason") for rule in rules if isinstance(rule, dict)}
        own["exclude"] = [rule for rule in base.get("exclude", []) if rule["reason"] not in reasons] + rules
    return _laid_over(base, own)


def _laid_over(base: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    both = {
        key: _laid_over(base[key], value)
        for key, value in own.items()
        if isinstance(value, dict) and isinstance(base.get(key), dict)
    }
    return {**base, **own, **both}


def _fault(detail: Mapping[str, Any]) -> Fault:
    path = [str(part) for part in detail["loc"]]
    key = ".".join(path)
    if detail["type"] == "extra_forbidden":
        models: dict[str, type[Section]] = {"derive": Derived, "exclude": Exclude, "events": Events}
        model = next((models[part] for part in reversed(path[:-1]) if part in models), Source)
        known = list(MappingFile.model_fields) if len(path) == 1 else list(model.model_fields)
        return Fault("unknown key", nearest(path[-1], known) or "remove it", column=key)
    simple = isinstance(detail["input"], str | int | float)
    value = str(detail["input"]) if simple else None
    return Fault(str(detail["msg"]).removeprefix("Value error, "), column=key, value=value)

"""docs/configuration.md and the JSON schema of wfm.toml, from the models of `wfm.config`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MinLen
from pydantic.fields import FieldInfo

from wfm.config import (
    Calendar,
    Clock,
    Config,
    Hours,
    Queue,
    Section,
    Span,
    Starts,
    Timezone,
    Weekday,
)
from wfm.config_docs.markdown import code, number, table

HEAD = """\
# Configuration

Every key of `wfm.toml`. This page and [wfm.schema.json](wfm.schema.json), for editors that check TOML, are
made by `python -m wfm.config_docs` from the models in `wfm/config`.

Every key may be left out unless it is *needed*. An unknown key is an error that names the nearest known one,
and all faults are reported at once. NAME stands for a name of your own. `[defaults.queue]` takes every key of
a queue, and holds for all queues that do not set it themselves. Times of day are local, ratios fractions.
Weekly hours are written `Mon-Fri 08:00-20:00;Sat 09:00-14:00`: an end at or before the start crosses
midnight, `24:00` is allowed, a day that is not named is closed, and empty text means always.
"""
KEY_HEAD = ("key", "type", "default", "bounds", "unit", "meaning")
SUFFIX_UNITS = {"_s": "s", "_min": "min", "_h": "h", "_hours": "h"}
UNITS = {
    "minutes": "min",
    "weeks": "weeks",
    "work_limit": "s",
    "consecutive_days": "days",
    "days_per_week": "days",
    "min_consecutive_days": "days",
    "under_age": "years",
    "average_weeks": "weeks",
    "ramp": "fraction",
    "weekends_off_per_4_weeks": "weekends",
    "seats": "agents",
    "min_present": "agents",
    "concurrency": "contacts",
    "keep": "runs",
    "shrinkage": "fraction",
    "volume_steps": "fraction",
    "aht_steps": "fraction",
    "shrinkage_steps": "fraction",
    "service_level_steps": "fraction",
}
INHERITED = {("sites.NAME", "timezone"): "the centre's", ("queues.NAME", "timezone"): "the centre's"}
TYPES = {str: "text", int: "whole number", float: "number", bool: "true or false", date: "date"}
# What a text must look like, told by the validator that its type carries.
FORMS = {
    get_args(form)[1]: words
    for form, words in (
        (Timezone, "time zone"),
        (Hours, "weekly hours"),
        (Span, "`HH:MM-HH:MM`"),
        (Clock, "`HH:MM`"),
        (Weekday, "weekday"),
        (Starts, "`HH:MM-HH:MM` or `HH:MM`"),
        (Calendar, "calendar such as `DE-HH`"),
    )
}
SIGNS = ((Ge, "ge", ">= "), (Gt, "gt", "> "), (Le, "le", "<= "), (Lt, "lt", "< "))


def configuration_page() -> str:
    """Return docs/configuration.md."""
    return "\n".join([HEAD, *(_text(title, model) for title, model in _sections(Config, ""))])


def schema_text() -> str:
    """Return the JSON schema of wfm.toml, `[defaults.queue]` included."""
    schema = Config.model_json_schema(by_alias=True)
    schema["properties"]["defaults"] = {
        "additionalProperties": False,
        "description": "keys that hold for every queue which does not set them itself",
        "properties": {"queue": {"$ref": f"#/$defs/{Queue.__name__}"}},
        "type": "object",
    }
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def _sections(model: type[Section], prefix: str) -> Iterator[tuple[str, type[Section]]]:
    """Yield the title of each table of the file with its model, outer ones first."""
    for name, field in model.model_fields.items():
        inner = _model_in(field.annotation)
        if inner is not None:
            title = f"{prefix}{field.alias or name}{'.NAME' if get_origin(field.annotation) is dict else ''}"
            yield title, inner
            yield from _sections(inner, f"{title}.")


def _model_in(annotation: Any) -> type[Section] | None:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        return annotation
    return next((found for found in map(_model_in, get_args(annotation)) if found is not None), None)


def _text(title: str, model: type[Section]) -> str:
    rows = [
        _cells(title, field.alias or name, field)
        for name, field in model.model_fields.items()
        if _model_in(field.annotation) is None or get_origin(field.annotation) is tuple
    ]
    return f"## `[{title}]`\n\n{(model.__doc__ or '').strip()}\n\n{table(KEY_HEAD, rows)}\n"


def _cells(title: str, name: str, field: FieldInfo) -> tuple[str, ...]:
    bounds = list(_bounds(field.annotation, field.metadata))
    default = INHERITED.get((title, name)) or _default(field)
    return (
        code(name),
        _type(field.annotation, field.metadata),
        default,
        ", ".join(bounds),
        _unit(name, field.annotation, bounds),
        field.description or "",
    )


def _type(annotation: Any, metadata: Sequence[Any] = ()) -> str:
    """Return the type as a planner would say it."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    form = next((FORMS[rule] for rule in metadata if rule in FORMS), None)
    if form is not None:
        return form
    if origin is Annotated:
        return _type(arguments[0], arguments[1:])
    if origin is Literal:
        return ", ".join(map(code, arguments))
    if origin in (Union, UnionType):
        return " or ".join(_type(each) for each in arguments if each is not NoneType)
    if origin in (tuple, dict):
        return _collection(origin, arguments)
    return "table" if _model_in(annotation) else TYPES[annotation]


def _collection(origin: Any, arguments: tuple[Any, ...]) -> str:
    if origin is dict:
        return f"table of {_type(arguments[1])}s"
    if arguments[-1] is Ellipsis:
        return f"list of {_type(arguments[0])}"
    return f"[min, max], {_type(arguments[0])}s"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "*needed*"
    default = field.get_default(call_default_factory=True)
    return "" if default is None else code(json.dumps(default))


def _unit(name: str, annotation: Any, bounds: list[str]) -> str:
    if name in UNITS:
        return UNITS[name]
    if _type(annotation) == "number" and {"< 1", "<= 1"} & set(bounds):
        return "fraction"
    numeric = not any(form in _type(annotation) for form in ("text", "weekly hours"))
    return next((unit for end, unit in SUFFIX_UNITS.items() if numeric and name.endswith(end)), "")


def _bounds(annotation: Any, metadata: Sequence[Any]) -> Iterator[str]:
    """Yield the bounds that stand on a field, or on what its type contains."""
    for rule in metadata:
        if isinstance(rule, FieldInfo):
            yield from _bounds(None, rule.metadata)
        if isinstance(rule, MinLen):
            yield "not empty"
        yield from (
            sign + number(getattr(rule, name)) for kind, name, sign in SIGNS if isinstance(rule, kind)
        )
    if get_origin(annotation) is Annotated:
        inner, *rules = get_args(annotation)
        yield from _bounds(inner, rules)
    else:
        for argument in get_args(annotation):
            yield from _bounds(argument, [])

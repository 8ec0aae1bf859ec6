"""What is wrong with a document, in the planner's words: key, line, and the nearest known name."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from wfm.config.document import Config
from wfm.config.kinds import Section
from wfm.errors import Fault


def fault_of(detail: Mapping[str, Any], text: str) -> Fault:
    """Return one error of pydantic as a fault; `text` is the document, searched for the key's line."""
    path = [str(part) for part in detail["loc"]]
    row = _line_of(path, text)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], _known_keys(path[:-1]), n=1, cutoff=0.6)
        remedy = f"did you mean '{near[0]}'?" if near else "remove it"
        return Fault("unknown key", remedy, "", row, ".".join(path))
    message = str(detail["msg"]).removeprefix("Value error, ")
    value = detail["input"]
    simple = isinstance(value, str | int | float | bool)
    return Fault(message, "", "", row, ".".join(path), str(value) if simple else None)


def _known_keys(path: Sequence[str]) -> list[str]:
    """Return the keys that the model at this path of the document knows."""
    model: type[Section] = Config
    for part in path:
        if part.isdigit():
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if part not in fields:
            continue  # the name of a queue, site or contract
        model = next(_models_in(fields[part].annotation), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _line_of(path: list[str], text: str) -> int | None:
    """Return the line of the document on which the key of this path stands, if it can be seen."""
    names = [part for part in path if not part.isdigit()]
    section = ""
    found: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"^\s*\[+([^\]]+)\]+", line)
        if header:
            section = header[1].replace(" ", "").replace('"', "")
            if section == ".".join(names):
                return number
            continue
        key = re.match(r"^\s*\"?([\w-]+)\"?\s*=", line)
        if key and names and f"{section}.{key[1]}".lstrip(".") == ".".join(names):
            return number
        if key and len(names) > 1 and f"{section}.{key[1]}".lstrip(".") == ".".join(names[:-1]):
            found = number
    return found


def unresolved_names(config: Config) -> Iterator[Fault]:
    """Yield a fault for each queue and contract that names what the file does not have."""
    for name, queue in config.queues.items():
        if queue.like is not None and queue.like not in config.queues:
            near = difflib.get_close_matches(queue.like, list(config.queues), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "name a queue of this file"
            yield Fault("no such queue", remedy, column=f"queues.{name}.like", value=queue.like)
    yield from _faults_of_groups(config)
    yield from _faults_of_blends(config)
    for name, contract in config.contracts.items():
        if contract.pattern is not None and contract.pattern not in config.patterns:
            near = difflib.get_close_matches(contract.pattern, list(config.patterns), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "name a rotation of [patterns]"
            yield Fault("no such pattern", remedy, column=f"contracts.{name}.pattern", value=contract.pattern)
    for name, pattern in config.patterns.items():
        if pattern.first_week.weekday() != config.centre.week_start_number:
            problem = f"first_week must be a {config.centre.week_start}"
            column, value = f"patterns.{name}.first_week", str(pattern.first_week)
            yield Fault(problem, "name a week start", column=column, value=value)


def _faults_of_groups(config: Config) -> Iterator[Fault]:
    for name, group in config.skill_groups.items():
        if set(name) & set(";[]"):  # the notation of skills could not say it
            yield Fault("a name has no ; [ or ]", "rename it", column=f"skill_groups.{name}")
        for skill in group.skills:
            if skill not in config.queues:
                near = difflib.get_close_matches(skill, list(config.queues), n=1)
                remedy = f"did you mean '{near[0]}'?" if near else "name a queue of this file"
                yield Fault("no such queue", remedy, column=f"skill_groups.{name}.skills", value=skill)


def _faults_of_blends(config: Config) -> Iterator[Fault]:
    """Yield a fault for each `blend_with` that names no live queue of single contacts, or one named twice."""
    taken: set[str] = set()
    for name, queue in config.queues.items():
        partner = queue.blend_with
        if partner is None:
            continue
        place = f"queues.{name}.blend_with"
        if partner not in config.queues:
            near = difflib.get_close_matches(partner, list(config.queues), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "name a queue of this file"
            yield Fault("no such queue", remedy, column=place, value=partner)
        elif config.queues[partner].deferred:
            yield Fault("not a live queue", "name a voice queue", column=place, value=partner)
        elif config.queues[partner].concurrency > 1:
            remedy = "name a queue with concurrency = 1"
            yield Fault("its agents have several contacts at once", remedy, column=place, value=partner)
        elif partner in taken:
            remedy = "join the email queues, or blend with another one"
            yield Fault("blended with another queue already", remedy, column=place, value=partner)
        taken.add(partner)

"""What the queues of `wfm.toml` are called in another system, and whether it can read the names.

Export files are opened in spreadsheets too, where a cell that begins like a formula is run. Such a name
cannot be escaped, for the other system would not find its queue: it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wfm.errors import DataError, Fault
from wfm.export.request import Request
from wfm.io.tables import read_table
from wfm.tables import Column, Table

QUEUE_NAMES = Table(
    "queues",
    ("queue",),
    (
        Column("queue", "text", "queue of the configuration"),
        Column("name", "text", "its name in the other system; empty: the same", optional=True),
        Column("id", "text", "its id in the other system", optional=True),
    ),
    description="queues as another system knows them",
)
FORMULA_SIGNS = "=+-@\uff1d\uff0b\uff0d\uff20"  # the last four are their full-width forms
ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z-]*")
WAY_OUT = "say what it is called there: --queues FILE, a CSV with queue,name,id"

Wrong = Callable[[str], str]  # what is wrong with a name, in words; empty: nothing


@dataclass(frozen=True)
class QueueName:
    """A queue as the other system knows it; `id` is empty if nobody said it."""

    name: str
    id: str


def queue_names(request: Request, queues: list[str], wrong: Wrong) -> dict[str, QueueName]:
    """Return the name of each queue; DataError names every queue whose name or id cannot be used."""
    given = _given(request)
    names = {queue: given.get(queue, QueueName(queue, "")) for queue in queues}
    faults = list(_faults(names, request, wrong))
    if faults:
        raise DataError(faults, source=str(request.names or ""))
    return names


def _given(request: Request) -> Mapping[str, QueueName]:
    if request.names is None:
        return {}
    table = read_table(request.names, QUEUE_NAMES, known={"queue": request.config.queues})
    cells = table.fillna({"name": "", "id": ""}).to_dict("records")
    return {
        str(row["queue"]): QueueName(str(row["name"]) or str(row["queue"]), str(row["id"])) for row in cells
    }


def _faults(names: Mapping[str, QueueName], request: Request, wrong: Wrong) -> Iterator[Fault]:
    taken: dict[tuple[str, str], str] = {}
    ids: dict[str, str] = {}
    for queue, own in names.items():
        problem = _unsafe(own.name) or wrong(own.name)
        if problem:
            yield Fault(f"queue '{queue}': the name {problem}", WAY_OUT, value=own.name)
        if own.id and not ID.fullmatch(own.id):
            problem = f"queue '{queue}': an id has letters, digits and hyphens only"
            yield Fault(problem, "correct the id", value=own.id)
        if ids.setdefault(own.name, own.id) != own.id:
            yield Fault(f"queue '{queue}': two ids for one name", "keep one of them", value=own.name)
        first = taken.setdefault((own.name, request.config.queues[queue].channel), queue)
        if first != queue:
            problem = f"queues '{first}' and '{queue}' have one name and one channel"
            yield Fault(problem, "export one of them (--queue), or name them apart", value=own.name)


def _unsafe(name: str) -> str:
    if name[:1] in FORMULA_SIGNS:
        return f"begins with '{name[:1]}', which a spreadsheet runs as a formula"
    return "" if name.isprintable() and name == name.strip() else "has blanks around it, or hidden characters"

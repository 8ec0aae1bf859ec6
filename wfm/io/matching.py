"""Which source of a mapping a file is, and which column of the file each header of the mapping means.

Headers are matched exactly, else without regard to case and blanks: exports change both between versions.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from wfm.errors import ConfigError, DataError, Fault
from wfm.io.mapping import HINT, Source, canonical, nearest
from wfm.io.scan import Scan
from wfm.tables import CONTACTS, HISTORY, Table


def fitting(known: Mapping[str, Source], scan: Scan) -> tuple[Source, Scan]:
    """Return the source that describes a file, and the scan with the mapping's spelling of the headers.

    Without any known source the file must have canonical columns: DataError if not. ConfigError if no source
    fits, naming every header that is missing with the nearest one of the file, or if several do.
    """
    if not known:
        return _canonical_source(scan), scan
    spelt = {name: _spellings(source, scan) for name, source in known.items()}
    fits = [name for name, source in known.items() if len(spelt[name]) == len(source.headers)]
    if len(fits) == 1:
        numbers = {**scan.numbers, **{name: scan.numbers[own] for name, own in spelt[fits[0]].items()}}
        types = {
            **scan.types,
            **{name: scan.types[own] for name, own in spelt[fits[0]].items() if own in scan.types},
        }
        return known[fits[0]], replace(scan, numbers=numbers, types=types)
    if fits:
        problem = f"sources {' and '.join(fits)} of the mapping both fit this file"
        raise ConfigError(
            [Fault(problem, "give them headers that tell them apart", str(scan.path))], hint=HINT
        )
    closest = min(known, key=lambda name: len(known[name].headers) - len(spelt[name]))
    missing = [header for header in known[closest].headers if header not in spelt[closest]]
    raise ConfigError(
        [_missing(header, closest, scan) for header in missing], source=str(scan.path), hint=HINT
    )


def _spellings(source: Source, scan: Scan) -> dict[str, str]:
    """Return the file's own spelling of each header that it has."""
    loose = {_loosely(name): name for name in scan.numbers}
    found = {name: name if name in scan.numbers else loose.get(_loosely(name), "") for name in source.headers}
    return {name: own for name, own in found.items() if own}


def _loosely(name: str) -> str:
    return "".join(name.casefold().split())


def _missing(header: str, source: str, scan: Scan) -> Fault:
    names = list(scan.numbers)
    remedy = nearest(header, names) or f"the file has {', '.join(names)}"
    return Fault("the file has no such column", remedy, column=f"source.{source}", value=header)


def _canonical_source(scan: Scan) -> Source:
    table = _likeness(scan)
    missing = [column for column in table.columns if not column.optional and column.name not in scan.numbers]
    faults = []
    for column in missing:
        near = difflib.get_close_matches(column.name, [n for n in scan.numbers if n not in table.names], n=1)
        remedy = f"rename '{near[0]}' to it" if near else f"add it: {column.description}"
        faults.append(Fault("missing column", remedy, row=1, column=column.name))
    if faults:
        hint = f"a table of {table.name} has {', '.join(table.names)}; others need --mapping or --preset"
        raise DataError(faults, source=str(scan.path), hint=hint)
    return canonical(table, tuple(scan.numbers))


def _likeness(scan: Scan) -> Table:
    """Return the canonical table whose needed columns the file has most of."""

    def share(table: Table) -> float:
        needed = [column.name for column in table.columns if not column.optional]
        return sum(name in scan.numbers for name in needed) / len(needed)

    return max((HISTORY, CONTACTS), key=share)

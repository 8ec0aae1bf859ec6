"""Which source of a mapping a file is, and which column of the file each header of the mapping means.

Headers are matched exactly, else without regard to case and blanks: exports change both between versions.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import replace

from wfm.errors import ConfigError, Fault
from wfm.io.cells import ABSENT
from wfm.io.mapping import HINT, Source, canonical, nearest
from wfm.io.quarantine import looks_like_a_row
from wfm.io.scan import Scan
from wfm.io.sniff import NotOurColumns
from wfm.tables import CONTACTS, HISTORY, Table


def fitting(known: Mapping[str, Source], scan: Scan) -> tuple[Source, Scan]:
    """Return the source that describes a file, and the scan with the mapping's spelling of the headers.

    Without any known source the file must have canonical columns: NotOurColumns if not. ConfigError if no
    source fits, naming every header that is missing with the nearest one of the file, or if several do.
    """
    if not known:
        return _canonical_source(scan), scan
    spelt = {name: _spellings(source, scan) for name, source in known.items()}
    missing = {name: _missing_headers(source, spelt[name]) for name, source in known.items()}
    fits = [name for name in known if not missing[name]]
    if len(fits) == 1:
        return _as_spelt(known[fits[0]], scan, spelt[fits[0]])
    if fits:
        problem = f"sources {' and '.join(fits)} of the mapping both fit this file"
        raise ConfigError(
            [Fault(problem, "give them headers that tell them apart", str(scan.path))], hint=HINT
        )
    closest = min(known, key=lambda name: len(missing[name]))
    raise ConfigError(
        [_missing(header, closest, scan) for header in missing[closest]], source=str(scan.path), hint=HINT
    )


def _missing_headers(source: Source, spelt: Mapping[str, str]) -> list[str]:
    """Return headers that a file needs and lacks, an `optional` one too if a needed column has no other."""
    needed = {
        header
        for column in source.table.columns
        if not column.optional and not any(header in spelt for header in source.headers_of(column.name))
        for header in source.headers_of(column.name)
    }
    return [
        header
        for header in source.headers
        if header not in spelt and (header not in source.optional or header in needed)
    ]


def _as_spelt(source: Source, scan: Scan, spelt: Mapping[str, str]) -> tuple[Source, Scan]:
    """Return a source without the columns that the file lacks, and the scan with the mapping's headers."""
    absent = [header for header in source.headers if header not in spelt]
    free = max([scan.width or 0, *scan.numbers.values()]) + 1  # the column after the last catches long rows
    numbers = {header: scan.numbers[own] for header, own in spelt.items()}
    numbers |= {header: free + place for place, header in enumerate(absent, start=1)}
    types = {header: scan.types[own] for header, own in spelt.items() if own in scan.types}
    types |= dict.fromkeys(absent, ABSENT)
    found = replace(scan, numbers={**scan.numbers, **numbers}, types={**scan.types, **types})
    lost = {
        name for name in source.table.names if (own := source.headers_of(name)) and set(own) <= set(absent)
    }
    changes: dict[str, object] = {
        "columns": {name: entry for name, entry in source.columns.items() if name not in lost},
        "derive": {name: form for name, form in source.derive.items() if name not in lost},
    }
    changes["latest"] = "" if source.latest in absent else source.latest
    changes["apart"] = "" if source.apart in absent else source.apart
    changes["parts"] = tuple(header for header in source.parts if header not in absent)
    return source.model_copy(update=changes), found


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
    if looks_like_a_row(names):
        remedy = "its first line seems to be a row, not a header"
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
        wanted = f"a table of {table.name} has {', '.join(table.names)}; others need --mapping or --preset"
        hint = f"{wanted}: `wfm import --sniff FILE` says which"
        raise NotOurColumns(faults, source=str(scan.path), hint=hint)
    return canonical(table, tuple(scan.numbers))


def _likeness(scan: Scan) -> Table:
    """Return the canonical table whose needed columns the file has most of."""

    def share(table: Table) -> float:
        needed = [column.name for column in table.columns if not column.optional]
        return sum(name in scan.numbers for name in needed) / len(needed)

    return max((HISTORY, CONTACTS), key=share)

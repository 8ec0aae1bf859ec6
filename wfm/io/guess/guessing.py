"""The guess for one file: what it is, which preset fits, what its rows become, what is left to ask."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from wfm.config import Config
from wfm.errors import ConfigError, DataError, Fault
from wfm.io.guess.fits import Fit, fits, known_sources
from wfm.io.guess.proposal import Proposal, proposed
from wfm.io.guess.questions import Question, questions
from wfm.io.guess.reading import texts_of
from wfm.io.guess.sample import Sample, sample_of, title_lines
from wfm.io.guess.time_formats import time_formats
from wfm.io.guess.toml_text import source_text
from wfm.io.mapping import parse_mapping
from wfm.io.matching import fitting
from wfm.io.quarantine import FEWEST_DIGITS, PRIVATE, showable
from wfm.io.scan import Scan
from wfm.io.sniff import head_of, sniff
from wfm.io.source import Source

MAPPED_ROWS = 3
MOST_DATA_IN_HEADER = 1 / 3  # share of names that look like values: beyond it the first line is no header
_ENCODINGS = {"utf-8": "UTF-8", "utf-8-sig": "UTF-8 with byte order mark", "cp1252": "Windows-1252"}
_MARKS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "pipe"}


@dataclass(frozen=True)
class Guess:
    """What a file is. `best` is the preset, table or mapping that fits, None if none does.

    `proposal` is a mapping for a file that no preset fits; `ranked` are the likeliest sources in any case.
    """

    path: Path
    kind: str
    encoding: str
    delimiter: str
    is_whole: bool
    headers: tuple[str, ...]
    ranked: tuple[Fit, ...]
    best: Fit | None
    proposal: Proposal | None
    questions: tuple[Question, ...]

    @property
    def is_mapped(self) -> bool:
        """Whether the file can be imported as it is guessed: by a preset, our columns, or the proposal."""
        return self.best is not None

    @property
    def mapping_text(self) -> str:
        """The mapping file that an import of it needs; empty if columns and cells are written as ours."""
        if self.proposal is not None:
            return self.proposal.text
        if self.best is None or (self.best.is_canonical and not self.best.changes and not self.best.loose):
            return ""
        if not self.best.is_canonical:
            return source_text({"preset": self.best.name, **self.best.changes})
        source = self.best.source
        spelt = {"".join(name.casefold().split()) for name in self.headers}
        columns = {name: name for name in source.headers if name in spelt}
        return source_text({"grain": source.grain, **self.best.changes, "columns": columns})

    def mapped_rows(self) -> list[dict[str, Any]]:
        """Return the first rows in canonical columns; ids are left out, what may be a number is hidden."""
        if self.best is None or self.best.reading is None:
            return []
        reading = self.best.reading
        rows = reading.frame.head(MAPPED_ROWS).drop(columns=list(PRIVATE), errors="ignore")
        zone = "Z" if reading.has_offset else ""
        return [
            {str(name): _shown(str(name), value, zone) for name, value in row.items() if not pd.isna(value)}
            for row in rows.to_dict("records")
        ]


def guess_file(
    path: Path, config: Config | None = None, mapping: Mapping[str, Source] | None = None
) -> Guess:
    """Return what the file at `path` is; DataError when it is no table.

    Only a sample is looked at. `config` tells which queues exist. With a `mapping` its sources alone are
    tried, and ConfigError says what the file lacks if none fits.
    """
    with tempfile.TemporaryDirectory(prefix="wfm-sniff-") as name, duckdb.connect(":memory:") as connection:
        connection.execute("SET TimeZone = 'UTC'")
        folder = Path(name)
        sample = sample_of(connection, path, folder)
        return _guess(connection, sample, config, mapping, folder)


def _guess(
    connection: duckdb.DuckDBPyConnection,
    sample: Sample,
    config: Config | None,
    mapping: Mapping[str, Source] | None,
    folder: Path,
) -> Guess:
    known = known_sources() if mapping is None else mapping
    headers = list(dict.fromkeys(name for source in known.values() for name in source.headers))
    found, fault = None, None
    try:
        found = sample.scanned(connection, folder, headers)
    except DataError as error:
        fault = error
    ranked = fits(connection, known, found, sample.path, folder)
    best = ranked[0] if ranked[0].is_guess else None
    proposal = None
    if best is None and mapping is not None:
        best = _only_fit(ranked, mapping, _with_header(sample, found, fault))
    if best is None:
        found = _with_header(sample, found, fault)
        proposal, best = _proposal(connection, found, sample, folder)
    encoding, delimiter = _written(sample, best)
    asked: list[Question] = []
    if best is not None and best.reading is not None:
        asked = questions(best, best.reading, config, has_end=sample.has_end, is_cut=sample.is_cut)
    return Guess(
        path=sample.source,
        kind=sample.kind,
        encoding=encoding,
        delimiter=delimiter,
        is_whole=sample.is_whole,
        headers=tuple(found.numbers) if found is not None else (),
        ranked=tuple(ranked),
        best=best,
        proposal=proposal,
        questions=tuple(asked),
    )


def _proposal(
    connection: duckdb.DuckDBPyConnection, found: Scan, sample: Sample, folder: Path
) -> tuple[Proposal, Fit | None]:
    """Return the mapping proposed, and how it fits if it has all that is needed."""
    proposal = proposed(list(found.numbers), partial(texts_of, connection, found))
    if not proposal.is_complete:
        return proposal, None
    try:
        source = parse_mapping(proposal.text, "proposal")["export"]
    except ConfigError:
        return proposal, None
    (fit,) = fits(connection, {"proposal": source}, found, sample.path, folder)
    return proposal, replace(fit, formats=proposal.formats) if fit.is_guess else None


def _only_fit(ranked: Sequence[Fit], mapping: Mapping[str, Source], found: Scan) -> Fit:
    """Return the likeliest source of the user's mapping; ConfigError if the file lacks its columns."""
    if ranked[0].reading is None:
        fitting(mapping, found)
    return ranked[0]


def _with_header(sample: Sample, found: Scan | None, fault: DataError | None) -> Scan:
    """Return the scan of a file that has a header; DataError, without a word of the file, if it has none."""
    text = head_of(sample.path).decode("utf-8", errors="replace") if sample.kind == "CSV" else ""
    if above := title_lines(text):
        lines = "one line stands" if above == 1 else f"{above} lines stand"
        problem = f"{lines} above the names of the columns"
        raise DataError([Fault(problem, "delete what is above the header", str(sample.source))])
    names = _first_cells(text) if found is None else list(found.numbers)
    if names and sum(map(_is_value, names)) > MOST_DATA_IN_HEADER * len(names):
        remedy = "add a line with names, or write a mapping that names them as `header`"
        raise DataError(
            [Fault("the first line has values, not names of columns", remedy, str(sample.source))]
        )
    if found is None:
        raise fault or DataError([Fault("it is no table", "export it again", str(sample.source))])
    return found


def _first_cells(text: str) -> list[str]:
    line = text.splitlines()[0] if text else ""
    mark = max(_MARKS, key=line.count)
    return [cell.strip().strip('"') for cell in line.split(mark) if cell.strip()]


def _is_value(name: str) -> bool:
    digits = sum(character.isdigit() for character in name)
    return digits >= FEWEST_DIGITS or bool(time_formats([name])) or name.replace(".", "", 1).isdigit()


def _written(sample: Sample, best: Fit | None) -> tuple[str, str]:
    """Return encoding and delimiter of a CSV in words, empty for other kinds."""
    if sample.kind != "CSV":
        return "", ""
    names, mark = (best.source.header, best.source.delimiter) if best is not None else ((), "")
    dialect = sniff(sample.path, names, mark)
    return _ENCODINGS.get(dialect.encoding, dialect.encoding.upper()), _MARKS[dialect.delimiter]


def _shown(name: str, value: Any, zone: str) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.isoformat(timespec="seconds") + zone
    return showable(name, value) if isinstance(value, str) else value

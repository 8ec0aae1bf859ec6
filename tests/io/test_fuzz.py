"""Damaged files: whatever the bytes, import ends with one clear message or with sums that are right.

A try is a sample file with damage. It must end in a WfmError, or in an Intake in which every row has its
place; and where nothing was refused, the total must be that of a simple reader of the same bytes.
"""

from __future__ import annotations

import faulthandler
import gzip
import io
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from tests.io.mutations import damaged, simple_reading
from tests.io.odd_logs import check_sums
from wfm.config import Config, build_config
from wfm.demo.exports import generate_exports
from wfm.errors import WfmError
from wfm.io.ending import CutFile
from wfm.io.intake import Intake, take_in
from wfm.io.mapping import load_mapping
from wfm.io.source import Source, canonical
from wfm.tables import CONTACTS, HISTORY

PIECES = 20  # of the 10,000 tries
TRIES = 500  # in a piece
QUICK = 24  # tries of the quick suite
LONGEST_S = 60  # for one try; usual is 0.3 s, more on a busy machine
HANGS_S = 300
EXIT_CODES = {2, 3, 4}
DOCUMENT = {
    "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
    "queues": {name: {"service_level": 0.8} for name in ("billing", "sales", "email", "hotline", "chat")},
}
CONFIG = build_config(DOCUMENT)
ANY_END = build_config({**DOCUMENT, "import": {"final_newline": "optional"}})


@dataclass(frozen=True)
class Sample:
    """A sample file, the mapping with which it is read, and its only source."""

    name: str
    content: bytes
    mapping: Path | None
    source: Source
    delimiter: str

    @property
    def is_csv(self) -> bool:
        """Whether the simple reader can read it."""
        return bool(self.delimiter)


@pytest.fixture(scope="module")
def samples(project: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    """Return every sample of data/samples that import reads."""
    folder, found = tmp_path_factory.mktemp("mappings"), []
    for preset, export in generate_exports().items():
        words = "".join(f'"{word}" = "{queue}"\n' for word, queue in export.queues.items())
        mapping = folder / f"{preset}.toml"
        mapping.write_text(f'[source.own]\npreset = "{preset}"\n[source.own.values.queue]\n{words}')
        (source,) = load_mapping(mapping).values()
        for name in export.files:
            content = (project / "data" / "samples" / "exports" / name).read_bytes()
            delimiter = "," if name.endswith(".csv") else ""
            found.append(Sample(name, content, mapping, source, delimiter))
    for name, table in (("history.csv", HISTORY), ("contacts.csv.gz", CONTACTS)):
        content = (project / "data" / "samples" / name).read_bytes()
        source = canonical(table, tuple(table.names))
        found.append(Sample(name, content, None, source, "" if name.endswith("gz") else ","))
        if name.endswith("gz"):
            found.append(Sample("contacts.csv", gzip.decompress(content), None, source, ","))
    return found


@pytest.fixture(autouse=True)
def no_hang() -> Iterator[None]:
    """End the whole run with a traceback if a test of this file hangs, be it in C."""
    yield
    faulthandler.cancel_dump_traceback_later()


def imported(sample: Sample, content: bytes, folder: Path, config: Config = CONFIG) -> Intake | WfmError:
    """Import the bytes as this sample is imported; anything but a WfmError is a failure of the test."""
    path = folder / sample.name
    path.write_bytes(content)
    faulthandler.dump_traceback_later(HANGS_S, exit=True)
    begin = time.monotonic()
    try:
        found: Intake | WfmError = take_in([path], config, mapping=sample.mapping, max_bad_ratio=1)
    except WfmError as error:
        found = error
    assert time.monotonic() - begin < LONGEST_S
    return found


def check(sample: Sample, content: bytes, found: Intake | WfmError) -> None:
    """Check one try."""
    if isinstance(found, WfmError):
        assert found.exit_code in EXIT_CODES
        assert str(found).strip()
        assert all(line.isprintable() for line in str(found).splitlines())
        return
    check_sums(found)
    if sample.source.grain != "interval":
        assert found.history["offered"].sum() == found.rows_kept
    if sample.is_csv and sample.source.grain != "event" and not found.rows_quarantined:
        check_total(sample, content, found)


def check_total(sample: Sample, content: bytes, found: Intake) -> None:
    """Check that what was imported without a word is what the simple reader finds."""
    simple = simple_reading(content, sample.source, sample.delimiter)
    assert found.rows_read + found.rows_excluded == simple.records
    if any("totals row" in warning for warning in found.warnings):
        return
    assert found.rows_read == simple.counted
    assert found.rows_kept == simple.keys
    assert found.history["offered"].sum() == pytest.approx(simple.offered, rel=1e-12)


def tried(samples: list[Sample], seed: int, folder: Path) -> str:
    """Make the try with this number and check it; return how it ended."""
    rng = random.Random(seed)
    sample = samples[seed % len(samples)]
    content = damaged(sample.content, rng)
    found = imported(sample, content, folder, rng.choice((CONFIG, ANY_END)))
    try:
        check(sample, content, found)
    except Exception as error:
        error.add_note(f"try {seed}, {sample.name}")
        raise
    if isinstance(found, WfmError):
        return "refused as a whole"
    return "some rows refused" if found.rows_quarantined else "all rows read"


def test_a_damaged_file_ends_in_a_message_or_in_right_sums(samples, tmp_path):
    endings = {tried(samples, seed, tmp_path) for seed in range(QUICK)}
    assert endings == {"refused as a whole", "some rows refused", "all rows read"}


@pytest.mark.slow
@pytest.mark.parametrize("piece", [pytest.param(n, id=f"piece {n}") for n in range(PIECES)])
def test_ten_thousand_damaged_files_end_in_a_message_or_in_right_sums(samples, tmp_path, piece):
    seeds = range(piece * TRIES, (piece + 1) * TRIES)
    endings = {tried(samples, seed, tmp_path) for seed in seeds}
    assert endings == {"refused as a whole", "some rows refused", "all rows read"}


def check_cuts(samples: list[Sample], folder: Path, cuts: int) -> None:
    """Check that a file cut inside a line is refused.

    A cut at the end of a line leaves a whole file of lines, in which nothing can be seen.
    """
    rng = random.Random(cuts)
    for sample in samples:
        inside = [
            place
            for place, byte in enumerate(sample.content)
            if byte != ord("\n") and sample.content[place - 1 : place] not in (b"\n", b"")
        ]
        for place in rng.sample(inside, cuts):
            found = imported(sample, sample.content[:place], folder)
            assert isinstance(found, WfmError), f"{sample.name}, {place} bytes"
            assert found.exit_code == 4, f"{sample.name}, {place} bytes"


def test_a_cut_inside_a_line_is_seen(samples, tmp_path):
    check_cuts(samples, tmp_path, 1)


@pytest.mark.slow
def test_any_cut_inside_a_line_is_seen(samples, tmp_path):
    check_cuts(samples, tmp_path, 60)


def test_a_cut_before_the_last_line_break_is_seen(samples, tmp_path):
    for sample in samples:
        if sample.is_csv:
            found = imported(sample, sample.content.rstrip(b"\n"), tmp_path)
            assert isinstance(found, CutFile)


def as_parquet(content: bytes) -> bytes:
    frame = pd.read_csv(io.BytesIO(content), dtype={"contact_id": "str"})
    return frame.head(200).to_parquet(index=False)


def as_workbook(content: bytes) -> bytes:
    written = io.BytesIO()
    pd.read_csv(io.BytesIO(content)).head(50).to_excel(written, index=False, engine="xlsxwriter")
    return written.getvalue()


@pytest.mark.parametrize(
    ("name", "made"),
    [
        pytest.param("contacts.csv", gzip.compress, id="gzip"),
        pytest.param("contacts.csv", as_parquet, id="Parquet"),
        pytest.param("contacts.csv", as_workbook, id="workbook"),
        pytest.param("intercom.json", bytes.rstrip, id="array"),
    ],
)
def test_a_cut_of_a_file_that_has_an_end_is_an_error(samples, tmp_path, name, made):
    sample = next(found for found in samples if found.name == name)
    whole = made(sample.content)
    assert isinstance(imported(sample, whole, tmp_path), Intake)
    rng = random.Random(1)
    for place in {
        0,
        1,
        2,
        10,
        len(whole) - 1,
        len(whole) - 8,
        *(rng.randrange(len(whole)) for _ in range(12)),
    }:
        assert isinstance(imported(sample, whole[:place], tmp_path), WfmError), place

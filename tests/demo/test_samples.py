"""data/samples is what the generator makes today, byte for byte."""

from __future__ import annotations

import gzip
from pathlib import Path

from wfm.demo.samples import write_samples

LARGEST_B = 600_000


def test_the_committed_samples_are_what_the_generator_makes(project: Path, tmp_path: Path) -> None:
    write_samples(tmp_path)
    made = {path.name: content(path) for path in tmp_path.iterdir()}
    files = [path for path in (project / "data" / "samples").iterdir() if path.is_file()]
    committed = {path.name: content(path) for path in files}  # exports/ has a test of its own
    committed.pop("README.md")
    assert committed.keys() == made.keys(), "python -m wfm.demo.samples data/samples"
    stale = [name for name in made if made[name] != committed[name]]
    assert stale == [], "python -m wfm.demo.samples data/samples"


def content(path: Path) -> bytes:
    """Return the bytes; of a compressed file those inside, for each zlib compresses in its own way."""
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()


def test_the_samples_are_small(project: Path) -> None:
    assert sum(path.stat().st_size for path in (project / "data" / "samples").glob("*.*")) < LARGEST_B

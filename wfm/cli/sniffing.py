"""`wfm import --sniff` and `wfm init --from`: the guess for a file in words, as one object, as a project."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import typer

from wfm.cli.common import WFM_TOML, configuration, say, summarise
from wfm.errors import DataError, Fault, UsageError, count_of, one_line
from wfm.io.guess import Fit, Guess, guess_file


def run_sniff(sources: Sequence[Path], config: Path, *, as_json: bool) -> None:
    """Print what each file is; nothing is written, and only a sample of each is read.

    DataError, after the others are told, names the files that are no table.
    """
    settings = configuration(config) if config != WFM_TOML or config.exists() else None
    guesses: list[Guess] = []
    faults: list[Fault] = []
    for source in sources:
        try:
            guesses.append(guess_file(source, settings))
        except DataError as error:  # the others are told all the same
            faults += error.faults
    if as_json and guesses:
        summarise({"files": [guess_object(guess) for guess in guesses]}, as_json)
    elif not as_json:
        for guess in guesses:
            typer.echo("\n".join(guess_lines(guess)))
    if faults:
        raise DataError(faults)


def init_from(export: Path, folder: Path, timezone: str | None, mapping: Path | None) -> None:
    """Write a planning project from an export; a mapping to complete goes to stdout if no preset fits."""
    from wfm.demo.from_export import UnmappedExport, write_project_from

    try:
        project = write_project_from(export, folder, timezone=timezone, mapping=mapping)
    except UnmappedExport as error:
        typer.echo(error.mapping, nl=False)
        raise
    for path in project.paths:
        say(f"written {path}")
    for note in project.notes:
        say(f"check: {note}")
    say(f"next: cd {folder} && wfm forecast history.parquet -o forecast.csv")


def refuse_options(*options: object) -> None:
    """Refuse options of an import beside --sniff, which writes nothing and tries every mapping itself."""
    if any(option is not None for option in options):
        problem = "--sniff stands alone: it writes nothing, and tries every preset"
        raise UsageError(problem, hint="leave out -o, --preset, --mapping, --quarantine and --store")


def guess_object(guess: Guess) -> dict[str, Any]:
    """Return a guess as `--json` prints it."""
    best = guess.best
    reading = best.reading if best is not None else None
    others = [fit for fit in guess.ranked if best is None or fit.name != best.name]
    return {
        "file": str(guess.path),
        "kind": guess.kind,
        "encoding": guess.encoding or None,
        "delimiter": guess.delimiter or None,
        "rows_looked_at": reading.rows + reading.excluded if reading is not None else None,
        "whole_file": guess.is_whole,
        "guess": best.name if best is not None else None,
        **({"about": best.source.about, "confirmed": best.source.confirmed} if best is not None else {}),
        "confidence": round(best.confidence, 4) if best is not None else 0.0,
        "why": _why(best) if best is not None else None,
        "changes": dict(best.changes) if best is not None else {},
        "runner_up": {"guess": others[0].name, "confidence": round(others[0].confidence, 4)},
        "rows": guess.mapped_rows(),
        "questions": [{"topic": asked.topic, "text": asked.text} for asked in guess.questions],
        "mapping": guess.mapping_text or None,
    }


def guess_lines(guess: Guess) -> Iterator[str]:
    """Yield a guess in words, line by line."""
    told = guess_object(guess)
    cells = f"{guess.delimiter} between cells" if guess.delimiter else ""
    written = ", ".join(filter(None, (guess.kind, guess.encoding, cells)))
    rows = told["rows_looked_at"]
    looked = (
        ""
        if rows is None
        else f", {count_of(rows, 'row')} looked at" + ("" if guess.is_whole else " (a sample)")
    )
    yield f"{one_line(str(guess.path))}: {written}{looked}"
    yield from _verdict(guess, told)
    for row in told["rows"]:
        yield "    " + ", ".join(f"{name} {_plain(value)}" for name, value in row.items())
    for asked in guess.questions:
        yield f"  ? {asked.topic}: {asked.text}"
    if guess.mapping_text:
        complete = guess.proposal is None or guess.proposal.is_complete
        yield "  mapping.toml, to save" + (":" if complete else " and complete:")
        yield from (f"    {line}".rstrip() for line in guess.mapping_text.splitlines())


def _verdict(guess: Guess, told: dict[str, Any]) -> Iterator[str]:
    other = told["runner_up"]
    runner_up = f"runner-up {other['guess']} {other['confidence']:.2f}"
    if guess.best is None:
        yield f"  no preset fits ({runner_up}); a mapping is proposed below, with gaps"
        return
    best = guess.best
    name = {"proposal": "no preset fits; the mapping proposed below reads it"}.get(best.name)
    if name is None:
        name = f"canonical {best.name}" if best.is_canonical else f"preset {best.name}"
        name += "" if best.source.confirmed else " (unconfirmed)"
        name += f": {best.source.about}" if best.source.about else ""
    yield f"  {name}"
    why = told["why"]
    headers = f"of {why['headers_wanted']} headers {why['headers_exact']} found exactly"
    rows = f"{why['headers_loosely']} loosely; {why['rows_share']:.1%} of the rows read"
    yield f"  confidence {best.confidence:.2f}: {headers}, {rows}; {runner_up}"


def _why(fit: Fit) -> dict[str, Any]:
    share = fit.reading.share if fit.reading is not None else 0.0
    return {
        "headers_wanted": fit.wanted,
        "headers_exact": fit.exact,
        "headers_loosely": fit.loose,
        "rows_share": round(share, 4),
    }


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else one_line(str(value))

"""Files whose columns are not ours, of which nobody said what they are: the preset that they are, if sure.

A preset is taken without being named if, of every file, all this holds: it is confirmed; each header that it
wants is there, spelt exactly; at most 1 in 100 sampled rows has a fault (with more, the default of `[import]
max_bad_ratio` would end the import); times and durations are written as it says, so that no order of day and
month is guessed; no other source finds all its headers and reads half of the rows. Anything less is refused,
and the refusal names the likeliest preset.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wfm.config import Config
from wfm.errors import WfmError, one_line
from wfm.io.guess import Fit, Guess, guess_file
from wfm.io.sniff import NotOurColumns

FEWEST_READ = 0.99  # share of the sampled rows
LEAST_NAMED = 0.4  # confidence; it is at most 0.5 where a needed header is missing
LEAST_HEADERS = 0.9  # share of the headers, where hardly a row reads
_TELLING = ("preset", "timezone", "unit", "date_order")  # topics of questions that change the figures
_SNIFF = "`wfm import --sniff FILE` says why"


@dataclass(frozen=True)
class Recognised:
    """The preset that reads all files, and what the user must know of that."""

    preset: str
    warnings: tuple[str, ...]


def recognised(paths: Sequence[Path], config: Config, refusal: NotOurColumns) -> Recognised:
    """Return the preset that every file is; if in doubt, raise the `refusal` with the likeliest one named."""
    sure: list[tuple[Guess, Fit]] = []
    for path in paths:
        guess = _guess(path, config, sure[0] if sure else None)
        fit = None if guess is None else _sure_fit(guess)
        if guess is None or fit is None:
            raise refusal.advised(_advice(guess) or refusal.hint)
        sure.append((guess, fit))
        if fit.name != sure[0][1].name:
            ways = f"import them apart, with --preset {sure[0][1].name} and --preset {fit.name}"
            raise refusal.advised(f"{_seen(*sure[0])}, {_seen(guess, fit)}: {ways}")
    name = sure[0][1].name
    confidence = min(fit.confidence for _, fit in sure)
    told = f"read with preset {name} (confidence {confidence:.2f})"
    return Recognised(name, (f"{told}: name it with --preset {name} to fix the choice", *_asked(name, sure)))


def likeness(paths: Sequence[Path], config: Config) -> tuple[str, str]:
    """Return the first file that looks like a preset, in words, and the preset; empty texts if none does."""
    for path in paths:
        guess = _guess(path, config)
        fit = None if guess is None else _likeliest(guess)
        if guess is not None and fit is not None:
            return _seen(guess, fit), fit.name
    return "", ""


def _guess(path: Path, config: Config, first: tuple[Guess, Fit] | None = None) -> Guess | None:
    """Return the guess for a file, None if there is none; quickly if it is written as the `first` one."""
    try:
        if first is not None:
            told, fit = first
            guess = guess_file(path, config, {fit.name: fit.source})
            if fit.source.header or guess.headers == told.headers:
                return guess
    except WfmError:  # it is another kind of file
        pass
    try:
        return guess_file(path, config)
    except WfmError:
        return None


def _sure_fit(guess: Guess) -> Fit | None:
    """Return the preset that a file is beyond doubt, see the module."""
    fit = guess.best
    if fit is None or fit.reading is None or fit.is_canonical or guess.proposal is not None:
        return None
    as_written = fit.exact == fit.wanted and not fit.changes
    alone = sum(other.is_guess for other in guess.ranked) == 1
    return fit if as_written and alone and fit.source.confirmed and fit.reading.share >= FEWEST_READ else None


def _likeliest(guess: Guess) -> Fit | None:
    """Return the preset that a file is most like, by its headers if no row reads; None if it is like none."""
    best = max(guess.ranked, key=lambda fit: (fit.confidence >= LEAST_NAMED, fit.headers_share))
    is_like = best.confidence >= LEAST_NAMED or (
        best.reading is not None and best.headers_share >= LEAST_HEADERS
    )
    return best if is_like and not best.is_canonical else None


def _advice(guess: Guess | None) -> str:
    """Return what to do with a file that no preset reads beyond doubt; empty if it is like none."""
    if guess is None:
        return ""
    fit = _likeliest(guess)
    if fit is not None:
        return f"{_seen(guess, fit)}: try --preset {fit.name}; {_SNIFF}"
    best, path = guess.ranked[0], one_line(str(guess.path))
    if not best.is_canonical or not best.is_guess:
        return ""
    if best.loose or best.changes:
        remedy = "`wfm import --sniff FILE` prints the mapping that reads it"
        return f"{path} has the columns of our table {best.name}, written otherwise: {remedy}"
    return f"{path} has the columns of our table {best.name}, another file has not: import them apart"


def _seen(guess: Guess, fit: Fit) -> str:
    doubts = [] if fit.source.confirmed else ["unconfirmed"]
    if fit.reading is None:
        doubts.append("a header that it needs is missing")
    elif fit.reading.share < FEWEST_READ:
        doubts.append(f"{fit.reading.share:.0%} of its rows read")
    doubts += [f"another {key.replace('_', ' ')}" for key in fit.changes]
    if len([other for other in guess.ranked if other.is_guess]) > 1:
        doubts.append(f"{guess.ranked[1].name} fits too")
    how = ", ".join([f"{fit.confidence:.2f}", *doubts])
    return f"{one_line(str(guess.path))} looks like preset {fit.name} ({how})"


def _asked(name: str, sure: Sequence[tuple[Guess, Fit]]) -> list[str]:
    """Return the questions about the figures that the files leave open, each once."""
    topics = [*_TELLING, *(["acw"] if sure[0][1].source.grain == "interval" else [])]  # import tells of logs
    asked = (question for guess, _ in sure for question in guess.questions if question.topic in topics)
    return list(dict.fromkeys(f"preset {name}: {question.text}" for question in asked))

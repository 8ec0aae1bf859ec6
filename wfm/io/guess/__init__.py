"""What a file of a telephone system is, guessed from a sample: preset, mapped rows, open questions."""

from __future__ import annotations

from wfm.io.guess.facts import Facts, facts_of
from wfm.io.guess.fits import Fit
from wfm.io.guess.guessing import Guess, guess_file
from wfm.io.guess.opening_hours import Learnt, learnt_hours
from wfm.io.guess.questions import Question, interval_length
from wfm.io.guess.toml_text import source_text, toml_key, toml_value

__all__ = [
    "Facts",
    "Fit",
    "Guess",
    "Learnt",
    "Question",
    "facts_of",
    "guess_file",
    "interval_length",
    "learnt_hours",
    "source_text",
    "toml_key",
    "toml_value",
]

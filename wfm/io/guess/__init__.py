"""What a file of a telephone system is, guessed from a sample: preset, mapped rows, open questions."""

from __future__ import annotations

"""How a night ends, beside the codes of the errors of its steps (wfm.errors)."""

from __future__ import annotations

BUG = 1
PUBLISHED_WITH_GAPS = 10
KEPT_PREVIOUS = 11
KILLED = 137  # as a shell says it of SIGKILL

"""What changed between two runs: plain tables, for the screen, for JSON, for a report."""

from __future__ import annotations

from wfm.diff.changes import Changes, changes_between
from wfm.diff.run import Run, compared_tables, run_of

__all__ = ["Changes", "Run", "changes_between", "compared_tables", "run_of"]

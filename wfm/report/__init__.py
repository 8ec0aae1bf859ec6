"""The report of a run: one HTML page for managers, planners and team leads that opens offline."""

from __future__ import annotations

from wfm.io.run_folder import RunTables, read_run
from wfm.report.page import render

__all__ = ["RunTables", "read_run", "render"]

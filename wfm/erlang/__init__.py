"""Staffing: exact queueing formulas, the fewest agents that keep every promise, and the requirements table.

Loads are in erlangs (contacts x handle time / interval), times in seconds, ratios are fractions.
"""

from __future__ import annotations

from wfm.erlang.calculator import calculate
from wfm.erlang.staffing import staff

__all__ = ["calculate", "staff"]

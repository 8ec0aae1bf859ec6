"""Staffing: exact queueing formulas, the fewest agents that keep every promise, and the requirements table.

Loads are in erlangs (contacts x handle time / interval), times in seconds, ratios are fractions.
"""

from __future__ import annotations

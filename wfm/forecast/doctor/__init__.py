"""`wfm doctor` on a history: findings per queue, and the acceptance checks that a history can answer."""

from __future__ import annotations

from wfm.forecast.doctor.checks import NAMES, Check, Place, Status, history_checks
from wfm.forecast.doctor.examination import examine
from wfm.forecast.doctor.finding import Finding, named
from wfm.forecast.doctor.last_interval import last_interval

__all__ = [
    "NAMES",
    "Check",
    "Finding",
    "Place",
    "Status",
    "examine",
    "history_checks",
    "last_interval",
    "named",
]

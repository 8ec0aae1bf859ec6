"""Why a shift is what it is, and who is on queue in an interval: told by the rules and prices of `verify`."""

from __future__ import annotations

from wfm.schedule.why.on_queue import Attendance, attendance
from wfm.schedule.why.shift import ShiftExplanation, explain_shift

__all__ = ["Attendance", "ShiftExplanation", "attendance", "explain_shift"]

"""Rosters verified without the solver: every hard rule, coverage and objective, from tables and settings.

`verify` returns a `Verification`; each broken rule is one `Violation`. It shares no code with the engine.
"""

from __future__ import annotations

from wfm.schedule.verify.bound import PRICES
from wfm.schedule.verify.verification import Verification, verify
from wfm.schedule.verify.violation import Violation

__all__ = ["PRICES", "Verification", "Violation", "verify"]

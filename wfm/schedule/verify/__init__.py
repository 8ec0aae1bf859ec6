"""Rosters verified without the solver: every hard rule, coverage and objective, from tables and settings.

`verify` returns a `Verification`; each broken rule is one `Violation`. It shares no code with the engine.
"""

from __future__ import annotations

from wfm.schedule.verify.prices import PRICES
from wfm.schedule.verify.verification import Verification, verify
from wfm.schedule.verify.violation import RULE_NAMES, Violation

__all__ = ["PRICES", "RULE_NAMES", "Verification", "Violation", "verify"]

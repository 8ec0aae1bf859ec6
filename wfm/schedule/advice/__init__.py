"""Decisions of the day beside a published roster: swaps, leave, overtime and voluntary time off.

Tables and settings in, tables and plain objects out; `verify` judges, the solver has no part in it.
"""

from __future__ import annotations

from wfm.schedule.advice.absence import Absence, ask_leave
from wfm.schedule.advice.columns import CHANGES, HEADROOM, SUGGESTIONS
from wfm.schedule.advice.effect import Effect
from wfm.schedule.advice.headroom import headroom
from wfm.schedule.advice.published import Published
from wfm.schedule.advice.suggest import Suggestions, suggest
from wfm.schedule.advice.swap import Swap, swap

__all__ = [
    "CHANGES",
    "HEADROOM",
    "SUGGESTIONS",
    "Absence",
    "Effect",
    "Published",
    "Suggestions",
    "Swap",
    "ask_leave",
    "headroom",
    "suggest",
    "swap",
]

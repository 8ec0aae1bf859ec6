"""Rosters: every hard rule met by an exact programme per agent, coverage coordinated by prices, a proven bound."""

from __future__ import annotations

from wfm.schedule.options import Listener, Options, Progress
from wfm.schedule.stage import ScheduleResult, schedule

__all__ = ["Listener", "Options", "Progress", "ScheduleResult", "schedule"]

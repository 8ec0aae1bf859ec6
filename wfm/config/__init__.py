"""The configuration `wfm.toml` as frozen models: every key with default, bounds, unit and meaning.

Unknown keys are refused with the nearest known name; all faults are reported at once. The reference page and
the JSON schema are generated from these models (`wfm.config_docs`).
"""

from __future__ import annotations

from wfm.config.centre import Centre, Site
from wfm.config.compute import Compute
from wfm.config.contract import Break, Contract, Pair
from wfm.config.document import Config
from wfm.config.groups import SkillGroup
from wfm.config.kinds import (
    Calendar,
    Clock,
    Hours,
    Section,
    Share,
    Span,
    Starts,
    Timezone,
    Weekday,
    Weight,
)
from wfm.config.loading import build_config
from wfm.config.minors import BreakTime, Minors
from wfm.config.patterns import FREE, OFF, Pattern
from wfm.config.periods import age_on, days_in_horizon, employed
from wfm.config.queues import Channel, LoadModel, Queue, QueueModel, Variant
from wfm.config.sections import (
    Forecast,
    Import,
    Inputs,
    LogLevel,
    Nightly,
    Outputs,
    Schedule,
    Simulate,
    Weights,
)
from wfm.config.staffing import CostPerHour, Staffing

__all__ = [
    "FREE",
    "OFF",
    "Break",
    "BreakTime",
    "Calendar",
    "Centre",
    "Channel",
    "Clock",
    "Compute",
    "Config",
    "Contract",
    "CostPerHour",
    "Forecast",
    "Hours",
    "Import",
    "Inputs",
    "LoadModel",
    "LogLevel",
    "Minors",
    "Nightly",
    "Outputs",
    "Pair",
    "Pattern",
    "Queue",
    "QueueModel",
    "Schedule",
    "Section",
    "Share",
    "Simulate",
    "Site",
    "SkillGroup",
    "Span",
    "Staffing",
    "Starts",
    "Timezone",
    "Variant",
    "Weekday",
    "Weight",
    "Weights",
    "age_on",
    "build_config",
    "days_in_horizon",
    "employed",
]

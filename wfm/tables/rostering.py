"""Who works when: agents, absences, wishes, activities, the roster and what it covers."""

from __future__ import annotations

from wfm.tables.declaration import Column, Ordered, Table
from wfm.tables.recurring import AGENT, queue, start

ACTIVITIES = ("on_queue", "break", "lunch", "training", "meeting", "coaching", "leave")

AGENTS = Table(
    "agents",
    ("agent_id",),
    (
        AGENT,
        Column("name", "text", "name as printed"),
        Column("site", "text", "site of the configuration; empty where there is one", optional=True),
        Column("contract", "text", "contract of the configuration"),
        Column("skills", "skills", "queues, best first, `;` between, with dates: chat[2026-03-16..]"),
        Column("availability", "hours", "weekly hours in the site's time; empty: always", optional=True),
        Column("start_date", "date", "first day of employment", optional=True),
        Column("end_date", "date", "last day of employment", optional=True),
        Column(
            "cost_per_hour", "number", "cost of a paid hour", "per hour", optional=True, low=0, default=1.0
        ),
        Column("team", "text", "team", optional=True),
        Column("birth_date", "date", "date of birth", optional=True),
        Column(
            "proficiency",
            "number",
            "work done on queue against a full agent",
            optional=True,
            low=0.01,
            high=2,
            default=1.0,
        ),
        Column(
            "pattern_week",
            "integer",
            "week of the contract's rotation in which it begins",
            optional=True,
            low=1,
            high=52,
            default=1,
        ),
        Column(
            "week_hours_min", "number", "in place of the contract's", "hours", optional=True, low=0, high=168
        ),
        Column(
            "week_hours_max", "number", "in place of the contract's", "hours", optional=True, low=0, high=168
        ),
    ),
    (Ordered("start_date", "end_date"), Ordered("week_hours_min", "week_hours_max")),
    "who can be rostered",
)

TIME_OFF = Table(
    "time_off",
    ("agent_id", "start"),
    (
        AGENT,
        Column("start", "time", "first moment off"),
        Column("end", "time", "first moment back"),
        Column("kind", "text", "leave, sick, ..."),
        Column("paid", "flag", "whether it credits paid hours"),
    ),
    (Ordered("start", "end", strict=True),),
    "granted absence",
)

REQUESTS = Table(
    "requests",
    ("agent_id", "date", "kind"),
    (
        AGENT,
        Column("date", "date", "date of the agent's site"),
        Column(
            "kind",
            "text",
            "what is asked",
            choices=("day_off", "prefer_shift", "avoid_shift", "prefer_start"),
        ),
        Column("value", "text", "HH:MM-HH:MM, HH:MM, or empty for day_off", optional=True),
        Column("weight", "number", "multiplies the goal's weight", optional=True, low=0, default=1.0),
    ),
    description="wishes, met where they cost least",
)

PINS = Table(
    "pins",
    ("agent_id", "date"),
    (
        AGENT,
        Column("date", "date", "date of the agent's site"),
        Column("shift_start", "text", "HH:MM, or `off`"),
        Column("shift_end", "text", "HH:MM; empty with `off`", optional=True),
    ),
    description="shifts fixed by hand",
)

ACTIVITY_TABLE = Table(
    "activities",
    ("activity_id",),
    (
        Column("activity_id", "text", "name of the activity"),
        Column("kind", "text", "kind of work", choices=("training", "meeting", "coaching")),
        Column("agents", "text", "`;`-list of agents, or team:NAME"),
        Column("minutes", "integer", "length", "min", low=1),
        Column("earliest", "time", "first moment it may begin"),
        Column("latest", "time", "moment by which it must have ended"),
        Column("together", "flag", "whether all take part at one time"),
        Column("paid", "flag", "whether it is paid"),
    ),
    (Ordered("earliest", "latest", strict=True),),
    "off-phone work to be placed",
)

ROSTER = Table(
    "roster",
    ("agent_id", "start"),
    (
        AGENT,
        Column("start", "time", "start of the segment"),
        Column("shift_date", "date", "site's date on which the shift starts"),
        Column("activity", "text", "what the agent does", choices=ACTIVITIES),
        Column("end", "time", "end of the segment"),
        Column("paid", "flag", "whether the segment is paid"),
        Column("site", "text", "site of the agent"),
    ),
    (Ordered("start", "end", strict=True),),
    "segments that tile each shift",
)

CHANGES = Table(
    "changes",
    ("agent_id", "date"),
    (
        AGENT,
        Column("date", "date", "date of the agent's site"),
        Column("was", "text", "shift as published, HH:MM-HH:MM, or `off`"),
        Column("becomes", "text", "shift after the repair"),
        Column("reason", "text", "why it differs", choices=("time off", "repair")),
    ),
    description="shifts that a repair changed",
)

COVERAGE = Table(
    "coverage",
    ("queue", "interval_start"),
    (
        queue(),
        start(),
        Column("agents_required", "integer", "as in requirements", "agents", low=0),
        Column("agents_to_schedule", "integer", "as in requirements", "agents", low=0),
        Column("agents_scheduled", "number", "agents on queue given to this queue", "agents", low=0),
        Column("net_staffing", "number", "agents_scheduled - agents_to_schedule", "agents"),
    ),
    description="roster against requirements",
)

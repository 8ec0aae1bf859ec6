"""The tables of advice; hours are agent-hours, times are instants in UTC."""

from __future__ import annotations

from wfm.tables import Column, Table

_HOURS = "agent-hours"
_AGENT = Column("agent_id", "text", "agent")
_DATE = Column("date", "date", "date of the site on which the shift starts")

CHANGES = Table(
    "changes",
    ("interval_start", "queue"),
    (
        Column("interval_start", "time", "start of the interval"),
        Column("queue", "text", "queue whose lack changes"),
        Column("missing_before", "number", "agents missing before", "agents", low=0),
        Column("missing_after", "number", "agents missing after", "agents", low=0),
    ),
    description="where a change of a roster changes understaffing",
)

HEADROOM = Table(
    "headroom",
    ("date", "site", "team"),
    (
        _DATE,
        Column("site", "text", "site; empty for a team of several sites", optional=True),
        Column("team", "text", "team; empty: all of the site who are in no team", optional=True),
        Column("rostered", "integer", "agents with a shift", "agents", low=0),
        Column("headroom", "integer", "agents who may be off", "agents", low=0),
        Column("understaffed_h", "number", "missing on the date as it stands", _HOURS, low=0),
        Column("understaffed_h_off", "number", "missing with so many off", _HOURS, low=0),
        Column("understaffed_h_one_more", "number", "missing with one more off", _HOURS, optional=True),
        Column("first_off", "text", "who goes, the least harmful first, `;` between", optional=True),
        Column("one_more", "text", "who would be next", optional=True),
    ),
    description="how many more agents may be off",
)

SUGGESTIONS = Table(
    "suggestions",
    ("agent_id", "date"),
    (
        Column("kind", "text", "what is suggested", choices=("overtime", "call_in", "time_off")),
        _AGENT,
        _DATE,
        Column("was", "text", "shift by the clock of the site, or off"),
        Column("becomes", "text", "shift with its breaks by the clock of the site, or off"),
        Column("hours", "number", "paid hours more (less: negative)", "hours"),
        Column("cost", "number", "what they cost (save: negative)"),
        Column("understaffed_h_before", "number", "missing in the roster before", _HOURS, low=0),
        Column("understaffed_h_after", "number", "missing after", _HOURS, low=0),
        Column("overstaffed_h_before", "number", "surplus in the roster before", _HOURS, low=0),
        Column("overstaffed_h_after", "number", "surplus after", _HOURS, low=0),
    ),
    description="overtime, call-ins and voluntary time off, to be applied in this order",
    in_file_order=True,
)

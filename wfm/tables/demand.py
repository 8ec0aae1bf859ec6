"""What comes in and what is expected of it: contacts, history, forecast, backlog, the planner's hand."""

from __future__ import annotations

from wfm.tables.declaration import Column, Ordered, Table
from wfm.tables.recurring import BANDS_ORDERED, bands, count, queue, seconds, start

OUTCOMES = ("handled", "abandoned", "short_abandon", "flow_out")
FORECAST_FIELDS = ("offered", "aht_s")

CONTACTS = Table(
    "contacts",
    ("contact_id",),
    (
        Column("contact_id", "text", "one leg of a contact in one queue"),
        queue(),
        Column("channel", "text", "voice, chat or email", optional=True, choices=("voice", "chat", "email")),
        Column("arrived_at", "time", "when the contact entered the queue"),
        Column("answered_at", "time", "when an agent took it", optional=True),
        Column("ended_at", "time", "when it ended", optional=True),
        seconds("wait_s", "wait in the queue until answered or gone", optional=False),
        seconds("talk_s", "talk or reply time"),
        seconds("hold_s", "hold time"),
        seconds("acw_s", "after-contact work"),
        Column("outcome", "text", "how it ended", choices=OUTCOMES),
        Column("agent_id", "text", "agent who handled it", optional=True),
    ),
    (Ordered("arrived_at", "answered_at"), Ordered("arrived_at", "ended_at")),
    "per-contact log",
)

HISTORY = Table(
    "history",
    ("queue", "interval_start"),
    (
        queue(),
        start(),
        count("offered", "contacts that arrived in the interval", optional=False),
        count("handled", "answered by an agent"),
        count("abandoned", "left before an answer, short ones included"),
        seconds("aht_s", "mean handle time of the contacts handled"),
        count("short_abandoned", "abandoned within short_abandon_s"),
        count("flow_out", "left the queue by routing"),
        count("answered_in_target", "answered within answer_within_s"),
        count("abandoned_in_target", "abandoned within answer_within_s"),
        seconds("talk_s", "sum of talk time"),
        seconds("hold_s", "sum of hold time"),
        seconds("acw_s", "sum of after-contact work"),
        seconds("wait_s", "sum of waits of answered contacts"),
    ),
    description="contacts per queue and interval, booked to the interval of arrival",
)

FORECAST = Table(
    "forecast",
    ("queue", "interval_start"),
    (
        queue(),
        start(),
        count("offered", "expected contacts", optional=False),
        seconds("aht_s", "expected handle time", optional=False),
        *bands(),
        Column("model", "text", "model, or models averaged, behind the row"),
    ),
    BANDS_ORDERED,
    "expected contacts and handle time per queue and interval",
)

DAYS = Table(
    "days",
    ("queue", "date"),
    (
        queue(),
        Column("date", "date", "local date of the queue"),
        count("offered", "sum of the intervals", optional=False),
        seconds("aht_s", "contact-weighted mean", optional=False),
        *bands(),
    ),
    BANDS_ORDERED,
    "day totals of the forecast with bands of their own",
)

OVERRIDES = Table(
    "overrides",
    ("queue", "from", "to", "field"),
    (
        queue(),
        Column("from", "time", "first moment it holds"),
        Column("to", "time", "first moment it no longer holds"),
        Column("field", "text", "what it changes", choices=FORECAST_FIELDS),
        Column("mode", "text", "how", choices=("set", "add", "multiply")),
        Column("grain", "text", "each interval, or the total of the span", choices=("interval", "total")),
        Column("value", "number", "the number", "of the field"),
        Column("author", "text", "who"),
        Column("reason", "text", "why"),
        Column("expires", "time", "no effect from here on, judged at --as-of", optional=True),
    ),
    (Ordered("from", "to", strict=True),),
    "the planner's hand on the forecast",
    in_file_order=True,
)

EVENTS = Table(
    "events",
    ("name", "queue", "from", "to"),
    (
        Column("name", "text", "name of the event"),
        Column("queue", "text", "queue; empty: all", optional=True),
        Column("from", "time", "first moment"),
        Column("to", "time", "first moment after"),
        Column(
            "kind",
            "text",
            "what it is",
            choices=("holiday", "closed", "campaign", "outage", "exclude"),
        ),
        Column("effect", "number", "multiplier; empty: learnt", "factor", optional=True, low=0),
    ),
    (Ordered("from", "to", strict=True),),
    "what makes days unlike the others",
)

BACKLOG = Table(
    "backlog",
    ("queue", "arrived_at"),
    (
        queue(),
        Column("arrived_at", "time", "when the waiting contacts arrived"),
        count("contacts", "contacts not yet done", optional=False),
    ),
    description="deferred work open at the start of the plan",
)

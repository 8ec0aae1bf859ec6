"""What the forecast takes: agents per queue or skill group, their cost, and what moves it."""

from __future__ import annotations

from wfm.tables.declaration import Column, Table
from wfm.tables.recurring import count, hours, queue, ratio, seconds, start

REQUIREMENTS = Table(
    "requirements",
    ("queue", "interval_start"),
    (
        queue(),
        start(),
        count("offered", "expected contacts", optional=False),
        seconds("aht_s", "expected handle time", optional=False),
        Column("load", "number", "offered load", "erlangs", low=0),
        Column(
            "agents_required", "integer", "fewest agents on queue that meet every target", "agents", low=0
        ),
        Column("agents_to_schedule", "integer", "with unplanned shrinkage", "agents", low=0),
        Column("agents_gross", "integer", "with all shrinkage", "agents", low=0),
        Column(
            "agents_fractional",
            "number",
            "agents at which the targets are met exactly, for costing",
            "agents",
            optional=True,
            low=0,
        ),
        ratio("service_level", "service level at agents_required, by the queue's variant"),
        seconds("asa_s", "mean wait of answered contacts"),
        ratio("occupancy", "share of on-queue time in contact work"),
        ratio("abandonment", "abandoned / offered"),
        Column("queue_model", "text", "queueing model and load model used"),
    ),
    description="agents needed per queue and interval",
)

COSTS = Table(
    "costs",
    ("queue", "period", "date"),
    (
        queue(),
        Column("period", "text", "day, calendar month, or all of it", choices=("day", "month", "total")),
        Column("date", "date", "first local date of the period; total: of the requirements"),
        Column("days", "number", "days of the period that the requirements cover", "days", low=0),
        Column("period_days", "integer", "days of the period", "days", low=1),
        count("contacts", "expected contacts; email: those whose work is planned there", optional=False),
        hours("workload_h", "contact work"),
        hours("required_h", "agents_required, in agent-hours"),
        hours("scheduled_h", "agents_to_schedule, in agent-hours"),
        hours("paid_h", "agents_gross, in agent-hours"),
        Column(
            "paid_exact_h",
            "number",
            "paid_h without rounding up to whole agents, from agents_fractional",
            "h",
            optional=True,
            low=0,
        ),
        Column("fte", "number", "paid_h / (fte_week_hours x days / 7)", "full-time equivalents", low=0),
        Column("cost", "number", "paid_h x cost_per_hour", "as cost_per_hour", low=0),
        Column(
            "cost_per_contact",
            "number",
            "cost / contacts; empty without contacts",
            "as cost_per_hour",
            optional=True,
            low=0,
        ),
    ),
    description="hours, full-time equivalents and cost of the requirements, by day, month and in total",
)

LEVERS = ("volume", "aht", "planned_shrinkage", "unplanned_shrinkage", "service_level")

SENSITIVITY = Table(
    "sensitivity",
    ("queue", "lever", "change"),
    (
        queue(),
        Column("lever", "text", "what comes otherwise than planned", choices=LEVERS),
        Column("change", "number", "volume, aht: relative; others: added to the share", "fraction", low=-1),
        hours("required_h", "agents_required then, in agent-hours"),
        hours("scheduled_h", "agents_to_schedule then"),
        hours("paid_h", "agents_gross then"),
        Column(
            "paid_exact_h",
            "number",
            "paid_h without rounding up to whole agents, from agents_fractional",
            "h",
            optional=True,
            low=0,
        ),
        Column("fte", "number", "full-time equivalents then", "full-time equivalents", low=0),
        Column("cost", "number", "cost then", "as cost_per_hour", low=0),
        *(
            Column(
                f"{name}_change",
                "number",
                f"{name} then, less {name} as planned",
                unit,
                optional=name == "paid_exact_h",
            )
            for name, unit in (
                ("required_h", "h"),
                ("scheduled_h", "h"),
                ("paid_h", "h"),
                ("paid_exact_h", "h"),
                ("fte", "full-time equivalents"),
                ("cost", "as cost_per_hour"),
            )
        ),
        ratio("service_level", "by the queue's variant, if agents_required stay as planned"),
        Column(
            "service_level_change",
            "number",
            "service_level less that of the plan",
            "fraction",
            optional=True,
            low=-1,
            high=1,
        ),
        ratio("abandonment", "abandoned / offered, if agents_required stay as planned"),
        ratio("occupancy", "share of on-queue time in contact work, likewise"),
    ),
    description="requirements of a whole forecast if volume, handle time, shrinkage or target were otherwise",
)

SKILL_REQUIREMENTS = Table(
    "skill_requirements",
    ("group", "interval_start"),
    (
        Column("group", "text", "skill group of the configuration, or the agents' skills joined by +"),
        start(),
        Column("skills", "skills", "queues that the group serves, best first, `;` between"),
        Column("agents_required", "integer", "agents of the group on queue", "agents", low=0),
        Column("agents_to_schedule", "integer", "with unplanned shrinkage", "agents", low=0),
        Column("agents_gross", "integer", "with all shrinkage", "agents", low=0),
    ),
    description="agents needed per skill group and interval, where queues share agents",
)

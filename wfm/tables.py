"""Every table of the contract, declared once: columns with kind, unit, bounds and meaning, and the key.

Durations are seconds (`_s`), ratios fractions, times interval starts. In memory an instant is
`datetime64[us, UTC]`, a date a naive midnight, a text `str`; every declared column is present, optional ones
may be empty. `wfm.conform` checks a frame against these declarations; docs/tables.md is generated from them.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Kind = Literal["text", "time", "date", "number", "integer", "flag", "hours", "skills"]
TEXTS: tuple[Kind, ...] = ("text", "hours", "skills")

OUTCOMES = ("handled", "abandoned", "short_abandon", "flow_out")
ACTIVITIES = ("on_queue", "break", "lunch", "training", "meeting", "coaching", "leave")
FORECAST_FIELDS = ("offered", "aht_s")
BANDS = ("offered_p025", "offered_p10", "offered_p50", "offered_p90", "offered_p975")


@dataclass(frozen=True)
class Column:
    """One column: what it holds, in which unit, and what cannot be believed."""

    name: str
    kind: Kind
    description: str
    unit: str = ""
    optional: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    default: str | float | bool | None = None


@dataclass(frozen=True)
class Ordered:
    """A rule between two columns of a row: `first` is not after (or, if strict, before) `last`."""

    first: str
    last: str
    strict: bool = False


@dataclass(frozen=True)
class Table:
    """A table: its columns, the columns that make a row unique, and rules within a row."""

    name: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]
    ordered: tuple[Ordered, ...] = ()
    description: str = ""
    in_file_order: bool = False  # rows act one after the other, so that sorting would change their meaning

    def column(self, name: str) -> Column:
        """Return the column of this name; KeyError if the table has none."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> list[str]:
        """Column names in the order of the declaration."""
        return [column.name for column in self.columns]


def _queue() -> Column:
    return Column("queue", "text", "queue of the configuration")


def _start(what: str = "start of the interval") -> Column:
    return Column("interval_start", "time", what)


def _count(name: str, what: str, *, optional: bool = True) -> Column:
    return Column(name, "number", what, "contacts", optional=optional, low=0)


def _seconds(name: str, what: str, *, optional: bool = True) -> Column:
    return Column(name, "number", what, "s", optional=optional, low=0)


def _ratio(name: str, what: str) -> Column:
    return Column(name, "number", what, "fraction", optional=True, low=0, high=1)


def _hours(name: str, what: str) -> Column:
    return Column(name, "number", what, "h", low=0)


def _bands() -> tuple[Column, ...]:
    shares = ("2.5", "10", "50", "90", "97.5")
    return tuple(
        _count(name, f"{share} % quantile of offered", optional=False)
        for name, share in zip(BANDS, shares, strict=True)
    )


_BANDS_ORDERED = tuple(Ordered(a, b) for a, b in pairwise(BANDS))
_AGENT = Column("agent_id", "text", "agent")

CONTACTS = Table(
    "contacts",
    ("contact_id",),
    (
        Column("contact_id", "text", "one leg of a contact in one queue"),
        _queue(),
        Column("channel", "text", "voice, chat or email", optional=True, choices=("voice", "chat", "email")),
        Column("arrived_at", "time", "when the contact entered the queue"),
        Column("answered_at", "time", "when an agent took it", optional=True),
        Column("ended_at", "time", "when it ended", optional=True),
        _seconds("wait_s", "wait in the queue until answered or gone", optional=False),
        _seconds("talk_s", "talk or reply time"),
        _seconds("hold_s", "hold time"),
        _seconds("acw_s", "after-contact work"),
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
        _queue(),
        _start(),
        _count("offered", "contacts that arrived in the interval", optional=False),
        _count("handled", "answered by an agent"),
        _count("abandoned", "left before an answer, short ones included"),
        _seconds("aht_s", "mean handle time of the contacts handled"),
        _count("short_abandoned", "abandoned within short_abandon_s"),
        _count("flow_out", "left the queue by routing"),
        _count("answered_in_target", "answered within answer_within_s"),
        _count("abandoned_in_target", "abandoned within answer_within_s"),
        _seconds("talk_s", "sum of talk time"),
        _seconds("hold_s", "sum of hold time"),
        _seconds("acw_s", "sum of after-contact work"),
        _seconds("wait_s", "sum of waits of answered contacts"),
    ),
    description="contacts per queue and interval, booked to the interval of arrival",
)

FORECAST = Table(
    "forecast",
    ("queue", "interval_start"),
    (
        _queue(),
        _start(),
        _count("offered", "expected contacts", optional=False),
        _seconds("aht_s", "expected handle time", optional=False),
        *_bands(),
        Column("model", "text", "model, or models averaged, behind the row"),
    ),
    _BANDS_ORDERED,
    "expected contacts and handle time per queue and interval",
)

DAYS = Table(
    "days",
    ("queue", "date"),
    (
        _queue(),
        Column("date", "date", "local date of the queue"),
        _count("offered", "sum of the intervals", optional=False),
        _seconds("aht_s", "contact-weighted mean", optional=False),
        *_bands(),
    ),
    _BANDS_ORDERED,
    "day totals of the forecast with bands of their own",
)

REQUIREMENTS = Table(
    "requirements",
    ("queue", "interval_start"),
    (
        _queue(),
        _start(),
        _count("offered", "expected contacts", optional=False),
        _seconds("aht_s", "expected handle time", optional=False),
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
        _ratio("service_level", "service level at agents_required, by the queue's variant"),
        _seconds("asa_s", "mean wait of answered contacts"),
        _ratio("occupancy", "share of on-queue time in contact work"),
        _ratio("abandonment", "abandoned / offered"),
        Column("queue_model", "text", "queueing model and load model used"),
    ),
    description="agents needed per queue and interval",
)

COSTS = Table(
    "costs",
    ("queue", "period", "date"),
    (
        _queue(),
        Column("period", "text", "day, calendar month, or all of it", choices=("day", "month", "total")),
        Column("date", "date", "first local date of the period; total: of the requirements"),
        Column("days", "number", "days of the period that the requirements cover", "days", low=0),
        Column("period_days", "integer", "days of the period", "days", low=1),
        _count("contacts", "expected contacts; email: those whose work is planned there", optional=False),
        _hours("workload_h", "contact work"),
        _hours("required_h", "agents_required, in agent-hours"),
        _hours("scheduled_h", "agents_to_schedule, in agent-hours"),
        _hours("paid_h", "agents_gross, in agent-hours"),
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
        _queue(),
        Column("lever", "text", "what comes otherwise than planned", choices=LEVERS),
        Column("change", "number", "volume, aht: relative; others: added to the share", "fraction", low=-1),
        _hours("required_h", "agents_required then, in agent-hours"),
        _hours("scheduled_h", "agents_to_schedule then"),
        _hours("paid_h", "agents_gross then"),
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
        _ratio("service_level", "by the queue's variant, if agents_required stay as planned"),
        Column(
            "service_level_change",
            "number",
            "service_level less that of the plan",
            "fraction",
            optional=True,
            low=-1,
            high=1,
        ),
        _ratio("abandonment", "abandoned / offered, if agents_required stay as planned"),
        _ratio("occupancy", "share of on-queue time in contact work, likewise"),
    ),
    description="requirements of a whole forecast if volume, handle time, shrinkage or target were otherwise",
)

SKILL_REQUIREMENTS = Table(
    "skill_requirements",
    ("group", "interval_start"),
    (
        Column("group", "text", "skill group of the configuration, or the agents' skills joined by +"),
        _start(),
        Column("skills", "skills", "queues that the group serves, best first, `;` between"),
        Column("agents_required", "integer", "agents of the group on queue", "agents", low=0),
        Column("agents_to_schedule", "integer", "with unplanned shrinkage", "agents", low=0),
        Column("agents_gross", "integer", "with all shrinkage", "agents", low=0),
    ),
    description="agents needed per skill group and interval, where queues share agents",
)

AGENTS = Table(
    "agents",
    ("agent_id",),
    (
        _AGENT,
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
        _AGENT,
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
        _AGENT,
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
        _AGENT,
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
        _AGENT,
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
        _AGENT,
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
        _queue(),
        _start(),
        Column("agents_required", "integer", "as in requirements", "agents", low=0),
        Column("agents_to_schedule", "integer", "as in requirements", "agents", low=0),
        Column("agents_scheduled", "number", "agents on queue given to this queue", "agents", low=0),
        Column("net_staffing", "number", "agents_scheduled - agents_to_schedule", "agents"),
    ),
    description="roster against requirements",
)

OVERRIDES = Table(
    "overrides",
    ("queue", "from", "to", "field"),
    (
        _queue(),
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
        _queue(),
        Column("arrived_at", "time", "when the waiting contacts arrived"),
        _count("contacts", "contacts not yet done", optional=False),
    ),
    description="deferred work open at the start of the plan",
)

_ACCURACY = (
    Column("wape", "number", "sum|f - y| / sum y over intervals", "fraction", optional=True, low=0),
    Column("day_wape", "number", "the same over local days", "fraction", optional=True, low=0),
    Column("bias", "number", "sum(f - y) / sum y", "fraction", optional=True),
    Column("rmse", "number", "root mean squared error of an interval", "contacts", optional=True, low=0),
    Column("mase", "number", "mean |f - y| / that of last week again in the past", optional=True, low=0),
    Column("pinball", "number", "mean loss of the five quantiles", "contacts", optional=True, low=0),
    Column("coverage_80", "number", "share of intervals in the 80 % band", optional=True, low=0, high=1),
    Column("coverage_95", "number", "share of intervals in the 95 % band", optional=True, low=0, high=1),
    Column("noise_floor", "number", "WAPE of a perfect forecast of Poisson counts", optional=True, low=0),
    Column("skill", "number", "1 - (wape - floor) / (wape of last week - floor)", optional=True),
    Column("gain", "number", "1 - wape / wape of the eight-week mean", "fraction", optional=True, high=1),
    Column("gain_low", "number", "lower end of its 95 % interval", "fraction", optional=True),
    Column("gain_high", "number", "upper end of its 95 % interval", "fraction", optional=True),
    Column("intervals", "integer", "intervals scored", low=0),
    Column("contacts", "number", "contacts scored", low=0),
)

SCORES = Table(
    "scores",
    ("queue", "model"),
    (
        _queue(),
        Column("model", "text", "forecast model"),
        *_ACCURACY,
        Column("aht_wape", "number", "contact-weighted |f - y| / y of aht_s", optional=True, low=0),
        Column("origins", "integer", "rolling origins scored", low=0),
        Column("chosen", "flag", "whether the forecast uses this model"),
    ),
    description="rolling-origin accuracy",
)

SCORE_PARTS = Table(
    "score_parts",
    ("queue", "model", "part"),
    (
        _queue(),
        Column("model", "text", "forecast model"),
        Column("part", "text", "`week 1` and on: lead time; `Mon` to `Sun`; `holiday`: and days near one"),
        *_ACCURACY,
    ),
    description="rolling-origin accuracy by lead time and kind of day",
)

SIMULATION = Table(
    "simulation",
    ("queue", "interval_start"),
    (
        _queue(),
        _start(),
        _count("offered", "mean of the fresh contacts that arrive in the interval", optional=False),
        _count("attempts", "the same with redials", optional=False),
        _count("handled", "answered by an agent", optional=False),
        _count("abandoned", "left before an answer, short ones included", optional=False),
        _count("turned_away", "still waiting when the queue closed", optional=False),
        _ratio("service_level", "by the queue's variant"),
        _ratio("service_level_low", "lower end of its 95 % confidence interval"),
        _ratio("service_level_high", "upper end"),
        _ratio("sl_offered", "answered in target / attempts"),
        _ratio("sl_excluding_short", "answered in target / (attempts - short abandoned)"),
        _ratio("sl_excluding_abandoned_in_target", "answered in target / (attempts - abandoned in target)"),
        _ratio("sl_abandons_in_target_good", "(answered + abandoned in target) / attempts"),
        _ratio("sl_answered", "answered in target / answered"),
        _seconds("asa_s", "mean wait of answered contacts"),
        _seconds("asa_low_s", "lower end of its 95 % confidence interval"),
        _seconds("asa_high_s", "upper end"),
        _seconds("wait_p50_s", "half of the answered waited at most so long"),
        _seconds("wait_p80_s", "80 % of the answered waited at most so long"),
        _seconds("wait_p95_s", "95 % of the answered waited at most so long"),
        _ratio("abandonment", "abandoned / attempts"),
        _ratio("abandonment_low", "lower end of its 95 % confidence interval"),
        _ratio("abandonment_high", "upper end"),
        _ratio("within_deadline", "of deferred work: done by its deadline"),
        _ratio("occupancy", "share of the time on queue of its agents in contact work"),
        Column("agents", "number", "mean agents on queue who serve it", "agents", low=0),
        _count("backlog", "mean contacts waiting at the end of the interval", optional=False),
    ),
    description="what a simulation of the plan counted, means over its replications",
)

SIMULATED_DAYS = Table(
    "simulated_days",
    ("queue", "date"),
    (
        _queue(),
        Column("date", "date", "local date of the queue"),
        _count("offered", "mean fresh contacts and redials of the day", optional=False),
        _ratio("service_level", "of all replications together, by the queue's variant"),
        _ratio("service_level_p10", "10 % of such days are no better"),
        _ratio("service_level_p50", "half of such days are no better"),
        _ratio("service_level_p90", "90 % of such days are no better"),
        _ratio("met", "share of such days on which every target of the queue is met"),
        _seconds("asa_s", "mean wait of answered contacts"),
        _ratio("abandonment", "abandoned / attempts"),
    ),
    description="how the service of a day varies over the replications",
)

TABLES: dict[str, Table] = {
    table.name: table
    for table in (
        CONTACTS,
        HISTORY,
        FORECAST,
        DAYS,
        REQUIREMENTS,
        COSTS,
        SENSITIVITY,
        SKILL_REQUIREMENTS,
        AGENTS,
        TIME_OFF,
        REQUESTS,
        PINS,
        ACTIVITY_TABLE,
        ROSTER,
        COVERAGE,
        OVERRIDES,
        EVENTS,
        BACKLOG,
        SCORES,
        SCORE_PARTS,
        SIMULATION,
        SIMULATED_DAYS,
    )
}

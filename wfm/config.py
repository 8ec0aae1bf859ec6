"""The configuration `wfm.toml` as frozen models: every key with default, bounds, unit and meaning.

Unknown keys are refused with the nearest known name; all faults are reported at once. The reference page and
the JSON schema are generated from these models (`wfm.config_docs`).
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from datetime import date
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from wfm.errors import ConfigError, Fault
from wfm.hours import parse_clock, parse_hours, parse_span, weekday_number
from wfm.localtime import zone

Channel = Literal["voice", "chat", "email"]
QueueModel = Literal["auto", "erlang_b", "erlang_c", "erlang_a", "erlang_x"]
LoadModel = Literal["auto", "offered_load", "per_interval"]
Variant = Literal[
    "offered", "excluding_short", "excluding_abandoned_in_target", "abandons_in_target_good", "answered"
]


def _zone(name: str) -> str:
    zone(name)
    return name


def _hours(text: str) -> str:
    parse_hours(text)
    return text


def _span(text: str) -> str:
    parse_span(text)
    return text


def _clock(text: str) -> str:
    parse_clock(text)
    return text


def _weekday(text: str) -> str:
    weekday_number(text)
    return text


def _starts(text: str) -> str:
    for part in text.split("-"):
        parse_clock(part)
    return text


def _calendar(text: str) -> str:
    if text and re.match(r"^[A-Z]{2}(-[A-Za-z0-9]{1,5})?$", text) is None:
        raise ValueError(f"'{text}' is not a country or country-subdivision such as DE or DE-HH")
    return text


Timezone = Annotated[str, AfterValidator(_zone)]
Hours = Annotated[str, AfterValidator(_hours)]
Span = Annotated[str, AfterValidator(_span)]
Clock = Annotated[str, AfterValidator(_clock)]
Weekday = Annotated[str, AfterValidator(_weekday)]
Starts = Annotated[str, AfterValidator(_starts)]
Calendar = Annotated[str, AfterValidator(_calendar)]
Share = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0, le=1e6)]


class Section(BaseModel):
    """A table of wfm.toml: frozen, and a typo is an error instead of a default."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", populate_by_name=True, use_attribute_docstrings=False
    )


class Centre(Section):
    """The centre as a whole."""

    name: str = Field(default="centre", min_length=1, description="name as printed")
    timezone: Timezone = Field(default="UTC", description="IANA zone; queues and sites may have their own")
    interval_min: Literal[5, 10, 15, 30, 60] = Field(default=15, description="length of an interval, minutes")
    week_start: Weekday = Field(default="Mon", description="first day of a week")
    weekend: tuple[Weekday, ...] = Field(default=("Sat", "Sun"), description="days of the weekend")

    @property
    def week_start_number(self) -> int:
        """First weekday of a week, 0 is Monday."""
        return weekday_number(self.week_start)

    @property
    def weekend_numbers(self) -> frozenset[int]:
        """Weekdays of the weekend, 0 is Monday."""
        return frozenset(weekday_number(day) for day in self.weekend)


class Site(Section):
    """A site: dates, weeks and clock times of its agents."""

    timezone: Timezone = Field(default="UTC", description="IANA zone of the site; default: the centre's")
    holidays: Calendar = Field(default="", description="calendar of the holidays package, for its agents")
    seats: int | None = Field(default=None, ge=1, description="most agents inside a shift at one time")
    min_present: int = Field(default=0, ge=0, description="fewest agents on queue while a queue is open")


class Queue(Section):
    """A queue: when it is open, what it promises, how its contacts behave."""

    channel: Channel = Field(default="voice", description="voice, chat or email")
    timezone: Timezone = Field(default="UTC", description="IANA zone; default: the centre's")
    hours: Hours = Field(default="", description="working hours, e.g. Mon-Fri 08:00-20:00; empty: always")
    arrivals: Literal["hours", "always", "channel"] = Field(
        default="channel", description="when contacts arrive: in hours, always; channel: always for email"
    )
    holidays: Calendar = Field(default="", description="calendar of the holidays package")
    holiday_hours: Hours | None = Field(
        default=None, description="hours on a holiday; empty text: closed; absent: learnt from the history"
    )
    service_level: float | None = Field(
        default=None, gt=0, lt=1, description="share to reach within answer_within_s"
    )
    answer_within_s: float = Field(default=20, ge=0, description="threshold of the service level, seconds")
    asa_s: float | None = Field(
        default=None, gt=0, description="longest mean wait of answered contacts, seconds"
    )
    max_abandonment: float | None = Field(default=None, gt=0, lt=1, description="largest abandoned / offered")
    max_occupancy: float | None = Field(
        default=None, gt=0, le=1, description="largest share of time in contact work"
    )
    max_blocking: float | None = Field(
        default=None, gt=0, lt=1, description="largest blocked share, Erlang B"
    )
    deadline_h: float | None = Field(
        default=None, gt=0, description="deferred work done within, working hours"
    )
    service_level_variant: Variant = Field(default="offered", description="which definition of service level")
    short_abandon_s: float = Field(default=5, ge=0, description="abandoned within this is short, seconds")
    patience_s: float | None = Field(
        default=None, gt=0, description="mean patience, seconds; absent: Erlang C"
    )
    redial_probability: float = Field(
        default=0, ge=0, lt=1, description="share of the abandoned who call again"
    )
    queue_model: QueueModel = Field(default="auto", description="auto: Erlang A with patience, else Erlang C")
    load_model: LoadModel = Field(default="auto", description="auto: offered_load when AHT > interval / 4")
    aht_s: float | None = Field(
        default=None, gt=0, description="handle time where the history has none, seconds"
    )
    concurrency: int = Field(default=1, ge=1, le=20, description="contacts one agent handles at once (chat)")
    concurrency_slowdown: float = Field(
        default=0, ge=0, le=5, description="longer handle time per further contact"
    )
    shrinkage: dict[str, Share] = Field(
        default_factory=dict, description="shares of paid time lost, by cause"
    )
    shrinkage_planned: tuple[str, ...] = Field(
        default=("leave", "training", "breaks"), description="causes that the roster itself places"
    )
    shrinkage_mode: Literal["additive", "multiplicative"] = Field(
        default="additive", description="how causes add up"
    )
    uncertainty: Literal["none", "mixture", "quantile"] = Field(
        default="none", description="forecast error in staffing"
    )
    uncertainty_cv: float = Field(default=0, ge=0, le=2, description="coefficient of variation of the rate")
    quantile: float = Field(default=0.5, gt=0, lt=1, description="quantile staffed for")
    like: str | None = Field(default=None, description="queue whose profile a new queue borrows")

    @property
    def deferred(self) -> bool:
        """Whether the work may wait for a deadline instead of an answer time."""
        return self.channel == "email"

    @property
    def arrives_always(self) -> bool:
        """Whether contacts arrive outside working hours too."""
        return self.arrivals == "always" or (self.arrivals == "channel" and self.deferred)

    @model_validator(mode="after")
    def _consistent(self) -> Queue:
        targets = (
            self.service_level,
            self.asa_s,
            self.max_abandonment,
            self.max_occupancy,
            self.max_blocking,
        )
        if not self.deferred and all(target is None for target in targets):
            raise ValueError(
                "no target: set service_level (with answer_within_s), asa_s, max_abandonment or max_occupancy"
            )
        if self.deferred and self.deadline_h is None:
            raise ValueError("an email queue needs deadline_h (working hours)")
        if self.queue_model == "erlang_b" and self.max_blocking is None:
            raise ValueError("queue_model erlang_b needs max_blocking")
        if self.queue_model in ("erlang_a", "erlang_x") and self.patience_s is None:
            raise ValueError(f"queue_model {self.queue_model} needs patience_s")
        self._check_shrinkage()
        return self

    def _check_shrinkage(self) -> None:
        total = sum((Fraction(str(share)) for share in self.shrinkage.values()), Fraction(0))
        if self.shrinkage_mode == "additive" and total >= 1:
            raise ValueError(
                f"shrinkage adds up to {float(total):g}; additive shares of paid time must stay below 1"
            )


class Break(Section):
    """A break: it STARTS between `from_min` and `to_min` after the shift's start."""

    activity: Literal["break", "lunch"] = Field(default="break", description="break or lunch")
    minutes: int = Field(ge=1, le=240, description="length, minutes")
    paid: bool = Field(default=True, description="whether it is paid")
    from_min: int = Field(ge=0, le=24 * 60, description="earliest start after the shift's start, minutes")
    to_min: int = Field(ge=0, le=24 * 60, description="latest start after the shift's start, minutes")
    min_shift_hours: float = Field(
        default=0, ge=0, le=24, description="only in shifts of at least this length"
    )

    @model_validator(mode="after")
    def _ordered(self) -> Break:
        if self.to_min < self.from_min:
            raise ValueError(f"to_min {self.to_min} lies before from_min {self.from_min}")
        return self


Pair = Annotated[tuple[float, float], Field(description="min, max")]


class Contract(Section):
    """A labour contract: what shifts and weeks of its agents may look like."""

    week_hours: Pair = Field(default=(0, 40), description="paid hours per week, min and max")
    days_per_week: tuple[int, int] = Field(default=(0, 5), description="shifts per week, min and max")
    shift_hours: Pair = Field(
        default=(8, 8), description="length of a shift, breaks included, hours, min and max"
    )
    shift_step_min: int = Field(default=30, ge=5, le=240, description="step of shift lengths, minutes")
    starts: tuple[Starts, ...] = Field(default=("08:00",), min_length=1, description="earliest-latest start")
    start_step_min: int = Field(default=30, ge=5, le=240, description="step of starts, minutes")
    rest_h: float = Field(default=11, ge=0, le=48, description="rest between two shifts, elapsed hours")
    consecutive_days: int = Field(default=6, ge=1, le=31, description="most days of work in a row")
    weekends_off_per_4_weeks: int = Field(
        default=0, ge=0, le=4, description="whole weekends off in every rolling 4 weeks known in full"
    )
    leave_day_hours: float | None = Field(
        default=None, ge=0, le=24, description="hours a leave day credits; default max week_hours / max days"
    )
    breaks: tuple[Break, ...] = Field(default=(), description="breaks of a shift, in this order")
    break_step_min: int = Field(
        default=15, ge=5, le=60, description="grid of breaks from the shift's start, minutes"
    )

    @property
    def hours_of_leave_day(self) -> float:
        """Hours one whole day of leave credits."""
        if self.leave_day_hours is not None:
            return self.leave_day_hours
        return self.week_hours[1] / self.days_per_week[1] if self.days_per_week[1] else 0.0

    def start_windows(self) -> list[tuple[int, int]]:
        """Earliest and latest start of each window, minutes after midnight."""
        windows = []
        for text in self.starts:
            first, dash, last = text.partition("-")
            windows.append((parse_clock(first), parse_clock(last) if dash else parse_clock(first)))
        return windows

    @model_validator(mode="after")
    def _ordered(self) -> Contract:
        for name in ("week_hours", "days_per_week", "shift_hours"):
            low, high = getattr(self, name)
            if not 0 <= low <= high:
                raise ValueError(f"{name} must be [min, max] with 0 <= min <= max, not [{low:g}, {high:g}]")
        if not 0 < self.shift_hours[0] <= self.shift_hours[1] <= 24:
            raise ValueError("shift_hours must lie above 0 and at most 24")
        if self.days_per_week[1] > 7:
            raise ValueError("days_per_week is at most 7")
        if any(last < first for first, last in self.start_windows()):
            raise ValueError("a window of starts must not cross midnight; write two windows")
        return self


class Weights(Section):
    """What the goals of a roster weigh against each other; every one may be 0."""

    understaffed: Weight = Field(default=10, description="per 15 minutes of a missing agent, times (1 + U/R)")
    overstaffed: Weight = Field(default=2, description="per 15 minutes of a surplus agent")
    paid: Weight = Field(default=4, description="per paid hour at mean cost")
    request: Weight = Field(default=4, description="per request not met, times its own weight")
    fairness: Weight = Field(default=6, description="per unpopular shift above the site's mean, rounded up")
    start_consistency: Weight = Field(
        default=1, description="per pair of days whose starts differ by over 60 minutes"
    )
    changed_shift: Weight = Field(
        default=8, description="per agent and date whose shift is not the previous one"
    )


class Schedule(Section):
    """How rosters are made."""

    weeks: int = Field(default=1, ge=1, le=26, description="weeks of the horizon")
    time_limit_s: float = Field(default=60, gt=0, description="wall-clock limit, seconds")
    work_limit: float = Field(
        default=0, ge=0, description="deterministic effort of CP-SAT, seconds; 0: a default"
    )
    seed: int = Field(default=1, ge=0, le=2**31 - 1, description="seed of every random choice")
    night: Span = Field(default="23:00-06:00", description="a shift that overlaps it is unpopular")
    late_after: Clock = Field(default="22:00", description="a shift that ends after it is unpopular")
    weights: Weights = Field(default_factory=Weights, description="weights of the goals")


class Import(Section):
    """How files are read."""

    ambiguous: Literal["error", "first", "second"] = Field(
        default="error", description="a stamp in the repeated hour of a clock change"
    )
    nonexistent: Literal["error", "drop", "shift"] = Field(
        default="error", description="a stamp in the skipped hour; shift: one hour later"
    )
    absent: Literal["auto", "missing", "zero"] = Field(
        default="auto", description="an absent interval; auto: zero for per-contact logs, else missing"
    )
    max_bad_ratio: float = Field(
        default=0.01, ge=0, le=1, description="largest share of refused rows that ends 0"
    )


class Forecast(Section):
    """How forecasts are made."""

    horizon: str = Field(
        default="6w", pattern=r"^[1-9]\d*[dw]$", description="local calendar days, e.g. 6w or 10d"
    )
    models: tuple[str, ...] = Field(default=(), description="models to choose from; empty: the default ones")
    backtest_origins: int = Field(default=4, ge=1, le=60, description="rolling origins behind the choice")


class Inputs(Section):
    """Files for nightly, relative to wfm.toml."""

    contacts: tuple[str, ...] | str | None = Field(default=None, description="per-contact logs")
    history: tuple[str, ...] | str | None = Field(default=None, description="interval tables")
    mapping: str | None = Field(default=None, description="mapping file of contacts or history")
    agents: str | None = Field(default=None, description="agents")
    time_off: str | None = Field(default=None, description="time off")
    requests: str | None = Field(default=None, description="requests")
    pins: str | None = Field(default=None, description="pins")
    overrides: str | None = Field(default=None, description="overrides")
    events: str | None = Field(default=None, description="events")
    backlog: str | None = Field(default=None, description="open deferred work")


class Outputs(Section):
    """Where nightly writes."""

    runs: str = Field(default="runs", description="folder of the run folders, relative to wfm.toml")
    keep: int = Field(default=30, ge=1, description="run folders kept")


class Nightly(Section):
    """What the unattended run needs to judge staleness."""

    now: str | None = Field(default=None, description="the moment staleness is judged at; default --as-of")
    max_age_h: float = Field(default=36, gt=0, description="history older than this is stale, hours")


class Config(Section):
    """The whole of wfm.toml; `queues` and `sites` are complete, with defaults and zones filled in."""

    centre: Centre = Field(default_factory=Centre, description="the centre")
    sites: dict[str, Site] = Field(
        default_factory=dict, description="sites; default: one named after the centre"
    )
    queues: dict[str, Queue] = Field(default_factory=dict, description="queues by name")
    contracts: dict[str, Contract] = Field(default_factory=dict, description="contracts by name")
    schedule: Schedule = Field(default_factory=Schedule, description="rosters")
    forecast: Forecast = Field(default_factory=Forecast, description="forecasts")
    import_: Import = Field(default_factory=Import, alias="import", description="reading files")
    inputs: Inputs = Field(default_factory=Inputs, description="inputs of nightly")
    outputs: Outputs = Field(default_factory=Outputs, description="outputs of nightly")
    nightly: Nightly = Field(default_factory=Nightly, description="stop rules of nightly")

    @property
    def queue_zones(self) -> dict[str, str]:
        """Time zone of each queue."""
        return {name: queue.timezone for name, queue in self.queues.items()}

    @property
    def site_zones(self) -> dict[str, str]:
        """Time zone of each site."""
        return {name: site.timezone for name, site in self.sites.items()}

    @property
    def only_site(self) -> str | None:
        """The site of agents who name none, where there is just one."""
        return next(iter(self.sites)) if len(self.sites) == 1 else None


def build_config(document: Mapping[str, Any], *, source: str = "wfm.toml", text: str = "") -> Config:
    """Return the configuration of a parsed TOML document; raise ConfigError with every fault.

    `text` is the document's source, used to name the line of a fault.
    """
    filled = _with_defaults(document)
    try:
        config = Config.model_validate(filled)
    except ValidationError as error:
        faults = [_fault(dict(detail), source, text) for detail in error.errors()]
        raise ConfigError(faults, source=source, hint="docs/configuration.md lists every key") from error
    faults = list(_unresolved(config))
    if faults:
        raise ConfigError(faults, source=source)
    return config


def _with_defaults(document: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in what the file may leave out: [defaults.queue], the centre's zone, the only site."""
    filled = {key: value for key, value in document.items() if key != "defaults"}
    centre = filled.get("centre", {})
    timezone = centre.get("timezone", "UTC") if isinstance(centre, dict) else "UTC"
    defaults = document.get("defaults", {})
    unknown = sorted(set(defaults) - {"queue"}) if isinstance(defaults, dict) else ["defaults"]
    if unknown:
        filled[f"defaults.{unknown[0]}"] = defaults  # refused below as an unknown key
    queue = {"timezone": timezone, **(defaults.get("queue", {}) if isinstance(defaults, dict) else {})}
    queues = filled.get("queues", {})
    if isinstance(queues, dict):
        filled["queues"] = {
            name: {**queue, **own} if isinstance(own, dict) else own for name, own in queues.items()
        }
    sites = filled.get("sites", {})
    if isinstance(sites, dict):
        sites = sites or {centre.get("name", "centre") if isinstance(centre, dict) else "centre": {}}
        filled["sites"] = {
            name: {"timezone": timezone, **own} if isinstance(own, dict) else own
            for name, own in sites.items()
        }
    return filled


def _fault(detail: dict[str, Any], source: str, text: str) -> Fault:
    path = [str(part) for part in detail["loc"]]
    row = _line_of(path, text)
    if detail["type"] == "extra_forbidden":
        near = difflib.get_close_matches(path[-1], _known_keys(path[:-1]), n=1, cutoff=0.6)
        remedy = f"did you mean '{near[0]}'?" if near else "remove it"
        return Fault("unknown key", remedy, "", row, ".".join(path))
    message = str(detail["msg"]).removeprefix("Value error, ")
    value = detail["input"]
    simple = isinstance(value, str | int | float | bool)
    return Fault(message, "", "", row, ".".join(path), str(value) if simple else None)


def _known_keys(path: list[str]) -> list[str]:
    """Return the keys that the model at this path of the document knows."""
    model: Any = Config
    for part in path:
        if part.isdigit() or not isinstance(model, type):
            continue
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        if part not in fields:
            continue  # the name of a queue, site or contract
        model = next(_models_in(fields[part].annotation), model)
    return [field.alias or name for name, field in model.model_fields.items()]


def _models_in(annotation: Any) -> Iterator[type[Section]]:
    if isinstance(annotation, type) and issubclass(annotation, Section):
        yield annotation
    for argument in getattr(annotation, "__args__", ()):
        yield from _models_in(argument)


def _line_of(path: list[str], text: str) -> int | None:
    """Return the line of the document on which the key of this path stands, if it can be seen."""
    names = [part for part in path if not part.isdigit()]
    section = ""
    found: int | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        header = re.match(r"^\s*\[+([^\]]+)\]+", line)
        if header:
            section = header[1].replace(" ", "").replace('"', "")
            if section == ".".join(names):
                return number
            continue
        key = re.match(r"^\s*\"?([\w-]+)\"?\s*=", line)
        if key and names and f"{section}.{key[1]}".lstrip(".") == ".".join(names):
            return number
        if key and len(names) > 1 and f"{section}.{key[1]}".lstrip(".") == ".".join(names[:-1]):
            found = number
    return found


def _unresolved(config: Config) -> Iterator[Fault]:
    for name, queue in config.queues.items():
        if queue.like is not None and queue.like not in config.queues:
            near = difflib.get_close_matches(queue.like, list(config.queues), n=1)
            remedy = f"did you mean '{near[0]}'?" if near else "name a queue of this file"
            yield Fault("no such queue", remedy, column=f"queues.{name}.like", value=queue.like)


def days_in_horizon(text: str) -> int:
    """Return the calendar days of a horizon such as `6w` or `10d`; raise ValueError otherwise."""
    found = re.match(r"^([1-9]\d*)([dw])$", text.strip())
    if found is None:
        raise ValueError(f"'{text}' is not a horizon such as 6w or 10d")
    return int(found[1]) * (7 if found[2] == "w" else 1)


def employed(first: date | None, last: date | None, day: date) -> bool:
    """Return whether a day lies within employment; the end date is itself a day of employment."""
    return (first is None or day >= first) and (last is None or day <= last)

"""The tables of wfm.toml that each steer one command: rosters, forecasts, reading files, the nightly run."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wfm.config.kinds import Clock, Section, Span, Weight


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
    max_changed_shifts_per_agent: int | None = Field(
        default=None, ge=0, description="most shifts of one agent that differ from the previous roster"
    )
    weights: Weights = Field(default_factory=Weights, description="weights of the goals")


class Simulate(Section):
    """How plans are simulated."""

    replications: int = Field(default=0, ge=0, le=100_000, description="0: until the precision is reached")
    precision: float = Field(
        default=0.01,
        gt=0,
        lt=1,
        description="half-width of the 95 % confidence interval of each queue's service level",
    )
    most_replications: int = Field(default=1000, ge=8, le=100_000, description="at most, for the precision")
    seed: int = Field(default=1, ge=0, le=2**31 - 1, description="seed of every random choice")
    whole_shift: tuple[str, ...] = Field(
        default=("sickness",),
        description="unplanned shrinkage that takes whole shifts; others: short absences",
    )
    away_min: float = Field(default=15, ge=1, le=480, description="length of a short absence, minutes")


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
    final_newline: Literal["required", "optional"] = Field(
        default="required",
        description="the line break that ends a text file; a file without it may be cut and is refused",
    )
    max_bad_ratio: float = Field(
        default=0.01, ge=0, le=1, description="largest share of refused rows that ends 0"
    )
    memory_limit_mb: int = Field(
        default=256, ge=128, le=1_000_000, description="memory of the log reader, MB; beyond it, on disk"
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
    activities: str | None = Field(default=None, description="trainings, meetings, coaching")
    overrides: str | None = Field(default=None, description="overrides")
    events: str | None = Field(default=None, description="events")
    backlog: str | None = Field(default=None, description="open deferred work")


Exported = Literal["xlsx", "svg", "connect-wfm", "genesys-wfm"]
LogLevel = Literal["debug", "info", "warning", "error"]


class Outputs(Section):
    """Where nightly writes."""

    runs: str = Field(default="runs", description="folder of the run folders, relative to wfm.toml")
    keep: int = Field(default=30, ge=1, description="run folders kept")
    exports: tuple[Exported, ...] = Field(
        default=("xlsx",), description="what is exported into `exports/` of each run"
    )
    calendars: str | None = Field(
        default=None, description="folder of the agents' calendars, relative to wfm.toml; none: no calendars"
    )


class Nightly(Section):
    """When the unattended run stops, keeps the plan before, and whom it tells."""

    now: str | None = Field(default=None, description="the moment staleness is judged at; default --as-of")
    max_age_h: float = Field(default=36, gt=0, description="history older than this is stale, hours")
    min_volume: float = Field(
        default=0.2, ge=0, lt=1, description="least contacts of the last day, share of a usual one; 0: any"
    )
    max_volume: float = Field(
        default=5, gt=1, le=1000, description="most contacts of the last day, as a multiple of a usual one"
    )
    max_change: float | None = Field(
        default=0.5,
        gt=0,
        description="most a day's forecast may differ from the published one without a reason, share",
    )
    alert: tuple[str, ...] = Field(
        default=(), description="command, a word each, run when a night does not end with 0"
    )
    log_level: LogLevel = Field(default="info", description="least level said aloud; the log has all")

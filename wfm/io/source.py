"""The model of a mapping: what one `[source.NAME]` table may say, each key with bounds and meaning.

Headers are names of the file's columns; in JSON a header is the dotted path of a value (`Queue.Name`).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from wfm.config import Section, Timezone
from wfm.tables import CONTACTS, HISTORY, Table

DurationUnit = Literal["s", "ms", "min", "h", "h:mm:ss"]
EPOCHS = ("epoch_s", "epoch_ms")
EXCEL = "excel"  # days since 1899-12-30, as spreadsheets count them


class Derived(Section):
    """A column made of several: exactly one of the four forms, every name a header of the file.

    - a time: `at`, later by the durations in `plus`, earlier by those in `minus`
    - elapsed seconds: `from` one time `to` another
    - a number: the sum of `plus` less the sum of `minus`, divided by `per`
    - an outcome: handled where `handled_if` has a value, else flow_out where `flow_out_if` has one, else
      abandoned
    """

    at: str | None = Field(default=None, description="header of a time")
    from_: str | None = Field(default=None, alias="from", description="header of the earlier time")
    to: str | None = Field(default=None, description="header of the later time")
    plus: tuple[str, ...] = Field(default=(), description="headers to add")
    minus: tuple[str, ...] = Field(default=(), description="headers to subtract")
    per: str | None = Field(default=None, description="header to divide by")
    empty_as: float | None = Field(default=None, description="what an empty part of a sum counts as")
    handled_if: str | None = Field(default=None, description="header of a column filled only when handled")
    flow_out_if: str | None = Field(
        default=None, description="header of a column filled, of contacts not handled, only when passed on"
    )

    @property
    def form(self) -> str:
        """The form that the keys make up: time, span, sum or outcome; empty if they make up none."""
        given = {name for name in type(self).model_fields if getattr(self, name) not in (None, ())}
        forms = {
            "time": ({"at"}, {"plus", "minus"}),
            "span": ({"from_", "to"}, set[str]()),
            "sum": ({"plus"}, {"minus", "per", "empty_as"}),
            "outcome": ({"handled_if"}, {"flow_out_if"}),
        }
        fitting = [name for name, (needed, more) in forms.items() if needed <= given <= needed | more]
        return fitting[0] if fitting else ""

    @property
    def headers(self) -> list[str]:
        """Every header that the form reads."""
        single = (self.at, self.from_, self.to, self.per, self.handled_if, self.flow_out_if)
        return [name for name in single if name] + [*self.plus, *self.minus]


class Exclude(Section):
    """Rows that are no contacts of a queue: all of `when` hold, and not all of `unless` do."""

    reason: str = Field(min_length=1, description="why, in words, for the summary")
    when: dict[str, str | tuple[str, ...]] = Field(default_factory=dict, description="header = text or texts")
    unless: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="header = text or texts"
    )

    @property
    def headers(self) -> list[str]:
        """Every header that the rule reads."""
        return [*self.when, *self.unless]


class Events(Section):
    """How the events of a log become the legs of calls: one leg for each time that a call enters a queue.

    `enter` to `flow_out` list the names of events. A leg is handled if it is answered, else abandoned or
    flow_out by its end. `wait_s` and `talk_s` name, by event, the header that holds a duration; without one
    the times are subtracted.
    """

    at: str = Field(description="header of the time")
    event: str = Field(description="header of the event's name")
    call: str = Field(description="header of the call's id")
    queue: str = Field(description="header of the queue")
    agent: str | None = Field(default=None, description="header of the agent")
    enter: tuple[str, ...] = Field(min_length=1, description="the call enters a queue")
    answer: tuple[str, ...] = Field(min_length=1, description="an agent takes the call")
    wrapup: tuple[str, ...] = Field(default=(), description="the talk ends, after-contact work begins")
    complete: tuple[str, ...] = Field(min_length=1, description="an answered call ends, or is transferred")
    abandon: tuple[str, ...] = Field(min_length=1, description="the caller hangs up in the queue")
    flow_out: tuple[str, ...] = Field(default=(), description="the call leaves the queue unanswered")
    wait_s: dict[str, str] = Field(default_factory=dict, description="event = header of the wait so far")
    talk_s: dict[str, str] = Field(default_factory=dict, description="event = header of the talk time")
    pause: tuple[str, ...] = Field(default=(), description="an agent pauses")
    unpause: tuple[str, ...] = Field(default=(), description="an agent is back")
    reason: str | None = Field(default=None, description="header of the reason of a pause")
    acw_pause: str | None = Field(default=None, description="reason that means after-contact work")
    open_h: float = Field(
        default=4, ge=0, description="a call this near to the log's end may be open still, hours"
    )

    @property
    def kinds(self) -> dict[str, tuple[str, ...]]:
        """The names of events by what they mean."""
        names = ("enter", "answer", "wrapup", "complete", "abandon", "flow_out", "pause", "unpause")
        return {name: getattr(self, name) for name in names}

    @property
    def headers(self) -> list[str]:
        """Every header that the joiner reads."""
        single = (self.at, self.event, self.call, self.queue, self.agent, self.reason)
        return [name for name in single if name] + [*self.wait_s.values(), *self.talk_s.values()]


class Source(Section):
    """One kind of export: how it writes its cells, and where each canonical column comes from."""

    about: str = Field(default="", description="one line: which export this is")
    confirmed: bool = Field(default=True, description="whether its columns were seen in a published source")
    questions: tuple[str, ...] = Field(default=(), description="what only the planner knows")
    grain: Literal["contact", "interval", "event"] = Field(description="what one row of the file is")
    header: tuple[str, ...] = Field(default=(), description="names of the columns of a file without header")
    delimiter: Literal["", ",", ";", "\t", "|"] = Field(default="", description="delimiter of such a file")
    sheet: str = Field(default="", description="sheet of a workbook; default: the first with a header")
    optional: tuple[str, ...] = Field(default=(), description="headers that the file may lack")
    latest: str = Field(
        default="", description="header whose greatest value decides among rows with the same key"
    )
    parts: tuple[str, ...] = Field(
        default=(), description="headers that part an interval of a queue into rows that add up"
    )
    apart: str = Field(
        default="", description="header whose texts must not meet in one interval of a queue: its channel"
    )
    pad: dict[str, int] = Field(
        default_factory=dict, description="header = digits, filled up with zeros on the left"
    )
    timezone: Timezone | None = Field(
        default=None, description="zone of stamps without offset; default: the queue's"
    )
    interval_min: Literal[5, 10, 15, 30, 60] | None = Field(
        default=None, description="length of the file's intervals; default: seen from the stamps"
    )
    decimal: Literal[".", ","] = Field(default=".", description="decimal mark")
    thousands: Literal["", ".", ",", " ", "'"] = Field(default="", description="thousands mark")
    missing: tuple[str, ...] = Field(default=("",), description="texts that mean: no value")
    duration: DurationUnit | dict[str, DurationUnit] = Field(
        default="s", description="unit of durations, for all or by canonical column"
    )
    time_format: str = Field(
        default="", description="strptime format, epoch_s, epoch_ms or excel; empty: ISO 8601"
    )
    attribution: Literal["arrival", "completion"] = Field(
        default="arrival", description="interval that an interval export books a contact to"
    )
    ambiguous: Literal["error", "first", "second"] | None = Field(
        default=None, description="default: [import]"
    )
    nonexistent: Literal["error", "drop", "shift"] | None = Field(
        default=None, description="default: [import]"
    )
    columns: dict[str, str | tuple[str, ...]] = Field(
        default_factory=dict, description="canonical = header, or headers joined"
    )
    constants: dict[str, str | float] = Field(default_factory=dict, description="canonical = value")
    values: dict[str, dict[str, str]] = Field(
        default_factory=dict, description="canonical: text in the file = canonical value"
    )
    derive: dict[str, Derived] = Field(default_factory=dict, description="canonical = a form of Derived")
    exclude: tuple[Exclude, ...] = Field(default=(), description="rows to leave out")
    events: Events | None = Field(default=None, description="how events become calls; grain event only")

    @property
    def table(self) -> Table:
        """The canonical table that the rows become."""
        return HISTORY if self.grain == "interval" else CONTACTS

    @property
    def headers(self) -> list[str]:
        """Every header of the file that the mapping reads."""
        found = [name for entry in self.columns.values() for name in as_tuple(entry)]
        for form in self.derive.values():
            found += form.headers
        for rule in self.exclude:
            found += rule.headers
        if self.events:
            found += self.events.headers
        found += [*filter(None, (self.latest, self.apart)), *self.parts]
        return list(dict.fromkeys(found))

    def headers_of(self, column: str) -> tuple[str, ...]:
        """Return the headers that a canonical column is read from."""
        if column in self.derive:
            return tuple(self.derive[column].headers)
        return as_tuple(self.columns.get(column, ()))

    def unit_of(self, column: str) -> DurationUnit:
        """Return the unit in which the file writes a duration column."""
        return self.duration.get(column, "s") if isinstance(self.duration, dict) else self.duration


def as_tuple(entry: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return one text or several as a tuple."""
    return (entry,) if isinstance(entry, str) else entry


def canonical(table: Table, header: tuple[str, ...]) -> Source:
    """Return the mapping of a file that already has the table's own column names."""
    present: dict[str, str | tuple[str, ...]] = {name: name for name in table.names if name in header}
    return Source(grain="contact" if table is CONTACTS else "interval", columns=present)

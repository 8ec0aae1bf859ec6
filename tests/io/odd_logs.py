"""Logs of contacts with every kind of odd cell, as Hypothesis draws them, and what becomes of them.

A log is plain rows with a few oddities laid over them, so that the fast pass of import has work, and so that
a failing example shrinks to the oddity that breaks it.
"""

from __future__ import annotations

import gzip
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import strategies as st

from wfm.config import Config, build_config
from wfm.errors import WfmError
from wfm.io.intake import Intake, take_in

QUEUES = ("billing", "sales", "nyc", "Zürich 24")
ZONES = {"nyc": "America/New_York", "sales": "Australia/Lord_Howe"}
CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": {
            queue: {"service_level": 0.8, "hours": "Mon-Sun 00:00-24:00"}
            | ({"timezone": ZONES[queue]} if queue in ZONES else {})
            for queue in QUEUES
        },
    }
)
DELIMITERS = (",", ";", "\t", "|")
BEGINNINGS = (  # naive UTC: a usual day, and an hour before a clock change of each of the zones
    *(datetime(2026, 3, 2, 7), datetime(2026, 3, 29, 0), datetime(2026, 10, 24, 23)),
    *(datetime(2026, 3, 8, 6), datetime(2026, 11, 1, 4), datetime(2026, 4, 4, 14), datetime(2026, 10, 3, 14)),
)
NUMBERS = (
    *(
        "",
        " ",
        "0",
        "-0",
        "1.5",
        "1,5",
        " 7",
        "7 ",
        "\t7",
        "-1",
        "+5",
        "1e3",
        "1E+3",
        "1e300",
        "1e16",
        "1e15",
    ),
    *("999999999", "1000000001", "1_0", "1.234,5", "1,234.5", "1 000", "1'000", "0x10", "nan", "inf", ".5"),
    *("-inf", "Infinity", "5.", ".", "-", "--1", "٣", "0.1234567", "12.3456789012345678", "1e-320", "true"),
    "1e308",
    *("00:01:05", "1:05", "N/A", "n/a", "NULL", "null", "None", "0" * 30, "9" * 30, "1\u00a0", "7\x0b", "1d"),
)
TIMES = (
    *("", " ", "N/A", "NULL", "never", "now", "today", "epoch", "infinity", "-infinity"),
    *("2026-03-02T09:07:00", "2026-03-02 09:07:00", "2026-03-02T09:07", "2026-03-02", "2026-03-02T09"),
    *("2026-03-02T09:07:00Z", "2026-03-02 09:07:00z", "2026-03-02T09:07:00+01:00", "2026-03-02T09:07:00 +01"),
    *("2026-03-02T09:07:00+0100", "2026-03-02T09:07:00-00:00", "2026-03-02T09:07:00+14:00"),
    *("2026-03-02T09:07:00+25:00", "2026-03-02T09:07:00+01:60", "2026-03-02T09:07:00+01:00:30"),
    *("2026-03-02T09:07:00 Europe/Berlin", "2026-03-02T09:07:00 UTC", "2026-03-02T09:07:00.5Z"),
    *("2026-03-02T09:07:00.123456", "2026-03-02T09:07:00,5", "2026-03-02T09:07:00.1234567+01:00"),
    *("2026-03-02T09:07:00.123456789", "2026-03-02T09:07:00.", "2026-03-02T09:07:00.1234567890Z"),
    *("2026-03-02T24:00:00", "2026-03-02T24:00:00Z", "2026-03-02T23:59:60", "2026-03-02T23:59:60Z"),
    *("2026-02-30T09:00:00", "2026-02-29T09:00:00Z", "2026-04-31 09:00:00+02:00", "2026-13-01T00:00:00"),
    *("1970-01-01T00:00:00Z", "1970-01-02T00:00:00Z", "1970-01-02T00:00:00", "1969-12-31T23:00:00"),
    *("2099-12-31T00:00:00Z", "2099-12-31T00:00:00", "2099-12-31T00:00:01Z", "2100-01-01T00:00:00"),
    *("0001-01-01T00:00:00", "10000-01-01T00:00:00", "-2026-03-02T09:00:00", "20260302T090700", "20260302"),
    *(" 2026-03-02T09:07:00", "2026-03-02T09:07:00 ", "2026-3-2 9:07:00", "2026-03-02T9:07:00"),
    *("2026-03-02_09:07:00", "2026-03-02t09:07:00", "2026-03-02  09:07:00", "02.03.2026 09:07:00"),
    *("2026-03-29T02:30:00", "2026-03-29 01:59:59", "2026-03-29 03:00:00", "2026-10-25T02:30:00"),
    *("2026-10-25 02:59:59", "2026-10-25T03:00:00", "2026-11-01T01:30:00", "2026-03-08T02:15:00"),
    *("2026-04-05T01:45:00", "2026-10-04T02:10:00", "2026-03-29T02:30:00+02:00", "2026-10-25T02:30:00Z"),
    *(
        "1772442420",
        "1772442420000",
        "46083.38",
        "1e9",
        "-1",
        "٢٠٢٦-03-02T09:07:00",
        "2026-03-02T09:07:00\x0b",
    ),
)
WORDS = (
    *("", " ", "billing", " billing", "billing ", "Billing", "sales", "nyc", "Zürich 24", "nowhere", "N/A"),
    *("handled", "HANDLED", " handled", "abandoned", "short_abandon", "flow_out", "lost", "B", "ok", "gone"),
    *(
        "None",
        "voice",
        "\t",
        "x" * 400,
        "a'b",
        "a\\b",
        "é",
        "\u00a0",
        "billing\u00a0",
        "c1",
        "c2",
        "c1 ",
        "0",
    ),
    *("billing|sales", "|", "NULL", "-", "billing\x00", "\ufeffbilling", "true", "1"),
)
ODD_OF = {
    "wait_s": NUMBERS,
    "talk_s": NUMBERS,
    "hold_s": NUMBERS,
    "acw_s": NUMBERS,
    "arrived_at": TIMES,
    "answered_at": TIMES,
    "ended_at": TIMES,
}
CLOCKS = (  # "offset" to "mixed" are ISO 8601, the others a time_format
    *("offset", "offset", "utc", "wall", "wall", "mixed", "epoch_s", "epoch_ms"),
    *("%d.%m.%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d %H:%M"),
)
WHOLE_ROW = ("short", "long", "longer", "blank before", "spaces before", "again", "empty cells", "one cell")
COLUMNS = ("contact_id", "queue", "channel", "arrived_at", "answered_at", "ended_at", *list(ODD_OF)[:4])
NEEDED = frozenset({"contact_id", "queue", "arrived_at", "wait_s", "outcome"})


@dataclass(frozen=True)
class Style:
    """How a log is written, and what its mapping says of it; the times of a log are of one `clock`."""

    columns: tuple[str, ...]
    begin: datetime
    clock: str = "offset"  # offset, utc, wall or mixed; or a time_format
    delimiter: str = ","
    line_end: str = "\n"
    encoding: str = "utf-8"
    packed: bool = False
    quotes: str = "needed"  # needed, every, none
    last_break: bool = True
    key: tuple[str, ...] = ("contact_id",)
    split_time: bool = False
    decimal: str = "."
    thousands: str = ""
    duration: str = "s"
    missing: tuple[str, ...] = ("",)
    timezone: str = ""
    ambiguous: str = ""
    nonexistent: str = ""
    words: bool = False
    exclude: bool = False
    constants: bool = False


@dataclass(frozen=True)
class Oddity:
    """A text for one cell of a row, or, without a column, something odd about the row as a whole."""

    row: int
    column: str
    text: str


@dataclass(frozen=True)
class Log:
    """A style, the number of its rows and what is odd about them."""

    style: Style
    rows: int
    oddities: tuple[Oddity, ...] = field(default=())

    @property
    def header(self) -> list[str]:
        """The headers of the file."""
        style = self.style
        names = [*style.columns, "Direction", "Phone"]
        if style.split_time:
            place = names.index("arrived_at")
            names[place : place + 1] = ["day", "clock"]
        return names

    def table(self) -> list[list[str]]:
        """Return the cells of every row, with what is odd in them, by column of `header`."""
        found = [self._row(number) for number in range(self.rows)]
        for oddity in self.oddities:
            if oddity.column and oddity.column in found[oddity.row]:
                found[oddity.row][oddity.column] = oddity.text
        return [[row[name] for name in self.header] for row in found]

    def _row(self, number: int) -> dict[str, str]:
        style = self.style
        queue = QUEUES[number % 3 % len(QUEUES)]
        arrived = style.begin + timedelta(seconds=421 * number)
        cells = {
            "contact_id": f"c{number}",
            "queue": {"billing": "B"}.get(queue, queue) if style.words else queue,
            "channel": "voice",
            "arrived_at": self._time(arrived, queue, number),
            "answered_at": self._time(arrived + timedelta(seconds=number), queue, number),
            "ended_at": self._time(arrived + timedelta(seconds=3 * number + 1), queue, number),
            "wait_s": self._amount(number),
            "talk_s": self._amount(100.5 + number),
            "hold_s": "",
            "acw_s": self._amount(2.25),
            "outcome": ("handled", "abandoned", "handled", "flow_out")[number % 4],
            "agent_id": f"a{number % 3}",
            "Direction": "in",
            "Phone": f"+4930{number:07d}",
        }
        cells["day"], _, cells["clock"] = cells["arrived_at"].partition(" ")
        return cells

    def _time(self, moment: datetime, queue: str, number: int) -> str:
        clock = ("offset", "wall", "utc")[number % 3] if self.style.clock == "mixed" else self.style.clock
        own = ZoneInfo(self.style.timezone or ZONES.get(queue, "Europe/Berlin"))
        local = moment.replace(tzinfo=UTC).astimezone(own)
        forms = {
            "offset": local.isoformat(),
            "utc": f"{moment.isoformat()}Z",
            "wall": local.replace(tzinfo=None).isoformat(sep=" "),
            "epoch_s": str(int(moment.replace(tzinfo=UTC).timestamp())),
            "epoch_ms": str(int(moment.replace(tzinfo=UTC).timestamp() * 1000)),
        }
        return forms.get(clock) or local.strftime(clock)

    def _amount(self, seconds: float) -> str:
        unit = self.style.duration
        if unit == "h:mm:ss":
            return f"{int(seconds) // 3600}:{int(seconds) // 60 % 60:02d}:{int(seconds) % 60:02d}"
        text = f"{seconds / {'s': 1, 'ms': 0.001, 'min': 60}[unit]:.10g}"
        return text.replace(".", self.style.decimal)

    def content(self) -> bytes:
        """Return the bytes of the file."""
        style = self.style
        lines = [self._line(self.header)]
        for number, cells in enumerate(self.table()):
            whole = {oddity.text for oddity in self.oddities if oddity.row == number and not oddity.column}
            lines += self._lines(cells, whole)
        text = style.line_end.join(lines) + (style.line_end if style.last_break else "")
        content = text.encode(style.encoding, errors="replace")
        return gzip.compress(content, mtime=0) if style.packed else content

    def _lines(self, cells: list[str], whole: set[str]) -> list[str]:
        row = list(cells)
        if "empty cells" in whole:
            row = [""] * len(row)
        if "short" in whole:
            row = row[:-1]
        if "one cell" in whole:
            row = row[:1]
        row += [""] * ("long" in whole) + ["1", "2"] * ("longer" in whole)
        line = self._line(row)
        before = [""] * ("blank before" in whole) + ["  "] * ("spaces before" in whole)
        return [*before, *[line] * (1 + ("again" in whole))]

    def _line(self, cells: list[str]) -> str:
        return self.style.delimiter.join(map(self._cell, cells))

    def _cell(self, text: str) -> str:
        special = any(sign in text for sign in (self.style.delimiter, '"', "\n", "\r"))
        if self.style.quotes == "every" or (self.style.quotes == "needed" and special):
            return '"' + text.replace('"', '""') + '"'
        return text

    def mapping(self) -> str:
        """Return the text of the mapping file."""
        style = self.style
        columns: dict[str, Any] = {name: name for name in style.columns}
        columns["contact_id"] = list(style.key) if len(style.key) > 1 else style.key[0]
        if style.split_time:
            columns["arrived_at"] = ["day", "clock"]
        keys: dict[str, Any] = {
            "decimal": style.decimal,
            "thousands": style.thousands,
            "duration": style.duration,
            "missing": list(style.missing),
            "timezone": style.timezone,
            "ambiguous": style.ambiguous,
            "nonexistent": style.nonexistent,
            "time_format": "" if style.clock in ("offset", "utc", "wall", "mixed") else style.clock,
        }
        lines = ['[source.log]\ngrain = "contact"']
        lines += [f"{name} = {_toml(value)}" for name, value in keys.items() if value]
        lines += ["[source.log.columns]", *(f"{name} = {_toml(value)}" for name, value in columns.items())]
        if style.constants:
            lines += ["[source.log.constants]", *('acw_s = 12.5\nagent_id = "a"'.splitlines())]
            lines = [
                line for line in lines if not line.startswith(("acw_s = [", 'acw_s = "', 'agent_id = "ag'))
            ]
        if style.words:
            lines += ["[source.log.values.queue]", 'B = "billing"', '"N/A" = "sales"', '" billing" = "nyc"']
            lines += ["[source.log.values.outcome]", 'ok = "handled"', 'lost = "abandoned"']
        if style.exclude:
            lines += ['[[source.log.exclude]]\nreason = "out"\nwhen = { Direction = ["out", "B"] }']
            lines += [
                '[[source.log.exclude]]\nreason = "not in"\nunless = { Direction = ["in", "", "voice"] }'
            ]
        return "\n".join([*lines, ""])


def _toml(value: str | list[str]) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_toml, value))}]"
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t") + '"'


@st.composite
def styles(draw: st.DrawFn) -> Style:
    """Draw a style; most of its traits are usual, so that an example has few that are not."""
    optional = st.sampled_from(
        ["channel", "answered_at", "ended_at", "talk_s", "hold_s", "acw_s", "agent_id"]
    )
    given = NEEDED | draw(st.sets(optional))
    every = (*COLUMNS, "outcome", "agent_id")
    order = draw(st.permutations([name for name in dict.fromkeys(every) if name in given]))
    clock = draw(st.sampled_from(CLOCKS))
    decimal = draw(usually(".", ","))
    return Style(
        columns=tuple(order),
        begin=draw(st.sampled_from(BEGINNINGS)),
        clock=clock,
        delimiter=draw(usually(",", *DELIMITERS[1:])),
        line_end=draw(usually("\n", "\r\n", "\r")),
        encoding=draw(usually("utf-8", "utf-8-sig", "utf-16", "cp1252")),
        packed=draw(usually(False, True)),
        quotes=draw(usually("needed", "every", "none")),
        last_break=draw(usually(True, False)),
        key=draw(usually(("contact_id",), ("contact_id", "Phone"), ("queue", "contact_id"))),
        split_time=" " in clock or clock == "wall" if draw(usually(False, True)) else False,
        decimal=decimal,
        thousands=draw(usually("", "'", *{".", ","} - {decimal})),
        duration=draw(usually("s", "ms", "min", "h:mm:ss")),
        missing=draw(usually(("",), ("N/A", "-"), ("0",), ("NULL", "c1", "billing"), (" ",))),
        timezone=draw(usually("", "America/New_York", "Europe/Berlin")),
        ambiguous=draw(usually("", "error", "first", "second")),
        nonexistent=draw(usually("", "error", "drop", "shift")),
        words=draw(usually(False, True)),
        exclude=draw(usually(False, True)),
        constants=draw(usually(False, True)),
    )


def usually(value: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Draw `value` in five of six examples, else one of `others`."""
    return st.sampled_from([value] * 5 * len(others) + sorted(others, key=str))


@st.composite
def logs(draw: st.DrawFn, *, for_arrow: bool = False) -> Log:
    """Draw a log of plain rows with oddities; `for_arrow`: one that the fast pass gives to Arrow."""
    style = draw(styles())
    if for_arrow:
        clock = draw(st.sampled_from(("offset", "utc", "wall", "mixed")))
        style = replace(style, clock=clock, quotes="none", split_time=False, decimal=".", thousands="")
        style = replace(style, line_end=draw(st.sampled_from(("\n", "\r\n"))))
        style = replace(style, duration="s" if style.duration == "h:mm:ss" else style.duration)
    rows = draw(st.integers(1, 30))
    columns = st.sampled_from([*style.columns, "Direction", "Phone", "day", "clock"])
    odd = st.one_of(_cells(columns, rows, for_arrow), _whole_rows(rows))
    return Log(style, rows, tuple(draw(st.lists(odd, max_size=10))))


@st.composite
def _cells(draw: st.DrawFn, columns: st.SearchStrategy[str], rows: int, for_arrow: bool) -> Oddity:
    column = draw(columns)
    usual = ODD_OF.get(column, WORDS)
    broken = st.sampled_from(
        ["a,b", "a;b", "a\nb"] if for_arrow else ["a,b", 'a"b', "a\nb", '"', "a;b", "\r"]
    )
    texts = st.one_of(st.sampled_from(usual), st.sampled_from(usual), broken)
    return Oddity(draw(st.integers(0, rows - 1)), column, draw(texts))


def _whole_rows(rows: int) -> st.SearchStrategy[Oddity]:
    return st.builds(Oddity, st.integers(0, rows - 1), st.just(""), st.sampled_from(WHOLE_ROW))


@dataclass(frozen=True)
class Ending:
    """How an import ended: with an error in these words, or with these figures and tables."""

    error: str
    figures: dict[str, Any]
    history: pd.DataFrame
    quarantine: pd.DataFrame


def ending(paths: list[Path], config: Config, mapping: Path | None = None) -> Ending:
    """Import and return how that ended; what is no WfmError is not caught."""
    try:
        intake = take_in(paths, config, mapping=mapping, max_bad_ratio=1)
    except WfmError as error:
        nothing = pd.DataFrame()
        return Ending(f"{type(error).__name__}: {error}", {}, nothing, nothing)
    check_sums(intake)
    return Ending("", intake.summary(), intake.history, intake.quarantine)


def check_sums(intake: Intake) -> None:
    """Check that every row is in one place."""
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined + intake.rows_duplicate
    assert intake.rows_quarantined == len(intake.quarantine)
    assert min(intake.rows_kept, intake.rows_duplicate, intake.rows_excluded) >= 0


def check_same(fast: Ending, slow: Ending) -> None:
    """Check that two imports are the same in every word and bit."""
    assert fast.error == slow.error
    assert fast.figures == slow.figures
    pd.testing.assert_frame_equal(fast.quarantine, slow.quarantine, check_exact=True)
    pd.testing.assert_frame_equal(fast.history, slow.history, check_exact=True)


def by_both_paths(paths: list[Path], mapping: Path | None = None, **settings: object) -> Ending:
    """Import once with the fast pass, however few rows are plain, and once without: both must agree.

    `settings` are constants of wfm.io for the fast pass, such as `blocks__BLOCK`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wfm.io.plain.FEWEST_PLAIN", -1.0)
        for name, value in settings.items():
            patch.setattr(f"wfm.io.{name.replace('__', '.')}", value)
        fast = ending(paths, CONFIG, mapping)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("wfm.io.rows.plain_rows", lambda *_: None)
        slow = ending(paths, CONFIG, mapping)
    check_same(fast, slow)
    return fast


def written(log: Log, folder: Path) -> tuple[list[Path], Path]:
    """Write a log and its mapping to a folder."""
    path, mapping = folder / "log.csv", folder / "mapping.toml"
    path.write_bytes(log.content())
    mapping.write_text(log.mapping(), encoding="utf-8")
    return [path], mapping

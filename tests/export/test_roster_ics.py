"""Calendars of agents, read by icalendar and by a parser of our own, against the roster and each other."""

from __future__ import annotations

import csv
import hashlib
import hmac
import re
import stat
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from tests.export.plans import BREAK_AFTER_MIN, BREAK_MIN, MONDAY, ZONES, Work, Worker, asked
from wfm.errors import DataError, OutputError, UsageError
from wfm.export import FORMATS
from wfm.export.calendar_events import Event, followed
from wfm.export.request import Exported, Request

WRITE = FORMATS["ics"]
KEY = "0123456789abcdef0123456789abcdef"
WORKERS = [Worker("a1", "Ann; Lee, jr."), Worker("p2", "Pia\\n\u00e4" + "\u00f6" * 90, "porto")]
FOLDER = "calendars"
Lines = dict[str, str]


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WFM_ID_KEY", raising=False)


def export(folder: Path, shifts: Sequence[Work], workers: Sequence[Worker] = tuple(WORKERS)) -> Exported:
    """Export a plan into the folder's calendars."""
    return WRITE(asked(folder, workers, shifts, FOLDER))


def index_of(folder: Path) -> dict[str, str]:
    """Return the file of each agent."""
    with (folder / FOLDER / "index.csv").open(newline="", encoding="utf-8") as file:
        return {row["agent_id"]: row["file"] for row in csv.DictReader(file)}


def unfolded(content: bytes) -> list[str]:
    """Return the content lines of RFC 5545, 3.1; every line ends with CRLF and has at most 75 octets."""
    assert content.endswith(b"\r\n")
    raw = content[:-2].split(b"\r\n")
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in raw)
    return re.sub(rb"\r\n[ \t]", b"", content[:-2]).decode("utf-8").split("\r\n")


def unescaped(text: str) -> str:
    """Return a TEXT value of RFC 5545, 3.3.11."""
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text)


def parsed(content: bytes) -> tuple[Lines, list[Lines]]:
    """Return the properties of a calendar and of its events, by a parser of nothing but the RFC."""
    lines = unfolded(content)
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    calendar: Lines = {}
    events: list[Lines] = []
    inside = calendar
    for line in lines[1:-1]:
        name, colon, value = line.partition(":")
        assert colon
        if line == "BEGIN:VEVENT":
            assert inside is calendar
            inside = {}
            events.append(inside)
        elif line == "END:VEVENT":
            inside = calendar
        else:
            assert re.fullmatch(r"[A-Z-]+", name)
            assert name not in inside
            assert not re.search(r"(?<!\\)(?:\\\\)*[;,]", value)  # all of ours are text, numbers or times
            inside[name] = unescaped(value)
    assert inside is calendar
    return calendar, events


def instant(text: str) -> datetime:
    """Read a date-time in UTC."""
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def calendar_of(folder: Path, agent_id: str) -> tuple[Lines, list[Lines]]:
    """Return an agent's calendar, read by our parser; icalendar must read the same."""
    content = (folder / FOLDER / index_of(folder)[agent_id]).read_bytes()
    calendar, events = parsed(content)
    theirs = Calendar.from_ical(content)
    assert unescaped(str(theirs["NAME"])) == calendar["NAME"]  # icalendar gives properties it knows not raw
    found: list[Any] = theirs.walk("VEVENT")
    for mine, other in zip(events, found, strict=True):
        for name in ("UID", "SUMMARY", "DESCRIPTION", "LOCATION", "STATUS", "TRANSP"):
            assert str(other[name]) == mine[name]
        assert (other["DTSTART"].dt, other["DTEND"].dt) == (instant(mine["DTSTART"]), instant(mine["DTEND"]))
        assert other["SEQUENCE"] == int(mine["SEQUENCE"])
    return calendar, events


@pytest.mark.parametrize(
    "monday",
    [
        pytest.param(MONDAY, id="ordinary week"),
        pytest.param(date(2026, 3, 23), id="an hour is skipped"),
        pytest.param(date(2026, 10, 19), id="an hour comes twice"),
    ],
)
@pytest.mark.parametrize("start_min", [pytest.param(480, id="day"), pytest.param(1350, id="night")])
def test_events_are_the_shifts_at_their_instants_with_breaks_in_the_words(
    tmp_path: Path, monday: date, start_min: int
) -> None:
    shifts = [
        Work(worker.agent_id, monday + timedelta(days=day), start_min, 480)
        for worker in WORKERS
        for day in (0, 4, 5, 6)
    ]
    export(tmp_path, shifts)
    for worker in WORKERS:
        calendar, events = calendar_of(tmp_path, worker.agent_id)
        assert calendar["NAME"] == calendar["X-WR-CALNAME"] == f"Shifts of {worker.name}".replace("\\", "/")
        mine = [shift for shift in shifts if shift.agent_id == worker.agent_id]
        assert len(events) == len(mine)
        assert len({event["UID"] for event in events}) == len(mine)
        for shift, event in zip(mine, events, strict=True):
            zone = ZONES[worker.site]
            assert (instant(event["DTSTART"]), instant(event["DTEND"])) == shift.instants(zone)
            start, end = shift.clocks(zone)
            assert event["SUMMARY"] == f"Shift {start}-{end}"
            lunch = replace(shift, length_min=BREAK_AFTER_MIN).clocks(zone)[1]
            back = replace(shift, length_min=BREAK_AFTER_MIN + BREAK_MIN).clocks(zone)[1]
            assert event["DESCRIPTION"].split("\n") == [
                f"{start}-{end} ({zone}), 7.5 h paid",
                f"{lunch}-{back} lunch, unpaid",
            ]
            assert (event["SEQUENCE"], event["STATUS"]) == ("0", "CONFIRMED")
            assert instant(event["DTSTAMP"]) == datetime(monday.year, monday.month, monday.day, tzinfo=UTC)


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file of the calendars."""
    return {path.name: path.read_bytes() for path in (folder / FOLDER).iterdir()}


Choice = tuple[int, int] | None
SHIFT = st.one_of(st.none(), st.tuples(st.sampled_from([420, 480]), st.sampled_from([480, 510])))
PLAN = st.lists(SHIFT, min_size=6, max_size=6).filter(any)


@given(plans=st.lists(PLAN, min_size=2, max_size=4))
@settings(max_examples=5)  # each reads and writes a folder several times
def test_sequence_grows_by_one_with_every_change_and_never_otherwise(plans: list[list[Choice]]) -> None:
    """A model says what must be there: shift (None: cancelled) and sequence of each date."""
    model: dict[int, tuple[Choice, int]] = {}
    last: dict[int, Choice] = {}
    with TemporaryDirectory() as name:
        folder = Path(name)
        for plan in plans:
            # The second worker works throughout, so that the horizon is the same in every plan.
            fixed = [Work("p2", MONDAY), Work("p2", MONDAY + timedelta(days=6))]
            moved = [
                Work("a1", MONDAY + timedelta(days=day), *choice)
                for day, choice in enumerate(plan)
                if choice is not None
            ]
            before = contents(folder) if model else {}
            export(folder, [*moved, *fixed])
            for day, choice in enumerate(plan):
                if day not in model and choice is not None:
                    model[day] = (choice, 0)
                elif day in model and model[day][0] != choice:
                    model[day] = (choice, model[day][1] + 1)
                last[day] = choice or last.get(day)
            _, events = calendar_of(folder, "a1")
            found = [
                (e["STATUS"], int(e["SEQUENCE"]), instant(e["DTSTART"]), instant(e["DTSTAMP"]))
                for e in events
            ]
            assert found == [
                (
                    "CONFIRMED" if choice else "CANCELLED",
                    sequence,
                    Work("a1", MONDAY + timedelta(days=day), *(last[day] or (0, 0))).instants(
                        "Europe/Berlin"
                    )[0],
                    datetime(2026, 3, 2, tzinfo=UTC) + timedelta(seconds=sequence),
                )
                for day, (choice, sequence) in sorted(model.items())
            ]
            after = contents(folder)
            mine = index_of(folder)["p2"]
            assert not before or after[mine] == before[mine]
            export(folder, [*moved, *fixed])
            assert contents(folder) == after


@given(plans=st.lists(st.dictionaries(st.integers(-40, 12), st.sampled_from("abc")), min_size=1, max_size=8))
def test_what_follows_is_the_plan_inside_its_dates_and_what_was_known_outside(
    plans: list[dict[int, str]],
) -> None:
    """Days count from the plan's first, which has seven; the letter stands for what people see."""
    known: dict[str, Event] = {}
    first, last = MONDAY, MONDAY + timedelta(days=6)
    for plan in plans:
        wanted = {str(day): event_on(day, look) for day, look in plan.items() if 0 <= day <= 6 or not known}
        after = followed(wanted, known, first, last)
        for uid in known.keys() | wanted.keys():
            day = int(uid)
            if uid in wanted:
                assert after[uid].same(wanted[uid])
            elif 0 <= day <= 6:
                assert after[uid].cancelled
            else:
                assert (uid in after) == (day >= -28)
            if uid in known and uid in after:
                change = 0 if after[uid].same(known[uid]) else 1
                assert after[uid].sequence == known[uid].sequence + change
                assert change or after[uid] is known[uid]
                if change:
                    assert (after[uid].stamp or EARLY) > (known[uid].stamp or EARLY)
        assert after.keys() <= known.keys() | wanted.keys()
        known = after


EARLY = datetime(2000, 1, 1, tzinfo=UTC)


def event_on(day: int, look: str) -> Event:
    """Return an event of a day."""
    start, end = Work("a1", MONDAY + timedelta(days=day)).instants("UTC")
    return Event("a1", start.date(), start, end, look, look, "x")


def test_an_unchanged_plan_writes_nothing(tmp_path: Path) -> None:
    shifts = [Work("a1", MONDAY), Work("p2", MONDAY)]
    assert export(tmp_path, shifts).figures["files_written"] == 2
    times = {path: path.stat().st_mtime_ns for path in (tmp_path / FOLDER).iterdir()}
    done = export(tmp_path, shifts)
    assert (done.figures["files_written"], done.figures["new"], done.figures["changed"]) == (0, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / FOLDER).iterdir()} == times


def test_weeks_that_a_plan_does_not_speak_of_stay_and_are_let_go_after_four(tmp_path: Path) -> None:
    def week(number: int) -> list[Work]:
        return [Work("a1", MONDAY + timedelta(weeks=number))]

    export(tmp_path, week(0))
    first = parsed((tmp_path / FOLDER / index_of(tmp_path)["a1"]).read_bytes())[1]
    done = export(tmp_path, week(4))
    assert done.figures["cancelled"] == 0
    assert calendar_of(tmp_path, "a1")[1][:1] == first
    export(tmp_path, week(5))
    starts = [instant(event["DTSTART"]).date() for event in calendar_of(tmp_path, "a1")[1]]
    assert starts == [MONDAY + timedelta(weeks=4), MONDAY + timedelta(weeks=5)]
    export(tmp_path, week(0))  # an old plan once more: what comes later is not touched
    assert len(calendar_of(tmp_path, "a1")[1]) == 3


def test_who_leaves_gets_the_shifts_cancelled_and_the_file_goes_when_nothing_is_left(tmp_path: Path) -> None:
    export(tmp_path, [Work("a1", MONDAY), Work("p2", MONDAY)])
    name = index_of(tmp_path)["p2"]
    done = export(tmp_path, [Work("a1", MONDAY)], WORKERS[:1])
    assert done.figures["cancelled"] == 1
    (event,) = parsed((tmp_path / FOLDER / name).read_bytes())[1]
    assert (event["STATUS"], event["SEQUENCE"], event["TRANSP"]) == ("CANCELLED", "1", "TRANSPARENT")
    assert event["SUMMARY"].startswith("Cancelled: ")
    export(tmp_path, [Work("a1", MONDAY + timedelta(weeks=5))], WORKERS[:1])
    assert not (tmp_path / FOLDER / name).exists()
    assert "p2" not in index_of(tmp_path)


def test_names_of_files_are_keyed_hashes_and_the_index_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifts = [Work("a1", MONDAY), Work("p2", MONDAY)]
    names = []
    for place, key in (("one", None), ("two", None), ("three", KEY), ("four", KEY)):
        (tmp_path / place).mkdir()
        if key is not None:
            monkeypatch.setenv("WFM_ID_KEY", key)
        export(tmp_path / place, shifts)
        names.append(index_of(tmp_path / place)["a1"])
        for name in ("index.csv", "published.json"):
            mode = (tmp_path / place / FOLDER / name).stat().st_mode
            assert stat.S_IMODE(mode) == 0o600
    assert len(set(names)) == 3  # a salt of its own for each folder, but one key for all
    assert all(re.fullmatch(r"[0-9a-f]{32}\.ics", name) for name in names)
    digest = hmac.new(KEY.encode(), b"calendar\0a1", hashlib.sha256).hexdigest()
    assert names[2] == names[3] == digest[:32] + ".ics"
    assert contents(tmp_path / "three") == contents(tmp_path / "four")
    assert KEY.encode() not in b"".join(contents(tmp_path / "three").values())


def test_the_index_is_no_place_for_formulas(tmp_path: Path) -> None:
    workers = [Worker("=1+1", "@SUM(A1)"), Worker("-2", "\uff1dx")]
    export(tmp_path, [Work(worker.agent_id, MONDAY) for worker in workers], workers)
    with (tmp_path / FOLDER / "index.csv").open(newline="", encoding="utf-8") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert {"'=1+1", "'@SUM(A1)", "'-2", "'\uff1dx"} <= set(cells)
    assert not [cell for cell in cells if cell[0] in "=+-@"]


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
@settings(max_examples=25)
def test_any_name_is_one_property_of_the_calendar(name: str) -> None:
    workers = [Worker("a1", f"x{name}x".replace("\r", " ").replace("\n", " "))]
    with TemporaryDirectory() as place:
        export(Path(place), [Work("a1", MONDAY)], workers)
        calendar, events = calendar_of(Path(place), "a1")
    assert set(calendar) == {"VERSION", "PRODID", "NAME", "X-WR-CALNAME"}
    assert len(events) == 1


def test_a_folder_of_other_things_another_key_and_a_damaged_state_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shifts = [Work("a1", MONDAY)]
    other = asked(tmp_path, WORKERS, shifts, ".")
    with pytest.raises(UsageError, match="holds something else"):
        WRITE(other)
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="it is a file"):
        WRITE(asked(tmp_path, WORKERS, shifts, "file"))
    with pytest.raises(OutputError, match="cannot be made"):
        WRITE(asked(tmp_path, WORKERS, shifts, "no/where"))
    export(tmp_path, shifts)
    before = contents(tmp_path)
    monkeypatch.setenv("WFM_ID_KEY", KEY)
    with pytest.raises(UsageError, match="begun without WFM_ID_KEY"):
        export(tmp_path, shifts)
    monkeypatch.setenv("WFM_ID_KEY", "short")
    with pytest.raises(UsageError, match="fewer than"):
        export(tmp_path, shifts)
    monkeypatch.delenv("WFM_ID_KEY")
    assert contents(tmp_path) == before
    for text in (
        "{",
        "[]",
        '{"version": 1}',
        '{"version": 9, "salt": "x", "fingerprint": "y", "events": {}}',
    ):
        (tmp_path / FOLDER / "published.json").write_text(text)
        with pytest.raises(DataError, match="cannot be read"):
            export(tmp_path, shifts)


def test_options_of_other_formats_are_refused(tmp_path: Path) -> None:
    request: Request = asked(tmp_path, WORKERS, [Work("a1", MONDAY)], FOLDER)
    with pytest.raises(UsageError, match="--coverage is for the workbook"):
        WRITE(replace(request, coverage=Path("c.csv")))
    with pytest.raises(UsageError, match="--daily is not for a roster"):
        WRITE(replace(request, daily_zone="UTC"))

"""`wfm doctor` on files: for each acceptance check a file with the fault planted, and one without."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.forecast.made import configured
from tests.io.acceptance_files import (
    ALWAYS,
    CONFIG,
    LOG_HEADER,
    OFFICE,
    check,
    contacts,
    export_row,
    office_days,
    starts_of,
    written,
)
from wfm.errors import DataError, UsageError
from wfm.forecast.doctor import Check
from wfm.io.acceptance import Acceptance, accept, examination


@pytest.fixture(autouse=True)
def _taken_in_once(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out check 1, which takes every file in once more, where a test is of another check."""
    if "test_1_" not in request.node.name and "test_a_good" not in request.node.name:
        monkeypatch.setattr(examination, "twice_check", lambda _: Check(1, "ok", "left out"))


@pytest.fixture
def good(tmp_path: Path) -> Path:
    """Return an export without fault: ten days of office hours."""
    return written(tmp_path / "good.csv", [export_row(start.isoformat()) for start in office_days()])


def test_a_good_export_has_no_fault(good):
    found = accept([good], CONFIG)
    assert found.wrong == 0
    assert {c.number: c.status for c in found.checks if c.status != "ok"} == {
        2: "not applicable",  # one file
        3: "not applicable",  # no clock change in it
    }


def test_1_files_of_the_same_bytes_are_named(good, tmp_path):
    assert check(1, good).status == "ok"
    copy, other = tmp_path / "copy.csv", tmp_path / "other.csv"
    copy.write_bytes(good.read_bytes())
    other.write_bytes(good.read_bytes().replace(b",240", b",241"))  # of the same size
    found = check(1, good, other, copy)
    assert found.status == "look"
    assert {place.file for place in found.places} == {str(good), str(copy)}


def test_1_an_import_that_is_not_the_same_twice_is_wrong(good, monkeypatch):
    from wfm.io.acceptance import taken
    from wfm.io.intake import take_in

    def forgets_to_replace(sources, **options):  # adds up what it should replace
        intake = take_in(sources, **options)
        intake.history["offered"] *= len(sources)
        return intake

    monkeypatch.setattr(taken, "take_in", forgets_to_replace)
    assert check(1, good).status == "wrong"


def test_2_an_overlap_is_listed_with_its_span_and_rows(tmp_path):
    starts = [s.isoformat() for s in office_days(1)]
    first = written(tmp_path / "a.csv", [export_row(s) for s in starts[:20]])
    later = written(
        tmp_path / "b.csv", [export_row(s, 50 if n < 3 else 10) for n, s in enumerate(starts[15:])]
    )
    apart = written(tmp_path / "c.csv", [export_row(s) for s in starts[20:]])
    assert check(2, first, apart).status == "ok"
    found = check(2, first, later)
    assert found.status == "look"
    assert f"{later} replaces 5 rows of {first} (3 with other values)" in found.text
    assert "2026-03-02T11:45+0100 to 2026-03-02T12:45+0100" in found.text
    assert f"{first} replaces 5 rows of {later}" in check(2, later, first).text


def test_2_a_seam_inside_an_interval_is_no_overlap(tmp_path):
    starts = [s.isoformat() for s in office_days(1)]
    config = configured(30, hotline={"hours": OFFICE})
    first = written(tmp_path / "a.csv", [export_row(s) for s in starts[:7]])
    second = written(tmp_path / "b.csv", [export_row(s) for s in starts[7:]])
    found = check(2, first, second, config=config)
    assert (found.status, found.places) == ("ok", ())
    again = written(tmp_path / "c.csv", [export_row(s) for s in starts[6:]])
    assert check(2, first, again, config=config).text.count("replaces") == 1


def test_2_logs_overlap_where_they_have_the_same_contact(tmp_path):
    stamps = [f"2026-03-02T09:{minute:02d}:00+01:00" for minute in range(30)]
    one = written(tmp_path / "a.csv", contacts(stamps[:20]), LOG_HEADER)
    apart = written(tmp_path / "b.csv", contacts(stamps[:20], "d"), LOG_HEADER)
    changed = [row.replace(",100,", ",90,") if n < 4 else row for n, row in enumerate(contacts(stamps))]
    two = written(tmp_path / "c.csv", changed, LOG_HEADER)
    assert check(2, one, apart).status == "ok"
    found = check(2, one, two)
    assert "replaces 20 rows" in found.text
    assert "4 with other values" in found.text


def test_2_contacts_hold_against_an_export_whatever_the_order(tmp_path):
    log = written(tmp_path / "log.csv", contacts(["2026-03-02T09:01:00+01:00"]), LOG_HEADER)
    export = written(tmp_path / "export.csv", [export_row(s.isoformat()) for s in office_days(1)])
    for files in ([log, export], [export, log]):
        assert f"{log} replaces 1 row of {export}" in check(2, *files).text


ZONES = [
    pytest.param("Europe/Berlin", date(2026, 3, 29), date(2026, 10, 25), id="Berlin"),
    pytest.param("America/New_York", date(2026, 3, 8), date(2026, 11, 1), id="New York"),
    pytest.param("Australia/Lord_Howe", date(2026, 10, 4), date(2026, 4, 5), id="Lord Howe, half an hour"),
    pytest.param("Atlantic/Azores", date(2026, 3, 29), date(2026, 10, 25), id="Azores, at midnight"),
    pytest.param("America/Havana", date(2026, 3, 8), date(2026, 11, 1), id="Havana, midnight skipped"),
]
STEPS = {zone.id: (15, 30) if zone.id in ("Berlin", "Lord Howe, half an hour") else (15,) for zone in ZONES}


@pytest.mark.parametrize(
    ("timezone", "spring", "autumn", "step_min"),
    [pytest.param(*zone.values, step, id=f"{zone.id}-{step}") for zone in ZONES for step in STEPS[zone.id]],
)
def test_3_a_day_of_a_clock_change_is_counted_by_its_own_length(tmp_path, timezone, spring, autumn, step_min):
    config = configured(step_min, timezone, hotline={})
    lost = 30 if timezone == "Australia/Lord_Howe" else 60
    for day, minutes in ((spring, 1440 - lost), (autumn, 1440 + lost)):
        starts = starts_of(day, timezone, step_min)
        assert len(starts) == minutes // step_min  # 92 and 100 quarter-hours, or 94 and 98
        whole = written(tmp_path / "whole.csv", [export_row(s.isoformat()) for s in starts])
        found = check(3, whole, config=config)
        assert found.status == "ok", found.text
        assert f"{day} has {len(starts)} of {len(starts)} open intervals of {step_min} min" in found.text


@pytest.mark.parametrize(("timezone", "spring", "autumn"), [ZONES[0], ZONES[2]])
def test_3_wall_clocks_read_as_utc_lack_an_hour_on_the_day_of_the_change(tmp_path, timezone, spring, autumn):
    config = configured(15, timezone, hotline={})
    for change in (spring, autumn):
        rows = []
        for shift in range(-1, 2):
            local = [
                s.astimezone(ZoneInfo(timezone)).replace(tzinfo=None)
                for s in starts_of(change + timedelta(days=shift), timezone, 15)
            ]
            rows += [export_row(f"{stamp.isoformat()}Z") for stamp in dict.fromkeys(local)]
        found = accept([written(tmp_path / "utc.csv", rows)], config)
        assert found.checks[2].status == ("wrong" if change == spring else "ok"), found.checks[2].text


def test_3_a_repeated_hour_that_is_there_once_is_wrong(tmp_path):
    day = date(2026, 10, 25)
    local = [
        s.astimezone(ZoneInfo("Europe/Berlin")).replace(tzinfo=None).isoformat()
        for s in starts_of(day, "Europe/Berlin", 15)
    ]
    in_order = written(tmp_path / "in_order.csv", map(export_row, local))
    assert check(3, in_order, config=ALWAYS).status == "ok"

    once = written(tmp_path / "once.csv", map(export_row, dict.fromkeys(local)))
    refused = check(3, once, config=ALWAYS)
    assert refused.status == "wrong"
    assert "4 stamps of the repeated hour without a word which pass is meant" in refused.text
    assert refused.places[0].records == (9, 10, 11, 12)  # 02:00 to 02:45

    first = configured(15, hotline={}, sections={"import": {"ambiguous": "first"}})
    told = check(3, once, config=first)
    assert told.status == "wrong"
    assert "2026-10-25 has 96 of 100" in told.text
    assert "only one pass has contacts" in told.text


def test_3_a_log_without_fold_has_its_contacts_in_one_pass(tmp_path):
    local = [f"2026-10-25T{minute // 60:02d}:{minute % 60:02d}:00" for minute in range(0, 1440, 5)]
    log = written(tmp_path / "log.csv", contacts(local), LOG_HEADER)
    first = configured(15, hotline={}, sections={"import": {"ambiguous": "first"}})
    assert check(3, log, config=first).status == "wrong"
    instants = [s.isoformat() for s in starts_of(date(2026, 10, 25), "Europe/Berlin", 5)]
    assert check(3, written(log, contacts(instants), LOG_HEADER), config=first).status == "ok"


def test_3_stamps_in_the_skipped_hour_are_wrong_and_dropped_ones_named(tmp_path):
    rows = [
        export_row(f"2026-03-29T{hour:02d}:{minute:02d}:00")
        for hour in range(6)
        for minute in (0, 15, 30, 45)
    ]
    path = written(tmp_path / "a.csv", rows)
    found = check(3, path, config=ALWAYS)
    assert found.status == "wrong"
    assert "4 stamps in the hour that the clock change skips" in found.text
    drop = configured(15, hotline={}, sections={"import": {"nonexistent": "drop"}})
    assert check(3, path, config=drop).status == "look"


def test_3_a_queue_that_is_closed_at_the_change_is_not_asked(tmp_path):
    starts = [
        s
        for shift in range(7)
        for s in starts_of(date(2026, 3, 26) + timedelta(days=shift), "Europe/Berlin", 15)
    ]
    inside = [s for s in starts if 8 <= s.astimezone(ZoneInfo("Europe/Berlin")).hour < 18]
    path = written(tmp_path / "a.csv", [export_row(s.isoformat()) for s in inside])
    daytime = configured(15, hotline={"hours": "Mon-Sun 08:00-18:00"})
    assert check(3, path, config=daytime).status == "not applicable"


@pytest.mark.parametrize(
    ("left", "status"),
    [pytest.param(9, "ok", id="2 % and a contact"), pytest.param(10, "wrong", id="more")],
)
def test_4_day_sums_that_do_not_add_up(tmp_path, left, status):
    starts = [s.isoformat() for s in office_days(3)]
    rows = [export_row(s) for s in starts]  # 400 contacts a day
    rows[40] = export_row(starts[40], handled=8 - left % 8, abandoned=1, flow_out=1)
    rows[41] = export_row(starts[41], handled=8 - (left - left % 8))
    found = check(4, written(tmp_path / "a.csv", rows))
    assert found.status == status
    assert [place.dates for place in found.places] == ([("2026-03-03",)] if status == "wrong" else [])


def planted(path: Path, *, position: int, **changed: Any) -> Path:
    starts = office_days()
    rows = [export_row(s.isoformat(), **changed if n == position else {}) for n, s in enumerate(starts)]
    return written(path, rows)


@pytest.mark.parametrize(
    ("aht_s", "status"), [(4.9, "wrong"), (5, "ok"), (7200, "ok"), (7201, "wrong"), (240_000, "wrong")]
)
def test_5_handle_times_outside_5_to_7200_seconds(tmp_path, aht_s, status):
    found = check(5, planted(tmp_path / "a.csv", position=45, aht_s=aht_s))
    assert found.status == status
    assert [p.dates for p in found.places] == ([("2026-03-03",)] if status == "wrong" else [])


def test_6_handled_contacts_without_talk_time(tmp_path, good):
    one = check(6, planted(tmp_path / "a.csv", position=45, talk_s=0))
    assert (one.status, one.places[0].dates) == ("look", ("2026-03-03",))  # 1 of 320 intervals: 0.3 %
    rows = [export_row(s.isoformat(), talk_s=0) for s in office_days()]
    assert check(6, written(tmp_path / "b.csv", rows)).status == "wrong"
    idle = planted(tmp_path / "c.csv", position=45, offered=0, handled=0, abandoned=0, flow_out=0, talk_s=0)
    assert check(6, idle).status == "ok"


def test_7_a_run_of_zeros_inside_the_hours_is_an_outage(tmp_path):
    starts = office_days(19)
    rows = [export_row(s.isoformat()) for s in starts]
    zero: dict[str, Any] = {
        "offered": 0,
        "handled": 0,
        "abandoned": 0,
        "flow_out": 0,
        "talk_s": 0,
        "aht_s": "",
    }
    for position in range(8 * 40 + 4, 8 * 40 + 10):  # Thursday of the second week, 60 contacts
        rows[position] = export_row(starts[position].isoformat(), **zero)
    found = check(7, written(tmp_path / "a.csv", rows))
    assert (found.status, found.places[0].dates) == ("wrong", ("2026-03-12",))
    rows[8 * 40 + 4 :] = [export_row(s.isoformat()) for s in starts[8 * 40 + 4 :]]
    assert check(7, written(tmp_path / "a.csv", rows)).status == "ok"
    assert check(7, written(tmp_path / "a.csv", rows[:80])).status == "not applicable"


@pytest.mark.parametrize(("days", "status"), [(28, "ok"), (29, "wrong")])
@pytest.mark.parametrize("where", ["inside", "at the end"])
def test_8_a_queue_without_contacts_for_more_than_28_days(tmp_path, days, status, where):
    config = configured(15, hotline={"hours": OFFICE}, sales={"hours": OFFICE})
    first = datetime(2026, 1, 5, 8, tzinfo=UTC)
    sales = [first, first + timedelta(days=days)] if where == "inside" else [first]
    quarters = [first + timedelta(days=n, minutes=m) for n in range(days + 1) for m in (0, 15, 30, 45)]
    rows = [export_row(s.isoformat()) for s in quarters if s <= first + timedelta(days=days)]
    rows += [export_row(s.isoformat(), queue="sales") for s in sales]
    found = check(8, written(tmp_path / "a.csv", rows), config=config)
    assert (found.status, [place.queue for place in found.places]) == (
        status,
        ["sales"] if status == "wrong" else [],
    )


def test_9_a_log_that_ends_inside_the_hours_may_lack_the_rest_of_its_interval(tmp_path):
    def last_at(*stamps: str, hours: str = OFFICE) -> Check:
        path = written(
            tmp_path / "log.csv", contacts([f"2026-03-02T{s}:00+01:00" for s in stamps]), LOG_HEADER
        )
        return check(9, path, config=configured(15, hotline={"hours": hours}))

    found = last_at("09:00", "10:07")
    assert (found.status, found.places[0].queue) == ("look", "hotline")
    assert "2026-03-02T10:00+0100 to 2026-03-02T10:15+0100" in found.text
    assert "--as-of 2026-03-02T10:00+0100" in found.text
    assert last_at("09:00", "17:50").status == "ok"  # closing time
    assert last_at("09:00", "23:50", hours="").status == "ok"  # midnight
    assert last_at("09:00", "17:50", hours="").status == "look"


def test_9_a_log_whose_records_go_on_past_the_interval_is_complete(tmp_path):
    header = "contact_id,queue,arrived_at,ended_at,wait_s,outcome"

    def ending(ended: str) -> str:
        row = f"c1,hotline,2026-03-02T10:07:00+01:00,2026-03-02T{ended}:00+01:00,5,handled"
        return check(9, written(tmp_path / "log.csv", [row], header)).status

    assert [ending("10:14"), ending("10:15")] == ["look", "ok"]


def test_9_rows_that_an_export_calls_incomplete_are_not_the_last_interval(tmp_path):
    starts = [s.isoformat() for s in office_days(1)]
    assert check(9, written(tmp_path / "a.csv", [export_row(s) for s in starts])).status == "ok"
    assert check(9, written(tmp_path / "a.csv", [export_row(s) for s in starts[:9]])).status == "look"


def test_10_unknown_queues_are_named_with_their_records(tmp_path, good):
    rows = [
        export_row(s.isoformat(), queue="hotlin" if n in (3, 5) else "hotline")
        for n, s in enumerate(office_days())
    ]
    found = check(10, written(tmp_path / "a.csv", rows))
    assert found.status == "wrong"
    assert "'hotlin' (2 rows)" in found.text
    assert [place.records for place in found.places] == [(4, 6)]
    assert check(10, good).status == "ok"


def test_a_queue_name_that_may_be_a_telephone_number_is_nowhere_shown(tmp_path):
    rows = [
        export_row(s.isoformat(), queue="+49 30 1234567" if n == 3 else "hotline")
        for n, s in enumerate(office_days())
    ]
    rows.append(export_row("0301234567"))
    found = accept([written(tmp_path / "a.csv", rows)], CONFIG)
    text = json.dumps(found.summary()) + "\n".join(found.lines())
    assert found.checks[9].status == "wrong"
    assert "1234567" not in text.replace(" ", "")


def test_no_contact_id_is_shown(tmp_path):
    stamps = ["2026-03-02T09:00:00+01:00", "yesterday", "2026-10-25T02:30:00", "2026-03-02T09:00:00+01:00"]
    rows = contacts(stamps, "secret")
    rows[3] = rows[3].replace("hotline", "nowhere")
    found = accept([written(tmp_path / "a.csv", rows, LOG_HEADER)], CONFIG)
    assert "secret" not in json.dumps(found.summary()) + "\n".join(found.lines())


def test_other_refused_rows_are_findings_and_doctor_describes_a_file_of_nothing_else(tmp_path):
    rows = [export_row(s.isoformat(), offered=-1 if n == 2 else 10) for n, s in enumerate(office_days())]
    found = accept([written(tmp_path / "a.csv", rows)], CONFIG)
    (refused,) = [f for f in found.findings if f.kind == "refused"]
    assert refused.wrong
    assert "records 3" in refused.text
    nothing = accept([written(tmp_path / "b.csv", [export_row("never") for _ in range(9)])], CONFIG)
    assert nothing.wrong > 0
    assert {c.number for c in nothing.checks if c.status == "not applicable"} >= {3, 4, 5, 6, 7, 8, 9}


def test_rows_of_a_key_that_comes_again_are_wrong_in_an_export_and_usual_in_a_log(good, tmp_path):
    twice = written(tmp_path / "a.csv", [export_row(office_days()[0].isoformat(), n) for n in (10, 11)])
    log = written(tmp_path / "b.csv", contacts(["2026-03-02T09:00:00Z"]) * 2, LOG_HEADER)

    def repeats(path: Path) -> list[bool]:
        return [f.wrong for f in accept([path], CONFIG).findings if f.kind == "duplicate"]

    assert (repeats(twice), repeats(log), repeats(good)) == ([True], [False], [])


def test_a_wrong_finding_and_the_check_made_of_it_count_once(tmp_path):
    found: Acceptance = accept([planted(tmp_path / "a.csv", position=45, aht_s=3)], CONFIG)
    assert found.checks[4].status == "wrong"
    assert found.wrong == 1


def test_what_is_no_table_is_refused(tmp_path):
    with pytest.raises(UsageError):
        accept([], CONFIG)
    with pytest.raises(DataError):
        accept([tmp_path / "nowhere.csv"], CONFIG)
    with pytest.raises(DataError):
        accept([written(tmp_path / "other.csv", ["1,2"], "a,b")], CONFIG)

"""What was exported comes in again as it was: contacts, handle times and instants, over clock changes."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.export.made import Row, asked, centre, forecast_file, history_file, read_back, stamp, starts_of
from wfm.export import FORMATS
from wfm.io.intake import take_in

ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",  # its clock changes by half an hour
    "America/St_Johns",  # -03:30
    "Asia/Kathmandu",  # +05:45
    "Pacific/Chatham",  # +12:45, with clock changes
    "Africa/Casablanca",
    "UTC",
)
CHANGES = [date(2026, 3, 8), date(2026, 3, 29), date(2026, 4, 5), date(2026, 10, 4), date(2026, 10, 25)]


class Case(NamedTuple):
    timezone: str
    first: date
    interval_min: int
    seed: int


cases = st.builds(
    Case,
    st.sampled_from(ZONES),
    st.one_of(st.sampled_from(CHANGES), st.dates(date(2024, 1, 1), date(2030, 12, 31))),
    st.sampled_from((5, 15)),
    st.integers(0, 2**32 - 1),
)


def rows_of(case: Case) -> list[Row]:
    """Return two local days of expected contacts, every number different, some of them none."""
    days = (case.first, case.first + timedelta(days=1))
    starts = [start for day in days for start in starts_of(day, case.timezone, case.interval_min)]
    step = case.seed % 97 + 1
    return [
        Row("billing", start, (place * step % 101) * 0.137, 30 + place * step % 613 + 0.1234567)
        for place, start in enumerate(starts)
    ]


def summed(case: Case, rows: list[Row], length: int) -> dict[tuple[date, int], list[Row]]:
    """Return the rows of each interval of `length` minutes of the local day, counted from its midnight."""
    zone, counted = ZoneInfo(case.timezone), defaultdict[date, int](int)
    parts = defaultdict[tuple[date, int], list[Row]](list)
    for row in rows:
        day = row.start.astimezone(zone).date()
        parts[day, counted[day] * case.interval_min // length].append(row)
        counted[day] += 1
    return parts


def check(history: pd.DataFrame, case: Case, *, handled_s: bool) -> None:
    """Compare an import with the forecast; a file of total handle times has none where nobody is handled."""
    parts = summed(case, rows_of(case), 15)
    assert list(history["interval_start"]) == [pd.Timestamp(rows[0].start) for rows in parts.values()]
    totals = defaultdict[date, Fraction](Fraction)
    for ((day, _), rows), found in zip(parts.items(), history.to_dict("records"), strict=True):
        exact = sum((Fraction(row.offered) for row in rows), Fraction(0))
        assert found["offered"] == int(found["offered"])
        assert abs(exact - int(found["offered"])) < 1
        totals[day] += exact - int(found["offered"])
        if found["offered"] > 0 or not handled_s:
            weighted = sum(Fraction(row.offered) * Fraction(row.aht_s) for row in rows)
            plain = sum(Fraction(row.aht_s) for row in rows) / len(rows)
            mean = weighted / exact if exact else plain
            assert found["aht_s"] == pytest.approx(float(mean), abs=5.1e-4)
    assert all(abs(rest) <= Fraction(1, 2) + Fraction(1, 10**9) for rest in totals.values())


def exported(folder: Path, case: Case, format_name: str, **more: Any) -> Path:
    config = centre(case.interval_min, case.timezone)
    request = asked(forecast_file(folder / "f.csv", rows_of(case), case.timezone), config, **more)
    FORMATS[format_name](request)
    return request.out


@settings(max_examples=5)
@given(cases)
@example(Case("Europe/Berlin", date(2026, 3, 29), 5, 1))
@example(Case("Europe/Berlin", date(2026, 10, 25), 15, 1))
@example(Case("Australia/Lord_Howe", date(2026, 4, 5), 15, 2))
@example(Case("Australia/Lord_Howe", date(2026, 10, 4), 5, 2))
@example(Case("Pacific/Chatham", date(2026, 4, 5), 15, 3))
def test_a_forecast_comes_back_from_genesys_cloud(case):
    with TemporaryDirectory() as name:
        path = exported(Path(name), case, "genesys-wfm")
        history = take_in([path], centre(15, case.timezone), preset="genesys-wfm", max_bad_ratio=0).history
    check(history, case, handled_s=True)
    assert (history["handled"] == history["offered"]).all()


@settings(max_examples=5)
@given(cases)
@example(Case("America/New_York", date(2026, 3, 8), 5, 4))
@example(Case("America/St_Johns", date(2026, 11, 1), 15, 5))
@example(Case("Australia/Lord_Howe", date(2026, 4, 5), 5, 6))
def test_a_forecast_comes_back_from_an_override_of_amazon_connect(case):
    with TemporaryDirectory() as name:
        path = exported(Path(name), case, "connect-wfm", daily_zone=case.timezone)
        intake = take_in([path], centre(15, case.timezone), preset="connect-wfm", max_bad_ratio=0)
    check(intake.history, case, handled_s=False)
    assert intake.rows_excluded == 2  # the two days


@settings(max_examples=5)
@given(cases)
@example(Case("America/New_York", date(2026, 11, 1), 15, 7))
@example(Case("Australia/Lord_Howe", date(2026, 10, 4), 15, 8))
def test_days_of_an_override_are_the_sums_of_their_intervals_and_begin_at_midnight(case):
    with TemporaryDirectory() as name:
        lines = read_back(exported(Path(name), case, "connect-wfm", daily_zone=case.timezone))
    zone, volumes = ZoneInfo(case.timezone), defaultdict[date, int](int)
    for line in lines:
        if line["IntervalDuration"] == "15mins":
            volumes[stamp(line["TimeStamp"]).astimezone(zone).date()] += int(line["IncomingContactVolume"])
    days = [line for line in lines if line["IntervalDuration"] == "daily"]
    midnights = [next(starts_of(day, case.timezone, 15)) for day in volumes]
    assert [stamp(line["TimeStamp"]) for line in days] == midnights
    assert [int(line["IncomingContactVolume"]) for line in days] == list(volumes.values())
    for day, line in zip(volumes, days, strict=True):
        rows = [row for row in rows_of(case) if row.start.astimezone(zone).date() == day]
        contacts = sum(Fraction(row.offered) for row in rows)
        work_s = sum(Fraction(row.offered) * Fraction(row.aht_s) for row in rows)
        assert float(line["AverageHandleTime"]) == pytest.approx(float(work_s / contacts), abs=5.1e-4)


@pytest.mark.parametrize("format_name", ["connect-wfm", "genesys-wfm"])
def test_a_history_comes_back_by_its_preset(tmp_path, format_name):
    header = "queue,interval_start,offered,handled,abandoned,aht_s"
    source = history_file(
        tmp_path / "history.csv",
        header,
        "billing,2026-10-25T02:45:00+02:00,41,38,3,382.25",
        "billing,2026-10-25T02:45:00+01:00,7,9,0,95.5",
        "billing,2026-10-25T03:00:00+01:00,2,0,2,",
        "sales,2026-10-25T03:00:00+01:00,5,5,0,60",
    )
    config = centre(billing={}, sales={"channel": "chat"})
    request = asked(source, config)
    FORMATS[format_name](request)
    back = take_in([request.out], config, preset=format_name, max_bad_ratio=0).history
    assert back[["queue", "offered", "handled"]].to_numpy().tolist() == [
        ["billing", 41, 38],
        ["billing", 7, 9],
        ["billing", 2, 0],
        ["sales", 5, 5],
    ]
    assert [moment.isoformat() for moment in back["interval_start"].dt.tz_convert("Europe/Berlin")] == [
        "2026-10-25T02:45:00+02:00",
        "2026-10-25T02:45:00+01:00",
        "2026-10-25T03:00:00+01:00",
        "2026-10-25T03:00:00+01:00",
    ]
    assert back["aht_s"][[0, 1, 3]].tolist() == [382.25, 95.5, 60]


def test_names_of_the_other_system_come_back_by_a_mapping(tmp_path):
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(
        """
        [source.connect]
        grain = "interval"
        timezone = "UTC"
        [source.connect.columns]
        queue = ["QueueName", "ChannelType"]
        interval_start = "TimeStamp"
        offered = "IncomingContactVolume"
        aht_s = "AverageHandleTime"
        [source.connect.values.queue]
        "Main|VOICE" = "billing"
        "Main|CHAT" = "chats"
        """
    )
    names = history_file(tmp_path / "names.csv", "queue,name,id", "billing,Main,1", "chats,Main,1")
    start = next(starts_of(date(2026, 3, 2), "UTC", 15))
    rows = [Row("billing", start, 4.0, 100.5), Row("chats", start, 9.0, 300.25)]
    config = centre(billing={}, chats={"channel": "chat"})
    request = asked(forecast_file(tmp_path / "f.csv", rows), config, names=names)
    FORMATS["connect-wfm"](request)
    back = take_in([request.out], config, mapping=mapping, max_bad_ratio=0).history
    assert back[["queue", "offered", "aht_s"]].to_numpy().tolist() == [
        ["billing", 4, 100.5],
        ["chats", 9, 300.25],
    ]

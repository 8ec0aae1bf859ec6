"""The files of Amazon Connect: columns, days, intervals and limits as its guide says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.export.made import MONDAY, Row, asked, centre, forecast_file, history_file, read_back, starts_of
from wfm.errors import ConfigError, DataError, UsageError
from wfm.export import connect_wfm
from wfm.export.connect_wfm import length_for, write, wrong_name
from wfm.export.csv_file import write_csv

OVERRIDE = [
    "QueueName",
    "QueueId",
    "ChannelType",
    "TimeStamp",
    "IntervalDuration",
    "IncomingContactVolume",
    "AverageHandleTime",
]
NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
OFFICE = {"hours": "Mon-Fri 09:00-10:00"}


def test_the_row_of_the_guide(tmp_path):
    names = history_file(
        tmp_path / "names.csv", "queue,name,id", "bill,Billing,1d1a4575-9618-40ab-bbeb-81e45795fe61"
    )
    source = history_file(
        tmp_path / "h.csv",
        "queue,interval_start,offered,handled,aht_s",
        "bill,2026-03-02T10:00:00+01:00,41,38,382",
    )
    request = asked(source, centre(bill={}), names=names)
    write(request)
    (line,) = read_back(request.out)
    assert list(line) == [*OVERRIDE, "ContactsHandled"]
    assert float(line.pop("AverageHandleTime")) == 382
    assert list(line.values()) == [
        "Billing",
        "1d1a4575-9618-40ab-bbeb-81e45795fe61",
        "VOICE",
        "2026-03-02T09:00:00Z",
        "15mins",
        "41",
        "38",
    ]


def test_an_override_has_the_columns_of_the_guide_and_plain_numbers(tmp_path):
    offered = (0.0004, 1e-9, 123_456_789.25, 3.0)
    rows = [
        Row("billing", NINE + n * timedelta(minutes=15), each, 0.00123 if n else 7_000_000.5)
        for n, each in enumerate(offered)
    ]
    request = asked(forecast_file(tmp_path / "f.csv", rows), centre())
    write(request)
    lines = read_back(request.out)
    assert list(lines[0]) == OVERRIDE
    assert [line["IncomingContactVolume"] for line in lines] == ["0", "0", "123456789", "3"]
    assert [line["AverageHandleTime"] for line in lines] == ["7000000.5", "0.001", "0.001", "0.001"]


def test_email_is_left_out_and_named_and_alone_refused(tmp_path):
    config = centre(billing={}, chats={"channel": "chat"}, mail={"channel": "email", "deadline_h": 8})
    rows = [Row(queue, NINE, 4.0, 100.0) for queue in ("billing", "chats", "mail")]
    request = asked(forecast_file(tmp_path / "f.csv", rows), config)
    done = write(request)
    assert [(line["QueueName"], line["ChannelType"]) for line in read_back(request.out)] == [
        ("billing", "VOICE"),
        ("chats", "CHAT"),
    ]
    assert done.figures["left_out"] == ["mail"]
    assert any("mail" in note for note in done.notes)
    with pytest.raises(DataError, match="email alone"):
        write(asked(request.source, config, only=("mail",)))


@pytest.mark.parametrize(
    ("centre_min", "wanted", "length"),
    [
        (5, None, 15),
        (5, 30, 30),
        (10, None, 30),
        (10, 30, 30),
        (15, None, 15),
        (15, 30, 30),
        (30, None, 30),
    ],
)
def test_intervals_are_added_up_where_they_nest(centre_min, wanted, length):
    assert length_for(centre_min, wanted) == length


@pytest.mark.parametrize(("centre_min", "wanted"), [(10, 15), (30, 15), (15, 60), (15, 0), (15, -15)])
def test_intervals_that_do_not_nest_are_refused(centre_min, wanted):
    with pytest.raises(UsageError, match=f"--interval {wanted}"):
        length_for(centre_min, wanted)


def test_hours_cannot_be_split(tmp_path):
    request = asked(forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 100.0)]), centre(60))
    with pytest.raises(ConfigError, match="60 minutes cannot be split"):
        write(request)
    assert not request.out.exists()


def test_ten_minutes_become_thirty_with_the_mean_handle_time_of_the_contacts(tmp_path):
    offered, aht_s = (1.0, 2.0, 5.0), (60.0, 90.0, 120.0)
    rows = [
        Row("billing", NINE + n * timedelta(minutes=10), offered[n], aht_s[n]) for n in range(len(offered))
    ]
    request = asked(forecast_file(tmp_path / "f.csv", rows), centre(10))
    done = write(request)
    (line,) = read_back(request.out)
    assert (line["IntervalDuration"], line["IncomingContactVolume"]) == ("30mins", "8")
    assert float(line["AverageHandleTime"]) == pytest.approx((60 + 180 + 600) / 8)
    assert "intervals of 10 minutes are added up to 30" in done.notes


def test_a_day_that_lacks_an_open_interval_is_no_day_of_the_long_term_rows(tmp_path):
    config = centre(billing=OFFICE)
    days = [MONDAY, MONDAY + timedelta(days=1), MONDAY + timedelta(days=2)]
    starts = [start for day in days for start in list(starts_of(day, "Europe/Berlin", 15))[36:40]]
    rows = [Row("billing", start, 2.0, 100.0) for start in starts[1:-1]]  # from 09:15 of the first day
    request = asked(forecast_file(tmp_path / "f.csv", rows), config, daily_zone="Europe/Berlin")
    done = write(request)
    daily = [line for line in read_back(request.out) if line["IntervalDuration"] == "daily"]
    assert [(line["TimeStamp"], line["IncomingContactVolume"]) for line in daily] == [
        ("2026-03-02T23:00:00Z", "8")
    ]
    assert done.figures["days_left_out"] == 2
    assert any("2 days left out" in note for note in done.notes)


def test_days_are_those_of_the_zone_that_was_named(tmp_path):
    config = centre(billing={"hours": "Mon-Fri 22:00-02:00", "timezone": "UTC"})
    rows = [
        Row("billing", datetime(2026, 3, 2, 22, tzinfo=UTC) + n * timedelta(minutes=15), 1.0, 100.0)
        for n in range(16)
    ]
    request = asked(forecast_file(tmp_path / "f.csv", rows), config, daily_zone="America/Los_Angeles")
    write(request)
    daily = [line for line in read_back(request.out) if line["IntervalDuration"] == "daily"]
    assert [(line["TimeStamp"], line["IncomingContactVolume"]) for line in daily] == [
        ("2026-03-02T08:00:00Z", "16")  # midnight there, as in "Set the forecast time zone"
    ]


def test_a_zone_that_does_not_exist_is_refused(tmp_path):
    source = forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 100.0)])
    with pytest.raises(UsageError, match="--daily: 'Europe/Berln'"):
        write(asked(source, centre(), daily_zone="Europe/Berln"))


@pytest.mark.parametrize("kind", ["forecast", "history"])
def test_a_file_that_connect_would_not_take_for_its_size_is_not_written(tmp_path, monkeypatch, kind):
    if kind == "forecast":
        source = forecast_file(tmp_path / "x.csv", [Row("billing", NINE, 4.0, 100.0)])
    else:
        source = history_file(
            tmp_path / "x.csv", "queue,interval_start,offered,aht_s", "billing,2026-03-02T09:00:00Z,4,100"
        )
    request = asked(source, centre())
    write(request)
    size = request.out.stat().st_size
    monkeypatch.setitem(connect_wfm.MOST_BYTES, kind, size)
    write(request)
    before = request.out.read_bytes()
    monkeypatch.setitem(connect_wfm.MOST_BYTES, kind, size - 1)
    with pytest.raises(DataError, match="of Amazon Connect"):
        write(request)
    assert request.out.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if "part" in path.name] == []


def test_the_limits_are_those_that_connect_publishes():
    assert connect_wfm.MOST_BYTES == {"forecast": 250_000_000, "history": 1_000_000_000}


def test_a_size_is_told_in_megabytes(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"a": pd.Series(["x" * 1000] * 3000, dtype="str")})
    with pytest.raises(DataError, match="3 MB, more than the 2 of Somebody"):
        write_csv(frame, tmp_path / "x.csv", most_bytes=2_000_000, taker="Somebody")


@pytest.mark.parametrize("name", ["Billing", "A-b_c.d (2) x", "Störung", "請求", "2nd"])
def test_names_that_connect_reads(name):
    assert wrong_name(name) == ""


@pytest.mark.parametrize("name", ["a&b", "a/b", "a,b", 'a"b', "a:b", "a;b", "m²", "a'b", "a\u00a0b"])
def test_names_that_connect_refuses(name):
    assert "letters, digits, blanks and - _ . ( ) only" in wrong_name(name)


def test_what_has_no_handle_time_takes_that_of_the_queue_or_is_refused(tmp_path):
    source = history_file(
        tmp_path / "h.csv",
        "queue,interval_start,offered,handled,abandoned,talk_s,acw_s,aht_s",
        "billing,2026-03-02T09:00:00Z,4,3,1,300,60,",
        "billing,2026-03-02T09:15:00Z,4,,1,,,",
        "billing,2026-03-02T09:30:00Z,2,0,2,,,",
    )
    request = asked(source, centre(billing={"aht_s": 77}))
    done = write(request)
    lines = read_back(request.out)
    assert [(line["ContactsHandled"], float(line["AverageHandleTime"])) for line in lines] == [
        ("3", 120),
        ("3", 77),
        ("0", 77),
    ]
    assert any("handled not given in 1 interval" in note for note in done.notes)
    with pytest.raises(DataError, match=r"set \[queues.billing\] aht_s"):
        write(asked(source, centre(billing={})))


def test_a_day_without_contacts_is_a_day(tmp_path):
    starts = starts_of(date(2026, 3, 2), "UTC", 15)
    rows = [Row("billing", start, 0.0, 120.0) for start in starts]
    request = asked(forecast_file(tmp_path / "f.csv", rows), centre(timezone="UTC"), daily_zone="UTC")
    write(request)
    day = read_back(request.out)[-1]
    assert (day["IntervalDuration"], day["IncomingContactVolume"]) == ("daily", "0")
    assert float(day["AverageHandleTime"]) == 120

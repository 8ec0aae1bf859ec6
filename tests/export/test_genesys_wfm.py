"""The file of the Genesys Cloud historical data import, as its page says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.export.made import Row, asked, centre, forecast_file, history_file, read_back
from wfm.errors import ConfigError, DataError, UsageError
from wfm.export.genesys_wfm import write

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
COLUMNS = [
    "Interval Start UTC Date",
    "Queue",
    "Media Type",
    "Skill Set",
    "Language",
    "Offered",
    "Interactions Handled",
    "Total Handle Time (Seconds)",
]


def test_every_channel_has_its_media_type_and_the_total_is_handled_times_mean(tmp_path):
    mail: dict[str, Any] = {"mail, all": {"channel": "email", "deadline_h": 8}}
    config = centre(calls={}, chats={"channel": "chat"}, **mail)
    source = history_file(
        tmp_path / "h.csv",
        "queue,interval_start,offered,handled,aht_s",
        "calls,2026-03-02T10:00:00+01:00,16,6,200.5",
        "chats,2026-03-02T10:00:00+01:00,3,3,0.1",
        '"mail, all",2026-03-02T10:15:00+01:00,2,0,',
    )
    request = asked(source, config)
    write(request)
    lines = read_back(request.out)
    assert list(lines[0]) == COLUMNS
    assert [float(line.pop(COLUMNS[-1])) for line in lines] == pytest.approx([1203, 0.3, 0])
    assert [list(line.values()) for line in lines] == [
        ["2026-03-02T09:00:00Z", "calls", "Voice", "", "", "16", "6"],
        ["2026-03-02T09:00:00Z", "chats", "Chat", "", "", "3", "3"],
        ["2026-03-02T09:15:00Z", "mail, all", "Email", "", "", "2", "0"],
    ]


def test_a_forecast_is_handled_in_full_and_the_end_date_is_told(tmp_path):
    request = asked(forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 90.0)]), centre())
    done = write(request)
    (line,) = read_back(request.out)
    assert (line["Offered"], line["Interactions Handled"], float(line[COLUMNS[-1]])) == ("4", "4", 360)
    assert any("historical data end date" in note for note in done.notes)


@pytest.mark.parametrize("minutes", [10, 30, 60])
def test_intervals_that_make_no_quarter_hours_are_refused(tmp_path, minutes):
    source = forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 90.0)])
    with pytest.raises(ConfigError, match=f"{minutes} minutes do not make"):
        write(asked(source, centre(minutes)))


def test_quarter_hours_off_those_of_utc_are_refused(tmp_path):
    start = datetime(1971, 6, 1, 0, 44, 30, tzinfo=UTC)  # Liberia's clock was 44 min 30 s behind until 1972
    source = forecast_file(tmp_path / "f.csv", [Row("billing", start, 4.0, 90.0)])
    with pytest.raises(DataError, match="quarter-hour of UTC"):
        write(asked(source, centre(timezone="Africa/Monrovia")))


@pytest.mark.parametrize("name", ["my file.csv", "a[1].csv", "50%.csv", "a~b.csv", "a#b.csv"])
def test_file_names_that_genesys_refuses(tmp_path, name):
    source = forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 90.0)])
    with pytest.raises(UsageError, match="refuses such a file name"):
        write(asked(source, centre(), name))
    assert not (tmp_path / name).exists()


@pytest.mark.parametrize("more", [{"daily_zone": "UTC"}, {"interval_min": 30}])
def test_options_of_connect_are_refused(tmp_path, more):
    source = forecast_file(tmp_path / "f.csv", [Row("billing", NINE, 4.0, 90.0)])
    with pytest.raises(UsageError, match="Genesys Cloud takes 15 minutes"):
        write(asked(source, centre(), **more))


def test_five_minutes_are_added_up_to_fifteen(tmp_path):
    rows = [Row("billing", NINE + n * timedelta(minutes=5), 1.0 + n, 60.0 * (n + 1)) for n in range(3)]
    request = asked(forecast_file(tmp_path / "f.csv", rows), centre(5))
    write(request)
    (line,) = read_back(request.out)
    assert (line["Offered"], float(line[COLUMNS[-1]])) == ("6", 60 + 240 + 540)

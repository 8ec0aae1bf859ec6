"""What `wfm staff` and `wfm erlang` refuse: one message with place, value and way out; nothing is written."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.tiny import fails, succeeds, write
from wfm.tables import BANDS

CENTRE = """\
[centre]
timezone = "Europe/Berlin"
interval_min = 15
"""
HOTLINE = """\
[queues.hotline]
hours = "Mon-Fri 09:00-17:00"
"""
MAIL = """\
[queues.mail]
channel = "email"
hours = "Mon-Fri 09:00-17:00"
"""
PROMISE = "service_level = 0.8\n"
HEADER = ",".join(["queue", "interval_start", "offered", "aht_s", *BANDS, "model"])


def row_of(start: str, offered: str = "10", aht_s: str = "240", queue: str = "hotline") -> str:
    """Return a row of a forecast."""
    return f"{queue},2026-03-02T{start},{offered},{aht_s},5,7,10,13,15,given"


GOOD = row_of("09:00")


def refused(code: int, *rows: str, queues: str = HOTLINE + PROMISE) -> str:
    """Staff a forecast of these rows, which must be refused; return the message."""
    write("centre.toml", CENTRE + queues)
    write("forecast.csv", "\n".join([HEADER, *rows, ""]))
    message = fails(code, "staff", "forecast.csv", "-o", "new.csv", "--config", "centre.toml")
    assert not Path("new.csv").exists()
    return message


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_forecast_that_the_bad_ones_are_made_of_is_staffed() -> None:
    write("centre.toml", CENTRE + HOTLINE + PROMISE)
    write("forecast.csv", "\n".join([HEADER, GOOD, row_of("09:15"), ""]))
    succeeds("staff", "forecast.csv", "-o", "new.csv", "--config", "centre.toml")
    assert len(Path("new.csv").read_text().splitlines()) == 3


@pytest.mark.parametrize(
    ("row", "words"),
    [
        pytest.param(
            row_of("09:15", aht_s="-240"),
            "row 3, column aht_s, value '-240': below 0 -> expected handle time",
            id="negative handle time",
        ),
        pytest.param(row_of("09:15", aht_s=""), "row 3, column aht_s: empty", id="no handle time"),
        pytest.param(row_of("09:15", aht_s="4:00"), "value '4:00': not a number", id="handle time as clock"),
        pytest.param(
            row_of("09:15", offered="-1"),
            "row 3, column offered, value '-1': below 0",
            id="negative contacts",
        ),
        pytest.param(row_of("09:15", offered=""), "row 3, column offered: empty", id="no contacts"),
        pytest.param(row_of("09:15", offered="nan"), "row 3, column offered, value 'nan'", id="no number"),
        pytest.param(row_of("09:15", offered="inf"), "row 3, column offered, value 'inf'", id="endless"),
        pytest.param(
            row_of("09:15", queue="hotlin"),
            "row 3, column queue, value 'hotlin': 'hotlin' is not known -> did you mean 'hotline'?",
            id="unknown queue",
        ),
        pytest.param(GOOD, "row 3, column interval_start: second row for one key", id="twice"),
    ],
)
def test_a_row_that_cannot_be_believed_is_4_with_its_line(row: str, words: str) -> None:
    message = refused(4, GOOD, row)
    assert "forecast.csv: 1 data fault" in message
    assert words in message


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        pytest.param(
            (GOOD, row_of("09:20")),
            "hotline 2026-03-02T09:20: no interval of 15 minutes begins then",
            id="off the grid",
        ),
        pytest.param(
            (GOOD, row_of("09:30"), row_of("10:00")),
            "rows of hotline are 30 minutes apart, interval_min is 15 -> set [centre] interval_min = 30",
            id="half hours in a centre of quarter hours",
        ),
        pytest.param(
            (GOOD, row_of("09:05"), row_of("09:10"), row_of("09:15")),
            "rows of hotline are 5 minutes apart, interval_min is 15",
            id="five minutes in a centre of quarter hours",
        ),
        pytest.param((GOOD, row_of("09:15", aht_s="0")), "contacts without handle time", id="handle time 0"),
        pytest.param((GOOD, row_of("09:15", offered="1e300")), "erlangs", id="more contacts than people"),
    ],
)
def test_rows_that_do_not_fit_the_centre_are_4(rows: tuple[str, ...], words: str) -> None:
    message = refused(4, *rows)
    assert words in message
    assert "forecast" in message
    assert " -> " in message


def test_a_daylight_day_of_another_zone_is_on_the_grid_of_its_own_clock() -> None:
    zone = 'timezone = "Asia/Kathmandu"\n'  # 5 h 45 from UTC
    write("centre.toml", CENTRE.replace("= 15", "= 60") + HOTLINE + zone + PROMISE)
    write("forecast.csv", "\n".join([HEADER, GOOD, row_of("10:00"), ""]))
    succeeds("staff", "forecast.csv", "-o", "new.csv", "--config", "centre.toml")


@pytest.mark.parametrize(
    ("queues", "words"),
    [
        pytest.param(HOTLINE, "row 4, column queues.hotline: no target: set service_level", id="no target"),
        pytest.param(
            HOTLINE + "answer_within_s = 30\n", "queues.hotline: no target", id="a threshold is no target"
        ),
        pytest.param(
            HOTLINE + "service_level = 1.0\n",
            "row 6, column queues.hotline.service_level, value '1.0'",
            id="all",
        ),
        pytest.param(
            HOTLINE + "service_level = 80\n", "queues.hotline.service_level, value '80'", id="percent"
        ),
        pytest.param(HOTLINE + "service_level = 0\n", "queues.hotline.service_level, value '0'", id="none"),
        pytest.param(
            HOTLINE + "service_level = -0.8\n", "queues.hotline.service_level, value '-0.8'", id="below 0"
        ),
        pytest.param(
            HOTLINE + "service_level = nan\n", "queues.hotline.service_level, value 'nan'", id="no number"
        ),
        pytest.param(HOTLINE + "asa_s = 0\n", "queues.hotline.asa_s, value '0'", id="no wait at all"),
        pytest.param(
            HOTLINE + "max_abandonment = 0\n", "queues.hotline.max_abandonment", id="no loss at all"
        ),
        pytest.param(HOTLINE + "max_occupancy = 1.2\n", "queues.hotline.max_occupancy", id="busier than 1"),
        pytest.param(HOTLINE + "max_occupancy = 0\n", "queues.hotline.max_occupancy", id="never busy"),
        pytest.param(
            HOTLINE + "max_occupancy = 0.0001\n",
            "queues.hotline.max_occupancy, value '0.0001'",
            id="nearly never busy",
        ),
        pytest.param(
            HOTLINE + PROMISE + "shrinkage = { leave = 1.0 }\n",
            "queues.hotline.shrinkage.leave, value '1.0'",
            id="one cause takes all",
        ),
        pytest.param(
            HOTLINE + PROMISE + "shrinkage = { leave = 0.6, sickness = 0.4 }\n",
            "queues.hotline: shrinkage adds up to 1",
            id="causes take all together",
        ),
        pytest.param(
            HOTLINE + PROMISE + "shrinkage = { leave = -0.1 }\n",
            "queues.hotline.shrinkage.leave, value '-0.1'",
            id="shrinkage below 0",
        ),
        pytest.param(
            HOTLINE + PROMISE + "queue_model = 'erlang_d'\n",
            "queues.hotline.queue_model, value 'erlang_d'",
            id="model",
        ),
        pytest.param(
            HOTLINE + PROMISE + "queue_model = 'erlang_b'\n",
            "queues.hotline: queue_model erlang_b needs max_blocking",
            id="B without blocking",
        ),
        pytest.param(
            HOTLINE + PROMISE + "queue_model = 'erlang_a'\n",
            "queues.hotline: queue_model erlang_a needs patience_s",
            id="A without patience",
        ),
        pytest.param(
            HOTLINE + "max_blocking = 0.02\nqueue_model = 'erlang_c'\n",
            "max_blocking: erlang_c never blocks a contact -> give a service_level",
            id="blocking of a model that never blocks",
        ),
        pytest.param(
            HOTLINE + "max_blocking = 0.02\nconcurrency = 3\n",
            "erlang_b knows no concurrency -> promise a service_level",
            id="blocking of chats",
        ),
        pytest.param(HOTLINE + PROMISE + "patience_s = 0\n", "queues.hotline.patience_s", id="no patience"),
        pytest.param(HOTLINE + PROMISE + MAIL, "queues.mail: an email queue needs deadline_h", id="deadline"),
        pytest.param(
            HOTLINE + PROMISE + MAIL + "deadline_h = 0\n",
            "queues.mail.deadline_h, value '0'",
            id="deadline 0",
        ),
    ],
)
def test_a_queue_that_cannot_be_staffed_is_3_and_names_its_key(queues: str, words: str) -> None:
    message = refused(3, GOOD, queues=queues)
    assert "1 configuration fault" in message
    assert words in message


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--max-occupancy", "1e-9"), "occupancy", id="never busy"),
        pytest.param(("--asa", "0s"), "--asa 0.0", id="no wait"),
        pytest.param(("--calls", "1e300", "--asa", "9s"), "1e+299 erlangs", id="more calls than people"),
        pytest.param(("--aht", "-180s", "--asa", "9s"), "not a duration", id="negative handle time"),
        pytest.param(("--service-level", "100/20"), "--service-level 1.0", id="all"),
        pytest.param(("--service-level", "0/20"), "--service-level 0.0", id="none"),
        pytest.param(
            ("--service-level", "80/20", "--answer-within", "30s"), "name two thresholds", id="two thresholds"
        ),
        pytest.param(("--asa", "9s", "--queue-model", "erlang_a"), "needs patience_s", id="A"),
        pytest.param(("--asa", "9s", "--queue-model", "erlang_b"), "needs max_blocking", id="B"),
        pytest.param(
            ("--max-blocking", "0.02", "--queue-model", "erlang_c"), "--max-blocking: erlang_c", id="blocking"
        ),
        pytest.param(
            ("--max-blocking", "0.02", "--concurrency", "3"), "knows no concurrency", id="blocking of chats"
        ),
        pytest.param(("--asa", "9s", "--shrinkage", "1"), "--shrinkage 1.0", id="nobody at work"),
        pytest.param(("--asa", "9s", "--redial-probability", "1"), "--redial-probability 1.0", id="redials"),
        pytest.param(("--asa", "9s", "--agents", "-1"), "--agents", id="fewer than nobody"),
        pytest.param(("--asa", "9s", "--agents", "999999999999"), "--agents", id="more agents than people"),
    ],
)
def test_a_question_without_an_answer_is_2(options: tuple[str, ...], words: str) -> None:
    message = fails(2, "erlang", "--calls", "100", *options)
    assert words in message

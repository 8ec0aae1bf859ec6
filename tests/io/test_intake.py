"""Import of canonical tables: every row in one place, totals preserved, intervals by arrival."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import Config, build_config
from wfm.errors import ConfigError, DataError, UsageError
from wfm.io.intake import Intake, take_in
from wfm.io.quarantine import TooManyBadRows, quarantine_path, write_quarantine
from wfm.io.tables import read_table, write_table
from wfm.tables import CONTACTS, HISTORY

HEADER = "contact_id,queue,arrived_at,wait_s,talk_s,hold_s,acw_s,outcome"
QUEUES = ("billing", "sales")


def configured(**changes: object) -> Config:
    queue = {"service_level": 0.8, "answer_within_s": 20, "hours": "Mon-Fri 08:00-20:00"}
    document: dict[str, object] = {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": dict.fromkeys(QUEUES, queue),
    }
    return build_config({**document, **changes})


CONFIG = configured()


def log(*rows: str, header: str = HEADER) -> str:
    return "\n".join([header, *rows]) + "\n"


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(text: str, config: Config = CONFIG, *, name: str = "log.csv", bad: float | None = 1.0) -> Intake:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8", newline="")
        return take_in([path], config, max_bad_ratio=bad, keep_contacts=True)

    return run


GOOD = "c1,billing,2026-03-02T09:07:00+01:00,12,100,0,20,handled"


def test_counts_and_sums_of_an_interval_are_those_of_its_arrivals(imported):
    intake = imported(
        log(
            GOOD,
            "c2,billing,2026-03-02T09:14:59+01:00,40,200,10,30,handled",
            "c3,billing,2026-03-02T09:00:00+01:00,3,,,,abandoned",
            "c4,billing,2026-03-02T09:05:00+01:00,15,,,,abandoned",
            "c5,billing,2026-03-02T09:05:00+01:00,60,,,,abandoned",
            "c6,billing,2026-03-02T09:06:00+01:00,9,,,,short_abandon",
            "c7,billing,2026-03-02T09:06:00+01:00,30,,,,flow_out",
            "c8,billing,2026-03-02T09:15:00+01:00,0,50,,,handled",
        )
    )
    first, second = intake.history.to_dict("records")
    assert first["interval_start"] == pd.Timestamp("2026-03-02T08:00Z")
    assert {name: first[name] for name in HISTORY.names[2:]} == {
        "offered": 7,
        "handled": 2,
        "abandoned": 4,  # short ones included
        "short_abandoned": 2,  # one within short_abandon_s = 5, one called so by the log
        "flow_out": 1,
        "answered_in_target": 1,
        "abandoned_in_target": 3,
        "aht_s": (100 + 20 + 200 + 10 + 30) / 2,
        "talk_s": 300,
        "hold_s": 10,
        "acw_s": 50,
        "wait_s": 52,
    }
    assert second["interval_start"] == pd.Timestamp("2026-03-02T08:15Z")
    assert (second["offered"], second["aht_s"]) == (1, 50)


BAD_ROWS = [
    pytest.param("x,biling,2026-03-02T09:07:00Z,1,,,,handled", "queue", "did you mean 'billing'", id="queue"),
    pytest.param("x,billing,yesterday,1,,,,handled", "arrived_at", "not a time", id="time"),
    pytest.param("x,billing,2026-02-30T09:00:00Z,1,,,,handled", "arrived_at", "not a time", id="no such day"),
    pytest.param("x,billing,infinity,1,,,,handled", "arrived_at", "not a time", id="infinite time"),
    pytest.param("x,billing,0001-01-01T00:00:00Z,1,,,,handled", "arrived_at", "not a time", id="year 1"),
    pytest.param("x,billing,2026-03-29T02:30:00,1,,,,handled", "arrived_at", "skips", id="skipped hour"),
    pytest.param("x,billing,2026-10-25T02:30:00,1,,,,handled", "arrived_at", "repeats", id="repeated hour"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,-1,,,,handled", "wait_s", "below 0", id="negative"),
    pytest.param(
        "x,billing,2026-03-02T09:07:00Z,1_0,,,,handled", "wait_s", "not a duration", id="underscore"
    ),
    pytest.param("x,billing,2026-03-02T09:07:00Z,nan,,,,handled", "wait_s", "not a duration", id="nan"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,1e300,,,,handled", "wait_s", "not a duration", id="huge"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,,,,,handled", "wait_s", "empty", id="empty"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,1,,,,lost", "outcome", "not one of", id="outcome"),
    pytest.param(",billing,2026-03-02T09:07:00Z,1,,,,handled", "contact_id", "empty", id="no id"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,1,,,handled", None, "fewer cells", id="short row"),
    pytest.param("x,billing,2026-03-02T09:07:00Z,1,,,,handled,9,9", None, "more cells", id="long row"),
]


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[int, dict[Hashable, Any]]:
    """One import of every bad row, each after a good one: the quarantine by record."""
    rows = [
        row for n, bad in enumerate(BAD_ROWS) for row in (GOOD.replace("c1", f"c{n}"), str(bad.values[0]))
    ]
    path = tmp_path_factory.mktemp("bad") / "log.csv"
    path.write_text(log(*rows))
    intake = take_in([path], CONFIG, max_bad_ratio=1)
    assert intake.rows_kept == intake.rows_quarantined == len(BAD_ROWS)
    assert intake.quarantine["file"].unique().tolist() == [str(path)]
    return {int(line["record"]): line for line in intake.quarantine.to_dict("records")}


@pytest.mark.parametrize(("row", "column", "reason"), BAD_ROWS)
def test_a_row_that_cannot_be_believed_goes_to_the_quarantine(refused, row, column, reason):
    record = 2 * [bad.values[0] for bad in BAD_ROWS].index(row) + 2
    line = refused[record]
    assert line["column"] == column or (pd.isna(line["column"]) and column is None)
    assert reason in line["reason"]


def test_an_end_before_the_arrival_goes_to_the_quarantine(imported):
    header = "contact_id,queue,arrived_at,answered_at,ended_at,wait_s,outcome"
    intake = imported(
        log(
            "a,billing,2026-03-02T09:00:00Z,2026-03-02T09:00:10Z,2026-03-02T09:02:00Z,10,handled",
            "b,billing,2026-03-02T09:00:00Z,,2026-03-02T08:59:59Z,10,abandoned",
            "c,billing,2026-03-02T09:00:00Z,2026-03-02T08:00:00Z,,10,handled",
            header=header,
        )
    )
    assert intake.quarantine[["record", "column"]].to_numpy().tolist() == [
        [2, "ended_at"],
        [3, "answered_at"],
    ]


def test_record_numbers_count_data_rows_past_blank_lines_and_breaks_in_quotes(imported):
    intake = imported(
        log(
            '"c\n1",billing,2026-03-02T09:00:00Z,1,,,,handled',
            "",
            "c2,billing,never,1,,,,handled",
            "short,row",
        )
    )
    assert intake.quarantine["record"].tolist() == [2, 3]
    assert intake.contacts is not None
    assert intake.contacts["contact_id"].tolist() == ["c\n1"]


def test_of_a_contact_delivered_again_the_last_row_counts_once(imported, tmp_path):
    later = GOOD.replace("100", "150")
    other = GOOD.replace("c1", "c2")
    intake = imported(log(GOOD, GOOD, other, later))
    assert (intake.rows_read, intake.rows_kept, intake.rows_duplicate) == (4, 2, 2)
    assert intake.history["talk_s"].tolist() == [250]
    notes = " ".join(intake.warnings)
    assert "1 row left out: the same row came again" in notes
    assert "1 row left out: a later row" in notes


def test_the_same_file_twice_changes_nothing(imported, tmp_path):
    once = imported(log(GOOD, GOOD.replace("c1", "c2")))
    path = tmp_path / "log.csv"
    twice = take_in([path, path], CONFIG)
    pd.testing.assert_frame_equal(once.history, twice.history)
    assert twice.rows_duplicate == 2


def test_quiet_intervals_of_a_log_are_zero_inside_opening_hours_only(imported):
    text = log(
        "a,billing,2026-03-06T19:50:00+01:00,1,60,,,handled",  # Friday
        "b,sales,2026-03-09T08:20:00+01:00,1,60,,,handled",  # Monday
        "c,billing,2026-03-09T09:00:00+01:00,1,60,,,handled",
    )
    history = imported(text).history
    local = history.assign(start=history["interval_start"].dt.tz_convert("Europe/Berlin"))
    billing = local[local["queue"] == "billing"].set_index("start")
    monday = pd.date_range("2026-03-09T08:00", "2026-03-09T09:00", freq="15min", tz="Europe/Berlin")
    assert billing.index.tolist() == [pd.Timestamp("2026-03-06T19:45", tz="Europe/Berlin"), *monday]
    assert billing["offered"].tolist() == [1, 0, 0, 0, 0, 1]
    assert billing["handled"].tolist() == [1, 0, 0, 0, 0, 1]
    assert billing["aht_s"].isna().tolist() == [False, True, True, True, True, False]
    assert local.loc[local["queue"] == "sales", "offered"].sum() == 1
    absent = imported(text, configured(**{"import": {"absent": "missing"}})).history
    assert absent["offered"].tolist() == [1, 1, 1]


def test_holidays_with_hours_of_their_own_get_no_zeros(imported):
    queue = {"service_level": 0.8, "hours": "Mon-Fri 08:00-20:00", "holidays": "DE", "holiday_hours": ""}
    config = configured(queues={"billing": queue})
    rows = [f"{day},billing,2026-04-{day}T10:00:00+02:00,1,60,,,handled" for day in ("02", "07")]
    history = imported(log(*rows), config).history
    days = set(history["interval_start"].dt.tz_convert("Europe/Berlin").dt.day)
    assert days == {2, 7}  # Good Friday, the weekend and Easter Monday are closed


def test_a_gap_of_a_day_between_files_is_unknown_not_zero(tmp_path):
    paths = []
    for day in ("02", "03", "05"):
        path = tmp_path / f"{day}.csv"
        times = ("08:00:00", "19:59:00")
        path.write_text(log(*(f"{day}{t},billing,2026-03-{day}T{t}+01:00,1,60,,,handled" for t in times)))
        paths.append(path)
    history = take_in(paths, CONFIG).history
    days = history["interval_start"].dt.tz_convert("Europe/Berlin").dt.day.value_counts().to_dict()
    assert days == {2: 48, 3: 48, 5: 48}


def test_the_repeated_hour_is_read_in_order_where_the_log_is_in_order(imported):
    stamps = ("02:10:00", "02:50:00", "02:05:00", "02:40:00")
    rows = [f"c{n},billing,2026-10-25T{stamp},1,60,,,handled" for n, stamp in enumerate(stamps)]
    contacts = imported(log(*rows)).contacts
    assert contacts is not None
    utc = contacts["arrived_at"].dt.strftime("%H:%M").tolist()
    assert utc == ["00:10", "00:50", "01:05", "01:40"]


def test_an_answer_in_the_repeated_hour_is_not_before_the_arrival(imported):
    header = "contact_id,queue,arrived_at,answered_at,wait_s,outcome"
    rows = (
        "a,billing,2026-10-25T02:50:00+02:00,2026-10-25T02:55:00,300,handled",
        "b,billing,2026-10-25T02:58:00+02:00,2026-10-25T02:01:00,180,handled",
    )
    contacts = imported(log(*rows, header=header)).contacts
    assert contacts is not None
    assert contacts["answered_at"].dt.strftime("%H:%M").tolist() == ["00:55", "01:01"]


@pytest.mark.parametrize(
    ("rule", "kept", "excluded", "start"),
    [
        pytest.param({"ambiguous": "first"}, 2, 0, "2026-10-25T00:30Z", id="first"),
        pytest.param({"ambiguous": "second"}, 2, 0, "2026-10-25T01:30Z", id="second"),
    ],
)
def test_import_rules_decide_what_the_clock_cannot(imported, rule, kept, excluded, start):
    config = configured(**{"import": rule})
    text = log(GOOD, "x,billing,2026-10-25T02:30:00,1,60,,,handled")
    intake = imported(text, config)
    assert (intake.rows_kept, intake.rows_excluded) == (kept, excluded)
    assert pd.Timestamp(start) in intake.history["interval_start"].tolist()


def test_stamps_of_a_skipped_hour_are_shifted_or_dropped_by_rule(imported):
    text = log(GOOD, "x,billing,2026-03-29T02:30:00,1,60,,,handled")
    shifted = imported(text, configured(**{"import": {"nonexistent": "shift"}}))
    assert shifted.history["interval_start"].max() == pd.Timestamp("2026-03-29T01:30Z")
    dropped = imported(text, configured(**{"import": {"nonexistent": "drop"}}))
    assert (dropped.rows_read, dropped.rows_kept, dropped.rows_excluded) == (1, 1, 1)


def test_too_many_bad_rows_end_the_import_and_carry_the_quarantine(imported, tmp_path):
    rows = [GOOD.replace("c1", f"c{n}") for n in range(98)]
    text = log(*rows, "x,billing,never,1,,,,handled", "y,billing,never,1,,,,handled")
    with pytest.raises(TooManyBadRows) as raised:
        imported(text, bad=None)
    assert raised.value.exit_code == 4
    assert "2 of 100 rows" in str(raised.value)
    output = quarantine_path(tmp_path / "history.parquet")
    write_quarantine(raised.value.quarantine, output)
    assert output.name == "history.quarantine.csv"
    assert pd.read_csv(output).columns.tolist() == ["file", "record", "column", "value", "reason"]
    assert imported(text, bad=0.02).rows_quarantined == 2


@pytest.mark.parametrize(
    "row",
    [
        pytest.param("+4930123456,billing,never,1,,,,handled", id="as contact id"),
        pytest.param("x,+49 30 123456,2026-03-02T09:00:00Z,1,,,,handled", id="as queue"),
        pytest.param("x,billing,+4930123456,1,,,,handled", id="as time"),
        pytest.param("x,billing,2026-03-02 +4930123456,1,,,,handled", id="after a date"),
        pytest.param("x,billing,2026-03-02T09:00:00Z,-4930123456,,,,handled", id="as duration"),
        pytest.param("x,billing,2026-03-02T09:00:00Z,1,,,,030-12.34/56", id="as outcome"),
        pytest.param("x,billing,2026-03-02T09:00:00Z,1,,,,handled,+4930123456", id="in a long row"),
    ],
)
def test_a_telephone_number_never_reaches_the_quarantine(imported, tmp_path, row):
    quarantine = imported(log(GOOD, row)).quarantine
    assert len(quarantine) == 1
    write_quarantine(quarantine, tmp_path / "q.csv")
    line = (tmp_path / "q.csv").read_text().splitlines()[1].replace(str(tmp_path), "")
    digits = "".join(character for character in line if character.isdigit())
    assert "123456" not in digits


ENCODED = {
    "utf-8": lambda text: text.encode(),
    "utf-8 with mark": lambda text: text.encode("utf-8-sig"),
    "utf-16": lambda text: text.encode("utf-16"),
    "utf-16 big endian, no mark": lambda text: text.encode("utf-16-be"),
    "windows": lambda text: text.encode("cp1252"),
    "gzip": lambda text: gzip.compress(text.encode()),
    "gzip of utf-16": lambda text: gzip.compress(text.encode("utf-16")),
    "windows line ends": lambda text: text.replace("\n", "\r\n").encode(),
    "old line ends": lambda text: text.replace("\n", "\r").encode(),
    "semicolons": lambda text: text.replace(",", ";").encode(),
    "tabs": lambda text: text.replace(",", "\t").encode(),
    "pipes": lambda text: text.replace(",", "|").encode(),
    "quotes": lambda text: (
        "\n".join(",".join(f'"{cell}"' for cell in line.split(",")) for line in text.splitlines()).encode()
        + b"\n"
    ),
}


@pytest.mark.parametrize("written", [pytest.param(name, id=name) for name in ENCODED])
def test_the_same_log_in_any_encoding_is_the_same_history(tmp_path, written):
    queue = "Zürich"
    config = configured(queues={queue: {"service_level": 0.8}})
    rows = [f"c{n},{queue},2026-03-02T09:{n:02d}:00,{n},60.5,,20,handled" for n in range(30)]
    plain, other = tmp_path / "plain.csv", tmp_path / "other.csv"
    plain.write_text(log(*rows), encoding="utf-8")
    other.write_bytes(ENCODED[written](log(*rows)))
    wanted = take_in([plain], config)
    found = take_in([other], config)
    assert found.rows_kept == 30
    pd.testing.assert_frame_equal(found.history, wanted.history)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"\n\n", id="blank"),
        pytest.param(b"a,b\n1,2\n", id="other columns"),
        pytest.param(b"\x00\xff\xfe\x00" * 50, id="noise"),
        pytest.param(gzip.compress(b"queue,interval_start,offered\n" * 99)[:-9], id="cut gzip"),
        pytest.param(b"PAR1 and nothing else", id="broken parquet"),
        pytest.param(
            b"\xef\xbb\xbfqueue,interval_start,offered\n\xff,1,1\n", id="mark of UTF-8, but not UTF-8"
        ),
        pytest.param("queue,offered\n".encode("utf-16") + b"\x00\xd8\x00", id="broken UTF-16"),
        pytest.param(b"queue,queue,interval_start,offered\n", id="two equal names"),
    ],
)
def test_a_file_that_is_no_table_is_a_data_error(tmp_path, content):
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    with pytest.raises(DataError):
        take_in([path], CONFIG)


def test_a_missing_file_is_a_data_error_and_no_file_a_usage_error(tmp_path):
    with pytest.raises(DataError, match="nowhere"):
        take_in([tmp_path / "nowhere.csv"], CONFIG)
    with pytest.raises(UsageError):
        take_in([], CONFIG)


def test_missing_columns_are_named_all_at_once_with_the_nearest(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("contact_id,queue,arived_at,wait_s\n")
    with pytest.raises(DataError) as raised:
        take_in([path], CONFIG)
    assert "rename 'arived_at'" in str(raised.value)
    assert "outcome" in str(raised.value)


def test_without_queues_nothing_can_be_judged(tmp_path):
    with pytest.raises(ConfigError):
        take_in([tmp_path / "x.csv"], build_config({}))


def test_a_log_without_rows_is_an_empty_history(imported):
    intake = imported(log(), bad=0.0)
    assert (intake.rows_read, len(intake.history), intake.summary()["first"]) == (0, 0, None)
    assert intake.history.columns.tolist() == HISTORY.names


@st.composite
def contact_logs(draw: st.DrawFn) -> pd.DataFrame:
    """Draw contacts around an autumn clock change, some bad, some twice."""
    count = draw(st.integers(1, 40))
    minutes = draw(st.lists(st.integers(0, 4 * 24 * 60), min_size=count, max_size=count))
    bad = draw(st.lists(st.sampled_from(["", "queue", "wait_s"]), min_size=count, max_size=count))
    ids = draw(st.lists(st.integers(0, 30), min_size=count, max_size=count))
    begin = pd.Timestamp("2026-10-23T00:00Z")
    return pd.DataFrame(
        {
            "contact_id": [f"c{number}" for number in ids],
            "queue": ["nowhere" if what == "queue" else QUEUES[n % 2] for n, what in enumerate(bad)],
            "arrived_at": [(begin + pd.Timedelta(minutes=m)).isoformat() for m in minutes],
            "wait_s": [-1 if what == "wait_s" else 10 for what in bad],
            "outcome": "abandoned",
        }
    )


FEW = settings(max_examples=examples(8, quick=4))  # each opens a database


@FEW
@given(contacts=contact_logs())
def test_every_row_is_in_exactly_one_place_and_every_kept_contact_is_offered(tmp_path_factory, contacts):
    path = tmp_path_factory.mktemp("log") / "log.csv"
    contacts.to_csv(path, index=False)
    intake = take_in([path], CONFIG, max_bad_ratio=1)
    good = (contacts["queue"] != "nowhere") & (contacts["wait_s"] >= 0)
    assert intake.rows_read == len(contacts)
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined + intake.rows_duplicate
    assert intake.rows_quarantined == (~good).sum()
    assert intake.rows_kept == contacts.loc[good, "contact_id"].nunique()
    assert intake.history["offered"].sum() == intake.rows_kept
    assert set(intake.quarantine["record"]) == set(np.flatnonzero(~good) + 1)


@FEW
@given(
    zone=st.sampled_from(
        ["Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Adelaide", "UTC"]
    ),
    interval_min=st.sampled_from([5, 10, 15, 30, 60]),
    seconds=st.lists(st.integers(0, 400 * 86400), min_size=1, max_size=8),
)
def test_a_contact_is_booked_to_the_local_interval_in_which_it_arrived(
    tmp_path_factory, zone, interval_min, seconds
):
    centre = {"timezone": zone, "interval_min": interval_min}
    config = configured(centre=centre, **{"import": {"absent": "missing"}})
    moments = [pd.Timestamp("2025-12-01T00:00Z") + pd.Timedelta(seconds=second) for second in seconds]
    path = tmp_path_factory.mktemp("log") / "log.csv"
    rows = [f"{n},billing,{moment.isoformat()},1,,,,abandoned" for n, moment in enumerate(moments)]
    path.write_text(log(*rows))
    history = take_in([path], config).history
    assert history["offered"].sum() == len(moments)
    for moment in moments:
        start = history.loc[history["interval_start"] <= moment, "interval_start"].max()
        local = start.tz_convert(ZoneInfo(zone))
        midnight = pd.Timestamp(local.date()).tz_localize(ZoneInfo(zone))
        assert moment - start < pd.Timedelta(minutes=interval_min)
        assert (start - midnight) % pd.Timedelta(minutes=interval_min) == pd.Timedelta(0)


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_csv_and_parquet_give_the_same_history(tmp_path, kind):
    rows = [f"c{n},billing,2026-03-02T09:{n:02d}:00+01:00,{n},60.5,,20,handled" for n in range(30)]
    (tmp_path / "log.csv").write_text(log(*rows))
    contacts = read_table(tmp_path / "log.csv", CONTACTS)
    (tmp_path / "folder").mkdir()
    path = tmp_path / "folder" / "log.parquet"
    write_table(contacts, CONTACTS, path)
    from_csv = take_in([tmp_path / "log.csv"], CONFIG, keep_contacts=True)
    from_parquet = take_in([path if kind == "file" else path.parent], CONFIG, keep_contacts=True)
    pd.testing.assert_frame_equal(from_csv.history, from_parquet.history)
    assert from_csv.contacts is not None
    assert from_parquet.contacts is not None
    pd.testing.assert_frame_equal(from_csv.contacts, from_parquet.contacts)
    pd.testing.assert_frame_equal(from_csv.contacts, contacts)


def test_the_summary_has_the_figures_of_the_contract(imported):
    summary = imported(log(GOOD)).summary()
    keys = ("rows_read", "rows_kept", "rows_quarantined", "rows_duplicate")
    assert {key: summary[key] for key in keys} == dict(zip(keys, (1, 1, 0, 0), strict=True))
    assert summary["first"] == summary["last"] == "2026-03-02T09:00:00+01:00"

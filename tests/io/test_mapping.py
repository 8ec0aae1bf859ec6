"""Mapping files: any export becomes canonical, every fault of one is named, nothing in it is executed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from wfm.config import build_config
from wfm.errors import ConfigError, UsageError
from wfm.io.intake import Intake, take_in
from wfm.io.mapping import load_mapping, load_preset, parse_mapping

CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": {name: {"service_level": 0.8} for name in ("billing", "sales")},
    }
)
CONTACT = """
[source.acd]
grain = "contact"
{keys}
[source.acd.columns]
contact_id = "Id"
queue = "Skill"
arrived_at = "Start"
{columns}
"""


@pytest.fixture
def mapped(tmp_path: Path) -> Callable[..., Intake]:
    def run(mapping: str, text: str) -> Intake:
        path, export = tmp_path / "mapping.toml", tmp_path / "export.csv"
        path.write_text(mapping, encoding="utf-8")
        export.write_text(text, encoding="utf-8")
        return take_in([export], CONFIG, mapping=path, max_bad_ratio=1.0, keep_contacts=True)

    return run


def test_a_german_interval_export_is_read_as_its_mapping_says(mapped):
    mapping = """
        [source.acd]
        grain = "interval"
        timezone = "Europe/Berlin"
        decimal = ","
        thousands = "."
        missing = ["-"]
        duration = "h:mm:ss"
        time_format = "%d.%m.%Y %H:%M"
        attribution = "completion"
        [source.acd.columns]
        queue = "Skill"
        interval_start = ["Tag", "Uhrzeit"]
        offered = "Angeboten"
        handled = "Angenommen"
        talk_s = "Gespräch"
        acw_s = "Nachbearbeitung"
        [source.acd.values.queue]
        "Rechnung" = "billing"
        """
    text = (
        "Skill;Tag;Uhrzeit;Angeboten;Angenommen;Gespräch;Nachbearbeitung\n"
        "Rechnung;02.03.2026;09:00;1.234,0;1.000;1:00:00;0:30\n"
        "Rechnung;02.03.2026;09:15;7;-;-;-\n"
    )
    intake = mapped(mapping, text)
    first, second = intake.history.to_dict("records")
    assert first["interval_start"] == pd.Timestamp("2026-03-02T08:00Z")
    assert (first["offered"], first["handled"], first["talk_s"], first["acw_s"]) == (1234, 1000, 3600, 30)
    assert first["aht_s"] == 3.63
    assert second["offered"] == 7
    assert pd.isna(second["handled"])
    assert "ended" in " ".join(intake.warnings)


@pytest.mark.parametrize(
    ("unit", "cell", "seconds"),
    [
        pytest.param("s", "90.5", 90.5, id="seconds"),
        pytest.param("ms", "90500", 90.5, id="milliseconds"),
        pytest.param("min", "1.5", 90, id="minutes"),
        pytest.param("h", "0.5", 1800, id="hours"),
        pytest.param("h:mm:ss", "1:02:03", 3723, id="clock"),
        pytest.param("h:mm:ss", "12:34.5", 754.5, id="minutes and seconds"),
        pytest.param("h:mm:ss", "100:00:00", 360000, id="long"),
    ],
)
def test_durations_become_seconds_in_every_unit(mapped, unit, cell, seconds):
    mapping = CONTACT.format(
        keys=f'duration = {{ talk_s = "{unit}" }}',
        columns='wait_s = "Wait"\ntalk_s = "Talk"\noutcome = "Out"',
    )
    intake = mapped(
        mapping, f"Id,Skill,Start,Wait,Talk,Out\n1,billing,2026-03-02T09:00:00Z,7,{cell},handled\n"
    )
    assert intake.contacts is not None
    assert intake.contacts["talk_s"].tolist() == [seconds]
    assert intake.contacts["wait_s"].tolist() == [7]


def test_what_is_no_clock_duration_is_refused(mapped):
    mapping = CONTACT.format(keys='duration = "h:mm:ss"', columns='wait_s = "Wait"\noutcome = "Out"')
    cells = ("1:60:00", "90", "1:2:3:4", "-0:01:00", "0:75", "0:45")
    rows = [f"{n},billing,2026-03-02T09:00:00Z,{cell},handled" for n, cell in enumerate(cells)]
    intake = mapped(mapping, "\n".join(["Id,Skill,Start,Wait,Out", *rows, ""]))
    assert intake.quarantine["record"].tolist() == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("time_format", "cell"),
    [
        pytest.param("%d.%m.%Y %H:%M:%S", "02.03.2026 10:00:00", id="strptime"),
        pytest.param("%a, %d %b %Y %H:%M:%S", "Mon, 02 Mar 2026 10:00:00", id="names of days"),
        pytest.param("%Y-%m-%d %H:%M:%S %z", "2026-03-02 14:30:00 +0530", id="with offset"),
        pytest.param("epoch_s", "1772442000", id="epoch"),
        pytest.param("epoch_ms", "1772442000000", id="epoch in ms"),
        pytest.param("", "2026-03-02T10:00:00+01:00", id="ISO"),
        pytest.param("", "2026-03-02 09:00:00.000 +0000", id="ISO with a blank"),
        pytest.param("", "2026-03-02T09:00Z", id="ISO without seconds"),
        pytest.param("", "2026-03-02 10:00", id="ISO, wall clock"),
        pytest.param("", "2026-03-02T05:30:00,000-03:30", id="ISO with a comma"),
    ],
)
def test_stamps_are_read_by_their_format(mapped, time_format, cell):
    mapping = CONTACT.format(
        keys=f'time_format = "{time_format}"', columns='wait_s = "Wait"\noutcome = "Out"'
    )
    intake = mapped(mapping, f'Id,Skill,Start,Wait,Out\n1,billing,"{cell}",7,handled\n')
    assert intake.contacts is not None
    assert intake.contacts["arrived_at"].tolist() == [pd.Timestamp("2026-03-02T09:00Z")]


def test_derived_columns_are_times_spans_sums_and_outcomes(mapped):
    mapping = """
        [source.acd]
        grain = "contact"
        [source.acd.columns]
        contact_id = ["Line", "No"]
        [source.acd.constants]
        queue = "sales"
        acw_s = 30
        [source.acd.derive]
        arrived_at = { at = "Entry", plus = ["Menu"] }
        wait_s = { from = "Queued", to = "Answered" }
        talk_s = { plus = ["Total"], minus = ["Hold"] }
        outcome = { handled_if = "Agent" }
        """
    text = (
        "Line,No,Entry,Menu,Queued,Answered,Total,Hold,Agent\n"
        "A,1,2026-10-25T02:59:50+02:00,20,2026-10-25T02:59:58+02:00,2026-10-25T02:00:08+01:00,100,10,ann\n"
        "A,2,2026-03-02T09:00:00,,2026-03-02T09:00:00,2026-03-02T09:00:30,,,\n"
        "A,3,2026-03-02T09:00:00,5,2026-03-02T09:00:30,2026-03-02T09:00:00,,,\n"
        "A,4,2026-03-02T09:00:00,5,2026-03-02T09:00:30,,,,\n"
        "A,5,2026-03-02T09:00:00,x,2026-03-02T09:00:30,,,,\n"
    )
    intake = mapped(mapping, text)
    assert intake.contacts is not None
    first, second = intake.contacts.to_dict("records")
    assert first["contact_id"] == "A|1"
    assert first["arrived_at"] == pd.Timestamp("2026-10-25T01:00:10Z")
    assert (first["wait_s"], first["talk_s"], first["acw_s"], first["outcome"]) == (10, 90, 30, "handled")
    assert (second["wait_s"], second["outcome"]) == (30, "abandoned")
    assert intake.quarantine[["record", "column"]].to_numpy().tolist() == [
        [3, "wait_s"],
        [4, "wait_s"],
        [5, "arrived_at"],
    ]


def test_excluded_rows_are_counted_apart_and_checked_for_nothing_else(mapped):
    columns = 'wait_s = "Wait"\noutcome = "Out"'
    rules = """
        [[source.acd.exclude]]
        reason = "outbound"
        when = { Type = ["OUT", "DIAL"] }
        [[source.acd.exclude]]
        reason = "not of this site"
        unless = { Site = "north" }
        """
    text = (
        "Id,Skill,Start,Wait,Out,Type,Site\n"
        "1,billing,2026-03-02T09:00:00Z,7,handled,IN,north\n"
        "2,nowhere,never,x,,OUT,north\n"
        "3,billing,2026-03-02T09:00:00Z,7,handled,IN,south\n"
        "4,nowhere,never,x,,DIAL\n"
    )
    intake = mapped(CONTACT.format(keys="", columns=columns) + rules, text)
    assert (intake.rows_read, intake.rows_kept, intake.rows_excluded) == (2, 1, 2)
    assert intake.quarantine["record"].tolist() == [
        4
    ]  # a row of the wrong width is never taken for another kind
    assert {"1 row left out: outbound", "1 row left out: not of this site"} <= set(intake.warnings)


def test_headers_match_without_regard_to_case_and_blanks(mapped):
    mapping = CONTACT.format(keys="", columns='wait_s = "Wait (Yes / No)"\noutcome = "Out"')
    text = "ID,skill, START ,Wait (Yes /No),OUT\n1,billing,2026-03-02T09:00:00Z,7,handled\n"
    assert mapped(mapping, text).rows_kept == 1


def test_a_header_that_is_missing_is_named_with_the_nearest(mapped):
    mapping = CONTACT.format(keys="", columns='wait_s = "Wartezeit"\noutcome = "Ergebnis"')
    with pytest.raises(ConfigError) as raised:
        mapped(mapping, "Id,Skill,Start,Wartezeiten,Result\n")
    assert raised.value.exit_code == 3
    assert len(raised.value.faults) == 2
    assert "did you mean 'Wartezeiten'?" in str(raised.value)


def test_of_several_sources_the_one_whose_headers_the_file_has_is_taken(mapped):
    one = CONTACT.format(keys="", columns='wait_s = "Wait"\noutcome = "Out"')
    other = one.replace("source.acd", "source.old").replace('"Id"', '"CallId"')
    text = "CallId,Skill,Start,Wait,Out\n1,billing,2026-03-02T09:00:00Z,7,handled\n"
    assert mapped(one + other, text).rows_kept == 1
    with pytest.raises(ConfigError, match="both fit"):
        mapped(one + other, text.replace("CallId", "CallId,Id").replace("\n1,", "\n1,1,"))


FAULTS = [
    pytest.param('grain = "calls"', "grain", id="grain"),
    pytest.param('grain = "event"', "go together", id="events"),
    pytest.param('grain = "interval"\noptional = ["Queu"]', "no column is read from it", id="optional"),
    pytest.param('grain = "interval"\npad = { Start = 4 }', "no column is read from it", id="pad"),
    pytest.param(
        'grain = "interval"\npad = { S = 99 }\ncolumns = { interval_start = "S" }', "not 1 to", id="digits"
    ),
    pytest.param('grain = "interval"\ndelimiter = "|"', "without header", id="delimiter"),
    pytest.param(
        'grain = "interval"\nheader = ["When"]\ncolumns = { interval_start = "Wen" }',
        "did you mean 'When'?",
        id="header",
    ),
    pytest.param('grain = "interval"\npreset = "avaya"', "no such preset", id="preset"),
    pytest.param('grain = "interval"\npreset = 3', "unknown key", id="no preset"),
    pytest.param('grain = "interval"\ndecimals = ","', "did you mean 'decimal'?", id="unknown key"),
    pytest.param('grain = "interval"\ntimezone = "Berlin"', "IANA", id="zone"),
    pytest.param('grain = "interval"\nthousands = "."', "decimal mark", id="marks"),
    pytest.param('grain = "interval"\ntime_format = "%Q"', "time_format", id="directive"),
    pytest.param('grain = "interval"\ntime_format = "%H:%M"', "no day", id="no day"),
    pytest.param('grain = "interval"\nduration = "fortnights"', "duration", id="unit"),
    pytest.param('grain = "interval"\ncolumns = { oferred = "N" }', "did you mean 'offered'?", id="column"),
    pytest.param('grain = "interval"', "nothing gives 'offered'", id="needed column"),
    pytest.param(
        'grain = "interval"\ncolumns = {offered="N"}\nconstants={offered=1}', "given twice", id="twice"
    ),
    pytest.param('grain = "interval"\nconstants = { offered = "many" }', "must be a number", id="constant"),
    pytest.param('grain = "interval"\nconstants = { talk_s = -1 }', "below 0", id="low constant"),
    pytest.param('grain = "interval"\nderive = { talk_s = { at = "x" } }', "needs span or sum", id="form"),
    pytest.param(
        'grain = "interval"\nderive = { talk_s = { plus = ["x"], from = "y" } }', "needs", id="two forms"
    ),
    pytest.param('grain = "interval"\n[[source.x.exclude]]\nreason = "all"', "every row", id="exclude"),
]


@pytest.mark.parametrize(("keys", "message"), FAULTS)
def test_a_faulty_mapping_is_a_configuration_error(keys, message):
    with pytest.raises(ConfigError) as raised:
        parse_mapping(f"[source.x]\n{keys}\n", "mapping.toml")
    assert message in str(raised.value)


def test_all_faults_of_a_mapping_come_at_once():
    with pytest.raises(ConfigError) as raised:
        parse_mapping('[source.x]\ngrain = "contact"\n[source.y]\ngrain = "interval"\n', "mapping.toml")
    assert len(raised.value.faults) == 5 + 3  # every needed column of both tables


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("not toml [", id="not TOML"),
        pytest.param("", id="empty"),
        pytest.param("[sources.x]\n", id="unknown table"),
    ],
)
def test_a_file_that_is_no_mapping_is_a_configuration_error(tmp_path, text):
    path = tmp_path / "mapping.toml"
    path.write_text(text)
    with pytest.raises(ConfigError):
        load_mapping(path)
    with pytest.raises(ConfigError):
        load_mapping(tmp_path / "nowhere.toml")


def test_a_constant_queue_must_be_configured(mapped):
    mapping = CONTACT.format(keys="", columns='wait_s = "Wait"\noutcome = "Out"').replace(
        'queue = "Skill"', ""
    )
    with pytest.raises(ConfigError, match="no such queue"):
        mapped(mapping + '[source.acd.constants]\nqueue = "bank"\n', "Id,Start,Wait,Out\n")


@pytest.mark.parametrize("text", ["'); DROP TABLE rows0; --", '"; FROM x', "{0}", "c0", "''", "%s"])
def test_texts_of_file_and_mapping_are_never_part_of_a_query(mapped, text):
    literal = text.replace("\\", "\\\\").replace('"', '\\"')
    mapping = (
        CONTACT.format(keys=f'missing = ["{literal}"]', columns=f'wait_s = "{literal}"\noutcome = "Out"')
        + f'[source.acd.values.queue]\n"{literal}" = "billing"\n'
        + f'[[source.acd.exclude]]\nreason = "{literal}"\nwhen = {{ Out = "{literal}" }}\n'
    )
    header = '"' + text.replace('"', '""') + '"'
    rows = f"1,billing,2026-03-02T09:00:00Z,7,handled\n2,billing,2026-03-02T09:00:00Z,7,{header}\n"
    intake = mapped(mapping, f"Id,Skill,Start,{header},Out\n{rows}")
    assert (intake.rows_kept, intake.rows_excluded) == (1, 1)


EVENTS = """
[source.x]
grain = "event"
[source.x.events]
at = "t"
event = "e"
call = "c"
queue = "q"
enter = ["IN"]
answer = ["UP"]
complete = ["DONE"]
abandon = ["GONE"]
"""


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        pytest.param('[source.x.columns]\nqueue = "q"', "not for event logs", id="columns"),
        pytest.param('flow_out = ["GONE"]', "means two things", id="twice"),
        pytest.param('wait_s = { UPP = "d" }', "did you mean 'UP'?", id="event"),
        pytest.param('acw_pause = "acw"', "needs pause, unpause", id="pause"),
        pytest.param('entr = ["IN"]', "did you mean 'enter'?", id="unknown key"),
    ],
)
def test_a_faulty_description_of_events_is_a_configuration_error(changes, message):
    with pytest.raises(ConfigError) as raised:
        parse_mapping(EVENTS + changes + "\n", "mapping.toml")
    assert message in str(raised.value)


def test_a_header_that_may_be_absent_is_read_as_empty_cells(mapped):
    mapping = CONTACT.format(
        keys='optional = ["Talk", "Site", "Agent", "Id2"]',
        columns='wait_s = "Wait"\noutcome = "Out"\ntalk_s = "Talk"\nagent_id = ["Agent", "Id"]',
    ).replace('contact_id = "Id"', 'contact_id = ["Id", "Id2"]')
    rule = '[[source.acd.exclude]]\nreason = "of a site"\nunless = { Site = "" }\n'
    text = "Id,Skill,Start,Wait,Out\n1,billing,2026-03-02T09:00:00Z,7,handled\n"
    intake = mapped(mapping + rule, text)
    assert intake.contacts is not None
    (contact,) = intake.contacts.to_dict("records")
    assert (contact["contact_id"], contact["agent_id"]) == ("1|", "|1")
    assert pd.isna(contact["talk_s"])
    assert any("no handle times" in warning for warning in intake.warnings)
    full = "Id,Id2,Skill,Start,Wait,Out,Talk,Site\n1,2,billing,2026-03-02T09:00:00Z,7,handled,60,north\n"
    assert mapped(mapping + rule, full).rows_excluded == 1


def test_a_file_without_header_has_the_names_that_the_mapping_gives(mapped):
    nameless = CONTACT.format(
        keys='header = ["Id", "Skill", "Start", "Wait", "Out", "Note"]\ndelimiter = "|"',
        columns='wait_s = "Wait"\noutcome = "Out"',
    )
    row = "1|billing|2026-03-02T09:00:00Z|7|handled|a,b,c,d,e,f,g"
    intake = mapped(nameless, f"{row}\n{row.replace('1|', '2|', 1)}\n")
    assert (intake.rows_kept, intake.rows_quarantined) == (2, 0)
    named = CONTACT.format(keys="", columns='wait_s = "Wait"\noutcome = "Out"')
    both = nameless + named.replace("source.acd", "source.old")
    assert mapped(both, f"{row}\n").rows_kept == 1
    assert mapped(both, "Id,Skill,Start,Wait,Out\n1,billing,2026-03-02T09:00:00Z,7,handled\n").rows_kept == 1


def test_a_needed_column_has_a_header_even_if_it_is_optional(mapped):
    mapping = CONTACT.format(keys='optional = ["Wait"]', columns='wait_s = "Wait"\noutcome = "Out"')
    with pytest.raises(ConfigError, match="'Wait': the file has no such column"):
        mapped(mapping, "Id,Skill,Start,Out\n1,billing,2026-03-02T09:00:00Z,handled\n")


@pytest.mark.parametrize(
    ("cell", "stamp"),
    [
        pytest.param("46083", "2026-03-02T00:00Z", id="midnight"),
        pytest.param("46083.375", "2026-03-02T09:00Z", id="exact"),
        pytest.param("46083.38541666", "2026-03-02T09:15Z", id="eight digits, cut"),
        pytest.param("46083.385417", "2026-03-02T09:15Z", id="six digits"),
        pytest.param("46083.3958333333", "2026-03-02T09:30Z", id="repeating"),
        pytest.param("25571", "1970-01-03T00:00Z", id="first"),
    ],
)
def test_serial_days_are_those_of_a_spreadsheet(mapped, cell, stamp):
    mapping = CONTACT.format(
        keys='time_format = "excel"\ntimezone = "UTC"', columns='wait_s = "Wait"\noutcome = "Out"'
    )
    intake = mapped(mapping, f"Id,Skill,Start,Wait,Out\n1,billing,{cell},7,handled\n")
    assert intake.contacts is not None
    assert intake.contacts["arrived_at"].tolist() == [pd.Timestamp(stamp)]


def test_what_is_no_serial_day_of_this_century_is_refused(mapped):
    mapping = CONTACT.format(
        keys='time_format = "excel"\ntimezone = "UTC"', columns='wait_s = "Wait"\noutcome = "Out"'
    )
    rows = [f"{n},billing,{bad},7,handled" for n, bad in enumerate(("-5", "3", "x", "1e9", "46083"))]
    intake = mapped(mapping, "\n".join(["Id,Skill,Start,Wait,Out", *rows, ""]))
    assert intake.quarantine["record"].tolist() == [1, 2, 3, 4]


def test_cells_are_padded_after_the_missing_ones_are_known(mapped):
    mapping = CONTACT.format(
        keys='pad = { Clock = 4 }\nmissing = ["0"]\ntime_format = "%Y-%m-%d %H%M"\ntimezone = "UTC"',
        columns='wait_s = "Wait"\noutcome = "Out"',
    ).replace('"Start"', '["Day", "Clock"]')
    rows = ["1,billing,2026-03-02,5,7,handled", "2,billing,2026-03-02,1130,7,handled"]
    rows.append("3,billing,2026-03-02,0,7,handled")  # no clock at all
    intake = mapped(mapping, "\n".join(["Id,Skill,Day,Clock,Wait,Out", *rows]) + "\n")
    assert intake.contacts is not None
    assert intake.contacts["arrived_at"].dt.strftime("%H:%M").tolist() == ["00:05", "11:30"]
    assert intake.rows_quarantined == 1


def test_an_unanswered_contact_that_went_on_flowed_out(mapped):
    mapping = CONTACT.format(keys="", columns='wait_s = "Wait"')
    mapping += '[source.acd.derive]\noutcome = { handled_if = "Agent", flow_out_if = "Next" }\n'
    rows = [f"{n},billing,2026-03-02T09:00:00Z,7,{cells}" for n, cells in enumerate(["a,", "a,x", ",x", ","])]
    intake = mapped(mapping, "\n".join(["Id,Skill,Start,Wait,Agent,Next", *rows]) + "\n")
    assert intake.contacts is not None
    assert intake.contacts["outcome"].tolist() == ["handled", "handled", "flow_out", "abandoned"]


def test_an_empty_part_of_a_sum_counts_as_said_or_the_sum_is_empty(mapped):
    mapping = CONTACT.format(keys="", columns='outcome = "Out"')
    derived = '[source.acd.derive]\nwait_s = {{ plus = ["A", "B"]{} }}\n'
    text = "Id,Skill,Start,Out,A,B\n1,billing,2026-03-02T09:00:00Z,handled,5,\n"
    assert mapped(mapping + derived.format(""), text).rows_quarantined == 1
    intake = mapped(mapping + derived.format(", empty_as = 2"), text)
    assert intake.contacts is not None
    assert intake.contacts["wait_s"].tolist() == [7]


def test_a_source_lays_its_own_keys_over_those_of_a_preset():
    text = """
        [source.own]
        preset = "five9-log"
        timezone = "Europe/Berlin"
        [source.own.columns]
        queue = "SKILL"
        acw_s = "WRAP"
        [source.own.constants]
        channel = "chat"
        [source.own.values.queue]
        "A" = "billing"
        [[source.own.exclude]]
        reason = "not inbound"
        when = { "CALL TYPE" = "Outbound" }
        [[source.own.exclude]]
        reason = "a test"
        when = { DISPOSITION = "Test" }
        """
    (own,), (base,) = parse_mapping(text, "m").values(), load_preset("five9-log").values()
    assert own.timezone == "Europe/Berlin"
    assert own.columns == {**base.columns, "queue": "SKILL", "acw_s": "WRAP"}
    assert own.derive == {name: form for name, form in base.derive.items() if name != "acw_s"}
    assert own.constants == {"channel": "chat"}
    assert own.values == {"queue": {"A": "billing"}}
    assert own.duration == base.duration
    kept = [rule for rule in base.exclude if rule.reason != "not inbound"]
    assert [rule.reason for rule in own.exclude] == [*(rule.reason for rule in kept), "not inbound", "a test"]
    assert own.exclude[-2].when == {"CALL TYPE": "Outbound"}


def test_preset_and_mapping_exclude_each_other_and_an_unknown_preset_is_named(tmp_path):
    with pytest.raises(UsageError):
        take_in([tmp_path / "x"], CONFIG, preset="genesys-wfm", mapping=tmp_path / "m.toml")
    with pytest.raises(ConfigError, match="did you mean 'genesys-wfm'"):
        load_preset("genesis-wfm")


def test_presets_read_what_their_systems_publish(tmp_path):
    genesys = tmp_path / "genesys.csv"
    genesys.write_text(
        "Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled,"
        "Total Handle Time (Seconds)\n2026-02-26T00:00:00Z,billing,Voice,a|||b,Spanish,16,6,1200\n"
    )
    connect = tmp_path / "connect.csv"
    connect.write_text(
        "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime,"
        "ContactsHandled\nbilling,1d1a,VOICE,2026-03-02T09:00:00Z,15mins,41,382.0,38\n"
        "billing,1d1a,VOICE,2026-03-02T00:00:00Z,daily,900,382.0,880\n"
    )
    (row,) = take_in([genesys], CONFIG, preset="genesys-wfm").history.to_dict("records")
    assert (row["offered"], row["handled"], row["aht_s"]) == (16, 6, 200)
    intake = take_in([connect], CONFIG, preset="connect-wfm")
    assert intake.history[["offered", "handled", "aht_s"]].to_numpy().tolist() == [[41, 38, 382]]
    assert intake.rows_excluded == 1

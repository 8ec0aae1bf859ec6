"""Guesses: each sample is known for what it is, a stranger gets a mapping, nothing private is told."""

from __future__ import annotations

import gzip
import json
import re
import time
import tomllib
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import build_config
from wfm.demo import generate
from wfm.demo.export_truth import PHONE
from wfm.errors import DataError
from wfm.hours import WEEK_MIN, parse_hours
from wfm.io.guess import Guess, guess_file, learnt_hours, source_text, toml_key, toml_value
from wfm.io.guess.opening_hours import hours_text
from wfm.io.guess.time_formats import offset_of, time_formats
from wfm.io.intake import take_in
from wfm.io.mapping import parse_mapping, preset_names
from wfm.localtime import open_mask

SAMPLES = [pytest.param(name, id=name) for name in preset_names()]
MONDAY = pd.Timestamp("2026-01-05")


def sample_path(project: Path, preset: str) -> Path:
    folder = project / "data/samples/exports"
    name = {"asterisk": "queue_log.1", "intercom": "intercom.json"}.get(preset)
    return folder / name if name else next(folder.glob(f"{preset}.*"))


@cache
def guessed(path: Path) -> Guess:
    """Return the guess of a sample, which several tests look at."""
    return guess_file(path)


@pytest.mark.parametrize("written", ["serial days", "other case"])
def test_our_columns_written_otherwise_get_the_mapping_that_reads_them(tmp_path, written):
    starts = pd.date_range("2026-03-02 09:00", periods=20, freq="15min")
    frame = pd.DataFrame({"queue": "q", "interval_start": starts, "offered": range(20), "aht_s": 240.0})
    if written == "serial days":
        frame["interval_start"] = (starts - pd.Timestamp("1899-12-30")) / pd.Timedelta(days=1)
    else:
        frame = frame.rename(columns={"interval_start": "Interval_Start", "offered": "OFFERED"})
    path, mapping = tmp_path / "export.csv", tmp_path / "mapping.toml"
    frame.to_csv(path, index=False)
    config = build_config({"queues": {"q": {"service_level": 0.8, "answer_within_s": 20}}})
    with pytest.raises(DataError):
        take_in([path], config)
    mapping.write_text(guess_file(path).mapping_text, encoding="utf-8")
    history = take_in([path], config, mapping=mapping).history
    assert history["offered"].tolist() == list(range(20))
    assert history["interval_start"].tolist() == list(starts.tz_localize(config.centre.timezone))


@pytest.mark.parametrize("preset", SAMPLES)
def test_each_sample_is_known_above_the_runner_up(project, preset):
    guess = guessed(sample_path(project, preset))
    assert guess.best is not None
    assert guess.best.name == preset
    others = [fit.confidence for fit in guess.ranked if fit.name != preset]
    assert guess.best.confidence > 0.95
    assert max(others) < 0.5
    assert len(guess.mapped_rows()) == 3
    assert {question.text for question in guess.questions} >= set(guess.best.source.questions)
    unconfirmed = any("unconfirmed" in question.text for question in guess.questions)
    assert unconfirmed is not guess.best.source.confirmed


@pytest.mark.parametrize("preset", SAMPLES)
def test_the_mapped_rows_are_those_of_an_import(project, preset, tmp_path):
    path = sample_path(project, preset)
    guess = guessed(path)
    assert guess.best is not None
    assert guess.best.reading is not None
    config = build_config(
        {"queues": {name: {"service_level": 0.8, "timezone": "UTC"} for name in guess.best.reading.queues}}
    )
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(guess.mapping_text, encoding="utf-8")
    intake = take_in([path], config, mapping=mapping, max_bad_ratio=1)
    if guess.best.source.grain == "interval":
        first = intake.history.set_index(["queue", "interval_start"])
        for row in guess.mapped_rows():
            start = pd.Timestamp(row["interval_start"])
            start = start.tz_localize("UTC") if start.tz is None else start
            assert first.loc[(row["queue"], start), "offered"] == row["offered"]
    assert intake.rows_quarantined == len(guess.best.reading.refused)


@pytest.mark.parametrize("preset", SAMPLES)
def test_no_number_of_a_caller_and_no_id_is_told(project, preset):
    guess = guessed(sample_path(project, preset))
    told = json.dumps([guess.mapped_rows(), [asdict(question) for question in guess.questions]])
    assert PHONE.strip("+") not in told + guess.mapping_text
    assert all(not {"contact_id", "agent_id"} & set(row) for row in guess.mapped_rows())


def test_canonical_tables_are_known_and_need_no_mapping(project):
    for name, table in (("history.csv", "history"), ("contacts.csv.gz", "contacts")):
        guess = guess_file(project / "data/samples" / name)
        assert guess.best is not None
        assert guess.best.name == table
        assert guess.best.confidence == 1
        assert guess.mapping_text == ""


def test_a_preset_whose_dates_are_written_otherwise_is_known_with_their_format(project, tmp_path):
    text = sample_path(project, "genesys-perf").read_text(encoding="utf-8")
    other = tmp_path / "us.csv"
    other.write_text(re.sub(r"2026-(\d\d)-(\d\d) ", r"\1/\2/2026 ", text), encoding="utf-8")
    guess = guess_file(other)
    assert guess.best is not None
    assert guess.best.name == "genesys-perf"
    assert guess.best.changes["time_format"] == "%m/%d/%Y %H:%M"
    source = parse_mapping(guess.mapping_text, "")["export"]
    assert source.time_format == "%m/%d/%Y %H:%M"
    assert source.duration == "ms"


LANGUAGES = [
    pytest.param("Queue;Date;Time;Calls Offered;Calls Answered;Abandoned;AHT", id="English"),
    pytest.param("Warteschlange;Datum;Uhrzeit;Angeboten;Angenommen;Verloren;AHT", id="German"),
    pytest.param("File d'attente;Date;Heure;Appels présentés;Appels traités;Abandonnés;DMT", id="French"),
    pytest.param("Cola;Fecha;Hora;Llamadas recibidas;Atendidas;Abandonadas;TMO", id="Spanish"),
    pytest.param("Coda;Data;Ora;Chiamate offerte;Gestite;Abbandonate;Tempo medio", id="Italian"),
]


@pytest.mark.parametrize("header", LANGUAGES)
def test_an_export_in_five_languages_gets_a_mapping_that_imports_it(header, tmp_path):
    rows = [
        f"Süd;{day:02d}.03.2026;{hour:02d}:00;1.0{day};9;1;182,5" for day in (13, 14) for hour in range(8, 18)
    ]
    path = tmp_path / "export.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="cp1252")
    guess = guess_file(path)
    assert guess.encoding == "Windows-1252"
    assert guess.delimiter == "semicolon"
    assert guess.proposal is not None
    assert guess.proposal.is_complete
    mapping = tmp_path / "mapping.toml"
    mapping.write_text(guess.mapping_text, encoding="utf-8")
    config = build_config({"centre": {"interval_min": 60}, "queues": {"Süd": {"service_level": 0.8}}})
    history = take_in([path], config, mapping=mapping).history
    assert history["offered"].tolist() == [1013] * 10 + [1014] * 10
    assert set(history["handled"]) == {9}
    assert set(history["abandoned"]) == {1}
    assert set(history["aht_s"]) == {182.5}
    assert history["interval_start"].iloc[0] == pd.Timestamp("2026-03-13T08:00Z")


def test_what_cannot_be_found_is_a_comment_in_a_mapping_that_is_toml(tmp_path):
    path = tmp_path / "odd.csv"
    path.write_text('Tag,Wer,"Was ""so"" +49 30 901820123"\n2026-03-04,x,y\n', encoding="utf-8")
    guess = guess_file(path)
    assert guess.best is None
    assert "# queue = " in guess.mapping_text
    assert "# offered = " in guess.mapping_text
    assert "901820123" not in guess.mapping_text
    assert tomllib.loads(guess.mapping_text)["source"]["export"]["columns"] == {"interval_start": "Tag"}


def topics(tmp_path: Path, text: str, **settings_: object) -> dict[str, str]:
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")
    config = build_config(dict(settings_)) if settings_ else None
    return {question.topic: question.text for question in guess_file(path, config).questions}


def canonical_rows(aht_s: float = 200, last: str = "20:00") -> str:
    rows = [
        f"billing,2026-03-{day:02d}T{hour:02d}:00,5,{aht_s}"
        for day in range(2, 7)
        for hour in range(8, 21)
        if day < 6 or f"{hour:02d}:00" <= last
    ]
    return "\n".join(["queue,interval_start,offered,aht_s", *rows, ""])


def test_each_question_is_asked_when_the_file_raises_it_and_only_then(tmp_path):
    quiet = topics(tmp_path, canonical_rows())
    assert set(quiet) == {"timezone", "interval", "queues"}
    assert "60 minutes" in quiet["interval"]
    assert "milliseconds" in topics(tmp_path, canonical_rows(aht_s=200_000))["unit"]
    assert "15:00" in topics(tmp_path, canonical_rows(last="15:00"))["incomplete"]
    assert "total" in topics(tmp_path, canonical_rows() + "Total,,325,\n")["totals"]
    assert "cut" in topics(tmp_path, canonical_rows().rstrip("\n"))["end"]
    known = {"queues": {"billing": {"service_level": 0.8}}, "centre": {"interval_min": 60}}
    assert "queues" not in topics(tmp_path, canonical_rows(), **known)
    other = {"queues": {"sales": {"service_level": 0.8}}, "centre": {"interval_min": 30}}
    asked = topics(tmp_path, canonical_rows(), **other)
    assert "'billing'" in asked["queues"]
    assert "longer" in asked["interval"]
    zoned = canonical_rows().replace(":00,5", ":00Z,5")
    assert "timezone" not in topics(tmp_path, zoned)


def test_day_and_month_that_cannot_be_told_apart_are_asked_for(tmp_path):
    rows = [f"A,{day:02d}/04/2026 09:00,5,200\n" for day in range(1, 9)]
    text = "Queue,Start,Calls,AHT\n" + "".join(rows)
    assert "%d/%m/%Y %H:%M (as assumed)" in topics(tmp_path, text)["date_order"]
    assert "date_order" not in topics(tmp_path, text + "A,13/04/2026 09:00,5,200\n")


@given(st.datetimes(pd.Timestamp("2001-10-01"), pd.Timestamp("2033-01-01")), st.sampled_from([60, -300, 0]))
def test_formats_read_what_was_written_in_them(moment, offset):
    moment = moment.replace(microsecond=0)
    for pattern in ("%d.%m.%Y %H:%M:%S", "%a, %d %b %Y %H:%M:%S", "%m/%d/%Y %I:%M:%S %p", "%Y%m%d %H%M"):
        assert pattern in time_formats([moment.strftime(pattern)])
    assert time_formats([moment.isoformat()]) == [""]
    sign = "-" if offset < 0 else "+"
    stamp = f"{moment.isoformat()}{sign}{abs(offset) // 60:02d}:00"
    assert offset_of(stamp) == offset
    assert offset_of(moment.isoformat()) is None
    assert time_formats([str(int(moment.replace(tzinfo=pd.Timestamp(0, tz="UTC").tz).timestamp()))]) == [
        "epoch_s"
    ]


BAD = [
    pytest.param(b"", "empty", id="empty"),
    pytest.param(b"\x89PNG\r\n\x00\x00\x00\x01" * 9, "no text", id="picture"),
    pytest.param(b"Report of March\n\nqueue,start,calls\na,b,c\n", "above", id="titles"),
    pytest.param(
        b"1,+4930901820555,2026-03-04 09:00:00\n2,+4930901820555,2026-03-04\n", "values", id="no header"
    ),
    pytest.param(b"7,7,+4930901820555\n7,7,+4930901820555\n", "values", id="no header, twice"),
]


@pytest.mark.parametrize(("content", "word"), BAD)
def test_a_file_that_is_no_table_is_a_data_error_without_its_content(content, word, tmp_path):
    path = tmp_path / "export.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=word) as caught:
        guess_file(path)
    assert "901820555" not in str(caught.value)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, id=kind) for kind in ("plain", "gzip", "utf-16", "json", "array")]
)
def test_a_sample_of_a_large_file_says_the_same_as_the_whole(project, tmp_path, kind):
    path = tmp_path / "large"
    if kind in ("json", "array"):
        lines = sample_path(project, "connect-ctr").read_text(encoding="utf-8").splitlines() * 60
        path.write_text("[" + ",\n".join(lines) + "]" if kind == "array" else "\n".join(lines) + "\n")
        expected = "connect-ctr"
    else:
        header, *rows = sample_path(project, "talkdesk").read_text(encoding="utf-8").splitlines(keepends=True)
        text = header + "".join(rows) * 400
        expected = "talkdesk"
        if kind == "gzip":
            path.write_bytes(gzip.compress(text.encode()))
        else:
            path.write_text(text, encoding="utf-16" if kind == "utf-16" else "utf-8")
    guess = guess_file(path)
    assert not guess.is_whole
    assert guess.best is not None
    assert guess.best.name == expected
    assert guess.best.confidence > 0.95


@given(st.text(max_size=40), st.text(max_size=40), st.floats(allow_nan=False, allow_infinity=False))
def test_any_text_survives_as_a_key_and_a_value_of_toml(key, value, number):
    try:
        (key + value).encode()
    except UnicodeEncodeError:
        return  # no file in UTF-8 holds half a character
    read = tomllib.loads(f"[t]\n{toml_key(key)} = {toml_value([value, {key: number}, True])}\n")
    assert read["t"] == {key: [value, {key: number}, True]}
    text = source_text({"grain": "interval", "values": {"queue": {key: value}}})
    assert tomllib.loads(text)["source"]["export"]["values"] == {"queue": {key: value}}


def test_hours_are_learnt_as_the_demo_centre_has_them():
    centre = generate(1)
    for name, queue in centre.config.queues.items():
        own = centre.history[centre.history["queue"] == name]
        learnt = learnt_hours(own, queue.timezone, centre.config.centre.interval_min)[name]
        assert learnt.is_known
        assert learnt.hours == ("" if queue.deferred else queue.hours)  # emails arrive day and night


@st.composite
def weeks(draw: st.DrawFn) -> list[tuple[int, int]]:
    """Return open spans of a week in minutes, at least an hour long and apart, not beyond one week."""
    edges = sorted(draw(st.sets(st.integers(0, WEEK_MIN // 60 - 1), min_size=2, max_size=14)))
    edges = edges[: len(edges) // 2 * 2]
    quarter = draw(st.integers(0, 3)) * 15
    spans = [(a * 60 + quarter, b * 60 + quarter) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    return [span for span in spans if span[1] <= WEEK_MIN] or [(0, 120)]


@settings(max_examples=examples(40))
@given(weeks(), st.integers(0, 2**32 - 1))
def test_hours_learnt_from_arrivals_are_those_that_made_them(spans, seed):
    hours = hours_text(spans)
    truth = parse_hours(hours)
    assert list(truth.open_minutes()) == spans
    rng = np.random.default_rng(seed)
    starts = pd.date_range(MONDAY, periods=9 * 7 * 96, freq="15min", tz="UTC", unit="us")
    inside = open_mask(starts, truth, "UTC")
    offered = np.where(inside, 1 + rng.poisson(3, len(starts)), 0)
    offered[rng.integers(0, 9, 2) * 7 * 96 + rng.integers(0, 672, 2)] += 1  # two stray calls
    offered[96 * 16 : 96 * 17] = 0  # a holiday
    history = pd.DataFrame({"queue": "q", "interval_start": starts, "offered": offered.astype(float)})
    learnt = learnt_hours(history, "UTC", 15)["q"]
    assert learnt.hours == hours


def test_a_queue_that_never_closes_is_open_always_however_quiet_its_nights():
    rng = np.random.default_rng(1)
    starts = pd.date_range(MONDAY, periods=20 * 7 * 96, freq="15min", tz="UTC", unit="us")
    rate = np.where((starts.hour >= 7) & (starts.hour < 22), 3.0, 0.15)
    history = pd.DataFrame(
        {"queue": "q", "interval_start": starts, "offered": rng.poisson(rate).astype(float)}
    )
    learnt = learnt_hours(history, "UTC", 15)["q"]
    assert (learnt.hours, learnt.is_known) == ("", True)


def test_few_contacts_teach_nothing():
    starts = pd.to_datetime(["2026-03-02T09:00Z", "2026-03-03T15:00Z"])
    history = pd.DataFrame({"queue": "q", "interval_start": starts, "offered": 1.0})
    assert not learnt_hours(history, "UTC", 15)["q"].is_known


@pytest.mark.slow
def test_a_gigabyte_is_guessed_as_fast_as_a_page(project, tmp_path):
    header, *rows = sample_path(project, "talkdesk").read_bytes().splitlines(keepends=True)
    block = b"".join(rows) * 1000
    with (tmp_path / "large.csv").open("wb") as file:
        file.write(header)
        for _ in range(1_000_000_000 // len(block)):
            file.write(block)
    begin = time.perf_counter()
    guess = guess_file(tmp_path / "large.csv")
    taken_s = time.perf_counter() - begin
    (tmp_path / "large.csv").unlink()  # pytest keeps the folders of its last runs
    assert taken_s < 2
    assert guess.best is not None
    assert guess.best.name == "talkdesk"

"""Interval exports that part a queue's interval into rows: parts add up, channels must not meet."""

from __future__ import annotations

from pathlib import Path

import pytest

from wfm.config import build_config
from wfm.io.intake import take_in
from wfm.io.store import amend
from wfm.io.store.keys import VARIABLE

CONFIG = build_config(
    {
        "centre": {"timezone": "UTC"},
        "queues": {name: {"service_level": 0.8} for name in ("Billing", "Billing|VOICE", "Billing|CHAT")},
    }
)
GENESYS = "Interval Start UTC Date,Queue,Media Type,Skill Set,Language,Offered,Interactions Handled"
GENESYS += ",Total Handle Time (Seconds)"
CONNECT = "QueueName,QueueId,ChannelType,TimeStamp,IntervalDuration,IncomingContactVolume,AverageHandleTime"
CONNECT += ",ContactsHandled"
MAPPING = """
[source.own]
preset = "connect-wfm"
[source.own.columns]
queue = ["QueueName", "ChannelType"]
"""


def written(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n")
    return path


def genesys(path: Path, *cells: tuple[str, str, int, int]) -> Path:
    rows = [
        f"2026-03-02T09:00:00Z,Billing,{media},a|||b,{tongue},{n},{n},{s}" for media, tongue, n, s in cells
    ]
    return written(path, GENESYS, *rows)


def connect(path: Path) -> Path:
    row = "Billing,1d,{},2026-03-02T09:00:00Z,15mins,{},{},{}"
    return written(path, CONNECT, row.format("VOICE", 41, 300, 38), row.format("CHAT", 7, 600, 7))


def test_languages_of_one_interval_add_up(tmp_path):
    path = genesys(tmp_path / "a.csv", ("Voice", "Spanish", 16, 1600), ("Voice", "English", 4, 1200))
    history = take_in([path], CONFIG, preset="genesys-wfm").history
    assert history[["offered", "handled", "aht_s"]].to_numpy().tolist() == [[20, 20, 140]]


def test_the_same_part_again_replaces_itself_alone(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "a key of thirty-two characters..")
    first = genesys(tmp_path / "a.csv", ("Voice", "Spanish", 16, 1600), ("Voice", "English", 4, 1200))
    late = genesys(tmp_path / "b.csv", ("Voice", "English", 9, 900))
    at_once = take_in([first, late], CONFIG, preset="genesys-wfm").history
    assert at_once["offered"].tolist() == [25]
    amend(tmp_path / "store", [first], CONFIG, preset="genesys-wfm")
    assert amend(tmp_path / "store", [late], CONFIG, preset="genesys-wfm").history["offered"].tolist() == [25]


def test_channels_of_one_queue_are_refused_where_they_meet(tmp_path):
    intake = take_in([connect(tmp_path / "a.csv")], CONFIG, preset="connect-wfm", max_bad_ratio=1.0)
    assert len(intake.history) == 0
    assert intake.quarantine["reason"].str.contains("'ChannelType' has several values").all()
    assert intake.rows_quarantined == 2


def test_channels_that_are_queues_of_their_own_are_both_read(tmp_path):
    mapping = written(tmp_path / "mapping.toml", MAPPING)
    history = take_in([connect(tmp_path / "a.csv")], CONFIG, mapping=mapping).history
    assert history.set_index("queue")["offered"].to_dict() == {"Billing|CHAT": 7, "Billing|VOICE": 41}


@pytest.mark.parametrize("media", ["Voice", "Chat"])
def test_one_channel_alone_needs_nothing(tmp_path, media):
    path = genesys(tmp_path / "a.csv", (media, "English", 5, 500))
    assert take_in([path], CONFIG, preset="genesys-wfm").history["offered"].tolist() == [5]

"""JSON exports: each object a row under dotted headers, damaged lines refused, in every layout of a file."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import build_config
from wfm.errors import DataError
from wfm.io.intake import Intake, take_in
from wfm.io.json_lines import SAMPLE_OBJECTS, json_scan

CONFIG = build_config({"centre": {"timezone": "UTC"}, "queues": {"billing": {"service_level": 0.8}}})
MAPPING = """
[source.x]
grain = "contact"
optional = ["times.acw"]
[source.x.columns]
contact_id = "id"
queue = "queue.name"
arrived_at = "at"
wait_s = "times.wait"
talk_s = "times.talk"
acw_s = "times.acw"
outcome = "outcome"
"""


def contact(number: int, **times: object) -> dict[str, Any]:
    """Return a contact as an export might nest it."""
    queue = {"name": "billing", "arn": "x:y"}
    stamp = "2026-03-02T09:00:00Z"
    times = {"wait": 7, "talk": 60.5, **times}
    return {"id": f"c{number}", "queue": queue, "at": stamp, "times": times, "outcome": "handled"}


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(content: bytes | str, name: str = "export") -> Intake:
        path, mapping = tmp_path / name, tmp_path / "mapping.toml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        mapping.write_text(MAPPING)
        return take_in([path], CONFIG, mapping=mapping, max_bad_ratio=1, keep_contacts=True)

    return run


OBJECTS = [contact(number) for number in range(3)]
FORMS = [
    pytest.param("\n".join(map(json.dumps, OBJECTS)) + "\n", id="lines"),
    pytest.param("\r\n\r\n".join(map(json.dumps, OBJECTS)), id="blank lines, the last one without a break"),
    pytest.param("\ufeff" + "\n".join(map(json.dumps, OBJECTS)), id="byte order mark"),
    pytest.param("".join(map(json.dumps, OBJECTS)), id="without line breaks"),
    pytest.param(json.dumps(OBJECTS), id="one array"),
    pytest.param(json.dumps(OBJECTS, indent=2), id="one array over many lines"),
    pytest.param("\n".join(json.dumps(one, indent=2) for one in OBJECTS), id="objects over many lines"),
    pytest.param("\n".join(json.dumps(one, ensure_ascii=False) for one in OBJECTS), id="UTF-8"),
]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("text", FORMS)
def test_every_way_to_write_objects_is_read(imported, text, packed):
    intake = imported(gzip.compress(text.encode()) if packed else text)
    assert intake.contacts is not None
    assert intake.contacts["contact_id"].tolist() == ["c0", "c1", "c2"]
    assert intake.contacts["wait_s"].tolist() == [7, 7, 7]
    assert intake.contacts["talk_s"].tolist() == [60.5] * 3
    assert (intake.rows_read, intake.rows_kept) == (3, 3)


@pytest.mark.parametrize("line", ['{"id": "c9", "queue"', "[1, 2]", '"text"', "null", "c9,billing", "{]"])
def test_a_line_that_is_no_object_is_refused_with_its_number(imported, line):
    lines = [json.dumps(OBJECTS[0]), "", line, json.dumps(OBJECTS[1])]
    intake = imported("\n".join(lines) + "\n")
    (refused,) = intake.quarantine.to_dict("records")
    assert refused["record"] == 2  # blank lines do not count
    assert pd.isna(refused["value"])
    assert refused["reason"] == "not a JSON object"
    assert intake.rows_kept == 2


def test_a_damaged_first_line_does_not_hide_the_others(imported):
    intake = imported('{"id": "c9", "que\n' + "\n".join(map(json.dumps, OBJECTS)) + "\n")
    assert (intake.rows_kept, intake.quarantine["record"].tolist()) == (3, [1])


def test_null_and_absent_values_are_empty_cells(imported):
    absent = contact(1)
    del absent["times"]["talk"]
    objects = [contact(0, talk=None), absent, {**contact(2), "queue": None}, {**contact(3), "queue": {}}]
    intake = imported("\n".join(map(json.dumps, objects)))
    assert intake.contacts is not None
    assert intake.contacts["talk_s"].isna().tolist() == [True, True]
    assert intake.quarantine[["record", "column"]].to_numpy().tolist() == [[3, "queue"], [4, "queue"]]


def test_a_key_that_comes_late_in_the_file_is_found(imported):
    objects = [contact(number) for number in range(SAMPLE_OBJECTS + 1)]
    objects.append(contact(-1, acw=30))
    intake = imported("\n".join(map(json.dumps, objects)))
    assert intake.contacts is not None
    assert intake.contacts["acw_s"].sum() == 30


@pytest.mark.parametrize("text", ["[]", "{", "[1]", '[{"id": 1'])
def test_a_file_without_an_object_is_no_table(imported, text):
    with pytest.raises(DataError):
        imported(text)


keys = st.text(st.characters(codec="utf-8", exclude_characters='"*\\', exclude_categories=["C"]), min_size=1)
values = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.text(st.characters(codec="utf-8"), max_size=9)
)
objects = st.dictionaries(keys, values | st.dictionaries(keys, values, min_size=1, max_size=3), min_size=1)


def test_a_key_with_signs_of_a_path_does_not_hide_the_others(imported):
    odd = {"*": 1, 'a"b': 2, "c\\d": 3, "$.id": 4}
    intake = imported("\n".join(json.dumps({**odd, **one}) for one in OBJECTS))
    assert intake.rows_kept == 3


@settings(max_examples=examples(40))
@given(record=objects)
def test_any_object_becomes_its_leaves(tmp_path_factory, record):
    path = tmp_path_factory.mktemp("any") / "one.json"
    path.write_text(json.dumps(record) + "\n", encoding="utf-8")
    leaves: dict[str, object] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            leaves |= {f"{key}.{inner}": leaf for inner, leaf in value.items()}
        else:
            leaves[key] = value
    with duckdb.connect() as connection:
        found = json_scan(connection, path, [])
        (row,) = connection.execute(f"FROM {found.sql}").fetchall()
    texts = {name: value if value is None else _text(value) for name, value in leaves.items()}
    assert {name: row[number] for name, number in found.numbers.items()} == texts


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)

"""A text file that may be cut is refused: at every byte of its last line, in every way it can be written."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from wfm.config import build_config
from wfm.errors import ConfigError, DataError
from wfm.io.ending import CutFile
from wfm.io.guess import guess_file
from wfm.io.intake import Intake, take_in
from wfm.io.opening import opened
from wfm.io.sniff import sniff

DOCUMENT: dict[str, Any] = {
    "centre": {"timezone": "UTC"},
    "queues": {"billing": {"service_level": 0.8, "answer_within_s": 20}},
}
CONFIG = build_config(DOCUMENT)
OPTIONAL = build_config({**DOCUMENT, "import": {"final_newline": "optional"}})
HEADER = "contact_id,queue,arrived_at,wait_s,talk_s,outcome"
FIRST = "c1,billing,2026-03-02T09:07:00Z,12,100,handled"
LAST = "c2,billing,2026-03-02T09:09:00Z,12,100,handled"
WHOLE = f"{HEADER}\n{FIRST}\n{LAST}\n"
CONTACT = {"id": "c1", "queue": "billing", "at": "2026-03-02T09:07:00Z", "wait": 1, "done": "handled"}
BY_NAME = '[source.x]\ngrain = "contact"\n{more}\n[source.x.columns]\ncontact_id = "id"\nqueue = "queue"\n'
BY_NAME += 'arrived_at = "at"\nwait_s = "wait"\noutcome = "done"\n'
NO_HEADER = BY_NAME.replace("{more}", 'header = ["id", "queue", "at", "wait", "done"]\ndelimiter = ";"')
EVENTS = "".join(
    f"{1772442000 + after}|a|billing|{rest}\n"
    for after, rest in ((0, "NONE|ENTERQUEUE||1|1"), (8, "x|CONNECT|8|c|1"), (70, "x|COMPLETEAGENT|8|60|1"))
)


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(content: bytes, mapping: str = "", *, optional: bool = False) -> Intake:
        path, described = tmp_path / "export", tmp_path / "mapping.toml"
        path.write_bytes(content)
        described.write_text(mapping, encoding="utf-8")
        config = OPTIONAL if optional else CONFIG
        return take_in([path], config, mapping=described if mapping else None, max_bad_ratio=1)

    return run


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_cut_at_any_byte_of_the_last_line_is_refused(imported, tmp_path, end):
    content = WHOLE.replace("\n", end).encode()
    begin = content.index(b"c2")
    path = tmp_path / "cut"
    with duckdb.connect() as connection:  # what `take_in` opens its files with
        for place in range(begin + 1, len(content)):
            if content[:place].endswith(b"\r"):
                continue  # a line break of its own
            path.write_bytes(content[:place])
            with pytest.raises(CutFile, match="does not end with a line break"):
                opened(connection, [path], {}, tmp_path)
    with pytest.raises(CutFile, match="does not end with a line break"):
        imported(content[: -len(end)])
    assert imported(content[:begin]).rows_kept == 1
    assert imported(content).rows_kept == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16-le", "utf-16-be", "utf-16"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_file_is_complete_only_after_a_whole_line_break(tmp_path, encoding, end, packed):
    text = WHOLE.replace("billing", "Büro").replace("handled\n", "handled\u00e5\n").replace("\n", end)
    content = text.encode(encoding)
    broken = {
        len(text[:place].encode(encoding)) for place in range(len(text) + 1) if text[:place][-1:] in "\r\n"
    }
    path = tmp_path / "export"
    for place in range(len(content) - 60, len(content) + 1):
        path.write_bytes(gzip.compress(content[:place], 1) if packed else content[:place])
        try:
            complete = sniff(path).complete
        except DataError:  # half a letter
            complete = False
        assert complete == (place in broken), place


def test_a_letter_whose_half_is_a_line_break_ends_no_line(tmp_path):
    path = tmp_path / "export"  # U+0A05 is 05 0A in UTF-16 LE, U+050A is so in BE
    for encoding, letter in (("utf-16-le", "\u0a05"), ("utf-16-be", "\u050a")):
        path.write_bytes((WHOLE * 9 + letter).encode(encoding))
        assert not sniff(path).complete


@pytest.mark.parametrize(
    ("text", "mapping"),
    [
        pytest.param(WHOLE, "", id="CSV"),
        pytest.param(WHOLE.replace("c2", '"c2"'), "", id="quotes"),
        pytest.param("c1;billing;2026-03-02T09:07:00Z;1;handled\n" * 2, NO_HEADER, id="no header"),
        pytest.param(EVENTS, '[source.acd]\npreset = "asterisk"\n', id="event log"),
        pytest.param("\n".join([json.dumps(CONTACT)] * 2), BY_NAME.replace("{more}", ""), id="JSON lines"),
        pytest.param(json.dumps(CONTACT), BY_NAME.replace("{more}", ""), id="one JSON object"),
    ],
)
@pytest.mark.parametrize("form", ["plain", "gzip", "UTF-16"])
def test_a_cut_file_of_any_kind_is_refused_and_whole_ones_are_not(imported, text, mapping, form):
    is_json = text.startswith("{")
    if is_json and form == "UTF-16":
        return  # JSON is UTF-8
    encode = {"plain": str.encode, "gzip": lambda t: gzip.compress(t.encode())}.get(
        form, lambda t: t.encode("utf-16")
    )
    with pytest.raises(CutFile):
        imported(encode(text[:-5] if is_json else text[:-1]), mapping)
    whole = imported(encode(text), mapping)
    assert whole.rows_quarantined == 0
    if not is_json:
        believed = imported(encode(text[:-1]), mapping, optional=True)
        assert believed.rows_quarantined == 0
        assert believed.history.equals(whole.history)


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "\n\n", "\n  ", " "])
def test_json_lines_end_with_a_whole_object(imported, end):
    mapping = BY_NAME.replace("{more}", "")
    text = ("\r\n" if "\r" in end else "\n").join(map(json.dumps, [CONTACT, {**CONTACT, "id": "c2"}]))
    assert imported((text + end).encode(), mapping).rows_kept == 2


@pytest.mark.parametrize("rest", ['{"id": "c3', '{"id": "c3", "at": {}', "null", "[{}]", "c3"])
def test_json_lines_that_end_in_no_object_are_cut(imported, rest):
    mapping = BY_NAME.replace("{more}", "")
    text = "\n".join([json.dumps(CONTACT), json.dumps({**CONTACT, "id": "c2"}), rest])
    with pytest.raises(CutFile):
        imported(text.encode(), mapping)
    lenient = imported(text.encode(), mapping, optional=True)
    assert (lenient.rows_kept, lenient.quarantine["record"].tolist()) == (2, [3])


def test_optional_believes_a_last_line_only_if_its_cells_can_be(imported):
    assert imported(WHOLE[:-1].encode(), optional=True).rows_kept == 2
    cut = imported(WHOLE[:-4].encode(), optional=True)
    assert cut.rows_kept == 1
    assert cut.quarantine["column"].tolist() == ["outcome"]


def test_all_cut_files_are_named_before_any_other_fault(tmp_path):
    contents = {"a": WHOLE[:-1], "b": "Skill,Calls\nx,1\n", "c": WHOLE, "d": HEADER[:-3]}
    paths = [tmp_path / name for name in contents]
    for path, content in zip(paths, contents.values(), strict=True):
        path.write_text(content, encoding="utf-8")
    with pytest.raises(CutFile) as raised:
        take_in([*paths, paths[0]], CONFIG)
    assert [Path(fault.source).name for fault in raised.value.faults] == ["a", "d"]
    with pytest.raises((ConfigError, DataError), match="missing column"):
        take_in(paths[1:3], CONFIG)


@pytest.mark.parametrize("form", ["plain", "quotes", "gzip", "JSON"])
def test_a_cut_file_is_told_by_sniff_though_its_sample_has_no_end(tmp_path, monkeypatch, form):
    monkeypatch.setattr("wfm.io.guess.sample.HEAD_BYTES", 1 << 12)
    path = tmp_path / "export"
    rows = [f"c{n},billing,2026-03-02T09:07:00Z,12,100,handled" for n in range(300)]
    text = "\n".join([HEADER, *rows])
    if form == "quotes":
        text = text.replace("c7,", '"c7",')
    if form == "JSON":
        cells = [dict(zip(HEADER.split(","), row.split(","), strict=True)) for row in rows]
        text = "\n".join(map(json.dumps, cells)) + "}"
    content = text.encode()
    assert len(content) > 1 << 13
    for end, is_cut in ((b"", True), (b"\n", False)):
        path.write_bytes(gzip.compress(content + end, 1) if form == "gzip" else content + end)
        topics = {asked.topic for asked in guess_file(path).questions}
        assert ("end" in topics) == is_cut

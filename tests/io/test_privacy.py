"""Nothing of a person leaves an export: planted telephone numbers and names show in no output of import.

They stand in every field that no mapping reads, and in damaged rows in every field at all. Looked through are
the history, the quarantine, stdout, stderr and every other file that a command leaves.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.tiny import Outcome, run
from tests.examples import QUICK
from wfm.config import Config
from wfm.demo.exports import generate_exports
from wfm.forecast.doctor import Check
from wfm.io import acceptance
from wfm.io.mapping import load_mapping, preset_names
from wfm.io.source import Source

DIGITS = "86753094"  # of every planted number, without what stands between them
NUMBERS = (
    *("+49 30 86753094", "0049 30 86753094", "(030) 8675-3094", "030/86753094", "+493086753094", "86753094"),
    *("+49-30-86.75.30.94", "030 86 75 30 94", "tel:+49.30.86753094", "86-75-3094", "8675 3094"),
)
NAMES = ("Erika Mustermann-Zweig", "MUSTERMANN-ZWEIG, ERIKA", "erika.mustermann-zweig@example.org")
BETWEEN = " ()/.-+\t"
TRACES = ("mustermann", "zweig", "erika")
CONFIG = """
[centre]
timezone = "Europe/Berlin"
[import]
max_bad_ratio = {ratio}
[queues.billing]
service_level = 0.8
[queues.sales]
service_level = 0.8
[queues.email]
service_level = 0.8
"""
WORDY = ("queue", "outcome", "channel")
SECRETS = (*NUMBERS, *NAMES)
ONE_OF_A_KIND = (NUMBERS[0], "86753094", NAMES[0], NAMES[2])  # written with marks, bare, a name, an address
KINDS = ("talkdesk", "intercom", "asterisk", "uccx")  # a CSV of contacts, JSON, events, a CSV of intervals


@dataclass(frozen=True)
class Planted:
    """A sample of a preset, to plant secrets in: its first file, its mapping and the source in it."""

    preset: str
    name: str
    text: str
    mapping: Path
    source: Source

    @property
    def delimiter(self) -> str:
        return self.source.delimiter or ","

    @property
    def is_json(self) -> bool:
        return self.name.endswith((".json", ".jsonl"))

    def rows(self) -> list[list[str]]:
        """Return the cells of every line."""
        return list(csv.reader(io.StringIO(self.text, newline=""), delimiter=self.delimiter))

    def header(self) -> list[str]:
        return list(self.source.header) or self.rows()[0]

    def is_read(self, header: str) -> bool:
        return header in self.source.headers


@pytest.fixture(autouse=True)
def _examined_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let doctor examine a file once for both its forms, without the second import of check 1."""
    known: dict[tuple[object, ...], acceptance.Acceptance] = {}

    def examined(files: Sequence[Path], config: Config, **options: Any) -> acceptance.Acceptance:
        key = (*(path.read_bytes() for path in files), str(options), config.import_.max_bad_ratio)
        if key not in known:
            known[key] = accept(files, config, **options)
        return known[key]

    accept = acceptance.accept
    monkeypatch.setattr(acceptance, "accept", examined)
    monkeypatch.setattr(acceptance.examination, "twice_check", lambda _: Check(1, "ok", "left out"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Planted]:
    folder, found = tmp_path_factory.mktemp("mappings"), {}
    for preset, export in generate_exports().items():
        words = "".join(f'"{word}" = "{queue}"\n' for word, queue in export.queues.items())
        mapping = folder / f"{preset}.toml"
        mapping.write_text(f'[source.own]\npreset = "{preset}"\n[source.own.values.queue]\n{words}')
        (source,) = load_mapping(mapping).values()
        name, text = next(iter(export.files.items()))
        found[preset] = Planted(preset, name, text, mapping, source)
    return found


def leaks(folder: Path, inputs: Sequence[Path], *outcomes: Outcome) -> list[str]:
    """Return where a planted number or name shows in what a command said or left in the folder."""
    said = {
        f"{stream} of {n}": text
        for n, o in enumerate(outcomes)
        for stream, text in (("out", o.out), ("err", o.err))
    }
    for path in folder.rglob("*"):
        if path.is_file() and path not in inputs:
            said[path.name] = _content(path)
    return [place for place, text in said.items() if shows(text)]


def _content(path: Path) -> str:
    raw = path.read_bytes()
    text = raw.decode("utf-8", errors="replace") + raw.decode("utf-16-le", errors="replace")
    if path.suffix == ".parquet":
        text += pd.read_parquet(path).to_csv()
    return text


def shows(text: str) -> bool:
    """Return whether a planted number, however it is written, or a part of a planted name is in a text."""
    bare = text.translate(dict.fromkeys(map(ord, BETWEEN)))
    return DIGITS in bare or any(trace in text.casefold() for trace in TRACES)


def test_the_search_finds_what_was_planted():
    assert all(shows(f"value '{secret}' is") for secret in SECRETS)
    assert not shows("2026-03-28T09:00:00+01:00,86753,3094,Erik")


def commands(
    sample: Planted, path: Path, folder: Path, ratio: float, *more: tuple[str, ...]
) -> list[Outcome]:
    """Run import with --json, which says all that it says without, then doctor and more commands."""
    config = folder / "wfm.toml"
    config.write_text(CONFIG.format(ratio=ratio))
    given = (path, "--mapping", sample.mapping, "--config", config)
    written = run("import", *given, "-o", folder / "history.csv", "--json")
    return [written, *(run(name, *given, *options) for name, *options in (("doctor",), *more))]


@pytest.mark.parametrize("preset", preset_names())
def test_what_no_mapping_reads_shows_nowhere(planted, tmp_path, preset):
    sample = planted[preset]
    path = tmp_path / sample.name
    path.write_text(with_unread_secrets(sample), encoding="utf-8", newline="")
    assert shows(path.read_text(encoding="utf-8"))
    outcomes = commands(sample, path, tmp_path, 0.01)
    assert [outcome.code for outcome in outcomes] == [0] * 2, outcomes[0].err
    assert leaks(tmp_path, [path], *outcomes) == []


def with_unread_secrets(sample: Planted) -> str:
    """Return the text of a sample with secrets in each field that its mapping does not read."""
    if sample.is_json:
        lines = (
            json.loads(sample.text)
            if sample.text.startswith("[")
            else map(json.loads, sample.text.splitlines())
        )
        objects = [
            _unread(value, sample, SECRETS[n % len(SECRETS)]) | {"caller": SECRETS}
            for n, value in enumerate(lines)
        ]
        if sample.text.startswith("["):
            return json.dumps(objects)
        return "".join(f"{json.dumps(value)}\n" for value in objects)
    header = sample.header()
    rows = sample.rows()
    for number, cells in enumerate(rows[0 if sample.source.header else 1 :]):
        for place, name in enumerate(header):
            if not sample.is_read(name) and place < len(cells):
                cells[place] = SECRETS[(number + place) % len(SECRETS)]
        if not sample.source.header:
            cells.append(SECRETS[number % len(SECRETS)])
    if not sample.source.header:
        rows[0] = [*rows[0], "Caller"]
    return joined(rows, sample)


def _unread(value: Any, sample: Planted, secret: str, above: str = "") -> Any:
    if not isinstance(value, dict):
        return value if sample.is_read(above) or value is None else secret
    return {
        key: _unread(inner, sample, secret, f"{above}.{key}" if above else key)
        for key, inner in value.items()
    }


def joined(rows: Sequence[Sequence[str]], sample: Planted) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=sample.delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


@pytest.mark.parametrize("preset", preset_names())
def test_what_stands_in_a_damaged_row_shows_nowhere(planted, tmp_path, preset):
    check_damaged(planted[preset], tmp_path, 1)


@pytest.mark.parametrize(
    "preset",
    [pytest.param(name, marks=() if name in KINDS else pytest.mark.slow) for name in preset_names()],
)
def test_what_stands_in_too_many_damaged_rows_shows_nowhere(planted, tmp_path, preset):
    check_damaged(planted[preset], tmp_path, 0.01)


def check_damaged(sample: Planted, tmp_path: Path, ratio: float) -> None:
    path = tmp_path / sample.name
    damaged = json_with_damage(sample) if sample.is_json else csv_with_damage(sample)
    path.write_text(damaged, encoding="utf-8", newline="")
    outcomes = commands(sample, path, tmp_path, ratio, *([("doctor", "--json")] if ratio == 1 else []))
    assert outcomes[0].code == (0 if ratio == 1 else 4), outcomes[0].err
    assert (tmp_path / "history.quarantine.csv").read_text().count("\n") > 10
    assert leaks(tmp_path, [path], *outcomes) == []


def secrets_for(sample: Planted, header: str) -> Iterator[str]:
    """Yield what may be planted in a column: docs/import.md names what is left out here.

    A word in place of a queue, an outcome or a channel is shown, because a planner must know it to give it a
    meaning; a mere number that can be a duration is one.
    """
    wordy = {name for column in WORDY for name in sample.source.headers_of(column)}
    for secret in SECRETS:
        is_name = secret in NAMES and "@" not in secret
        if not (is_name and header in wordy) and not (secret.isdigit() and sample.is_read(header)):
            yield secret


def csv_with_damage(sample: Planted) -> str:
    """Return a sample with rows in which a secret stands in each column, in rows too short, too long, cut."""
    rows = sample.rows()
    good = rows[0 if sample.source.header else 1 :]
    bad: list[list[str]] = []
    for place, name in enumerate(sample.header()):
        for number, secret in enumerate(secrets_for(sample, name)):
            cells = [*good[number % len(good)], *[""] * (place + 1)]
            cells = cells[: max(place + 1, len(good[number % len(good)]))]
            bad.append([*cells[:place], secret, *cells[place + 1 :]])
    for number, secret in enumerate(SECRETS):
        cells = good[number % len(good)]
        bad += [[*cells, *[""] * len(sample.header()), secret], [*cells[:2], secret], [secret]]
    start = sample.delimiter.join(good[0][:-1])
    cut = [f'{start}{sample.delimiter}"{secret}\n{secret}"x\n' for secret in SECRETS]  # quotes out of place
    return joined([*rows, *bad], sample) + "".join(cut) + f"{SECRETS[0]}\n"


def json_with_damage(sample: Planted) -> str:
    """Return a sample with objects in which a secret stands in each leaf, and lines that are no objects."""
    is_array = sample.text.startswith("[")
    objects = json.loads(sample.text) if is_array else [*map(json.loads, sample.text.splitlines())]
    first = max(objects, key=lambda value: len(json.dumps(value)))
    bad = [
        _planted(first, path, secret)
        for path in _leaves(first)
        for secret in secrets_for(sample, ".".join(path))
    ]
    if is_array:
        return json.dumps([*objects, *bad])
    lines = [json.dumps(value) for value in (*objects, *bad)]
    broken = [line for secret in SECRETS for line in (secret, f'{{"call": "{secret}', f'["{secret}"]')]
    return "\n".join([*lines, *broken, ""])


def _leaves(value: Any, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*above, key))
    else:
        yield above


def _planted(value: dict[str, Any], path: tuple[str, ...], secret: str) -> dict[str, Any]:
    inner = secret if len(path) == 1 else _planted(value[path[0]], path[1:], secret)
    return {**value, path[0]: inner}


TABLES = {
    "contacts": "contact_id,queue,channel,arrived_at,answered_at,ended_at,wait_s,talk_s,outcome,agent_id,x",
    "history": "queue,interval_start,offered,handled,abandoned,aht_s,note",
}
GOOD_ROWS = {
    "contacts": "c{},billing,voice,2026-03-02T09:07:00+01:00,,,1,60,handled,a1,",
    "history": "billing,2026-03-02T09:{:02d}:00+01:00,3,3,0,240,",
}


@pytest.mark.parametrize("table", [pytest.param(name, id=name) for name in TABLES])
def test_what_stands_in_a_damaged_row_of_a_canonical_table_shows_nowhere(tmp_path, table):
    header = TABLES[table].split(",")
    good = [GOOD_ROWS[table].format(number).split(",") for number in range(1, 20)]
    bad = []
    for place, name in enumerate(header):
        for number, secret in enumerate(SECRETS):
            is_name = secret in NAMES and "@" not in secret
            if not (is_name and name in WORDY) and not secret.isdigit():
                cells = [*good[number]]
                cells[place] = secret
                bad.append(cells)
    (tmp_path / "wfm.toml").write_text(CONFIG.format(ratio=1))
    path = tmp_path / "log.csv"
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows([header, *good, *bad])
    path.write_text(text.getvalue(), newline="")
    frame = pd.DataFrame([*good, *bad], columns=header)
    frame.to_parquet(tmp_path / "log.parquet", index=False)
    config = ("--config", tmp_path / "wfm.toml")
    for number, source in enumerate((path, tmp_path / "log.parquet")):
        out = tmp_path / ("history.csv" if number == 0 else "history.parquet")
        outcomes = [run("import", source, "-o", out, "--json", *config), run("doctor", source, *config)]
        assert [outcome.code for outcome in outcomes] == [0] * 2
        assert leaks(tmp_path, [path, tmp_path / "log.parquet"], *outcomes) == []


@pytest.mark.parametrize(
    "preset", [pytest.param(None, id="no preset"), pytest.param("talkdesk", id="preset")]
)
@pytest.mark.parametrize(
    "rows",
    [
        pytest.param("c1,billing,2026-03-02T09:07:00Z,{0},handled", id="a number"),
        pytest.param("c1,{0},{0},billing,2026-03-02T09:07:00Z", id="the same twice"),
    ],
)
def test_a_row_in_place_of_the_header_is_not_shown(tmp_path, preset, rows):
    (tmp_path / "wfm.toml").write_text(CONFIG.format(ratio=1))
    path = tmp_path / "log.csv"
    for secret in ONE_OF_A_KIND if QUICK else SECRETS:
        path.write_text(f"{rows.format(secret.replace(',', ''))}\n" * 3)
        given = [path, "--config", tmp_path / "wfm.toml", *(("--preset", preset) if preset else ())]
        outcomes = [run("import", *given, "-o", tmp_path / "history.csv"), run("doctor", *given)]
        assert {outcome.code for outcome in outcomes} <= {3, 4}
        assert leaks(tmp_path, [path], *outcomes) == []


def test_words_of_queues_and_outcomes_are_shown_and_short_numbers_in_them(tmp_path):
    (tmp_path / "wfm.toml").write_text(CONFIG.format(ratio=1))
    path = tmp_path / "log.csv"
    good = GOOD_ROWS["contacts"].format(1)
    bad = (good.replace("billing", "Line 4711"), good.replace("handled", "Answered (2)"))
    path.write_text("\n".join([TABLES["contacts"], good, *bad, ""]))
    assert run("import", path, "-o", tmp_path / "h.csv", "--config", tmp_path / "wfm.toml").code == 0
    shown = pd.read_csv(tmp_path / "h.quarantine.csv")["value"].tolist()
    assert shown == ["Line 4711", "Answered (2)"]

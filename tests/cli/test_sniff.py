"""`wfm import --sniff`: says what files are, in words or as one object, and writes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.tiny import fails, history_rows, history_text, run, succeeds, write
from wfm.demo.export_truth import PHONE


def test_files_are_told_in_words_and_nothing_is_written(planned: Path, project: Path) -> None:
    before = sorted(Path().iterdir())
    outcome = succeeds("import", "--sniff", project / "data/samples/exports/talkdesk.csv", "history.csv")
    assert "preset talkdesk (unconfirmed)" in outcome.out
    assert "confidence 0.99" in outcome.out
    assert "runner-up" in outcome.out
    assert "canonical history" in outcome.out
    assert "wfm.toml does not have 'billing', 'sales'" in outcome.out
    assert PHONE.strip("+") not in outcome.out + outcome.err
    assert sorted(Path().iterdir()) == before


def test_json_is_one_object_with_every_file(project: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)  # without wfm.toml
    folder = project / "data/samples/exports"
    told = json.loads(
        succeeds("import", "--sniff", folder / "uccx.csv", folder / "twilio.jsonl", "--json").out
    )
    assert [each["guess"] for each in told["files"]] == ["uccx", "twilio"]
    for each in told["files"]:
        why = each["why"]
        assert (
            each["confidence"]
            == (why["headers_exact"] + 0.9 * why["headers_loosely"])
            / why["headers_wanted"]
            * (why["rows_share"])
        )
        assert each["confidence"] > each["runner_up"]["confidence"]
        assert len(each["rows"]) == 3
        assert "'billing', 'sales'" in next(q["text"] for q in each["questions"] if q["topic"] == "queues")
    assert told["files"][0]["delimiter"] == "comma"
    assert told["files"][1]["kind"] == "JSON"


def test_hostile_names_are_shown_on_one_line(planned: Path) -> None:
    rows = [row.replace("hotline", '"\x1b[31m a\nb"') for row in history_rows()[:30]]
    out = succeeds("import", "--sniff", write("odd.csv", history_text(rows))).out
    assert "\x1b" not in out
    assert r"\x1b[31m a\nb" in out


def test_import_says_which_preset_it_recognised(
    planned: Path, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = project / "data/samples/exports/genesys-wfm.csv"
    names = "".join(f"[queues.{name}]\nservice_level = 0.8\n" for name in ("billing", "sales"))
    write("wfm.toml", f'[centre]\ntimezone = "UTC"\ninterval_min = 15\n{names}')
    outcome = succeeds("import", export, "-o", "seen.csv", "--json")
    told = (
        "read with preset genesys-wfm (confidence 1.00): name it with --preset genesys-wfm to fix the choice"
    )
    assert f"warning: {told}" in outcome.err
    summary = json.loads(outcome.out)
    assert summary["preset"] == "genesys-wfm"
    assert told in summary["warnings"]
    named = succeeds("import", export, "-o", "named.csv", "--json", "--preset", "genesys-wfm")
    assert json.loads(named.out)["preset"] == "genesys-wfm"
    assert "read with preset" not in named.err
    assert Path("seen.csv").read_bytes() == Path("named.csv").read_bytes()
    assert "read with preset genesys-wfm" in succeeds("doctor", export).err
    unsure = project / "data/samples/exports/talkdesk.csv"
    assert "try --preset talkdesk" in fails(4, "import", unsure, "-o", "new.csv")
    write("mapping.toml", '[source.x]\npreset = "five9-log"\n')
    monkeypatch.setattr("wfm.io.recognition.guess_file", None)  # not called where a source is named
    for named_source in (("--preset", "five9-log"), ("--mapping", "mapping.toml")):
        fails(3, "import", export, "-o", "new.csv", *named_source)
    assert not Path("new.csv").exists()


def test_what_is_no_table_ends_with_4_and_odd_options_with_2(planned: Path) -> None:
    assert "empty" in fails(4, "import", "--sniff", write("empty.csv", ""))
    assert "missing.csv" in fails(4, "import", "--sniff", "missing.csv")
    assert "--sniff" in fails(2, "import", "--sniff", "history.csv", "-o", "x.csv")
    for option in ("--store", "--quarantine", "--preset", "--mapping"):
        assert "leave out" in fails(2, "import", "--sniff", "history.csv", option, "x.csv")
    assert "-o" in fails(2, "import", "history.csv")
    assert not Path("x.csv").exists()


def test_a_header_alone_is_known_and_has_no_row(planned: Path, project: Path) -> None:
    header = (project / "data/samples/exports/genesys-wfm.csv").read_text(encoding="utf-8").splitlines()[0]
    write("ours.csv", history_text([]))
    write("theirs.csv", f"{header}\n")
    out = succeeds("import", "--sniff", "ours.csv", "theirs.csv").out
    assert "canonical history" in out
    assert "preset genesys-wfm" in out
    assert out.count("there is no row below the header") == 2
    assert "no row" in succeeds("import", "theirs.csv", "-o", "new.csv").err


def test_a_file_that_is_no_table_does_not_hide_the_others(planned: Path) -> None:
    write("empty.csv", "")
    outcome = run("import", "--sniff", "empty.csv", "history.csv", "nowhere.csv")
    assert outcome.code == 4
    assert "canonical history" in outcome.out
    assert "empty.csv: the file is empty" in outcome.err
    assert "nowhere.csv" in outcome.err
    outcome = run("import", "--sniff", "empty.csv", "history.csv", "--json")
    assert outcome.code == 4
    assert [each["file"] for each in json.loads(outcome.out)["files"]] == ["history.csv"]


def test_a_number_is_told_nowhere_wherever_it_stands(planned: Path) -> None:
    number = "4930901820777"
    rows = [f"+{number},2026-03-02T{hour:02d}:00,{hour},240" for hour in range(8, 18)]
    rows += [f"hotline,2026-03-03T09:00,+{number},240", f"hotline,2026-03-03T10:00 +{number},1,240"]
    canonical = write("canonical.csv", history_text(rows))
    strange = write("strange.csv", f"Kennung,Wann,+{number}\n+{number},{number}000,a\nx,y,+{number}\n")
    for name in (canonical, strange):
        for options in ((), ("--json",)):
            outcome = succeeds("import", "--sniff", name, *options)
            assert number not in outcome.out + outcome.err
            assert "digits: hidden" in outcome.out

"""`wfm init --from`: a project from one's own file that works at once, and never overwrites."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from tests.cli.tiny import fails, history_rows, history_text, run, succeeds, write
from tests.examples import examples
from wfm.demo.from_export import write_project_from
from wfm.demo.project_text import queue_name
from wfm.io.mapping import preset_names
from wfm.io.toml import load_config
from wfm.skills import queues_of

KINDS = ("asterisk", "five9-log", "intercom", "talkdesk", "uccx")  # events, two logs and JSON, intervals
ONE_OF_A_KIND = [
    pytest.param(name, id=name, marks=() if name in KINDS else pytest.mark.slow) for name in preset_names()
]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def sample_path(project: Path, preset: str) -> Path:
    folder = project / "data/samples/exports"
    name = {"asterisk": "queue_log.1", "intercom": "intercom.json"}.get(preset)
    return folder / name if name else next(folder.glob(f"{preset}.*"))


@pytest.mark.parametrize("preset", ONE_OF_A_KIND)
def test_the_history_is_what_import_makes_with_the_files_that_are_written(project, preset):
    export = sample_path(project, preset)
    succeeds("init", "mine", "--from", export, "--timezone", "Europe/Berlin")
    assert sorted(path.name for path in Path("mine").iterdir()) == [
        "history.parquet",
        "mapping.toml",
        "wfm.toml",
    ]
    options = ("--config", "mine/wfm.toml", "--mapping", "mine/mapping.toml")
    succeeds("import", export, "-o", "again.parquet", *options)
    assert_frame_equal(pd.read_parquet("mine/history.parquet"), pd.read_parquet("again.parquet"))


def test_a_log_of_the_sample_centre_gives_its_hours_channels_and_a_forecast(project):
    samples = project / "data/samples"
    outcome = succeeds("init", "mine", "--from", samples / "contacts.csv.gz", "--timezone", "Europe/Berlin")
    made, truth = load_config(Path("mine/wfm.toml")), load_config(samples / "wfm.toml")
    assert set(made.queues) == set(truth.queues)
    for name, queue in made.queues.items():
        assert (queue.hours, queue.channel) == (truth.queues[name].hours, truth.queues[name].channel)
    assert made.contracts.keys() == truth.contracts.keys()
    assert not Path("mine/mapping.toml").exists()  # the columns are ours
    command = outcome.err.splitlines()[-1]
    assert command == "next: cd mine && wfm forecast history.parquet -o forecast.csv"
    forecast = ("forecast", "mine/history.parquet", "--config", "mine/wfm.toml", "-o", "forecast.csv")
    succeeds(*forecast)
    succeeds("staff", "forecast.csv", "--config", "mine/wfm.toml", "-o", "requirements.csv")


def test_nothing_is_overwritten(project):
    export = sample_path(project, "uccx")
    Path("mine").mkdir()
    Path("mine/mapping.toml").write_text("mine", encoding="utf-8")
    assert "mapping.toml" in fails(2, "init", "mine", "--from", export)
    assert [path.name for path in Path("mine").iterdir()] == ["mapping.toml"]
    assert Path("mine/mapping.toml").read_text(encoding="utf-8") == "mine"


def test_what_no_preset_fits_gives_a_mapping_on_stdout_that_completed_makes_the_project():
    rows = "".join(f"A,2026-03-02 {hour:02d}:00,{hour},3\n" for hour in range(8, 18))
    export = write("odd.csv", "Kennung,Wann,Zahl,Rest\n" + rows)
    outcome = run("init", "mine", "--from", export)
    assert outcome.code == 4
    assert "--mapping" in outcome.err
    assert not Path("mine").exists()
    text = outcome.out.replace('# queue = "..."', 'queue = "Kennung"')
    text = text.replace('# offered = "..."', 'offered = "Zahl"')
    assert tomllib.loads(text)
    succeeds("init", "mine", "--from", export, "--mapping", write("completed.toml", text))
    history = pd.read_parquet("mine/history.parquet")
    assert history["offered"].tolist() == list(range(8, 18))
    assert load_config(Path("mine/wfm.toml")).centre.interval_min == 60
    assert Path("mine/mapping.toml").read_text(encoding="utf-8") == text


def test_the_zone_is_the_option_else_the_offset_of_the_stamps_else_utc_to_be_checked():
    plain = history_rows()[:40]
    files = {
        "wall.csv": (plain, "UTC"),
        "offset.csv": ([row.replace(":00:00,", ":00:00-05:00,") for row in plain], "Etc/GMT+5"),
    }
    for name, (rows, expected) in files.items():
        export = write(name, history_text(rows))
        succeeds("init", name[:-4], "--from", export)
        assert load_config(Path(name[:-4], "wfm.toml")).centre.timezone == expected
        line = next(
            line for line in Path(name[:-4], "wfm.toml").read_text().splitlines() if "timezone =" in line
        )
        assert "CHECK" in line
    first = pd.read_parquet("offset/history.parquet")["interval_start"].min()
    assert first == pd.Timestamp("2026-01-05T14:00Z")
    assert "Nowhere" in fails(2, "init", "x", "--from", "wall.csv", "--timezone", "Nowhere")
    assert "--from" in fails(2, "init", "x", "--timezone", "UTC")


def test_bad_rows_beyond_the_limit_write_nothing():
    rows = [row if place % 10 else row.replace(",240", ",much") for place, row in enumerate(history_rows())]
    assert "not a duration" in fails(4, "init", "mine", "--from", write("bad.csv", history_text(rows)))
    assert not Path("mine").exists()


@settings(max_examples=examples(25, quick=4), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12), min_size=1, max_size=4))
def test_hostile_names_of_queues_become_names_that_every_file_can_hold(tmp_path_factory, names):
    names = [name for name in names if name.strip() and "\x00" not in name and "\r" not in name]
    folder = tmp_path_factory.mktemp("hostile")
    cells = ['"' + name.replace('"', '""') + '"' for name in names]
    rows = [f"{cell},2026-03-02T{hour:02d}:00Z,{hour},240" for cell in cells for hour in range(8, 18)]
    if not rows:
        return
    export = folder / "export.csv"
    export.write_text(history_text(rows), encoding="utf-8", newline="")
    write_project_from(export, folder / "mine", timezone="UTC")
    config = load_config(folder / "mine/wfm.toml")
    history = pd.read_parquet(folder / "mine/history.parquet")
    assert set(history["queue"]) == set(config.queues)
    assert history.groupby("queue")["offered"].sum().tolist() == [sum(range(8, 18))] * len(config.queues)
    assert queues_of(";".join(config.queues)) == tuple(config.queues)


def test_names_that_become_alike_are_numbered():
    taken: set[str] = set()
    for text, name in (("a;b", "a b"), ("a[b", "a b 2"), ("a b", "a b"), (";;", "queue")):
        found = queue_name(text, taken | {"a b"} if text == "a[b" else taken)
        assert found == name
        taken.add(found)

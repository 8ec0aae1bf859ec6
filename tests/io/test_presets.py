"""Presets: a sample of each, made from known contacts, becomes the history that pandas counts from them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from wfm.config import build_config
from wfm.demo.export_truth import PHONE, Export
from wfm.demo.exports import generate_exports, write_exports
from wfm.io.intake import Intake, take_in
from wfm.io.mapping import load_preset, preset_names
from wfm.tables import HISTORY

CONFIG = build_config(
    {
        "centre": {"timezone": "Europe/Berlin", "interval_min": 15},
        "queues": {
            name: {"service_level": 0.8, "answer_within_s": 20, "short_abandon_s": 5}
            for name in ("billing", "sales", "email")
        },
    }
)
COUNTS = ["offered", "handled", "abandoned", "short_abandoned", "flow_out"]
COUNTS += ["answered_in_target", "abandoned_in_target"]
LARGEST_B = 400_000


@pytest.fixture(scope="module")
def exports() -> dict[str, Export]:
    return generate_exports()


def imported(export: Export, folder: Path, preset: str, text: str = "") -> Intake:
    """Import a sample with its preset, its queues put into our words, or with the mapping `text`."""
    for name, content in export.files.items():
        (folder / name).write_text(content, encoding="utf-8")
    mapping = folder / "mapping.toml"
    words = "".join(f'"{word}" = "{queue}"\n' for word, queue in export.queues.items())
    own = f'[source.own]\npreset = "{preset}"\n[source.own.values.queue]\n{words}'
    mapping.write_text(text or own, encoding="utf-8")
    paths = [folder / name for name in sorted(export.files)]
    if export.queues or text:
        return take_in(paths, CONFIG, mapping=mapping, max_bad_ratio=1, keep_contacts=True)
    return take_in(paths, CONFIG, preset=preset, max_bad_ratio=1, keep_contacts=True)


def counted(contacts: pd.DataFrame) -> pd.DataFrame:
    """Return HISTORY of contacts by pandas alone, at their quarter of an hour of arrival."""
    handled = contacts["outcome"] == "handled"
    gone = contacts["outcome"] == "abandoned"
    timed = contacts[["talk_s", "hold_s", "acw_s"]].sum(axis=1, min_count=1).where(handled)
    rows = contacts.assign(
        interval_start=contacts["arrived_at"].dt.floor("15min"),
        offered=1.0,
        handled=handled.astype(float),
        abandoned=gone.astype(float),
        short_abandoned=(gone & (contacts["wait_s"] <= 5)).astype(float),
        flow_out=(contacts["outcome"] == "flow_out").astype(float),
        answered_in_target=(handled & (contacts["wait_s"] <= 20)).astype(float),
        abandoned_in_target=(gone & (contacts["wait_s"] <= 20)).astype(float),
        **{name: contacts[name].where(handled, 0.0) for name in ("talk_s", "hold_s", "acw_s", "wait_s")},
        handle_s=timed,
        handle_n=timed.notna().astype(float),
    )
    sums = rows.groupby(["queue", "interval_start"])[
        [*COUNTS, "talk_s", "hold_s", "acw_s", "wait_s", "handle_s", "handle_n"]
    ].sum()
    return sums.assign(aht_s=sums["handle_s"] / sums["handle_n"].where(sums["handle_n"] > 0))


def check(intake: Intake, export: Export, preset: str) -> None:
    """Compare an import with what pandas makes of the true contacts."""
    expected = counted(export.truth)
    history = intake.history.set_index(["queue", "interval_start"])
    busy = history[history["offered"] > 0]
    assert intake.rows_quarantined == 0, intake.quarantine
    assert busy.index.equals(expected.index)
    (source,) = load_preset(preset).values()
    counts = COUNTS if source.grain != "interval" else ["offered"]
    given = [*counts, *export.gives]
    for name in given:
        np.testing.assert_allclose(busy[name], expected[name], atol=1e-5, err_msg=f"{preset}: {name}")
    for name in set(HISTORY.names[2:]) - set(given):
        assert busy[name].isna().all(), name


@pytest.fixture(scope="module")
def intakes(exports, tmp_path_factory) -> dict[str, Intake]:
    """Return what each preset makes of its sample."""
    return {
        preset: imported(export, tmp_path_factory.mktemp("sample"), preset)
        for preset, export in exports.items()
    }


@pytest.mark.parametrize("preset", preset_names())
def test_a_sample_becomes_the_history_of_its_contacts(exports, intakes, preset):
    check(intakes[preset], exports[preset], preset)


def rule(reason: str, when: str) -> str:
    """Return a rule that takes the place of the preset's rule for the same reason."""
    return f'[[source.own.exclude]]\nreason = "{reason}"\nwhen = {{ {when} = "no row says this" }}'


TRAPS = [
    pytest.param(
        "asterisk",
        '[source.own.events]\ncomplete = ["COMPLETEAGENT", "COMPLETECALLER"]',
        id="asterisk transfers",
    ),
    pytest.param("avaya-cms", "pad = { STARTTIME = 1 }", id="avaya-cms 900 is 09:00"),
    pytest.param(
        "avaya-cms",
        rule("data of the interval are incomplete (INCOMPLETE)", "SPLIT"),
        id="avaya-cms incomplete interval",
    ),
    pytest.param("avaya-cms", 'timezone = "UTC"', id="avaya-cms wall clock"),
    pytest.param("connect-ctr", 'latest = ""', id="connect-ctr older version later"),
    pytest.param(
        "connect-ctr", rule("outbound or monitored, no arrival", "ContactId"), id="connect-ctr outbound"
    ),
    pytest.param("connect-ctr", rule("never in a queue", "ContactId"), id="connect-ctr menu only"),
    pytest.param(
        "connect-ctr",
        '[source.own.derive]\noutcome = { handled_if = "Agent.ConnectedToAgentTimestamp" }',
        id="connect-ctr passed on is not abandoned",
    ),
    pytest.param("connect-hist", 'missing = [""]', id="connect-hist dash"),
    pytest.param(
        "connect-wfm",
        rule("a whole day in one row, which says nothing about its intervals", "QueueName"),
        id="connect-wfm daily row",
    ),
    pytest.param("five9-log", 'missing = [""]', id="five9-log no agent"),
    pytest.param("five9-log", 'missing = ["[None]", "[Deleted]"]', id="five9-log deleted agent"),
    pytest.param("five9-log", 'timezone = "UTC"', id="five9-log wall clock"),
    pytest.param("five9-log", rule("not inbound", "AGENT"), id="five9-log not inbound"),
    pytest.param(
        "five9-log",
        rule("neither answered nor abandoned: it ended before the queue", "AGENT"),
        id="five9-log never queued",
    ),
    pytest.param(
        "five9-log",
        '[source.own.derive]\nwait_s = { plus = ["QUEUE WAIT TIME", "RING TIME"] }',
        id="five9-log blank is 0",
    ),
    pytest.param(
        "five9-log", '[source.own.columns]\narrived_at = "TIMESTAMP"', id="five9-log arrival after the menu"
    ),
    pytest.param("freepbx-cdr", 'latest = ""', id="freepbx-cdr a row per ring"),
    pytest.param("freepbx-cdr", rule("not a row of a queue (lastapp)", "dst"), id="freepbx-cdr other calls"),
    pytest.param("genesys-perf", 'duration = "s"', id="genesys-perf milliseconds"),
    pytest.param(
        "genesys-perf", rule("interval not complete", '"Queue Name"'), id="genesys-perf incomplete interval"
    ),
    pytest.param(
        "genesys-wfm",
        '[source.own.columns]\naht_s = "Total Handle Time (Seconds)"',
        id="genesys-wfm a total, not a mean",
    ),
    pytest.param(
        "iex-queuestats",
        '[source.own.columns]\nhandled = "C_ORIGHNDLBEFSL"',
        id="iex-queuestats before and after",
    ),
    pytest.param("intercom", rule("no team: it never came to people", "id"), id="intercom without people"),
    pytest.param("intercom", 'time_format = ""', id="intercom epoch"),
    pytest.param("talkdesk", rule("not inbound", '"Ring Groups"'), id="talkdesk not inbound"),
    pytest.param("talkdesk", rule("data status damaged", '"Ring Groups"'), id="talkdesk damaged"),
    pytest.param("talkdesk", 'timezone = "UTC"', id="talkdesk wall clock"),
    pytest.param("twilio", "[source.own.events]\nwrapup = []", id="twilio after-contact work"),
    pytest.param(
        "uccx", rule("aborted, which is no abandonment (contactDisposition 4)", "csqName"), id="uccx aborted"
    ),
    pytest.param("uccx", rule("an agent, not a queue (targetType 1)", "csqName"), id="uccx agents"),
    pytest.param("zendesk", 'latest = ""', id="zendesk older version later"),
    pytest.param("zendesk", 'duration = { wait_s = "s" }', id="zendesk minutes"),
    pytest.param(
        "zendesk",
        '[source.own.derive]\noutcome = { handled_if = "reply_time_in_minutes.calendar" }',
        id="zendesk no reply is no abandonment",
    ),
]


@pytest.mark.parametrize(("preset", "handling"), TRAPS)
def test_without_the_handling_of_a_trap_the_history_is_wrong(exports, tmp_path, preset, handling):
    export = exports[preset]
    words = "".join(f'"{word}" = "{queue}"\n' for word, queue in export.queues.items())
    keys, tables = ("", handling) if handling.startswith("[") else (handling, "")
    text = f'[source.own]\npreset = "{preset}"\n{keys}\n{tables}\n[source.own.values.queue]\n{words}'
    with pytest.raises(AssertionError):
        check(imported(export, tmp_path, preset, text), export, preset)


def test_a_source_that_names_a_preset_reads_as_the_preset_does(exports, tmp_path):
    text = '[source.own]\npreset = "{}"\n'
    for preset in ("connect-ctr", "asterisk", "talkdesk", "genesys-wfm"):
        check(imported(exports[preset], tmp_path, preset, text.format(preset)), exports[preset], preset)


def test_no_telephone_number_leaves_the_samples(intakes):
    for preset, intake in intakes.items():
        told = "".join(
            [intake.quarantine.to_csv(), intake.history.to_csv(), *intake.warnings]
            + ([intake.contacts.to_csv()] if intake.contacts is not None else [])
        )
        assert PHONE.strip("+") not in told, preset


def test_every_preset_says_what_it_is_and_has_a_sample_and_a_section_in_the_docs(exports, project):
    page = (project / "docs" / "presets.md").read_text(encoding="utf-8")
    headings = {line.removeprefix("## ").split()[0] for line in page.splitlines() if line.startswith("## `")}
    assert headings == {f"`{name}`" for name in preset_names()}
    assert exports.keys() == set(preset_names())
    for name in preset_names():
        ((key, source),) = load_preset(name).items()
        assert key == name
        assert source.about
        assert source.confirmed or source.questions
        section = page.split(f"## `{name}`")[1].split("\n## ")[0]
        assert ("unconfirmed" in section.splitlines()[0]) is not source.confirmed


def test_the_committed_samples_are_what_the_generator_makes_and_small(project, tmp_path):
    write_exports(tmp_path)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    committed = {path.name: path.read_bytes() for path in (project / "data/samples/exports").iterdir()}
    assert made == committed, "python -m wfm.demo.exports"
    assert sum(map(len, made.values())) < LARGEST_B

"""`wfm simulate` and `staff --verify`: what they read, write and say, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import fails, leftovers, run, succeeds

ROSTER = ("roster.csv", "--requirements", "requirements.csv", "--agents", "agents.csv")
FEW = ("--replications", "8")


def test_a_roster_is_simulated_with_its_requirements_and_agents(planned: Path) -> None:
    outcome = succeeds(
        "simulate", *ROSTER, "-o", "sim.csv", "--day-results", "days.csv", "--summary", "sim.json", *FEW
    )
    table, days = pd.read_csv("sim.csv"), pd.read_csv("days.csv")
    assert len(table) == len(pd.read_csv("requirements.csv"))
    assert (table["agents"] <= 4.001).all()
    assert days["met"].between(0, 1).all()
    assert json.loads(Path("sim.json").read_text())["replications"] == 8
    assert "simulate: hotline: " in outcome.err
    assert "service level [offered]" in outcome.err
    assert "no patience_s" in outcome.err
    assert leftovers(planned) == []


@pytest.mark.usefixtures("planned")
def test_requirements_are_told_from_a_roster_by_their_header() -> None:
    outcome = succeeds("simulate", "requirements.csv", "-o", "sim.parquet", "--json", *FEW)
    summary = json.loads(outcome.out)
    assert summary["queues"]["hotline"]["service_level_target"] == 0.8
    assert len(pd.read_parquet("sim.parquet")) == len(pd.read_csv("requirements.csv"))


@pytest.mark.usefixtures("planned")
def test_the_same_seed_gives_the_same_bytes_for_any_number_of_workers() -> None:
    for name, workers in (("one.csv", "1"), ("two.csv", "2")):
        succeeds("simulate", *ROSTER, "-o", name, "--workers", workers, "--replications", "20")
    assert Path("one.csv").read_bytes() == Path("two.csv").read_bytes()


@pytest.mark.usefixtures("planned")
def test_staff_verify_tells_what_the_requirements_give() -> None:
    outcome = succeeds("staff", "forecast.csv", "-o", "again.csv", "--verify", "--json")
    assert json.loads(outcome.out)["simulation"]["queues"]["hotline"]["service_level"] > 0.8
    assert "simulate: hotline: " in outcome.err
    assert Path("again.csv").read_bytes() == Path("requirements.csv").read_bytes()


@pytest.mark.usefixtures("planned")
def test_a_roster_without_its_tables_is_a_usage_error() -> None:
    for missing in ("--requirements", "--agents"):
        at = ROSTER.index(missing)
        said = fails(2, "simulate", *ROSTER[:at], *ROSTER[at + 2 :], "-o", "sim.csv")
        assert f"{missing} is missing" in said
    assert not Path("sim.csv").exists()


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        pytest.param(("--staffing", "some"), 2, "write required or scheduled", id="staffing"),
        pytest.param(("--precision", "0"), 2, "is no share", id="precision"),
        pytest.param(("-o", "no/where.csv"), 7, "no folder", id="folder"),
        pytest.param(("-o", "sim.txt"), 2, "unknown kind of file", id="kind"),
        pytest.param(("--forecast", "history.csv"), 4, "missing column", id="another table"),
    ],
)
def test_options_that_make_no_sense_are_refused(options: tuple[str, ...], code: int, words: str) -> None:
    given = ("-o", "sim.csv") if "-o" not in options else ()
    assert words in fails(code, "simulate", *ROSTER, *given, *options)


@pytest.mark.usefixtures("planned")
def test_a_roster_of_other_weeks_is_a_data_error_that_names_both() -> None:
    text = Path("requirements.csv").read_text().replace("2026-03-", "2026-06-").replace("+01:00", "+02:00")
    Path("later.csv").write_text(text)
    said = fails(
        4, "simulate", "roster.csv", "--requirements", "later.csv", "--agents", "agents.csv", "-o", "s.csv"
    )
    assert "its shifts are of 2026-03-02 to 2026-03-06, the requirements of 2026-06-02" in said
    assert not Path("s.csv").exists()


@pytest.mark.usefixtures("planned")
def test_no_patience_at_all_is_refused_by_the_configuration() -> None:
    text = (
        Path("wfm.toml").read_text().replace("answer_within_s = 20", "answer_within_s = 20\npatience_s = 0")
    )
    Path("zero.toml").write_text(text)
    said = fails(3, "simulate", "requirements.csv", "--config", "zero.toml", "-o", "sim.csv")
    assert "patience_s" in said


@pytest.mark.usefixtures("planned")
def test_a_queue_that_nobody_can_serve_ends_0_and_is_told() -> None:
    rows = pd.read_csv("requirements.csv")
    both = pd.concat([rows, rows.assign(queue="orphan")])
    both.to_csv("both.csv", index=False)
    text = Path("wfm.toml").read_text()
    orphan = '[queues.orphan]\nhours = "Mon-Fri 09:00-17:00"\nservice_level = 0.80\n[contracts.full]'
    Path("both.toml").write_text(text.replace("[contracts.full]", orphan))
    outcome = run(
        "simulate", "roster.csv", "--requirements", "both.csv", "--agents", "agents.csv",
        "--config", "both.toml", "-o", "sim.csv", *FEW,
    )  # fmt: skip
    assert outcome.code == 0, outcome.err
    assert "warning: queue orphan: nobody can serve it" in outcome.err

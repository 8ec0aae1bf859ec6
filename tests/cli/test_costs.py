"""`wfm staff --costs --sensitivity`: what it writes and says, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import CONFIG, STAFF_COMMAND, changed_config, fails, succeeds, write
from wfm.tables import COSTS, SENSITIVITY

pytestmark = pytest.mark.usefixtures("planned")

STAFFING = """\
[staffing]
fte_week_hours = 35
cost_per_hour = 20
"""


def dear(text: str = STAFFING) -> str:
    """Write the tiny configuration with a section for costs, and return its name."""
    return write("dear.toml", CONFIG + text)


def test_costs_are_written_and_said() -> None:
    """Forty intervals of an hour: hours are the sums of the agents, and everything follows from them."""
    outcome = succeeds(*STAFF_COMMAND, "--config", dear(), "--costs", "costs.csv", "--json")
    required = pd.read_csv("requirements.csv")
    costs = pd.read_csv("costs.csv").set_index("period")
    assert set(costs.columns) < set(COSTS.names)
    total = costs.loc["total"]
    paid_h = required["agents_gross"].sum()
    assert total["paid_h"] == paid_h
    assert total["fte"] == pytest.approx(paid_h / 35)
    assert total["cost"] == pytest.approx(20 * paid_h)
    assert costs[costs.index == "day"]["date"].tolist() == [f"2026-03-0{day}" for day in range(2, 7)]
    month = costs.loc["month"]
    assert (month["date"], month["days"], month["period_days"]) == ("2026-03-01", 7, 31)
    assert f"hotline: {paid_h:.0f} h paid, {paid_h / 35:.1f} FTE, cost {20 * paid_h:.0f}" in outcome.err
    assert "2026-03 (7 of 31 days, in part)" in outcome.err
    said = json.loads(outcome.out)["costs"]
    assert said["total"]["fte"] == pytest.approx(total["fte"])
    assert said["queues"]["hotline"]["cost"] == pytest.approx(total["cost"])
    assert [month["date"] for month in said["months"]] == ["2026-03-01"]


def test_sensitivity_is_written_and_shown() -> None:
    outcome = succeeds(*STAFF_COMMAND, "--sensitivity", "varied.parquet", "--json")
    table = pd.read_parquet("varied.parquet")
    assert set(table.columns) <= set(SENSITIVITY.names)
    assert sorted(table["lever"].unique()) == [
        "aht", "planned_shrinkage", "service_level", "unplanned_shrinkage", "volume"
    ]  # fmt: skip
    shown = [line.split() for line in outcome.err.splitlines() if "volume +10 %" in line]
    row = table[(table["lever"] == "volume") & (table["change"] == 0.1)].iloc[0]
    (words,) = shown
    assert words[:3] == ["volume", "+10", "%"]
    assert words[3:6] == [f"{row['fte']:.1f}", f"{row['cost']:.0f}", f"{row['paid_h']:.0f}"]
    assert f"hotline [offered] {row['service_level']:.1%}".split()[-1] in outcome.err
    said = json.loads(outcome.out)["sensitivity"]
    assert len(said) == len(table)
    assert [row["service_level"] for row in said if row["lever"] == "service_level"] == [None, None]


def test_the_steps_are_those_of_the_configuration() -> None:
    config = dear("[staffing]\nvolume_steps = [0.3]\naht_steps = []\n")
    outcome = succeeds(*STAFF_COMMAND, "--config", config, "--sensitivity", "varied.csv")
    table = pd.read_csv("varied.csv")
    assert table.loc[table["lever"] == "volume", "change"].tolist() == [-0.3, 0.3]
    assert "aht" not in table["lever"].tolist()
    assert "handle time" not in outcome.err


def test_the_requirements_are_the_same_with_costs_and_without() -> None:
    succeeds(*STAFF_COMMAND)
    plain = Path("requirements.csv").read_bytes()
    succeeds(*STAFF_COMMAND, "--costs", "costs.csv", "--sensitivity", "varied.csv")
    assert Path("requirements.csv").read_bytes() == plain
    succeeds(*STAFF_COMMAND, "--fractional")
    assert "agents_fractional" in Path("requirements.csv").read_text().splitlines()[0]


def test_a_queue_of_any_name_is_shown_as_it_is() -> None:
    name = "[red]ho\\u001btline[/red]"
    text = CONFIG.replace("[queues.hotline]", f'[queues."{name}"]')
    write("named.toml", text)
    header, *rows = Path("forecast.csv").read_text().splitlines()
    literal = "[red]ho\x1btline[/red]"
    write("named.csv", "\n".join([header, *(row.replace("hotline", literal, 1) for row in rows), ""]))
    outcome = succeeds(
        "staff", "named.csv", "-o", "r.csv", "--config", "named.toml", "--sensitivity", "varied.csv"
    )
    assert "\x1b" not in outcome.err
    assert "[red]ho\\x1btline[/red]: " in outcome.err
    assert "[red]ho\\x1btline[/red] [offered]" in outcome.err


def test_two_tables_do_not_share_standard_output() -> None:
    assert "standard output" in fails(2, *STAFF_COMMAND[:-1], "-", "--costs", "-")
    assert "standard output" in fails(2, *STAFF_COMMAND, "--sensitivity", "-", "--json")
    assert succeeds(*STAFF_COMMAND, "--costs", "-").out.startswith("queue,period,date,")


@pytest.mark.parametrize(
    ("option", "name", "code", "words"),
    [
        pytest.param("--costs", "costs.xls", 2, "unknown kind of file", id="costs"),
        pytest.param("--sensitivity", "varied.txt", 2, "unknown kind of file", id="sensitivity"),
        pytest.param("--costs", "nofolder/costs.csv", 7, "there is no folder", id="folder"),
    ],
)
def test_a_table_that_cannot_be_written_stops_before_the_work(
    option: str, name: str, code: int, words: str
) -> None:
    assert words in fails(code, "staff", "forecast.csv", "-o", "new.csv", option, name)
    assert not Path("new.csv").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        pytest.param("fte_week_hours = 0", "staffing.fte_week_hours", id="no hours"),
        pytest.param("fte_week_hours = 169", "staffing.fte_week_hours", id="more than a week"),
        pytest.param("cost_per_hour = -1", "staffing.cost_per_hour, value '-1'", id="negative cost"),
        pytest.param("cost_per_hours = 20", "did you mean 'cost_per_hour'?", id="typo"),
        pytest.param("volume_steps = [0.1, 1.0]", "staffing.volume_steps.1", id="all contacts"),
        pytest.param("aht_steps = [-0.1]", "staffing.aht_steps.0", id="steps go both ways"),
        pytest.param("shrinkage_steps = 0.02", "staffing.shrinkage_steps", id="no list"),
    ],
)
def test_a_bad_section_is_3_and_names_its_key(line: str, words: str) -> None:
    message = fails(3, *STAFF_COMMAND[:-1], "new.csv", "--config", dear(f"[staffing]\n{line}\n"))
    assert words in message
    assert not Path("new.csv").exists()


def test_a_bad_cost_of_a_queue_is_3() -> None:
    config = changed_config({"service_level = 0.80": "service_level = 0.80\ncost_per_hour = -3"})
    assert "queues.hotline.cost_per_hour" in fails(3, *STAFF_COMMAND[:-1], "new.csv", "--config", config)

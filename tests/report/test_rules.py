"""Rules that a run could not keep: all of them in their table, the first few on the first screen."""

from __future__ import annotations

import re

import pandas as pd

from tests.report.centre import config_of
from wfm.conform import conform
from wfm.io.run_folder import RunTables
from wfm.report import render
from wfm.report.run_warnings import MOST_ON_COVER, rules_not_kept, warnings_of
from wfm.tables import AGENTS

CONFIG = config_of(["billing"])


def run_with(count: int) -> RunTables:
    """Return a run that names `count` rules not kept, the first of an agent whom the table knows."""
    people = {"agent_id": ["a0"], "name": ["Ann"], "contract": "full_time", "skills": "billing"}
    unmet = [{"subject": f"a{n}", "rule": "week_hours", "text": f"{n} of 35 hours"} for n in range(count)]
    return RunTables(agents=conform(pd.DataFrame(people), AGENTS), summary={"unmet": unmet})


def test_an_agent_is_called_by_name_and_an_unknown_one_by_id() -> None:
    found = rules_not_kept(run_with(2))
    assert found is not None
    assert [(one.subject, one.rule) for one in found] == [("Ann", "week_hours"), ("a1", "week_hours")]


def test_the_first_screen_names_the_first_and_counts_the_rest() -> None:
    warnings = [one for one in warnings_of(run_with(MOST_ON_COVER + 3), []) if "ot kept" in one]
    assert len(warnings) == MOST_ON_COVER + 1
    assert warnings[0] == "Not kept: Ann week_hours: 0 of 35 hours"
    assert warnings[-1].replace("\u00a0", " ") == "3 more rules not kept: see Rules."


def test_the_table_has_every_rule() -> None:
    html = render(run_with(MOST_ON_COVER + 3), CONFIG)
    table = html.partition('<table class="rules">')[2].partition("</table>")[0]
    assert len(re.findall('<tr><th scope="row">', table)) == MOST_ON_COVER + 3


def test_a_run_without_unmet_rules_and_one_without_a_summary_are_told_apart() -> None:
    assert "names no rule that is not kept" in render(run_with(0), CONFIG)
    assert "Not known without a summary" in render(RunTables(), CONFIG)

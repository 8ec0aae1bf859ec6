"""What changed since another run: sums by hand on the first screen, every table of `wfm diff` below."""

from __future__ import annotations

import dataclasses

import pandas as pd
import pytest

from tests.report.centre import config_of, run_of
from tests.report.test_page import Outline
from wfm.diff import Changes, Run, changes_between
from wfm.diff.in_words import sections
from wfm.io.run_folder import RunTables
from wfm.report import render
from wfm.report.changes import MOST_ROWS, change_view
from wfm.report.wording import NBSP

CONFIG = config_of(["billing", "tech"])


@pytest.fixture(scope="module")
def run() -> RunTables:
    return run_of(CONFIG, agents=8, weeks=1)


def since(before: RunTables, after: RunTables) -> Changes:
    return changes_between(Run("night-001", before, CONFIG), Run("night-002", after, CONFIG))


def with_more_contacts(run: RunTables, more: float) -> RunTables:
    """Return the run with `more` contacts expected in the first interval of its forecast."""
    assert run.forecast is not None
    forecast = run.forecast.copy()
    forecast.loc[forecast.index[0], "offered"] += more
    return dataclasses.replace(run, forecast=forecast)


def without_agent(run: RunTables, agent_id: str) -> RunTables:
    assert run.roster is not None
    return dataclasses.replace(run, roster=run.roster[run.roster["agent_id"] != agent_id])


def test_the_sentence_gives_what_the_sums_moved_by(run: RunTables) -> None:
    view = change_view(since(run, with_more_contacts(run, 120)))
    assert view is not None
    assert view.before == "night-001"
    assert view.sentence == "+120 contacts expected."


def test_shifts_that_went_are_counted_with_their_paid_hours(run: RunTables) -> None:
    assert run.roster is not None
    own = run.roster[run.roster["agent_id"] == "a003"]
    paid = own[own["paid"] & (own["activity"] != "leave")]
    hours = float((paid["end"] - paid["start"]).dt.total_seconds().sum() / 3600)
    view = change_view(since(run, without_agent(run, "a003")))
    assert view is not None
    count = own["shift_date"].nunique()
    assert (
        view.sentence
        == f"\u2212{hours:.1f} paid hours; {count}{NBSP}shifts of 1{NBSP}agent new, gone or moved."
    )


def test_equal_runs_differ_in_nothing(run: RunTables) -> None:
    view = change_view(since(run, run))
    assert view is not None
    assert (view.sentence, list(view.tables)) == ("Nothing differs.", [])


def test_the_page_has_every_table_of_the_comparison_and_the_sentence_twice(run: RunTables) -> None:
    found = since(run, without_agent(with_more_contacts(run, 3), "a001"))
    html = render(run, CONFIG, changes=found)
    titles = [section.title for section in sections(found, MOST_ROWS)]
    assert len(titles) >= 3
    assert html.count('<table class="changes') == len(titles)
    assert html.count('<table class="changes figures">') == len(titles) - 1  # shifts are texts
    assert html.count("+3 contacts expected") == 2
    outline = Outline(html)
    assert outline.open == []
    assert outline.references <= set(outline.ids)


def test_a_page_without_a_run_before_says_so(run: RunTables) -> None:
    html = render(run, CONFIG)
    assert "without a run before to compare with" in html
    assert 'class="since"' not in html


def test_rows_beyond_the_most_are_counted(run: RunTables) -> None:
    assert run.forecast is not None
    more = run.forecast.assign(offered=run.forecast["offered"] + 1)
    view = change_view(since(run, dataclasses.replace(run, forecast=more)))
    assert view is not None
    volume = next(one for one in view.tables if one.table.caption.startswith("Volume"))
    days = pd.concat(
        [
            run.forecast["queue"],
            run.forecast["interval_start"].dt.tz_convert("Europe/Berlin").dt.date.rename("date"),
        ],
        axis=1,
    ).drop_duplicates()
    sums = 3  # two queues and all
    assert len(volume.table.rows) + volume.left_out == len(days) + sums

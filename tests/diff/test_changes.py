"""What changed between two runs: nothing of a run and itself, the way back turned round, sums by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest

from tests.report.centre import config_of, run_of
from wfm.diff import Changes, Run, changes_between
from wfm.diff.in_words import facts, headline, sections
from wfm.diff.settings import changed_settings
from wfm.io.run_folder import RunTables

CONFIG = config_of(["billing", "tech"])
BERLIN = ZoneInfo("Europe/Berlin")
SETTINGS = {"queues": {"billing": {"service_level": 0.8}}, "schedule": {"weeks": 1}}
DAY = pd.Timedelta(days=1)


def made(seed: int, **changes: Any) -> Run:
    tables = run_of(CONFIG, agents=8, weeks=1, seed=seed)
    return Run(f"run {seed}", replace(tables, **changes), CONFIG, SETTINGS)


def dearer(run: Run) -> Run:
    """Return a run with a tenth more contacts, and one agent more in each interval.

    Another seed of the generator draws another roster, but the same forecast.
    """
    forecast, required = run.tables.forecast, run.tables.requirements
    assert forecast is not None
    assert required is not None
    changed: dict[str, Any] = {
        "forecast": forecast.assign(offered=forecast["offered"] * 1.1),
        "requirements": required.assign(agents_to_schedule=required["agents_to_schedule"] + 1),
    }
    return replace(run, tables=replace(run.tables, **changed))


ONE, OTHER = made(1), dearer(made(2))
THERE, BACK = changes_between(ONE, OTHER), changes_between(OTHER, ONE)


def with_roster(rows: pd.DataFrame) -> Run:
    return replace(ONE, tables=replace(ONE.tables, roster=rows.reset_index(drop=True)))


def test_a_run_does_not_differ_from_itself() -> None:
    found = changes_between(ONE, ONE)
    assert found.is_empty
    assert list(sections(found, 20)) == []
    assert headline(found)[-1] == "nothing differs"
    plain = json.loads(json.dumps(facts(found), allow_nan=False))
    assert plain["same"] is True
    assert all(figure["changed"] == [] for figure in plain["figures"].values())
    assert plain["figures"]["volume"]["before"] == plain["figures"]["volume"]["after"] > 0


def turned(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with before and after exchanged."""
    return rows.rename(columns={"before": "after", "after": "before"})[list(rows.columns)]


def test_the_way_back_is_the_way_there_turned_round() -> None:
    assert not THERE.is_empty
    assert [one.name for one in THERE.figures] == [one.name for one in BACK.figures]
    for there, back in zip(THERE.figures, BACK.figures, strict=True):
        pd.testing.assert_frame_equal(turned(there.rows), back.rows)
    pd.testing.assert_frame_equal(turned(THERE.service), BACK.service)
    shifts = turned(THERE.shifts).assign(kind=THERE.shifts["kind"].replace({"new": "gone", "gone": "new"}))
    pd.testing.assert_frame_equal(shifts, BACK.shifts)
    assert {"new", "gone", "moved"} <= set(THERE.shifts["kind"])
    for name in ("people", "objective", "settings", "manifest"):
        there, back = getattr(THERE, name), getattr(BACK, name)
        assert [(one.key, one.after, one.before) for one in there] == [
            (one.key, one.before, one.after) for one in back
        ]


def counted(run: Run, table: str, column: str, factor: float) -> dict[tuple[str, str], float]:
    """Return sums by queue and date, row by row."""
    sums: dict[tuple[str, str], float] = {}
    for row in getattr(run.tables, table).to_dict("records"):
        key = str(row["queue"]), str(row["interval_start"].astimezone(BERLIN).date())
        sums[key] = sums.get(key, 0.0) + factor * float(row[column])
    return sums


@pytest.mark.parametrize(
    ("figure", "table", "column", "factor"),
    [
        ("volume", "forecast", "offered", 1.0),
        ("required", "requirements", "agents_to_schedule", 0.25),
        ("scheduled", "coverage", "agents_scheduled", 0.25),
    ],
)
def test_figures_are_the_sums_of_the_rows(figure: str, table: str, column: str, factor: float) -> None:
    found = THERE.figure(figure)
    assert found is not None
    keys = [(row["queue"], str(row["date"].date())) for row in found.rows.to_dict("records")]
    for run, side in ((ONE, "before"), (OTHER, "after")):
        sums = counted(run, table, column, factor)
        assert dict(zip(keys, found.rows[side], strict=True)) == pytest.approx(sums)
    totals = found.totals.set_index("queue")
    assert totals["after"].sum() == pytest.approx(sum(counted(OTHER, table, column, factor).values()))


def test_missing_and_surplus_are_the_sides_of_net_staffing() -> None:
    for name, sign in (("missing", -1), ("surplus", 1)):
        found = THERE.figure(name)
        assert found is not None
        assert ONE.tables.coverage is not None
        net = sign * ONE.tables.coverage["net_staffing"].to_numpy()
        assert found.rows["before"].sum() == pytest.approx(net[net > 0].sum() / 4)


def paid(run: Run) -> Iterator[tuple[str, dict[str, float]]]:
    """Yield site, and paid hours and cost, segment by segment."""
    assert run.tables.agents is not None
    assert run.tables.roster is not None
    prices = {row["agent_id"]: row["cost_per_hour"] for row in run.tables.agents.to_dict("records")}
    for row in run.tables.roster.to_dict("records"):
        if row["paid"] and row["activity"] != "leave":
            hours = (row["end"] - row["start"]) / pd.Timedelta(hours=1)
            yield str(row["site"]), {"paid": hours, "cost": hours * prices[row["agent_id"]]}


def test_paid_hours_and_cost_are_those_of_the_segments() -> None:
    for name in ("paid", "cost"):
        found = THERE.figure(name)
        assert found is not None
        for run, side in ((ONE, "before"), (OTHER, "after")):
            for site, total in zip(found.totals["site"], found.totals[side], strict=True):
                assert total == pytest.approx(sum(own[name] for where, own in paid(run) if where == site))


def test_service_is_that_of_the_summary_of_the_simulation() -> None:
    assert ONE.tables.summary is not None
    stated = ONE.tables.summary["simulation"]["queues"]
    rows = THERE.service.set_index(["queue", "measure"])["before"]
    for queue, told in stated.items():
        for measure in ("service_level", "abandonment", "asa_s"):
            assert rows[queue, measure] == pytest.approx(told[measure], rel=1e-6)


def test_shifts_moved_gone_new_and_changed_inside_are_told_with_their_clock_times() -> None:
    roster = ONE.tables.roster
    assert roster is not None
    shifts = roster[["agent_id", "shift_date"]].drop_duplicates().to_numpy()
    moved, gone, inside = (
        (roster["agent_id"] == agent) & (roster["shift_date"] == day) for agent, day in shifts[[0, 1, 2]]
    )
    rows = roster.copy()
    for column in ("start", "end"):
        rows.loc[moved, column] += pd.Timedelta(minutes=30)
    first_break = rows.index[inside & (rows["activity"] == "break")][0]
    rows.loc[[first_break - 1], "end"] += pd.Timedelta(minutes=15)
    rows.loc[first_break, ["start", "end"]] += pd.Timedelta(minutes=15)
    rows.loc[first_break + 1, "start"] += pd.Timedelta(minutes=15)
    found = changes_between(ONE, with_roster(rows[~gone])).shifts
    by_shift = {(row["agent_id"], row["date"]): row for row in found.to_dict("records")}
    assert len(found) == 3
    kinds = [by_shift[agent, pd.Timestamp(day)]["kind"] for agent, day in shifts[[0, 1, 2]]]
    assert kinds == ["moved", "gone", "inside"]
    assert by_shift[shifts[1][0], pd.Timestamp(shifts[1][1])]["after"] == "off"
    zone = CONFIG.site_zones[str(roster.loc[moved, "site"].iloc[0])]
    for side, own in (("before", roster[moved]), ("after", rows[moved])):
        span = [own["start"].min(), own["end"].max()]
        clocks = "-".join(f"{moment.astimezone(ZoneInfo(zone)):%H:%M}" for moment in span)
        assert by_shift[shifts[0][0], pd.Timestamp(shifts[0][1])][side] == clocks
    back = changes_between(with_roster(rows[~gone]), ONE).shifts
    assert sorted(back["kind"]) == ["inside", "moved", "new"]


def test_an_agent_at_another_site_has_moved() -> None:
    roster = ONE.tables.roster
    assert roster is not None
    agent, site = roster["agent_id"].iloc[0], roster["site"].iloc[0]
    other = next(name for name in CONFIG.sites if name != site)
    rows = roster.assign(site=roster["site"].where(roster["agent_id"] != agent, other))
    found = changes_between(ONE, with_roster(rows)).shifts
    assert set(found["kind"]) == {"moved"}
    assert found["after"].str.endswith(f", at {other}").all()


def test_runs_of_different_weeks_are_compared_where_both_are_and_the_rest_is_named() -> None:
    forecast = ONE.tables.forecast
    assert forecast is not None
    cut = forecast["interval_start"].min() + 2 * DAY
    later = replace(
        ONE, name="later", tables=replace(ONE.tables, forecast=forecast[forecast["interval_start"] >= cut])
    )
    found = changes_between(ONE, later)
    assert not found.is_empty
    volume = found.figure("volume")
    assert volume is not None
    assert volume.changed.empty
    assert volume.rows["before"].sum() == pytest.approx(
        forecast.loc[forecast["interval_start"] >= cut, "offered"].sum()
    )
    assert any(line.startswith("forecast: only run 1 has 2026-03-02") for line in headline(found))


def test_weeks_of_the_summary_count_days_off_at_the_end() -> None:
    summary = {"first_day": "2026-03-02", "weeks": 1}
    one = replace(ONE, tables=replace(ONE.tables, summary=summary))
    assert one.tables.roster is not None
    early = one.tables.roster[one.tables.roster["shift_date"] < pd.Timestamp("2026-03-06")]
    other = replace(one, tables=replace(one.tables, roster=early))
    gone = changes_between(one, other).shifts
    assert set(gone["kind"]) == {"gone"}
    assert gone["date"].min() == pd.Timestamp("2026-03-06")


def test_runs_without_common_time_or_tables_say_so() -> None:
    assert ONE.tables.forecast is not None
    late = ONE.tables.forecast.assign(interval_start=ONE.tables.forecast["interval_start"] + 60 * DAY)
    apart = changes_between(ONE, replace(ONE, tables=replace(ONE.tables, forecast=late)))
    assert any("no common time" in line for line in headline(apart))
    bare = replace(ONE, name="bare", tables=RunTables(forecast=ONE.tables.forecast))
    found = changes_between(ONE, bare)
    assert "simulation: not in bare" in found.missing
    assert found.shifts.empty


def test_a_queue_that_only_one_run_has_counts_nothing_in_the_other() -> None:
    forecast = ONE.tables.forecast
    assert forecast is not None
    alone = forecast[forecast["queue"] == "billing"]
    found = changes_between(ONE, replace(ONE, tables=replace(ONE.tables, forecast=alone)))
    volume = found.figure("volume")
    assert volume is not None
    totals = volume.totals.set_index("queue")
    assert list(totals["after"]) == [totals["before"].iloc[0], 0.0]
    assert (totals["before"] > 0).all()


def test_settings_are_compared_key_by_key() -> None:
    before = {"a": {"b": 1, "c": [1, 2]}, "d": "x", "same": {"e": 0.5}}
    after = {"a": {"b": 2, "c": [1, 2]}, "f": True, "same": {"e": 0.5}}
    found = {one.key: (one.before, one.after) for one in changed_settings(before, after)}
    assert found == {"a.b": (1, 2), "d": ("x", None), "f": (None, True)}


def test_manifests_differ_by_how_a_run_was_made_not_by_when() -> None:
    manifest = {"run": "1", "seed": 1, "inputs": {"agents.csv": "a" * 64}, "seconds": {"staff": 1.0}}
    other = {**manifest, "run": "2", "seconds": {"staff": 2.0}, "inputs": {"agents.csv": "b" * 64}}
    runs = [replace(ONE, tables=replace(ONE.tables, manifest=one)) for one in (manifest, other)]
    (found,) = changes_between(*runs).manifest
    assert (found.key, found.before, found.after) == ("inputs.agents.csv", "a" * 12, "b" * 12)


def test_agents_who_come_go_or_learn_are_named() -> None:
    people = ONE.tables.agents
    assert people is not None
    others = people.iloc[1:].assign(skills=people["skills"].where(people.index != 3, "tech"))
    found = changes_between(ONE, replace(ONE, tables=replace(ONE.tables, agents=others))).people
    told = {one.key: one for one in found}
    assert told[str(people["agent_id"].iloc[0])].after is None
    assert str(told[str(people["agent_id"].iloc[3])].after).endswith("; tech")


def test_most_limits_rows_and_says_how_many_are_left_out() -> None:
    for section in sections(THERE, 2):
        if section.title == "shifts":
            assert len(section.rows) == 2
            assert section.left_out == len(THERE.shifts) - 2


def test_words_hold_the_numbers_and_no_control_characters() -> None:
    people = ONE.tables.agents
    assert people is not None
    names = people.assign(name="[red]Eve\x1b[31m\n")
    evil = replace(OTHER, name="b\x1b", tables=replace(OTHER.tables, agents=names))
    found: Changes = changes_between(ONE, evil)
    cells = [cell for section in sections(found, 99) for row in section.rows for cell in row]
    text = "\n".join([*cells, *headline(found)])
    assert "[red]Eve\\x1b[31m\\n" in text
    assert "\x1b" not in text
    volume = found.figure("volume")
    assert volume is not None
    assert f"{volume.rows['after'].sum():.2f}" in cells
    change = volume.rows["after"].sum() - volume.rows["before"].sum()
    assert f"{change:+.2f}" in cells
    assert np.isfinite(change)

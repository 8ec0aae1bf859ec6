"""Tables at the border: every fault at once, or declared columns, typed and sorted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.conform import Zones, conform, empty
from wfm.errors import DataError
from wfm.tables import AGENTS, CONTACTS, EVENTS, HISTORY, TABLES, TIME_OFF, Table


def texts(**columns: list[str | None]) -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(values, dtype="str") for name, values in columns.items()})


def history(**changes: list[str | None]) -> pd.DataFrame:
    columns: dict[str, list[str | None]] = {
        "queue": ["b", "a", "a"],
        "interval_start": ["2026-03-02T09:00Z", "2026-03-02T09:15Z", "2026-03-02T09:00Z"],
        "offered": ["3", "1.5", "0"],
    }
    return texts(**{**columns, **changes})


def agent(**changes: list[str | None]) -> pd.DataFrame:
    columns: dict[str, list[str | None]] = {
        "agent_id": ["a"],
        "name": ["A"],
        "contract": ["full"],
        "skills": ["billing"],
    }
    return texts(**{**columns, **changes})


def faults_of(frame: pd.DataFrame, table: Table) -> list[tuple[int | None, str | None]]:
    with pytest.raises(DataError) as raised:
        conform(frame, table, source="x.csv")
    return [(fault.row, fault.column) for fault in raised.value.faults]


@pytest.mark.parametrize("table", [pytest.param(table, id=name) for name, table in TABLES.items()])
def test_an_empty_table_has_every_declared_column_and_conforms_again(table: Table) -> None:
    frame = empty(table)
    assert frame.columns.tolist() == table.names
    pd.testing.assert_frame_equal(conform(frame, table), frame)


def test_rows_are_sorted_by_key_and_every_column_is_there_and_typed() -> None:
    frame = conform(history(), HISTORY)
    assert frame["offered"].tolist() == [0, 1.5, 3]
    assert frame.columns.tolist() == HISTORY.names
    assert str(frame["interval_start"].dtype) == "datetime64[us, UTC]"
    assert frame["aht_s"].isna().all()
    pd.testing.assert_frame_equal(conform(frame, HISTORY), frame)


@given(order=st.permutations(range(3)))
def test_the_order_of_rows_and_columns_does_not_matter(order: list[int]) -> None:
    frame = history()
    columns = [frame.columns[position] for position in order]
    pd.testing.assert_frame_equal(conform(frame.iloc[order][columns], HISTORY), conform(frame, HISTORY))


def test_all_faults_come_at_once_with_row_and_column() -> None:
    bad = history(
        queue=["b", None, "a"],
        interval_start=["2026-03-02T09:00Z", "2026-03-02T09:15Z", "soon"],
        offered=["-3", "many", "inf"],
    )
    assert faults_of(bad, HISTORY) == [
        (2, "offered"),
        (3, "offered"),
        (3, "queue"),
        (4, "interval_start"),
        (4, "offered"),
    ]


def test_more_faults_than_are_kept_are_still_counted() -> None:
    count = 1000
    frame = history(
        queue=["a"] * count,
        interval_start=[
            stamp.isoformat() for stamp in pd.date_range("2026-03-02", periods=count, freq="15min", tz="UTC")
        ],
        offered=["-1"] * count,
    )
    with pytest.raises(DataError, match="x: 1000 data faults"):
        conform(frame, HISTORY, source="x")


def test_a_missing_column_is_named_with_its_unit_and_a_misspelt_one_with_the_right_name() -> None:
    with pytest.raises(DataError) as raised:
        conform(texts(queue=["a"], intervalstart=["2026-03-02T09:00Z"]), HISTORY)
    message = str(raised.value)
    assert "rename it to 'interval_start'" in message
    assert "contacts that arrived in the interval, contacts" in message


def test_two_rows_for_one_key_name_both() -> None:
    frame = history(queue=["a", "a", "a"])
    with pytest.raises(DataError, match="first in row 2") as raised:
        conform(frame, HISTORY)
    assert [fault.row for fault in raised.value.faults] == [4]


def test_times_of_a_row_must_follow_each_other() -> None:
    frame = texts(
        agent_id=["a", "b"],
        start=["2026-03-02T09:00Z", "2026-03-02T09:00Z"],
        end=["2026-03-02T09:00Z", "2026-03-02T09:01Z"],
        kind=["leave", "sick"],
        paid=["true", "no"],
    )
    assert faults_of(frame, TIME_OFF) == [(2, "end")]
    assert conform(frame.iloc[1:], TIME_OFF)["paid"].tolist() == [False]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param("proficiency", "0", id="below its least"),
        pytest.param("proficiency", "2.5", id="above its most"),
        pytest.param("availability", "Mon 9-17", id="hours"),
        pytest.param("start_date", "02.03.2026", id="date"),
        pytest.param("contract", "", id="empty"),
        pytest.param("contract", "   ", id="blank"),
    ],
)
def test_a_cell_outside_its_declaration_is_refused(column: str, value: str) -> None:
    changed: dict[str, list[str | None]] = {column: [value]}
    assert faults_of(agent(**changed), AGENTS) == [(2, column)]


def test_defaults_fill_optional_columns_absent_or_empty() -> None:
    for frame in (agent(), agent(proficiency=[None], cost_per_hour=[""])):
        (row,) = conform(frame, AGENTS).to_dict("records")
        assert (row["proficiency"], row["cost_per_hour"]) == (1, 1)


def test_a_stamp_without_offset_is_local_time_of_its_own_queue() -> None:
    frame = texts(queue=["berlin", "york"], interval_start=["2026-03-02T09:00"] * 2, offered=["1", "1"])
    rule = Zones(names={"berlin": "Europe/Berlin", "york": "America/New_York"})
    starts = conform(frame, HISTORY, zones=rule)["interval_start"]
    assert starts.dt.hour.tolist() == [8, 14]


def test_a_clock_change_is_a_fault_of_its_row_unless_a_rule_says_otherwise() -> None:
    frame = texts(
        queue=["q"] * 2, interval_start=["2026-10-25T02:30", "2027-03-28T02:30"], offered=["1", "2"]
    )
    names = {"q": "Europe/Berlin"}
    with pytest.raises(DataError) as raised:
        conform(frame, HISTORY, zones=Zones(names=names))
    assert [fault.row for fault in raised.value.faults] == [2, 3]
    assert all("[import]" in fault.remedy for fault in raised.value.faults)
    kept = conform(frame, HISTORY, zones=Zones(names=names, ambiguous="second", nonexistent="drop"))
    assert kept["interval_start"].tolist() == [pd.Timestamp("2026-10-25T01:30Z")]


def test_texts_and_typed_values_give_the_same_table() -> None:
    typed = pd.DataFrame(
        {
            "queue": ["a", "b"],
            "interval_start": pd.to_datetime(["2026-03-02T09:00Z", "2026-03-02T09:15Z"]),
            "offered": [3, 4],
            "aht_s": [180.25, np.nan],
        }
    )
    written = texts(
        queue=["a", "b"],
        interval_start=["2026-03-02T09:00:00Z", "2026-03-02T10:15:00+01:00"],
        offered=["3", " 4 "],
        aht_s=["180.25", ""],
    )
    pd.testing.assert_frame_equal(conform(typed, HISTORY), conform(written, HISTORY))


def test_lines_name_the_rows_of_the_file() -> None:
    with pytest.raises(DataError) as raised:
        conform(history(offered=["1", "x", "y"]), HISTORY, lines=np.array([5, 9, 12]))
    assert [fault.row for fault in raised.value.faults] == [9, 12]


def test_columns_that_are_not_declared_never_enter() -> None:
    frame = texts(
        contact_id=["c"],
        queue=["q"],
        arrived_at=["2026-03-02T09:00Z"],
        wait_s=["1"],
        outcome=["handled"],
        ani=["+49"],
    )
    assert "ani" not in conform(frame, CONTACTS)


def test_decimal_commas_are_one_fault_of_their_column_beside_the_other_faults() -> None:
    count = 30
    stamps = pd.date_range("2026-03-02", periods=count, freq="15min", tz="UTC")
    frame = history(
        queue=["a"] * count,
        interval_start=[stamp.isoformat() for stamp in stamps],
        offered=["many", *["1,5"] * (count - 1)],
        aht_s=[*["180"] * (count - 1), "1.234,5"],
    )
    with pytest.raises(DataError, match="x: 3 data faults") as raised:
        conform(frame, HISTORY, source="x")
    word, comma, alone = raised.value.faults
    assert (word.row, word.value) == (2, "many")
    assert (comma.row, comma.column, comma.value) == (3, "offered", "1,5")
    assert "in 29 rows (3, 4, 5, 6, 7, ...)" in comma.problem
    assert (alone.row, alone.value) == (31, "1.234,5")
    assert "wfm import" in alone.remedy


def test_a_time_beyond_belief_is_refused_as_text_and_typed() -> None:
    written = history(interval_start=["2026-03-02T09:00Z", "1969-12-31T23:59Z", "2200-01-01T00:00Z"])
    typed = written.assign(interval_start=pd.to_datetime(written["interval_start"], utc=True))
    for frame in (written, typed):
        assert faults_of(frame, HISTORY) == [(3, "interval_start"), (4, "interval_start")]


def test_many_unknown_names_are_counted_and_each_shown_with_the_nearest() -> None:
    count = 40
    frame = history(
        queue=[f"billin{number}" for number in range(count)],
        interval_start=["2026-03-02T09:00Z"] * count,
        offered=["1"] * count,
    )
    with pytest.raises(DataError, match="x: 40 data faults") as raised:
        conform(frame, HISTORY, source="x", known={"queue": ["billing"]})
    assert [fault.row for fault in raised.value.faults] == list(range(2, 22))
    assert all("did you mean 'billing'?" in fault.remedy for fault in raised.value.faults)
    assert "'billin19' is not known" in raised.value.faults[-1].problem


@given(
    rows=st.lists(
        st.tuples(st.sampled_from(["a", "B", "é", "aa", ""]), st.integers(0, 5), st.integers(0, 3)),
        max_size=12,
        unique=True,
    )
)
def test_rows_are_ordered_by_name_then_from_then_to_and_empty_names_come_last(
    rows: list[tuple[str, int, int]],
) -> None:
    moment = pd.Timestamp("2026-03-02T09:00Z")
    begins = [moment + pd.Timedelta(minutes=begin) for _, begin, _ in rows]
    ends = [begin + pd.Timedelta(hours=1 + hour) for begin, (_, _, hour) in zip(begins, rows, strict=True)]
    frame = texts(
        name=["x"] * len(rows),
        queue=[name or None for name, _, _ in rows],
        kind=["closed"] * len(rows),
    )
    frame = frame.assign(**{"from": [str(begin) for begin in begins], "to": [str(end) for end in ends]})
    found = conform(frame, EVENTS)[["queue", "from", "to"]]
    expected = sorted(
        zip([name for name, _, _ in rows], begins, ends, strict=True),
        key=lambda row: (row[0] == "", row[0], row[1], row[2]),
    )
    assert list(found.fillna({"queue": ""}).itertuples(index=False, name=None)) == expected
    twice = pd.concat([frame, frame.tail(1)], ignore_index=True)
    if rows:
        assert faults_of(twice, EVENTS) == [(len(rows) + 2, "to")]

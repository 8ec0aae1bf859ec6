"""Event logs: each visit of a call to a queue is one leg, and every event is used, refused or counted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examples import examples
from wfm.config import build_config
from wfm.errors import DataError
from wfm.io.intake import Intake, take_in

CONFIG = build_config(
    {
        "centre": {"timezone": "UTC", "interval_min": 15},
        "queues": {name: {"service_level": 0.8} for name in ("billing", "sales")},
    }
)
START = 1772442000  # 2026-03-02T09:00:00Z
ACW = '[source.acd]\npreset = "asterisk"\n[source.acd.events]\nacw_pause = "acw"\n'
LATER = f"{START + 90_000}|NONE|NONE|NONE|CONFIGRELOAD|"  # a day on, so that no call is open any more


def log(*events: str) -> str:
    """Return lines of a queue_log; the times of `events` are seconds after nine o'clock."""
    lines = [
        f"{START + int(second)}|{rest}" for second, _, rest in (event.partition("|") for event in events)
    ]
    return "".join(f"{line}\n" for line in lines)


@pytest.fixture
def imported(tmp_path: Path) -> Callable[..., Intake]:
    def run(*texts: str, mapping: str = "") -> Intake:
        paths = [tmp_path / f"queue_log.{number}" for number in range(len(texts))]
        for path, text in zip(paths, texts, strict=True):
            path.write_text(text, encoding="utf-8")
        file = tmp_path / "mapping.toml"
        file.write_text(mapping or '[source.acd]\npreset = "asterisk"\n')
        return take_in(paths, CONFIG, mapping=file, max_bad_ratio=1, keep_contacts=True)

    return run


def legs(intake: Intake) -> list[tuple[object, ...]]:
    """Return (queue, arrival in seconds after nine, wait, talk, outcome) of every contact, by its id."""
    assert intake.contacts is not None
    seconds = intake.contacts["arrived_at"].map(lambda at: at.timestamp() - START)
    columns = [intake.contacts[name] for name in ("queue", "wait_s", "talk_s", "outcome")]
    rows = zip(columns[0], seconds, *columns[1:], strict=True)
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in rows]


HANDLED = ("0|a|billing|NONE|ENTERQUEUE||+49|1", "9|a|billing|x|CONNECT|8|b|1")


def test_waits_and_talk_times_are_those_of_the_log_and_else_differences_of_times(imported):
    intake = imported(log(*HANDLED, "70|a|billing|x|COMPLETEAGENT|8|60|1"))
    assert legs(intake) == [("billing", 0, 8, 60, "handled")]
    intake = imported(log(*HANDLED, "70|a|billing|x|COMPLETEAGENT|||1").replace("|CONNECT|8|", "|CONNECT||"))
    assert legs(intake) == [("billing", 0, 9, 61, "handled")]
    assert intake.contacts is not None
    assert intake.contacts["agent_id"].tolist() == ["x"]


def test_a_call_in_two_queues_has_two_legs_even_if_it_enters_the_second_first(imported):
    intake = imported(
        log(
            "0|a|billing|NONE|ENTERQUEUE||+49|1",
            "30|a|sales|NONE|ENTERQUEUE||+49|1",
            "30|a|billing|NONE|EXITWITHTIMEOUT|1",
            "45|a|sales|NONE|ABANDON|1|1|15",
            "60|a|billing|NONE|ENTERQUEUE||+49|1",
            "70|a|billing|x|CONNECT|10|b|1",
            "80|a|billing|x|COMPLETECALLER|10|10|1",
        )
    )
    assert legs(intake) == [
        ("billing", 0, 30, None, "flow_out"),
        ("sales", 30, 15, None, "abandoned"),
        ("billing", 60, 10, 10, "handled"),
    ]
    assert intake.contacts is not None
    assert intake.contacts["contact_id"].tolist() == ["a|1", "a|2", "a|3"]


@pytest.mark.parametrize(
    "end",
    ["TRANSFER|600|default|8|50|1", "BLINDTRANSFER|600|default|8|50|1", "COMPLETECALLER|8|50|1"],
)
def test_a_transfer_ends_the_call_of_the_agent(imported, end):
    assert legs(imported(log(*HANDLED, f"59|a|billing|x|{end}"))) == [("billing", 0, 8, 50, "handled")]


def test_a_call_may_begin_in_one_file_and_end_in_the_next_whatever_their_order(imported):
    one, two = log(HANDLED[0]), log(HANDLED[1], "70|a|billing|x|COMPLETEAGENT|8|60|1")
    for intake in (imported(one, two), imported(two, one)):
        assert legs(intake) == [("billing", 0, 8, 60, "handled")]
        assert intake.warnings[0].endswith("give acw_s as a constant")


def test_the_same_log_twice_changes_nothing(imported):
    text = log(*HANDLED, "70|a|billing|x|COMPLETEAGENT|8|60|1") + f"{LATER}\n"
    once, twice = imported(text), imported(text, text)
    assert (twice.rows_read, twice.rows_kept) == (1, 1)
    pd.testing.assert_frame_equal(once.history, twice.history)
    assert any("3 events left out: the same line came again" in warning for warning in twice.warnings)


def test_a_call_open_at_the_end_is_left_out_and_one_that_never_ends_is_refused(imported):
    entry = log(HANDLED[0])
    intake = imported(entry)
    assert (intake.rows_read, legs(intake)) == (0, [])
    assert any("1 call left out: still open at the end of the log" in text for text in intake.warnings)
    intake = imported(log("-9|b|sales|NONE|ABANDON|1|1|5") + entry + f"{LATER}\n")
    assert (intake.rows_read, intake.rows_quarantined) == (1, 1)
    line = intake.quarantine.iloc[0]
    assert (line["record"], line["reason"]) == (2, "the call enters the queue and never leaves it")
    assert any("entered the queue before the log begins" in text for text in intake.warnings)


def test_an_answered_call_without_end_is_handled_with_unknown_talk_time(imported):
    intake = imported(log(*HANDLED) + f"{LATER}\n")
    assert legs(intake) == [("billing", 0, 8, None, "handled")]
    assert any("1 answered call without an end" in text for text in intake.warnings)


@pytest.mark.parametrize(
    ("line", "column", "reason"),
    [
        pytest.param("x|b|billing|NONE|ENTERQUEUE||1|1", "arrived_at", "not a time", id="time"),
        pytest.param(f"{START}||billing|NONE|ENTERQUEUE||1|1", "contact_id", "empty", id="no call"),
        pytest.param(f"{START}|NONE|billing|NONE|ENTERQUEUE||1|1", "contact_id", "empty", id="NONE"),
        pytest.param(f"{START}|b|NONE|NONE|ENTERQUEUE||1|1", "queue", "empty", id="no queue"),
        pytest.param(f"{START}|b|billing|x|CONNECT|soon|c|1", "wait_s", "not a duration", id="wait"),
        pytest.param("1772", None, "no event", id="cut"),
        pytest.param(f"{START}|b|nowhere|NONE|ABANDON|1|1|1", None, None, id="an end alone is counted"),
    ],
)
def test_a_line_that_cannot_be_used_is_refused_with_its_number(imported, line, column, reason):
    text = log(*HANDLED, "70|a|billing|x|COMPLETEAGENT|8|60|1")
    intake = imported(f"{text}{line}\n")
    assert legs(intake) == [("billing", 0, 8, 60, "handled")]
    assert intake.rows_read == intake.rows_kept + intake.rows_quarantined
    if reason is None:
        assert intake.quarantine.empty
        return
    (refused,) = intake.quarantine.to_dict("records")
    assert refused["record"] == 4
    assert refused["column"] == column or (pd.isna(refused["column"]) and column is None)
    assert reason in refused["reason"]


def test_a_leg_of_an_unknown_queue_is_refused_at_the_line_where_it_entered(imported):
    intake = imported(
        log("-5|NONE|NONE|NONE|QUEUESTART|", *HANDLED, "70|a|billing|x|COMPLETEAGENT|8|60|1").replace(
            "billing", "biling"
        )
    )
    (refused,) = intake.quarantine.to_dict("records")
    assert (refused["record"], refused["column"], refused["value"]) == (2, "queue", "biling")
    assert "did you mean 'billing'" in refused["reason"]


def test_queues_are_named_and_lines_left_out_as_the_mapping_says(imported):
    mapping = """
        [source.acd]
        preset = "asterisk"
        [source.acd.values.queue]
        600 = "billing"
        [[source.acd.exclude]]
        reason = "a queue for tests"
        when = { queue = "test" }
        """
    text = log(*HANDLED, "70|a|billing|x|COMPLETEAGENT|8|60|1")
    test = text.replace("|a|", "|b|").replace("billing", "test")
    intake = imported(text.replace("billing", "600") + test, mapping=mapping)
    assert legs(intake) == [("billing", 0, 8, 60, "handled")]
    assert any("3 events left out: a queue for tests" in warning for warning in intake.warnings)


def test_a_file_without_any_known_event_is_no_such_log(imported):
    with pytest.raises(DataError, match="none of its lines is an event"):
        imported("contact_id,queue,arrived_at\n1,billing,2026-03-02T09:00:00Z\n")


def test_a_pause_for_after_contact_work_belongs_to_the_last_call_of_the_agent(imported):
    text = log(
        *HANDLED,
        "70|a|billing|x|COMPLETEAGENT|8|60|1",
        "75|NONE|billing|x|PAUSE|acw",
        "75|NONE|sales|x|PAUSE|acw",  # a pause in every queue has a line for each
        "95|NONE|billing|x|UNPAUSE|",
        "95|NONE|sales|x|UNPAUSE|",
        "100|NONE|billing|x|PAUSE|lunch",
        "900|NONE|billing|x|UNPAUSE|",
        "901|NONE|billing|y|PAUSE|acw",  # who had no call
        "999|NONE|billing|y|UNPAUSE|",
    )
    intake = imported(text, mapping=ACW)
    assert intake.contacts is not None
    assert intake.contacts["acw_s"].tolist() == [20]
    assert not any("after-contact" in warning for warning in intake.warnings)
    unread = imported(text)
    assert unread.contacts is not None
    assert unread.contacts["acw_s"].isna().all()
    constant = imported(text, mapping='[source.acd]\npreset = "asterisk"\nconstants = { acw_s = 30 }\n')
    assert constant.contacts is not None
    assert constant.contacts["acw_s"].tolist() == [30]


call = st.tuples(
    st.integers(0, 80_000),
    st.sampled_from(["billing", "sales"]),
    st.integers(0, 300),
    st.integers(1, 900),
    st.sampled_from(["handled", "abandoned", "flow_out"]),
)


@settings(max_examples=examples(15, quick=5), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(calls=st.lists(call, min_size=1, max_size=12), cut=st.integers(0, 80_000))
def test_any_calls_written_as_events_are_read_back(imported, calls, cut):
    lines: list[tuple[int, str]] = []
    for number, (begin, queue, wait, talk, outcome) in enumerate(calls):
        key = f"{number:02d}|{queue}"
        lines.append((begin, f"{key}|NONE|ENTERQUEUE||+49|1"))
        if outcome == "handled":
            lines.append((begin + wait, f"{key}|x|CONNECT|{wait}|b|1"))
            lines.append((begin + wait + talk, f"{key}|x|COMPLETECALLER|{wait}|{talk}|1"))
        else:
            event = "EXITEMPTY" if outcome == "flow_out" else f"ABANDON|1|1|{wait}"
            lines.append((begin + wait, f"{key}|NONE|{event}"))
    lines.sort(key=lambda line: line[0])
    parts = [[line for line in lines if (line[0] < cut) is early] for early in (False, True)]
    texts = ["".join(f"{START + second}|{rest}\n" for second, rest in part) for part in parts if part]
    expected = [
        (queue, begin, wait, talk if outcome == "handled" else None, outcome)
        for begin, queue, wait, talk, outcome in calls
    ]
    assert legs(imported(*texts)) == expected

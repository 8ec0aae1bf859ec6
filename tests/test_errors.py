"""Messages: what is wrong, where and what to do; at most twenty faults, then their number; safe to print."""

from __future__ import annotations

import copy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.errors import (
    LONGEST_VALUE_SHOWN,
    MOST_FAULTS_SHOWN,
    ConfigError,
    DataError,
    Fault,
    LimitError,
    LockError,
    OutputError,
    RuleError,
    UsageError,
    WfmError,
    count_of,
    shown,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        pytest.param(UsageError, 2, id="usage"),
        pytest.param(ConfigError, 3, id="configuration"),
        pytest.param(DataError, 4, id="data"),
        pytest.param(RuleError, 5, id="rules"),
        pytest.param(LimitError, 6, id="limit"),
        pytest.param(OutputError, 7, id="output"),
        pytest.param(LockError, 12, id="lock"),
    ],
)
def test_every_class_owns_the_exit_code_of_the_contract(kind: type[WfmError], code: int) -> None:
    assert kind.exit_code == code


def test_a_fault_says_where_what_and_the_remedy() -> None:
    text = str(Fault("below 0", "give a count", "calls.csv", 7, "offered", "-3"))
    assert text == "calls.csv, row 7, column offered, value '-3': below 0 -> give a count"
    assert str(Fault("empty")) == "empty"


@given(count=st.integers(1, 60), more=st.integers(0, 1000))
def test_twenty_faults_are_printed_and_the_number_of_all(count: int, more: int) -> None:
    error = DataError([Fault(f"fault {n};") for n in range(count)], source="x.csv", total=count + more)
    lines = error.problem.splitlines()
    printed = [line for line in lines if ";" in line]
    assert len(printed) == min(count, MOST_FAULTS_SHOWN)
    assert lines[0].startswith(f"x.csv: {count + more} data fault")
    left = count + more - MOST_FAULTS_SHOWN
    assert (lines[-1] == f"  ... and {left} more") == (left > 0)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 rows"), (1, "1 row"), (2, "2 rows"), ("1", "1 row"), ("1.5", "1.5 rows"), (np.int64(1), "1 row")],
    ids=["none", "one", "two", "one in words", "a share", "numpy's one"],
)
def test_a_count_has_its_noun_in_the_singular_for_one_alone(number: float | str, text: str) -> None:
    assert count_of(number, "row") == text


@given(value=st.text(max_size=300))
def test_a_shown_value_is_one_printable_line_of_bounded_length(value: str) -> None:
    text = shown(value)
    assert text.isprintable()
    assert len(text.splitlines()) <= 1
    assert len(text) <= LONGEST_VALUE_SHOWN * len("\\U0010ffff") + 2


def test_the_hint_is_the_last_line_of_the_message() -> None:
    error = UsageError("no such file", hint="name another")
    assert str(error).splitlines() == ["no such file", "  name another"]
    assert str(UsageError("no such file", hint="")) == "no such file"


@pytest.mark.parametrize(
    "error",
    [
        pytest.param(LimitError("no roster found", hint="raise the limit"), id="plain"),
        pytest.param(DataError([Fault("below 0", row=3)] * 30, source="x", hint="?"), id="with faults"),
    ],
)
def test_an_error_comes_back_whole_from_another_process(error: WfmError) -> None:
    back = copy.copy(error)  # as pickle does it
    assert type(back) is type(error)
    assert (str(back), back.args, back.exit_code) == (str(error), error.args, error.exit_code)
    assert back.__dict__.keys() == error.__dict__.keys()

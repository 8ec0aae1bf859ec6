"""Weekly hours: the planner's notation, read minute by minute."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wfm.hours import (
    DAY_MIN,
    WEEK_MIN,
    WEEKDAYS,
    clock,
    parse_clock,
    parse_hours,
    parse_span,
    weekday_number,
)

MINUTES = st.integers(0, DAY_MIN)


def open_set(text: str) -> set[int]:
    return {minute for start, end in parse_hours(text).open_minutes() for minute in range(start, end)}


@pytest.mark.parametrize(
    ("text", "weekday", "spans"),
    [
        pytest.param("Mon-Fri 08:00-20:00;Sat 09:00-14:00", 4, ((480, 1200),), id="a weekday"),
        pytest.param("Mon-Fri 08:00-20:00;Sat 09:00-14:00", 5, ((540, 840),), id="Saturday"),
        pytest.param("Mon-Fri 08:00-20:00;Sat 09:00-14:00", 6, (), id="a day not named"),
        pytest.param("Fri-Mon 10:00-11:00", 6, ((600, 660),), id="days across the week's end"),
        pytest.param("Mon,Wed 10:00-11:00", 2, ((600, 660),), id="days by name"),
        pytest.param("Mon 22:00-06:00", 0, ((1320, 1800),), id="past midnight"),
        pytest.param("Mon 00:00-24:00", 0, ((0, 1440),), id="the whole day"),
        pytest.param("Mon 08:00-08:00", 0, ((480, 1920),), id="an end at the start"),
        pytest.param("Mon 08:00-10:00;Mon 10:00-12:00", 0, ((480, 720),), id="parts that touch"),
        pytest.param("", 3, ((0, 1440),), id="empty is always"),
    ],
)
def test_spans_of_a_day(text: str, weekday: int, spans: tuple[tuple[int, int], ...]) -> None:
    assert parse_hours(text).spans_of(weekday) == spans


@pytest.mark.parametrize(
    "text",
    ["8-20", "Mon 8:00", "Mon 08:00-25:00", "Mon 08:60-09:00", "Moonday 08:00-09:00", "Mon-Xyz 08:00-09:00"],
)
def test_what_is_no_weekly_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_hours(text)


@given(day=st.integers(0, 6), start=st.integers(0, DAY_MIN - 1), end=MINUTES)
def test_a_span_opens_as_many_minutes_as_it_lasts_wherever_it_wraps(day: int, start: int, end: int) -> None:
    last = "24:00" if end == DAY_MIN else clock(end)
    minutes = open_set(f"{WEEKDAYS[day]} {clock(start)}-{last}")
    length = end - start if end > start else end - start + DAY_MIN
    assert len(minutes) == length
    assert minutes == {(day * DAY_MIN + start + step) % WEEK_MIN for step in range(length)}


@given(
    parts=st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, DAY_MIN - 1), st.integers(0, DAY_MIN - 1)),
        min_size=1,
        max_size=5,
    )
)
def test_parts_open_the_union_and_their_order_does_not_matter(parts: list[tuple[int, int, int]]) -> None:
    texts = [f"{WEEKDAYS[day]} {clock(start)}-{clock(end)}" for day, start, end in parts]
    assert open_set(";".join(texts)) == set().union(*map(open_set, texts))
    assert parse_hours(";".join(texts)).open_minutes() == parse_hours(";".join(texts[::-1])).open_minutes()
    spans = parse_hours(";".join(texts)).open_minutes()
    assert all(end < start for (_, end), (start, _) in pairwise(spans))


@given(minute=MINUTES)
def test_a_clock_time_survives_the_round_trip(minute: int) -> None:
    assert parse_clock(clock(minute)) == minute % DAY_MIN
    assert parse_clock("24:00") == DAY_MIN


@given(start=st.integers(0, DAY_MIN - 1), end=MINUTES)
def test_a_span_ends_after_it_starts_and_within_a_day_of_it(start: int, end: int) -> None:
    begin, finish = parse_span(f"{clock(start)}-{'24:00' if end == DAY_MIN else clock(end)}")
    assert 0 < finish - begin <= DAY_MIN
    assert (finish - end) % DAY_MIN == 0


def test_weekdays_are_known_by_three_letters_or_more() -> None:
    assert [weekday_number(name) for name in ("Mon", "tuesday", " SUN ")] == [0, 1, 6]
    with pytest.raises(ValueError, match="weekday"):
        weekday_number("Mo")

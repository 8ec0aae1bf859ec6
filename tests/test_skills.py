"""Skills with dates, as planners write them."""

from __future__ import annotations

from datetime import date

import pytest

from wfm.skills import days_of_change, queues_of, queues_on


def test_a_skill_without_dates_always_counts() -> None:
    assert queues_on("billing; chat", date(2026, 3, 1)) == ("billing", "chat")


@pytest.mark.parametrize(
    ("day", "served"),
    [
        (date(2026, 3, 15), ("billing",)),
        (date(2026, 3, 16), ("chat", "billing")),
        (date(2026, 6, 30), ("chat", "billing")),
        (date(2026, 7, 1), ("billing",)),
    ],
)
def test_both_dates_of_a_skill_belong_to_it(day: date, served: tuple[str, ...]) -> None:
    assert queues_on("chat[2026-03-16..2026-06-30];billing", day) == served


def test_dates_of_change_are_those_on_which_the_queues_differ() -> None:
    text = "chat[2026-03-16..2026-06-30];billing[..2026-04-01]"
    changes = days_of_change(text)
    assert changes == (date(2026, 3, 16), date(2026, 4, 2), date(2026, 7, 1))
    for day in changes:
        assert queues_on(text, day) != queues_on(text, date.fromordinal(day.toordinal() - 1))


def test_one_queue_with_two_spells_is_named_once() -> None:
    text = "chat[..2026-01-31];chat[2026-03-01..]"
    assert queues_of(text) == ("chat",)
    assert queues_on(text, date(2026, 2, 1)) == ()
    assert queues_on(text, date(2026, 3, 1)) == ("chat",)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("chat[2026-03-16", "queue with dates"),
        ("chat[16.3.2026..]", "queue with dates"),
        ("chat[2026-02-30..]", "dates are written"),
        ("chat[2026-06-30..2026-03-16]", "lies before the first"),
        ("[2026-03-16..]", "queue with dates"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        queues_of(text)

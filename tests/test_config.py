"""wfm.toml: defaults filled in, unknown keys refused by the nearest name, every fault at once."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from wfm import config as models
from wfm.config import Config, build_config, days_in_horizon, employed
from wfm.errors import ConfigError

VOICE = {"service_level": 0.8}


def built(text: str) -> Config:
    return build_config(tomllib.loads(text), text=text)


def message_of(text: str) -> str:
    with pytest.raises(ConfigError) as raised:
        built(text)
    assert raised.value.exit_code == 3
    return str(raised.value)


def test_an_empty_file_is_a_centre_with_one_site_named_after_it() -> None:
    config = built("")
    assert (config.centre.timezone, config.centre.interval_min) == ("UTC", 15)
    assert list(config.sites) == ["centre"] == [config.only_site]


def test_queues_take_the_defaults_and_the_zone_of_the_centre_unless_they_have_their_own() -> None:
    config = built(
        """
        [centre]
        timezone = "Europe/Berlin"
        [defaults.queue]
        service_level = 0.9
        hours = "Mon-Fri 08:00-18:00"
        [queues.billing]
        [queues.sales]
        timezone = "Europe/Madrid"
        service_level = 0.7
        """
    )
    assert config.queue_zones == {"billing": "Europe/Berlin", "sales": "Europe/Madrid"}
    assert [queue.service_level for queue in config.queues.values()] == [0.9, 0.7]
    assert config.queues["sales"].hours == "Mon-Fri 08:00-18:00"


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        pytest.param("[center]\n", "did you mean 'centre'?", id="section"),
        pytest.param("[centre]\ntime_zone = 'UTC'\n", "did you mean 'timezone'?", id="key"),
        pytest.param("[queues.a]\nservice_levle = 0.8\n", "did you mean 'service_level'?", id="queue"),
        pytest.param("[defaults.queue]\nservice_levle = 0.8\n[queues.a]\n", "'service_level'?", id="default"),
        pytest.param("[schedule.weights]\nunderstafed = 1\n", "did you mean 'understaffed'?", id="weight"),
        pytest.param("[import]\nabsnt = 'zero'\n", "did you mean 'absent'?", id="import"),
        pytest.param(
            "[contracts.c]\nbreaks = [{minutes=15, from_min=1, to_mim=2, to_min=3}]\n",
            "'to_min'?",
            id="break",
        ),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(text: str, remedy: str) -> None:
    assert remedy in message_of(text)


def test_all_faults_come_at_once_with_their_lines() -> None:
    text = (
        "[centre]\ninterval_min = 7\ntimezone = 'Berlin'\n\n[queues.a]\nservice_level = 2\nhours = 'always'\n"
    )
    with pytest.raises(ConfigError) as raised:
        built(text)
    found = {(fault.column, fault.row) for fault in raised.value.faults}
    assert {
        ("centre.interval_min", 2),
        ("centre.timezone", 3),
        ("queues.a.service_level", 6),
        ("queues.a.hours", 7),
    } <= found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("[queues.a]\n", "no target", id="live queue without a target"),
        pytest.param("[queues.a]\nanswer_within_s = 20\n", "no target", id="a threshold is no target"),
        pytest.param("[queues.a]\nchannel = 'email'\n", "deadline_h", id="email without a deadline"),
        pytest.param(
            "[queues.a]\nmax_occupancy=0.8\nqueue_model='erlang_b'\n", "max_blocking", id="erlang B"
        ),
        pytest.param("[queues.a]\nasa_s=9\nqueue_model='erlang_a'\n", "patience_s", id="erlang A"),
        pytest.param("[queues.a]\nasa_s=9\nshrinkage={a=0.5, b=0.5}\n", "below 1", id="shrinkage"),
        pytest.param("[queues.a]\nasa_s=9\nlike='b'\n", "no such queue", id="like"),
        pytest.param("[contracts.c]\nweek_hours=[40, 35]\n", "week_hours", id="min above max"),
        pytest.param("[contracts.c]\nshift_hours=[0, 8]\n", "shift_hours", id="empty shift"),
        pytest.param("[contracts.c]\ndays_per_week=[5, 8]\n", "days_per_week", id="eight days"),
        pytest.param("[contracts.c]\nstarts=['22:00-02:00']\n", "midnight", id="starts across midnight"),
        pytest.param("[contracts.c]\nbreaks=[{minutes=15, from_min=9, to_min=5}]\n", "from_min", id="window"),
        pytest.param("[sites.s]\nholidays='Germany'\n", "not a country", id="calendar"),
        pytest.param("[import]\nmax_bad_ratio=1.5\n", "max_bad_ratio", id="ratio"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_words(text: str, words: str) -> None:
    assert words in message_of(text)


def sections() -> list[type[BaseModel]]:
    found = [
        value
        for value in vars(models).values()
        if isinstance(value, type) and issubclass(value, models.Section)
    ]
    return [section for section in found if section is not models.Section]


@pytest.mark.parametrize("section", [pytest.param(section, id=section.__name__) for section in sections()])
def test_every_key_is_described_and_every_section_frozen(section: type[BaseModel]) -> None:
    assert section.model_config.get("frozen") is True
    assert section.model_config.get("extra") == "forbid"
    assert [name for name, field in section.model_fields.items() if not field.description] == []


def test_a_configuration_cannot_be_changed() -> None:
    config = built("")
    with pytest.raises(ValidationError):
        config.centre.name = "other"


@given(
    document=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*Config.model_fields, "import", "defaults", "queue", "a"]), inner, max_size=4
            )
        ),
        max_leaves=8,
    )
)
def test_any_document_is_a_configuration_or_a_configuration_error(document: Any) -> None:
    if isinstance(document, dict):
        with suppress(ConfigError):
            assert isinstance(build_config(document), Config)


@given(count=st.integers(1, 99))
def test_a_horizon_is_in_calendar_days(count: int) -> None:
    assert days_in_horizon(f"{count}d") == count
    assert days_in_horizon(f"{count}w") == 7 * count


@pytest.mark.parametrize("text", ["", "6", "w", "0w", "-1d", "1.5w", "6 w"])
def test_what_is_no_horizon_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="horizon"):
        days_in_horizon(text)


def test_the_last_day_of_employment_is_one() -> None:
    first, last = date(2026, 3, 2), date(2026, 3, 6)
    assert employed(first, last, first)
    assert employed(first, last, last)
    assert not employed(first, last, date(2026, 3, 7))
    assert employed(None, None, first)

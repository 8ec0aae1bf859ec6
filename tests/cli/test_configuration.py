"""Exit code 3: wfm.toml is missing, wrong, or says things that cannot be true together."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.tiny import CONFIG, FORECAST_COMMAND, STAFF_COMMAND, changed_config, fails, write


def staff_with(config: str) -> str:
    """Run a command with this configuration, which must be refused; return the message."""
    message = fails(3, *STAFF_COMMAND[:-1], "new.csv", "--config", config)
    assert config in message
    assert not Path("new.csv").exists()
    return message


def test_a_missing_configuration_is_3_and_says_how_to_get_one(planned: Path) -> None:
    message = staff_with("nope.toml")
    assert "No such file" in message
    assert "wfm init" in message


def test_the_default_configuration_is_the_one_of_the_current_folder(planned: Path) -> None:
    Path("wfm.toml").unlink()
    assert "wfm.toml" in fails(3, *STAFF_COMMAND)


def test_a_folder_as_configuration_is_3(planned: Path) -> None:
    Path("folder.toml").mkdir()
    assert "Is a directory" in staff_with("folder.toml")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param(b"[centre\n", "line 1", id="not TOML"),
        pytest.param(b"name = '\xff\xfe'\n", "utf-8", id="not UTF-8"),
        pytest.param(b"[centre]\nname = 'A'\nname = 'B'\n", "line 3", id="one key twice"),
    ],
)
def test_a_file_that_is_not_toml_is_3_and_says_where(planned: Path, content: bytes, words: str) -> None:
    Path("bad.toml").write_bytes(content)
    assert words in staff_with("bad.toml")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        pytest.param("timezone =", "timezon =", "row 3, column centre.timezon: unknown key", id="unknown"),
        pytest.param("timezone =", "timezon =", "did you mean 'timezone'?", id="nearest name"),
        pytest.param("service_level = 0.80", "", "queues.hotline: no target", id="no target"),
        pytest.param("= 0.80", "= 80", "queues.hotline.service_level, value '80'", id="percent for fraction"),
        pytest.param("interval_min = 60", "interval_min = 7", "5, 10, 15, 30 or 60", id="interval"),
        pytest.param("Europe/Berlin", "Europe/Berln", "'Europe/Berln' is not an IANA", id="time zone"),
        pytest.param("Mon-Fri 09", "Mon-Fry 09", "queues.hotline.hours", id="hours"),
        pytest.param("[32, 40]", "[45, 40]", "contracts.full: week_hours", id="min above max"),
        pytest.param("[8.0, 8.0]", "[8.0]", "contracts.full", id="range of one"),
        pytest.param("09:00-09:00", "25:00-26:00", "contracts.full", id="start after midnight"),
        pytest.param('"1w"', '"soon"', "forecast.horizon", id="horizon"),
        pytest.param("[schedule]", "[schedul]", "did you mean 'schedule'?", id="unknown section"),
    ],
)
def test_a_wrong_value_is_3_and_named_with_its_key(planned: Path, old: str, new: str, words: str) -> None:
    assert words in staff_with(changed_config({old: new}))


def test_a_value_is_named_with_its_line(planned: Path) -> None:
    config = changed_config({"answer_within_s = 20": "answer_within_s = -5"})
    line = CONFIG.splitlines().index("answer_within_s = 20") + 1
    assert f"row {line}, column queues.hotline.answer_within_s, value '-5'" in staff_with(config)


def test_all_faults_of_a_configuration_come_at_once(planned: Path) -> None:
    changes = {"interval_min = 60": "interval_min = 7", "hours =": "ours =", "rest_h = 11": "rest_h = -1"}
    message = staff_with(changed_config(changes))
    assert "3 configuration faults" in message
    for words in ("centre.interval_min", "queues.hotline.ours", "contracts.full.rest_h"):
        assert words in message


def test_a_configuration_without_queues_cannot_plan(planned: Path) -> None:
    write("empty.toml", "")
    message = fails(3, *STAFF_COMMAND, "--config", "empty.toml")
    assert "[queues.NAME]" in message


def test_an_unknown_model_in_the_configuration_is_3(planned: Path) -> None:
    config = changed_config({'["seasonal_naive"]': '["oracle"]'})
    assert "'oracle'" in fails(3, *FORECAST_COMMAND, "--config", config)

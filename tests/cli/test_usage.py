"""Exit code 2: the command line cannot be understood, and nothing was done."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    fails,
    run,
    succeeds,
)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        pytest.param(("forcast",), "Did you mean 'forecast'?", id="unknown command"),
        pytest.param(("staff",), "Missing argument", id="missing argument"),
        pytest.param(("staff", "forecast.csv"), "Missing option", id="missing option"),
        pytest.param((*STAFF_COMMAND, "--horizont", "6w"), "--horizont", id="unknown option"),
        pytest.param(
            (*FORECAST_COMMAND, "--horizon", "6"), "'6' is not a horizon", id="horizon without unit"
        ),
        pytest.param((*FORECAST_COMMAND, "--horizon", ""), "'' is not a horizon", id="empty horizon"),
        pytest.param((*FORECAST_COMMAND, "--horizon", "0w"), "'0w'", id="horizon of nothing"),
        pytest.param((*FORECAST_COMMAND, "--horizon", "-1w"), "'-1w'", id="negative horizon"),
        pytest.param((*FORECAST_COMMAND, "--horizon", f"{10**20}d"), "too long", id="endless horizon"),
        pytest.param((*FORECAST_COMMAND, "--as-of", "yesterday"), "'yesterday'", id="as-of no time"),
        pytest.param((*FORECAST_COMMAND, "--as-of", "2026-02-29"), "'2026-02-29'", id="as-of no date"),
        pytest.param(
            (*FORECAST_COMMAND, "--as-of", "2026-03-29T02:30"),
            "'2026-03-29T02:30' does not exist in Europe/Berlin",
            id="as-of in the skipped hour",
        ),
        pytest.param(
            (*FORECAST_COMMAND, "--model", "sesonal_naive"), "--model sesonal_naive", id="unknown model"
        ),
        pytest.param(
            (*SCHEDULE_COMMAND, "--from", "tomorrow"), "'tomorrow' is not a date", id="from no date"
        ),
        pytest.param(
            (*SCHEDULE_COMMAND, "--from", "2026-03-03"),
            "--from 2026-03-03 is a Tuesday, but weeks begin on Mon",
            id="from inside a week",
        ),
        pytest.param(
            (*SCHEDULE_COMMAND, "--from", "2027-03-01"),
            "the requirements have no row from 2027-03-01 to 2027-03-07",
            id="from beyond the requirements",
        ),
        pytest.param((*VERIFY_COMMAND, "--from", "2026-3-2"), "'2026-3-2'", id="verify from no date"),
        pytest.param((*SCHEDULE_COMMAND, "--time-limit", "soon"), "'soon' is not a duration", id="limit"),
        pytest.param((*SCHEDULE_COMMAND, "--time-limit", "0s"), "leaves no time", id="limit of nothing"),
        pytest.param(
            (*SCHEDULE_COMMAND, "--freeze", "7d"), "--freeze 7d keeps the shifts of --previous", id="freeze"
        ),
        pytest.param(
            (*VERIFY_COMMAND, "--freeze", "7d"),
            "--freeze 7d keeps the shifts of --previous",
            id="verify freeze",
        ),
        pytest.param(
            (*VERIFY_COMMAND, "--previous", "roster.csv", "--freeze", "7"),
            "'7' is not a horizon",
            id="freeze without unit",
        ),
        pytest.param((*SCHEDULE_COMMAND, "--weeks", "0"), "--weeks", id="no weeks"),
        pytest.param((*SCHEDULE_COMMAND, "--seed", "one"), "--seed", id="seed no number"),
        pytest.param(("staff", "forecast.csv", "-o", "x.xls"), "x.xls: unknown kind of file", id="ending"),
        pytest.param((*STAFF_COMMAND[:-1], "-", "--json"), "not both", id="table and json on stdout"),
        pytest.param(
            (*FORECAST_COMMAND[:-1], "-", "--days", "-"), "standard output", id="two tables on stdout"
        ),
    ],
)
def test_an_argument_that_cannot_be_understood_is_2(
    planned: Path, arguments: tuple[str, ...], words: str
) -> None:
    before = sorted(path.name for path in planned.iterdir())
    assert words in fails(2, *arguments)
    assert sorted(path.name for path in planned.iterdir()) == before


def test_without_a_command_the_help_is_shown_and_the_code_is_2() -> None:
    outcome = run()
    assert outcome.code == 2
    assert "schedule" in outcome.err + outcome.out


def test_init_never_overwrites(planned: Path) -> None:
    mine = Path("wfm.toml").read_bytes()
    message = fails(2, "init", ".")
    assert "wfm.toml" in message
    assert "nothing was written" in message
    assert Path("wfm.toml").read_bytes() == mine


def test_from_may_name_any_week_of_the_requirements(planned: Path) -> None:
    succeeds(*FORECAST_COMMAND, "--horizon", "2w")
    succeeds(*STAFF_COMMAND)
    succeeds(*SCHEDULE_COMMAND, "--from", "2026-03-09")
    dates = {line.split(",")[2] for line in Path("roster.csv").read_text(encoding="utf-8").splitlines()[1:]}
    assert min(dates) >= "2026-03-09"
    assert max(dates) <= "2026-03-15"

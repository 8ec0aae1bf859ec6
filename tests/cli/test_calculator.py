"""`wfm erlang` against published values, and as a desk tool: the table, the object, the options."""

from __future__ import annotations

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tests.cli.tiny import fails, succeeds

# Erlang C without abandonment, 30 % shrinkage: shared/domain/kpis.md section 8. The first row is also the
# example in pyworkforce's README (14 positions, 20 with shrinkage, service level 0.8883500).
# calls, AHT s, interval, goal | load, agents, service level, ASA s, occupancy, paid at 30 % shrinkage
GOLDEN = [
    pytest.param((100, 180, "30m", "80/20"), (10.000, 14, 0.8884, 7.84, 0.7143, 20), id="100 calls"),
    pytest.param((173, 240, "30m", "80/20"), (23.067, 28, 0.8407, 11.69, 0.8238, 40), id="173 calls"),
    pytest.param((180, 240, "30m", "80/20"), (24.000, 29, 0.8403, 11.63, 0.8276, 42), id="180 calls"),
    pytest.param((60, 360, "30m", "80/20"), (12.000, 16, 0.8362, 18.41, 0.7500, 23), id="60 calls"),
    pytest.param(
        (25, 300, "15m", "90/10"), (8.333, 13, 0.9156, 6.34, 0.6410, 19), id="25 calls in a quarter"
    ),
]
REQUIREMENT_COLUMNS = {
    "offered",
    "aht_s",
    "load",
    "agents_required",
    "agents_to_schedule",
    "agents_gross",
    "service_level",
    "asa_s",
    "occupancy",
    "abandonment",
    "queue_model",
}


def answer(*options: str) -> dict[str, Any]:
    """Return what `wfm erlang --json` prints."""
    found: dict[str, Any] = json.loads(succeeds("erlang", *options, "--json").out)
    return found


@pytest.mark.parametrize(("given", "expected"), GOLDEN)
def test_the_answer_is_the_published_one(
    given: tuple[int, int, str, str], expected: tuple[float, int, float, float, float, int]
) -> None:
    calls, aht, interval, goal = given
    load, agents, level, asa, occupancy, paid = expected
    options = ("--calls", str(calls), "--aht", f"{aht}s", "--interval", interval, "--service-level", goal)
    found = answer(*options, "--shrinkage", "0.3")
    assert found["load"] == pytest.approx(load, abs=5e-4)
    assert found["agents_required"] == found["agents"] == agents
    assert found["service_level"] == pytest.approx(level, abs=5e-5)
    assert found["asa_s"] == pytest.approx(asa, abs=5e-3)
    assert found["occupancy"] == pytest.approx(occupancy, abs=5e-5)
    assert found["agents_gross"] == paid
    table = succeeds("erlang", *options).out
    (marked,) = [line for line in table.splitlines() if "fewest" in line]
    cells = marked.split()
    assert int(cells[0]) == agents
    assert float(cells[1].rstrip("%")) / 100 == pytest.approx(level, abs=1e-4)
    assert float(cells[2]) == pytest.approx(asa, abs=0.05)


@pytest.mark.parametrize(
    ("calls", "level"), [pytest.param(173, 0.761, id="173"), pytest.param(180, 0.650, id="180")]
)
def test_given_agents_show_what_they_would_give(calls: int, level: float) -> None:
    found = answer("--calls", str(calls), "--aht", "240s", "--service-level", "80/20", "--agents", "27")
    assert found["agents"] == 27
    assert found["service_level"] == pytest.approx(level, abs=5e-4)
    assert found["agents_required"] > 27


def test_the_object_has_the_columns_of_requirements_and_two_more() -> None:
    found = answer("--calls", "100", "--service-level", "80/20")
    assert set(found) >= REQUIREMENT_COLUMNS | {"agents", "agents_fractional", "service_level_variant"}
    assert found["service_level_variant"] == "offered"


def test_an_endless_wait_is_null_not_a_word_json_does_not_know() -> None:
    found = answer("--calls", "100", "--service-level", "80/20", "--agents", "9")
    assert found["asa_s"] is None
    assert found["service_level"] == 0
    assert "endless" in succeeds("erlang", "--calls", "100", "--service-level", "80/20", "--agents", "9").out


def test_patience_makes_it_erlang_a_and_needs_fewer() -> None:
    goal = ("--calls", "180", "--aht", "240s", "--service-level", "80/20")
    patient, impatient = answer(*goal), answer(*goal, "--patience", "120s")
    assert "erlang_c" in patient["queue_model"]
    assert "erlang_a" in impatient["queue_model"]
    assert impatient["agents_required"] < patient["agents_required"]
    assert impatient["abandonment"] > patient["abandonment"] == 0


@pytest.mark.parametrize(
    ("first", "second"),
    [
        pytest.param(("--service-level", "80/20"), ("--service-level", "0.8"), id="fraction"),
        pytest.param(
            ("--service-level", "80/30"), ("--service-level", "80%", "--answer-within", "30s"), id="%"
        ),
        pytest.param(("--service-level", "80/20"), ("--service-level", "0.8/20"), id="fraction and seconds"),
        pytest.param(("--asa", "30s"), ("--asa", "0.5m"), id="units"),
    ],
)
def test_one_goal_can_be_written_in_two_ways(first: tuple[str, ...], second: tuple[str, ...]) -> None:
    assert answer("--calls", "100", *first) == answer("--calls", "100", *second)


@pytest.mark.parametrize(
    ("option", "value", "key", "sense"),
    [
        pytest.param("--asa", "5s", "asa_s", -1, id="asa"),
        pytest.param("--max-occupancy", "0.6", "occupancy", -1, id="occupancy"),
        pytest.param("--service-level", "95/20", "service_level", 1, id="service level"),
    ],
)
def test_each_goal_is_met_by_the_answer_and_missed_by_one_fewer(
    option: str, value: str, key: str, sense: int
) -> None:
    found = answer("--calls", "100", option, value)
    fewer = answer("--calls", "100", option, value, "--agents", str(found["agents_required"] - 1))
    goal = float(value.removesuffix("s").split("/")[0]) / (100 if "/" in value else 1)
    assert sense * found[key] >= sense * goal
    assert sense * fewer[key] < sense * goal


def test_the_variant_stands_beside_every_service_level() -> None:
    variant = ("--service-level-variant", "excluding_short")
    table = succeeds("erlang", "--calls", "100", "--service-level", "80/20", "--patience", "120s", *variant)
    assert "SL[excluding_short]" in table.out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param((), "--calls", id="no calls"),
        pytest.param(("--calls", "100"), "no target", id="no target"),
        pytest.param(("--calls", "-1", "--service-level", "80/20"), "--calls", id="negative calls"),
        pytest.param(("--calls", "inf", "--service-level", "80/20"), "--calls", id="endless calls"),
        pytest.param(("--calls", "nan", "--service-level", "80/20"), "--calls", id="calls no number"),
        pytest.param(
            ("--calls", "9", "--service-level", "80/20", "--interval", "0m"), "--interval", id="no time"
        ),
        pytest.param(
            ("--calls", "9", "--service-level", "80/20", "--aht", "0"), "--aht", id="no handle time"
        ),
        pytest.param(("--calls", "9", "--service-level", "120/20"), "--service-level 1.2", id="above all"),
        pytest.param(("--calls", "9", "--service-level", "good"), "'good' is not a service level", id="word"),
        pytest.param(("--calls", "9", "--service-level", "80/"), "not a duration", id="no seconds"),
        pytest.param(("--calls", "9", "--asa", "-5s"), "not a duration", id="negative wait"),
        pytest.param(
            ("--calls", "9", "--asa", "5", "--queue-model", "erlang_z"), "--queue-model erlang_z", id="model"
        ),
        pytest.param(("--calls", "9", "--asa", "5", "--shrinkage", "1.5"), "--shrinkage 1.5", id="shrinkage"),
    ],
)
def test_a_wrong_option_is_2_and_named(options: tuple[str, ...], words: str) -> None:
    assert words in fails(2, "erlang", *options)


def test_given_agents_and_the_fewest_are_both_marked() -> None:
    table = succeeds("erlang", "--calls", "100", "--service-level", "80/20", "--agents", "12").out
    marks = {int(line.split()[0]): line for line in table.splitlines() if "<-" in line}
    assert marks[12].endswith("<- given")
    assert marks[14].endswith("<- fewest that meet every target")


def test_erlang_b_shows_what_is_blocked() -> None:
    table = succeeds("erlang", "--calls", "100", "--max-blocking", "0.01").out
    assert "blocked" in table
    assert "abandoned" not in table
    (marked,) = [line for line in table.splitlines() if "fewest" in line]
    assert marked.split()[:1] + marked.split()[4:5] == ["18", "0.71%"]  # B(18, 10) = 0.0071


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--asa", "10s"), "no patience given: contacts wait for ever", id="C"),
        pytest.param(
            ("--asa", "10s", "--max-abandonment", "0.05"),
            "--max-abandonment asks for nothing",
            id="nobody lost",
        ),
        pytest.param(
            ("--asa", "10s", "--patience", "60s", "--max-blocking", "0.05"),
            "--max-blocking asks for nothing",
            id="nobody blocked",
        ),
    ],
)
def test_a_promise_that_asks_for_nothing_is_said(options: tuple[str, ...], words: str) -> None:
    assert words in succeeds("erlang", "--calls", "100", *options).out


def test_email_is_staffed_for_its_work() -> None:
    found = answer("--calls", "100", "--aht", "180s", "--deadline", "8h", "--max-occupancy", "0.85")
    assert (found["agents_required"], found["queue_model"]) == (12, "deferred")
    assert found["service_level"] is found["asa_s"] is None


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(("--calls", "0", "--service-level", "80/20"), id="no calls"),
        pytest.param(("--calls", "1e-300", "--service-level", "80/20"), id="hardly any"),
        pytest.param(("--calls", "1e7", "--service-level", "80/20", "--patience", "60s"), id="a million"),
        pytest.param(("--calls", "100", "--service-level", "80/0"), id="at once"),
        pytest.param(("--calls", "100", "--aht", "20h", "--service-level", "80/20"), id="days of work"),
        pytest.param(("--calls", "100", "--asa", "0.000001"), id="hardly a wait"),
        pytest.param(("--calls", "100", "--max-abandonment", "1e-12", "--patience", "1s"), id="hardly lost"),
        pytest.param(("--calls", "100", "--max-blocking", "1e-200"), id="hardly blocked"),
        pytest.param(("--calls", "100", "--service-level", "99.999999999/0"), id="nearly all at once"),
        pytest.param(
            ("--calls", "3000", "--concurrency", "20", "--concurrency-slowdown", "5", "--asa", "9s"),
            id="chat",
        ),
    ],
)
def test_the_extremes_have_an_answer(options: tuple[str, ...]) -> None:
    found = answer(*options)
    fewest = found["agents_required"]
    assert (fewest == 0) == (found["load"] == 0)
    assert max(0, fewest - 1) <= found["agents_fractional"] <= fewest
    succeeds("erlang", *options)


@pytest.mark.parametrize(("page", "commands"), [("staffing", 4), ("uncertainty", 2)])
def test_the_pages_on_staffing_show_what_the_commands_print(page: str, commands: int) -> None:
    text = (Path(__file__).parents[2] / "docs" / f"{page}.md").read_text(encoding="utf-8")
    shown = re.findall(r"^    (wfm erlang .*)\n\n((?:    .*\n)+)", text, re.M)
    assert len(shown) >= commands
    for command, printed in shown:
        assert succeeds(*command.split()[1:]).out == textwrap.dedent(printed), command


def test_an_uncertain_rate_needs_more_agents_and_the_object_says_what_for() -> None:
    options = ("--calls", "750", "--aht", "240s", "--service-level", "80/20")
    mixture, quantile = ("--uncertainty-cv", "0.1"), ("--uncertainty-cv", "0.1", "--quantile", "0.8")
    plain, mixed, safe, bursts = (
        answer(*options, *more) for more in ((), mixture, quantile, ("--peakedness", "2"))
    )
    agents = [found["agents_required"] for found in (plain, mixed, safe, bursts)]
    assert agents[:2] == [
        108,
        115,
    ]  # a mixture weighted by calls, to 20 digits: tests/erlang/test_expectation.py
    assert min(agents[1:]) > 108
    assert [found["uncertainty_cv"] for found in (plain, mixed, safe, bursts)] == [0, 0.1, 0.1, 0]
    assert [found["quantile"] for found in (plain, mixed, safe)] == [None, None, 0.8]
    assert (mixed["asa_s"], bursts["peakedness"]) == (None, 2)
    assert "expected over it" in succeeds("erlang", *options, *mixture).out
    assert "80 % quantile" in succeeds("erlang", *options, *quantile).out


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param(("--quantile", "0.8"), "--quantile needs", id="quantile of a certain rate"),
        pytest.param(("--uncertainty-cv", "3"), "--uncertainty-cv", id="cv beyond belief"),
        pytest.param(("--peakedness", "0.5"), "--peakedness", id="smoother than Poisson"),
        pytest.param(("--uncertainty-cv", "0.1", "--asa", "10s"), "--asa", id="endless wait"),
        pytest.param(("--peakedness", "2", "--concurrency", "2"), "--peakedness", id="chat in bursts"),
    ],
)
def test_an_uncertainty_without_an_answer_is_2_and_named(options: tuple[str, ...], words: str) -> None:
    assert words in fails(2, "erlang", "--calls", "10", "--service-level", "80/20", *options)

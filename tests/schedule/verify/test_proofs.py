"""False prices and false bounds are found, prices that cannot be read refused, and the command says so."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.tiny import (
    FORECAST_COMMAND,
    SCHEDULE_COMMAND,
    STAFF_COMMAND,
    VERIFY_COMMAND,
    fails,
    make_centre,
    run,
    short_search,
    succeeds,
    write,
)
from tests.schedule.small import (
    MONDAY,
    agents_table,
    bumpy_centre,
    config_with,
    requirements_table,
)
from tests.schedule.verify.test_bound import QUICK, START, case_of, checked, prices_of
from wfm.config import Config
from wfm.errors import DataError
from wfm.schedule.stage import ScheduleResult, schedule
from wfm.schedule.verify.bound import lower_bound


@cache
def solved() -> tuple[ScheduleResult, Config, pd.DataFrame, pd.DataFrame]:
    config = config_with()
    agents, requirements = bumpy_centre(6, 1, config)
    return schedule(requirements, agents, config, options=QUICK), config, agents, requirements


def test_false_prices_prove_less_and_are_found():
    result, config, agents, requirements = solved()
    assert result.summary["bound"] < result.summary["objective"]
    price = result.prices["price"]
    for false in (result.prices.assign(price=price * 10), result.prices.assign(price=price + 50)):
        verdict = checked(replace(result, prices=false), config, agents, requirements)
        assert verdict.bound is not None
        assert verdict.bound < result.summary["bound"] * (1 - 1e-5)
        [line] = [str(violation) for violation in verdict.violations]
        assert line.startswith(f"summary {START} objective: bound ")
        assert f"{verdict.bound:.10g}" in line


def test_a_bound_above_the_one_of_the_prices_is_found():
    result, config, agents, requirements = solved()
    boast = (result.summary["bound"] + result.summary["objective"]) / 2
    gap = (result.summary["objective"] - boast) / result.summary["objective"]
    summary = {**result.summary, "bound": boast, "gap": gap}
    del summary["gap_h"]  # it follows from the bound, and is judged by itself
    verdict = checked(replace(result, summary=summary), config, agents, requirements)
    [line] = [str(violation) for violation in verdict.violations]
    assert f"bound {boast:.10g}, the prices of the proof give only" in line


@pytest.mark.parametrize(
    ("queues", "start", "price", "words"),
    [
        pytest.param("billing;sales", 8.0, 1.0, "unknown queue", id="unknown queue"),
        pytest.param("billing", 8.25, 1.0, "no interval of the horizon", id="between two intervals"),
        pytest.param("billing", 24.0 * 30, 1.0, "no interval of the horizon", id="after the horizon"),
        pytest.param("billing", 8.0, -1.0, "below 0", id="negative price"),
    ],
)
def test_prices_that_cannot_be_read_are_data_faults(queues, start, price, words):
    config = config_with()
    case = case_of(config, agents_table([{}]), requirements_table({"billing": [1] * 16}, config))
    moment = (MONDAY + pd.Timedelta(hours=start)).tz_localize("Europe/Berlin")
    table = prices_of([(queues, moment, 0.0)]).assign(price=price)
    with pytest.raises(DataError, match=words):
        lower_bound(case, table)


def test_the_command_proves_the_bound_of_its_files_and_refuses_false_ones(tmp_path, monkeypatch):
    make_centre(tmp_path)
    monkeypatch.chdir(tmp_path)
    for command in (FORECAST_COMMAND, STAFF_COMMAND):
        succeeds(*command)
    files = ("--summary", "summary.json", "--proof", "proof.csv")
    with short_search():
        succeeds(*SCHEDULE_COMMAND, *files)
    summary = json.loads(Path("summary.json").read_text(encoding="utf-8"))
    outcome = succeeds(*VERIFY_COMMAND, *files, "--json")
    found = json.loads(outcome.out)["bound_recomputed"]
    assert min(found, summary["objective"]) == pytest.approx(summary["bound"], rel=1e-6)
    assert f"bound: {found:.6f} recomputed from the prices (summary says {summary['bound']})" in outcome.err
    header, first, *rows = Path("proof.csv").read_text(encoding="utf-8").splitlines()
    queues, start, _ = first.split(",")
    write("proof.csv", "\n".join([header, f"{queues},{start},100000", *rows, ""]))
    outcome = run(*VERIFY_COMMAND, *files)
    assert outcome.code == 5
    assert len(outcome.out.splitlines()) == 1
    for false, word in ((f"sales,{start},1", "sales"), (f"{queues},{start},-1", "-1")):
        write("proof.csv", "\n".join([header, false, *rows, ""]))
        assert word in fails(4, *VERIFY_COMMAND, *files)

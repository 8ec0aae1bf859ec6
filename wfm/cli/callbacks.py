"""`wfm callbacks`: agents for one interval when callers who would wait are offered a callback."""

from __future__ import annotations

import json
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.calculator import finite, parse_service_level, queue_of
from wfm.cli.common import AsJson
from wfm.cli.values import parse_seconds
from wfm.errors import UsageError, count_of

if TYPE_CHECKING:
    from wfm.config import Queue
    from wfm.erlang.callbacks import Callbacks, Callers

FEWER, MORE = 2, 3  # rows shown below and above the answer
MOST_LOAD = 10_000  # erlangs
Optional = float | None


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(callbacks)


def callbacks(
    calls: Annotated[float, typer.Option(help="Callers in the interval.", min=0)],
    acceptance: Annotated[float, typer.Option(help="Share of those who would wait that takes a callback.")],
    interval: Annotated[str, typer.Option(help="Length of the interval, e.g. 30m.")] = "30m",
    aht: Annotated[str, typer.Option(help="Mean handle time of calls and callbacks, e.g. 180s.")] = "180s",
    service_level: Annotated[str | None, typer.Option(help="80/20: 80 % within 20 s; or a fraction.")] = None,
    answer_within: Annotated[str | None, typer.Option(help="Threshold of the service level.")] = None,
    asa: Annotated[str | None, typer.Option(help="Longest mean wait of answered calls.")] = None,
    max_abandonment: Annotated[Optional, typer.Option(help="Largest share abandoned.")] = None,
    max_occupancy: Annotated[Optional, typer.Option(help="Largest share of time in any work.")] = None,
    patience: Annotated[str | None, typer.Option(help="Mean patience; without it Erlang C.")] = None,
    service_level_variant: Annotated[str, typer.Option(help="Definition of service level.")] = "offered",
    max_callback_load: Annotated[
        float, typer.Option(help="Largest callbacks arising / callbacks that can be done.")
    ] = 0.8,
    as_json: AsJson = False,
) -> None:
    """Agents, and how many to keep free, with callbacks for those who would wait.

    Example: wfm callbacks --calls 100 --acceptance 0.4 --aht 180s --service-level 80/20 --patience 120s
    """
    from wfm.erlang.callbacks import Callers

    interval_s, aht_s = parse_seconds(interval), parse_seconds(aht)
    _check(calls, acceptance, max_callback_load, (interval_s, aht_s))
    level, within = parse_service_level(service_level, answer_within)
    queue = queue_of(
        service_level=level,
        answer_within_s=within,
        asa_s=None if asa is None else parse_seconds(asa),
        max_abandonment=max_abandonment,
        max_occupancy=max_occupancy,
        patience_s=None if patience is None else parse_seconds(patience),
        service_level_variant=service_level_variant,
    )
    callers = Callers(calls * aht_s / interval_s, aht_s, acceptance)
    if callers.load > MOST_LOAD:
        raise UsageError(f"a load of {callers.load:.3g} erlangs", hint=f"at most {MOST_LOAD:,}")
    table, answer = answer_of(queue, callers, max_callback_load)
    without = agents_without(queue, calls, interval_s, aht_s)
    if as_json:
        given = {"calls": calls, "acceptance": acceptance, "agents_without_callbacks": without}
        typer.echo(json.dumps(_values(table, answer) | given))
        return
    for line in [*lines_of(table, answer, queue, calls), comparison(int(table.agents[answer]), without)]:
        typer.echo(line)


def agents_without(queue: Queue, calls: float, interval_s: float, aht_s: float) -> int:
    """Return the fewest agents if nobody is offered a callback."""
    from wfm.erlang.choice import model_of, targets_of
    from wfm.erlang.targets import fewest_agents

    return int(fewest_agents(model_of(queue), calls, interval_s, aht_s, targets_of(queue)))


def comparison(agents: int, without: int) -> str:
    """Return what callbacks are worth in agents, as far as the estimate can say."""
    line = f"without callbacks {count_of(without, 'agent')}"
    if agents > without:
        line += (
            ": so small a load empties the list of callbacks, which the estimate takes to be full; take these"
        )
    return line


def _check(calls: float, acceptance: float, max_callback_load: float, seconds: tuple[float, float]) -> None:
    if calls <= 0.0 or not isfinite(calls) or min(seconds) <= 0.0:
        raise UsageError("--calls, --interval and --aht lie above 0", hint="e.g. --calls 100 --aht 180s")
    if not 0.0 <= acceptance <= 1.0:
        raise UsageError(f"--acceptance {acceptance:g} is not a share", hint="write e.g. 0.4")
    if not 0.0 < max_callback_load <= 1.0:
        problem = f"--max-callback-load {max_callback_load:g} is not a share above 0"
        raise UsageError(problem, hint="at 1 the list of callbacks would never shrink; write e.g. 0.8")


def answer_of(queue: Queue, callers: Callers, max_callback_load: float) -> tuple[Callbacks, int]:
    """Return a few numbers of agents, each keeping as many free as it can, and the row that is enough."""
    from wfm.erlang.callbacks import callback_performance, fewest_with_callbacks, most_kept
    from wfm.erlang.choice import model_of, targets_of

    model, targets = model_of(queue), targets_of(queue)
    fewest = int(fewest_with_callbacks(model, callers, targets, max_callback_load).agents)
    around = [
        (agents, kept)
        for agents in range(max(1, fewest - FEWER), fewest + MORE + 1)
        if (kept := most_kept(model, agents, callers, max_callback_load)) is not None
    ]
    numbers = [agents for agents, _ in around]
    policy = numbers, [kept for _, kept in around]
    return callback_performance(model, policy, callers, targets.answering), numbers.index(fewest)


def _values(table: Callbacks, answer: int) -> dict[str, object]:
    return {name: finite(column[answer]) for name, column in vars(table).items()}


def lines_of(table: Callbacks, answer: int, queue: Queue, calls: float) -> list[str]:
    """Return the table as text, the fewest agents marked."""
    level = f"SL[{queue.service_level_variant}] in {queue.answer_within_s:g} s"
    titles = f"{'agents':>7} {'kept free':>10} {level:>22} {'ASA s':>7} {'abandoned':>10} {'occupancy':>10}"
    lines = [
        "service level, ASA and abandoned are of the callers who take no callback",
        f"{titles} {'callbacks':>10} {'of possible':>12}",
    ]
    for row in range(len(table.agents)):
        mark = " <- fewest that meet every target" if row == answer else ""
        lines.append(
            f"{table.agents[row]:>7} {table.threshold[row]:>10} {table.service_level[row]:>22.2%} "
            f"{table.asa_s[row]:>7.1f} {table.abandonment[row]:>10.2%} {table.occupancy[row]:>10.2%} "
            f"{table.callback_share[row] * calls:>10.1f} {table.callback_load[row]:>12.2%}{mark}"
        )
    return lines

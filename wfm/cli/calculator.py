"""`wfm erlang`: the calculator on every planner's desk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite, isinf, isnan
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wfm.cli.common import AsJson
from wfm.cli.values import parse_seconds
from wfm.errors import ConfigError, UsageError

if TYPE_CHECKING:
    import pandas as pd

    from wfm.config import Queue
    from wfm.errors import Fault

FEWEST_ROW = "<- fewest that meet every target"
GIVEN_ROW = "<- given"
HOUR_S = 3600
WIDTH = 10  # of a column of the table
Optional = float | None


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(erlang)


def erlang(
    calls: Annotated[float, typer.Option(help="Contacts in the interval.", min=0)],
    interval: Annotated[str, typer.Option(help="Length of the interval, e.g. 30m.")] = "30m",
    aht: Annotated[str, typer.Option(help="Mean handle time, e.g. 180s.")] = "180s",
    service_level: Annotated[str | None, typer.Option(help="80/20: 80 % within 20 s; or a fraction.")] = None,
    answer_within: Annotated[str | None, typer.Option(help="Threshold of the service level.")] = None,
    asa: Annotated[str | None, typer.Option(help="Longest mean wait of answered contacts.")] = None,
    max_abandonment: Annotated[Optional, typer.Option(help="Largest share abandoned.")] = None,
    max_occupancy: Annotated[Optional, typer.Option(help="Largest share of time in contact work.")] = None,
    max_blocking: Annotated[Optional, typer.Option(help="Largest share blocked (Erlang B).")] = None,
    deadline: Annotated[str | None, typer.Option(help="Email: done within, working hours, e.g. 8h.")] = None,
    patience: Annotated[str | None, typer.Option(help="Mean patience; without it Erlang C.")] = None,
    redial_probability: Annotated[float, typer.Option(help="Share of the abandoned who call again.")] = 0,
    concurrency: Annotated[int, typer.Option(help="Chats at once per agent.", min=1)] = 1,
    concurrency_slowdown: Annotated[float, typer.Option(help="Longer handle time per further chat.")] = 0,
    short_abandon: Annotated[str, typer.Option(help="Abandoned within this is short.")] = "5s",
    service_level_variant: Annotated[str, typer.Option(help="Definition of service level.")] = "offered",
    queue_model: Annotated[str, typer.Option(help="auto, erlang_b, erlang_c, erlang_a, erlang_x.")] = "auto",
    shrinkage: Annotated[float, typer.Option(help="Share of paid time lost, all unplanned.")] = 0,
    uncertainty_cv: Annotated[float, typer.Option(help="How uncertain the rate is; 0.1: ten per cent.")] = 0,
    quantile: Annotated[Optional, typer.Option(help="Staff for this quantile of the uncertain rate.")] = None,
    peakedness: Annotated[float, typer.Option(help="Bursts: variance / mean; 1: Poisson arrivals.")] = 1,
    agents: Annotated[
        int | None, typer.Option(help="Show this many agents instead.", min=0, max=1_000_000)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Agents needed for one interval, and what a few more or fewer would give.

    Example: wfm erlang --calls 100 --interval 30m --aht 180s --service-level 80/20
    """
    interval_s, aht_s = parse_seconds(interval), parse_seconds(aht)
    if interval_s == 0 or aht_s == 0 or not isfinite(calls):
        raise UsageError(
            "--interval and --aht lie above 0, --calls is finite",
            hint="e.g. --calls 100 --interval 30m --aht 180s",
        )
    if quantile is not None and uncertainty_cv == 0:
        problem = "--quantile needs a rate that is uncertain"
        raise UsageError(problem, hint="add --uncertainty-cv, e.g. --uncertainty-cv 0.1")
    level, within = parse_service_level(service_level, answer_within)
    queue = queue_of(
        service_level=level,
        answer_within_s=within,
        asa_s=None if asa is None else parse_seconds(asa),
        max_abandonment=max_abandonment,
        max_occupancy=max_occupancy,
        max_blocking=max_blocking,
        patience_s=None if patience is None else parse_seconds(patience),
        redial_probability=redial_probability,
        deadline_h=None if deadline is None else parse_seconds(deadline) / HOUR_S,
        channel="email" if deadline is not None else "chat" if concurrency > 1 else "voice",
        concurrency=concurrency,
        concurrency_slowdown=concurrency_slowdown,
        short_abandon_s=parse_seconds(short_abandon),
        service_level_variant=service_level_variant,
        queue_model=queue_model,
        shrinkage={"unplanned": shrinkage} if shrinkage else {},
        uncertainty="none" if uncertainty_cv == 0 else "mixture" if quantile is None else "quantile",
        uncertainty_cv=uncertainty_cv,
        quantile=quantile,
        peakedness=peakedness,
    )
    table = calculated(queue, calls, interval_s, aht_s, agents)
    if as_json:
        typer.echo(json.dumps(answer_of(table), allow_nan=False))
        return
    for line in lines_of(table, queue):
        typer.echo(line)


def parse_service_level(text: str | None, within: str | None) -> tuple[float | None, float]:
    """Read `80/20` or `0.8` (with --answer-within) as (fraction, seconds)."""
    threshold = 20.0 if within is None else parse_seconds(within)
    if text is None:
        return None, threshold
    share, slash, seconds = text.partition("/")
    try:
        level = float(share.rstrip("%"))
    except ValueError as error:
        raise UsageError(f"'{text}' is not a service level", hint="write 80/20 or 0.8") from error
    if slash:
        threshold = parse_seconds(seconds)
        if within is not None and threshold != parse_seconds(within):
            problem = f"--service-level {text} and --answer-within {within} name two thresholds"
            raise UsageError(problem, hint="leave one of them out")
    return (level / 100 if level > 1 or share.endswith("%") else level), threshold


def queue_of(**keys: Any) -> Queue:
    """Return the queue that the options describe; UsageError with every fault."""
    from wfm.config import build_config

    given = {key: value for key, value in keys.items() if value is not None}
    with options_named():
        return build_config({"queues": {"calculator": given}}, source="options").queues["calculator"]


def calculated(
    queue: Queue, calls: float, interval_s: float, aht_s: float, agents: int | None
) -> pd.DataFrame:
    """Return the table of the calculator; UsageError for options that do not fit each other."""
    from wfm.erlang import calculate

    with options_named():
        return calculate(queue, calls, interval_s, aht_s, agents)


@contextmanager
def options_named() -> Iterator[None]:
    """Turn the faults of a configuration into those of the options that describe it."""
    try:
        yield
    except ConfigError as error:
        faults = "; ".join(option_fault(fault) for fault in error.faults)
        remedies = "; ".join(fault.remedy for fault in error.faults if fault.remedy)
        raise UsageError(faults, hint=remedies or "see the --help of the command") from error


def option_fault(fault: Fault) -> str:
    """Return a fault of the queue that the options describe, its key named as the option."""
    key = (fault.column or "").removeprefix("queues.calculator").strip(".").split(".")[0]
    if not key:
        return fault.problem
    option = "--" + key.removesuffix("_s").removesuffix("_h").replace("_", "-")
    return f"{option}{'' if fault.value is None else ' ' + fault.value}: {fault.problem}"


def answer_of(table: pd.DataFrame) -> dict[str, Any]:
    """Return the answer's row as one object; numbers that do not exist (an endless wait) are null."""
    row = table[table["answer"]].iloc[0].drop("answer")
    return {str(name): finite(value) for name, value in row.items()}


def finite(value: Any) -> Any:
    """Return a plain Python value, None for what is not finite."""
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not isfinite(plain) else plain


def lines_of(table: pd.DataFrame, queue: Queue) -> list[str]:
    """Return the table as text, the fewest agents and those given marked."""
    answer = table[table["answer"]].iloc[0]
    model, required = str(answer["queue_model"]), answer["agents_required"]
    lost, word = ("blocking", "blocked") if model.startswith("erlang_b") else ("abandonment", "abandoned")
    level = f"SL[{queue.service_level_variant}] in {queue.answer_within_s:g} s"
    headcount = f"to schedule {answer['agents_to_schedule']}, gross {answer['agents_gross']}"
    lines = [
        f"load {answer['load']:.3f} erlangs, {model}",
        *notes_of(queue, model),
        f"agents required {required} ({answer['agents_fractional']:.2f} for costing), {headcount}",
        f"{'agents':>7} {level:>22} {'ASA s':>9} {'occupancy':>{WIDTH}} {word:>{WIDTH}}",
    ]
    for row in table.to_dict("records"):
        mark = FEWEST_ROW if row["agents"] == required else GIVEN_ROW if row["answer"] else ""
        cells = (_share(row["service_level"], 22), _seconds(row["asa_s"]), _share(row["occupancy"], WIDTH))
        lines.append(f"{row['agents']:>7} {' '.join(cells)} {_share(row[lost], WIDTH)} {mark}".rstrip())
    return lines


def notes_of(queue: Queue, queue_model: str) -> list[str]:
    """Return what the numbers are expected over, and what the model leaves out of what was asked."""
    notes = [] if queue.deferred else list(_notes_of_arrivals(queue))
    if queue_model.startswith("erlang_c") or (queue_model.startswith("chat") and queue.patience_s is None):
        waits = "no patience given: contacts wait for ever"
        idle = queue.max_abandonment is not None
        return [
            *notes,
            f"{waits}, nobody abandons, and --max-abandonment asks for nothing" if idle else waits,
        ]
    if queue.max_blocking is not None and not queue_model.startswith("erlang_b"):
        notes.append("nobody is blocked, and --max-blocking asks for nothing")
    return notes


def _notes_of_arrivals(queue: Queue) -> Iterator[str]:
    cv, share = f"{100 * queue.uncertainty_cv:g} %", f"{100 * queue.quantile:g} %"
    if queue.uncertainty == "mixture":
        yield f"rate uncertain by {cv}: measures are expected over it, weighted by calls (occupancy: by time)"
    elif queue.uncertainty == "quantile":
        yield f"rate uncertain by {cv}: measures are those of its {share} quantile, not the expected ones"
    if queue.peakedness > 1:
        yield f"arrivals in bursts of peakedness {queue.peakedness:g}: Hayward's approximation"


def _share(value: float, width: int) -> str:
    return f"{'-' if isnan(value) else format(value, '.2%'):>{width}}"


def _seconds(value: float) -> str:
    return f"{'-' if isnan(value) else 'endless' if isinf(value) else format(value, '.1f'):>9}"

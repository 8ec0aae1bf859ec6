"""`wfm outbound`: how fast a predictive dialler may call, and how many agents a campaign needs."""

from __future__ import annotations

import json
from dataclasses import asdict
from math import isfinite
from typing import TYPE_CHECKING, Annotated

import typer

from wfm.cli.calculator import finite
from wfm.cli.common import AsJson
from wfm.cli.values import parse_seconds
from wfm.errors import UsageError

if TYPE_CHECKING:
    from wfm.erlang.outbound import Campaign, Pace

FEWER, MORE = 3, 3  # rows shown below and above the answer
MOST_AGENTS = 100_000


def add_to(app: typer.Typer) -> None:
    """Register the command of this file."""
    app.command()(outbound)


def outbound(
    agents: Annotated[
        int | None, typer.Option(help="Agents who take the answered dials.", min=1, max=MOST_AGENTS)
    ] = None,
    contacts: Annotated[
        float | None, typer.Option(help="Instead of --agents: contacts wanted per hour.", min=0)
    ] = None,
    aht: Annotated[str, typer.Option(help="Mean handle time of a contact, e.g. 180s.")] = "180s",
    answer_rate: Annotated[float, typer.Option(help="Share of the dials that a person answers.")] = 0.3,
    max_abandonment: Annotated[
        float, typer.Option(help="Largest share of live answers that find no agent in time.")
    ] = 0.03,
    wait: Annotated[str, typer.Option(help="Longest wait before a live answer counts as abandoned.")] = "2s",
    ring: Annotated[str, typer.Option(help="Mean time that a dial rings.")] = "15s",
    as_json: AsJson = False,
) -> None:
    """Fastest pace of a predictive dialler under a cap on abandoned calls, or agents for a target.

    Example: wfm outbound --agents 20 --aht 180s --answer-rate 0.3 --max-abandonment 0.03
    """
    from wfm.erlang.outbound import Campaign

    if (agents is None) == (contacts is None):
        raise UsageError("give --agents or --contacts, one of them", hint="e.g. --agents 20")
    seconds = tuple(parse_seconds(text) for text in (aht, wait, ring))
    _check(answer_rate, max_abandonment, seconds, contacts)
    campaign = Campaign(seconds[0], answer_rate, max_abandonment, seconds[1], seconds[2])
    answer = answer_of(agents, contacts, campaign)
    if as_json:
        values = asdict(answer) | asdict(campaign)
        typer.echo(json.dumps({name: finite(value) for name, value in values.items()}, allow_nan=False))
        return
    for line in lines_of(answer, campaign):
        typer.echo(line)


def _check(
    answer_rate: float, max_abandonment: float, seconds: tuple[float, ...], contacts: float | None
) -> None:
    if not 0.0 < answer_rate <= 1.0:
        raise UsageError(f"--answer-rate {answer_rate:g} is not a share of the dials", hint="write e.g. 0.3")
    if not 0.0 < max_abandonment < 1.0:
        problem = f"--max-abandonment {max_abandonment:g} is not a share above 0"
        raise UsageError(problem, hint="write e.g. 0.03; without any risk nobody may dial ahead")
    if seconds[0] == 0.0:
        raise UsageError("--aht lies above 0", hint="e.g. --aht 180s")
    if contacts is not None and (not isfinite(contacts) or contacts * seconds[0] / 3600 > 0.9 * MOST_AGENTS):
        problem = f"--contacts {contacts:g} need more than {MOST_AGENTS:,} agents"
        raise UsageError(problem, hint="check contacts per hour and handle time")


def answer_of(agents: int | None, contacts: float | None, campaign: Campaign) -> Pace:
    """Return the fastest pace of the agents given, or of the fewest who reach so many contacts an hour."""
    from wfm.erlang.outbound import agents_for, fastest_pace

    return fastest_pace(agents, campaign) if agents is not None else agents_for(contacts or 0.0, campaign)


def lines_of(answer: Pace, campaign: Campaign) -> list[str]:
    """Return the table as text: the fastest pace of a few agents more and fewer, the answer marked."""
    from wfm.erlang.outbound import fastest_pace

    cap = f"at most {campaign.max_abandonment:.2%} of live answers without an agent in {campaign.wait_s:g} s"
    rate = f"{answer.dials_per_hour:.1f} dials an hour, {answer.dials_per_hour / answer.agents:.1f} per agent"
    titles = f"{'agents':>7} {'dials/h':>10} {'live/h':>10} {'contacts/h':>11} {'abandoned':>10}"
    lines = [
        f"{cap}, {campaign.answer_rate:.1%} of the dials answered, dials ring {campaign.ring_s:g} s",
        f"{rate}; on average {answer.lines_busy:.1f} lines busy and {answer.agents_idle:.2f} agents idle",
        f"{titles} {'occupancy':>10} {'idle':>7}",
    ]
    first = max(1, answer.agents - FEWER)
    for agents in range(first, answer.agents + MORE + 1):
        row = answer if agents == answer.agents else fastest_pace(agents, campaign)
        mark = " <-" if agents == answer.agents else ""
        lines.append(
            f"{row.agents:>7} {row.dials_per_hour:>10.1f} {row.live_per_hour:>10.1f} "
            f"{row.contacts_per_hour:>11.1f} {row.abandonment:>10.2%} {row.talk_occupancy:>10.2%} "
            f"{row.agents_idle:>7.2f}{mark}"
        )
    return lines

"""The text of a commented wfm.toml for queues that were found in an export."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.resources import files

from wfm.errors import count_of
from wfm.io.guess import Learnt, toml_key, toml_value

LONGEST_NAME = 60
HANDLE_TIME_S = 300
_BAD = re.compile(r"[;\[\]|\"'\\]+")  # what a list of skills, a key or a command line cannot hold well
_PROMISES = {
    "voice": (("service_level", "0.80", "CHECK: your promise"), ("answer_within_s", "20", "seconds")),
    "chat": (("service_level", "0.80", "CHECK: your promise"), ("answer_within_s", "60", "seconds")),
    "email": (("deadline_h", "8", "CHECK: your promise, in working hours"),),
}


@dataclass(frozen=True)
class QueueGuess:
    """What is known of a queue: its channel, the hours learnt, and whether the export has handle times."""

    channel: str
    learnt: Learnt | None = None
    has_times: bool = True


def queue_name(text: str, taken: Collection[str]) -> str:
    """Return a name for a queue of an export: its own, without signs that other files cannot hold.

    A name that is in `taken` gets a number.
    """
    plain = "".join(character if character.isprintable() else " " for character in text)
    name = " ".join(_BAD.sub(" ", plain).split())[:LONGEST_NAME].strip() or "queue"
    if name == text:
        return text
    number, found = 2, name
    while found in taken:
        number, found = number + 1, f"{name} {number}"
    return found


def project_text(timezone: str, remark: str, interval_min: int, queues: Mapping[str, QueueGuess]) -> str:
    """Return the text of wfm.toml; `remark` says where the centre's zone comes from."""
    lines = [
        "# wfm.toml: what the planner decides, begun from an export. Lines with CHECK are assumptions.",
        "# Every key that is left out has a default; docs/configuration.md lists them all.",
        "",
        "[centre]",
        'name = "My centre"',
        _line("timezone", toml_value(timezone), remark),
        _line("interval_min", str(interval_min), "5, 10, 15, 30 or 60"),
        'week_start = "Mon"',
        'weekend = ["Sat", "Sun"]',
        "",
        "[sites.office]                         # agents name their site; one more site is one more section",
        "",
        "[defaults.queue]                       # holds for every queue that does not say otherwise",
        '# holidays = "DE"                      # a calendar: DE, DE-HH, PT, US-CA, ...',
        '# holiday_hours = ""                   # "" is closed; left out: learnt from the history',
        "# patience_s = 150                     # mean patience; without it nobody hangs up (Erlang C)",
        "shrinkage = { leave = 0.08, sickness = 0.05, training = 0.03, breaks = 0.07, aux = 0.02 }   # CHECK",
        'shrinkage_planned = ["leave", "training", "breaks"]   # what the roster itself places',
    ]
    for name, queue in queues.items():
        lines += ["", f"[queues.{toml_key(name)}]", *_queue_lines(queue)]
    lines += [
        "",
        _rules(),
        "[inputs]                               # for `wfm nightly`, relative to this file",
    ]
    lines += ['history = "history.parquet"', '# agents = "agents.csv"                # needed for rosters']
    return "\n".join([*lines, "# mapping, contacts, time_off, requests, pins, overrides, events", ""])


def _queue_lines(queue: QueueGuess) -> list[str]:
    hours, remark = "", "always"
    if queue.channel == "email":
        remark = "CHECK: working hours of the team, which arrivals do not show; empty: always"
    elif queue.learnt is not None:
        hours, days = queue.learnt.hours, queue.learnt.days
        remark = f"learnt from the contacts of {count_of(days, 'day')}" + ("" if hours else "; empty: always")
        if not queue.learnt.is_known:
            remark = f"CHECK: too few contacts to learn them from ({count_of(days, 'day')}); empty: always"
    lines = [_line("channel", toml_value(queue.channel), ""), _line("hours", toml_value(hours), remark)]
    lines += [_line(*promise) for promise in _PROMISES[queue.channel]]
    if queue.channel == "chat":
        lines.append(_line("concurrency", "1", "CHECK: chats that one agent handles at once"))
    if not queue.has_times:
        lines.append(_line("aht_s", str(HANDLE_TIME_S), "CHECK: the export has no handle times"))
    return lines


def _rules() -> str:
    """Return the contracts and the other sections of the sample project."""
    text = files("wfm.demo").joinpath("sample.toml").read_text(encoding="utf-8")
    return text[text.index("[contracts.full_time]") : text.index("[inputs]")]


def _line(key: str, value: str, remark: str) -> str:
    text = f"{key} = {value}"
    return f"{text:<38} # {remark}" if remark else text

"""Asks one peer for the agents of given rows, inside that peer's own environment; standard library only.

    python bench/erlang_peers.py NAME < question.json > answers.json

`bench/erlang.py` calls it. The question: rows, `limit_s` of one row, `budget_s` of the rows of one kind (wall
clock). The answers, in the order of the rows: [agents, agents with shrinkage], or "crash", "late", "not
asked" (budget spent), "no model"; and rows per CPU second of three passes over what goes into one second.
"""

from __future__ import annotations

import contextlib
import importlib.metadata
import io
import json
import math
import signal
import sys
import time


class Late(BaseException):
    """The row's time is up; no `except Exception` of a peer may catch it."""


class NoModel(Exception):
    """The peer has no such queueing model."""


def pyworkforce(row: dict) -> list[int]:
    from pyworkforce.queuing import ErlangA, ErlangC

    given = {
        "transactions": row["calls"],
        "aht": row["aht_s"] / 60,
        "asa": row["within_s"] / 60,
        "interval": row["interval_s"] / 60,
        "shrinkage": row["shrinkage"],
    }
    queue = (
        ErlangC(**given) if row["patience_s"] is None else ErlangA(**given, patience=row["patience_s"] / 60)
    )
    found = queue.required_positions(row["service_level"], row["max_occupancy"] or 1.0)
    return [found["raw_positions"], found["positions"]]


def call_center_tools(row: dict) -> list[int]:
    from call_center_tools import calc_staffing

    _patient(row)
    found = calc_staffing(
        row["calls"] * 3600 / row["interval_s"],
        row["aht_s"],
        max_occupancy=row["max_occupancy"] or 1.0,
        target_answer_time=row["within_s"],
        target_service_level=row["service_level"],
        shrinkage=row["shrinkage"],
    )
    return [found.agents, found.agents_with_shrinkage or found.agents]


def erlanglib(row: dict) -> list[int]:
    """Search upwards from the load with the library's formulas: it has no search of its own."""
    import erlanglib as peer

    _patient(row)
    load = peer.calculate_erlangs_seconds(row["aht_s"], row["calls"] / row["interval_s"])
    agents = math.floor(load) + 1
    while not _enough(peer, agents, load, row):
        agents += 1
    return [agents, peer.required_agents(agents, 100 * row["shrinkage"])]


def _enough(peer, agents: int, load: float, row: dict) -> bool:
    if peer.occupancy(load, agents) > 100 * (row["max_occupancy"] or 1.0):
        return False
    waits = peer.erlang_c(agents, load)
    return peer.service_level(agents, load, waits, row["within_s"], row["aht_s"]) >= row["service_level"]


def wfmplan(row: dict) -> list[int]:
    from wfmplan import Optimizer

    _patient(row)
    found = Optimizer(
        row["calls"],
        row["aht_s"],
        row["interval_s"],
        max_occupancy=row["max_occupancy"] or 1.0,
        shrink=row["shrinkage"],
        sla=row["service_level"],
        st=row["within_s"],
        method="sla",
    ).predict()
    return [found["agent_req"], found["agent_req_shrink"]]


def _patient(row: dict) -> None:
    if row["patience_s"] is not None:
        raise NoModel


PEERS = {
    "pyworkforce": pyworkforce,
    "call-center-tools": call_center_tools,
    "erlanglib": erlanglib,
    "wfmplan": wfmplan,
}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        print(f"nothing to do: bench/erlang.py asks the peers ({', '.join(PEERS)})")
        return
    name, question = sys.argv[1], json.load(sys.stdin)
    signal.signal(signal.SIGALRM, _ring)
    with contextlib.redirect_stdout(io.StringIO()):  # wfmplan prints its errors
        answers = ask_all(PEERS[name], question)
        kinds = {
            "erlang_c": [row for row in question["rows"] if row["kind"] == "ordinary"],
            "erlang_a": [row for row in question["rows"] if row["kind"] == "patience"],
        }
        speed = {kind: passes(PEERS[name], rows, question["limit_s"]) for kind, rows in kinds.items()}
    json.dump(
        {"version": importlib.metadata.version(name), "answers": answers, "rows_per_s": speed}, sys.stdout
    )


def _ring(*_) -> None:
    raise Late


def ask_all(peer, question: dict) -> list:
    answers, spent_s = [], dict.fromkeys((row["kind"] for row in question["rows"]), 0.0)
    for row in question["rows"]:
        if spent_s[row["kind"]] > question["budget_s"]:
            answers.append("not asked")
            continue
        begin = time.monotonic()
        answers.append(ask(peer, row, question["limit_s"]))
        spent_s[row["kind"]] += time.monotonic() - begin
    return answers


def ask(peer, row: dict, limit_s: float):
    signal.setitimer(signal.ITIMER_REAL, limit_s)
    try:
        return peer(row)
    except Late:
        return "late"
    except NoModel:
        return "no model"
    except Exception:  # noqa: BLE001 - whatever a peer throws at a legal row is what is being counted
        return "crash"
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def passes(peer, rows: list[dict], limit_s: float) -> list[float]:
    """Return rows per CPU second of three passes, the first of which says how many rows the others take."""
    found: list[float] = []
    for _ in range(3):
        begin, done = time.process_time(), 0
        for row in rows:
            if ask(peer, row, limit_s) == "no model":
                return []
            done += 1
            if not found and time.process_time() - begin > 1.0:
                break
        found.append(done / (time.process_time() - begin))
        rows = rows[:done]
    return found


if __name__ == "__main__":
    main()

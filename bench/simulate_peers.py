"""Plays one centre with one peer, inside that peer's own environment; the peer and the standard library only.

    python bench/simulate_peers.py NAME < question.json > answer.json

`bench/simulate.py` calls it. The question: agents, who serve all queues, aht_s, within_s; `queues`, the more
urgent first, each with its rate (per second) and mean patience_s; contacts of one pass, passes. The answer:
service level, mean wait of the answered (seconds) and abandonment of each queue, over all passes; their
standard errors; contacts per CPU second (median of the passes).
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import random
import statistics
import sys
import time
from collections.abc import Iterator
from typing import Any

WARM_UP = 0.02  # share of the contacts, the first ones, that are not counted

Contact = tuple[int, float, bool]  # queue, wait in seconds, answered


def ciw(question: dict[str, Any], seed: int) -> list[Contact]:
    """Play a node with a class of customers per queue, who renege; who is there at the end is left out."""
    import ciw as peer

    exponential, queues = peer.dists.Exponential, question["queues"]
    network = peer.create_network(
        arrival_distributions={str(q): [exponential(own["rate"])] for q, own in enumerate(queues)},
        service_distributions={str(q): [exponential(1 / question["aht_s"])] for q in range(len(queues))},
        number_of_servers=[question["agents"]],
        priority_classes={str(q): q for q in range(len(queues))},
        reneging_time_distributions={
            str(q): [exponential(1 / own["patience_s"])] for q, own in enumerate(queues)
        },
    )
    peer.seed(seed)
    simulation = peer.Simulation(network)
    simulation.simulate_until_max_time(question["contacts"] / sum(own["rate"] for own in queues))
    records = sorted(simulation.get_all_records(), key=lambda record: float(record.arrival_date))
    return [(int(r.customer_class), float(r.waiting_time), r.record_type == "service") for r in records]


def simpy(question: dict[str, Any], seed: int) -> list[Contact]:
    """Play one process per queue and one per contact, which waits for the resource or for its patience."""
    import simpy as peer

    draw, queues = random.Random(seed).expovariate, question["queues"]  # noqa: S311 - no secret
    world = peer.Environment()
    agents = peer.PriorityResource(world, capacity=question["agents"])
    until_s = question["contacts"] / sum(own["rate"] for own in queues)
    found: list[Contact] = []

    def contact(q: int, patience_s: float) -> Iterator[Any]:
        arrived = world.now
        with agents.request(priority=q) as answer:
            yield answer | world.timeout(draw(1 / patience_s))
            found.append((q, world.now - arrived, answer.triggered))
            if answer.triggered:
                yield world.timeout(draw(1 / question["aht_s"]))

    def arrivals(q: int, rate: float, patience_s: float) -> Iterator[Any]:
        while True:
            yield world.timeout(draw(rate))
            world.process(contact(q, patience_s))

    for q, own in enumerate(queues):
        world.process(arrivals(q, **own))
    world.run(until=until_s)
    return found


PEERS = {"ciw": ciw, "simpy": simpy}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        print(f"nothing to do: bench/simulate.py asks the peers ({', '.join(PEERS)})")
        return
    name, question = sys.argv[1], json.load(sys.stdin)
    importlib.import_module(name)  # which is no part of the first pass
    speeds, passes = [], []
    for seed in range(1, question["passes"] + 1):
        begun = time.process_time()
        played = PEERS[name](question, seed)
        speeds.append(len(played) / (time.process_time() - begun))
        passes.append(measures(played[int(WARM_UP * len(played)) :], question["within_s"]))
    figures = {key: [own[key] for own in passes] for key in passes[0]}
    answer = {
        "version": importlib.metadata.version(name),
        "figures": {key: statistics.mean(values) for key, values in figures.items()},
        "errors": {key: statistics.stdev(v) / math.sqrt(len(v)) for key, v in figures.items()},
        "contacts_per_cpu_s": statistics.median(speeds),
    }
    json.dump(answer, sys.stdout)


def measures(played: list[Contact], within_s: float) -> dict[str, float]:
    """Return service level and mean wait of the answered of all queues, and abandonment of each."""
    waits = [wait for _, wait, answered in played if answered]
    in_time = sum(wait <= within_s for wait in waits)
    found = {"service_level": in_time / len(played), "asa_s": statistics.fmean(waits)}
    for q in sorted({q for q, _, _ in played}):
        own = [answered for queue, _, answered in played if queue == q]
        found[f"abandoned_{q + 1}"] = 1 - sum(own) / len(own)
    return found


if __name__ == "__main__":
    main()

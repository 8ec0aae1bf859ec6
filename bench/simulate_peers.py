"""Plays one queue with one peer, inside that peer's own environment; the peer and the standard library only.

    python bench/simulate_peers.py NAME < question.json > answer.json

`bench/simulate.py` calls it. The question: load (erlangs), agents, aht_s, patience_s, within_s, contacts of
one pass, passes. The answer: service level, abandonment and mean wait of the answered over all passes, their
standard errors, and contacts per CPU second (median of the passes).
"""

from __future__ import annotations

import importlib.metadata
import json
import math
import random
import statistics
import sys
import time

WARM_UP = 0.02  # share of the contacts that are not counted


def ciw(question: dict, seed: int) -> list[tuple[float, bool]]:
    """Return (wait, answered) of each contact; a customer reneges by an exponential patience."""
    import ciw as peer

    rate = question["load"] / question["aht_s"]
    network = peer.create_network(
        arrival_distributions=[peer.dists.Exponential(rate=rate)],
        service_distributions=[peer.dists.Exponential(rate=1 / question["aht_s"])],
        number_of_servers=[int(question["agents"])],
        reneging_time_distributions=[peer.dists.Exponential(rate=1 / question["patience_s"])],
    )
    peer.seed(seed)
    simulation = peer.Simulation(network)
    simulation.simulate_until_max_time(question["contacts"] / rate)
    records = simulation.get_all_records()
    return [
        (r.waiting_time, r.record_type == "service") for r in sorted(records, key=lambda r: r.arrival_date)
    ]


def simpy(question: dict, seed: int) -> list[tuple[float, bool]]:
    """Return (wait, answered) of each contact; one process per contact, which waits or leaves."""
    import simpy as peer

    draw = random.Random(seed)  # noqa: S311 - a simulation is no secret
    world = peer.Environment()
    agents = peer.Resource(world, capacity=int(question["agents"]))
    found: list[tuple[float, bool]] = []

    def contact():
        arrived = world.now
        with agents.request() as answer:
            yield answer | world.timeout(draw.expovariate(1 / question["patience_s"]))
            found.append((world.now - arrived, answer.triggered))
            if answer.triggered:
                yield world.timeout(draw.expovariate(1 / question["aht_s"]))

    def arrivals():
        for _ in range(question["contacts"]):
            yield world.timeout(draw.expovariate(question["load"] / question["aht_s"]))
            world.process(contact())

    world.process(arrivals())
    world.run()
    return found


PEERS = {"ciw": ciw, "simpy": simpy}


def main() -> None:
    if len(sys.argv) != 2 or sys.argv[1] not in PEERS:
        print(f"nothing to do: bench/simulate.py asks the peers ({', '.join(PEERS)})")
        return
    name, question = sys.argv[1], json.load(sys.stdin)
    speeds, figures = [], []
    for seed in range(1, question["passes"] + 1):
        begun = time.process_time()
        played = PEERS[name](question, seed)
        speeds.append(len(played) / (time.process_time() - begun))
        figures.append(measures(played[int(WARM_UP * len(played)) :], question["within_s"]))
    names = ("service_level", "abandonment", "asa_s")
    columns = dict(zip(names, zip(*figures, strict=True), strict=True))
    answer = {
        "version": importlib.metadata.version(name),
        **{key: statistics.mean(values) for key, values in columns.items()},
        "errors": {k: statistics.stdev(v) / math.sqrt(len(v)) for k, v in columns.items()},
        "contacts_per_cpu_s": statistics.median(speeds),
    }
    json.dump(answer, sys.stdout)


def measures(played: list[tuple[float, bool]], within_s: float) -> tuple[float, float, float]:
    """Return service level, abandonment and the mean wait of the answered."""
    waits = [wait for wait, answered in played if answered]
    in_time = sum(wait <= within_s for wait in waits)
    return in_time / len(played), 1 - len(waits) / len(played), sum(waits) / len(waits)


if __name__ == "__main__":
    main()

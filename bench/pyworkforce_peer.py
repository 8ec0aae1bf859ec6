"""Asks pyworkforce for a roster, inside its own environment; standard library and that package only.

    python bench/pyworkforce_peer.py < question.json > answer.json

`bench/roster_peers.py` calls it. First `MinAbsDifference` says how many of each shift to work on each day,
then `MinHoursRoster` gives them to agents; half of `limit_s` each. The question: days, periods, cover (shift
name to 0/1 by period), required (days x periods), hours by shift, resources, banned shifts, the least hours
and the most days of rest that any agent has. The answer: the status of each step and (agent, day, shift).
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any


def main() -> None:
    text = sys.stdin.read()
    if not text.strip():
        print("nothing to do: bench/roster_peers.py asks pyworkforce")
        return
    question = json.loads(text)
    begun = time.monotonic()
    found = ask(question)
    usage = resource.getrusage(resource.RUSAGE_SELF)
    found |= {
        "wall_s": time.monotonic() - begun,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "mib": usage.ru_maxrss // 1024,
    }
    json.dump(found, sys.stdout)


def ask(question: dict[str, Any]) -> dict[str, Any]:
    from pyworkforce.rostering.binary_programming import MinHoursRoster  # type: ignore[import-not-found]
    from pyworkforce.scheduling import MinAbsDifference  # type: ignore[import-not-found]

    names, agents = list(question["cover"]), question["resources"]
    counts = MinAbsDifference(
        num_days=question["days"],
        periods=question["periods"],
        shifts_coverage=question["cover"],
        required_resources=question["required"],
        max_period_concurrency=len(agents),
        max_shift_concurrency=len(agents),
        max_search_time=question["limit_s"] / 2,
        num_search_workers=2,
    ).solve()
    if counts["cost"] < 0:
        return {"status": f"shifts {counts['status'].lower()}", "shifts": []}
    wanted = {name: [0] * question["days"] for name in names}
    for row in counts["resources_shifts"]:
        wanted[row["shift"]][row["day"]] = row["resources"]
    roster = MinHoursRoster(
        num_days=question["days"],
        resources=agents,
        shifts=names,
        shifts_hours=[question["hours"][name] for name in names],
        min_working_hours=question["least_hours"],
        banned_shifts=question["banned"],
        max_resting=question["most_rest"],
        required_resources=wanted,
        max_search_time=question["limit_s"] / 2,
        num_search_workers=2,
    ).solve()
    status = f"shifts {counts['status'].lower()}, roster {roster['status'].lower()}"
    if roster["cost"] < 0 or roster["total_resources"] == 0:
        return {"status": status, "shifts": []}
    shifts = [(row["resource"], row["day"], row["shift"]) for row in roster["resource_shifts"]]
    return {"status": status, "shifts": shifts}


if __name__ == "__main__":
    main()

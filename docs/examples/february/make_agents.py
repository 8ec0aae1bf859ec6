"""The 40 agents who take the calls of February 1999: generated, because the log hides who they were.

12 have full weeks, 28 are students with short shifts, as a bank has them that answers until midnight. A third
of the students can work in the morning only, a third in the evening only. Same seed, same file.

Example: python docs/examples/february/make_agents.py build/february/agents.csv
"""

from __future__ import annotations

import argparse
import csv
import random
from collections.abc import Iterator
from pathlib import Path

FULL_TIME, STUDENTS = 12, 28
TEAMS = 3
AVAILABILITY = ("", "Sun-Fri 07:00-15:00", "Sun-Thu 15:00-24:00;Sat 19:00-24:00")
COLUMNS = ("agent_id", "name", "contract", "skills", "availability", "cost_per_hour", "team")


def agents(seed: int) -> Iterator[dict[str, str]]:
    """Yield one row per agent."""
    draw = random.Random(seed)  # noqa: S311 - people are made up here, not passwords
    contracts = ["full_time"] * FULL_TIME + ["student"] * STUDENTS
    for number, contract in enumerate(contracts, start=1):
        student = contract == "student"
        yield {
            "agent_id": f"A{number:02d}",
            "name": f"Agent {number:02d}",
            "contract": contract,
            "skills": "bank",
            "availability": AVAILABILITY[number % len(AVAILABILITY)] if student else "",
            "cost_per_hour": f"{draw.uniform(0.8, 0.9) if student else draw.uniform(1.0, 1.2):.2f}",
            "team": f"Team {1 + number % TEAMS}",
        }


def main() -> None:
    """Write the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with asked.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(agents(asked.seed))


if __name__ == "__main__":
    main()

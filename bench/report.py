"""The report page at its largest intended size: six queues, six weeks of quarter-hours, 500 agents in a week.

python bench/report.py                    made-up tables of that size (tests/report/centre.py)
python bench/report.py RUN_DIR CONFIG     a run of yours

CPU seconds are medians of five, for the page alone, for the comparison with the run before (here the same
tables drawn from another seed) and for reading the tables from their folder. Intended: under 4 s, under 3 MB.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

QUEUES = ["billing", "tech", "sales", "vip", "chat", "email"]
AGENTS = 500
TEAMS = 12
ROUNDS = 5
LIMIT_S, LIMIT_MB = 4.0, 3.0


def seconds_of(work: Callable[[], Any]) -> float:
    """Return the median CPU seconds of five calls."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.process_time()
        work()
        taken.append(time.process_time() - begun)
    return statistics.median(taken)


def made_up() -> None:
    from tests.report.centre import config_of, run_of
    from wfm.diff import Run, changes_between
    from wfm.io.run_folder import RUN_TABLES, read_run
    from wfm.io.tables import write_table
    from wfm.report import render

    config = config_of(QUEUES)
    run, before = (run_of(config, agents=AGENTS, teams=TEAMS, seed=seed) for seed in (1, 2))
    with tempfile.TemporaryDirectory() as name:
        for table in RUN_TABLES:
            if getattr(run, table.name, None) is not None:
                write_table(getattr(run, table.name), table, Path(name) / f"{table.name}.parquet")
        reading_s = seconds_of(lambda: read_run(Path(name)))
    size = len(render(run, config).encode()) / 1e6
    page_s = seconds_of(lambda: render(run, config))
    changes_s = seconds_of(lambda: changes_between(Run("before", before, config), Run("after", run, config)))
    print(f"{len(QUEUES)} queues, 6 weeks of quarter-hours, {AGENTS} agents for a week")
    print(f"page      {page_s:5.2f} CPU s of {LIMIT_S:.0f}, {size:.2f} MB of {LIMIT_MB:.0f}")
    print(f"changes   {changes_s:5.2f} CPU s, every shift another")
    print(f"reading   {reading_s:5.2f} CPU s")


def of_folder(folder: Path, config_path: Path) -> None:
    from wfm.io.inputs import queue_zones
    from wfm.io.run_folder import read_run
    from wfm.io.toml import load_config
    from wfm.report import render

    config = load_config(config_path)
    run = read_run(folder, queue_zones(config))
    size = len(render(run, config).encode()) / 1e6
    print(f"report of {folder}: {seconds_of(lambda: render(run, config)):.2f} CPU s, {size:.2f} MB")


if __name__ == "__main__":
    if len(sys.argv) == 3:
        of_folder(Path(sys.argv[1]), Path(sys.argv[2]))
    else:
        made_up()

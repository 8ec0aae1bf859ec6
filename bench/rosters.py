"""Rosters of growing size: objective, proven gap, understaffed share, violations, CPU seconds, memory.

    python bench/rosters.py                 30 agents, two seeds (what `make bench` runs)
    python bench/rosters.py 200 1 120 1 2 3   agents, weeks, time limit (s), seeds...

Each seed is planned in a process of its own, so that memory and seconds are its own.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

HEADER = (
    f"{'agents':>6} {'weeks':>5} {'seed':>4} {'objective':>10} {'bound':>10} {'gap':>6} {'under':>7} "
    f"{'over':>6} {'viol':>4} {'wall s':>7} {'cpu s':>6} {'MiB':>5} status"
)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["one"]:
        print(plan(*(int(value) for value in arguments[1:])))
        return
    count, weeks, limit, *seeds = [int(value) for value in arguments] or [30, 1, 60, 1, 2]
    print(HEADER)
    for seed in seeds or [1]:
        numbers = [str(value) for value in (count, weeks, limit, seed)]
        sys.stdout.flush()
        subprocess.run([sys.executable, __file__, "one", *numbers], check=True)


def plan(count: int, weeks: int, limit: int, seed: int) -> str:
    from centres import build_centre

    from wfm.schedule.options import Options
    from wfm.schedule.stage import schedule
    from wfm.schedule.verify import verify

    centre = build_centre(count, weeks, seed)
    tables = {"time_off": centre.time_off, "requests": centre.requests}
    begun, cpu = time.monotonic(), time.process_time()
    result = schedule(
        centre.requirements, centre.agents, centre.config, options=Options(time_limit_s=limit), **tables
    )
    seconds, cpu_seconds = time.monotonic() - begun, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    verdict = verify(
        result.roster,
        centre.agents,
        centre.requirements,
        centre.config,
        weeks=weeks,
        summary=result.summary,
        **tables,
    )
    summary = result.summary
    share = summary["understaffed_h"] / summary["required_h"]
    surplus = summary["overstaffed_h"] / summary["required_h"]
    return (
        f"{count:>6} {weeks:>5} {seed:>4} {summary['objective']:>10.0f} {summary['bound']:>10.0f}"
        f" {summary['gap']:>6.2%} {share:>7.3%} {surplus:>6.2%} {len(verdict.violations):>4} {seconds:>7.1f}"
        f" {cpu_seconds:>6.1f} {memory:>5} {summary['status']}"
    )


if __name__ == "__main__":
    main(sys.argv[1:])

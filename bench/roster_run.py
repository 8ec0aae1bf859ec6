"""One instance of the roster benchmark planned and verified: figures of its row, memory and seconds its own.

Shares are of the required hours; objective, bound and gap are the summary's, and verify recomputes them: a
figure it does not confirm counts as a violation. MiB is the largest resident set of the process.
"""

from __future__ import annotations

import resource
import time
from dataclasses import dataclass
from typing import Any

import pandas as pd

from bench.centres import BenchCentre
from wfm.schedule.options import Options
from wfm.schedule.stage import schedule
from wfm.schedule.verify import verify


@dataclass(frozen=True)
class Planned:
    """A planned instance: its row of figures and the roster behind it."""

    row: dict[str, Any]
    roster: pd.DataFrame


def planned(centre: BenchCentre, limit_s: float) -> Planned:
    """Return what `schedule` makes of a centre within `limit_s` seconds."""
    begun, cpu = time.monotonic(), time.process_time()
    result = schedule(
        centre.requirements,
        centre.agents,
        centre.config,
        first_day=centre.first_day,
        options=Options(time_limit_s=limit_s),
        **centre.extras,
    )
    wall_s, cpu_s, mib = time.monotonic() - begun, time.process_time() - cpu, peak_mib()
    summary = result.summary
    return Planned(
        {
            "objective": summary["objective"],
            "bound": summary["bound"],
            "gap": summary["gap"],
            **verdict(centre, result.roster, summary),
            "wall_s": wall_s,
            "cpu_s": cpu_s,
            "mib": mib,
            "status": summary["status"],
        },
        result.roster,
    )


def verdict(
    centre: BenchCentre, roster: pd.DataFrame, summary: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return what verify says of a roster: understaffed and overstaffed shares, violations, objective."""
    found = verify(
        roster,
        centre.agents,
        centre.requirements,
        centre.config,
        first_day=centre.first_day,
        summary=summary,
        **centre.extras,
    )
    required_h = max(found.figures["required_h"], 1.0)
    return {
        "understaffed": found.figures["understaffed_h"] / required_h,
        "overstaffed": found.figures["overstaffed_h"] / required_h,
        "violations": len(found.violations),
        "objective": found.objective,
    }


def peak_mib() -> int:
    """Return the largest resident set of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

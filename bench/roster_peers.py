"""The instance of the prototype given to others: OR-Tools' sample model and pyworkforce, beside ours.

Each has the same time limit and two workers; what comes out as a roster at all is judged by our verify, with
the contract's full objective. The sample model runs here (`bench/sample_model.py`), pyworkforce in an
environment of its own (`bench/pyworkforce_peer.py`). What pyworkforce has no word for it is not told: queues
are pooled, weekly hours are one minimum for all, rest is left out (its `non_sequential_shifts` forbids a
shift altogether once two others may not follow it); contract, availability and leave are bans. Agents on
leave all week are left out.
"""

from __future__ import annotations

import json
import subprocess
import time
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bench.centres import BenchCentre
from bench.prototype import build
from bench.roster_question import PER_DAY, Person, Question, covered, question_of
from bench.roster_run import peak_mib, planned, verdict
from bench.tours import Shift, roster_table

PEERS = ("wfm", "ortools sample", "pyworkforce")
REQUIREMENTS = (  # of pip, one call each: what it needs, then it; its pins exclude newer Pythons
    ["numpy", "pandas", "ortools", "joblib"],
    ["--no-deps", "--ignore-requires-python", "--no-binary", "pyworkforce", "pyworkforce"],
)
PATIENCE = 4  # times the limit: building its model counts too


def install(folder: Path) -> None:
    """Make the environment of pyworkforce in a folder."""
    venv.create(folder / "pyworkforce", with_pip=True, clear=True)
    for packages in REQUIREMENTS:
        pip = [str(_python(folder)), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, *packages], check=True)


def measured(n: int, weeks: int, seed: int, limit_s: float, peer: str, folder: str | None) -> dict[str, Any]:
    """Return the row of one peer."""
    centre = build(n, weeks, seed)
    name = {"instance": f"{peer}, {centre.label}"}
    if peer == "wfm":
        return {**name, **planned(centre, limit_s).row}
    nothing: dict[str, Any] = dict.fromkeys(
        ("objective", "bound", "gap", "understaffed", "overstaffed", "violations", "wall_s", "cpu_s", "mib")
    )
    if peer == "pyworkforce":
        return {**nothing, **name, **_pyworkforce(centre, limit_s, folder)}
    return {**nothing, **name, **_sample_model(centre, limit_s)}


def _sample_model(centre: BenchCentre, limit_s: float) -> dict[str, Any]:
    from bench.sample_model import answer

    begun, cpu = time.monotonic(), time.process_time()
    found = answer(question_of(centre), limit_s)
    figures = {
        "status": found.status,
        "wall_s": time.monotonic() - begun,
        "cpu_s": time.process_time() - cpu,
        "mib": peak_mib(),
    }
    return figures | _judged(centre, found.shifts)


def _pyworkforce(centre: BenchCentre, limit_s: float, folder: str | None) -> dict[str, Any]:
    if folder is None or not _python(Path(folder)).is_file():
        return {"status": "skipped: --install-peers DIR installs it"}
    question = question_of(centre)
    worker = Path(__file__).with_name("pyworkforce_peer.py")
    try:
        asked = subprocess.run(
            [_python(Path(folder)), worker],
            input=json.dumps(in_its_words(question, limit_s)),
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE * limit_s,
        )
    except subprocess.TimeoutExpired:
        return {"status": f"late: no answer in {PATIENCE * limit_s:g} s"}
    if asked.returncode:
        return {"status": f"crash: {asked.stderr.strip().splitlines()[-1]}"}
    found: dict[str, Any] = json.loads(asked.stdout)
    shifts = [(agent, question.shifts[int(name)].on(day)) for agent, day, name in found.pop("shifts")]
    return found | _judged(centre, shifts)


def _judged(centre: BenchCentre, shifts: Sequence[tuple[str, Shift]]) -> dict[str, Any]:
    return verdict(centre, roster_table(shifts)) if shifts else {}


def in_its_words(question: Question, limit_s: float) -> dict[str, Any]:
    """Return a question as pyworkforce understands it; shifts are named by their number."""
    at_work = [person for person in question.people if any(person.allowed)]
    names = [str(number) for number in range(len(question.shifts))]
    pooled = np.sum(list(question.need.values()), axis=0)
    return {
        "days": question.days,
        "periods": PER_DAY,
        "cover": {name: covered(shift).tolist() for name, shift in zip(names, question.shifts, strict=True)},
        "required": pooled.tolist(),
        "hours": {name: round(shift.paid_h) for name, shift in zip(names, question.shifts, strict=True)},
        "resources": [person.agent_id for person in at_work],
        "banned": [
            {"resource": person.agent_id, "shift": names[number], "day": day}
            for person in at_work
            for day, allowed in enumerate(person.allowed)
            for number in range(len(names))
            if number not in allowed
        ],
        "least_hours": max(1, min(sum(low for low, _ in person.minutes) for person in at_work) // 60),
        "most_rest": min(question.days - 1, max(_rest_days(question, person) for person in at_work)),
        "limit_s": limit_s,
    }


def _rest_days(question: Question, person: Person) -> int:
    """Return the days off that the fewest shifts of an agent leave: its least hours in its longest shifts."""
    longest = max(question.shifts[number].paid_h * 60 for allowed in person.allowed for number in allowed)
    return question.days - sum(-(-low // round(longest)) for low, _ in person.minutes)


def _python(folder: Path) -> Path:
    return folder / "pyworkforce" / "bin" / "python"

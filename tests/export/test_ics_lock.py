"""Two exports into one folder of calendars, as two processes: one publishes, the other ends with 12."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import subprocess
import sys
from pathlib import Path

import pytest
from icalendar import Calendar

from tests.export.plans import MONDAY, Work, Worker, asked
from wfm.errors import LockError
from wfm.export import FORMATS

WORKERS = [Worker(f"a{number:03d}") for number in range(60)]
SHIFTS = [Work(worker.agent_id, MONDAY) for worker in WORKERS]
HOLDER = """
import sys
from pathlib import Path
from wfm.export.calendar_folder import held_folder
with held_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""
EXPORTER = """
import sys, icalendar, pathlib
from tests.export.plans import centre
from wfm.errors import LockError
from wfm.export import FORMATS, Request
folder = pathlib.Path(sys.argv[1])
request = Request(folder / "roster.csv", folder / "calendars", centre(), agents=folder / "agents.csv")
print("ready", flush=True)
sys.stdin.readline()
try:
    FORMATS["ics"](request)
except LockError as error:
    sys.exit(error.exit_code)
"""


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WFM_ID_KEY", raising=False)


def started(script: str, argument: Path) -> subprocess.Popen[str]:
    """Start a process, and return it once it has said that it is ready."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(argument)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline()
    return process


def test_an_export_ends_with_12_while_another_one_writes_and_works_after_it(tmp_path: Path) -> None:
    request = asked(tmp_path, WORKERS[:2], SHIFTS[:2], "calendars")
    other = started(HOLDER, request.out)
    (request.out / "half.ics").touch()  # what the other one has written so far
    with pytest.raises(LockError, match="another run holds") as raised:
        FORMATS["ics"](request)
    assert raised.value.exit_code == 12
    assert sorted(path.name for path in request.out.iterdir()) == [".lock", "half.ics"]
    (request.out / "half.ics").unlink()
    other.communicate("\n", timeout=20)
    assert other.returncode == 0
    assert FORMATS["ics"](request).figures["files_written"] == 2


def test_two_exports_at_once_leave_one_plan(tmp_path: Path) -> None:
    asked(tmp_path, WORKERS, SHIFTS)
    both = [started(EXPORTER, tmp_path) for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    codes = [process.wait(timeout=30) for process in both]
    for process in both:
        process.communicate()
    assert 0 in codes
    assert set(codes) <= {0, 12}
    folder = tmp_path / "calendars"
    known = json.loads((folder / "published.json").read_text(encoding="utf-8"))
    names = {
        hmac.new(known["salt"].encode(), f"calendar\0{one.agent_id}".encode(), hashlib.sha256).hexdigest()
        for one in WORKERS
    }
    with (folder / "index.csv").open(newline="", encoding="utf-8") as file:
        told = {row["file"].removesuffix(".ics") for row in csv.DictReader(file)}
    there = {path.stem for path in folder.glob("*.ics")}
    assert there == told
    assert {name[: len(next(iter(there)))] for name in names} == there
    for path in folder.glob("*.ics"):
        (event,) = Calendar.from_ical(path.read_bytes()).walk("VEVENT")
        assert event["sequence"] == 0
        assert str(event["uid"]) in known["events"]

"""A night that is told to end by SIGTERM ends with 130, also while libraries are imported."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.cli.tiny import make_centre
from tests.conftest import PROJECT
from tests.nightly.crash import begin

NIGHT = """
import os, signal, sys

def told():
    os.kill(os.getpid(), signal.SIGTERM)

def swallowed():
    try:
        told()
    except KeyboardInterrupt:
        pass

class Hook:
    def find_spec(self, name, path, target=None):
        if name == {module!r} and not seen:
            seen.append(name)
            {act}()

seen = []
sys.meta_path.insert(0, Hook())
sys.argv = ["wfm", "nightly"]
from wfm.cli import main
main()
"""
ACT = """
import wfm.nightly.chain

def make_plan(*_, **__):
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    except KeyboardInterrupt as error:
        {end}

wfm.nightly.chain.make_plan = make_plan
"""


@pytest.fixture
def centre(tmp_path: Path) -> Path:
    make_centre(tmp_path)
    return tmp_path


def night_of(centre: Path, text: str) -> subprocess.CompletedProcess[str]:
    """Return how a programme ended that does a night in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    return subprocess.run(
        [sys.executable, "-c", text],
        cwd=centre,
        env=environment,
        text=True,
        stderr=subprocess.PIPE,
        check=False,
    )


def last_attempt(centre: Path) -> dict[str, Any]:
    lines = (centre / "runs" / "attempts.jsonl").read_text(encoding="utf-8").splitlines()
    found: dict[str, Any] = json.loads(lines[-1])
    return found


@pytest.mark.parametrize(
    ("module", "act"),
    [
        pytest.param("pandas", "told", id="pandas"),
        pytest.param("pandas", "swallowed", id="by who catches everything"),
        pytest.param("wfm.nightly.chain", "told", id="the night itself"),
    ],
)
def test_while_a_library_is_imported(centre: Path, module: str, act: str) -> None:
    ended = night_of(centre, NIGHT.format(module=module, act=act))
    assert ended.returncode == 130, ended.stderr
    assert ended.stderr.splitlines() == ["wfm: interrupted; files that stood before still stand"]


@pytest.mark.parametrize(
    "end",
    [
        pytest.param('raise ImportError("cannot import name") from error', id="turned into another error"),
        pytest.param(
            "from wfm.nightly.stages import interrupt; interrupt.check()",
            id="swallowed until the next look",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_while_the_night_is_at_work(centre: Path, end: str) -> None:
    text = NIGHT.format(module="none", act="told").replace(
        "from wfm.cli", ACT.format(end=end) + "from wfm.cli"
    )
    ended = night_of(centre, text)
    assert ended.returncode == 130, ended.stderr
    assert "Traceback" not in ended.stderr
    assert "interrupted" in ended.stderr
    assert (last_attempt(centre)["exit_code"], last_attempt(centre)["error"]) == (130, "interrupted")
    assert not (centre / "runs" / ".begun").exists()


@pytest.mark.parametrize("after_s", [0.3, 0.7, pytest.param(1.5, marks=pytest.mark.slow)])
def test_early_at_any_moment(centre: Path, after_s: float) -> None:
    """Before the first line of wfm is run the signal itself is the end, which is no error either."""
    with begin(centre) as process:
        time.sleep(after_s)
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGTERM), err
    assert "Traceback" not in err

"""Nights that are killed, starved or refused lose nothing, and the next night gives what a clean one does."""

from __future__ import annotations

import os
import random
import re
import resource
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.nightly.crash import begin, check_whole, copied, leftovers, night, plan_of
from tests.two_sites import CONFIG, make_two_sites

KILLS = 40
SIZES = (1, 300, 2_500, 6_000, 20_000, 60_000)  # bytes: each stops another writer


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a centre that has had no night; not to be written into."""
    folder = tmp_path_factory.mktemp("inputs")
    make_two_sites(folder)
    return folder


@pytest.fixture(scope="module")
def clean(inputs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the centre after an undisturbed night; not to be written into."""
    folder = copied(inputs, tmp_path_factory.mktemp("clean") / "centre")
    assert night(folder).code == 0
    return folder


@pytest.fixture
def second(clean: Path, tmp_path: Path) -> Path:
    """Return the centre before its second night, for which the planner has changed a setting."""
    folder = copied(clean, tmp_path / "second")
    (folder / "wfm.toml").write_text(CONFIG.replace("[schedule]", "[schedule]\nseed = 2"))
    return folder


@pytest.fixture(scope="module")
def second_plan(clean: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Return the plan of an undisturbed second night."""
    folder = copied(clean, tmp_path_factory.mktemp("undisturbed") / "centre")
    (folder / "wfm.toml").write_text(CONFIG.replace("[schedule]", "[schedule]\nseed = 2"))
    assert night(folder).code == 0
    return plan_of(folder)


@pytest.mark.parametrize("stage", ["staff", pytest.param("simulate", marks=pytest.mark.slow)])
def test_a_killed_night_is_taken_up_again(clean: Path, inputs: Path, tmp_path: Path, stage: str) -> None:
    folder = copied(inputs, tmp_path / "killed")
    with begin(folder) as process:
        assert process.stderr is not None
        assert any(line.startswith(f"{stage}: ") for line in process.stderr)  # read up to the first
        process.kill()
    check_whole(folder)
    again = night(folder)
    assert again.code == 0, again.err
    assert "never ended" in again.err
    assert "137" in (folder / "runs" / "attempts.jsonl").read_text()
    check_whole(folder)
    assert leftovers(folder) == []
    assert plan_of(folder) == plan_of(clean)


@pytest.mark.slow
def test_nights_killed_at_any_moment_lose_nothing(
    second: Path, second_plan: dict[str, bytes], tmp_path: Path
) -> None:
    """A plan stands all the time: the one before, then the new one."""
    moments = random.Random(1)
    before = plan_of(second)
    begun = time.monotonic()
    assert night(copied(second, tmp_path / "timed")).code == 0
    usual_s = time.monotonic() - begun
    for number in range(KILLS):
        folder = copied(second, tmp_path / f"killed {number}")
        with begin(folder) as process:
            time.sleep(moments.uniform(0, 1.1 * usual_s))
            process.kill()
        check_whole(folder)
        assert plan_of(folder) in (before, second_plan)
        assert night(folder).code == 0
        assert plan_of(folder) == second_plan
        assert leftovers(folder) == []
        shutil.rmtree(folder)


@pytest.mark.parametrize("size", [SIZES[1], pytest.param(SIZES[4], marks=pytest.mark.slow)])
def test_a_full_disk_at_the_first_night_is_7_and_leaves_nothing(
    inputs: Path, tmp_path: Path, size: int
) -> None:
    folder = copied(inputs, tmp_path / "full")
    ended = night(folder, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert ended.code == 7, ended.err
    assert "Traceback" not in ended.err
    assert not (folder / "runs" / "current").exists()
    assert leftovers(folder) == []


@pytest.mark.parametrize(
    "size", [size if size == SIZES[3] else pytest.param(size, marks=pytest.mark.slow) for size in SIZES]
)
def test_a_full_disk_keeps_the_plan_and_the_next_night_makes_up_for_it(
    second: Path, second_plan: dict[str, bytes], size: int
) -> None:
    before = plan_of(second)
    ended = night(second, preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    assert ended.code == 11, ended.err
    assert "Traceback" not in ended.err
    assert "the file size limit is reached" in ended.err
    assert plan_of(second) == before
    assert leftovers(second) == []
    assert night(second).code == 0
    assert plan_of(second) == second_plan


def test_of_two_nights_at_once_one_is_told_to_wait(inputs: Path, clean: Path, tmp_path: Path) -> None:
    folder = copied(inputs, tmp_path / "twice")
    with begin(folder) as one, begin(folder) as other:
        ends = [(process.communicate(timeout=300)[1], process.returncode) for process in (one, other)]
    assert sorted(code for _, code in ends) == [0, 12], ends
    assert any("another run holds" in err for err, code in ends if code == 12)
    assert plan_of(folder) == plan_of(clean)


def test_a_killed_worker_is_replaced(second: Path, second_plan: dict[str, bytes]) -> None:
    with begin(second) as process:
        assert kill_a_worker(process.pid)
        _, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    assert plan_of(second) == second_plan


def kill_a_worker(parent: int) -> bool:
    """Kill the first process that works for a night; False if it has none within a minute."""
    for _ in range(6_000):
        for worker in _workers(parent):
            try:
                os.kill(worker, signal.SIGKILL)
            except ProcessLookupError:
                continue
            return True
        time.sleep(0.01)
    return False


def _workers(parent: int) -> Iterator[int]:
    """Yield the grandchildren of a process: children of the server that forks its workers."""
    family: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = re.sub(r"\(.*\)", "()", stat.read_text())
        except OSError:
            continue
        number, _, _, mother, *_ = fields.split()
        family.setdefault(int(mother), []).append(int(number))
    for child in family.get(parent, ()):
        yield from family.get(child, ())


def test_a_night_that_is_told_to_end_says_so_and_the_next_goes_on(second: Path) -> None:
    before = plan_of(second)
    with begin(second) as process:
        assert process.stderr is not None
        process.stderr.readline()  # the night plans from here on
        time.sleep(1)
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert plan_of(second) == before
    assert "interrupted" in (second / "runs" / "attempts.jsonl").read_text()
    assert not (second / "runs" / ".begun").exists()
    assert leftovers(second) == []


def test_a_truncated_history_keeps_the_plan(second: Path) -> None:
    text = (second / "history.csv").read_text()
    (second / "history.csv").write_text(text[: len(text) * 3 // 4])
    before = plan_of(second)
    ended = night(second)
    assert ended.code == 11, ended.err
    assert plan_of(second) == before


def test_a_folder_that_cannot_be_written_keeps_the_plan(second: Path) -> None:
    wrapper = shutil.which("setpriv")
    if wrapper is None:
        pytest.skip("no setpriv here, and root may write everywhere")
    before = plan_of(second)
    for folder in (second / "runs", *(second / "runs").rglob("*")):
        if folder.is_dir() and not folder.is_symlink():
            folder.chmod(0o555)
    try:
        rights = ("--bounding-set", "-dac_override,-dac_read_search,-fowner")
        ended = night(second, wrapper=[wrapper, *rights])
    finally:
        for folder in (second / "runs", *(second / "runs").rglob("*")):
            if folder.is_dir() and not folder.is_symlink():
                folder.chmod(0o755)
    assert ended.code in (7, 11), ended.err
    assert "Traceback" not in ended.err
    assert plan_of(second) == before

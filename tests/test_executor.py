"""Work on many processes: every piece gets its answer, and one that kills, hangs or raises fails alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import PROJECT
from wfm.executor import Dask, Effort, Here, Outcome, Processes, map_unordered


def squared(number: int) -> int:
    return number * number


def deadly(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def hanging(number: int) -> int:
    if number == 3:
        time.sleep(600)
    return number * number


def refusing(number: int) -> int:
    if number == 3:
        raise ValueError("three is no number here\nand more")
    return number * number


def deadly_once(place: str) -> str:
    marker = Path(place)
    if not marker.exists():
        marker.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return place


def by_item(outcomes: list[Outcome[int, int]]) -> dict[int, Outcome[int, int]]:
    return {outcome.item: outcome for outcome in outcomes}


@pytest.mark.parametrize("backend", [Here(), Processes(1), Processes(2), Processes(5)], ids=str)
def test_every_item_is_answered_once_whatever_the_workers(backend):
    shares: list[float] = []
    outcomes = list(map_unordered(squared, range(20), backend, progress=shares.append))
    assert sorted((outcome.item, outcome.value) for outcome in outcomes) == [(n, n * n) for n in range(20)]
    assert shares == [pytest.approx(n / 20) for n in range(1, 21)]


@pytest.mark.parametrize("backend", [Here(), Processes(2)], ids=str)
def test_an_exception_is_the_answer_of_its_item_and_not_tried_again(backend):
    found = by_item(list(map_unordered(refusing, range(6), backend)))
    assert found[3].error == "ValueError: three is no number here"
    assert found[3].attempts == 1
    assert [found[n].value for n in (0, 1, 2, 4, 5)] == [0, 1, 4, 16, 25]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_item_that_kills_its_worker_is_named_and_no_other_is_lost(workers):
    found = by_item(list(map_unordered(deadly, range(9), Processes(workers), effort=Effort(retries=1))))
    assert [n for n, outcome in found.items() if outcome.failed] == [3]
    assert "died" in found[3].error
    assert found[3].attempts == 2
    assert {n: outcome.value for n, outcome in found.items() if n != 3} == {
        n: n * n for n in range(9) if n != 3
    }


def test_the_item_that_hangs_is_named_and_its_worker_gone():
    begun = time.monotonic()
    found = by_item(
        list(map_unordered(hanging, range(6), Processes(2), effort=Effort(retries=0, timeout_s=3)))
    )
    assert [n for n, outcome in found.items() if outcome.failed] == [3]
    assert "longer than 3 s" in found[3].error
    assert time.monotonic() - begun < 60


def test_who_stops_listening_does_not_wait_for_what_hangs():
    begun = time.monotonic()
    outcomes = map_unordered(hanging, [3, 0], Processes(2))
    assert isinstance(outcomes, Generator)
    assert next(outcomes).item == 0
    outcomes.close()
    assert time.monotonic() - begun < 60


def test_a_worker_that_dies_by_accident_costs_nothing(tmp_path):
    places = [str(tmp_path / name) for name in "abcd"]
    outcomes = list(map_unordered(deadly_once, places, Processes(2), effort=Effort(retries=4)))
    assert sorted(outcome.item for outcome in outcomes if not outcome.failed) == places


def test_without_work_nothing_is_started():
    assert list(map_unordered(squared, [], Processes(2))) == []


def test_a_cluster_gives_the_same_answers():
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = by_item(list(map_unordered(refusing, range(12), Dask(cluster.scheduler_address))))
    here = by_item(list(map_unordered(refusing, range(12), Here())))
    assert there == here


def test_what_has_not_ended_on_a_cluster_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for Dask, whose first future is done and whose others never are."""

    class Client:
        def __init__(self, *_: object, **__: object) -> None: ...
        def __enter__(self) -> Client:
            return self

        def __exit__(self, *_: object) -> None: ...
        def as_current(self) -> Client:
            return self

        def submit(self, function: Callable[[int], int], item: int, **_: object) -> Future[int]:
            future: Future[int] = Future()
            if item == 0:
                future.set_result(function(item))
            return future

    def as_completed(futures: list[Future[int]], timeout: float) -> Iterator[Future[int]]:
        assert timeout == 3 * 2
        yield futures[0]
        raise TimeoutError

    stand_in = SimpleNamespace(Client=Client, as_completed=as_completed)
    monkeypatch.setitem(sys.modules, "distributed", stand_in)
    found = by_item(list(map_unordered(squared, range(3), Dask("tcp://x:1"), effort=Effort(timeout_s=2))))
    assert found[0].value == 0
    assert ["longer than 6 s" in found[n].error for n in (1, 2)] == [True, True]


@pytest.mark.slow
def test_a_deadly_item_fails_alone_on_a_cluster_too():
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        found = by_item(list(map_unordered(deadly, range(8), Dask(cluster.scheduler_address))))
    assert [found[n].value for n in range(8) if n != 3] == [n * n for n in range(8) if n != 3]
    assert found[3].error.startswith("KilledWorker")


CALLER = """
import sys
sys.path.insert(0, {project!r})
from tests.test_executor import lasting
from wfm.executor import Processes, map_unordered
list(map_unordered(lasting, [{place!r}] * 2, Processes(2)))
"""


def lasting(place: str) -> None:
    (Path(place) / str(os.getpid())).touch()
    time.sleep(600)


def is_alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here to see who lives")
def test_workers_end_when_their_caller_is_killed(tmp_path: Path) -> None:
    text = CALLER.format(project=str(PROJECT), place=str(tmp_path))
    (tmp_path / "caller.py").write_text(text.replace("list(map", "if __name__ == '__main__':\n    list(map"))
    with subprocess.Popen([sys.executable, str(tmp_path / "caller.py")]) as caller:
        wait_for(lambda: len(list(tmp_path.glob("[0-9]*"))) == 2)
        caller.kill()
    workers = [int(path.name) for path in tmp_path.glob("[0-9]*")]
    wait_for(lambda: not any(map(is_alive, workers)))


def wait_for(condition: Callable[[], bool]) -> None:
    for _ in range(600):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("not within 30 seconds")

"""Work on many processes: every piece gets its answer, and one that kills, hangs or raises fails alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import CancelledError, Future
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.conftest import PROJECT
from wfm.errors import LimitError
from wfm.executor import Dask, Effort, Here, Outcome, Processes, map_unordered, tell


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


def test_where_no_process_can_be_started_it_is_one_message(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wfm.executor.processes.ProcessPoolExecutor", full)
    with pytest.raises(LimitError, match="no process can be started"):
        list(map_unordered(str, [1], Processes(1)))


def test_without_work_nothing_is_started():
    assert list(map_unordered(squared, [], Processes(2))) == []


def test_a_cluster_gives_the_same_answers():
    distributed = pytest.importorskip("distributed", reason="the extra `cluster` is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        there = by_item(list(map_unordered(refusing, range(12), Dask(cluster.scheduler_address))))
    here = by_item(list(map_unordered(refusing, range(12), Here())))
    assert there == here


class Cancelled(CancelledError):
    """As Dask's client says it of every future when its scheduler has gone."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class KilledWorker(Exception):
    """As Dask names what killed too many workers."""


class CutOff(Future[int]):
    """A future that is done, whose result cannot be fetched any more."""

    def __init__(self, error: BaseException) -> None:
        super().__init__()
        self.error = error

    def exception(self, timeout: float | None = None) -> None:
        assert timeout is not None, "a wait without an end"

    def result(self, timeout: float | None = None) -> int:
        assert timeout is not None, "a wait without an end"
        raise self.error


def cluster_of(
    monkeypatch: pytest.MonkeyPatch,
    *connections: Callable[[int], Future[int]],
    late: bool = False,
    close: Callable[[], None] = lambda: None,
) -> None:
    """Let `distributed` be a stand-in: each connection makes the futures of items in its own way."""
    waiting = iter(connections)

    class Client:
        def __init__(self, *_: object, **__: object) -> None:
            found = next(waiting, None)
            if found is None:
                raise OSError("nobody answers")
            self.future_of = found

        def close(self) -> None:
            close()

        @contextmanager
        def as_current(self) -> Iterator[Client]:
            yield self

        def submit(self, _function: object, item: int, **_: object) -> Future[int]:
            return self.future_of(item)

    def as_completed(futures: list[Future[int]], timeout: float) -> Iterator[Future[int]]:
        assert timeout == len(futures) * 2
        yield from (future for future in futures if isinstance(future, CutOff) or future.done())
        if late:
            raise TimeoutError

    monkeypatch.setitem(sys.modules, "distributed", SimpleNamespace(Client=Client, as_completed=as_completed))


def on_cluster(retries: int = 1) -> dict[int, Outcome[int, int]]:
    effort = Effort(retries=retries, timeout_s=2)
    return by_item(list(map_unordered(squared, range(3), Dask("tcp://x:1"), effort=effort)))


def done(item: int) -> Future[int]:
    future: Future[int] = Future()
    future.set_result(squared(item))
    return future


def but_for(number: int, other: Callable[[], Future[int]]) -> Callable[[int], Future[int]]:
    """Return a connection that does everything but one item."""
    return lambda item: other() if item == number else done(item)


def lost() -> Future[int]:
    return CutOff(Cancelled("scheduler-connection-lost"))


def test_what_has_not_ended_on_a_cluster_in_time_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    cluster_of(monkeypatch, lambda item: done(item) if item == 0 else Future(), late=True)
    found = on_cluster()
    assert found[0].value == 0
    assert ["longer than 6 s" in found[n].error for n in (1, 2)] == [True, True]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        pytest.param(OSError("in <TCP>: Stream is closed"), "its result was lost", id="CommClosedError"),
        pytest.param(TimeoutError(), "its result was lost: TimeoutError", id="TimeoutError"),
        pytest.param(Cancelled("lost dependencies"), "was cancelled", id="FutureCancelledError"),
    ],
)
def test_what_befalls_a_piece_on_a_cluster_is_no_answer_of_it(
    monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    """So it has no cause: only what the function itself raised is one."""
    cluster_of(monkeypatch, but_for(1, lambda: CutOff(error)))
    found = on_cluster()
    assert found[1].error.startswith(words)
    assert found[1].cause is None
    assert (found[0].value, found[2].value) == (0, 4)


def test_what_kills_the_workers_of_a_cluster_is_no_answer_either(monkeypatch: pytest.MonkeyPatch) -> None:
    def failed(error: Exception) -> Callable[[], Future[int]]:
        future: Future[int] = Future()
        future.set_exception(error)
        return lambda: future

    cluster_of(monkeypatch, but_for(1, failed(KilledWorker("task"))))
    killed = on_cluster()[1]
    assert (killed.error, killed.cause) == ("KilledWorker: task", None)
    cluster_of(monkeypatch, but_for(1, failed(ValueError("no"))))
    refused = on_cluster()[1]
    assert isinstance(refused.cause, ValueError)


def test_a_scheduler_that_comes_back_does_what_was_left(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def second(item: int) -> Future[int]:
        asked.append(item)
        return done(item)

    cluster_of(monkeypatch, but_for(1, lost), second)
    assert {n: outcome.value for n, outcome in on_cluster().items()} == {0: 0, 1: 1, 2: 4}
    assert asked == [1]


@pytest.mark.parametrize(
    ("connections", "words"), [(1, "no Dask scheduler answers"), (2, "was lost, 2 times")]
)
def test_a_scheduler_that_stays_away_is_one_message(
    monkeypatch: pytest.MonkeyPatch, connections: int, words: str
) -> None:
    """Also when a client without its scheduler cannot be closed in time."""

    def late() -> None:
        raise TimeoutError

    cluster_of(monkeypatch, *[but_for(1, lost)] * connections, close=late)
    with pytest.raises(LimitError, match=words):
        on_cluster(retries=1)


def telling(number: int) -> int:
    tell(number)
    return number


@pytest.mark.parametrize("backend", [Here(), Processes(2)], ids=str)
def test_what_the_pieces_tell_is_heard(backend):
    heard: list[int] = []
    list(map_unordered(telling, range(8), backend, heard=heard.append))
    assert sorted(heard) == list(range(8))


def flooding(place: str) -> str:
    time.sleep(0.5 if place else 0)  # so that the other outcome comes first
    for _ in range(2_000 if place else 0):  # three times what a pipe holds
        tell("x" * 100)
    if place:
        Path(place).touch()
    return place


def test_nobody_waits_for_who_does_not_listen(tmp_path: Path) -> None:
    place = tmp_path / "done"
    outcomes = map_unordered(flooding, ["", str(place)], Processes(2))
    assert next(outcomes).value == ""
    wait_for(place.exists)  # while nobody asks for the next outcome, so that nobody reads
    assert next(outcomes).value == str(place)


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

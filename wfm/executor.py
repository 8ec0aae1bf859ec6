"""Many independent pieces of work: on the processes of this machine, or on a Dask cluster.

`map_unordered` yields how each piece ended, as it ends. A piece that fails, hangs or kills its worker is an
outcome of its own and never takes the others along: a broken pool is made anew, the pieces that were in it
are tried again one at a time, and the one that breaks it again is named. What is mapped must be a pure
function of its item; then the outcomes are the same for any number of workers, on any backend.

A piece may `tell` how far it is, wherever it runs; only processes of this machine pass that on.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import connection
from typing import Any, Generic, Protocol, TypeVar

from wfm.errors import LimitError

T = TypeVar("T")
R = TypeVar("R")
Heard = Callable[[Any], None]
POLL_S = 0.2
ANSWER_S = 600.0  # for a result to come from a cluster's worker once it is there
LOST = "the scheduler was lost"
KILLERS = {"KilledWorker", "NoValidWorkerError"}  # of Dask: what befell the workers, no answer of the piece


def unheard(_: object) -> None:
    """Listen to nothing."""


_listeners: list[Heard] = []  # of this process, the last one holds


def tell(news: object) -> None:
    """Pass on how far a piece of work is, to whoever listens to it; it must be small, and can be pickled."""
    if _listeners:
        _listeners[-1](news)


@contextmanager
def listening(heard: Heard) -> Iterator[None]:
    """Hear what is told in this process while the body runs."""
    _listeners.append(heard)
    try:
        yield
    finally:
        _listeners.pop()


@dataclass(frozen=True)
class Outcome(Generic[T, R]):
    """How one item ended: its value, or the error in words; after so many attempts.

    `cause` is what the function raised, None where its worker died or took too long.
    """

    item: T
    value: R | None
    error: str = ""
    attempts: int = 1
    cause: BaseException | None = field(default=None, compare=False)

    @property
    def failed(self) -> bool:
        """Whether there is no value."""
        return bool(self.error)


@dataclass(frozen=True)
class Effort:
    """How often a piece is tried if its worker dies or it takes too long, and how long it may take.

    An exception of the function itself is an answer, not an accident: it is not tried again.
    """

    retries: int = 1
    timeout_s: float | None = None


class Backend(Protocol):
    """Where pieces of work are done."""

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item, in any order."""


def map_unordered(
    function: Callable[[T], R],
    items: Iterable[T],
    backend: Backend,
    *,
    effort: Effort | None = None,
    progress: Callable[[float], None] = lambda _: None,
    heard: Heard = unheard,
) -> Iterator[Outcome[T, R]]:
    """Yield the outcome of `function` on each item as it ends.

    `progress` gets the share that is done, `heard` what the pieces `tell` (not those on a cluster).
    """
    work = list(items)
    for done, outcome in enumerate(backend.outcomes(function, work, effort or Effort(), heard), start=1):
        progress(done / len(work))
        yield outcome


@dataclass(frozen=True)
class Here:
    """No other process: one piece after the other. Timeouts do not hold here."""

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item, in order."""
        del effort
        for item in items:
            try:
                with listening(heard):
                    value = function(item)
            except Exception as error:  # noqa: BLE001  whatever it is belongs to this piece
                yield Outcome(item, None, _in_words(error), cause=error)
            else:
                yield Outcome(item, value)


@dataclass(frozen=True)
class Processes:
    """A pool of processes on this machine, as many as `workers`."""

    workers: int

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item as it ends."""
        waiting = deque((item, 1) for item in items)
        suspects: deque[tuple[T, int]] = deque()
        while waiting or suspects:
            # suspects go one at a time: if the pool breaks then, it is known who did it
            batch, width = (waiting, self.workers) if waiting else (deque([suspects.popleft()]), 1)
            with _Pool(function, width, effort, heard) as pool:
                yield from pool.run(batch)
            for item, attempts in pool.lost:
                if width == 1 and attempts > effort.retries:
                    yield Outcome(item, None, pool.reason, attempts)
                else:
                    suspects.append((item, attempts + (width == 1)))


class _Pool(Generic[T, R]):
    """One pool for as long as it holds; after `run`, `lost` are the pieces that were in it when it broke."""

    def __init__(self, function: Callable[[T], R], workers: int, effort: Effort, heard: Heard) -> None:
        self.function, self.workers, self.effort, self.heard = function, workers, effort, heard
        self.lost: list[tuple[T, int]] = []
        self.reason = ""
        # forkserver: a worker shares no thread, lock or open file with whoever started it; the server has
        # imported what the function needs, so that no worker has to
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([getattr(function, "func", function).__module__])
        self.news, told = context.Pipe(duplex=False)
        self.told = told  # kept open here, or the end of the last worker would be the end of the pipe
        self.pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(told,))

    def __enter__(self) -> _Pool[T, R]:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self.reason or kind is not None:  # or the caller goes: what still runs is for nobody
            for process in list((self.pool._processes or {}).values()):  # noqa: SLF001  a hung worker ends no other way
                process.kill()
        self.pool.shutdown(wait=True, cancel_futures=True)
        self._listen()
        self.news.close()
        self.told.close()

    def run(self, waiting: deque[tuple[T, int]]) -> Iterator[Outcome[T, R]]:
        """Yield outcomes until nothing is waiting, or the pool breaks, or a piece takes too long."""
        running: dict[Future[R], tuple[T, int, float]] = {}
        while (waiting or running) and not self.reason:
            while waiting and len(running) < self.workers:
                item, attempts = waiting.popleft()
                try:
                    running[self.pool.submit(self.function, item)] = (item, attempts, time.monotonic())
                except BrokenProcessPool:
                    waiting.appendleft((item, attempts))
                    self.reason = "its worker died"
                    break
            done, _ = wait(running, POLL_S, FIRST_COMPLETED)
            self._listen()
            for future in done:
                item, attempts, started = running.pop(future)
                error = future.exception()
                if isinstance(error, BrokenProcessPool):
                    self.reason = "its worker died"
                    running[future] = (item, attempts, started)
                else:
                    value = None if error else future.result()
                    yield Outcome(item, value, _in_words(error), attempts, error)
            self._check_time(running)
        self.lost = [(item, attempts) for item, attempts, _ in running.values()]

    def _listen(self) -> None:
        while self.news.poll():
            self.heard(self.news.recv())

    def _check_time(self, running: dict[Future[R], tuple[T, int, float]]) -> None:
        limit = self.effort.timeout_s
        if limit is not None and any(time.monotonic() - begun > limit for _, _, begun in running.values()):
            self.reason = self.reason or f"took longer than {limit:g} s"


def _begin(told: connection.Connection) -> None:
    """Begin a worker: it ends when the process that it works for has ended, even by a kill.

    Ctrl-C is a matter of that process, which ends its workers.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.set_blocking(told.fileno(), False)
    _listeners.append(partial(_pass_on, told))
    caller = multiprocessing.parent_process()
    if caller is not None:
        watch = threading.Thread(target=_wait_and_end, args=(caller.sentinel,), daemon=True)
        watch.start()


def _pass_on(told: connection.Connection, news: object) -> None:
    """Send news, unless nobody has read the last ones: no work waits for a listener.

    Small messages go into a pipe whole or not at all, so that workers need no lock (which one that is killed
    would hold for ever).
    """
    with suppress(BlockingIOError):
        told.send(news)


def _wait_and_end(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


@dataclass(frozen=True)
class Dask:
    """A Dask cluster behind the scheduler at `address` (`tcp://host:8786`, or `tls://` off this machine)."""

    address: str
    security: Any = None

    def outcomes(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, heard: Heard = unheard
    ) -> Iterator[Outcome[T, R]]:
        """Yield the outcome of every item as it ends; the scheduler tries again what dead workers had.

        All items together may take `timeout_s` times their number: nobody knows when each began. If the
        scheduler goes away, what has not ended is given to the one that answers next, `retries` times.
        LimitError if none answers, or if it goes away more often.
        """
        del heard
        left, tries = list(items), 0
        while left:
            if tries > effort.retries:
                words = f"the Dask scheduler at {self.address} was lost, {tries} times"
                raise LimitError(words, hint="look at its log; what was done is kept for the next run")
            tries += 1
            left = yield from self._tried(function, left, effort, tries)

    def _tried(
        self, function: Callable[[T], R], items: Sequence[T], effort: Effort, tries: int
    ) -> Generator[Outcome[T, R], None, list[T]]:
        """Yield the outcomes of one connection; return the items that had none when it was lost."""
        from distributed import Client, as_completed

        lost: list[T] = []
        with self._connected(Client) as client, client.as_current():
            futures = {client.submit(function, item, pure=False): item for item in items}
            limit = effort.timeout_s and effort.timeout_s * len(items)
            try:
                for future in as_completed(list(futures), timeout=limit):
                    item = futures.pop(future)
                    error, value = _answer(future)
                    if error == LOST:
                        lost.append(item)
                    elif isinstance(error, str):
                        yield Outcome(item, None, error, tries)
                    else:
                        yield Outcome(item, value, _in_words(error), tries, error)
            except TimeoutError:
                for item in futures.values():
                    yield Outcome(item, None, f"took longer than {limit:g} s with all the others", tries)
        return lost

    @contextmanager
    def _connected(self, client: Callable[..., Any]) -> Iterator[Any]:
        try:
            connected = client(self.address, security=self.security, set_as_default=False)
        except (OSError, TimeoutError) as error:
            hint = "start it, or set [compute] scheduler; docs/scale.md shows how"
            raise LimitError(f"no Dask scheduler answers at {self.address}", hint=hint) from error
        try:
            yield connected
        finally:
            with suppress(OSError, TimeoutError, CancelledError):  # of a scheduler that is gone
                connected.close()


def _answer(future: Any) -> tuple[BaseException | str | None, Any]:
    """Return what a piece on a cluster raised, or in words what befell it; and its value.

    What the calls themselves raise is no answer of the piece: a client that lost its scheduler cancels all
    futures (FutureCancelledError), results on their way are cut off (CommClosedError) or late (TimeoutError).
    """
    try:
        error = future.exception(timeout=ANSWER_S)
        value = None if error else future.result(timeout=ANSWER_S)
    except CancelledError as cancelled:
        reason = str(getattr(cancelled, "reason", ""))
        return (LOST if reason.startswith("scheduler") else f"was cancelled: {_in_words(cancelled)}"), None
    except OSError as cut_off:  # CommClosedError and TimeoutError are of this kind
        return f"its result was lost: {_in_words(cut_off)}", None
    if type(error).__name__ in KILLERS:
        return _in_words(error), None
    return error, value


def _in_words(error: BaseException | None) -> str:
    if error is None:
        return ""
    first = str(error).strip().splitlines()
    return f"{type(error).__name__}: {first[0]}" if first else type(error).__name__

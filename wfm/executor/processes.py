"""Pieces of work on the processes of this machine.

A broken pool is made anew, the pieces that were in it are tried again one at a time, and the one that breaks
it again is named.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import connection
from typing import Generic, TypeVar

from wfm.errors import LimitError
from wfm.executor.pieces import Effort, Heard, Outcome, in_words, listeners, unheard

T = TypeVar("T")
R = TypeVar("R")
POLL_S = 0.2


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
        try:
            self.pool = ProcessPoolExecutor(workers, mp_context=context, initializer=_begin, initargs=(told,))
        except OSError as error:  # its locks are small files in shared memory
            hint = "free some space in /dev/shm, and look at `ulimit -f` and `ulimit -n`"
            raise LimitError("no process can be started to work", hint=hint) from error

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
                    yield Outcome(item, value, in_words(error), attempts, error)
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
    listeners.append(partial(_pass_on, told))
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

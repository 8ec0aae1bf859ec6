"""Pieces of work on a Dask cluster: what befalls its workers, its scheduler and the way to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from wfm.errors import LimitError
from wfm.executor.pieces import Effort, Heard, Outcome, in_words, unheard

T = TypeVar("T")
R = TypeVar("R")
ANSWER_S = 600.0  # for a result to come from a worker once it is there
LOST = "the scheduler was lost"
KILLERS = {"KilledWorker", "NoValidWorkerError"}  # what befell the workers, no answer of the piece


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

        _hush("distributed")
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
                        yield Outcome(item, value, in_words(error), tries, error)
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


def _hush(library: str) -> None:
    """Let a library log no tracebacks of connections: outcomes and errors say what is lost with them."""
    names = [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == library]
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)


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
        return (LOST if reason.startswith("scheduler") else f"was cancelled: {in_words(cancelled)}"), None
    except OSError as cut_off:  # CommClosedError and TimeoutError are of this kind
        return f"its result was lost: {in_words(cut_off)}", None
    if type(error).__name__ in KILLERS:
        return in_words(error), None
    return error, value

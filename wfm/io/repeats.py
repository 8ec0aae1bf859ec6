"""Contacts that come more than once, among compact rows: found by half of their id, with a bound on memory.

The upper 32 bits of ten million different ids meet some ten thousand times by chance. Those rows are compared
by the whole id afterwards, like those of contacts that do come again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from wfm.io.compact import Columns, CompactRows, joined

IDS_AT_ONCE = 1 << 24
ROWS_AT_ONCE = 1 << 17
_NEAR = np.uint32(11)  # bits left out of a first look: its table stays in the processor's cache


def upper_half(ids: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Return the upper 32 bits of 64-bit ids."""
    return (ids >> np.uint64(32)).astype(np.uint32)


def repeated(each: Callable[[], Iterable[NDArray[np.uint32]]], rows: int) -> NDArray[np.uint32]:
    """Return the halves of ids that `each` yields more than once in all, ascending; `rows` is their number.

    `each` is called more than once if they are many: memory holds a share of them at a time.
    """
    shares = rows // IDS_AT_ONCE + 1
    twice = []
    for share in range(shares):
        chosen = (top if shares == 1 else top[top % shares == share] for top in each())
        tops = np.concatenate([np.empty(0, dtype=np.uint32), *chosen])
        if len(tops):
            _sort(tops)
        twice.append(np.unique(tops[1:][tops[1:] == tops[:-1]]))
    return np.sort(np.concatenate(twice))


def _sort(values: NDArray[np.uint32]) -> None:
    """Sort values in place, by two threads."""
    middle = len(values) // 2
    values.partition(middle)  # a fifth of the work
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(np.ndarray.sort, (values[:middle], values[middle:])))


def matching(rows: CompactRows, tops: NDArray[np.uint32], names: Sequence[str]) -> Iterator[Columns]:
    """Yield the columns `names` of the rows the upper half of whose id is among `tops`, which ascend."""
    is_near = np.zeros(2**32 >> int(_NEAR), dtype=bool)
    is_near[tops >> _NEAR] = True

    def found(columns: Columns) -> Columns:
        top = upper_half(columns["id"])
        near = np.flatnonzero(is_near.take(top >> _NEAR))
        places = np.minimum(np.searchsorted(tops, top[near]), len(tops) - 1)
        chosen = near[tops[places] == top[near]]
        return {name: values[chosen] for name, values in columns.items()}

    waiting: list[Columns] = []
    for part in rows.each(names, found):
        waiting.append(part)
        if sum(len(columns["id"]) for columns in waiting) >= ROWS_AT_ONCE:
            yield joined(waiting)
            waiting.clear()
    if waiting:
        yield joined(waiting)

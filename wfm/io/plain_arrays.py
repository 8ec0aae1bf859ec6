"""The plain rows of typed record batches, found with numpy: what `wfm.io.plain_cells` says in SQL, in arrays.

A batch has the columns `c3` and so on, by the number of their header, and `bad` where a cell could not be
read. A row that is not certainly plain is none: it is looked at again, so that strictness costs time alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from wfm.io.cells import FACTORS, KEY_SEPARATOR
from wfm.io.plain_cells import BUCKET_US, MOST_MS, SECONDS, is_checked, usual_words
from wfm.io.source import Source, as_tuple
from wfm.io.text_hash import LONGEST, sizes, text_hashes
from wfm.io.wall_offsets import WallClocks
from wfm.tables import CONTACTS, Column

NO_VALUE = -1  # of a duration
ROWS = pa.schema(
    [
        *(("record", pa.uint32()), ("id", pa.uint64()), ("queue", pa.uint16()), ("outcome", pa.uint8())),
        *(("bucket", pa.uint32()), *((name, pa.int32()) for name in SECONDS)),
    ]
)
_UNKNOWN, _EMPTY = -1, -2  # of a word
_FEW = 50  # odd rows in a batch; so few are cut out of it piece by piece
_BLANK = ord(" ")
_FIRST_US, _LAST_US = (
    int(datetime(*day, tzinfo=UTC).timestamp()) * 1_000_000 for day in ((1970, 1, 2), (2099, 12, 31))
)
_DTYPES = {each.name: each.type.to_pandas_dtype() for each in ROWS}
Bools = NDArray[np.bool_]


class _Words:
    """Texts and the code of each."""

    def __init__(self, codes: Mapping[str, int]) -> None:
        self._texts = pa.array(codes)
        self._codes = np.array([*codes.values(), _UNKNOWN], dtype=np.int32)

    def codes(self, cells: pa.StringArray | pa.DictionaryArray) -> NDArray[np.int32]:
        """Return the code of each text; NULL counts as empty."""
        if pa.types.is_dictionary(cells.type):
            of_each = np.append(self.codes(cells.dictionary), np.int32(_EMPTY))
            which = cells.indices.fill_null(len(of_each) - 1) if cells.null_count else cells.indices
            return np.asarray(of_each.take(which.to_numpy()))
        texts = _as_text(cells)
        if len(texts) > 1 and _is_one_word(texts):
            return np.repeat(self.codes(texts[:1]), len(texts))
        places = pc.index_in(texts, self._texts)
        places = places.fill_null(len(self._texts)) if places.null_count else places
        return np.asarray(self._codes.take(places.to_numpy()))


@dataclass(frozen=True)
class PlainArrays:
    """How one log is read, its times all wall clocks or all instants; `zones` are those of its queues."""

    source: Source
    numbers: Mapping[str, int]
    zones: Mapping[str, str]
    has_wall_clock: bool

    @cached_property
    def _clocks(self) -> WallClocks:
        return WallClocks(self.zones)

    @cached_property
    def types(self) -> dict[int, pa.DataType] | None:
        """The type of each column that is read; None if one is read in two ways, or a time in two columns."""
        time = pa.timestamp("us", None if self.has_wall_clock else "UTC")
        found: dict[int, pa.DataType] = {}
        for column in filter(is_checked, CONTACTS.columns):
            headers = self._headers(column)
            kind = {"time": time, "number": pa.float64()}.get(column.kind, pa.string())
            if len(headers) > 1 and column.kind != "text":
                return None
            for header in headers:
                if found.setdefault(self.numbers[header], kind) != kind:
                    return None
        for rule in self.source.exclude:
            for header in rule.headers:
                if found.setdefault(self.numbers[header], pa.string()) != pa.string():
                    return None
        return found

    @cached_property
    def _known(self) -> dict[str, _Words]:
        """The words that each column with few of them usually has."""
        found = {}
        for column in CONTACTS.columns:
            allowed = self._allowed(column)
            usual = usual_words(self.source, column, allowed) if allowed else {}
            codes = {
                word: allowed.index(says) if says in allowed else _UNKNOWN for word, says in usual.items()
            }
            found[column.name] = _Words({"": _EMPTY} | codes)
        return found

    def split(self, batch: pa.RecordBatch) -> tuple[dict[str, NDArray[Any]], NDArray[np.intp]]:
        """Return the columns of ROWS of the plain rows, and the places of the others.

        `record` is the place in the batch, from 0.
        """
        plain = np.ones(len(batch), dtype=bool)
        if "bad" in batch.schema.names and batch["bad"].true_count:
            plain &= ~_bools(batch["bad"])
        found: dict[str, NDArray[Any]] = {"id": self._ids(batch, plain)}
        found["queue"] = self._words(batch, CONTACTS.column("queue"), plain)
        found["outcome"] = self._words(batch, CONTACTS.column("outcome"), plain)
        self._words(batch, CONTACTS.column("channel"), plain)
        for name in SECONDS:
            found[name] = self._duration(batch, CONTACTS.column(name), plain)
        self._leave_out_excluded(batch, plain)
        found["bucket"] = self._arrivals(batch, found["queue"], plain) // BUCKET_US
        found["record"] = np.arange(len(batch), dtype=np.uint32)
        odd = np.flatnonzero(~plain)
        found = {name: found[name].astype(dtype, copy=False) for name, dtype in _DTYPES.items()}
        return {name: _without(values, odd) for name, values in found.items()}, odd

    def _headers(self, column: Column) -> tuple[str, ...]:
        return as_tuple(self.source.columns.get(column.name, ()))

    def _allowed(self, column: Column) -> tuple[str, ...]:
        return tuple(self.zones) if column.name == "queue" else column.choices

    def _cells(self, batch: pa.RecordBatch, header: str) -> pa.Array:
        return batch[f"c{self.numbers[header]}"]

    def _ids(self, batch: pa.RecordBatch, plain: Bools) -> NDArray[np.uint64]:
        cells = [
            _as_text(self._cells(batch, header)) for header in self._headers(CONTACTS.column("contact_id"))
        ]
        for cell in cells:
            plain &= self._is_filled(cell)
        texts = _joined(cells)
        if sizes(texts).max(initial=0) > LONGEST:
            short = sizes(texts) <= LONGEST
            plain &= short
            texts = pc.if_else(pa.array(short), texts, "")
        return text_hashes(texts)

    def _is_filled(self, texts: pa.StringArray) -> Bools:
        filled = (sizes(texts) > 0) & _is_neat(texts)
        missing = [word for word in self.source.missing if word]
        return filled & ~_bools(pc.is_in(texts, pa.array(missing))) if missing else filled

    def _words(self, batch: pa.RecordBatch, column: Column, plain: Bools) -> NDArray[np.int32]:
        """Return the number of each word behind the list of those that the column may have."""
        if column.name in self.source.constants:
            code = self._allowed(column).index(str(self.source.constants[column.name]))
            return np.full(len(batch), code, np.int32)
        cells = [self._cells(batch, header) for header in self._headers(column)]
        if not cells:
            return np.zeros(len(batch), dtype=np.int32)
        known = self._known[column.name]
        if len(cells) > 1:
            for cell in cells:
                plain &= self._is_filled(_as_text(cell))
            found = known.codes(_joined([_as_text(cell) for cell in cells]))
        else:
            found = known.codes(cells[0])
        plain &= (found >= 0) | (found == _EMPTY) if column.optional else found >= 0
        return np.maximum(found, 0)

    def _duration(self, batch: pa.RecordBatch, column: Column, plain: Bools) -> NDArray[np.int32]:
        """Return a duration in whole milliseconds, exact to the last bit of the seconds it stands for."""
        if column.name in self.source.constants:
            return np.full(len(batch), round(float(self.source.constants[column.name]) * 1e3), np.int32)
        if column.name not in self.source.columns:
            return np.full(len(batch), NO_VALUE, dtype=np.int32)
        cells = self._cells(batch, self._headers(column)[0])
        values = cells.to_numpy(zero_copy_only=False)
        factor = FACTORS[self.source.unit_of(column.name)]
        found = _whole_seconds(values) if factor == 1 else None
        if found is not None:
            return found
        with np.errstate(over="ignore"):  # a number that large is refused by those who look at it again
            value = values.astype(np.float64, copy=False) * factor
            exact = np.rint(value * 1e3)
        within = (exact >= 0) & (exact < MOST_MS) & (exact / 1e3 == value)
        empty = _bools(cells.is_null()) if column.optional and cells.null_count else False
        plain &= within | empty
        return np.where(within, exact, NO_VALUE).astype(np.int32)

    def _leave_out_excluded(self, batch: pa.RecordBatch, plain: Bools) -> None:
        for rule in self.source.exclude:
            out = self._all_hold(batch, rule.when, plain)
            if rule.unless:
                out &= ~self._all_hold(batch, rule.unless, plain)
            plain &= ~out

    def _all_hold(
        self, batch: pa.RecordBatch, wanted: Mapping[str, str | tuple[str, ...]], plain: Bools
    ) -> Bools:
        hold = np.ones(len(batch), dtype=bool)
        for header, texts in wanted.items():
            cells = _as_text(self._cells(batch, header))
            plain &= _is_neat(cells)
            hold &= _bools(pc.is_in(cells, pa.array(as_tuple(texts), pa.string())))
        return hold

    def _arrivals(self, batch: pa.RecordBatch, queues: NDArray[Any], plain: Bools) -> NDArray[np.int64]:
        """Return the instants of arrival, us since 1970, and check every time of the row."""
        times: dict[str, NDArray[np.int64]] = {}
        instants: dict[str, NDArray[np.int64]] = {}
        for column in CONTACTS.columns:
            if column.kind != "time" or column.name not in self.source.columns:
                continue
            cells = self._cells(batch, self._headers(column)[0])
            empty = _bools(cells.is_null()) if cells.null_count else np.zeros(len(batch), dtype=bool)
            moment = cells.view(pa.int64())
            moment = (moment.fill_null(_LAST_US) if cells.null_count else moment).to_numpy()
            within = (moment >= _FIRST_US) & (moment <= _LAST_US)
            plain &= within & (~empty | column.optional)
            times[column.name] = instants[column.name] = moment
            if self.has_wall_clock:
                moment = np.where(within, moment, _FIRST_US)
                instants[column.name], certain = self._clocks.instants(moment, queues.astype(np.int32))
                plain &= certain | empty
        for rule in CONTACTS.ordered:
            if rule.last in times:  # an empty one is later than all
                plain &= times[rule.last] >= times[rule.first]
        return instants["arrived_at"]


def _whole_seconds(values: NDArray[Any]) -> NDArray[np.int32] | None:
    """Return seconds in ms if all of them are whole and in range, as most logs have them."""
    if not len(values) or not (values.min() >= 0 and values.max() < MOST_MS // 1000):  # nor NaN
        return None
    whole = values.astype(np.int32, copy=False)
    if values.dtype.kind == "f" and not (whole == values).all():
        return None
    return whole * np.int32(1000)


def _without(values: NDArray[Any], odd: NDArray[np.intp]) -> NDArray[Any]:
    """Return the values at all places but these, which ascend."""
    if len(odd) > _FEW:
        return np.delete(values, odd)
    ends = [-1, *odd.tolist(), len(values)]
    parts = [values[before + 1 : end] for before, end in pairwise(ends)]
    return np.concatenate(parts) if len(parts) > 1 else values


def _bools(found: pa.BooleanArray) -> Bools:
    """Return true where `found` is true, not where it is NULL."""
    return np.asarray(
        found.to_numpy(zero_copy_only=False) if not found.null_count else found.fill_null(False)
    )


def _as_text(cells: pa.Array) -> pa.StringArray:
    texts = cells if pa.types.is_string(cells.type) else cells.cast(pa.string())
    return texts.fill_null("") if texts.null_count else texts


def _joined(cells: list[pa.StringArray]) -> pa.StringArray:
    return cells[0] if len(cells) == 1 else pc.binary_join_element_wise(*cells, KEY_SEPARATOR)


def _is_one_word(texts: pa.StringArray) -> bool:
    """Return whether all texts are the same, as those of a channel often are: seen sooner than looked up."""
    ends, letters = _content(texts)
    size = int(ends[1])
    if ends[-1] != size * len(texts) or texts[-1] != texts[0] or (np.diff(ends) != size).any():
        return False
    return bool((letters.reshape(len(texts), size) == letters[:size]).all())


def _content(texts: pa.StringArray) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Return the ends of texts, from 0 on, and their bytes."""
    _, offsets, content = texts.buffers()
    ends = np.frombuffer(offsets, dtype=np.int32)[texts.offset : texts.offset + len(texts) + 1]
    letters = np.frombuffer(content or b"", dtype=np.uint8)[ends[0] : ends[-1]]
    return ends - ends[0] if ends[0] else ends, letters


def _is_neat(texts: pa.StringArray) -> Bools:
    """Return whether a text is ASCII without blanks around it; `trim` knows blanks beyond ASCII too."""
    if not len(texts):
        return np.zeros(0, dtype=bool)
    ends, letters = _content(texts)
    text = letters.tobytes()
    neat = np.ones(len(texts), dtype=bool)
    if b" " in text:
        first = letters.take(ends[:-1], mode="clip")  # of an empty text that of another one
        last = letters.take(ends[1:] - 1, mode="clip")
        neat = ((first != _BLANK) & (last != _BLANK)) | (ends[1:] == ends[:-1])
    return neat if text.isascii() else neat & _bools(pc.string_is_ascii(texts))

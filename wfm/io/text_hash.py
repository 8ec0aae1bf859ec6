"""The 64-bit hash that DuckDB gives a text, computed for a whole column at once with numpy.

Rows that DuckDB reads and rows that numpy reads must find each other by the hash of their id. `agrees` asks
DuckDB itself whether it still hashes so. Source: DuckDB, src/common/types/hash.cpp (MIT licence).
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

LONGEST = 256  # bytes; longer texts have no place in the matrix of a column
_WORD = 8
_SEED, _OF_SIZE, _MULTIPLIER = (np.uint64(n) for n in (0xE17A1465, 0xC6A4A7935BD1E995, 0xD6E8FEB86659FD93))
_HALF = np.uint64(32)


def sizes(texts: pa.StringArray) -> NDArray[np.int32]:
    """Return the number of bytes of each text, 0 of NULL."""
    found = pc.binary_length(texts)
    return np.asarray(found.fill_null(0) if found.null_count else found)


def text_hashes(texts: pa.StringArray) -> NDArray[np.uint64]:
    """Return what DuckDB's hash() gives for texts of at most LONGEST bytes; NULL counts as empty."""
    size = sizes(texts)
    longest, shortest = int(size.max(initial=0)), int(size.min(initial=LONGEST))
    words = -(-longest // _WORD)
    # texts filled up with zeros are a matrix of numbers, without a look at where each of them begins
    padded = pc.ascii_rpad(texts.fill_null("") if texts.null_count else texts, words * _WORD, "\0")
    begin = padded.offset * words * _WORD
    matrix = np.frombuffer(padded.buffers()[2] or b"", dtype="<u8", count=len(texts) * words, offset=begin)
    hashes = size.astype(np.uint64)
    hashes *= _OF_SIZE
    hashes ^= _SEED
    for number, word in enumerate(matrix.reshape(len(texts), words).T):
        within = number * _WORD
        if shortest > within:
            hashes ^= word
            hashes *= _MULTIPLIER
        else:
            hashes = np.where(size > within, (hashes ^ word) * _MULTIPLIER, hashes)
    for _ in range(2):
        hashes ^= hashes >> _HALF
        hashes *= _MULTIPLIER
    hashes ^= hashes >> _HALF
    return hashes


def agrees(connection: duckdb.DuckDBPyConnection) -> bool:
    """Return whether this DuckDB hashes texts so: of every number of bytes up to three words and a bit."""
    texts = ["contact-0123456789-abcdef-é"[:size] for size in range(27)]
    theirs = connection.execute("SELECT hash(text) FROM (SELECT unnest(?) AS text)", [texts]).fetchall()
    return bool([row[0] for row in theirs] == text_hashes(pa.array(texts)).tolist())

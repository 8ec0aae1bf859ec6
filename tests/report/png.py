"""A reader of PNG (8 bits, red, green, blue, alpha, not interlaced), from the standard."""

from __future__ import annotations

import struct
import zlib

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from wfm.errors import OutputError
from wfm.report.raster import rasteriser

CHANNELS = 4


def need_fonts() -> None:
    """Skip a test where the machine has no font to draw letters with."""
    try:
        rasteriser()
    except OutputError as error:
        pytest.skip(error.problem)


def pixels(png: bytes) -> NDArray[np.uint8]:
    """Return rows x columns x channels; each chunk's checksum is checked."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    chunks: dict[bytes, bytes] = {}
    at = 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        kind, body = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + body)
        chunks[kind] = chunks.get(kind, b"") + body
        at += 12 + length
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, colour, interlaced) == (8, 6, 0)
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, 1 + width * CHANNELS)
    return unfiltered(lines).reshape(height, width, CHANNELS)


@numba.njit(cache=False)
def unfiltered(lines: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return the bytes of each line (its first one is the kind of its filter) as they were before."""
    found = np.zeros((lines.shape[0] + 1, lines.shape[1] - 1 + CHANNELS), dtype=np.uint8)
    for row in range(lines.shape[0]):
        kind = lines[row, 0]
        for column in range(lines.shape[1] - 1):
            left = np.int64(found[row + 1, column])
            up, corner = np.int64(found[row, column + CHANNELS]), np.int64(found[row, column])
            guess = np.int64(0)
            if kind == 1:
                guess = left
            elif kind == 2:
                guess = up
            elif kind == 3:
                guess = (left + up) // 2
            elif kind == 4:
                to_left, to_up, to_corner = abs(up - corner), abs(left - corner), abs(left + up - 2 * corner)
                guess = left if to_left <= min(to_up, to_corner) else up if to_up <= to_corner else corner
            found[row + 1, column + CHANNELS] = (np.int64(lines[row, column + 1]) + guess) % 256
    return found[1:, CHANNELS:].copy()

"""Ids as the store keeps them: HMAC-SHA256 under a key from the environment, never as they came.

An id may be a caller's number or an agent's name. Under one key the same id is always the same text, so that
deliveries of a contact meet; without the key nobody can try numbers until one fits.
"""

from __future__ import annotations

import hashlib
import hmac
import os

from wfm.errors import UsageError

VARIABLE = "WFM_ID_KEY"
FEWEST_CHARACTERS = 16
_BLOCK = 64  # bytes of a block of SHA-256
_LENGTH = 32  # characters of an id: 128 bits


def id_key() -> bytes:
    """Return the key from the environment; UsageError if it is not there or too short to be secret."""
    key = os.environ.get(VARIABLE, "")
    if len(key) < FEWEST_CHARACTERS:
        problem = (
            f"{VARIABLE} is not set"
            if not key
            else f"{VARIABLE} has fewer than {FEWEST_CHARACTERS} characters"
        )
        hint = (
            "the store keeps ids hashed under a key of yours: make one with "
            "`openssl rand -hex 32`, keep it, and export it before every import"
        )
        raise UsageError(problem, hint=hint)
    return key.encode()


def hashed(key: bytes, text: str) -> str:
    """Return the id that stands for a text: the first half of its HMAC-SHA256, in hexadecimal."""
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:_LENGTH]


def hashed_sql(key: bytes, text: str) -> str:
    """Return SQL of `hashed` (RFC 2104): NULL for NULL. It holds what the key is made into: never show it."""
    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    inner, outer = (bytes(byte ^ mask for byte in block).hex() for mask in (0x36, 0x5C))
    first = f"unhex(sha256(unhex('{inner}') || encode({text})))"
    return f"left(sha256(unhex('{outer}') || {first}), {_LENGTH})"

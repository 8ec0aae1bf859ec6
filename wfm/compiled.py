"""How hot loops over many arrays are compiled: without counting references, and without the lock of Python.

Counting references took six sevenths of the time of a move of a roster. Without it, nothing compiled so may
allocate an array: work space is passed in. Only what Python calls has a wrapper for it: unpacking dozens of
arrays once more for each inner function took half of the compilation. (So an inner function must never be
called from Python: there is nothing to call.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {"nogil": True, "error_model": "numpy", "_nrt": False, "no_cfunc_wrapper": True}
KEPT: dict[str, Any] = {**OPTIONS, "cache": True}
NEVER_FROM_PYTHON: dict[str, Any] = {**OPTIONS, "no_cpython_wrapper": True}
INLINED: dict[str, Any] = {**NEVER_FROM_PYTHON, "forceinline": True}


def entry(function: Function) -> Function:
    """Compile a function that Python calls; the result is kept on disk."""
    compiled: Function = njit(**KEPT)(function)
    return compiled


def kernel(function: Function) -> Function:
    """Compile a function that only other compiled ones call."""
    compiled: Function = njit(**NEVER_FROM_PYTHON)(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function into those that call it."""
    compiled: Function = njit(**INLINED)(function)
    return compiled

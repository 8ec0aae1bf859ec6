"""How the moves of the annealing are compiled: into one function, without counting references.

Counting them took six sevenths of the time of a move. Without it, nothing in these functions may allocate an
array: work space is passed in.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])
OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "error_model": "numpy", "_nrt": False}


def kernel(function: Function) -> Function:
    """Compile a function that is called."""
    compiled: Function = njit(**OPTIONS)(function)
    return compiled


def inlined(function: Function) -> Function:
    """Compile a function into those that call it."""
    compiled: Function = njit(**OPTIONS, forceinline=True)(function)
    return compiled

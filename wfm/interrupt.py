"""A night that is told to end (SIGTERM of `systemctl stop`, Ctrl-C) ends with 130, whatever it was doing.

Until its work begins there is nothing to put in order, and libraries are being imported, some of which make
another error of an interrupt: then the process ends at once. Later KeyboardInterrupt is raised; as it may be
swallowed (a callback) or turned into something else even there, it is remembered, and asked for.
"""

from __future__ import annotations

import os
import signal
from types import FrameType

INTERRUPTED = 130
SIGNALS = (signal.SIGTERM, signal.SIGINT)
MESSAGE = "wfm: interrupted; files that stood before still stand"
_heard: list[int] = []


def end_at_once() -> None:
    """From now on end the process at once, with 130, when it is told to end."""
    for number in SIGNALS:
        signal.signal(number, _end)


def end_in_order() -> None:
    """From now on raise KeyboardInterrupt when told to end, and remember it."""
    _heard.clear()
    for number in SIGNALS:
        signal.signal(number, _raise)


def told_to_end() -> bool:
    """Return whether the process was told to end."""
    return bool(_heard)


def check() -> None:
    """Raise KeyboardInterrupt if the process was told to end and something swallowed it."""
    if _heard:
        raise KeyboardInterrupt


def _end(_number: int, _frame: FrameType | None) -> None:
    os.write(2, f"{MESSAGE}\n".encode())
    os._exit(INTERRUPTED)


def _raise(number: int, _frame: FrameType | None) -> None:
    _heard.append(number)
    raise KeyboardInterrupt

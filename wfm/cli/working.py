"""Where a command has its parts done: in this process, or where `[compute]` says if there are many."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from wfm.cli.common import share_bar

if TYPE_CHECKING:
    from wfm.config import Config
    from wfm.pipeline import Work

FEW_QUEUES = 40  # which are done before a worker has begun, or soon after


@contextmanager
def at_work(settings: Config, config: Path, title: str) -> Iterator[Work]:
    """Yield who does the parts of a stage that goes queue by queue, with a bar on a terminal."""
    from wfm.nightly.backends import backend_of, effort_of
    from wfm.pipeline import Direct, Pooled

    compute = settings.compute
    if compute.backend == "local" and (len(settings.queues) <= FEW_QUEUES or compute.workers == 1):
        yield Direct()
        return
    with share_bar(title) as progress:
        yield Pooled(backend_of(settings, config.resolve().parent), effort_of(settings), progress)

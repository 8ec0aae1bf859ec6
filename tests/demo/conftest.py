"""The generated centre, made once for all tests of `wfm.demo`."""

from __future__ import annotations

import pandas as pd
import pytest

from wfm.config import Config
from wfm.demo import Centre, generate
from wfm.localtime import to_local


@pytest.fixture(scope="session")
def centre() -> Centre:
    return generate(1)


@pytest.fixture(scope="session")
def config(centre: Centre) -> Config:
    return centre.config


@pytest.fixture(scope="session")
def history(centre: Centre, config: Config) -> pd.DataFrame:
    """Return the history with the local date and minute of each row's queue."""
    parts = []
    for queue, rows in centre.history.groupby("queue"):
        local = to_local(rows["interval_start"], config.queues[str(queue)].timezone)
        parts.append(
            rows.assign(local=local, date=local.dt.normalize(), minute=local.dt.hour * 60 + local.dt.minute)
        )
    return pd.concat(parts)

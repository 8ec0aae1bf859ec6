"""Where the parts of a night are computed, as `[compute]` says."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

from wfm.config import Config
from wfm.errors import ConfigError, Fault
from wfm.executor import Backend, Dask, Effort, Processes


def backend_of(config: Config, base: Path) -> Backend:
    """Return the backend; ConfigError when what it needs is not installed."""
    compute = config.compute
    if compute.backend == "local":
        return Processes(compute.workers or _cores())
    if find_spec("distributed") is None:
        remedy = "install openwfm[cluster], here and on the workers"
        raise ConfigError([Fault("Dask is not installed", remedy, column="compute.backend", value="dask")])
    return Dask(str(compute.scheduler), _security(config, base))


def _cores() -> int:
    """Return how many cores this process may use, or, where nobody says, how many there are."""
    allowed = getattr(os, "sched_getaffinity", None)
    return len(allowed(0)) if allowed is not None else os.cpu_count() or 1


def effort_of(config: Config) -> Effort:
    """Return how often a part is tried, and how long it may take."""
    return Effort(config.compute.retries, config.compute.timeout_s)


def _security(config: Config, base: Path) -> object:
    compute = config.compute
    if compute.tls_ca is None or compute.tls_cert is None or compute.tls_key is None:
        return None
    from distributed.security import Security

    return Security(
        tls_ca_file=str(base / compute.tls_ca),
        tls_client_cert=str(base / compute.tls_cert),
        tls_client_key=str(base / compute.tls_key),
        require_encryption=True,
    )

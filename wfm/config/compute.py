"""Where the parts of a night are computed: on this machine, or on a Dask cluster."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, model_validator

from wfm.config.kinds import Section

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Compute(Section):
    """Where the parts of a night are computed."""

    backend: Literal["local", "dask"] = Field(default="local", description="this machine, or a Dask cluster")
    workers: int = Field(default=0, ge=0, le=1024, description="processes here; 0: one for each core")
    scheduler: str | None = Field(
        default=None, description="address of the Dask scheduler, tls:// beyond this machine"
    )
    tls_ca: str | None = Field(default=None, description="certificate of the authority, relative to wfm.toml")
    tls_cert: str | None = Field(default=None, description="own certificate, relative to wfm.toml")
    tls_key: str | None = Field(default=None, description="own key, relative to wfm.toml")
    timeout_s: float = Field(default=3600, gt=0, description="longest time of one part, seconds")
    retries: int = Field(
        default=1, ge=0, le=10, description="further tries of a part whose worker died or hung"
    )

    @model_validator(mode="after")
    def _reachable(self) -> Compute:
        if self.backend != "dask":
            return self
        if self.scheduler is None:
            raise ValueError('backend = "dask" needs scheduler, e.g. "tcp://127.0.0.1:8786"')
        kind, _, place = self.scheduler.partition("://")
        if kind not in ("tcp", "tls") or not place:
            raise ValueError("scheduler is tcp://HOST:PORT or tls://HOST:PORT")
        host = place.rpartition(":")[0].strip("[]")
        if kind == "tcp" and host not in LOOPBACK:
            raise ValueError(
                "use tls:// for a scheduler on another machine: through tcp:// anybody can run code"
            )
        if kind == "tls" and None in (self.tls_ca, self.tls_cert, self.tls_key):
            raise ValueError("tls:// needs tls_ca, tls_cert and tls_key")
        return self

"""The store: every contact ever imported, once, as partitioned Parquet that amends itself file by file."""

from __future__ import annotations

from wfm.io.store.merging import amend

__all__ = ["amend"]

"""A frame against its declared table: every fault found, then one error; or a typed, sorted frame.

Text cells (as read from CSV) and typed cells (Parquet, memory) give the same result. A stamp without offset
is local time of its queue or site, see `Zones`. Nothing is repaired or dropped silently.
"""

from __future__ import annotations

from wfm.conform.frame import conform, empty, joined
from wfm.conform.zones import Zones

__all__ = ["Zones", "conform", "empty", "joined"]

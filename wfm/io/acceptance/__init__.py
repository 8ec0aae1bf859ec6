"""`wfm doctor` on files: they are imported in memory, whatever their faults, and examined."""

from __future__ import annotations

from wfm.io.acceptance.examination import Acceptance, accept

__all__ = ["Acceptance", "accept"]

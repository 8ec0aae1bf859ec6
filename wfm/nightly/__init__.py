"""The unattended run: one night, from inputs to a published run folder."""

from __future__ import annotations

from wfm.nightly.night import Night, Wishes, run_night

__all__ = ["Night", "Wishes", "run_night"]

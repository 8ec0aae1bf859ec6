"""Tables written as other systems take them; `FORMATS` names the kinds of file, see docs/export.md."""

from __future__ import annotations

from wfm.export.registry import FORMATS, PLAN_FORMATS, named_format
from wfm.export.request import Exported, Request

__all__ = ["FORMATS", "PLAN_FORMATS", "Exported", "Request", "named_format"]

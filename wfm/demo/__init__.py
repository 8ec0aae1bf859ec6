"""A generated contact centre: seeded, complete, and as awkward as a real one."""

from __future__ import annotations

from wfm.demo.folder import write_centre
from wfm.demo.generator import Centre, generate, generate_sample
from wfm.demo.project import write_project

__all__ = ["Centre", "generate", "generate_sample", "write_centre", "write_project"]

"""The whole of `wfm.toml` as one frozen model."""

from __future__ import annotations

from pydantic import Field

from wfm.config.centre import Centre, Site
from wfm.config.compute import Compute
from wfm.config.contract import Contract
from wfm.config.groups import SkillGroup
from wfm.config.kinds import Section
from wfm.config.minors import Minors
from wfm.config.patterns import Pattern
from wfm.config.queues import Queue
from wfm.config.sections import Forecast, Import, Inputs, Nightly, Outputs, Schedule, Simulate
from wfm.config.staffing import Staffing


class Config(Section):
    """The whole of wfm.toml; `queues` and `sites` are complete, with defaults and zones filled in."""

    centre: Centre = Field(default_factory=Centre, description="the centre")
    sites: dict[str, Site] = Field(
        default_factory=dict, description="sites; default: one named after the centre"
    )
    queues: dict[str, Queue] = Field(default_factory=dict, description="queues by name")
    skill_groups: dict[str, SkillGroup] = Field(
        default_factory=dict, description="agents who serve the same queues, by name"
    )
    contracts: dict[str, Contract] = Field(default_factory=dict, description="contracts by name")
    patterns: dict[str, Pattern] = Field(default_factory=dict, description="rotations by name")
    minors: Minors = Field(default_factory=Minors, description="agents under age")
    staffing: Staffing = Field(default_factory=Staffing, description="costs of requirements")
    schedule: Schedule = Field(default_factory=Schedule, description="rosters")
    forecast: Forecast = Field(default_factory=Forecast, description="forecasts")
    simulate: Simulate = Field(default_factory=Simulate, description="simulations")
    import_: Import = Field(default_factory=Import, alias="import", description="reading files")
    inputs: Inputs = Field(default_factory=Inputs, description="inputs of nightly")
    outputs: Outputs = Field(default_factory=Outputs, description="outputs of nightly")
    nightly: Nightly = Field(default_factory=Nightly, description="stop rules of nightly")
    compute: Compute = Field(default_factory=Compute, description="where nightly computes")

    @property
    def queue_zones(self) -> dict[str, str]:
        """Time zone of each queue."""
        return {name: queue.timezone for name, queue in self.queues.items()}

    @property
    def site_zones(self) -> dict[str, str]:
        """Time zone of each site."""
        return {name: site.timezone for name, site in self.sites.items()}

    @property
    def only_site(self) -> str | None:
        """The site of agents who name none, where there is just one."""
        return next(iter(self.sites)) if len(self.sites) == 1 else None

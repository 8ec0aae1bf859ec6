"""The table of wfm.toml that turns agents into full-time equivalents and cost, and says what to vary."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from wfm.config.kinds import Section

Step = Annotated[float, Field(gt=0, lt=1)]
CostPerHour = Annotated[float, Field(ge=0, le=1e6)]


class Staffing(Section):
    """What requirements cost, and by how much a sensitivity table varies what they rest on."""

    fte_week_hours: float = Field(
        default=40, gt=0, le=168, description="paid hours of a full-time equivalent in a week"
    )
    cost_per_hour: CostPerHour = Field(
        default=1, description="cost of a paid hour, in any currency; a queue may have its own"
    )
    volume_steps: tuple[Step, ...] = Field(
        default=(0.05, 0.1), description="more and fewer contacts by this share"
    )
    aht_steps: tuple[Step, ...] = Field(
        default=(0.05, 0.1), description="longer and shorter handle times by this share"
    )
    shrinkage_steps: tuple[Step, ...] = Field(
        default=(0.02, 0.05), description="more and less shrinkage, in shares of paid time"
    )
    service_level_steps: tuple[Step, ...] = Field(
        default=(0.05,), description="higher and lower targets of the service level"
    )

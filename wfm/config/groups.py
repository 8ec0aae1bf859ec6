"""Skill groups: agents who serve the same queues, as staffing sees them."""

from __future__ import annotations

from pydantic import Field, field_validator

from wfm.config.kinds import Section


class SkillGroup(Section):
    """Agents with the same skills: what one of them costs, and how many there can be at once."""

    skills: tuple[str, ...] = Field(min_length=1, description="queues, best first")
    cost_per_hour: float = Field(default=1, gt=0, description="cost of an hour of one agent")
    most: int | None = Field(default=None, ge=0, description="most agents on queue at once; absent: no limit")

    @field_validator("skills")
    @classmethod
    def _once_each(cls, skills: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(skills)) < len(skills):
            raise ValueError("every queue stands once")
        return skills

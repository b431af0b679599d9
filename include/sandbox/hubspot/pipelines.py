"""Pipelines and their stages: the deal pipeline `default` and the ticket pipeline `0`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

EPOCH_STAMP = "2019-10-30T03:30:17.883Z"
DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)
TICKET_STAGES = (
    ("1", "New", "OPEN"),
    ("2", "Waiting on contact", "OPEN"),
    ("3", "Waiting on us", "OPEN"),
    ("4", "Closed", "CLOSED"),
)


@dataclass
class Stage:
    id: str
    label: str
    order: int
    metadata: dict[str, str]
    created_at: str = EPOCH_STAMP
    updated_at: str = EPOCH_STAMP

    @property
    def closed(self) -> bool:
        return self.metadata.get("isClosed") == "true" or self.metadata.get("ticketState") == "CLOSED"

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id, "label": self.label, "displayOrder": self.order, "metadata": self.metadata,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT", "createdAt": self.created_at, "updatedAt": self.updated_at,
            "archived": False,
        }  # fmt: skip


@dataclass
class Pipeline:
    id: str
    label: str
    order: int
    stages: dict[str, Stage] = field(default_factory=dict)
    created_at: str = EPOCH_STAMP
    updated_at: str = EPOCH_STAMP
    audit: list[dict[str, Any]] = field(default_factory=list)

    def json(self) -> dict[str, Any]:
        return {
            "id": self.id, "label": self.label, "displayOrder": self.order,
            "stages": [stage.json() for stage in sorted(self.stages.values(), key=lambda stage: stage.order)],
            "createdAt": self.created_at, "updatedAt": self.updated_at, "archived": False,
        }  # fmt: skip


def standard() -> dict[str, dict[str, Pipeline]]:
    """Object -> pipeline id -> pipeline."""
    deals = [
        Stage(name, label, order, {"isClosed": str(name.startswith("closed")).lower(), "probability": chance})
        for order, (name, label, chance) in enumerate(DEAL_STAGES)
    ]
    tickets = [
        Stage(name, label, order, {"ticketState": state, "isClosed": str(state == "CLOSED").lower()})
        for order, (name, label, state) in enumerate(TICKET_STAGES)
    ]
    return {
        "deals": {"default": Pipeline("default", "Sales Pipeline", 0, {stage.id: stage for stage in deals})},
        "tickets": {"0": Pipeline("0", "Support Pipeline", 0, {stage.id: stage for stage in tickets})},
    }

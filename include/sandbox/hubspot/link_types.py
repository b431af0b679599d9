"""Association types: ids, labels and names of one direction each.

Source: the table of association type ids of the CRM associations API
(https://developers.hubspot.com/docs/api/crm/associations), and HubSpot's own list of them in its client library for Ruby
(https://rubydoc.info/gems/hubspot-api-client/17.2.0/Hubspot/Helpers/AssociationType). The direction matters: each pair has
two ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

HUBSPOT, USER = "HUBSPOT_DEFINED", "USER_DEFINED"


@dataclass(frozen=True)
class LinkType:
    """One direction of an association type; `inverse` is the type id of the other direction."""

    id: int
    origin: str
    target: str
    inverse: int
    label: str | None = None
    category: str = HUBSPOT
    name: str = ""

    def json(self) -> dict[str, Any]:
        return {"category": self.category, "typeId": self.id, "label": self.label}


# from -> (to, type id, inverse type id): the unlabelled type of each pair.
UNLABELLED = {
    "contacts": (("companies", 279, 280), ("contacts", 449, 449)),
    "companies": (("companies", 450, 450),),
    "deals": (("companies", 341, 342), ("contacts", 3, 4), ("deals", 451, 451)),
    "tickets": (("companies", 339, 340), ("contacts", 16, 15), ("deals", 28, 27), ("tickets", 452, 452)),
    "notes": (("contacts", 202, 201), ("companies", 190, 189), ("deals", 214, 213), ("tickets", 228, 227)),
    "tasks": (("contacts", 204, 203), ("companies", 192, 191), ("deals", 216, 215), ("tickets", 230, 229)),
    "calls": (("contacts", 194, 193), ("companies", 182, 181), ("deals", 206, 205), ("tickets", 220, 219)),
    "emails": (("contacts", 198, 197), ("companies", 186, 185), ("deals", 210, 209), ("tickets", 224, 223)),
    "meetings": (("contacts", 200, 199), ("companies", 188, 187), ("deals", 212, 211), ("tickets", 226, 225)),
    "communications": (("contacts", 81, 82), ("companies", 87, 88), ("deals", 85, 86), ("tickets", 83, 84)),
}
# (from, to, type id, inverse type id, label, inverse label)
LABELLED = (
    ("contacts", "companies", 1, 2, "Primary", "Primary"),
    ("deals", "companies", 5, 6, "Primary", "Primary"),
    ("tickets", "companies", 26, 25, "Primary", "Primary"),
    ("companies", "companies", 13, 14, "Child Company", "Parent Company"),
)
PRIMARY = {("contacts", "companies"): 1, ("deals", "companies"): 5, ("tickets", "companies"): 26}


def standard() -> list[LinkType]:
    """All types that every portal has, both directions."""
    found = []
    for origin, rows in UNLABELLED.items():
        for target, forward, back in rows:
            found += both(origin, target, forward, back, None, None)
    for origin, target, forward, back, label, inverse in LABELLED:
        found += both(origin, target, forward, back, label, inverse)
    return found


def both(origin: str, target: str, forward: int, back: int, label: str | None, inverse: str | None) -> list[LinkType]:
    """The two directions of a type; one that is its own inverse comes once."""
    name = f"{origin}_to_{target}" + ("" if label is None else f"_{label.lower().replace(' ', '_')}")
    pair = [LinkType(forward, origin, target, back, label, name=name)]
    return pair if forward == back else [*pair, LinkType(back, target, origin, forward, inverse, name=name)]

"""What Lockstep can do, and which of it is on, off or not set up, with the next step (HS-04)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE
from lockstep_airflow.status.health.setup import ALERTS, SetUp

if TYPE_CHECKING:
    from lockstep.mapping import Mappings
    from lockstep.store.budget import Health

ON, OFF, NOT_SET_UP, UNKNOWN = "on", "off", "not_set_up", "unknown"
#: by decision 20: people look for it here, since Marketo has it
NOT_SYNCED = "not_synced"
#: HubSpot's activities, as objects
ACTIVITIES = ("tasks", "calls", "emails", "meetings", "notes", "form_submissions")
CAMPAIGNS = ("campaigns",)


@dataclass(frozen=True, slots=True)
class Feature:
    """`name`: text `feature.<name>`; where it is not on, `feature_do.<name>` says the next step."""

    name: str
    state: str


def features(mappings: "Mappings | None", known: SetUp, health: "Mapping[str, Health]") -> tuple[Feature, ...]:
    allotted = {
        **known.allocation,
        **{name: one.allocation for name, one in health.items() if one.allocation is not None},
    }
    return (
        *(Feature(f"connection_{system}", _told(known.connections.get(system))) for system in (SALESFORCE, HUBSPOT)),
        *(Feature(name, _mapped(mappings, objects)) for name, objects in (("activities", ACTIVITIES), ("campaigns", CAMPAIGNS))),
        Feature("custom_objects", _custom(mappings)),
        Feature("email_templates", NOT_SYNCED),
        Feature("conversions", _conversions(known)),
        Feature("allocation", ON if allotted else NOT_SET_UP),
        Feature("alerts", _told(known.connections.get(ALERTS))),
    )  # fmt: skip


def _told(there: bool | None) -> str:
    return UNKNOWN if there is None else ON if there else NOT_SET_UP


def _mapped(mappings: "Mappings | None", hs_objects: tuple[str, ...]) -> str:
    if mappings is None:
        return UNKNOWN
    if any(one.hs_object.split("/")[0] in hs_objects for one in mappings.all):
        return ON
    return OFF if any(one.hs_object.split("/")[0] in hs_objects for one in mappings.off) else NOT_SET_UP


def _custom(mappings: "Mappings | None") -> str:
    """Custom objects of Salesforce end in `__c`; HubSpot's have a name such as `2-1234567` or `p_name`."""
    if mappings is None:
        return UNKNOWN

    def custom(sf_objects: tuple[str, ...], hs_object: str) -> bool:
        return any(name.endswith("__c") for name in sf_objects) or hs_object.startswith(("2-", "p_"))

    if any(custom(one.sf_objects, one.hs_object) for one in mappings.all):
        return ON
    return OFF if any(custom(one.sf_objects, one.hs_object) for one in mappings.off) else NOT_SET_UP


def _conversions(known: SetUp) -> str:
    if known.milestones is None:
        return UNKNOWN
    if not known.milestones:
        return NOT_SET_UP
    return ON if known.connections.get(GOOGLE_ADS) else NOT_SET_UP

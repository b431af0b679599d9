"""Lifecycle stages (HS-08): how far a contact's opportunities have come, and the ladder that is only climbed. Pure.

Salesforce has no such field: its side is worked out of opportunities that name the contact in a contact role (`ROLES`),
or that name anybody of the same account (`ACCOUNT`, HubSpot's option to sync the company's stage to all its contacts).
"""

from collections.abc import Iterable, Sequence

ROLES, ACCOUNT = "opportunities:roles", "opportunities:account"
#: what stands in a mapping for the Salesforce field
WORKED_OUT = (ROLES, ACCOUNT)

OPPORTUNITY, CUSTOMER = "opportunity", "customer"

#: HubSpot's default stages; a portal's own stages are ordered as the property lists them
LADDER = (
    "subscriber",
    "lead",
    "marketingqualifiedlead",
    "salesqualifiedlead",
    OPPORTUNITY,
    CUSTOMER,
    "evangelist",
    "other",
)


def stage_of(opportunities: Iterable[tuple[bool, bool]]) -> str | None:
    """Any won opportunity makes a customer, else any open one makes "opportunity". Each is (closed, won)."""
    found = list(opportunities)
    if any(won for _, won in found):
        return CUSTOMER
    return OPPORTUNITY if any(not closed for closed, _ in found) else None


def climbs(stage: str, above: str | None, ladder: Sequence[str] = LADDER) -> bool:
    """True if `stage` is higher on the ladder than `above`. A stage that the ladder does not know is never left."""
    steps = list(ladder or LADDER)
    if above is None:
        return True
    return stage in steps and above in steps and steps.index(stage) > steps.index(above)

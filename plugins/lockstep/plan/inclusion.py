"""Records outside the inclusion list rest (HS-09): nothing of theirs is written on either side until they are in it.

A Salesforce record still gets its HubSpot record, list or no list: HubSpot's own integration creates and deduplicates it,
and keeps later changes back.
"""

from lockstep.model import MirrorRow
from lockstep.plan.unit import PlanContext

CODE = "not_in_scope"


def excluded(hs: MirrorRow | None, context: PlanContext) -> bool:
    return hs is not None and hs.live and context.included is not None and hs.id not in context.included

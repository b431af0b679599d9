"""Which lead statuses and opportunity stages the organisation has, and whether their history is kept (GA-E06, GA-E18, GA-19).

The tables LeadStatus and OpportunityStage are the organisation's, whatever sales process or record type uses a value, and inactive
stages stand in them too: only what was deleted is missing.
"""

from lockstep.conversions.preflight import Reachable
from lockstep.systems.answers import Refused
from lockstep.systems.salesforce.reads import SalesforceReader

_TABLES = {"Lead": "LeadStatus", "Opportunity": "OpportunityStage"}
#: converting a lead changes its status: days in which there was a conversion and no status was kept
EVIDENCE = "LAST_N_DAYS:30"


def reachable(reader: SalesforceReader, object: str) -> Reachable:
    """An object's table that the integration user may not see counts as empty."""
    try:
        found = list(reader.query(f"SELECT ApiName, MasterLabel FROM {_TABLES[object]}"))
        names = frozenset(name for one in found for name in (one["ApiName"], one["MasterLabel"]) if name)
        return Reachable(names, _tracked(reader) if object == "Lead" else None)
    except Refused:
        return Reachable(frozenset())


def _tracked(reader: SalesforceReader) -> bool | None:
    """Whether changes of the lead status are kept, as far as the last days show it: no permission of administrators is needed."""
    kept = f"Field = 'Status' AND CreatedDate = {EVIDENCE}"
    if list(reader.query(f"SELECT Id FROM LeadHistory WHERE {kept} LIMIT 1")):
        return True
    converted = f"IsConverted = true AND ConvertedDate = {EVIDENCE}"
    return False if list(reader.query(f"SELECT Id FROM Lead WHERE {converted} LIMIT 1")) else None

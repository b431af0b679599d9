"""Opportunities that are not closed, and the click that brought them: which of them will close too late for Google."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime

from lockstep.conversions.reports import OpenDeal
from lockstep.systems.salesforce import soql
from lockstep.systems.salesforce.reads import SalesforceReader


def open_deals(reader: SalesforceReader, gclid: Mapping[str, Sequence[str]]) -> Iterator[OpenDeal]:
    """`gclid`: object -> fields that may hold the click id. Of an opportunity with one of its own, that; else its lead's."""
    own, of_lead = list(gclid.get("Opportunity", ())), list(gclid.get("Lead", ()))
    leads = dict(_leads(reader, of_lead)) if of_lead else {}
    fields = ["Id", "CreatedDate", "CloseDate", *own]
    for one in reader.query(soql.select(fields, "Opportunity", ["IsClosed = false"])):
        found = next((one[name].strip() for name in own if (one[name] or "").strip()), leads.get(one["Id"]))
        if found and one["CloseDate"]:
            created = datetime.fromisoformat(one["CreatedDate"])
            yield OpenDeal(one["Id"], found, created, date.fromisoformat(one["CloseDate"]))


def _leads(reader: SalesforceReader, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    conditions = ["IsConverted = true", "ConvertedOpportunity.IsClosed = false"]
    for one in reader.query(soql.select(["ConvertedOpportunityId", *fields], "Lead", conditions)):
        found = next((one[name].strip() for name in fields if (one[name] or "").strip()), None)
        if found and one["ConvertedOpportunityId"]:
            yield one["ConvertedOpportunityId"], found

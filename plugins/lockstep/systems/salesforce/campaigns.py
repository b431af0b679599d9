"""Campaigns: their member statuses as a field of the campaign, and their members, who are leads or contacts.

A status is a record of its own (CampaignMemberStatus) and does not modify its campaign; members do, through the campaign's
counts. So a new status is read with the campaign's next change, which its first member makes.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any

from lockstep.model import Field, Row, Write
from lockstep.systems.salesforce import soql

CAMPAIGN, MEMBER = "Campaign", "CampaignMember"
#: the labels of a campaign's member statuses, sorted, as a multi-select picklist would have them
STATUSES = "CampaignMemberStatuses.Label"
#: read of both kinds of people; a create takes one field or the other
PERSON = "LeadOrContactId"
_PERSON_FIELDS = {"00Q": "LeadId", "003": "ContactId"}


def described(object: str, fields: dict[str, Field]) -> dict[str, Field]:
    """The fields with those that Salesforce describes otherwise, or elsewhere."""
    if object == CAMPAIGN:
        return {
            **fields,
            STATUSES: Field(STATUSES, "Member Statuses", "multipicklist", creatable=False, writable=False),
        }
    if object == MEMBER and PERSON in fields:
        return {**fields, PERSON: replace(fields[PERSON], creatable=True)}
    return fields


def plain(object: str, fields: Sequence[str]) -> tuple[str, ...]:
    """The fields that the object's own rows have."""
    return tuple(one for one in fields if object != CAMPAIGN or one != STATUSES)


def with_statuses(
    object: str, fields: Sequence[str], rows: Sequence[Row], query: Callable[[str], Iterable[Any]]
) -> list[Row]:
    """Rows of `plain` fields as rows of `fields`; one query more where the statuses are asked for."""
    if object != CAMPAIGN or STATUSES not in fields or not rows:
        return list(rows)
    labels: dict[str, list[str]] = {}
    for chunk in soql.chunks([row.id for row in rows], soql.URL_LIMIT, 200):
        where = [f"CampaignId IN ({', '.join(chunk)})"]
        for one in query(soql.select(["CampaignId", "Label"], "CampaignMemberStatus", where)):
            labels.setdefault(one["CampaignId"], []).append(one["Label"])
    place = list(fields).index(STATUSES)
    told = {row.id: ";".join(sorted(labels.get(row.id, []))) or None for row in rows}
    return [replace(row, values=(*row.values[:place], told[row.id], *row.values[place:])) for row in rows]


def sent(object: str, writes: Sequence[Write]) -> list[Write]:
    """Writes as Salesforce takes them: a member's person is a lead or a contact, and never becomes another."""
    if object != MEMBER:
        return list(writes)
    found = []
    for write in writes:
        values = {name: value for name, value in write.values.items() if name != PERSON}
        person = write.values.get(PERSON)
        if person and write.record_id is None:
            values[_PERSON_FIELDS.get(person[:3], "ContactId")] = person
        found.append(replace(write, values=values))
    return found

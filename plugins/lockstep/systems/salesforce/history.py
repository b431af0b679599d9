"""Reading what Salesforce keeps of the past: lead statuses, lead conversions and opportunity stages (GA-00, GA-19).

`LeadHistory` needs field history tracking; `OpportunityHistory` is always there, and has a row for every change of stage,
amount, probability or close date. Other fields that a value comes from are in `OpportunityFieldHistory` and `LeadHistory`, if an
administrator has them tracked. OldValue and NewValue cannot be filtered on, stamps have whole seconds, and a lead's first
status has no row. Histories are always read whole, record by record: which entry is the first does not depend on a window.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lockstep.conversions.history import FieldChange, History, HistoryRow, Source
from lockstep.conversions.preflight import Reachable
from lockstep.conversions.reports import OpenDeal
from lockstep.model import SALESFORCE, Values, Window
from lockstep.systems.answers import Refused
from lockstep.systems.base import Touched, parts
from lockstep.systems.salesforce import soql
from lockstep.systems.salesforce.open_deals import open_deals
from lockstep.systems.salesforce.raw import raw
from lockstep.systems.salesforce.reachable import reachable
from lockstep.systems.salesforce.reads import ID_CHUNK, SalesforceReader

#: Salesforce keeps the status under this name in LeadHistory, and the conversion under the other
_STATUS, _CONVERTED = "Status", "leadConverted"


class SalesforceHistory:
    """Implements `systems.base.HistorySource`. `fields` of a method: object -> fields to read of its records."""

    def __init__(self, reader: SalesforceReader):
        self._reader = reader
        self._won: frozenset[str] | None = None

    def touched(self, object: str, window: Window) -> Iterator[Touched]:
        texts = _lead_questions(window) if object == "Lead" else _opportunity_questions(window)
        for one in self._reader.records(texts):
            yield _touched(one, window)

    def reachable(self, object: str) -> Reachable:
        return reachable(self._reader, object)

    def open_deals(self, gclid: Mapping[str, Sequence[str]]) -> Iterator[OpenDeal]:
        return open_deals(self._reader, gclid)

    def histories(
        self, object: str, fields: Mapping[str, Sequence[str]], past: Sequence[str], ids: Sequence[str]
    ) -> list[History]:
        read = self._leads if object == "Lead" else self._opportunities
        found = []
        for chunk in parts(ids, ID_CHUNK):
            found += read(fields, past, f"({', '.join(soql.text(one) for one in chunk)})")
        return found

    def _leads(self, fields: Mapping[str, Sequence[str]], past: Sequence[str], ids: str) -> list[History]:
        contact = [f"ConvertedContact.{name}" for name in ("CreatedDate", *fields.get("Contact", ()))]
        own = ["Id", "Status", "CreatedDate", "ConvertedContactId", *fields.get("Lead", ()), *contact]
        answers = self._by_type(
            soql.select(list(dict.fromkeys(own)), "Lead", [f"Id IN {ids}", "IsDeleted = false"]),
            _changes_of("LeadHistory", "LeadId", ids, (_STATUS, _CONVERTED, *past)),
        )
        kept = answers.get("LeadHistory", [])
        rows = _grouped([one for one in kept if one["Field"] in (_STATUS, _CONVERTED)], "LeadId", _lead_row)
        changes = _grouped([one for one in kept if one["Field"] in past], "LeadId", _change)
        return [
            _lead(one, fields, rows.get(one["Id"], []), changes.get(one["Id"], [])) for one in answers.get("Lead", [])
        ]

    def _opportunities(self, fields: Mapping[str, Sequence[str]], past: Sequence[str], ids: str) -> list[History]:
        own = ["Id", "StageName", "CreatedDate", *fields.get("Opportunity", ())]
        stages = ["Id", "OpportunityId", "StageName", "Amount", "CreatedDate"]
        lead = ["Id", "CreatedDate", "ConvertedOpportunityId", *fields.get("Lead", ())]
        contact = [f"Contact.{name}" for name in ("Id", "CreatedDate", *fields.get("Contact", ()))]
        answers = self._by_type(
            soql.select(list(dict.fromkeys(own)), "Opportunity", [f"Id IN {ids}", "IsDeleted = false"]),
            soql.select(stages, "OpportunityHistory", [f"OpportunityId IN {ids}"]),
            soql.select(lead, "Lead", [f"ConvertedOpportunityId IN {ids}", "IsDeleted = false"]),
            soql.select(
                ["OpportunityId", "IsPrimary", *contact],
                "OpportunityContactRole",
                [f"OpportunityId IN {ids}", "IsDeleted = false"],
            ),
        )
        won = self._won_stages()
        rows = _grouped(answers.get("OpportunityHistory", []), "OpportunityId", lambda one: _stage_row(one, won))
        leads = _grouped(answers.get("Lead", []), "ConvertedOpportunityId", lambda one: _source("Lead", one, fields))
        roles = sorted(answers.get("OpportunityContactRole", []), key=lambda one: not one["IsPrimary"])
        people = _grouped(roles, "OpportunityId", lambda one: _source("Contact", one["Contact"], fields))
        changes = self._deal_changes([one for one in past if one != "Amount"], ids)
        return [
            History(
                SALESFORCE,
                "Opportunity",
                one["Id"],
                _at(one["CreatedDate"]),
                one["StageName"],
                tuple(rows.get(one["Id"], ())),
                (_source("Opportunity", one, fields), *leads.get(one["Id"], ()), *people.get(one["Id"], ())),
                tuple(changes.get(one["Id"], ())),
            )
            for one in answers.get("Opportunity", [])
        ]

    def _deal_changes(self, past: Sequence[str], ids: str) -> dict[str, list[FieldChange]]:
        """Where the object is not shown there is no history, and a value counts as it is now."""
        if not past:
            return {}
        try:
            kept = list(self._reader.query(_changes_of("OpportunityFieldHistory", "OpportunityId", ids, past)))
        except Refused:
            return {}
        return _grouped(kept, "OpportunityId", _change)

    def _won_stages(self) -> frozenset[str]:
        """The stages that count as won, inactive ones too: a sale that reopens leaves one of them."""
        if self._won is None:
            found = self._reader.query("SELECT ApiName, MasterLabel FROM OpportunityStage WHERE IsWon = true")
            self._won = frozenset(name for one in found for name in (one["ApiName"], one["MasterLabel"]) if name)
        return self._won

    def _by_type(self, *texts: str) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for one in self._reader.records(texts):
            found.setdefault(one["attributes"]["type"], []).append(dict(one))
        return found


def _between(field: str, window: Window) -> str:
    return f"({field} >= {soql.stamp(window.start or window.end)} AND {field} < {soql.stamp(window.end)})"


def _lead_questions(window: Window) -> list[str]:
    """Status changes and new leads; and leads, and their contacts, that changed otherwise (a GCLID that came later)."""
    changed = f"({_between('CreatedDate', window)} OR {_between('SystemModstamp', window)})"
    contact = ["IsConverted = true", _between("ConvertedContact.SystemModstamp", window)]
    status = [_between("CreatedDate", window), f"Field IN ('{_STATUS}', '{_CONVERTED}')"]
    return [
        soql.select(["LeadId"], "LeadHistory", status),
        soql.select(["Id", "CreatedDate"], "Lead", [changed]),
        soql.select(["Id"], "Lead", contact),
    ]


def _opportunity_questions(window: Window) -> list[str]:
    """Stages and amounts; and opportunities, their contact roles and the roles' contacts, that changed otherwise."""
    role = f"({_between('SystemModstamp', window)} OR {_between('Contact.SystemModstamp', window)})"
    return [
        soql.select(["OpportunityId"], "OpportunityHistory", [_between("CreatedDate", window)]),
        soql.select(["Id"], "Opportunity", [_between("SystemModstamp", window)]),
        soql.select(["OpportunityId"], "OpportunityContactRole", [role]),
    ]


def _touched(one: Mapping[str, Any], window: Window) -> Touched:
    kind = one["attributes"]["type"]
    if kind in ("LeadHistory", "OpportunityHistory"):
        return Touched(one["LeadId" if kind == "LeadHistory" else "OpportunityId"], True)
    if kind == "OpportunityContactRole":
        return Touched(one["OpportunityId"], False)
    created = one.get("CreatedDate")
    return Touched(one["Id"], created is not None and window.start is not None and _at(created) >= window.start)


def _changes_of(table: str, parent: str, ids: str, fields: Sequence[str]) -> str:
    named = f"Field IN ({', '.join(soql.text(one) for one in fields)})"
    return soql.select(
        ["Id", parent, "Field", "OldValue", "NewValue", "CreatedDate"], table, [f"{parent} IN {ids}", named]
    )


def _lead(
    one: Mapping[str, Any],
    fields: Mapping[str, Sequence[str]],
    rows: Sequence[HistoryRow],
    changes: Sequence[FieldChange],
) -> History:
    contact = one.get("ConvertedContact")
    sources = [_source("Lead", one, fields)]
    if contact:
        sources.append(_source("Contact", {"Id": one["ConvertedContactId"], **contact}, fields))
    return History(
        SALESFORCE,
        "Lead",
        one["Id"],
        _at(one["CreatedDate"]),
        one["Status"],
        tuple(rows),
        tuple(sources),
        tuple(changes),
    )


def _source(object: str, one: Mapping[str, Any], fields: Mapping[str, Sequence[str]]) -> Source:
    values: Values = {name: raw(one[name]) for name in fields.get(object, ())}
    return Source(object, one["Id"], values, _at(one["CreatedDate"]))


def _lead_row(one: Mapping[str, Any]) -> HistoryRow:
    if one["Field"] == _CONVERTED:
        return HistoryRow(one["Id"], _at(one["CreatedDate"]), converted=True)
    return HistoryRow(one["Id"], _at(one["CreatedDate"]), raw(one["NewValue"]), raw(one["OldValue"]))


def _change(one: Mapping[str, Any]) -> FieldChange:
    return FieldChange(one["Field"], _at(one["CreatedDate"]), raw(one["OldValue"]))


def _stage_row(one: Mapping[str, Any], won: frozenset[str]) -> HistoryRow:
    stage = one["StageName"]
    return HistoryRow(one["Id"], _at(one["CreatedDate"]), stage, amount=raw(one["Amount"]), won=stage in won)


def _grouped(
    rows: Sequence[Mapping[str, Any]], key: str, make: Callable[[Mapping[str, Any]], Any]
) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in rows:
        found.setdefault(one[key], []).append(make(one))
    return found


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)

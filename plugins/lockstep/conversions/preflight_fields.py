"""Which of the fields that milestones are read with Salesforce does not show (GA-E11 to GA-E15). Pure.

Salesforce's describe leaves out what the integration user may not see just as what does not exist: the remedies name both.
All missing fields are told at once.
"""

from collections.abc import Iterator, Mapping

from lockstep.conversions.definition import CLICK_IDS, Conversions
from lockstep.conversions.findings import Finding, Level, Severity

#: object -> its fields; None: the object is not shown
Shown = Mapping[str, frozenset[str] | None]

#: object whose milestones are read -> objects and fields that every import of them reads
REQUIRED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "Lead": {
        "Lead": ("Id", "Status", "CreatedDate", "SystemModstamp", "IsConverted", "ConvertedContactId"),
        "LeadHistory": ("LeadId", "Field", "OldValue", "NewValue", "CreatedDate"),
    },
    "Opportunity": {
        "Opportunity": ("Id", "StageName", "CreatedDate", "SystemModstamp"),
        "OpportunityHistory": ("OpportunityId", "StageName", "Amount", "CreatedDate"),
    },
}
_NO_ACCESS = {"Lead": "lead_fields_no_access", "Opportunity": "opp_fields_no_access"}
_NO_GCLID = {"Lead": "lead_gclid_missing", "Opportunity": "opp_gclid_missing"}


def objects_read(wanted: Conversions) -> list[str]:
    """The Salesforce objects to describe."""
    own = [name for name in wanted.objects if name in REQUIRED]
    read = [other for name in own for other in REQUIRED[name]]
    more = [name for name in ("Lead", "Contact") if own and wanted.fields_of(name)]
    return list(dict.fromkeys([*read, *more]))


def of_fields(wanted: Conversions, shown: Shown) -> Iterator[Finding]:
    """One finding per object and cause; if both objects lack fields, one for both."""
    missing = {name: _missing(wanted, shown, name) for name in wanted.objects if name in REQUIRED}
    denied = {name: some for name, (some, _) in missing.items() if some}
    if len(denied) == len(_NO_ACCESS):
        every = tuple(dict.fromkeys(field for some in denied.values() for field in some))
        yield _finding("fields_no_access", Severity.BLOCK, ",".join(denied), every)
    else:
        for name, some in denied.items():
            yield _finding(_NO_ACCESS[name], Severity.BLOCK, name, some)
    for name, (_, clicks) in missing.items():
        if clicks:
            yield _finding(_NO_GCLID[name], Severity.BLOCK, name, clicks)
    yield from _of_contacts(wanted, shown)


def _missing(wanted: Conversions, shown: Shown, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """(fields of any kind, fields of click ids) that the object's import lacks."""
    clicks = {f"{name}.{one}" for kind in CLICK_IDS for one in wanted.identifiers.get(kind, {}).get(name, ())}
    needed = {**REQUIRED[name], name: (*REQUIRED[name][name], *wanted.fields_of(name)), "Contact": _consent(wanted)}
    lacking = _lacking(shown, needed)
    if shown.get(name, frozenset()) is None:
        return tuple(lacking), ()
    return tuple(one for one in lacking if one not in clicks), tuple(one for one in lacking if one in clicks)


def _consent(wanted: Conversions) -> tuple[str, ...]:
    """Without the answer on consent nothing may be imported, wherever it stands."""
    return tuple(one for objects in wanted.consent.fields.values() for one in objects.get("Contact", ()))


def _lacking(shown: Shown, needed: Mapping[str, tuple[str, ...]]) -> list[str]:
    found = (
        f"{object}.{one}"
        for object, fields in needed.items()
        if object in shown
        for one in fields
        if one not in (shown[object] or frozenset())
    )
    return list(dict.fromkeys(found))


def _of_contacts(wanted: Conversions, shown: Shown) -> Iterator[Finding]:
    """Contacts only help to find identifiers: the import goes on without them."""
    others = tuple(one for one in wanted.fields_of("Contact") if one not in _consent(wanted))
    lacking = _lacking(shown, {"Contact": others})
    if lacking:
        yield _finding("fields_no_access", Severity.WARNING, "Contact", tuple(lacking))


def _finding(code: str, severity: Severity, objects: str, fields: tuple[str, ...]) -> Finding:
    words = f"Salesforce does not show {len(fields)} of the fields that are read: {', '.join(fields)}."
    return Finding(code, Level.ACCOUNT, severity, words, object=objects, fields=fields)

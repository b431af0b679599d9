"""Builders for the tests of decisions: small mappings, rows and pairs, written as a test wants to read them."""

import itertools
from dataclasses import replace
from datetime import UTC, datetime

from lockstep.mapping import DeleteRule, FieldMapping, FieldType, Mapping, Mappings, MatchKey, Rule
from lockstep.model import HUBSPOT, SALESFORCE, Gone, MirrorRow, Owner, Pair, PairState, Values
from lockstep.owners import OwnerMap
from lockstep.plan import PlanContext, Unit, UnitPlan
from lockstep.values import ValueContext

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EARLY, LATE = "2026-01-01T00:00:00.000Z", "2026-02-01T00:00:00.000Z"

ADA, BOB, LEFT, NOBODY = "005A", "005B", "005L", "005N"
HS_ADA, HS_BOB, HS_LEFT, HS_ONLY = "1", "2", "3", "9"
QUEUE = "00GQ"

OWNERS = OwnerMap(
    [
        Owner(ADA, "Ada Moe", "ada@x.org", True),
        Owner(BOB, "Bob Lie", "bob@x.org", True),
        Owner(LEFT, "Lea Eft", "lea@x.org", False),
        Owner(NOBODY, "No Body", "no@x.org", True),
        Owner(QUEUE, "Leads", None, True, queue=True),
    ],
    [
        Owner(HS_ADA, "Ada Moe", "ADA@x.org", True),
        Owner(HS_BOB, "Bob Lie", "bob@x.org", True),
        Owner(HS_LEFT, "Lea Eft", "lea@x.org", True),
        Owner(HS_ONLY, "Only Hub", "only@x.org", True),
    ],
)

#: record id -> pair id of the accounts that are paired
PAIRED = {(SALESFORCE, "001A"): "account-a", (HUBSPOT, "51"): "account-a", (SALESFORCE, "001B"): "account-b"}
PARTNERS = {(SALESFORCE, "account-a"): "001A", (HUBSPOT, "account-a"): "51", (SALESFORCE, "account-b"): "001B"}

VALUES = ValueContext(
    owners=OWNERS,
    references=lambda system, entity, id: PAIRED.get((system, id)),
    records=lambda system, entity, id: PARTNERS.get((system, id)),
)


def text_field(name: str, rule: Rule, **more: object) -> FieldMapping:
    """A text field called `Name` on contacts and leads, and `name` in HubSpot."""
    vendor = name.title()
    given = {"salesforce": {"Contact": vendor, "Lead": vendor}, "hubspot": name, "type": FieldType.STRING, **more}
    return FieldMapping(name=name, rule=rule, **given)  # type: ignore[arg-type]


EMAIL = text_field("email", Rule.two_way, type=FieldType.EMAIL)
LASTNAME = text_field(
    "lastname", Rule.two_way, salesforce={"Contact": "LastName", "Lead": "LastName"}, default={SALESFORCE: "(unknown)"}
)
CITY = text_field("city", Rule.prefer_salesforce_unless_blank, salesforce={"Contact": "MailingCity", "Lead": "City"})
COMPANY = text_field("company", Rule.two_way, salesforce={"Lead": "Company"}, default={SALESFORCE: "(unknown)"})
OWNER = text_field(
    "owner",
    Rule.two_way,
    salesforce={"Contact": "OwnerId", "Lead": "OwnerId"},
    hubspot="hubspot_owner_id",
    type=FieldType.OWNER,
    vendor_filled=frozenset({SALESFORCE}),
)
SOURCE = text_field(
    "source",
    Rule.prefer_salesforce_unless_blank,
    type=FieldType.PICKLIST,
    values={"Web": "WEB", "Phone Inquiry": "PHONE"},
)
ACCOUNT = FieldMapping(
    name="account",
    salesforce={"Contact": "AccountId"},
    hubspot="association:companies/primary",
    type=FieldType.REFERENCE,
    rule=Rule.prefer_salesforce_unless_blank,
    refers_to=("accounts-companies",),
)

PEOPLE = Mapping(
    entity="people",
    path="people.yaml",
    sf_objects=("Contact", "Lead"),
    hs_object="contacts",
    external_id={SALESFORCE: "Lockstep_Id__c", HUBSPOT: "lockstep_id"},
    match=(MatchKey("email", "email", FieldType.EMAIL, frozenset({HUBSPOT})),),
    create={SALESFORCE: "Lead", HUBSPOT: "contacts"},
    update={SALESFORCE: True, HUBSPOT: True},
    delete={SALESFORCE: DeleteRule.delete, HUBSPOT: DeleteRule.keep},
    edited_and_deleted="hold",
    required={"contacts": ("email",), "Contact": ("lastname",), "Lead": ("lastname", "company")},
    fields=(EMAIL, LASTNAME, CITY, COMPANY, OWNER, SOURCE, ACCOUNT),
)
ACCOUNTS = Mapping(
    entity="accounts-companies",
    path="accounts-companies.yaml",
    sf_objects=("Account",),
    hs_object="companies",
    external_id={SALESFORCE: "Lockstep_Id__c", HUBSPOT: "lockstep_id"},
    match=(MatchKey("domain", "domain", FieldType.DOMAIN),),
    create={SALESFORCE: "Account", HUBSPOT: "companies"},
    update={},
    delete={},
    edited_and_deleted="hold",
    required={},
    fields=(
        FieldMapping("domain", {"Account": "Website"}, "domain", FieldType.DOMAIN, Rule.two_way),
        FieldMapping("name", {"Account": "Name"}, "name", FieldType.STRING, Rule.two_way),
    ),
)
MAPPINGS = Mappings((ACCOUNTS, PEOPLE))


def people(*fields: FieldMapping, **changes: object) -> Mapping:
    """The people mapping with other fields (those given, if any) and other settings."""
    given = replace(PEOPLE, **changes)  # type: ignore[arg-type]
    return replace(given, fields=fields, match=(), required={}) if fields else given


def row(system: str, object: str, id: str, values: Values, **more: object) -> MirrorRow:
    given = {"version": EARLY, "read_at": NOW, "hash": b"", **more}
    return MirrorRow(system=system, object=object, id=id, values=values, **given)  # type: ignore[arg-type]


def contact(id: str = "003C", /, **values: str | None) -> MirrorRow:
    return row(SALESFORCE, "Contact", id, dict(values))


def lead(id: str = "00QL", /, **values: str | None) -> MirrorRow:
    return row(SALESFORCE, "Lead", id, dict(values))


def hubspot(id: str = "101", /, **values: str | None) -> MirrorRow:
    return row(HUBSPOT, "contacts", id, dict(values))


def gone(one: MirrorRow, kind: Gone = Gone.DELETED, into: str | None = None, object: str | None = None) -> MirrorRow:
    return replace(one, deleted_at=NOW, gone=kind, merged_into=into, merged_into_object=object)


def pair(
    sf: MirrorRow | None,
    hs: MirrorRow | None,
    /,
    *,
    sf_base: Values | None = None,
    hs_base: Values | None = None,
    **more: object,
) -> Pair:
    """A linked pair of the two rows; its bases are what the rows hold, unless given."""
    given = {"state": PairState.LINKED, "hs_object": "contacts", **more}
    return Pair(
        id="p1",
        entity="people",
        sf_object=sf.object if sf else "Contact",
        sf_id=sf.id if sf else None,
        hs_id=hs.id if hs else None,
        sf_base=dict(sf.values if sf else {}) if sf_base is None else sf_base,
        hs_base=dict(hs.values if hs else {}) if hs_base is None else hs_base,
        **given,  # type: ignore[arg-type]
    )


def context(**more: object) -> PlanContext:
    numbers = itertools.count(1)
    given = {"values": VALUES, "mappings": MAPPINGS, "now": NOW, "new_pair_id": lambda: f"new{next(numbers)}", **more}
    return PlanContext(**given)  # type: ignore[arg-type]


def unit(sf: MirrorRow | None, hs: MirrorRow | None, **more: object) -> Unit:
    """The two rows and their pair."""
    return Unit(pair(sf, hs, **more), sf, hs)  # type: ignore[arg-type]


def outcomes(plan: UnitPlan) -> list[tuple[str, str, str | None]]:
    """What a plan says, in short: (system, action or outcome, code)."""
    return [(one.system, str(one.outcome or one.action), one.code) for one in plan.changes]

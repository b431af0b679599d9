"""Creates: a merge with a blank record, defaults, and what keeps a record from being created."""

from tests.unit.decisions import (
    ADA,
    HS_ADA,
    HS_ONLY,
    LEFT,
    PEOPLE,
    QUEUE,
    contact,
    context,
    gone,
    hubspot,
    lead,
    outcomes,
    people,
    text_field,
    unit,
)

from lockstep.mapping import Rule
from lockstep.model import Action, MirrorRow, Operation, OutcomeKind, PairState
from lockstep.plan import Unit, UnitPlan, Wait, plan_unit


def create(one: MirrorRow, mapping: object = PEOPLE, **more: object) -> UnitPlan:
    alone = Unit(None, one, None) if one.system == "salesforce" else Unit(None, None, one)
    return plan_unit(alone, mapping, context(**more))  # type: ignore[arg-type]


def test_a_contact_is_created_in_hubspot() -> None:
    plan = create(
        contact(Email="A@x.org", LastName="Moe", MailingCity=None, OwnerId=ADA, Source="Web", AccountId="001A")
    )
    [change] = plan.changes
    assert (change.system, change.object, change.operation) == ("hubspot", "contacts", Operation.PUSH_NEW)
    assert (change.action, change.record_id, change.outcome) == (Action.CREATE, None, None)
    assert change.after == {"email": "A@x.org", "lastname": "Moe", "hubspot_owner_id": HS_ADA, "source": "WEB"}
    assert change.source == {"Email": "A@x.org", "LastName": "Moe", "OwnerId": ADA, "Source": "Web"}
    assert change.before == dict.fromkeys(change.after)
    assert change.why["source"] == "prefer_salesforce_unless_blank: fills the blank in HubSpot"
    assert plan.pair is not None
    assert (plan.pair.state, plan.pair.sf_id, plan.pair.hs_id) == (PairState.CREATING, "003C", None)
    assert (plan.pair.sf_object, plan.pair.hs_object) == ("Contact", "contacts")
    assert plan.references_due, "HubSpot takes associations only afterwards"


def test_a_hubspot_contact_becomes_a_lead_with_defaults() -> None:
    plan = create(hubspot(email="a@x.org", lastname=None, company=None, city="Oslo"))
    [change] = plan.changes
    assert change.object == "Lead"
    assert change.after == {"Email": "a@x.org", "LastName": "(unknown)", "Company": "(unknown)", "City": "Oslo"}
    assert change.source == {"email": "a@x.org", "lastname": None, "company": None, "city": "Oslo"}
    assert "default" in change.why["LastName"]
    assert plan.pair is not None
    assert (plan.pair.sf_object, plan.pair.sf_id, plan.pair.hs_id) == ("Lead", None, "101")
    assert not plan.references_due


def test_salesforce_takes_lookups_with_the_create() -> None:
    mapping = people(create={"salesforce": "Contact", "hubspot": "contacts"})
    values = {"email": "a@x.org", "lastname": "Moe", "association:companies/primary": "51"}
    plan = create(hubspot(**values), mapping)
    assert plan.changes[0].after["AccountId"] == "001A"
    assert not plan.references_due


def test_a_lookup_that_waits_does_not_keep_the_record_back() -> None:
    mapping = people(create={"salesforce": "Contact", "hubspot": "contacts"})
    plan = create(hubspot(**{"email": "a@x.org", "lastname": "Moe", "association:companies/primary": "77"}), mapping)
    assert "AccountId" not in plan.changes[0].after
    assert plan.waits == (Wait("account", "hubspot", "companies", "77"),)
    assert plan.references_due


def test_a_required_lookup_that_waits_keeps_the_record_back() -> None:
    mapping = people(create={"salesforce": "Contact"}, required={"Contact": ("lastname", "account")})
    values = {"email": "a@x.org", "lastname": "Moe", "association:companies/primary": "77"}
    [change] = create(hubspot(**values), mapping).changes
    assert (change.outcome, change.code) == (OutcomeKind.DEFERRED, "waiting_for_reference")


def test_without_the_match_key_nobody_is_created() -> None:
    plan = create(contact(Email=None, LastName="Moe"))
    [change] = plan.changes
    assert (change.outcome, change.code) == (OutcomeKind.SKIPPED, "no_match_key")
    assert change.detail["record"] == {"system": "salesforce", "object": "Contact", "id": "003C"}
    assert change.detail["fields"][0]["field"] == "email"
    assert change.fields_failed == 0, "the skipped record counts, not its field"
    assert plan.pair is None


def test_without_a_required_value_nothing_is_created() -> None:
    plan = create(hubspot(email="a@x.org"), people(required={"Lead": ("email", "source")}))
    [change] = plan.changes
    assert (change.outcome, change.code, change.action) == (OutcomeKind.SKIPPED, "required_empty", Action.NONE)
    assert [one["field"] for one in change.detail["fields"]] == ["source"]


def test_a_required_value_that_cannot_be_written_says_why() -> None:
    plan = create(contact(Email="a@x.org", Source="Trade Show"), people(required={"contacts": ("source",)}))
    assert plan.changes[0].code == "required_empty"
    assert plan.changes[0].detail["fields"][0]["code"] == "picklist_value"


def test_creates_can_be_off() -> None:
    plan = create(hubspot(email="a@x.org"), people(create={"salesforce": None, "hubspot": "contacts"}))
    [change] = plan.changes
    assert (change.system, change.object) == ("salesforce", "Contact")
    assert (change.outcome, change.code, plan.pair) == (OutcomeKind.SKIPPED, "create_off", None)


def test_a_bad_field_is_left_out_and_listed() -> None:
    [change] = create(contact(Email="a@x.org", Source="Trade Show")).changes
    assert (change.outcome, change.after) == (None, {"email": "a@x.org"})
    assert [(one["field"], one["code"]) for one in change.detail["fields"]] == [("source", "picklist_value")]
    assert change.fields_failed == 1


def test_rules_hold_for_creates_too() -> None:
    theirs = [text_field("phone", rule) for rule in (Rule.always_salesforce,)]
    never = text_field("fax", Rule.dont_sync)
    mapping = people(*theirs, never, text_field("title", Rule.two_way))
    values = {"phone": "1", "fax": "2", "title": "3"}
    assert create(hubspot(**values), mapping).changes[0].after == {"Title": "3"}
    assert create(contact(Phone="1", Fax="2", Title="3"), mapping).changes[0].after == {"phone": "1", "title": "3"}


def test_an_unknown_value_is_not_created_as_blank() -> None:
    [change] = create(contact(Email="a@x.org")).changes
    assert set(change.after) == {"email"}


def test_owners_on_create() -> None:
    # OW-01: no active counterpart: assignment rules or the integration user give the owner (OW-04, OW-05)
    unknown = create(hubspot(email="a@x.org", hubspot_owner_id=HS_ONLY)).changes[0]
    assert "OwnerId" not in unknown.after
    assert unknown.detail == {}
    matched = create(hubspot(email="a@x.org", hubspot_owner_id=HS_ADA)).changes[0]
    assert matched.after["OwnerId"] == ADA
    # MK-23: a queue-owned lead has no owner yet
    assert "hubspot_owner_id" not in create(lead(Email="a@x.org", OwnerId=QUEUE)).changes[0].after
    # the person who left Salesforce still has a seat in HubSpot
    assert create(contact(Email="a@x.org", OwnerId=LEFT)).changes[0].after["hubspot_owner_id"] == "3"


def test_a_record_is_only_recreated_where_the_mapping_creates() -> None:
    mapping = people(edited_and_deleted="recreate", create={"salesforce": "Lead", "hubspot": None})
    edited = unit(contact(Email="b@x.org"), gone(hubspot(email="a@x.org")), sf_base={"Email": "a@x.org"})
    plan = plan_unit(edited, mapping, context())
    assert outcomes(plan) == [("salesforce", "held", "edited_and_deleted")]
    assert plan.pair is not None
    assert plan.pair.generation == 0

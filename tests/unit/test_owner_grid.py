"""Owners over the whole grid (OW-01 to OW-07, MK-23): object x known or new x HubSpot's owner x Salesforce's owner x first or
later meeting x who moved. What must come of each is said here in words, apart from the engine."""

from dataclasses import dataclass, replace

import pytest
from tests.unit.decisions import EARLY, LATE, MAPPINGS, PEOPLE, context, row

from lockstep.mapping import FieldMapping, FieldType, Mapping, Rule
from lockstep.model import HUBSPOT, SALESFORCE, Action, MirrorRow, Owner, Pair, PairState
from lockstep.owners import OwnerMap
from lockstep.plan import Unit, UnitPlan, plan_unit
from lockstep.values import ValueContext

# HubSpot id -> the Salesforce user who is the same active person; the others have none
MATCH, INACTIVE, NAME_ONLY, EMAIL_ONLY = "1", "2", "3", "4"
#: owners of Salesforce: active with and without a counterpart, inactive with one, a queue
ACTIVE, LONELY, LEFT, QUEUE = "005A", "005B", "005L", "00GQ"
HUBSPOT_OF = {ACTIVE: MATCH, LEFT: INACTIVE}

OWNERS = OwnerMap(
    [
        Owner(ACTIVE, "Ada Moe", "ada@x.org", True),
        Owner(LONELY, "Bob Lie", "bob@x.org", True),
        Owner(LEFT, "Lea Eft", "lea@x.org", False),
        Owner("005N", "Nina Ek", "nina@x.org", True),
        Owner("005E", "Else By", "else@x.org", True),
        Owner(QUEUE, "Leads", None, True, queue=True),
    ],
    [
        Owner(MATCH, "Ada Moe", "ada@x.org", True),
        Owner(INACTIVE, "Lea Eft", "lea@x.org", True),
        Owner(NAME_ONLY, "Nina Ek", "other@x.org", True),
        Owner(EMAIL_ONLY, "Someone Else", "else@x.org", True),
    ],
)
OBJECTS = {"contacts": ("Lead", "contacts"), "companies": ("Account", "companies"), "deals": ("Opportunity", "deals")}
HS_OWNERS = {"match": MATCH, "inactive": INACTIVE, "name only": NAME_ONLY, "email only": EMAIL_ONLY, "none": None}
SF_OWNERS = {"active": ACTIVE, "without counterpart": LONELY, "inactive": LEFT, "queue": QUEUE}


@dataclass(frozen=True)
class Written:
    """What is written to each side's owner; None: nothing is."""

    salesforce: str | None
    hubspot: str | None


BLANK = "(blank)"


def mapping_of(kind: str) -> Mapping:
    sf_object, hs_object = OBJECTS[kind]
    owner = FieldMapping(
        "owner", {sf_object: "OwnerId"}, "hubspot_owner_id", FieldType.OWNER, Rule.two_way,
        vendor_filled=frozenset({SALESFORCE}),
    )  # fmt: skip
    create = {SALESFORCE: sf_object, HUBSPOT: hs_object}
    return replace(
        PEOPLE, sf_objects=(sf_object,), hs_object=hs_object, fields=(owner,), match=(), required={}, create=create
    )


def plan(kind: str, pair: Pair | None, sf: MirrorRow | None, hs: MirrorRow | None) -> UnitPlan:
    values = ValueContext(owners=OWNERS, references=lambda *_: None, records=lambda *_: None)
    return plan_unit(Unit(pair, sf, hs), mapping_of(kind), context(values=values, mappings=MAPPINGS))


def rows(kind: str, sf: str | None, hs: str | None, sf_moved: str = EARLY, hs_moved: str = EARLY):
    sf_object, hs_object = OBJECTS[kind]
    return (
        row(SALESFORCE, sf_object, "sf1", {"OwnerId": sf}, moved={"OwnerId": sf_moved}),
        row(HUBSPOT, hs_object, "hs1", {"hubspot_owner_id": hs}, moved={"hubspot_owner_id": hs_moved}),
    )


def written(made: UnitPlan) -> Written:
    sent = {one.system: one.after for one in made.changes if one.action is Action.UPDATE and one.outcome is None}
    sf, hs = sent.get(SALESFORCE, {}), sent.get(HUBSPOT, {})
    owner = hs.get("hubspot_owner_id", "nothing")
    return Written(sf.get("OwnerId"), None if owner == "nothing" else owner or BLANK)


def in_hubspot(owner: str, now: str | None) -> str | None:
    """A Salesforce owner as HubSpot is to show it, if it shows another one now: a queue is nobody, who has no counterpart
    leaves HubSpot's owner alone (OW-07, MK-23)."""
    wanted = None if owner == QUEUE else HUBSPOT_OF.get(owner, now)
    if wanted == now:
        return None
    return wanted or BLANK


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("hs", HS_OWNERS)
def test_a_new_salesforce_record_gets_the_matching_owner_or_none_from_us(kind: str, hs: str) -> None:
    """OW-01, OW-04 to OW-06: without a match nothing is sent, so that the assignment rules (leads) or the integration user
    (the others) decide."""
    _, hubspot = rows(kind, None, HS_OWNERS[hs])
    made = plan(kind, None, None, hubspot)
    [create] = made.changes
    assert create.action is Action.CREATE
    assert create.after == ({"OwnerId": ACTIVE} if hs == "match" else {})


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("hs", HS_OWNERS)
@pytest.mark.parametrize("sf", SF_OWNERS)
def test_at_the_first_meeting_an_active_salesforce_owner_is_honoured(kind: str, hs: str, sf: str) -> None:
    """OW-03, OW-05. Deals are never matched, but a restored pair meets the same way."""
    theirs, ours = HS_OWNERS[hs], SF_OWNERS[sf]
    pair = Pair("p1", "people", *OBJECTS[kind], "sf1", "hs1", {}, {}, PairState.LINKED)
    if hs == "match" and sf in ("inactive", "queue"):
        expected = Written(ACTIVE, None)
    elif sf == "queue":
        expected = Written(None, None)  # nobody has taken it, and HubSpot's owner is nobody whom Salesforce takes
    else:
        expected = Written(None, in_hubspot(ours, theirs))
    assert written(plan(kind, pair, *rows(kind, ours, theirs))) == expected


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("hs", HS_OWNERS)
@pytest.mark.parametrize("sf", SF_OWNERS)
def test_later_a_change_in_hubspot_flows_back_if_salesforce_knows_the_owner(kind: str, hs: str, sf: str) -> None:
    """OW-02, OW-07: an owner unknown in Salesforce, and taking the owner away, is put back."""
    theirs, ours = HS_OWNERS[hs], SF_OWNERS[sf]
    was = HUBSPOT_OF.get(ours)
    base = Pair(
        "p1", "people", *OBJECTS[kind], "sf1", "hs1", {"OwnerId": ours}, {"hubspot_owner_id": was}, PairState.LINKED
    )
    made = written(plan(kind, base, *rows(kind, ours, theirs)))
    if theirs == was:
        assert made == Written(None, None)
    elif hs == "match":
        assert made == Written(ACTIVE, None)
    else:
        assert made == Written(None, in_hubspot(ours, theirs))


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("hs", HS_OWNERS)
@pytest.mark.parametrize("sf", SF_OWNERS)
def test_later_any_salesforce_owner_flows_to_hubspot(kind: str, hs: str, sf: str) -> None:
    """OW-02, OW-07, MK-23."""
    theirs, ours = HS_OWNERS[hs], SF_OWNERS[sf]
    was = "005N"
    base = Pair(
        "p1", "people", *OBJECTS[kind], "sf1", "hs1", {"OwnerId": was}, {"hubspot_owner_id": theirs}, PairState.LINKED
    )
    assert written(plan(kind, base, *rows(kind, ours, theirs))) == Written(None, in_hubspot(ours, theirs))


@pytest.mark.parametrize("kind", OBJECTS)
@pytest.mark.parametrize("later", [SALESFORCE, HUBSPOT])
@pytest.mark.parametrize("hs", HS_OWNERS)
@pytest.mark.parametrize("sf", SF_OWNERS)
def test_when_both_moved_the_most_recent_owner_wins_if_salesforce_takes_it(
    kind: str, later: str, hs: str, sf: str
) -> None:
    """OW-03, OW-05, OW-07."""
    theirs, ours = HS_OWNERS[hs], SF_OWNERS[sf]
    bases = {"OwnerId": "005E"}, {"hubspot_owner_id": "9"}
    base = Pair("p1", "people", *OBJECTS[kind], "sf1", "hs1", *bases, PairState.LINKED)
    times = (LATE, EARLY) if later == SALESFORCE else (EARLY, LATE)
    made = written(plan(kind, base, *rows(kind, ours, theirs, *times)))
    if hs == "match" and later == HUBSPOT and ours != ACTIVE:
        assert made == Written(ACTIVE, None)
    elif sf == "queue" and theirs is None:
        assert made == Written(None, None)
    else:
        assert made == Written(None, in_hubspot(ours, theirs))

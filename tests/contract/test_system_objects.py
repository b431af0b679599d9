"""Every kind of object by one contract, over the wire: a create can be repeated, what was written is read, changed and gone."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from tests.contract.system_rigs import Rig
from tests.contract.system_sandbox_rigs import SandboxRig, hubspot_rig, salesforce_rig

from lockstep.model import Action, Values, Window, Write, Written

START = "2026-11-23T09:00:00.000Z"


@dataclass(frozen=True)
class Sample:
    """How a record of the object is made and edited. `external_id` "": the object has none in HubSpot."""

    object: str
    values: Callable[[SandboxRig], Values]
    edit: Values
    external_id: str


def of(object: str, external_id: str, edit: Values, **values: str) -> Sample:
    return Sample(object, lambda _rig: dict(values), edit, external_id)


def record(rig: SandboxRig, vendor: str, name: str, number: int = 0) -> str:
    rows = [one for one in rig.sandbox.admin("GET", f"{vendor}/{name}") if not one.get("IsDeleted")]
    return str(rows[number].get("Id") or rows[number]["id"])


def member(rig: SandboxRig) -> Values:
    people = [
        one for one in rig.sandbox.admin("GET", "salesforce/Lead") if not one["IsDeleted"] and not one["IsConverted"]
    ]
    taken = {one["LeadId"] for one in rig.sandbox.admin("GET", "salesforce/CampaignMember")}
    lead = next(one["Id"] for one in people if one["Id"] not in taken)
    statuses = rig.sandbox.admin("GET", "salesforce/CampaignMemberStatus")
    usual = {label: {one["CampaignId"] for one in statuses if one["Label"] == label} for label in ("Sent", "Responded")}
    return {"CampaignId": min(usual["Sent"] & usual["Responded"]), "LeadOrContactId": lead, "Status": "Sent"}


OURS = "Lockstep_Id__c"
SALESFORCE = [
    of("Case", OURS, {"Subject": "Other"}, Subject="Broken", Status="New"),
    of("Task", OURS, {"Subject": "Other"}, Subject="Call", Status="Not Started", Priority="Normal"),
    of(
        "Event", OURS, {"Subject": "Other"}, Subject="Demo", StartDateTime=START, EndDateTime="2026-11-23T10:00:00.000Z"
    ),
    of("Campaign", OURS, {"Name": "Other"}, Name="Contract fair"),
    Sample("CampaignMember", member, {"Status": "Responded"}, OURS),
    Sample(
        "Subscription__c",
        lambda rig: {"Name": "Contract", "Account__c": record(rig, "salesforce", "Account")},
        {"Name": "Other"},
        OURS,
    ),
]
THEIRS = "lockstep_id"
HUBSPOT = [
    of("tickets", THEIRS, {"subject": "Other"}, subject="Broken", hs_pipeline="0", hs_pipeline_stage="1"),
    of("tasks", THEIRS, {"hs_task_subject": "Other"}, hs_task_subject="Call", hs_timestamp=START),
    of("meetings", THEIRS, {"hs_meeting_title": "Other"}, hs_meeting_title="Demo", hs_timestamp=START),
    of("calls", THEIRS, {"hs_call_title": "Other"}, hs_call_title="Budget", hs_timestamp=START),
    of("subscriptions", THEIRS, {"subscription_name": "Other"}, subscription_name="SUB-contract"),
    of("campaigns", "", {"hs_name": "Contract fair, renamed"}, hs_name="Contract fair"),
    Sample(
        "deals/contacts",
        lambda rig: {"from": record(rig, "hubspot", "deals", -1), "to": record(rig, "hubspot", "contacts", -1)},
        {},
        "",
    ),
]


@pytest.fixture(scope="module")
def salesforce() -> Iterator[SandboxRig]:
    with salesforce_rig() as made:
        yield made


@pytest.fixture(scope="module")
def hubspot() -> Iterator[SandboxRig]:
    with hubspot_rig() as made:
        yield made


def keeps_the_contract(rig: SandboxRig, sample: Sample) -> None:
    system, name, values = rig.system, sample.object, sample.values(rig)
    fields = tuple(system.describe(name).fields)
    if sample.external_id:
        system.prepare(name, sample.external_id)
    assert values.keys() <= set(fields)
    rig.settle()
    start = rig.now()
    create = Write(1, None, f"contract-{name}", values)
    first, again = (system.write(name, Action.CREATE, [create], sample.external_id)[0] for _ in range(2))
    assert (first.status, again.status) == (Written.OK, Written.OK), (first, again)
    assert first.record_id == again.record_id, "a create that is repeated finds the first one"
    assert read(rig, name, values, first.record_id) == values
    rig.settle()
    assert first.record_id in changed(rig, name, tuple(values), Window(start, rig.now()))
    if sample.edit:
        update = Write(2, first.record_id, None, sample.edit)
        assert system.write(name, Action.UPDATE, [update], sample.external_id)[0].status is Written.OK
        assert read(rig, name, sample.edit, first.record_id) == sample.edit
    delete = Write(3, first.record_id, None, {})
    for _ in range(2):
        assert system.write(name, Action.DELETE, [delete], sample.external_id)[0].status is Written.OK
    found = system.read(name, tuple(values), [first.record_id or ""])
    assert found.rows == {}
    # Salesforce keeps no deleted campaign members: it shows nothing under their ids
    assert list(found.gone) == ([] if name == "CampaignMember" else [first.record_id])


def read(rig: Rig, name: str, wanted: Values, record_id: str | None) -> Values:
    names = tuple(wanted)
    row = rig.system.read(name, names, [record_id or ""]).rows[record_id or ""]
    return dict(zip(names, row.values, strict=True))


def changed(rig: Rig, name: str, names: tuple[str, ...], window: Window) -> set[str]:
    return {row.id for page in rig.system.changed(name, names, window) for row in page.rows}


@pytest.mark.parametrize("sample", SALESFORCE, ids=lambda one: one.object)
def test_salesforce(salesforce: SandboxRig, sample: Sample) -> None:
    keeps_the_contract(salesforce, sample)


@pytest.mark.parametrize("sample", HUBSPOT, ids=lambda one: one.object)
def test_hubspot(hubspot: SandboxRig, sample: Sample) -> None:
    keeps_the_contract(hubspot, sample)

"""Whatever is sent to the newer parts of the sandbox's Salesforce is answered or refused, never a server error."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.salesforce_org import ANNA, QUEUE, organisation

SF = organisation(session_seconds=10**9)[0]
ACCOUNT, CONTACT, LEAD = (
    SF.create("Account", Name="A"), SF.create("Contact", LastName="C"), SF.create("Lead", LastName="L", Company="C"),
)  # fmt: skip
CAMPAIGN = SF.create("Campaign", Name="C")
SUBSCRIPTION = SF.create("Subscription__c", Account__c=ACCOUNT)
IDS = st.sampled_from([ACCOUNT, CONTACT, LEAD, CAMPAIGN, SUBSCRIPTION, ANNA, QUEUE, "0015g00000000zzAAA", "no id"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.text(max_size=8) | IDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TIMES = st.sampled_from(["2026-03-05T09:00:00Z", "2026-03-05", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "soon"])
NAMES = st.sampled_from(
    ["WhoId", "WhatId", "Who", "What", "Subject", "Status", "ActivityDate", "StartDateTime", "EndDateTime",
     "DurationInMinutes", "IsAllDayEvent", "CampaignId", "LeadId", "ContactId", "AccountId", "RecordTypeId", "ParentId",
     "Account__c", "Contact__c", "Account__r", "Subscription__c", "Quantity__c", "Unit_Price__c", "Status__c", "Channels__c",
     "Name", "Label", "Country", "CountryCode", "StateCode", "Field", "SobjectType", "PermissionsEdit", "PermissionSetId",
     "FullName", "Metadata", "DeveloperName", "TemplateType", "IsDefault", "QueueId", "attributes"]
)  # fmt: skip
BODIES = JSON | st.dictionaries(NAMES, JSON | TIMES | IDS, max_size=6)
OBJECTS = ("Case", "Task", "Event", "Campaign", "CampaignMember", "CampaignMemberStatus", "EmailTemplate", "Subscription__c",
           "Subscription_Item__c", "QueueSobject", "PermissionSet", "PermissionSetAssignment", "FieldPermissions")  # fmt: skip
SLOW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(st.sampled_from(OBJECTS), BODIES, st.booleans())
def test_any_record(name: str, body: Any, picklists: bool) -> None:
    SF.org.settings["state_country_picklists"] = picklists
    reply = SF("POST", f"/sobjects/{name}", body)
    assert reply.status < 500
    if reply.status == 201:
        assert SF("PATCH", f"/sobjects/{name}/{reply.json['id']}", body).status < 500
        assert SF("DELETE", f"/sobjects/{name}/{reply.json['id']}").status in {204, 400}


METADATA = st.fixed_dictionaries(
    {"type": st.sampled_from(["Text", "Picklist", "Number", "Lookup", "Checkbox", "LongTextArea", "Nope"])},
    optional=dict.fromkeys(("label", "length", "precision", "scale", "valueSet", "referenceTo", "defaultValue", "relationshipName", "visibleLines", "externalId"), JSON),
)  # fmt: skip


@SLOW
@given(st.sampled_from(["Lead.X__c", "Activity.Y__c", "Lead", "Nope.Z__c"]) | JSON, METADATA | JSON)
def test_any_custom_field(full_name: Any, metadata: Any) -> None:
    reply = SF("POST", "/tooling/sobjects/CustomField", {"FullName": full_name, "Metadata": metadata})
    assert reply.status < 500
    if reply.status == 201:
        assert SF("GET", "/sobjects/Lead/describe").status == 200
        assert SF("DELETE", f"/tooling/sobjects/CustomField/{reply.json['id']}").status == 204


PARTS = st.lists(
    st.dictionaries(st.sampled_from(["method", "url", "referenceId", "body", "httpHeaders"]), JSON, max_size=5)
    | st.fixed_dictionaries({"method": st.just("POST"), "url": st.just("/services/data/v62.0/sobjects/Lead"),
                             "referenceId": st.sampled_from(["a", "b"]), "body": JSON}),
    max_size=3,
)  # fmt: skip


@SLOW
@given(
    st.lists(st.fixed_dictionaries({"graphId": JSON | st.just("g"), "compositeRequest": PARTS | JSON}), max_size=2)
    | JSON
)
def test_any_graph(graphs: Any) -> None:
    assert SF("POST", "/composite/graph", {"graphs": graphs}).status < 500


@SLOW
@given(
    st.sampled_from(["insert", "update", "upsert", "delete", "hardDelete", "query"]),
    JSON,
    BODIES | st.lists(BODIES, max_size=3),
)
def test_any_batch(operation: str, mode: Any, rows: Any) -> None:
    job = {"operation": operation, "object": "Task", "contentType": "JSON", "concurrencyMode": 0}
    if operation == "upsert":
        job["externalIdFieldName"] = "Lockstep_Id__c"
    base = "/services/async/62.0/job"
    assert SF("POST", base, job | {"concurrencyMode": mode}, x_sfdc_session=SF.token).status < 500
    made = SF("POST", base, job, x_sfdc_session=SF.token).json["id"]
    added = SF("POST", f"{base}/{made}/batch", rows, x_sfdc_session=SF.token)
    assert added.status in {201, 400}
    if added.status == 201:
        batch = f"{base}/{made}/batch/{added.json['id']}"
        assert SF("GET", batch, x_sfdc_session=SF.token).json["state"] in {"Completed", "Failed"}
        assert SF("GET", f"{batch}/result", x_sfdc_session=SF.token).status < 500

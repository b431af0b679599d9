"""HubSpot sandbox: tickets, activities and custom objects, the links between them, and what the seeded world holds."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import HubSpot
from tests.contract.hubspot_server import TOKEN, Server, serving, tiny

V3, DATED = "/crm/v3/objects", "/crm/objects/2026-09"
SCHEMAS = "/crm-object-schemas/v3/schemas"
AT = "2026-11-20T09:00:00.000Z"
ACTIVITIES = {
    "tasks": ("0-27", "hs_task_subject"),
    "notes": ("0-46", "hs_note_body"),
    "calls": ("0-48", "hs_call_title"),
    "emails": ("0-49", "hs_email_subject"),
    "meetings": ("0-47", "hs_meeting_title"),
    "communications": ("0-18", "hs_communication_body"),
}
CAR = {
    "name": "cars",
    "labels": {"singular": "Car", "plural": "Cars"},
    "properties": [
        {"name": "model", "label": "Model", "type": "string", "fieldType": "text"},
        {"name": "vin", "label": "VIN", "type": "string", "fieldType": "text", "hasUniqueValue": True},
    ],
    "requiredProperties": ["model"],
    "searchableProperties": ["vin"],
    "primaryDisplayProperty": "model",
    "associatedObjects": ["CONTACT"],
}
WHEEL = CAR | {
    "name": "wheels",
    "properties": [{"name": "position", "label": "Position", "type": "string", "fieldType": "text"}],
    "requiredProperties": ["position"],
    "searchableProperties": [],
    "primaryDisplayProperty": "position",
    "associatedObjects": ["p_cars"],
}


def refused(server: Server, method: str, path: str, body: Any = None) -> tuple[int, str]:
    answer = server.call(method, path, body)
    return answer.status_code, answer.json()["message"]


# --- tickets and activities ----------------------------------------------------------------------------------------
def test_a_ticket_gets_the_default_pipeline_and_a_close_date(hubspot: Server) -> None:
    made = hubspot.ok("POST", f"{V3}/tickets", {"properties": {"subject": "Help", "hs_pipeline_stage": "1"}})
    assert made["properties"]["hs_pipeline"] == "0"
    path = f"{DATED}/0-5/{made['id']}"
    hubspot.ok("PATCH", path, {"properties": {"hs_pipeline_stage": "4"}})
    assert (
        hubspot.ok("GET", f"{path}?properties=closed_date")["properties"]["closed_date"] == "2026-11-20T12:00:00.000Z"
    )
    hubspot.ok("PATCH", path, {"properties": {"hs_pipeline_stage": "2"}})
    assert hubspot.ok("GET", f"{path}?properties=closed_date")["properties"]["closed_date"] is None
    bad = hubspot.call("PATCH", path, {"properties": {"hs_pipeline_stage": "closedwon"}})
    assert (bad.status_code, "INVALID_OPTION" in bad.text) == (400, True)


@pytest.mark.parametrize("plural", ACTIVITIES)
def test_an_activity_needs_its_time_and_has_the_documented_type_id(hubspot: Server, plural: str) -> None:
    type_id, title = ACTIVITIES[plural]
    status, message = refused(hubspot, "POST", f"{V3}/{plural}", {"properties": {title: "Hello"}})
    assert (status, "hs_timestamp" in message) == (400, True)
    made = hubspot.ok("POST", f"{V3}/{plural}", {"properties": {title: "Hello", "hs_timestamp": AT}})
    for family, name in ((V3, type_id), (DATED, plural), (V3, plural.rstrip("s").upper())):
        found = hubspot.ok("GET", f"{family}/{name}/{made['id']}?properties={title},hs_timestamp")
        assert (found["properties"][title], found["properties"]["hs_timestamp"]) == ("Hello", AT)
    assert set(hubspot.ok("GET", f"{V3}/{plural}/{made['id']}")["properties"]) == {
        "hs_createdate", "hs_lastmodifieddate", "hs_object_id",
    }  # fmt: skip


def test_a_completed_task_is_stamped_and_an_emails_addresses_are_read_from_its_headers(hubspot: Server) -> None:
    task = {"hs_timestamp": AT, "hs_task_status": "COMPLETED"}
    made = hubspot.ok("POST", f"{V3}/tasks", {"properties": task})["properties"]
    assert (made["hs_task_is_completed"], made["hs_task_completion_date"]) == ("1", "2026-11-20T12:00:00.000Z")
    headers = '{"from": {"email": "a@x.example"}, "to": [{"email": "b@x.example"}, {"email": "c@x.example"}]}'
    made = hubspot.ok("POST", f"{V3}/emails", {"properties": {"hs_timestamp": AT, "hs_email_headers": headers}})
    assert made["properties"]["hs_email_from_email"] == "a@x.example"
    assert made["properties"]["hs_email_to_email"] == "b@x.example;c@x.example"


def test_activities_cannot_be_merged(hubspot: Server) -> None:
    ids = [hubspot.ok("POST", f"{V3}/notes", {"properties": {"hs_timestamp": AT}})["id"] for _ in range(2)]
    body = {"primaryObjectId": ids[0], "objectIdToMerge": ids[1]}
    assert refused(hubspot, "POST", f"{V3}/notes/merge", body) == (400, "Merging is not supported for notes.")


@pytest.mark.parametrize(
    ("origin", "target", "type_id", "inverse"),
    [
        ("contacts", "contacts", 449, 449), ("companies", "companies", 450, 450), ("deals", "deals", 451, 451),
        ("tickets", "tickets", 452, 452), ("tickets", "contacts", 16, 15), ("tickets", "companies", 339, 340),
        ("tickets", "deals", 28, 27), ("calls", "contacts", 194, 193), ("calls", "companies", 182, 181),
        ("calls", "deals", 206, 205), ("calls", "tickets", 220, 219), ("emails", "contacts", 198, 197),
        ("emails", "companies", 186, 185), ("meetings", "contacts", 200, 199), ("meetings", "deals", 212, 211),
        ("tasks", "contacts", 204, 203), ("tasks", "tickets", 230, 229), ("notes", "companies", 190, 189),
        ("communications", "contacts", 81, 82), ("communications", "companies", 87, 88),
    ],
)  # fmt: skip
def test_default_association_type_ids_are_the_documented_ones(
    hubspot: Server, origin: str, target: str, type_id: int, inverse: int
) -> None:
    for one, two, wanted in ((origin, target, type_id), (target, origin, inverse)):
        rows = hubspot.ok("GET", f"/crm/v4/associations/{one}/{two}/labels")["results"]
        assert {"category": "HUBSPOT_DEFINED", "typeId": wanted, "label": None} in rows


def test_a_parent_company_is_labelled_from_either_end(hubspot: Server) -> None:
    parent, child = hubspot.company(name="Parent"), hubspot.company(name="Child")
    kinds = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 13}]
    hubspot.ok("PUT", f"/crm/v4/objects/companies/{parent}/associations/companies/{child}", kinds)
    for one, label in ((parent, "Child Company"), (child, "Parent Company")):
        (row,) = hubspot.ok("GET", f"/crm/v4/objects/companies/{one}/associations/companies")["results"]
        assert [kind["label"] for kind in row["associationTypes"]] == [label, None]


# --- associations v3 -----------------------------------------------------------------------------------------------
def test_associations_v3_name_their_types(hubspot: Server) -> None:
    contact, company = hubspot.contact(email="a@x.example"), hubspot.company(name="A")
    api = HubSpot(access_token=TOKEN, host=hubspot.url).crm.associations
    row = {"from": {"id": contact}, "to": {"id": company}, "type": "contact_to_company"}
    assert api.batch_api.create("contacts", "companies", {"inputs": [row]}).results[0].type == "contact_to_company"
    found = api.batch_api.read("contacts", "companies", {"inputs": [{"id": contact}, {"id": "7"}]})
    assert [(link.id, link.type) for link in found.results[0].to] == [
        (company, "contact_to_company"), (company, "contact_to_company_unlabeled"),
    ]  # fmt: skip
    assert found.errors[0].sub_category == "crm.associations.NO_ASSOCIATIONS_FOUND"
    names = {(kind.id, kind.name) for kind in api.schema.types_api.get_all("contacts", "companies").results}
    assert names == {("279", "contact_to_company_unlabeled"), ("1", "contact_to_company")}
    path = f"{V3}/contacts/{contact}/associations/company"
    assert hubspot.ok("GET", path)["results"][0] == {"id": company, "type": "contact_to_company"}
    api.batch_api.archive("contacts", "companies", {"inputs": [row | {"type": "contact_to_company_unlabeled"}]})
    assert hubspot.ok("GET", path)["results"] == []
    linked = hubspot.ok("PUT", f"{path}/{company}/contact_to_company")
    assert linked["associations"]["companies"]["results"][0]["id"] == company
    assert hubspot.call("DELETE", f"{path}/{company}/279").status_code == 204
    status, message = refused(hubspot, "PUT", f"{path}/{company}/friend")
    assert (status, "contact_to_company" in message) == (400, True)


# --- custom objects ------------------------------------------------------------------------------------------------
def test_a_custom_object_type_is_addressed_by_id_full_name_and_short_name_but_not_bare(hubspot: Server) -> None:
    schema = hubspot.ok("POST", SCHEMAS, CAR)
    assert (schema["fullyQualifiedName"], schema["id"]) == ("p26912345_cars", schema["objectTypeId"])
    assert schema["objectTypeId"].startswith("2-")
    made = hubspot.ok("POST", f"{V3}/p_cars", {"properties": {"model": "T", "vin": "X1"}})
    for family in (V3, DATED):
        for name in ("p_cars", schema["fullyQualifiedName"], schema["objectTypeId"], "P_CARS"):
            found = hubspot.ok("GET", f"{family}/{name}/X1?idProperty=vin&properties=model")
            assert (found["id"], found["properties"]["model"]) == (made["id"], "T")
    assert refused(hubspot, "GET", f"{V3}/cars") == (400, "Unable to infer object type from: cars")
    status, message = refused(hubspot, "POST", f"{V3}/p_cars", {"properties": {"vin": "X2"}})
    assert (status, "model" in message) == (400, True)


def test_two_levels_of_custom_objects_are_linked_and_searched(hubspot: Server) -> None:
    api = HubSpot(access_token=TOKEN, host=hubspot.url).crm
    car_type, wheel_type = (api.schemas.core_api.create(body).object_type_id for body in (CAR, WHEEL))
    car = api.objects.basic_api.create(car_type, {"properties": {"model": "T", "vin": "X1"}}).id
    wheel = api.objects.basic_api.create(wheel_type, {"properties": {"position": "left"}}).id
    contact = hubspot.contact(email="a@x.example")
    for origin, origin_id, target, target_id in (
        (wheel_type, wheel, car_type, car),
        (car_type, car, "contacts", contact),
    ):
        (label,) = api.associations.v4.schema.definitions_api.get_all(origin, target).results
        assert (label.category, label.label) == ("USER_DEFINED", None)
        kinds = [{"associationCategory": label.category, "associationTypeId": label.type_id}]
        rows = [{"from": {"id": origin_id}, "to": {"id": target_id}, "types": kinds}]
        api.associations.v4.batch_api.create(origin, target, {"inputs": rows})
    found = hubspot.ok("GET", f"{V3}/p_cars/{car}?associations=p_wheels,contacts")["associations"]
    assert [row["id"] for row in found["p26912345_wheels"]["results"]] == [wheel]
    assert [row["id"] for row in found["contacts"]["results"]] == [contact]
    hubspot.clock.advance(60)
    assert api.objects.search_api.do_search(car_type, {"query": "x1"}).total == 1
    by_link = {"propertyName": "associations.p_wheels", "operator": "EQ", "value": wheel}
    body = {"filterGroups": [{"filters": [by_link]}]}
    assert refused(hubspot, "POST", f"{V3}/{car_type}/search", body)[0] == 400


def test_a_schema_is_changed_and_goes_only_when_it_is_empty(hubspot: Server) -> None:
    hubspot.ok("POST", SCHEMAS, CAR)
    changed = hubspot.ok("PATCH", f"{SCHEMAS}/p_cars", {"requiredProperties": [], "labels": {"plural": "Autos"}})
    assert (changed["requiredProperties"], changed["labels"]) == ([], {"singular": "Car", "plural": "Autos"})
    assert refused(hubspot, "PATCH", f"{SCHEMAS}/p_cars", {"primaryDisplayProperty": "x"})[0] == 400
    assert refused(hubspot, "PATCH", f"{SCHEMAS}/p_cars", {"name": "x"})[0] == 400
    assert hubspot.ok("GET", f"{SCHEMAS}/p_cars")["primaryDisplayProperty"] == "model"
    car = hubspot.ok("POST", f"{V3}/p_cars", {"properties": {}})["id"]
    assert refused(hubspot, "DELETE", f"{SCHEMAS}/p_cars")[0] == 400
    hubspot.ok("DELETE", f"{V3}/p_cars/{car}")
    hubspot.ok("DELETE", "/crm-object-schemas/2026-09/schemas/p_cars")
    assert refused(hubspot, "GET", f"{V3}/p_cars")[0] == 400
    assert [row["name"] for row in hubspot.ok("GET", f"{SCHEMAS}?archived=true")["results"]] == ["cars"]
    assert refused(hubspot, "POST", SCHEMAS, CAR)[0] == 409
    hubspot.ok("DELETE", f"{SCHEMAS}/p_cars?archived=true")
    assert hubspot.ok("POST", SCHEMAS, CAR)["objectTypeId"] == "2-46500002"


def test_association_definitions_of_a_schema(hubspot: Server) -> None:
    schema = hubspot.ok("POST", SCHEMAS, CAR)
    names = {row["name"] for row in schema["associations"]}
    assert {"cars_to_contact", "cars_to_task", "cars_to_email"} <= names
    body = {"fromObjectTypeId": schema["objectTypeId"], "toObjectTypeId": "0-3", "name": "sold_in"}
    made = hubspot.ok("POST", f"{SCHEMAS}/p_cars/associations", body)
    assert made["name"] == "sold_in"
    assert hubspot.ok("GET", "/crm/v4/associations/deals/p_cars/labels")["results"]
    hubspot.ok("DELETE", f"{SCHEMAS}/p_cars/associations/{made['id']}")
    assert hubspot.ok("GET", "/crm/v4/associations/deals/p_cars/labels")["results"] == []


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"name": "1st"}, 400), ({"labels": {"singular": "x"}}, 400), ({"properties": None}, 400),
        ({"requiredProperties": ["nope"]}, 400), ({"properties": CAR["properties"] * 2}, 400), ({"associatedObjects": ["unicorns"]}, 400),
        ({"properties": [{"name": "a", "label": "A", "type": "string", "fieldType": "date"}]}, 400),
    ],
)  # fmt: skip
def test_a_wrong_schema_is_refused_and_leaves_nothing(hubspot: Server, change: dict[str, Any], status: int) -> None:
    assert refused(hubspot, "POST", SCHEMAS, CAR | change)[0] == status
    assert hubspot.ok("GET", SCHEMAS)["results"] == []


def test_a_custom_property_can_be_made_on_every_object(hubspot: Server) -> None:
    hubspot.ok("POST", SCHEMAS, CAR)
    for name in ("contacts", "companies", "deals", "tickets", *ACTIVITIES, "p_cars"):
        group = hubspot.ok("GET", f"/crm/v3/properties/{name}/groups")["results"][0]["name"]
        body = {
            "name": "lockstep_id",
            "label": "Lockstep id",
            "type": "string",
            "fieldType": "text",
            "groupName": group,
        }
        made = hubspot.ok("POST", f"/crm/v3/properties/{name}", body | {"hasUniqueValue": True})
        assert made["hasUniqueValue"] is True


# --- the seeded world ----------------------------------------------------------------------------------------------
def test_the_world_holds_work_of_every_kind() -> None:
    with serving(tiny()) as server:
        for name in ("tickets", *ACTIVITIES, "p_subscriptions", "p_subscription_items"):
            assert server.ok("GET", f"{V3}/{name}")["results"], name
        (item, *_) = server.ok("GET", f"{V3}/p_subscription_items?associations=p_subscriptions")["results"]
        parent = item["associations"]["p26912345_subscriptions"]["results"][0]["id"]
        found = server.ok("GET", f"{DATED}/p_subscriptions/{parent}?associations=companies,contacts")
        assert set(found["associations"]) == {"companies", "contacts"}
        names = {row["name"] for row in server.ok("GET", SCHEMAS)["results"]}
        assert names == {"subscriptions", "subscription_items"}

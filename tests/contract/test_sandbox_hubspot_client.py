"""HubSpot sandbox: the unmodified hubspot-api-client, on its own v3/v4 paths and on dated ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
import urllib3
from hubspot import HubSpot
from hubspot.crm.contacts.exceptions import ApiException, NotFoundException, UnauthorizedException
from tests.contract.hubspot_server import TOKEN, Server

FAMILY = re.compile(r"/crm/v[34]/(objects|properties|pipelines|owners|associations)")


class DatedPool(urllib3.PoolManager):
    """Sends the client's v3 and v4 calls to the dated paths."""

    def request(self, method: str, url: str, *args: Any, **options: Any) -> Any:
        return super().request(method, FAMILY.sub(r"/crm/\1/2026-09", url), *args, **options)


def dated_api(package: Any, name: str, config: dict[str, Any]) -> Any:
    """The client's own hook for building an API object, with another connection pool under it."""
    configuration = package.Configuration()
    configuration.access_token, configuration.host = config["access_token"], config["host"]
    api = package.ApiClient(configuration=configuration)
    api.rest_client.pool_manager = DatedPool()
    return getattr(package, name)(api_client=api)


@pytest.fixture(params=["v3", "dated"])
def client(request: pytest.FixtureRequest, hubspot: Server) -> HubSpot:
    extra = {"api_factory": dated_api} if request.param == "dated" else {}
    return HubSpot(access_token=TOKEN, host=hubspot.url, **extra)


def test_objects_one_by_one(client: HubSpot) -> None:
    api = client.crm.contacts.basic_api
    made = api.create({"properties": {"email": "A@x.example", "firstname": "Kari"}})
    assert made.properties["email"] == "a@x.example"
    assert api.update(made.id, {"properties": {"city": "Oslo"}}).properties["city"] == "Oslo"
    found = api.get_by_id("a@x.example", id_property="email", properties=["city"], properties_with_history=["city"])
    assert found.properties["city"] == "Oslo"
    assert found.properties_with_history["city"][0].source_type == "INTEGRATION"
    assert [row.id for row in api.get_page(limit=5, properties=["city", "email"]).results] == [made.id]
    api.archive(made.id)
    with pytest.raises(NotFoundException):
        api.get_by_id(made.id)
    assert [row.archived for row in api.get_page(archived=True).results] == [True]


def test_batches_and_search(client: HubSpot) -> None:
    api = client.crm.companies
    rows = [{"properties": {"name": f"Company {n}"}} for n in range(3)]
    made = api.batch_api.create({"inputs": rows}).results
    read = api.batch_api.read({"inputs": [{"id": row.id} for row in made] + [{"id": "7"}], "properties": ["name"]})
    assert (len(read.results), read.num_errors) == (3, 1)
    assert read.errors[0].context == {"ids": ["7"]}
    updated = api.batch_api.update({"inputs": [{"id": row.id, "properties": {"city": "Oslo"}} for row in made]})
    assert {row.properties["city"] for row in updated.results} == {"Oslo"}
    filters = [{"propertyName": "city", "operator": "EQ", "value": "oslo"}]
    assert api.search_api.do_search({"filterGroups": [{"filters": filters}]}).total == 3
    api.batch_api.archive({"inputs": [{"id": row.id} for row in made]})
    assert api.basic_api.get_page().results == []


def test_upsert_by_a_property_the_client_made(client: HubSpot) -> None:
    body = {
        "name": "sf_id",
        "label": "SF",
        "type": "string",
        "fieldType": "text",
        "groupName": "dealinformation",
        "hasUniqueValue": True,
    }
    assert client.crm.properties.core_api.create("deals", body).has_unique_value is True
    deal = {"dealname": "D", "dealstage": "qualifiedtobuy"}
    rows = {"inputs": [{"id": "006A", "idProperty": "sf_id", "properties": deal}]}
    assert [client.crm.deals.batch_api.upsert(rows).results[0].new for _ in range(2)] == [True, False]


def test_associations(client: HubSpot) -> None:
    contact = client.crm.contacts.basic_api.create({"properties": {"email": "a@x.example"}}).id
    company = client.crm.companies.basic_api.create({"properties": {"name": "A"}}).id
    kinds = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 1}]
    api = client.crm.associations.v4
    rows = [{"from": {"id": contact}, "to": {"id": company}, "types": kinds}]
    api.batch_api.create("contacts", "companies", {"inputs": rows})
    (page,) = api.batch_api.get_page("contacts", "companies", {"inputs": [{"id": contact}]}).results
    assert [(row.to_object_id, [kind.type_id for kind in row.association_types]) for row in page.to] == [
        (company, [1, 279])
    ]
    labels = client.crm.associations.v4.schema.definitions_api.get_all("contacts", "companies").results
    assert {(row.type_id, row.label) for row in labels} == {(279, None), (1, "Primary")}
    api.batch_api.archive("contacts", "companies", {"inputs": [{"from": {"id": contact}, "to": [{"id": company}]}]})
    assert client.crm.contacts.basic_api.get_by_id(contact, associations=["companies"]).associations is None


def test_owners_pipelines_properties_and_merge(client: HubSpot) -> None:
    assert [owner.id for owner in client.crm.owners.owners_api.get_page().results] == ["101"]
    assert [owner.id for owner in client.crm.owners.owners_api.get_page(archived=True).results] == ["102"]
    stages = client.crm.pipelines.pipelines_api.get_all("deals").results[0].stages
    assert [stage.id for stage in stages][-2:] == ["closedwon", "closedlost"]
    names = {item.name for item in client.crm.properties.core_api.get_all("contacts").results}
    assert {"email", "associatedcompanyid", "gclid"} <= names
    ids = [client.crm.companies.basic_api.create({"properties": {"name": name}}).id for name in "AB"]
    merged = client.crm.companies.basic_api.merge({"primaryObjectId": ids[0], "objectIdToMerge": ids[1]})
    assert client.crm.companies.basic_api.get_by_id(ids[1]).id == merged.id


def test_errors_are_the_clients_exceptions(client: HubSpot, hubspot: Server) -> None:
    api = client.crm.contacts.basic_api
    with pytest.raises(ApiException) as refused:
        api.create({"properties": {"email": "bad"}})
    assert refused.value.status == 400
    assert "INVALID_EMAIL" in refused.value.body
    hubspot.vendor.act("expire_tokens")
    with pytest.raises(UnauthorizedException):
        api.get_page()

"""HubSpot sandbox: no body and no query makes it answer 500."""

from __future__ import annotations

import re
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.hubspot_server import NOW, TOKEN, tiny

from sandbox.clock import Clock
from sandbox.hubspot import HubSpot
from sandbox.hubspot.routing import TABLE

KEYS = [
    "inputs", "id", "idProperty", "properties", "filterGroups", "filters", "propertyName", "operator", "value",
    "values", "highValue", "sorts", "limit", "after", "query", "from", "to", "types", "associationTypeId",
    "associationCategory", "associations", "email", "name", "label", "type", "fieldType", "groupName", "options",
    "primaryObjectId", "objectIdToMerge", "objectId", "propertiesWithHistory", "stages", "displayOrder", "metadata",
    "objectWriteTraceId", "direction", "filterBranch", "filterBranchType", "filterBranches", "filterType", "property",
    "operation", "operationType", "processingType", "processingTypes", "objectTypeId", "listIds", "recordId", "labels",
    "requiredProperties", "associatedObjects", "hs_name", "amount", "order", "recordIdsToAdd", "year", "lowerBound",
]  # fmt: skip
WORDS = [
    "EQ",
    "IN",
    "BETWEEN",
    "email",
    "city",
    "createdate",
    "hs_object_id",
    "18000104",
    "0-1",
    "DESCENDING",
    "OR",
    "AND",
    "PROPERTY",
    "NUMBER",
    "DYNAMIC",
    "string",
    "text",
]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-5, 400)
    | st.floats(allow_nan=False)
    | st.sampled_from(WORDS)
    | st.text(max_size=8)
)
bodies = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=14,
)
known_ids = st.sampled_from(["18000104", "9000232", "5000348", 18000104, "x"])
ends = st.fixed_dictionaries({"id": known_ids}) | bodies
types = st.lists(
    st.fixed_dictionaries({
        "associationCategory": st.sampled_from(["HUBSPOT_DEFINED", "USER_DEFINED", None]),
        "associationTypeId": st.sampled_from([1, 279, 341, "279", None, "x"]),
    }),
    max_size=2,
) | bodies  # fmt: skip
values = st.dictionaries(
    st.sampled_from(["email", "firstname", "city", "lifecyclestage", "hubspot_owner_id", "dealname", "dealstage", "amount", "name"]),
    scalars | st.sampled_from(["lead", "a@x.example", "qualifiedtobuy", "77000102"]),
) | bodies  # fmt: skip
filters = st.fixed_dictionaries({
    "propertyName": st.sampled_from(["email", "city", "createdate", "hs_object_id", "lifecyclestage", "associations.company"]),
    "operator": st.sampled_from(["EQ", "GT", "IN", "NOT_IN", "BETWEEN", "HAS_PROPERTY", "CONTAINS_TOKEN", "NEQ"]),
}, optional={"value": scalars, "values": st.lists(scalars, max_size=3) | bodies, "highValue": scalars}) | bodies  # fmt: skip
inputs = st.lists(
    st.fixed_dictionaries({}, optional={
        "id": known_ids | scalars, "properties": values, "idProperty": st.sampled_from(["email", "city", None, 3]),
        "from": ends, "to": ends, "types": types, "objectWriteTraceId": scalars, "name": scalars,
        "associations": st.lists(st.fixed_dictionaries({"to": ends, "types": types}), max_size=2) | bodies,
    }),
    max_size=3,
) | bodies  # fmt: skip
LIST = {
    "filterBranchType": "OR",
    "filterBranches": [{
        "filterBranchType": "AND",
        "filters": [{"filterType": "PROPERTY", "property": "city", "operation": {"operationType": "STRING", "operator": "CONTAINS", "value": "o"}}],
    }],
}  # fmt: skip
plausible = st.fixed_dictionaries({}, optional={
    "inputs": inputs, "properties": values, "filterGroups": st.lists(st.fixed_dictionaries({"filters": st.lists(filters, max_size=2)}), max_size=2),
    "sorts": st.lists(st.sampled_from(["city", "-email", {"propertyName": "email", "direction": "DESCENDING"}, 3]), max_size=2),
    "primaryObjectId": known_ids, "objectIdToMerge": known_ids, "objectId": known_ids, "query": scalars,
    "label": scalars, "name": st.sampled_from(["a_name", "email", 3]), "type": st.sampled_from(["string", "enumeration", "x"]),
    "fieldType": st.sampled_from(["text", "select"]), "groupName": st.sampled_from(["contactinformation", "x"]),
    "objectTypeId": st.sampled_from(["0-1", "0-5", "x", None]), "processingType": st.sampled_from(["MANUAL", "DYNAMIC", "x"]),
    "filterBranch": st.just(LIST) | bodies, "labels": st.just({"singular": "A", "plural": "As"}) | bodies,
    "associatedObjects": st.just(["CONTACT"]) | bodies, "requiredProperties": st.just([]) | bodies,
    "amount": scalars, "order": scalars, "count": scalars, "offset": scalars, "listIds": bodies,
    "options": bodies, "stages": st.lists(bodies, max_size=2), "displayOrder": scalars,
})  # fmt: skip
CAMPAIGNS = [tiny().hubspot["campaigns"][0]["id"], "x", "0d2f4a3e-6d33-4c39-93d5-6a5f3f6f9a11"]
segments = st.sampled_from(
    ["contacts", "company", "0-3", "18000104", "email", "default", "279", "x", "0", "²", "%00", "v3"]
)
kinds = st.sampled_from(["contacts", "companies", "deals", "tickets", "p_subscriptions", "0-27"])
NAMED = {
    "type": kinds, "to": kinds, "list": st.sampled_from(["1", "4", "9", "x"]), "campaign": st.sampled_from(CAMPAIGNS),
    "asset_type": st.sampled_from(["OBJECT_LIST", "FORM", "x"]), "asset": st.sampled_from(["4", "x"]),
    "contact_type": st.sampled_from(["influencedContacts", "x"]),
}  # fmt: skip
queries = st.sampled_from([b"", b"limit=x", b"limit=-1", b"after=x", b"after=%C2%B2", b"archived=1", b"idProperty=email",
                           b"properties=,,email&associations=company", b"associations=x", b"propertiesWithHistory=city"])  # fmt: skip


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_the_answer_is_hubspots(data: st.DataObject) -> None:
    ask(data, times=2)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_at_length_the_answer_is_hubspots(data: st.DataObject) -> None:
    ask(data, times=6)


def ask(data: st.DataObject, times: int) -> None:
    vendor = HubSpot(Clock(NOW, "fixed"), tiny(), {"rate_limit": 10**6, "search_limit": 10**6})
    for _ in range(times):
        status, headers, payload = vendor.app.answer(scope(data), orjson.dumps(data.draw(plausible | bodies)))
        assert status in (200, 201, 204, 207, 400, 404, 405, 409)
        assert "X-HubSpot-Correlation-Id" in headers
        if status >= 400:
            assert orjson.loads(payload)["status"] == "error"


def scope(data: st.DataObject) -> dict[str, Any]:
    method, families, rest, _, _ = data.draw(st.sampled_from(TABLE))
    path = data.draw(st.sampled_from(families)) + rest
    path = path.replace("{version}", "2026-09").replace("{money}", "budget")
    for name in re.findall(r"\{(\w+)\}", path):
        path = path.replace(f"{{{name}}}", data.draw(NAMED.get(name, segments)))
    header = (b"authorization", f"Bearer {TOKEN}".encode())
    return {"method": method, "path": path, "query_string": data.draw(queries), "headers": [header]}

"""HubSpot sandbox: no body and no query makes it answer 500."""

from __future__ import annotations

from typing import Any

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox.clock import Clock
from sandbox.hubspot import HubSpot
from sandbox.hubspot.routing import TABLE

from tests.contract.hubspot_server import NOW, TOKEN, tiny

KEYS = [
    "inputs", "id", "idProperty", "properties", "filterGroups", "filters", "propertyName", "operator", "value",
    "values", "highValue", "sorts", "limit", "after", "query", "from", "to", "types", "associationTypeId",
    "associationCategory", "associations", "email", "name", "label", "type", "fieldType", "groupName", "options",
    "primaryObjectId", "objectIdToMerge", "objectId", "propertiesWithHistory", "stages", "displayOrder", "metadata",
    "objectWriteTraceId", "direction",
]  # fmt: skip
WORDS = ["EQ", "IN", "BETWEEN", "email", "city", "createdate", "hs_object_id", "18000104", "0-1", "DESCENDING", "string", "text"]
scalars = st.none() | st.booleans() | st.integers(-5, 400) | st.floats(allow_nan=False) | st.sampled_from(WORDS) | st.text(max_size=8)
bodies = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=14,
)
segments = st.sampled_from(["contacts", "company", "0-3", "18000104", "email", "default", "279", "x", "0", "²", "%00", "v3"])
queries = st.sampled_from([b"", b"limit=x", b"limit=-1", b"after=x", b"after=%C2%B2", b"archived=1", b"idProperty=email",
                           b"properties=,,email&associations=company", b"associations=x", b"propertiesWithHistory=city"])  # fmt: skip


@settings(max_examples=1500, deadline=None)
@given(data=st.data())
def test_whatever_is_sent_the_answer_is_hubspots(data: st.DataObject) -> None:
    vendor = HubSpot(Clock(NOW, "fixed"), tiny(), {"rate_limit": 10**6, "search_limit": 10**6})
    for _ in range(4):
        status, headers, payload = vendor.app.answer(scope(data), orjson.dumps(data.draw(bodies)))
        assert status in (200, 201, 204, 207, 400, 404, 405, 409)
        assert "X-HubSpot-Correlation-Id" in headers
        if status >= 400:
            assert orjson.loads(payload)["status"] == "error"


def scope(data: st.DataObject) -> dict[str, Any]:
    method, families, rest, _, _ = data.draw(st.sampled_from(TABLE))
    path = data.draw(st.sampled_from(families)) + rest
    for name in ("type", "to", "id", "to_id", "name", "pipeline", "stage", "type_id"):
        choice = st.sampled_from(["contacts", "companies", "deals"]) if name in ("type", "to") else segments
        path = path.replace(f"{{{name}}}", data.draw(choice))
    path = path.replace("{version}", "2026-09")
    header = (b"authorization", f"Bearer {TOKEN}".encode())
    return {"method": method, "path": path, "query_string": data.draw(queries), "headers": [header]}

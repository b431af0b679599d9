"""hubspot-sdk (PyPI; httpx, the dated paths): objects, batches, search, associations, properties, owners, errors."""

from __future__ import annotations

import asyncio
from typing import Any

import hubspot_sdk
from hubspot_sdk import HubSpot
from steps import run


def steps(hs: HubSpot) -> dict[str, Any]:
    contacts = hs.crm.objects.contacts

    def row() -> list[Any]:
        made = contacts.create(properties={"email": "Sdk@Example.com", "lastname": "Ås"}, associations=[])
        contacts.update(made.id, properties={"city": "Bodø"})
        read = contacts.get(made.id, properties=["email", "city"])
        contacts.delete(made.id)
        try:
            contacts.get(made.id)
        except hubspot_sdk.NotFoundError as error:
            return [read.properties["email"], read.properties["city"], error.status_code]
        return ["the record is still there"]

    def conflict() -> list[Any]:
        contacts.create(properties={"email": "twice@example.com"}, associations=[])
        try:
            contacts.create(properties={"email": "twice@example.com"}, associations=[])
        except hubspot_sdk.ConflictError as error:
            return [error.status_code, error.body["category"]]
        return ["there are two of them"]

    def pages() -> int:
        ids = [one.id for one in contacts.list(limit=10)]
        return len(ids) - len(set(ids)) if len(ids) > 10 else -1

    def search() -> list[Any]:
        groups = [{"filters": [{"propertyName": "email", "operator": "HAS_PROPERTY"}]}]
        found = contacts.search(filter_groups=groups, properties=["email"], limit=2, after="0", sorts=[])
        return [found.total > 2, len(found.results), found.paging.next.after]

    def batch() -> list[Any]:
        made = contacts.batch.create(inputs=[{"properties": {"email": f"sdk{n}@example.com"}} for n in (1, 2)])
        inputs = [{"id": "sdk1@example.com"}, {"id": "nobody@example.com"}]
        read = contacts.batch.get(inputs=inputs, id_property="email", properties=["email"], properties_with_history=[])
        return [made.status, len(made.results), len(read.results), read.model_extra["errors"][0]["category"]]

    return {
        "row": row, "conflict": conflict, "pages": pages, "search": search, "batch": batch,
        "owners": lambda: hs.crm.owners.list(limit=5).results[0].type,
        "properties": lambda: hs.crm.properties.get("email", object_type="contacts").field_type,
        "pipelines": lambda: hs.crm.pipelines.list("deals").results[0].id,
    }  # fmt: skip


if __name__ == "__main__":
    asyncio.run(run(steps(HubSpot(access_token="pat-na1-stranger"))))

"""The HubSpot system: parts put together, metadata and identity."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from lockstep.errors import AccessError, ConfigError, VendorUnavailable
from lockstep.model import HUBSPOT, Action, Field, ObjectSchema, Owner, Page, Row, Usage, Window, Write, WriteResult
from lockstep.systems.answers import Refused
from lockstep.systems.base import Deleted, Identity, Limits, Members, Meter, Read
from lockstep.systems.hubspot import campaign_members, campaigns, form_submissions
from lockstep.systems.hubspot.campaign_members import MemberRecords
from lockstep.systems.hubspot.campaigns import CampaignApi, CampaignRecords
from lockstep.systems.hubspot.ends import HubSpotEnds
from lockstep.systems.hubspot.form_submissions import FormSubmissions
from lockstep.systems.hubspot.history import HubSpotHistory
from lockstep.systems.hubspot.kinds import CrmRecords, Kind
from lockstep.systems.hubspot.link_records import LinkRecords, is_link_object
from lockstep.systems.hubspot.link_records import schema as link_schema
from lockstep.systems.hubspot.links import LinkApi
from lockstep.systems.hubspot.lists import HubSpotLists
from lockstep.systems.hubspot.names import api_name, plain
from lockstep.systems.hubspot.reads import READ_BATCH, HubSpotReader
from lockstep.systems.hubspot.transport import Client, HubSpotConnection, json_of
from lockstep.systems.hubspot.visitors import HubSpotVisitors
from lockstep.systems.hubspot.writes import WRITE_BATCH, HubSpotWriter

GROUP, GROUP_LABEL = "lockstep", "Lockstep"
#: objects that have pipelines
PIPELINES = frozenset({"deals", "tickets"})
OWNER_PAGE = 500
#: HubSpot takes half a second and more for a batch, and 19 calls in a second
WRITES_AT_ONCE = 12
#: objects that HubSpot describes nowhere
_SCHEMAS = {
    campaigns.OBJECT: campaigns.schema,
    campaign_members.OBJECT: campaign_members.schema,
    form_submissions.OBJECT: form_submissions.schema,
}


class HubSpotSystem:
    """Implements `systems.base.System`. `page`: rows of one page of `changed`.

    `schema_of`: a schema that is known already (from the store), so that properties are not read for it again.
    """

    name = HUBSPOT

    def __init__(
        self,
        connection: HubSpotConnection,
        meter: Meter,
        page: int = 1_000,
        schema_of: Callable[[str], ObjectSchema | None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._client = Client(connection, meter, sleep)
        self._version = connection.api_version
        self._known, self._schemas = schema_of, dict[str, ObjectSchema]()
        links = self._associations = LinkApi(self._client)
        reader = HubSpotReader(self._client, links, lambda name: self._schema(plain(name)), page, now)
        self.history, self._reader = HubSpotHistory(reader), reader
        self.visitors = HubSpotVisitors(reader)
        self._records = CrmRecords(reader, HubSpotEnds(reader, now), HubSpotWriter(self._client, links))
        self._links = LinkRecords(reader, links, now)
        api = CampaignApi(self._client)
        self._special: dict[str, Kind] = {
            campaigns.OBJECT: CampaignRecords(api, now),
            campaign_members.OBJECT: MemberRecords(api, now),
            form_submissions.OBJECT: FormSubmissions(reader, now),
        }
        self._lists = HubSpotLists(self._client)
        self.limits = Limits(READ_BATCH, WRITE_BATCH, page, False, WRITES_AT_ONCE)

    def _kind(self, object: str) -> Kind:
        return self._special.get(object) or (self._links if is_link_object(object) else self._records)

    def check(self) -> Identity:
        # the account's details have no dated path yet
        details = self._client.get("/account-info/v3/details")
        name = str(details.get("uiDomain") or details["portalId"])
        portal = str(details["portalId"])
        address = f"https://{details.get('uiDomain') or 'app.hubspot.com'}/contacts/{portal}"
        return Identity(HUBSPOT, portal, None, name, self._version, address)

    def describe(self, object: str) -> ObjectSchema:
        if object in _SCHEMAS:
            return _SCHEMAS[object]()
        if is_link_object(object):
            return link_schema(object)
        try:
            found = json_of(self._client.crm.properties.core_api.get_all, api_name(object))["results"]
        except Refused as error:
            raise AccessError(
                f"HubSpot does not show the object {object}: {error.rejection.message}",
                hint="Check the name in the mapping, and the token's scopes.",
            ) from error
        fields = {one["name"]: _field(object, one) for one in found if not one.get("archived")}
        self._schemas[object] = ObjectSchema(HUBSPOT, object, fields, self._pipelines(object))
        return self._schemas[object]

    def _pipelines(self, object: str) -> dict[str, tuple[str, ...]]:
        if object not in PIPELINES:
            return {}
        found = json_of(self._client.crm.pipelines.pipelines_api.get_all, object)["results"]
        return {str(one["id"]): tuple(str(stage["id"]) for stage in one["stages"]) for one in found}

    def _schema(self, object: str) -> ObjectSchema:
        return self._schemas.get(object) or self._known(object) or self.describe(object)

    def owners(self) -> list[Owner]:
        """Deactivated owners are only in the archived list; records keep their ids."""
        return [
            Owner(str(one["id"]), _name(one), one.get("email") or None, not archived, one.get("type") == "QUEUE")
            for archived in (False, True)
            for one in self._owner_pages(archived)
        ]

    def _owner_pages(self, archived: bool) -> Iterator[dict[str, Any]]:
        options: dict[str, Any] = {"limit": OWNER_PAGE, "archived": archived}
        while True:
            answer = json_of(self._client.crm.owners.owners_api.get_page, **options)
            yield from answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return
            options["after"] = after

    def prepare(self, object: str, external_id: str) -> list[str]:
        existing = self.describe(object).fields.get(external_id)
        if existing is not None:
            if not existing.unique:
                raise ConfigError(
                    f"HubSpot: the property {external_id} of {object} exists, but its values need not be unique.",
                    hint="Archive that property, or name another one as `external_id` in the mapping.",
                )
            return []
        created = self._make_group(object)
        property_ = {
            "name": external_id,
            "label": "Lockstep Id",
            "description": "Joins this record with its Salesforce record. Written by Lockstep; do not edit.",
            "groupName": GROUP,
            "type": "string",
            "fieldType": "text",
            "hasUniqueValue": True,
        }
        json_of(self._client.crm.properties.core_api.create, api_name(object), property_)
        self.describe(object)
        return [*created, f"{object}.{external_id}"]

    def _make_group(self, object: str) -> list[str]:
        api = self._client.crm.properties.groups_api
        if any(one["name"] == GROUP for one in json_of(api.get_all, api_name(object))["results"]):
            return []
        json_of(api.create, api_name(object), {"name": GROUP, "label": GROUP_LABEL})
        return [f"{object} property group {GROUP}"]

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        return {name: self._kind(name).count_changed(name, window) for name, window in windows.items()}

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None = None) -> Iterator[Page]:
        return self._kind(object).changed(object, fields, window, cursor)

    def deleted(self, object: str, window: Window) -> Deleted:
        found = self._kind(object).deleted(object, window)
        if found.refused:
            raise found.refused
        return found

    def deleted_many(self, windows: Mapping[str, Window]) -> dict[str, Deleted]:
        return {name: self._deleted(name, window) for name, window in windows.items()}

    def _deleted(self, name: str, window: Window) -> Deleted:
        try:
            return self._kind(name).deleted(name, window)
        except (ConfigError, AccessError, VendorUnavailable) as error:
            return Deleted([], window.start or window.end, error)

    def converted(self, window: Window) -> Deleted:
        return Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        return self._kind(object).read(object, fields, ids)

    def field_times(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
        return self._reader.field_times(api_name(object), fields, ids)

    def members(self, object: str, name: str, known: str | None = None) -> Members:
        return self._lists.members(object, name, known)

    def links(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, str]]:
        return self._associations.read(api_name(object), fields, ids)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        return self._kind(object).find(object, field, values, fields)

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id_field: str) -> list[WriteResult]:
        return self._kind(object).write(object, action, writes, external_id_field)

    def usage(self) -> Usage | None:
        return self._client.transport.usage


def _name(owner: Mapping[str, Any]) -> str:
    return " ".join(part for part in (owner.get("firstName"), owner.get("lastName")) if part) or str(
        owner.get("email") or owner["id"]
    )


def _field(object: str, one: Mapping[str, Any]) -> Field:
    """A property. Option lists bind, unless HubSpot keeps the options elsewhere (owners)."""
    rights = one.get("modificationMetadata") or {}
    writable = not rights.get("readOnlyValue") and not one.get("calculated")
    listed = one["type"] == "enumeration" and not one.get("externalOptions")
    return Field(
        name=one["name"],
        label=one["label"],
        type=one["type"],
        options=tuple(str(option["value"]) for option in one.get("options") or ()) if listed else (),
        restricted=listed,
        creatable=writable,
        writable=writable,
        unique=bool(one.get("hasUniqueValue")) or (object, one["name"]) == ("contacts", "email"),
    )

"""The Salesforce system: parts put together, metadata and identity."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from lockstep.errors import AccessError, ConfigError
from lockstep.model import (
    SALESFORCE,
    Action,
    Field,
    ObjectSchema,
    Owner,
    Page,
    Row,
    Usage,
    Window,
    Write,
    WriteResult,
)
from lockstep.systems.answers import Refused
from lockstep.systems.base import Deleted, Identity, Limits, Members, Meter, Read, TokenCache, parts
from lockstep.systems.salesforce import campaigns, own_fields, record_types
from lockstep.systems.salesforce.bulk import BulkQuery
from lockstep.systems.salesforce.client import COMPOSITE_HEAVY, SalesforceClient
from lockstep.systems.salesforce.connection import Login, SalesforceConnection, http_session
from lockstep.systems.salesforce.field_times import field_times
from lockstep.systems.salesforce.history import SalesforceHistory
from lockstep.systems.salesforce.reads import ID_CHUNK, SalesforceReader
from lockstep.systems.salesforce.stages import Stages, known_fields
from lockstep.systems.salesforce.writes import COLLECTION, SalesforceWriter


@dataclass(frozen=True, slots=True)
class SalesforceOptions:
    """`bulk_threshold`: reads of more rows go through Bulk API 2.0. `timeout`: seconds to connect, to answer.
    `create_external_ids`: `prepare` makes the external-id fields that are missing."""

    bulk_threshold: int = 10_000
    page: int = 2_000
    bulk_page: int = 10_000
    timeout: tuple[float, float] = (10.0, 120.0)
    create_external_ids: bool = False


#: users that can own records: Chatter's and portal users cannot (OW-07)
OWNING = "'Standard', 'PowerPartner', 'Guest'"


class SalesforceSystem:
    """Implements `systems.base.System`. Use one per task: it is not thread-safe.

    `schema_of`: a schema that is known already (from the store), so that describe is not called for it again.
    """

    name = SALESFORCE
    visitors = None

    def __init__(
        self,
        connection: SalesforceConnection,
        meter: Meter,
        tokens: TokenCache | None = None,
        options: SalesforceOptions = SalesforceOptions(),  # noqa: B008 (frozen)
        schema_of: Callable[[str], ObjectSchema | None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ):
        session = http_session(connection, meter, options.timeout)
        self._version, self._options = connection.version, options
        self._client = SalesforceClient(Login(connection, session, tokens, now), session, connection.version, sleep)
        self._known, self._schemas = schema_of, dict[str, ObjectSchema]()
        bulk = BulkQuery(self._client, options.bulk_page, now, sleep)
        self._reader = SalesforceReader(self._client, bulk, self._schema, options.bulk_threshold, options.page, now)
        self.history = SalesforceHistory(self._reader)
        types = record_types.RecordTypes(self._reader.query)
        self._writer = SalesforceWriter(self._client, self._schema, types)
        self._stages, self._now = Stages(self._reader.query), now
        self.limits = Limits(ID_CHUNK * COMPOSITE_HEAVY, COLLECTION * COMPOSITE_HEAVY, options.page, True)

    def check(self) -> Identity:
        user = self._client.json("GET", "/services/oauth2/userinfo")
        name = user.get("preferred_username") or user["user_id"]
        return Identity(SALESFORCE, user["organization_id"], user["user_id"], name, self._version, self._client.address)

    def describe(self, object: str) -> ObjectSchema:
        try:
            described = self._client.json("GET", f"/sobjects/{object}/describe")
        except Refused as error:
            raise AccessError(
                f"Salesforce does not show the object {object}: {error.rejection.message}",
                hint="Check the name, and give the integration user access to the object.",
            ) from error
        fields = {one["name"]: _field(one) for one in described["fields"]}
        fields |= {one.name: one for one in record_types.described(described)}
        fields = campaigns.described(object, fields)
        self._schemas[object] = ObjectSchema(SALESFORCE, object, fields)
        return self._schemas[object]

    def _schema(self, object: str) -> ObjectSchema:
        return self._schemas.get(object) or self._known(object) or self.describe(object)

    def owners(self) -> list[Owner]:
        users = self._reader.query(
            f"SELECT Id, Name, Email, IsActive FROM User WHERE UserType IN ({OWNING}) ORDER BY Id"
        )
        queues = self._reader.query("SELECT Id, Name, Email FROM Group WHERE Type = 'Queue' ORDER BY Id")
        return [Owner(one["Id"], one["Name"], one["Email"] or None, bool(one["IsActive"])) for one in users] + [
            Owner(one["Id"], one["Name"], one["Email"] or None, active=True, queue=True) for one in queues
        ]

    def prepare(self, object: str, external_id: str) -> list[str]:
        found, made = self.describe(object).fields.get(external_id), list[str]()
        if found is None and self._options.create_external_ids:
            own_fields.make(self._client, object, external_id, self.check().user or "")
            found, made = self.describe(object).fields.get(external_id), [external_id]
        if found is None:
            raise ConfigError(
                f"Salesforce: {object} has no field {external_id}, or hides it from the integration user.",
                hint="Deploy the metadata shipped with Lockstep, and assign its permission set to the integration user; "
                "or let sync_schema make the field (`create_external_ids`).",
            )
        if not found.unique:
            raise ConfigError(
                f"Salesforce: {object}.{external_id} is not a unique external id.",
                hint="Mark the field as External ID and Unique, or deploy the metadata shipped with Lockstep.",
            )
        if not (found.creatable and found.writable):
            raise AccessError(
                f"Salesforce: the integration user may not edit {object}.{external_id}.",
                hint="Assign Lockstep's permission set to the integration user.",
            )
        return made

    def count_changed(self, windows: Mapping[str, Window]) -> dict[str, int]:
        return self._reader.count_changed(windows)

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None = None) -> Iterator[Page]:
        for page in self._reader.changed(object, self._plain(object, fields), window, cursor):
            yield replace(page, rows=self._whole(object, fields, page.rows))
        for ids in parts(self._stages.moved(object, fields, window), self.limits.read_batch):
            read_at = self._now()
            yield Page(list(self.read(object, fields, ids).rows.values()), None, read_at)

    def deleted(self, object: str, window: Window) -> Deleted:
        found = self.deleted_many({object: window})[object]
        if found.refused:
            raise found.refused
        return found

    def deleted_many(self, windows: Mapping[str, Window]) -> dict[str, Deleted]:
        return self._reader.deleted_many(windows)

    def converted(self, window: Window) -> Deleted:
        return self._reader.converted(window)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        found = self._reader.read(object, self._plain(object, fields), ids)
        rows = self._whole(object, fields, list(found.rows.values()))
        return Read({row.id: row for row in rows}, found.gone)

    def field_times(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[tuple[str, str], str]:
        return field_times(self._reader.query, object, fields, ids)

    def members(self, object: str, name: str, known: str | None = None) -> Members:
        raise ConfigError("Salesforce has no lists.", hint="Inclusion lists are lists of HubSpot.")

    def links(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> dict[str, dict[str, str]]:
        """Lookups are fields of their records, and modify them."""
        return {}

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        rows = self._reader.find(object, field, values, self._plain(object, fields))
        return self._whole(object, fields, rows)

    def _plain(self, object: str, fields: Sequence[str]) -> Sequence[str]:
        """The fields that Salesforce itself has: the others are worked out of other records."""
        return campaigns.plain(object, known_fields(fields))

    def _whole(self, object: str, fields: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        known = known_fields(fields)
        found = campaigns.with_statuses(object, known, rows, self._reader.query)
        return found if known == list(fields) else self._stages.fill(object, fields, found)

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id_field: str) -> list[WriteResult]:
        return self._writer.write(object, action, campaigns.sent(object, writes), external_id_field)

    def usage(self) -> Usage | None:
        return self._client.usage


def _field(one: Mapping[str, Any]) -> Field:
    """A field of describe. Required: it cannot be empty, has no default, and a create may set it."""
    options = tuple(option["value"] for option in one.get("picklistValues") or () if option.get("active", True))
    return Field(
        name=one["name"],
        label=one["label"],
        type=one["type"],
        length=one.get("length") or None,
        options=options,
        restricted=bool(one.get("restrictedPicklist")),
        required=not one["nillable"] and not one.get("defaultedOnCreate") and bool(one["createable"]),
        creatable=bool(one["createable"]),
        writable=bool(one["updateable"]),
        unique=bool(one.get("unique")) and bool(one.get("externalId") or one.get("idLookup")),
        reference_to=tuple(one.get("referenceTo") or ()),
    )

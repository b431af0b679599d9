"""Marketing campaigns: no CRM objects, with an API of their own, without custom properties, search by time or archive.

HubSpot's campaigns have no members. Their place are static lists that are attached to the campaign, one for each member
status, whose names end in " - <status>": `Spring Webinar - Attended`. The pseudo-field `statuses` names them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from lockstep.errors import LockstepError
from lockstep.model import (
    HUBSPOT,
    Action,
    Field,
    ObjectSchema,
    Page,
    Rejection,
    Row,
    Values,
    Window,
    Write,
    WriteResult,
    Written,
)
from lockstep.systems.answers import LostAnswer, Refused, kept_back, rejected
from lockstep.systems.base import Deleted, Read, parts
from lockstep.systems.hubspot.reads import at, version
from lockstep.systems.hubspot.transport import Client

OBJECT, NAME, STATUSES = "campaigns", "hs_name", "statuses"
ROOT = "/marketing/v3/campaigns"
LISTS = "/crm/v3/lists"
BATCH, PAGE = 50, 100
#: between a campaign's name and the member status in the name of a list
DASH = " - "
STATUS_OPTIONS = ("planned", "in_progress", "active", "paused", "completed")
FIELDS = {
    NAME: Field(NAME, "Name", "string", 256, required=True),
    "hs_start_date": Field("hs_start_date", "Start date", "date"),
    "hs_end_date": Field("hs_end_date", "End date", "date"),
    "hs_campaign_status": Field("hs_campaign_status", "Status", "enumeration", None, STATUS_OPTIONS, True),
    "hs_notes": Field("hs_notes", "Notes", "string"),
    "hs_audience": Field("hs_audience", "Audience", "string"),
    "hs_goal": Field("hs_goal", "Goal", "string"),
    "hs_currency_code": Field("hs_currency_code", "Currency", "string"),
    "hs_owner": Field("hs_owner", "Owner", "enumeration"),
    STATUSES: Field(STATUSES, "Member statuses", "enumeration"),
}


class CampaignApi:
    """Campaigns with the lists that hold their members."""

    def __init__(self, client: Client):
        self._client = client

    def pages(self, name: str = "") -> Iterator[list[dict[str, Any]]]:
        """All campaigns, the latest changed first."""
        asked: dict[str, Any] = {"sort": "-updatedAt", "limit": PAGE, "properties": [*FIELDS]}
        asked |= {"name": name} if name else {}
        while True:
            answer = self._client.get(f"{ROOT}?{urlencode(asked, doseq=True)}")
            yield answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return
            asked["after"] = after

    def read(self, ids: Sequence[str]) -> list[dict[str, Any]]:
        """With their assets; those that are not there are left out."""
        found: list[dict[str, Any]] = []
        query = urlencode({"properties": [one for one in FIELDS if one != STATUSES]}, doseq=True)
        for some in parts(list(dict.fromkeys(ids)), BATCH):
            body = {"inputs": [{"id": one} for one in some]}
            found += self._client.call("POST", f"{ROOT}/batch/read?{query}", body)["results"]
        return found

    def create(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = self._client.call("POST", ROOT, {"properties": properties})
        return made

    def update(self, campaign: str, properties: Mapping[str, Any]) -> dict[str, Any]:
        told: dict[str, Any] = self._client.call("PATCH", f"{ROOT}/{campaign}", {"properties": properties})
        return told

    def delete(self, campaign: str) -> None:
        self._client.call("DELETE", f"{ROOT}/{campaign}")

    def add_list(self, campaign: str, name: str, status: str) -> None:
        """Make a static list for that status, or take one of that name that an earlier try made, and attach it."""
        called = f"{name}{DASH}{status}"
        found = self._list_named(called)
        if found is None:
            body = {"name": called, "objectTypeId": "0-1", "processingType": "MANUAL"}
            found = str(self._client.call("POST", LISTS, body)["list"]["listId"])
        self._client.call("PUT", f"{ROOT}/{campaign}/assets/OBJECT_LIST/{found}")

    def _list_named(self, name: str) -> str | None:
        try:
            answer = self._client.get(f"{LISTS}/object-type-id/0-1/name/{quote(name, safe='')}")
        except Refused as refused:
            if refused.status == 404:
                return None
            raise
        return str(answer["list"]["listId"])

    def members(self, list_id: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            answer = self._client.get(f"{LISTS}/{list_id}/memberships?limit=250" + (f"&after={after}" if after else ""))
            yield from answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after") or ""
            if not after:
                return

    def change_members(self, list_id: str, add: Sequence[str], remove: Sequence[str]) -> list[str]:
        """Returns the contacts that HubSpot does not know."""
        body = {"recordIdsToAdd": list(add), "recordIdsToRemove": list(remove)}
        answer = self._client.call("PUT", f"{LISTS}/{list_id}/memberships/add-and-remove", body)
        return [str(one) for one in answer.get("recordIdsMissing") or ()]


def status_lists(campaign: Mapping[str, Any]) -> dict[str, str]:
    """Member status -> the list that holds it; the campaign must have been read with its assets."""
    lists = (campaign.get("assets") or {}).get("OBJECT_LIST", {}).get("results", [])
    return {one["name"].rpartition(DASH)[2]: str(one["id"]) for one in lists if DASH in one["name"]}


class CampaignRecords:
    """Implements `kinds.Kind` for `campaigns`. Archived campaigns are not told: one that is gone is met when it is read."""

    def __init__(self, api: CampaignApi, now: Callable[[], datetime]):
        self._api, self._now = api, now

    def count_changed(self, object: str, window: Window) -> int:
        return sum(1 for _ in self._modified(window))

    def _modified(self, window: Window) -> Iterator[dict[str, Any]]:
        for page in self._api.pages():
            for one in page:
                changed = at(one["updatedAt"])
                if window.start is not None and changed < window.start:
                    return
                if changed < window.end:
                    yield one

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        read_at = self._now()
        ids = [str(one["id"]) for one in self._modified(window)]
        rows = [_row(fields, one) for one in self._api.read(ids)]
        yield Page(rows, None, read_at)

    def deleted(self, object: str, window: Window) -> Deleted:
        return Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        read_at = self._now()
        rows = {str(one["id"]): _row(fields, one) for one in self._api.read(ids)}
        return Read.found_or_gone(ids, rows, read_at)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        if field != NAME:
            return []
        ids = [str(one["id"]) for value in dict.fromkeys(values) for one in self._named(value)]
        return [_row(fields, one) for one in self._api.read(ids)] if ids else []

    def _named(self, name: str) -> list[dict[str, Any]]:
        found = (one for page in self._api.pages(name) for one in page)
        return [one for one in found if (one["properties"].get(NAME) or "").casefold() == name.casefold()]

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]:
        results: list[WriteResult] = []
        for one in writes:
            try:
                results.append(self._write(action, one))
            except LostAnswer:
                results.append(WriteResult(one.key, Written.UNKNOWN, one.record_id))
            except Refused as refused:
                results.append(rejected(one, _gone(refused)))
            except LockstepError as error:
                if not results:
                    raise
                results.append(rejected(one, kept_back(error)))
        return results

    def _write(self, action: Action, write: Write) -> WriteResult:
        if action is Action.DELETE:
            self._api.delete(write.record_id or "")
            return WriteResult(write.key, Written.OK, write.record_id)
        given = {name: value or "" for name, value in write.values.items() if name != STATUSES}
        created = False
        if action is Action.CREATE:
            # names are how a create that was sent before is found: HubSpot has no other property of ours
            known = self._named(write.values.get(NAME) or "")
            created, campaign = (
                not known,
                known[0] if known else self._api.create({k: v for k, v in given.items() if v}),
            )
        else:
            campaign = self._api.update(write.record_id or "", given) if given else {"id": write.record_id}
        return self._told(write, str(campaign["id"]), created)

    def _told(self, write: Write, campaign: str, created: bool) -> WriteResult:
        """Make the lists that are missing, and say what the campaign holds now."""
        held = self._api.read([campaign])
        if not held:
            return rejected(write, Rejection("record_gone", "HubSpot has no such campaign any more."))
        missing = set(_options(write.values.get(STATUSES))) - status_lists(held[0]).keys()
        for status in sorted(missing):
            self._api.add_list(campaign, held[0]["properties"].get(NAME) or "", status)
        held = self._api.read([campaign]) if missing else held
        row = _row(tuple(write.values), held[0])
        values: Values = dict(zip(write.values, row.values, strict=True))
        return WriteResult(write.key, Written.OK, campaign, created, values, row.version)


def _options(text: str | None) -> list[str]:
    return [one for one in (text or "").split(";") if one]


def _row(fields: Sequence[str], campaign: Mapping[str, Any]) -> Row:
    properties = {**campaign["properties"], STATUSES: ";".join(sorted(status_lists(campaign)))}
    values = tuple(properties.get(name) or None for name in fields)
    return Row(str(campaign["id"]), version(campaign["updatedAt"]), values)


def _gone(refused: Refused) -> Rejection:
    if refused.status == 404:
        return Rejection("record_gone", refused.rejection.message, refused.rejection.vendor_code)
    return refused.rejection


def schema() -> ObjectSchema:
    return ObjectSchema(HUBSPOT, OBJECT, FIELDS)

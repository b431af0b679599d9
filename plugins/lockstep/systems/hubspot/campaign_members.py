"""Members of campaigns, as links with a status: `campaigns/contacts`, from the lists that `campaigns` explains.

A contact in the lists of several statuses has the one that it joined last. Lists tell no changes and no removals: the members
of every campaign with such lists are read whole each time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

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
from lockstep.systems.base import Deleted, Read
from lockstep.systems.hubspot.campaigns import CampaignApi, status_lists
from lockstep.systems.hubspot.link_records import FROM, TO
from lockstep.systems.hubspot.reads import version

OBJECT, STATUS = "campaigns/contacts", "status"
NO_LIST = "The campaign has no list for the member status {!r}."


def schema() -> ObjectSchema:
    return ObjectSchema(HUBSPOT, OBJECT, {name: Field(name, name.title(), "string") for name in (FROM, TO, STATUS)})


class MemberRecords:
    """Implements `kinds.Kind` for `campaigns/contacts`."""

    def __init__(self, api: CampaignApi, now: Callable[[], datetime]):
        self._api, self._now = api, now

    def count_changed(self, object: str, window: Window) -> int:
        """Nobody tells what is new: campaigns whose members are to be read."""
        return next((len(page) for page in self._api.pages()), 0)

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        read_at = self._now()
        ids = [str(one["id"]) for page in self._api.pages() for one in page]
        for campaign in self._api.read(ids):
            if lists := status_lists(campaign):
                rows = list(self._rows(str(campaign["id"]), lists, fields).values())
                yield Page(rows, None, read_at, (str(campaign["id"]),))
        yield Page([], None, read_at)

    def _rows(self, campaign: str, lists: Mapping[str, str], fields: Sequence[str]) -> dict[str, Row]:
        """Contact -> its membership."""
        latest: dict[str, tuple[str, str]] = {}
        for status, list_id in lists.items():
            for one in self._api.members(list_id):
                joined = (version(one["membershipTimestamp"]), status)
                latest[str(one["recordId"])] = max(joined, latest.get(str(one["recordId"]), joined))
        return {key: _row(fields, campaign, key, status, stamp) for key, (stamp, status) in latest.items()}

    def deleted(self, object: str, window: Window) -> Deleted:
        """Removals leave no trace; `Page.whole` tells who is gone."""
        return Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        read_at, there = self._now(), dict[str, Row]()
        for campaign in self._api.read([_ends(one)[0] for one in ids]):
            there |= {row.id: row for row in self._rows(str(campaign["id"]), status_lists(campaign), fields).values()}
        return Read.found_or_gone(ids, there, read_at)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        return []

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]:
        """A call per list that gains or loses contacts."""
        ends = {one.key: _ends(one.record_id or f"{one.values[FROM]}-{one.values[TO]}") for one in writes}
        lists = {str(one["id"]): status_lists(one) for one in self._api.read([origin for origin, _ in ends.values()])}
        results = {one.key: _checked(one, action, lists.get(ends[one.key][0])) for one in writes}
        add: dict[str, list[Write]] = {}
        for one in writes:
            if results[one.key] is None and action is not Action.DELETE:
                add.setdefault(lists[ends[one.key][0]][one.values[STATUS] or ""], []).append(one)
        self._change(lists, add, [one for one in writes if results[one.key] is None], ends, results)
        return [results[one.key] or _done(one, ends[one.key], action) for one in writes]

    def _change(
        self,
        lists: Mapping[str, Mapping[str, str]],
        add: Mapping[str, Sequence[Write]],
        writes: Sequence[Write],
        ends: Mapping[int, tuple[str, str]],
        results: dict[int, WriteResult | None],
    ) -> None:
        """First in, then out: whoever changes status is a member all the time."""
        chosen = {one.key: list_id for list_id, some in add.items() for one in some}
        remove: dict[str, list[Write]] = {}
        for one in writes:
            for list_id in lists[ends[one.key][0]].values():
                if list_id != chosen.get(one.key):
                    remove.setdefault(list_id, []).append(one)
        for list_id, some, out in [(k, v, False) for k, v in add.items()] + [(k, v, True) for k, v in remove.items()]:
            left = [one for one in some if results[one.key] is None]
            contacts = [ends[one.key][1] for one in left]
            try:
                missing = self._api.change_members(list_id, [] if out else contacts, contacts if out else [])
            except LostAnswer:
                results |= {one.key: WriteResult(one.key, Written.UNKNOWN, one.record_id) for one in left}
            except LockstepError as error:
                words = error.rejection if isinstance(error, Refused) else kept_back(error)
                results |= {one.key: rejected(one, words) for one in left}
            else:
                gone = Rejection("reference_invalid", "HubSpot has no such contact.", fields=(TO,))
                results |= {one.key: rejected(one, gone) for one in left if not out and ends[one.key][1] in missing}


def _checked(write: Write, action: Action, lists: Mapping[str, str] | None) -> WriteResult | None:
    """The refusal of a write that cannot be done; None if it can."""
    if lists is None:
        return rejected(write, Rejection("record_gone", "HubSpot has no such campaign any more."))
    status = write.values.get(STATUS)
    if action is not Action.DELETE and status not in lists:
        return rejected(write, Rejection("member_statuses_differ", NO_LIST.format(status), fields=(STATUS,)))
    return None


def _ends(member_id: str) -> tuple[str, str]:
    """The campaign's id is a GUID, which has dashes of its own."""
    origin, _, target = member_id.rpartition("-")
    return origin, target


def _row(fields: Sequence[str], campaign: str, contact: str, status: str, stamp: str) -> Row:
    values: Values = {FROM: campaign, TO: contact, STATUS: status}
    return Row(f"{campaign}-{contact}", stamp, tuple(values[name] for name in fields))


def _done(write: Write, ends: tuple[str, str], action: Action) -> WriteResult:
    values: Values = {FROM: ends[0], TO: ends[1], STATUS: write.values.get(STATUS)}
    told: dict[str, Any] = {name: values[name] for name in write.values if name in values}
    return WriteResult(write.key, Written.OK, "-".join(ends), write.record_id is None, told)

"""Lists (segments): manual, snapshot and dynamic ones, and who is in them.

Source: the lists guide. The membership of a dynamic list follows its records with a delay (`list_lag_seconds`), so what
was just changed may still be in, or not yet.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from sandbox.hubspot import stamps
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.list_filters import compiled

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal
    from sandbox.hubspot.records import Record, Table

WAITING_MAX = 20_000
PROCESSING = ("MANUAL", "DYNAMIC", "SNAPSHOT")


@dataclass
class Membership:
    first: str
    last: str


@dataclass
class RecordList:
    """`ready_at`: the time (seconds) at which a dynamic or snapshot list is filled; None when that has happened."""

    id: str
    name: str
    object: str
    processing: str
    branch: dict[str, Any] | None
    created_at: str
    updated_at: str
    version: int = 1
    filters_updated_at: str | None = None
    deleted_at: str | None = None
    ready_at: float | None = None
    members: dict[int, Membership] = field(default_factory=dict)
    left: dict[int, Membership] = field(default_factory=dict)
    added_at: str | None = None
    removed_at: str | None = None

    @property
    def follows_links(self) -> bool:
        """Whether records that are linked to a member decide with it."""
        return self.branch is not None and b'"ASSOCIATION"' in orjson.dumps(self.branch)

    def put(self, record_id: int, at: str) -> bool:
        """True if the record was not in the list."""
        if record_id in self.members:
            return False
        earlier = self.left.pop(record_id, None)
        self.members[record_id] = Membership(earlier.first if earlier else at, at)
        self.added_at = at
        return True

    def take(self, record_id: int, at: str) -> bool:
        if record_id not in self.members:
            return False
        self.left[record_id] = self.members.pop(record_id)
        self.removed_at = at
        return True


def make(portal: Portal, name: str, table: Table, processing: str, branch: Any) -> RecordList:
    """A new list; it is filled after the lag. 400 for a branch that does not fit, 409 if the name is taken."""
    if processing not in PROCESSING:
        raise invalid(f"processingType must be one of {list(PROCESSING)}")
    if (branch is None) != (processing == "MANUAL"):
        needs = "may not have" if processing == "MANUAL" else "must have"
        raise invalid(f"A list of processing type {processing} {needs} a filterBranch.")
    if branch is not None:
        compiled(portal, table.kind.plural, branch)
    check_name(portal, name)
    at = portal.now()
    made = RecordList(str(portal.next_list), name, table.kind.plural, processing, branch, at, at)
    if branch is not None:
        made.filters_updated_at, made.ready_at = at, portal.clock.now().timestamp() + lag(portal)
    portal.next_list += 1
    portal.lists[made.id] = made
    return made


def check_name(portal: Portal, name: str, own: RecordList | None = None) -> None:
    if any(one.name.lower() == name.lower() and not one.deleted_at and one is not own for one in portal.lists.values()):
        status = int(portal.settings["list_name_taken_status"])
        raise ApiError(status, f"A list named '{name}' already exists.", "OBJECT_ALREADY_EXISTS")


def lag(portal: Portal) -> float:
    return float(portal.settings["list_lag_seconds"])


def load(portal: Portal, row: dict[str, Any]) -> None:
    """A list of the seeded world, filled at once."""
    at = stamps.iso(row["createdAt"])
    plural = portal.table(row["objectTypeId"]).kind.plural
    made = RecordList(row["id"], row["name"], plural, row["processingType"], row.get("filterBranch"), at, at)
    made.members = {int(key): Membership(at, at) for key in row["members"]}
    portal.lists[made.id] = made
    portal.next_list = max(portal.next_list, int(made.id) + 1)
    if made.branch is not None:
        made.filters_updated_at = at
        fill(portal, made, at)


def fill(portal: Portal, one: RecordList, at: str) -> None:
    """Evaluate all records of the list's object type."""
    test = compiled(portal, one.object, one.branch)
    for record in portal.tables[one.object].live.values():
        judge(one, record, test(record), at)
    one.ready_at = None


def judge(one: RecordList, record: Record, passes: bool, at: str) -> None:
    if passes:
        one.put(record.id, at)
    else:
        one.take(record.id, at)


def refilter(portal: Portal, one: RecordList, branch: Any) -> None:
    compiled(portal, one.object, branch)
    one.branch, one.updated_at, one.filters_updated_at = branch, portal.now(), portal.now()
    one.version += 1
    one.ready_at = portal.clock.now().timestamp() + lag(portal)


# --- following the records -----------------------------------------------------------------------------------------
def touch(portal: Portal, plural: str, record_id: int) -> None:
    """A record or its links changed: dynamic lists look at it and what is linked to it again after the lag."""
    if not portal.lists:
        return
    due = portal.clock.now().timestamp() + lag(portal)
    portal.to_judge.append((due, plural, record_id))
    if any(one.follows_links for one in portal.lists.values()):
        near = portal.links.targets((plural, record_id)).items()
        portal.to_judge.extend((due, name, to) for name, rows in near for to in rows)
    if len(portal.to_judge) > WAITING_MAX:
        catch_up(portal)


def catch_up(portal: Portal) -> None:
    """Let every list look at what is due."""
    now, at = portal.clock.now().timestamp(), portal.now()
    for one in portal.lists.values():
        if one.ready_at is not None and one.ready_at <= now:
            fill(portal, one, at)
    due: dict[str, dict[int, None]] = {}
    while portal.to_judge and portal.to_judge[0][0] <= now:
        _, plural, record_id = portal.to_judge.popleft()
        due.setdefault(plural, {})[record_id] = None
    for one in portal.lists.values():
        if one.processing == "DYNAMIC" and one.ready_at is None and one.object in due:
            look_again(portal, one, due[one.object], at)


def look_again(portal: Portal, one: RecordList, record_ids: dict[int, None], at: str) -> None:
    test, live = compiled(portal, one.object, one.branch), portal.tables[one.object].live
    for record_id in record_ids:
        if record := live.get(record_id):
            judge(one, record, test(record), at)


def members(portal: Portal, one: RecordList) -> dict[int, Membership]:
    """Who is in the list now, by id in order: the survivors of merges, and nobody who is archived."""
    catch_up(portal)
    table = portal.tables[one.object]
    found: dict[int, Membership] = {}
    for record_id, membership in one.members.items():
        key = table.resolve(record_id)
        if key in table.live:
            found.setdefault(key, membership)
    return dict(sorted(found.items()))


def facts(portal: Portal, one: RecordList) -> dict[str, str]:
    """What a search tells of a list beside its definition; merged members count as added when the survivor was last changed."""
    found, table = members(portal, one), portal.tables[one.object]
    added = [one.added_at or "", *(table.live[key].updated_at for key in found if key not in one.members)]
    times = {"hs_last_record_added_at": max(added), "hs_last_record_removed_at": one.removed_at}
    return {"hs_list_size": str(len(found)), **{k: str(stamps.milliseconds(at)) for k, at in times.items() if at}}


def plain(portal: Portal) -> list[dict[str, Any]]:
    """All lists with their members, for the admin API."""
    return [
        {**vars(one), "members": [str(key) for key in members(portal, one)], "left": len(one.left)}
        for one in portal.lists.values()
    ]

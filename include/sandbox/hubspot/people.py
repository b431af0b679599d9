"""What people do in HubSpot's screens: the same stores as the API, with another author and fewer restrictions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from sandbox.arguments import check
from sandbox.hubspot import endings, visits
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.link_types import LinkType
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, Table
from sandbox.hubspot.writing import Author, Writer

PERSON = Author("CRM_UI", "userId:12300002", 12_300_002)


class People:
    """Each public method is one action of the admin API; its keyword arguments are the action's arguments."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal

    def act(self, action: str, arguments: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError, in a sentence, for an unknown action, a wrong argument, or what HubSpot refuses."""
        actions = {name: getattr(self, name) for name in dir(self) if not name.startswith("_") and name != "act"}
        actions = {name: method for name, method in actions.items() if callable(method)}
        if action not in actions:
            raise ValueError(f"unknown HubSpot action {action!r}; known are {sorted(actions)}")
        check(get_type_hints(actions[action]), arguments)
        return call(actions[action], action, arguments)

    def create(self, object: str, fields: dict[str, Any]) -> dict[str, Any]:
        writer, table = self._writer(), self.portal.table(object)
        record, _ = writer.store(writer.check_create(table, fields))
        return {"id": str(record.id)}

    def edit(self, object: str, id: str | int, fields: dict[str, Any]) -> dict[str, Any]:
        writer, table = self._writer(), self.portal.table(object)
        writer.store(writer.check_update(self._record(table, id), table, fields))
        return {"id": str(id)}

    def change_owner(self, object: str, id: str | int, owner: str | int | None) -> dict[str, Any]:
        """`owner` is an owner's id; None takes the owner away."""
        return self.edit(object, id, {"hubspot_owner_id": str(owner or "")})

    def delete(self, object: str, id: str | int) -> dict[str, Any]:
        table = self.portal.table(object)
        endings.archive(self._writer(), table, self._record(table, id))
        return {"id": str(id)}

    def undelete(self, object: str, id: str | int) -> dict[str, Any]:
        endings.restore(self._writer(), self.portal.table(object), int(id))
        return {"id": str(id)}

    def merge(self, object: str, winner: str | int, loser: str | int) -> dict[str, Any]:
        """Returns the survivor's id, which by default is a new one."""
        table = self.portal.table(object)
        survivor = endings.merge(self._writer(), table, self._record(table, winner), self._record(table, loser))
        return {"id": str(survivor.id)}

    def gdpr_delete(self, object: str, id: str | int) -> dict[str, Any]:
        table = self.portal.table(object)
        record = table.find(str(id), None) or table.find(str(id), None, archived=True)
        if record is None:
            raise ValueError(f"there is no {table.kind.singular} {id}")
        endings.gdpr_delete(self._writer(), table, record, None)
        return {"id": str(id)}

    def associate(
        self, from_type: str, from_id: str | int, to_type: str, to_id: str | int, type: int | None = None
    ) -> dict[str, Any]:
        """`type` is an association type id, such as 1 for a contact's primary company; None is unlabelled."""
        origin, target, kinds = self._link(from_type, from_id, to_type, to_id, type)
        unlabelled = [self.portal.links.unlabelled(origin[0], target[0])]
        self._writer().link(origin, target, kinds or unlabelled)
        return {"from": str(from_id), "to": str(to_id)}

    def disassociate(
        self, from_type: str, from_id: str | int, to_type: str, to_id: str | int, type: int | None = None
    ) -> dict[str, Any]:
        """Remove one association type, or all with `type` None."""
        origin, target, kinds = self._link(from_type, from_id, to_type, to_id, type)
        return {"removed": self._writer().unlink(origin, target, kinds)}

    def set_owner_active(self, id: str | int, active: bool) -> dict[str, Any]:
        """Deactivate an owner, or take one back; records keep the id."""
        if str(id) not in self.portal.owners:
            raise ValueError(f"there is no owner {id}")
        self.portal.owners[str(id)] |= {"archived": not active, "updatedAt": self.portal.now()}
        return {"id": str(id)}

    def edit_list(
        self, id: str | int, add: list[str | int] | None = None, remove: list[str | int] | None = None
    ) -> dict[str, Any]:
        """Put records into a manual list, or take them out."""
        one = self.portal.lists.get(str(id))
        if one is None or one.processing == "DYNAMIC":
            raise ValueError(f"there is no manual list {id}")
        table = self.portal.tables[one.object]
        for key in add or []:
            one.put(self._record(table, key).id, self.portal.now())
        for key in remove or []:
            one.take(self._record(table, key).id, self.portal.now())
        return {"id": str(id), "members": len(one.members)}

    def submit_form(
        self,
        email: str,
        gclid: str | None = None,
        began_at: str | None = None,
        cookie: bool = True,
        fields: dict[str, Any] | None = None,
        form: str = "Contact us",
    ) -> dict[str, Any]:
        """A visitor sends a form in; `gclid`: of the ad whose click began the session, `began_at`: when it began (now)."""
        return {"id": str(visits.submit_form(self.portal, email, gclid, began_at, cookie, fields or {}, form).id)}

    # --- helpers ---------------------------------------------------------------------------------------------------
    def _writer(self) -> Writer:
        return Writer(self.portal, PERSON)

    def _record(self, table: Table, id: str | int) -> Record:
        record = table.find(str(id), None)
        if record is None:
            raise ValueError(f"there is no {table.kind.singular} {id}")
        return record

    def _link(
        self, from_type: str, from_id: str | int, to_type: str, to_id: str | int, type: int | None
    ) -> tuple[tuple[str, int], tuple[str, int], list[LinkType] | None]:
        origin, target = self.portal.table(from_type), self.portal.table(to_type)
        one, two = self._record(origin, from_id), self._record(target, to_id)
        known = self.portal.links.kinds(origin.kind.plural, target.kind.plural)
        if type is not None and int(type) not in known:
            raise ValueError(f"no association type {type} from {from_type} to {to_type}; known are {sorted(known)}")
        kinds = [known[int(type)]] if type is not None else None
        return (origin.kind.plural, one.id), (target.kind.plural, two.id), kinds


def call(method: Callable[..., dict[str, Any]], action: str, arguments: dict[str, Any]) -> dict[str, Any]:
    try:
        return method(**arguments)
    except ApiError as error:
        raise ValueError(f"{action}: {error.message}") from error
    except TypeError as error:
        raise ValueError(f"{action}: {error}") from error

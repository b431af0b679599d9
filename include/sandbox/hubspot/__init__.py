"""HubSpot's CRM APIs over one in-memory portal, in both path families (v3/v4 and dated)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from sandbox.hubspot import answers, campaigns, lists
from sandbox.hubspot.app import HubSpotApp
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.people import People
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.records import Record, Table
from sandbox.hubspot.settings import Settings

if TYPE_CHECKING:
    from sandbox.clock import Clock
    from sandbox.world import World

__all__ = ["HubSpot"]

#: what is not a CRM object, each as plain records with an `id`
KEPT_APART: dict[str, Callable[[Portal], list[dict[str, Any]]]] = {
    "owners": lambda portal: list(portal.owners.values()),
    "lists": lists.plain,
    "campaigns": campaigns.plain,
}


class HubSpot:
    """The vendor: `app` serves its wire protocol, the rest is for tests and operators."""

    name = "hubspot"
    hosts = ("api.hubapi.com",)

    def __init__(self, clock: Clock, world: World, settings: dict[str, Any] | None = None) -> None:
        self.settings = Settings(settings)
        self.portal = Portal(clock, world, self.settings)
        self.app = HubSpotApp(self.portal)
        self.people = People(self.portal)

    def act(self, action: str, **arguments: Any) -> dict[str, Any]:
        """Do something as a person, or `expire_tokens`; raises ValueError on a wrong action or argument."""
        if action == "expire_tokens":
            return self.expire_tokens()
        return self.people.act(action, arguments)

    def expire_tokens(self) -> dict[str, Any]:
        """From now on every token that was used so far is answered 401; a token not seen before works."""
        self.app.expired_tokens |= self.app.seen_tokens
        return {"expired": len(self.app.seen_tokens)}

    def read(self, object: str, id: str) -> dict[str, Any] | None:
        """One record, owner or merged-away id with all hidden state; None if there is nothing of that id."""
        if object in KEPT_APART:
            return next((row for row in self.records(object) if row["id"] == str(id)), None)
        table = self._table(object)
        key = table.resolve(int(id)) if str(id).isdigit() else -1
        record = table.live.get(key) or table.archived.get(key)
        return self._whole(table, record) if record else None

    def records(self, object: str) -> Iterator[dict[str, Any]]:
        """All live records of an object type, in the order of ids, or all owners, lists or campaigns."""
        if object in KEPT_APART:
            yield from KEPT_APART[object](self.portal)
            return
        table = self._table(object)
        for record_id in list(table.ids):
            yield self._shown(table, table.live[record_id])

    def _table(self, name: str) -> Table:
        try:
            return self.portal.table(name)
        except ApiError as error:
            raise ValueError(f"HubSpot has no object {name!r}") from error

    def _shown(self, table: Table, record: Record) -> dict[str, Any]:
        filled = sorted(name for name, value in record.properties.items() if value is not None)
        key = (table.kind.plural, record.id)
        links = {
            target: {str(to): sorted(types) for to, types in sorted(rows.items())}
            for target, rows in self.portal.links.targets(key).items()
            if rows
        }
        return answers.record_json(record, filled) | {"associations": links}

    def _whole(self, table: Table, record: Record) -> dict[str, Any]:
        merged = [str(key) for key in table.merged if table.resolve(key) == record.id]
        history = {name: [version.json() for version in versions] for name, versions in record.history.items()}
        indexed = table.index.get(record.id)
        return self._shown(table, record) | {"history": history, "indexed": indexed, "mergedIds": merged}

"""The Salesforce vendor as the server knows it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sandbox.clock import Clock
from sandbox.http import asgi
from sandbox.salesforce.api import Api
from sandbox.salesforce.errors import Rejected
from sandbox.salesforce.ids import to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.people import People

if TYPE_CHECKING:
    from sandbox.world import World


class Salesforce:
    """One organisation: ``app`` serves it over HTTP, ``act`` acts as a person in it."""

    name = "salesforce"
    hosts = ("login.salesforce.com", "test.salesforce.com", "*.my.salesforce.com", "*.salesforce.com")

    def __init__(self, clock: Clock, world: "World", settings: dict[str, Any] | None = None) -> None:
        self.org = Org(clock, settings)
        self.org.store.load(world.salesforce)
        self.org.reshape()
        self._serve()

    def _serve(self) -> None:
        self.api = Api(self.org)
        self.people = People(self.org)
        self.settings = self.org.settings
        self.app = asgi(self.api.handle)

    def __getstate__(self) -> Org:
        """What outlives a run is the organisation; sessions, cursors and jobs do not."""
        return self.org

    def __setstate__(self, org: Org) -> None:
        self.org = org
        self._serve()

    def act(self, action: str, **args: Any) -> dict[str, Any]:
        """Act as a person or administrator; ValueError with a sentence on a wrong action or argument."""
        if action == "expire_tokens":
            return {"expired": self.api.sessions.expire_all()}
        return self.people.act(action, **args)

    def read(self, object: str, id: str) -> dict[str, Any] | None:  # noqa: A002
        """Return a whole row, deleted or not yet committed ones too; None if there is none."""
        row = self.org.store.tables[self._name(object)].get(to18(id))
        return dict(row) if row is not None else None

    def records(self, object: str) -> Iterator[dict[str, Any]]:  # noqa: A002
        """Yield all live rows of an object."""
        self.org.store.tick()
        yield from map(dict, self.org.store.rows(self._name(object)))

    def _name(self, name: str) -> str:
        try:
            return self.org.object_name(name)
        except Rejected as error:
            raise ValueError(f"Salesforce has no object {name!r}") from error

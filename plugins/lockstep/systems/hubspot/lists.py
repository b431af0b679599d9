"""Lists (segments): who is in one. Source: HubSpot's lists guide."""

from collections.abc import Iterator
from typing import Any

from lockstep.errors import ConfigError
from lockstep.systems.answers import Refused
from lockstep.systems.hubspot.transport import Client, json_of

PAGE = 250
#: lists are addressed by the id of their object type
TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}


class HubSpotLists:
    def __init__(self, client: Client):
        self._client = client

    def members(self, object: str, name: str) -> frozenset[str]:
        """The ids of the records in the list of that name or number. Dynamic lists follow their records with a delay.

        :raises ConfigError: there is no such list
        """
        return frozenset(str(one["recordId"]) for page in self._pages(self._id(object, name)) for one in page)

    def _id(self, object: str, name: str) -> str:
        api = self._client.crm.lists.lists_api
        try:
            if name.isdigit():
                found = json_of(api.get_by_id, name)
            else:
                found = json_of(api.get_by_name, name, TYPE_IDS.get(object, object))
        except Refused as error:
            raise ConfigError(
                f"HubSpot has no list {name!r} of {object}: {error.rejection.message}",
                hint="Correct `inclusion_list` in the mapping, or make the list in HubSpot.",
            ) from error
        return str(found["list"]["listId"])

    def _pages(self, list_id: str) -> Iterator[list[dict[str, Any]]]:
        options: dict[str, Any] = {"limit": PAGE}
        while True:
            answer = json_of(self._client.crm.lists.memberships_api.get_page, list_id, **options)
            yield answer["results"]
            after = (answer.get("paging") or {}).get("next", {}).get("after")
            if after is None:
                return
            options["after"] = after

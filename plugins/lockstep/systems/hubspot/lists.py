"""Lists (segments): who is in one. Source: HubSpot's lists guide."""

from collections.abc import Iterator
from typing import Any

from lockstep.errors import ConfigError
from lockstep.systems.answers import Refused
from lockstep.systems.base import Members
from lockstep.systems.hubspot.transport import Client, json_of

PAGE = 250
#: lists are addressed by the id of their object type
TYPE_IDS = {"contacts": "0-1", "companies": "0-2", "deals": "0-3", "tickets": "0-5"}

#: what changes with the members of a list; a list that nobody left has no time of that
_MARKED = ("hs_list_size", "hs_last_record_added_at", "hs_last_record_removed_at")


class HubSpotLists:
    def __init__(self, client: Client):
        self._client = client

    def members(self, object: str, name: str, known: str | None = None) -> Members:
        """The ids of the records in the list of that name or number; only their mark if it is `known`. Dynamic lists follow
        their records with a delay.

        :raises ConfigError: there is no such list
        """
        list_id = self._id(object, name)
        # before the members: what changes while they are read has another mark
        mark = self._mark(list_id)
        if mark is not None and mark == known:
            return Members(mark, None)
        return Members(mark, frozenset(str(one["recordId"]) for page in self._pages(list_id) for one in page))

    def _mark(self, list_id: str) -> str | None:
        """The list's size and when it last won and lost a member, which HubSpot tells in a search for lists alone."""
        wanted = {"listIds": [list_id], "offset": 0, "count": 1, "processingTypes": [], "additionalProperties": []}
        for one in json_of(self._client.crm.lists.lists_api.do_search, wanted)["lists"]:
            told = one.get("additionalProperties") or {}
            if str(one["listId"]) == list_id and all(told.get(name) for name in _MARKED[:2]):
                return ":".join((list_id, *(told.get(name) or "" for name in _MARKED)))
        return None

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

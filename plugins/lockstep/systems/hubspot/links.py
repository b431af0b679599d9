"""Associations as fields: "association:companies/primary" holds the id of the record's primary company.

Labels are matched by their text when reading; the type ids that writing needs come from the portal's own list of labels,
since constants differ between pairs of objects and directions. The unlabelled association is "association:companies".
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lockstep.errors import ConfigError
from lockstep.model import Rejection
from lockstep.systems.answers import Refused
from lockstep.systems.base import ASSOCIATION, parts
from lockstep.systems.hubspot.refusals import rejections_of
from lockstep.systems.hubspot.transport import Client, json_of

#: associations batch read takes up to 1,000 records
READ_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class LinkField:
    """A parsed pseudo-field. `label` None: the unlabelled association."""

    field: str
    target: str
    label: str | None

    @classmethod
    def parse(cls, field: str) -> "LinkField":
        target, _, label = field.removeprefix(ASSOCIATION).partition("/")
        return cls(field, target, label.casefold() or None)

    def is_in(self, types: Sequence[Mapping[str, Any]]) -> bool:
        return any((one.get("label") or "").casefold() == (self.label or "") for one in types)


def is_link(field: str) -> bool:
    return field.startswith(ASSOCIATION)


Links = dict[str, dict[str, str]]


class LinkApi:
    """Reads and writes associations of many records at once."""

    def __init__(self, client: Client):
        self._client = client
        self._labels: dict[tuple[str, str], list[dict[str, Any]]] = {}

    @cached_property
    def _batch(self) -> Any:
        return self._client.crm.associations.v4.batch_api

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Links:
        """field -> record id -> the id it is linked to; of several, the lowest. A record without a link is absent."""
        wanted = [LinkField.parse(field) for field in fields]
        found: Links = {field: {} for field in fields}
        for target in dict.fromkeys(one.target for one in wanted):
            for chunk in parts(ids, READ_BATCH):
                for record_id, links in self._linked(object, target, [{"id": one} for one in chunk]):
                    for field in wanted:
                        _choose(found[field.field], field, target, record_id, links)
        return found

    def _linked(self, object: str, target: str, inputs: list[dict[str, Any]]) -> list[tuple[str, list[Any]]]:
        found: list[tuple[str, list[Any]]] = []
        while inputs:
            answer = json_of(self._batch.get_page, object, target, {"inputs": inputs})
            found += [(str(one["from"]["id"]), one["to"]) for one in answer["results"]]
            inputs = [
                {"id": str(one["from"]["id"]), "after": one["paging"]["next"]["after"]}
                for one in answer["results"]
                if one.get("paging", {}).get("next")
            ]
        return found

    def write(self, object: str, field: str, links: Mapping[str, str | None]) -> dict[str, Rejection]:
        """Set (or take away: None) one link per record. Returns record id -> rejection of those that were refused."""
        one = LinkField.parse(field)
        kind = self._type(object, one)
        refused = self._create(object, one, kind, {key: to for key, to in links.items() if to is not None})
        emptied = [key for key, to in links.items() if to is None]
        return refused | (self._remove(object, one, kind, emptied) if emptied else {})

    def _type(self, object: str, field: LinkField) -> dict[str, Any]:
        key = (object, field.target)
        if key not in self._labels:
            api = self._client.crm.associations.v4.schema.definitions_api
            self._labels[key] = json_of(api.get_all, *key)["results"]
        for one in self._labels[key]:
            if (one.get("label") or "").casefold() == (field.label or ""):
                return {"associationCategory": one["category"], "associationTypeId": one["typeId"]}
        raise ConfigError(
            f"HubSpot has no association label '{field.label}' from {object} to {field.target}.",
            hint=f"Correct the field {field.field} in the mapping, or create the label in HubSpot.",
        )

    def _create(
        self, object: str, field: LinkField, kind: Mapping[str, Any], links: Mapping[str, str]
    ) -> dict[str, Rejection]:
        if not links:
            return {}
        inputs = [{"from": {"id": key}, "to": {"id": to}, "types": [kind]} for key, to in links.items()]
        try:
            answer = json_of(self._batch.create, object, field.target, {"inputs": inputs})
        except Refused as refused:
            return self._bisect(object, field, kind, links, refused)
        return _unlinked(field, links, answer or {})

    def _bisect(
        self, object: str, field: LinkField, kind: Mapping[str, Any], links: Mapping[str, str], refused: Refused
    ) -> dict[str, Rejection]:
        """One id that does not exist makes HubSpot refuse the whole call."""
        if len(links) == 1:
            code = "reference_invalid" if refused.status in {400, 404} else refused.rejection.code
            words = refused.rejection
            return {key: Rejection(code, words.message, words.vendor_code, (field.field,)) for key in links}
        keys = list(links)
        halves = (keys[: len(keys) // 2], keys[len(keys) // 2 :])
        first, second = (self._create(object, field, kind, {key: links[key] for key in half}) for half in halves)
        return first | second

    def _remove(
        self, object: str, field: LinkField, kind: Mapping[str, Any], ids: Sequence[str]
    ) -> dict[str, Rejection]:
        """Take a label away (the records stay associated), or the unlabelled association itself."""
        held = self.read(object, [field.field], ids)[field.field]
        if not held:
            return {}
        if field.label is None:
            inputs = [{"from": {"id": key}, "to": [{"id": to}]} for key, to in held.items()]
            json_of(self._batch.archive, object, field.target, {"inputs": inputs})
        else:
            labelled = [{"from": {"id": key}, "to": {"id": to}, "types": [kind]} for key, to in held.items()]
            json_of(self._batch.archive_labels, object, field.target, {"inputs": labelled})
        return {}


def _choose(found: dict[str, str], field: LinkField, target: str, record_id: str, links: Sequence[Any]) -> None:
    if field.target != target:
        return
    # ids are text in the specification and numbers on the wire
    for to in (str(one["toObjectId"]) for one in links if field.is_in(one["associationTypes"])):
        if record_id not in found or int(to) < int(found[record_id]):
            found[record_id] = to


def _unlinked(field: LinkField, links: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, Rejection]:
    """The records that a partly successful call left out: with errors, those that are not among its results."""
    errors = answer.get("errors") or []
    if not errors:
        return {}
    done = {str(one.get("fromObjectId") or (one.get("from") or {}).get("id")) for one in answer.get("results") or []}
    words = rejections_of(errors[0])[0]
    rejection = Rejection("reference_invalid", words.message, words.vendor_code, (field.field,))
    return {key: rejection for key in links if key not in done}

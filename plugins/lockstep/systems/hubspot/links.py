"""Associations as fields: "association:companies/primary" holds the id of the record's primary company.

Labels are matched by their text, "Decision maker" as "decision_maker"; the type ids that writing needs come from the portal's
own list of labels, since constants differ between pairs of objects and directions. The unlabelled association is
"association:companies": HubSpot adds it to every label, and taking it away takes the labels along.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from lockstep.errors import ConfigError
from lockstep.model import Rejection
from lockstep.systems.answers import Refused
from lockstep.systems.base import ASSOCIATION, parts
from lockstep.systems.hubspot.names import api_name
from lockstep.systems.hubspot.refusals import rejections_of
from lockstep.systems.hubspot.transport import Client, json_of

#: associations batch read takes up to 1,000 records
READ_BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Link:
    """One end of an association, by the mapping's name of its object."""

    target: str
    id: str


@dataclass(frozen=True, slots=True)
class LinkField:
    """A parsed pseudo-field. `label` None: the unlabelled association. `targets`: objects in their order of preference; of
    several, a value names its own: `deals:123`."""

    field: str
    targets: tuple[str, ...]
    label: str | None

    @classmethod
    def parse(cls, field: str) -> "LinkField":
        targets, _, label = field.removeprefix(ASSOCIATION).partition("/")
        return cls(field, tuple(targets.split("|")), _name_of(label) or None)

    def is_in(self, types: Sequence[Mapping[str, Any]]) -> bool:
        return any(_name_of(one.get("label")) == (self.label or "") for one in types)

    def value(self, link: Link) -> str:
        return link.id if len(self.targets) == 1 else f"{link.target}:{link.id}"

    def link(self, value: str) -> Link:
        """What a value means; the mapping names only objects that it knows."""
        target, _, record_id = value.rpartition(":")
        return Link(target or self.targets[0], record_id)

    def rank(self, link: Link) -> tuple[int, int]:
        """The lower, the better: a record's value is the best of its links."""
        return self.targets.index(link.target), int(link.id)


def _name_of(label: str | None) -> str:
    return re.sub(r"\W+", "_", (label or "").casefold()).strip("_")


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
        """field -> record id -> what it is linked to; of several, the best. A record without a link is absent."""
        wanted = [LinkField.parse(field) for field in fields]
        held = self._held(object, wanted, ids)
        return {
            one.field: {key: one.value(min(links, key=one.rank)) for key, links in held[one.field].items() if links}
            for one in wanted
        }

    def held(self, object: str, field: str, ids: Sequence[str]) -> dict[str, list[Link]]:
        """Record id -> all its links of that kind."""
        return self._held(object, [LinkField.parse(field)], ids)[field]

    def link(self, object: str, field: str, links: Mapping[str, str]) -> dict[str, Rejection]:
        """Add a link to each record; the others stay. Returns record id -> rejection."""
        one = LinkField.parse(field)
        return self._create(object, one, one.targets[0], links)

    def unlink(self, object: str, target: str, pairs: Sequence[tuple[str, str]]) -> None:
        """Take associations away, with all their labels; those that are not there are passed over."""
        inputs = [{"from": {"id": key}, "to": [{"id": to}]} for key, to in pairs]
        json_of(self._batch.archive, object, api_name(target), {"inputs": inputs})

    def _held(self, object: str, fields: Sequence[LinkField], ids: Sequence[str]) -> dict[str, dict[str, list[Link]]]:
        """field -> record id -> all its links of that kind."""
        found: dict[str, dict[str, list[Link]]] = {one.field: {} for one in fields}
        for target in dict.fromkeys(target for one in fields for target in one.targets):
            asking = [one for one in fields if target in one.targets]
            for chunk in parts(ids, READ_BATCH):
                for record_id, links in self._linked(object, target, [{"id": one} for one in chunk]):
                    for one in asking:
                        # ids are text in the specification and numbers on the wire
                        held = [
                            Link(target, str(to["toObjectId"])) for to in links if one.is_in(to["associationTypes"])
                        ]
                        found[one.field].setdefault(record_id, []).extend(held)
        return found

    def _linked(self, object: str, target: str, inputs: list[dict[str, Any]]) -> list[tuple[str, list[Any]]]:
        found: list[tuple[str, list[Any]]] = []
        while inputs:
            answer = json_of(self._batch.get_page, object, api_name(target), {"inputs": inputs})
            found += [(str(one["from"]["id"]), one["to"]) for one in answer["results"]]
            inputs = [
                {"id": str(one["from"]["id"]), "after": one["paging"]["next"]["after"]}
                for one in answer["results"]
                if one.get("paging", {}).get("next")
            ]
        return found

    def write(self, object: str, field: str, links: Mapping[str, str | None]) -> dict[str, Rejection]:
        """Set (or take away: None) one link per record. Returns record id -> rejection of those that were refused.

        A label that only one record can have is moved by HubSpot itself; without labels, links that would hide the new one
        are taken away first. Other links stay: Salesforce has one place where HubSpot has many.
        """
        one = LinkField.parse(field)
        wanted = {key: one.link(to) if to is not None else None for key, to in links.items()}
        refused: dict[str, Rejection] = {}
        for target in one.targets:
            there = {key: to.id for key, to in wanted.items() if to is not None and to.target == target}
            refused |= self._create(object, one, target, there)
        left = {key: to for key, to in wanted.items() if key not in refused and (to is None or one.label is None)}
        if left:
            self._remove(object, one, left)
        return refused

    def _type(self, object: str, field: LinkField, target: str) -> dict[str, Any]:
        key = (object, api_name(target))
        if key not in self._labels:
            api = self._client.crm.associations.v4.schema.definitions_api
            self._labels[key] = json_of(api.get_all, *key)["results"]
        for one in self._labels[key]:
            if _name_of(one.get("label")) == (field.label or ""):
                return {"associationCategory": one["category"], "associationTypeId": one["typeId"]}
        raise ConfigError(
            f"HubSpot has no association label '{field.label}' from {object} to {target}.",
            hint=f"Correct the field {field.field} in the mapping, or create the label in HubSpot.",
        )

    def _create(self, object: str, field: LinkField, target: str, links: Mapping[str, str]) -> dict[str, Rejection]:
        if not links:
            return {}
        kind = self._type(object, field, target)
        inputs = [{"from": {"id": key}, "to": {"id": to}, "types": [kind]} for key, to in links.items()]
        try:
            answer = json_of(self._batch.create, object, api_name(target), {"inputs": inputs})
        except Refused as refused:
            return self._bisect(object, field, target, links, refused)
        return _unlinked(field, links, answer or {})

    def _bisect(
        self, object: str, field: LinkField, target: str, links: Mapping[str, str], refused: Refused
    ) -> dict[str, Rejection]:
        """One id that does not exist makes HubSpot refuse the whole call."""
        if len(links) == 1:
            code = "reference_invalid" if refused.status in {400, 404} else refused.rejection.code
            words = refused.rejection
            return {key: Rejection(code, words.message, words.vendor_code, (field.field,)) for key in links}
        keys = list(links)
        halves = (keys[: len(keys) // 2], keys[len(keys) // 2 :])
        first, second = (self._create(object, field, target, {key: links[key] for key in half}) for half in halves)
        return first | second

    def _remove(self, object: str, field: LinkField, wanted: Mapping[str, Link | None]) -> None:
        """Take away the links that are better than the wanted one, or for None the best: a label (the records stay
        associated), or the unlabelled association itself, which takes its labels with it."""
        held = self._held(object, [field], list(wanted))[field.field]
        away: dict[str, list[tuple[str, str]]] = {}
        for key, links in held.items():
            for link in _in_the_way(field, links, wanted[key]):
                away.setdefault(link.target, []).append((key, link.id))
        for target, pairs in away.items():
            if field.label is None:
                self.unlink(object, target, pairs)
            else:
                kind = self._type(object, field, target)
                labelled = [{"from": {"id": key}, "to": {"id": to}, "types": [kind]} for key, to in pairs]
                json_of(self._batch.archive_labels, object, api_name(target), {"inputs": labelled})


def _in_the_way(field: LinkField, links: Sequence[Link], wanted: Link | None) -> list[Link]:
    if wanted is not None:
        return [link for link in links if field.rank(link) < field.rank(wanted)]
    return list(links)


def _unlinked(field: LinkField, links: Mapping[str, str], answer: Mapping[str, Any]) -> dict[str, Rejection]:
    """The records that a partly successful call left out: with errors, those that are not among its results."""
    errors = answer.get("errors") or []
    if not errors:
        return {}
    done = {str(one.get("fromObjectId") or (one.get("from") or {}).get("id")) for one in answer.get("results") or []}
    words = rejections_of(errors[0])[0]
    rejection = Rejection("reference_invalid", words.message, words.vendor_code, (field.field,))
    return {key: rejection for key in links if key not in done}

"""Associations v4: typed, labelled, kept in both directions.

Type ids: direction matters; only one company per record is primary, and a new primary demotes the old one. Removing
the unlabelled association removes the labels with it.
"""

from __future__ import annotations

from typing import Any

from sandbox.hubspot import link_types
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.link_types import PRIMARY, USER, LinkType
from sandbox.hubspot.shapes import as_int

Key = tuple[str, int]


class Links:
    """All association types and all links of the portal."""

    def __init__(self) -> None:
        self.types: dict[tuple[str, str], dict[int, LinkType]] = {}
        self.links: dict[Key, dict[str, dict[int, set[int]]]] = {}
        self.next_type = 101
        for kind in link_types.standard():
            self._define(kind)

    def _define(self, kind: LinkType) -> None:
        self.types.setdefault((kind.origin, kind.target), {})[kind.id] = kind

    # --- types -----------------------------------------------------------------------------------------------------
    def kinds(self, origin: str, target: str) -> dict[int, LinkType]:
        return self.types.get((origin, target), {})

    def unlabelled(self, origin: str, target: str) -> LinkType:
        for kind in self.kinds(origin, target).values():
            if kind.label is None:
                return kind
        raise invalid(f"No association type exists between {origin} and {target}.")

    def check(self, origin: str, target: str, types: Any) -> list[LinkType]:
        """The link types of a request's `types`; 400 for none, or for one that is not of this pair of objects."""
        if not isinstance(types, list) or not types:
            raise invalid("Some required fields were not set: [types]")
        return [self._kind(origin, target, row) for row in types]

    def _kind(self, origin: str, target: str, row: Any) -> LinkType:
        row = row if isinstance(row, dict) else {}
        kind = self.kinds(origin, target).get(as_int(row.get("associationTypeId")))
        if kind is None or row.get("associationCategory") != kind.category:
            shown = f"{row.get('associationCategory')}: {row.get('associationTypeId')}"
            raise invalid(f"Invalid association type {shown} for objects {origin} to {target}.")
        return kind

    def add_label(self, origin: str, target: str, label: str, name: str, inverse: str | None) -> list[LinkType]:
        """A pair of user-defined types; 400 if the name exists for this pair of objects."""
        if any(kind.name == name for kind in self.kinds(origin, target).values()):
            raise ApiError(400, f"A label named {name} already exists.", "OBJECT_ALREADY_EXISTS")
        forward, back = self.next_type, self.next_type + (0 if origin == target and not inverse else 1)
        self.next_type = back + 1
        pair = [LinkType(forward, origin, target, back, label, USER, name)]
        if back != forward:
            pair.append(LinkType(back, target, origin, forward, inverse or label, USER, name))
        for kind in pair:
            self._define(kind)
        return pair

    def relate(self, origin: str, target: str, name: str) -> tuple[LinkType, ...]:
        """The unlabelled type of a pair of which one is a custom object: defined by the portal. Both directions."""
        forward, back = self.next_type, self.next_type + (origin != target)
        self.next_type = back + 1
        pair = (
            LinkType(forward, origin, target, back, None, USER, name),
            LinkType(back, target, origin, forward, None, USER, name),
        )
        for kind in pair:
            self._define(kind)
        return pair

    def rename(self, kind: LinkType, label: str) -> None:
        self._define(LinkType(kind.id, kind.origin, kind.target, kind.inverse, label, kind.category, kind.name))

    def remove_label(self, kind: LinkType) -> None:
        self.types[kind.origin, kind.target].pop(kind.id, None)
        self.types.get((kind.target, kind.origin), {}).pop(kind.inverse, None)
        for (name, _), targets in self.links.items():
            for other, rows in targets.items():
                gone = {kind.id} if (name, other) == (kind.origin, kind.target) else {kind.inverse}
                for held in rows.values():
                    held -= gone if (name, other) in ((kind.origin, kind.target), (kind.target, kind.origin)) else set()

    def forget(self, name: str) -> None:
        """Drop the types of an object type that is no more."""
        for pair in [pair for pair in self.types if name in pair]:
            del self.types[pair]

    # --- links -----------------------------------------------------------------------------------------------------
    def of(self, origin: Key, target: str) -> dict[int, set[int]]:
        """to-id -> type ids of one record's links to one object type."""
        return self.links.get(origin, {}).get(target, {})

    def targets(self, origin: Key) -> dict[str, dict[int, set[int]]]:
        return self.links.get(origin, {})

    def primary(self, origin: Key) -> int | None:
        """The id of the record's primary company, if its type has one."""
        type_id = PRIMARY.get((origin[0], "companies"))
        return next((to for to, held in self.of(origin, "companies").items() if type_id in held), None)

    def add(self, origin: Key, target: Key, kinds: list[LinkType], first_is_primary: bool) -> bool:
        """Link two records, always unlabelled as well; additive and idempotent. True if something changed."""
        wanted = {self.unlabelled(origin[0], target[0]).id, *(kind.id for kind in kinds)}
        self._choose_primary(origin, target, wanted, first_is_primary)
        self._choose_primary_backwards(origin, target, wanted)
        new = wanted - self.of(origin, target[0]).get(target[1], set())
        for type_id in new:
            kind = self.kinds(origin[0], target[0])[type_id]
            self._put(origin, target, kind.id)
            self._put(target, origin, kind.inverse)
        return bool(new)

    def _choose_primary(self, origin: Key, target: Key, wanted: set[int], first_is_primary: bool) -> None:
        type_id = PRIMARY.get((origin[0], target[0]))
        if type_id is None:
            return
        if first_is_primary and not self.of(origin, target[0]):
            wanted.add(type_id)
        if type_id in wanted:
            self._demote(origin, target, type_id)

    def _choose_primary_backwards(self, origin: Key, target: Key, wanted: set[int]) -> None:
        """A company-to-contact link that is primary demotes the contact's old primary company just the same."""
        type_id = PRIMARY.get((target[0], origin[0]))
        if type_id is None or origin[0] != "companies":
            return
        inverse = self.kinds(target[0], origin[0])[type_id].inverse
        if not self.of(target, origin[0]):
            wanted.add(inverse)
        if inverse in wanted:
            self._demote(target, origin, type_id)

    def _demote(self, origin: Key, target: Key, type_id: int) -> None:
        old = self.primary(origin)
        if old is not None and old != target[1]:
            self._take(origin, (target[0], old), {type_id})

    def remove(self, origin: Key, target: Key, kinds: list[LinkType] | None = None) -> bool:
        """Remove these types, or all; removing the unlabelled one removes all. True if something changed."""
        held = self.of(origin, target[0]).get(target[1], set())
        gone = set(held) if kinds is None else held & {kind.id for kind in kinds}
        if held and self.unlabelled(origin[0], target[0]).id in gone:
            gone = set(held)
        self._take(origin, target, gone)
        return bool(gone)

    def _put(self, origin: Key, target: Key, type_id: int) -> None:
        self.links.setdefault(origin, {}).setdefault(target[0], {}).setdefault(target[1], set()).add(type_id)

    def _take(self, origin: Key, target: Key, type_ids: set[int]) -> None:
        inverse = {self.kinds(origin[0], target[0])[type_id].inverse for type_id in type_ids}
        for one, two, gone in ((origin, target, type_ids), (target, origin, inverse)):
            rows = self.links.get(one, {}).get(two[0], {})
            held = rows.get(two[1], set())
            held -= gone
            if not held:
                rows.pop(two[1], None)

    def drop(self, key: Key) -> dict[str, dict[int, set[int]]]:
        """Remove every link of a record and return what there was, so that a restore can put it back."""
        held = {name: {to: set(ids) for to, ids in rows.items()} for name, rows in self.targets(key).items()}
        for name, rows in held.items():
            for to in rows:
                self.remove(key, (name, to))
        self.links.pop(key, None)
        return held

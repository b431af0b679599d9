"""Who is who: owners of the two systems matched by name and e-mail (OW-01..OW-07, MK-23). Pure."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from lockstep.model import HUBSPOT, SALESFORCE, Owner


@dataclass(frozen=True, slots=True)
class OwnerRef:
    """A canonical owner: the Salesforce id where the person has one, else the id in the system that knows the person."""

    system: str
    id: str


class OwnerMap:
    """Built from both systems' owner lists.

    Two owners are one person when name *and* e-mail are the same, in any case (OW-01). Where a system lists a person
    twice, the active entry stands for both. Matching ignores `active`: a person who left is still the same person, so
    nothing is rewritten; but only active owners are ever written (OW-07).
    """

    def __init__(self, salesforce: Iterable[Owner], hubspot: Iterable[Owner]) -> None:
        self._owners = {SALESFORCE: {one.id: one for one in salesforce}, HUBSPOT: {one.id: one for one in hubspot}}
        self._people = {system: _people(owners.values()) for system, owners in self._owners.items()}

    def canonical(self, system: str, raw: str | None) -> OwnerRef | None:
        """None for blank, and for a queue: a queue-owned lead counts as not assigned yet (MK-23)."""
        if raw is None:
            return None
        owner = self._owners[system].get(raw)
        if owner is None:
            return OwnerRef(system, raw)
        return None if owner.queue else self._reference(system, owner)

    def render(self, system: str, owner: OwnerRef) -> str | None:
        """The id to write in `system`; None if the person is not there, or is not active there (OW-07)."""
        known = self._owners[owner.system].get(owner.id)
        key = _identity(known) if known else None
        there = self._people[system].get(key) if key else None
        if there is None and owner.system == system:
            there = known
        return there.id if there is not None and there.active and not there.queue else None

    def find(self, system: str, raw: str | None) -> Owner | None:
        """The owner as the system lists it, if it does."""
        return self._owners[system].get(raw) if raw else None

    def is_active(self, system: str, raw: str | None) -> bool:
        """True for an active person; False for queues, people who left, unknown ids and blank (OW-03)."""
        owner = self.find(system, raw)
        return owner is not None and owner.active and not owner.queue

    def is_queue(self, system: str, raw: str | None) -> bool:
        owner = self.find(system, raw)
        return owner is not None and owner.queue

    def _reference(self, system: str, owner: Owner) -> OwnerRef:
        key = _identity(owner)
        for known_by in (SALESFORCE, HUBSPOT):
            person = self._people[known_by].get(key) if key else None
            if person:
                return OwnerRef(known_by, person.id)
        return OwnerRef(system, owner.id)


def _people(owners: Iterable[Owner]) -> dict[tuple[str, str], Owner]:
    """Identity -> owner; active before inactive, then the lowest id, whatever the order of the list."""
    people: dict[tuple[str, str], Owner] = {}
    for owner in sorted(owners, key=lambda one: (not one.active, one.id)):
        key = None if owner.queue else _identity(owner)
        if key:
            people.setdefault(key, owner)
    return people


def _identity(owner: Owner) -> tuple[str, str] | None:
    """Name and e-mail without regard to case and spacing; None when either is blank: half an identity matches no one."""
    name, email = _folded(owner.name), _folded(owner.email or "")
    return (name, email) if name and email else None


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).casefold().split())

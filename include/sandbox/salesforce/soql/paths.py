"""Resolves field paths (``Owner.Name``) on an object to getters."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from operator import itemgetter
from typing import Any

from sandbox.salesforce.errors import Rejected, rejected
from sandbox.salesforce.fields import Field, SObject
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.tokens import place
from sandbox.salesforce.soql.tree import Column
from sandbox.salesforce.store import Row

Getter = Callable[[Row], Any]
NAME_FIELDS = {
    name: Field(name=name, type=kind, length=length, label=name)
    for name, kind, length in (
        ("Id", "id", 18), ("Name", "string", 255), ("Type", "picklist", 40), ("FirstName", "string", 40),
        ("LastName", "string", 80), ("Email", "email", 80), ("Phone", "phone", 40), ("Title", "string", 80),
        ("Alias", "string", 8), ("Username", "string", 80), ("IsActive", "boolean", 0),
    )
}  # fmt: skip
"""The fields of Name, the object that stands for whatever a polymorphic reference points at (Object Reference, Name)."""


@dataclass(frozen=True)
class Resolved:
    """A path on an object: its field, how to get its value from a row, and its canonical spelling."""

    field: Field
    get: Getter
    path: tuple[str, ...]


@dataclass(frozen=True)
class Scope:
    """Where paths are resolved: the organisation, the object that is queried, its alias, the query's text."""

    org: Org
    definition: SObject
    text: str
    alias: str | None = None

    def resolve(self, column: Column) -> Resolved:
        """Return a column's field and getter; Rejected with INVALID_FIELD if there is none."""
        path = column.path
        if len(path) > 1 and path[0].lower() in {(self.alias or "").lower(), self.definition.name.lower()}:
            path = path[1:]
        return self._walk(self.definition, path, column)

    def _walk(self, definition: SObject, path: tuple[str, ...], column: Column) -> Resolved:
        if len(path) == 1:
            name = definition.canonical(path[0])
            if name is None:
                raise self.no_column(definition.name, path[0], column)
            return Resolved(definition.fields[name], itemgetter(name), (name,))
        reference = definition.reference(path[0])
        if reference is None or reference.relationship is None or len(path) > 6:
            raise self.no_relation(path[0], column)
        inner = self._target(reference, path[1:], column)
        parent = parent_getter(self.org, reference)

        def get(row: Row) -> Any:
            found = parent(row)
            return inner.get(found) if found is not None else None

        return Resolved(inner.field, get, (reference.relationship, *inner.path))

    def _target(self, reference: Field, path: tuple[str, ...], column: Column) -> Resolved:
        if len(reference.references) == 1:
            return self._walk(self.org.objects[reference.references[0]], path, column)
        return self._polymorphic(reference, path, column)

    def _polymorphic(self, reference: Field, path: tuple[str, ...], column: Column) -> Resolved:
        """A reference to several objects has the fields of the object Name, whatever it points at."""
        name = next((known for known in NAME_FIELDS if known.lower() == path[0].lower()), None)
        if len(path) > 1 or name is None:
            raise self.no_column("Name", path[0], column)
        return Resolved(NAME_FIELDS[name], partial(named, self.org, name), (name,))

    def no_column(self, entity: str, name: str, column: Column) -> Rejected:
        message = (
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure to append "
            "the '__c' after the custom field name. Please reference your WSDL or the describe call for the appropriate names."
        )
        return rejected("INVALID_FIELD", place(self.text, column.at) + message)

    def no_relation(self, name: str, column: Column) -> Rejected:
        message = (
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom relationship, be "
            "sure to append the '__r' after the custom relationship name. Please reference your WSDL or the describe call "
            "for the appropriate names."
        )
        return rejected("INVALID_FIELD", place(self.text, column.at) + message)


def parent_getter(org: Org, reference: Field) -> Callable[[Row], Row | None]:
    """Return a function from a row to the row that its reference points at."""
    targets = [(org.full[name].prefix, name) for name in reference.references]

    def get(row: Row) -> Row | None:
        value = row[reference.name]
        if value is None:
            return None
        for prefix, name in targets:
            if value.startswith(prefix):
                return org.store.get(name, value)
        return None

    return get


def kind_of(org: Org, row: Row) -> str:
    """Return what the object Name says a row is: its object, or for a group what kind of group (Queue)."""
    if row["Id"].startswith(org.full["Group"].prefix):
        return str(row["Type"])
    return next(name for name, definition in org.full.items() if row["Id"].startswith(definition.prefix))


def named(org: Org, field: str, row: Row) -> Any:
    """Return a field of Name for a row: its type, its name whatever that field is called, or what it has."""
    if field == "Type":
        return kind_of(org, row)
    if field == "Name" and "Name" not in row:
        fields = org.full[kind_of(org, row)].fields.values()
        return next((row[one.name] for one in fields if one.name_field), None)
    return row.get(field)

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
OWNER_TYPE = Field(name="Type", type="picklist", length=40, label="Type")


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
        """A reference to several objects has the fields that any of them has, and Type."""
        if path[0].lower() == "type":
            return Resolved(OWNER_TYPE, partial(kind_of, self.org), ("Type",))
        found = [t for t in reference.references if self.org.objects[t].canonical(path[0])]
        if len(path) > 1 or not found:
            raise self.no_column("Name", path[0], column)
        name = self.org.objects[found[-1]].canonical(path[0]) or ""
        return Resolved(self.org.objects[found[-1]].fields[name], lambda row: row.get(name), (name,))

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

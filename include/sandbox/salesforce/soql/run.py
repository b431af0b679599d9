"""Runs a parsed query over the organisation's rows and shows its result as JSON records or CSV values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

from sandbox.salesforce.errors import rejected
from sandbox.salesforce.fields import TEXT_TYPES, Field, SObject
from sandbox.salesforce.ids import to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.aggregate import Group, grouped
from sandbox.salesforce.soql.condition import Compiler, Test, folding
from sandbox.salesforce.soql.parse import parse
from sandbox.salesforce.soql.paths import Resolved, Scope, kind_of, named, parent_getter
from sandbox.salesforce.soql.tokens import malformed, place, unescape
from sandbox.salesforce.soql.tree import Both, Column, Compare, Condition, Order, Query, Within
from sandbox.salesforce.store import Row

Show = Callable[[Row], dict[str, Any]]
OFFSET_MAX = 2000


@dataclass(frozen=True)
class Result:
    """A query's result. ``rows`` are snapshots, shown by ``show`` when their page is sent; ``total`` is COUNT()'s answer too.

    ``names``, ``getters`` and ``types`` are for CSV: column headings, what gives a row's values, and their fields' types.
    """

    definition: SObject
    total: int
    rows: list[Row]
    show: Show
    names: tuple[str, ...] = ()
    getters: tuple[Callable[[Row], Any], ...] = ()
    types: tuple[str, ...] = ()


def run(org: Org, text: str, deleted: bool = False, version: str = "62.0", bulk: bool = False) -> Result:
    """Run SOQL text; Rejected with Salesforce's error if it is wrong. ``deleted`` reads the recycle bin too (queryAll)."""
    query = parse(text)
    if bulk:
        refuse_for_bulk(query)
    return Runner(org, query, deleted, version).result()


def refuse_for_bulk(query: Query) -> None:
    """Bulk API 2.0 refuses GROUP BY, OFFSET, aggregates and sub-queries (Bulk API 2.0 Developer Guide, Query Limits)."""
    aggregate = query.count or any(column.function for column in query.columns)
    if query.group or query.offset or query.children or aggregate:
        raise rejected("API_ERROR", "Aggregate Relationships not supported in Bulk Query")


def object_of(org: Org, query: Query) -> SObject:
    """Return the object that a query reads; Rejected with INVALID_TYPE if there is none."""
    for name, definition in org.objects.items():
        if name.lower() == query.source.lower():
            return definition
    message = (
        f"sObject type '{query.source}' is not supported. If you are attempting to use a custom object, be sure to append "
        "the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names."
    )
    raise rejected("INVALID_TYPE", place(query.text, query.source_at) + message)


class Runner:
    """Compiles and runs one query."""

    def __init__(self, org: Org, query: Query, deleted: bool, version: str, definition: SObject | None = None) -> None:
        self.org, self.query, self.deleted, self.version = org, query, deleted, version
        self.definition = definition or object_of(org, query)
        self.scope = Scope(org, self.definition, query.text, query.alias)

    def result(self) -> Result:
        """Return the query's result."""
        query = self.query
        if query.offset > OFFSET_MAX:
            raise rejected("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")
        if query.group or any(column.function for column in query.columns):
            return self._aggregated()
        if query.having is not None:
            raise malformed(query.text, query.source_at, "having clause requires group by")
        if query.count:
            return Result(self.definition, len(self._cut(list(self.filtered()))), [], _nothing)
        columns = self._columns()
        show = self.shown(columns)
        rows = self._cut(self._sorted(list(self.filtered())))
        names = tuple(".".join(column.path) for column in columns)
        getters, types = tuple(column.get for column in columns), tuple(column.field.type for column in columns)
        return Result(self.definition, len(rows), rows, show, names, getters, types)

    def filtered(self) -> Iterable[Row]:
        """Return the rows that the condition is true of."""
        where = self.query.where
        test = self._compiler().compile(where) if where is not None else None
        rows = self._candidates(where)
        return rows if test is None else filter(test, rows)

    def _compiler(self) -> Compiler:
        return Compiler(self.scope, self._values)

    def _values(self, query: Query) -> set[Any]:
        """Run a semi-join's query and return its one column."""
        runner = Runner(self.org, query, self.deleted, self.version)
        if len(query.columns) != 1 or query.count or query.children:
            raise malformed(query.text, query.source_at, "semi join sub-selects must select exactly one field")
        get = runner.scope.resolve(query.columns[0]).get
        return {value for row in runner.filtered() if (value := get(row)) is not None}

    # --- candidates ------------------------------------------------------------------------------------------------
    def _candidates(self, where: Condition | None) -> Iterable[Row]:
        """Return all rows, or only those of the ids that the condition asks for."""
        ids = self._ids(where)
        if ids is None:
            return self.org.store.rows(self.definition.name, self.deleted)
        found = (self.org.store.get(self.definition.name, record_id) for record_id in sorted(ids))
        return [row for row in found if row is not None and (self.deleted or not row.get("IsDeleted"))]

    def _ids(self, where: Condition | None) -> set[str] | None:
        if isinstance(where, Both) and where.operator == "AND":
            return next((ids for part in where.parts if (ids := self._ids(part)) is not None), None)
        if isinstance(where, Compare) and where.operator == "=" and where.value.kind == "string":
            return self._id_list(where.column, [where.value.text])
        if not isinstance(where, Within) or where.operator != "IN" or where.query is not None:
            return None
        strings = all(value.kind == "string" for value in where.values)
        return self._id_list(where.column, [value.text for value in where.values]) if strings else None

    def _id_list(self, column: Column, texts: list[str]) -> set[str] | None:
        if len(column.path) != 1:
            return None
        field = self.definition.fields.get(self.definition.canonical(column.path[0]) or "")
        try:
            if field is not None and field.type == "id":
                return {to18(unescape(text)) for text in texts}
            if field is not None and self.org.store.is_indexed(self.definition.name, field.name):
                return self._holding(field, [unescape(text) for text in texts])
        except ValueError:
            return None
        return None

    def _holding(self, field: Field, values: list[str]) -> set[str] | None:
        """Ask the index, unless uncommitted rows make it tell more than a reader may know, or a null is asked for."""
        store, name = self.org.store, self.definition.name
        if store.held or not all(values):
            return None
        keys = values if field.type in TEXT_TYPES else [to18(value) for value in values]
        return {row["Id"] for key in keys for row in store.holding(name, field.name, key, self.deleted)}

    # --- columns ---------------------------------------------------------------------------------------------------
    def _columns(self) -> list[Resolved]:
        query = self.query
        if query.fields_all is not None:
            if query.fields_all != "STANDARD" and (query.limit is None or query.limit > 200):
                message = "The SOQL FIELDS function must have a LIMIT of at most 200"
                raise malformed(query.text, query.source_at, message)
            custom = {"ALL": (False, True), "STANDARD": (False,), "CUSTOM": (True,)}[query.fields_all]
            names = [f.name for f in self.definition.fields.values() if f.custom in custom]
            return [self.scope.resolve(Column((name,), query.source_at)) for name in names]
        columns = [self.scope.resolve(column) for column in query.columns]
        if any(column.alias for column in query.columns):
            raise malformed(query.text, query.columns[0].at, "only aggregate expressions use field aliasing")
        seen: set[tuple[str, ...]] = set()
        for column in columns:
            if column.path in seen:
                raise rejected("INVALID_FIELD", f"duplicate field selected: {'.'.join(column.path)}")
            seen.add(column.path)
        return columns

    def shown(self, columns: list[Resolved]) -> Show:
        """Return a function from a row to its JSON form."""
        own = shower(self.org, self.definition, [column.path for column in columns], self.version)
        children = [self._child(child) for child in self.query.children]
        if not children:
            return own
        return lambda row: own(row) | {name: show(row) for name, show in children}

    def _child(self, child: Query) -> tuple[str, Callable[[Row], Any]]:
        found = [c for c in self.definition.children if c[2].lower() == child.source.lower()]
        if not found or found[0][0] not in self.org.objects:
            message = f"Didn't understand relationship '{child.source}' in FROM part of query call."
            raise rejected("INVALID_TYPE", place(child.text, child.source_at) + message)
        name, field, relationship = found[0]
        runner = Runner(self.org, child, self.deleted, self.version, self.org.objects[name])
        show = runner.shown(runner._columns())
        by_parent: dict[str, list[Row]] = {}
        for row in runner._sorted(list(runner.filtered())):
            by_parent.setdefault(row[field], []).append(row)

        def of(row: Row) -> dict[str, Any] | None:
            rows = runner._cut(by_parent.get(row["Id"], []))
            return {"totalSize": len(rows), "done": True, "records": [show(r) for r in rows]} if rows else None

        return relationship, of

    # --- order and cut ---------------------------------------------------------------------------------------------
    def _sorted(self, rows: list[Row]) -> list[Row]:
        for order in reversed(self.query.order):
            rows = order_rows(rows, self._nulls(order), self.scope.resolve(order.column))
        return rows

    def _nulls(self, order: Order) -> Order:
        """Return an order that says where nulls go."""
        if order.nulls_last is not None:
            return order
        first = not order.descending or self.org.settings["nulls_first_when_descending"]
        return replace(order, nulls_last=not first)

    def _cut(self, rows: list[Any]) -> list[Any]:
        query = self.query
        end = None if query.limit is None else query.offset + query.limit
        return rows[query.offset : end] if query.offset or query.limit is not None else rows

    # --- aggregates ------------------------------------------------------------------------------------------------
    def _aggregated(self) -> Result:
        query = self.query
        if query.children or query.fields_all:
            raise malformed(query.text, query.source_at, "Grouped query cannot use child relationships or FIELDS()")
        table = Group(self.scope, query)
        rows: list[Row] = grouped(table, self.filtered())
        if query.having is not None:
            test: Test = Compiler(self.scope, self._values, table.resolve).compile(query.having)
            rows = list(filter(test, rows))
        for order in reversed(query.order):
            rows = order_rows(rows, self._nulls(order), table.resolve(order.column))
        rows = self._cut(rows)
        return Result(self.definition, len(rows), rows, table.show, table.names)


def order_rows(rows: list[Row], order: Order, resolved: Resolved) -> list[Row]:
    """Sort rows by one column, without regard to case."""
    if not resolved.field.sortable:
        raise rejected("INVALID_FIELD", f"field '{resolved.field.name}' can not be sorted in a query call")
    read = folding(resolved.get, resolved.field)
    nulls = [row for row in rows if read(row) is None]
    held = sorted((row for row in rows if read(row) is not None), key=read, reverse=order.descending)
    return held + nulls if order.nulls_last else nulls + held


def shower(org: Org, definition: SObject, paths: list[tuple[str, ...]], version: str) -> Show:
    """Return a function from a row to JSON with attributes, its own fields and nested parents, in the order of the paths."""
    keys: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        keys.setdefault(path[0], []).append(path[1:])
    parts = [
        (key, _parent(org, definition, key, rest, version)) if rest[0] else (key, None) for key, rest in keys.items()
    ]
    name, base = definition.name, f"/services/data/v{version}/sobjects/{definition.name}/"
    if all(parent is None for _, parent in parts):
        flat = [key for key, _ in parts]
        return lambda row: {"attributes": {"type": name, "url": base + row["Id"]}, **{key: row[key] for key in flat}}

    def show(row: Row) -> dict[str, Any]:
        out: dict[str, Any] = {"attributes": {"type": name, "url": base + row["Id"]}}
        for key, parent in parts:
            out[key] = row[key] if parent is None else parent(row)
        return out

    return show


def _parent(
    org: Org, definition: SObject, relation: str, paths: list[tuple[str, ...]], version: str
) -> Callable[[Row], Any]:
    reference = definition.reference(relation)
    if reference is None:
        raise ValueError(f"{definition.name} has no parent {relation}")
    get = parent_getter(org, reference)
    if len(reference.references) > 1:
        return _named_parent(org, get, [path[0] for path in paths], version)
    inner = shower(org, org.objects[reference.references[0]], paths, version)
    return lambda row: inner(found) if (found := get(row)) is not None else None


def _named_parent(org: Org, get: Callable[[Row], Row | None], names: list[str], version: str) -> Callable[[Row], Any]:
    """A polymorphic parent is shown as the object Name."""

    def show(row: Row) -> dict[str, Any] | None:
        found = get(row)
        if found is None:
            return None
        kind = kind_of(org, found)
        entity = "Group" if kind == "Queue" else kind
        out: dict[str, Any] = {
            "attributes": {"type": "Name", "url": f"/services/data/v{version}/sobjects/{entity}/{found['Id']}"}
        }
        for name in names:
            out[name] = named(org, name, found)
        return out

    return show


def _nothing(row: Row) -> dict[str, Any]:
    return {}

"""What the address of the batches asks for."""

from dataclasses import dataclass, fields, replace
from datetime import datetime

from starlette.datastructures import QueryParams

from lockstep.model import BatchStatus, Operation
from lockstep.store.ledger import BatchFilter
from lockstep_airflow.status.params import DEFAULT_PERIOD, Reader, Span, address, described, span_described
from lockstep_airflow.status.scope import UNMAPPED, Scope, run_ids

SORTABLE = ("started_at", "ended_at")
DEFAULT_SORT = "-started_at"
PAGE_SIZES = (50, 100, 200)


PARAMETERS = (
    *span_described("batches that began", DEFAULT_PERIOD),
    described("object", "only these objects, by the vendor's names", many=True),
    described("operation", "only these operations", tuple(Operation), many=True),
    described("status", "only these statuses", tuple(BatchStatus), many=True),
    described("system", "only batches on these systems", many=True),
    described("run", "a run's id, of Airflow or of the ledger; then all times count"),
    described("batch", "one batch's id", kind="integer"),
    described("dag_id", "with `run_id`: the DAG of the run that the batches belong to"),
    described("run_id", "with `dag_id`: Airflow's id of that run"),
    described("task_id", "with these: a task of the run"),
    described("map_index", "with these: the task's map index"),
    described("empty", "whether batches that ended well without items are shown too", ("show", "hide")),
    described("sort", "ascending, or with a leading `-` descending", [*SORTABLE, *(f"-{name}" for name in SORTABLE)]),
)
PAGING = (
    described("page", "counts from 1", kind="integer"),
    described("size", "batches per page", [str(size) for size in PAGE_SIZES]),
)


@dataclass(frozen=True, slots=True)
class Query:
    """`empty`: show batches without items too. `page` counts from 1."""

    span: Span = Span(DEFAULT_PERIOD)
    objects: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    run: str = ""
    batch: int | None = None
    scope: Scope | None = None
    empty: bool = False
    sort: str = DEFAULT_SORT
    page: int = 1
    size: int = PAGE_SIZES[0]

    def filter(self, now: datetime) -> BatchFilter:
        """The ledger's filter; periods end at `now`."""
        date_from, date_to = self.span.bounds(now)
        runs = self.scope.run_ids if self.scope else run_ids(self.run) if self.run else ()
        return BatchFilter(
            date_from=date_from,
            date_to=date_to,
            objects=self.objects,
            operations=self.operations,
            statuses=self.statuses,
            systems=self.systems,
            run_ids=runs,
            batch_id=self.batch,
            worked=not self.empty,
        )

    @property
    def filtered(self) -> bool:
        """Something was chosen, besides the run that the page is about."""
        chosen = (self.objects, self.operations, self.statuses, self.systems, self.run)
        return any(chosen) or self.span != Span(default_period(self.scope, self.run))

    @property
    def cleared(self) -> "Query":
        """Nothing chosen: only the run that the page is about stays."""
        return Query(Span(default_period(self.scope, "")), scope=self.scope, empty=default_empty(self.scope))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def but(self, **changes: object) -> "Query":
        """The same query with these changes, from its first page."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    def url(self, **changes: object) -> str:
        """As `but`: the part of the URL from `?` on; what is as by default is left out."""
        return address(_pairs(self.but(**changes)))


def default_period(scope: Scope | None, run: str) -> str:
    """Who follows a link to a run wants to see it, however long ago it was."""
    return "all" if scope or run else DEFAULT_PERIOD


def default_empty(scope: Scope | None) -> bool:
    """Hidden in the list: an idle cycle leaves some twenty batches without items every quarter of an hour. Shown for a
    run or task, where the question is whether everything was asked. Fixed, not a matter of their share: the same URL
    must show the same kind of batches to everyone, always."""
    return scope is not None


def parse(params: QueryParams, scope: Scope | None = None) -> Query:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    scope = scope or _scope(params)
    run = params.get("run", "").strip()
    query = Query(
        span=reader.span(default_period(scope, run)),
        objects=reader.choices("object"),
        operations=reader.choices("operation", tuple(Operation)),
        statuses=reader.choices("status", tuple(BatchStatus)),
        systems=reader.choices("system"),
        run=run,
        batch=reader.number("batch", 0) if params.get("batch", "") else None,
        scope=scope,
        empty=reader.choice("empty", ("show", "hide"), "show" if default_empty(scope) else "hide") == "show",
        sort=reader.choice("sort", [*SORTABLE, *(f"-{name}" for name in SORTABLE)], DEFAULT_SORT),
        page=reader.number("page", 1),
        size=int(reader.choice("size", [str(size) for size in PAGE_SIZES], str(PAGE_SIZES[0]))),
    )
    reader.done()
    return query


def _scope(params: QueryParams) -> Scope | None:
    dag_id, run_id = params.get("dag_id", ""), params.get("run_id", "")
    if not (dag_id and run_id):
        return None
    index = params.get("map_index", "")
    return Scope(dag_id, run_id, params.get("task_id", "") or None, None if index in UNMAPPED else index)


def _pairs(query: Query) -> list[tuple[str, str]]:
    scope, plain = query.scope, Query()
    pairs = [(one.name, str(getattr(scope, one.name) or "")) for one in fields(Scope)] if scope else []
    for name, values in (
        ("object", query.objects), ("operation", query.operations), ("status", query.statuses), ("system", query.systems),
    ):  # fmt: skip
        pairs += [(name, value) for value in values]
    pairs += [
        *query.span.pairs(default_period(scope, query.run)),
        ("run", query.run),
        ("batch", str(query.batch or "")),
    ]
    if query.empty != default_empty(scope):
        pairs.append(("empty", "show" if query.empty else "hide"))
    return pairs + [
        (name, str(getattr(query, name)))
        for name in ("sort", "page", "size")
        if getattr(query, name) != getattr(plain, name)
    ]

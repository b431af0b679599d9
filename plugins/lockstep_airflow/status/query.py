"""What a URL asks for. All mistakes in it are told at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from lockstep.model import BatchStatus, Operation
from lockstep.store.ledger import BatchFilter
from lockstep_airflow.status.scope import UNMAPPED, Scope, run_ids

#: MK-01: the last five days, unless asked otherwise. None: all that the ledger keeps.
PERIODS: Mapping[str, timedelta | None] = {
    "1h": timedelta(hours=1),
    "24h": timedelta(days=1),
    "5d": timedelta(days=5),
    "30d": timedelta(days=30),
    "all": None,
}
DEFAULT_PERIOD, CUSTOM = "5d", "custom"
SORTABLE = ("started_at", "ended_at")
DEFAULT_SORT = "-started_at"
PAGE_SIZES = (50, 100, 200)


class BadQuery(ValueError):
    """`mistakes`: (parameter, value) of each one that cannot be understood."""

    def __init__(self, mistakes: list[tuple[str, str]]):
        super().__init__("; ".join(f"{name}={value}" for name, value in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Query:
    """`empty`: show batches without items too. `page` counts from 1. Times are aware, `date_to` is not included."""

    period: str = DEFAULT_PERIOD
    date_from: datetime | None = None
    date_to: datetime | None = None
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
        length = PERIODS.get(self.period)
        runs = self.scope.run_ids if self.scope else run_ids(self.run) if self.run else ()
        return BatchFilter(
            date_from=self.date_from if self.period == CUSTOM else now - length if length else None,
            date_to=self.date_to if self.period == CUSTOM else None,
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
        return any(chosen) or self.period != default_period(self.scope, self.run)

    @property
    def cleared(self) -> "Query":
        """Nothing chosen: only the run that the page is about stays."""
        return Query(period=default_period(self.scope, ""), scope=self.scope, empty=default_empty(self.scope))

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    def but(self, **changes: object) -> "Query":
        """The same query with these changes, from its first page."""
        return replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]

    def url(self, **changes: object) -> str:
        """As `but`: the part of the URL from `?` on; what is as by default is left out."""
        pairs = _pairs(self.but(**changes))
        return f"?{urlencode(pairs)}" if pairs else "?"


def default_period(scope: Scope | None, run: str) -> str:
    """Who follows a link to a run wants to see it, however long ago it was."""
    return "all" if scope or run else DEFAULT_PERIOD


def default_empty(scope: Scope | None) -> bool:
    """Hidden in the list: an idle cycle leaves some twenty batches without items every quarter of an hour. Shown for a
    run or task, where the question is whether everything was asked. Fixed, not a matter of their share: the same URL
    must show the same kind of batches to everyone, always."""
    return scope is not None


@dataclass
class _Reader:
    params: QueryParams
    mistakes: list[tuple[str, str]] = field(default_factory=list)

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        value = self.params.get(name, "") or default
        return self._known(name, value, allowed) or default

    def choices(self, name: str, allowed: Sequence[str] | None = None) -> tuple[str, ...]:
        given = [value for value in dict.fromkeys(self.params.getlist(name)) if value]
        return tuple(value for value in given if allowed is None or self._known(name, value, allowed))

    def instant(self, name: str) -> datetime | None:
        """ISO 8601; without an offset: UTC."""
        value = self.params.get(name, "")
        if not value:
            return None
        try:
            found = datetime.fromisoformat(value)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except (ValueError, OverflowError):
            self.mistakes.append((name, value))
            return None

    def number(self, name: str, default: int) -> int:
        value = self.params.get(name, "") or str(default)
        if value.isascii() and value.isdigit() and 0 < int(value[:10]) < 10**9:
            return int(value)
        self.mistakes.append((name, value))
        return default

    def _known(self, name: str, value: str, allowed: Sequence[str]) -> str | None:
        if value in allowed:
            return value
        self.mistakes.append((name, value))
        return None


def parse(params: QueryParams, scope: Scope | None = None) -> Query:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = _Reader(params)
    scope = scope or _scope(params)
    run = params.get("run", "").strip()
    since, until = reader.instant("from"), reader.instant("to")
    periods = (*PERIODS, CUSTOM)
    period = reader.choice("period", periods, CUSTOM if since or until else default_period(scope, run))
    query = Query(
        period=CUSTOM if since or until else "all" if period == CUSTOM else period,
        date_from=since,
        date_to=until,
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
    if reader.mistakes:
        raise BadQuery(reader.mistakes)
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
    pairs += [("from", _text(query.date_from)), ("to", _text(query.date_to)), ("run", query.run)]
    pairs.append(("batch", str(query.batch or "")))
    if query.period not in (CUSTOM, default_period(scope, query.run)):
        pairs.append(("period", query.period))
    if query.empty != default_empty(scope):
        pairs.append(("empty", "show" if query.empty else "hide"))
    pairs += [
        (name, str(getattr(query, name)))
        for name in ("sort", "page", "size")
        if getattr(query, name) != getattr(plain, name)
    ]
    return [(name, value) for name, value in pairs if value]


def _text(at: datetime | None) -> str:
    return at.isoformat().replace("+00:00", "Z") if at else ""

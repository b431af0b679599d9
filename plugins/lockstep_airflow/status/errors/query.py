"""What the address of the errors asks for."""

from dataclasses import dataclass, replace
from datetime import datetime

from starlette.datastructures import QueryParams

from lockstep.model import OutcomeKind
from lockstep.store.ledger import BATCH_FAILED, FIELD_FAILED, BatchFilter, ErrorFilter
from lockstep_airflow.status.params import DEFAULT_PERIOD, Reader, Span, address, described, span_described

#: what is held, deferred or skipped is listed in a view of its own
OUTCOMES = (BATCH_FAILED, OutcomeKind.FAILED, FIELD_FAILED)
#: MK-12: a batch that failed as a whole, or a record
LEVELS = {"job": True, "record": False}
STANDING = "standing"
CARDS = 25


PARAMETERS = (
    *span_described("errors told", DEFAULT_PERIOD),
    described("level", "batches that failed as a whole (job), or records", tuple(LEVELS)),
    described("state", "only what still stands", (STANDING,)),
    described("object", "only errors of batches of these objects, by the vendor's names", many=True),
    described("system", "only errors on these systems", many=True),
)
CAUSE = described("cause", "only errors of this cause", kind="integer")
PAGING = (described("page", "counts from 1", kind="integer"),)


@dataclass(frozen=True, slots=True)
class ErrorQuery:
    """`level`: of LEVELS, "" is both; `state` STANDING: only what nothing since says otherwise of. `page` counts from 1."""

    span: Span = Span(DEFAULT_PERIOD)
    level: str = ""
    state: str = ""
    objects: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    cause_id: int | None = None
    page: int = 1

    def filter(self, now: datetime) -> ErrorFilter:
        date_from, date_to = self.span.bounds(now)
        return ErrorFilter(
            date_from=date_from,
            date_to=date_to,
            job=LEVELS.get(self.level),
            outcomes=OUTCOMES,
            cause_id=self.cause_id,
            standing=self.state == STANDING,
            batches=BatchFilter(objects=self.objects, systems=self.systems),
        )

    @property
    def filtered(self) -> bool:
        return self != ErrorQuery(page=self.page, cause_id=self.cause_id)

    @property
    def offset(self) -> int:
        return (self.page - 1) * CARDS

    def url(self, **changes: object) -> str:
        """This query with changes, from its first page: the part of the URL from `?` on."""
        changed = replace(self, **{"page": 1, **changes})  # type: ignore[arg-type]
        return address(
            [
                *changed.span.pairs(DEFAULT_PERIOD),
                ("level", changed.level),
                ("state", changed.state),
                *(("object", one) for one in changed.objects),
                *(("system", one) for one in changed.systems),
                ("cause", str(changed.cause_id or "")),
                ("page", str(changed.page) if changed.page > 1 else ""),
            ]
        )


def parse(params: QueryParams) -> ErrorQuery:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    query = ErrorQuery(
        span=reader.span(DEFAULT_PERIOD),
        level=reader.choice("level", ("", *LEVELS), ""),
        state=reader.choice("state", ("", STANDING), ""),
        objects=reader.choices("object"),
        systems=reader.choices("system"),
        cause_id=reader.number("cause", 1) if params.get("cause", "") else None,
        page=reader.number("page", 1),
    )
    reader.done()
    return query

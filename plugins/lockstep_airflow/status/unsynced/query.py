"""What the address of the records that are not in step asks for."""

from dataclasses import dataclass, replace
from datetime import datetime

from starlette.datastructures import QueryParams

from lockstep.model import OutcomeKind
from lockstep.store.ledger import FIELD_FAILED, BatchFilter, ErrorFilter
from lockstep_airflow.status.params import Reader, Span, address, described, span_described

#: in the order of the page: what waits for a person first
OUTCOMES = (OutcomeKind.HELD, OutcomeKind.FAILED, FIELD_FAILED, OutcomeKind.DEFERRED, OutcomeKind.SKIPPED)
DEFAULT_PERIOD = "all"


PARAMETERS = (
    *span_described("records out of step since their last error", DEFAULT_PERIOD),
    described("outcome", "only records that ended so", OUTCOMES),
    described("code", "only records with this error code"),
    described("object", "only records of batches of these objects, by the vendor's names", many=True),
    described("system", "only records of batches on these systems", many=True),
)
BEFORE = described("before", "an error's id: goes on with those before it", kind="integer")


@dataclass(frozen=True, slots=True)
class UnsyncedQuery:
    """`span`: since when a record has been out of step. `outcome` and `code` "": all. `before`: an error's id, for paging."""

    span: Span = Span(DEFAULT_PERIOD)
    outcome: str = ""
    code: str = ""
    objects: tuple[str, ...] = ()
    systems: tuple[str, ...] = ()
    before: int | None = None

    def filter(self, now: datetime) -> ErrorFilter:
        date_from, date_to = self.span.bounds(now)
        return ErrorFilter(
            date_from=date_from,
            date_to=date_to,
            job=False,
            outcomes=(self.outcome,) if self.outcome else OUTCOMES,
            codes=(self.code,) if self.code else (),
            standing=True,
            batches=BatchFilter(objects=self.objects, systems=self.systems),
        )

    @property
    def filtered(self) -> bool:
        return replace(self, before=None) != UnsyncedQuery()

    def url(self, **changes: object) -> str:
        """This query with changes, from its first page: the part of the URL from `?` on."""
        changed = replace(self, **{"before": None, **changes})  # type: ignore[arg-type]
        return address(
            [
                *changed.span.pairs(DEFAULT_PERIOD),
                ("outcome", changed.outcome),
                ("code", changed.code),
                *(("object", one) for one in changed.objects),
                *(("system", one) for one in changed.systems),
                ("before", str(changed.before or "")),
            ]
        )


def parse(params: QueryParams) -> UnsyncedQuery:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    query = UnsyncedQuery(
        span=reader.span(DEFAULT_PERIOD),
        outcome=reader.choice("outcome", ("", *OUTCOMES), ""),
        code=params.get("code", "").strip(),
        objects=reader.choices("object"),
        systems=reader.choices("system"),
        before=reader.number("before", 1) if params.get("before", "") else None,
    )
    reader.done()
    return query

"""What the address of the schema's changes asks for."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

from lockstep_airflow.status.params import Reader, address
from lockstep_airflow.status.schema.reading import IMPACTS


@dataclass(frozen=True, slots=True)
class SchemaQuery:
    """`impact` "": all. `before`: a change's id, for paging."""

    impact: str = ""
    before: int | None = None

    def url(self, impact: str | None = None, before: int | None = None) -> str:
        """The part of the URL from `?` on."""
        return address(
            [("impact", self.impact if impact is None else impact), ("before", str(before) if before else "")]
        )


def parse(params: QueryParams) -> SchemaQuery:
    """:raises BadQuery: naming every parameter that cannot be understood"""
    reader = Reader(params)
    query = SchemaQuery(
        impact=reader.choice("impact", ("", *IMPACTS), ""),
        before=reader.number("before", 1) if params.get("before", "") else None,
    )
    reader.done()
    return query

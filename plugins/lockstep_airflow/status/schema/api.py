"""What the vendors changed, as JSON."""

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from lockstep.store.drift import Drift
from lockstep_airflow.status.params import RowId, instant_text
from lockstep_airflow.status.schema.query import parse
from lockstep_airflow.status.schema.reading import ROWS, listing

router = APIRouter(prefix="/api")

MAX_ROWS = 500


@router.get("/schema")
def schema(
    request: Request,
    impact: str = "",
    before: RowId | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_ROWS)] = ROWS,
) -> dict[str, Any]:
    """Changes of fields, newest first, and mistakes and remarks of the mapping files against the fields as they are.

    `impact`: stops, held, values, mapped or none. `next`: the `before` of the next page. `problems` is null where this host
    cannot read the mapping files.
    """
    query = parse(request.query_params)
    source = request.app.state.source
    with source.reading() as tx:
        found = listing(tx, query.impact or None, query.before, limit)
        problems = source.problems(tx)
    told = None if problems is None else [
        {"file": Path(one.file).name, "line": one.line, "key": one.key, "severity": one.severity, "message": one.message, "remedy": one.remedy}
        for one in problems
    ]  # fmt: skip
    return {
        "changes": [_row(one) for one in found.drifts],
        "next": found.following,
        "impacts": found.impacts,
        "problems": told,
    }


def _row(one: Drift) -> dict[str, Any]:
    same = ("id", "system", "object", "field", "what", "before", "after", "impact", "records", "patch", "latest")
    return {name: getattr(one, name) for name in same} | {"at": instant_text(one.at), "mapping": one.entity}

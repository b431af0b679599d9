"""Which kinds of rejection a run met: an object and an error code, however many records."""

from collections import Counter
from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from lockstep.model import OutcomeKind
from lockstep.store import tables as t

#: (object, error code)
Kind = tuple[str, str]


def rejected_kinds(tx: Connection, run_id: str) -> dict[Kind, int]:
    """Kind -> records of the run that were rejected for it, as a whole or in single fields."""
    c, b = t.change.c, t.batch.c
    joined = t.change.join(t.batch, b.id == c.batch_id)
    failed = (
        select(c.object, c.code, func.count())
        .select_from(joined)
        .where(b.run_id == run_id, c.outcome == OutcomeKind.FAILED.value, c.code.is_not(None))
        .group_by(c.object, c.code)
    )
    found = Counter({(name, code): number for name, code, number in tx.execute(failed)})
    fields = (
        select(c.object, c.detail)
        .select_from(joined)
        .where(b.run_id == run_id, c.fields_failed > 0, c.outcome != OutcomeKind.FAILED.value)
    )
    for name, detail in tx.execute(fields):
        codes = {one.get("code") for one in (detail or {}).get("fields", ()) if isinstance(one, Mapping)}
        found.update((name, code) for code in codes if code)
    return dict(found)

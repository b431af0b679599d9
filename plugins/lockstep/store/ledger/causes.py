"""Notes errors with their root causes as changes and batches end, and settles them when their subject is judged anew.

An error is *standing* from the moment it is noted until its subject (a pair, a record without one, or a kind of batch)
is planned, read or run again: what is still wrong is then noted anew.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, insert, select, update

from lockstep.causes import Cause, template
from lockstep.errors import kind_of
from lockstep.model import Batch, Change, Operation, OutcomeKind, fields_failed
from lockstep.store import dialects
from lockstep.store import tables as t
from lockstep.store.dialects import among
from lockstep.store.tables import cause, error

#: `outcome` of a rejected field of a record that was done otherwise, and of a batch that failed as a whole
FIELD_FAILED, BATCH_FAILED = "field_failed", "batch_failed"

_NOT_DONE = (OutcomeKind.FAILED, OutcomeKind.HELD, OutcomeKind.DEFERRED, OutcomeKind.SKIPPED)
#: skipped with these, nothing stands between the record and its partner: what an undo leaves as it is, is in step
_FINE = ("unchanged", "dry_run", "undo_kept", "changed_since")


@dataclass(frozen=True, slots=True)
class _Noted:
    cause: Cause
    batch_id: int
    change_id: int | None
    outcome: str
    subject: str


def note_changes(tx: Connection, changes: Iterable[Change]) -> None:
    """Note why these changes, or fields of them, were not done. A record that the target refused may have lost fields before:
    both are noted, since mending one leaves the other."""
    _insert(tx, [one for change in changes for one in _of_change(change)])


def _of_change(change: Change) -> Iterable[_Noted]:
    if change.outcome is None or change.code in _FINE:
        return
    detail = change.detail or {}
    rejected = [one for one in detail.get("fields") or () if isinstance(one, Mapping)]
    if change.outcome in _NOT_DONE and not field_errors_alone(change):
        if not detail.get("message"):
            names = sorted({name for one in rejected for name in names_of(one)})
            yield _noted(change, change.outcome.value, change.code, names, (rejected or [{}])[0])
            return
        yield _noted(change, change.outcome.value, change.code, names_of(detail), detail)
    if fields_failed(change.outcome, detail):
        for one in rejected:
            yield _noted(change, FIELD_FAILED, one.get("code"), names_of(one), one)


def names_of(told: Mapping[str, Any]) -> list[str]:
    """The fields that a rejection names: the mapping's name (when planning), or the vendor's (when applying)."""
    return (
        [str(told["field"])] if told.get("field") else [one for one in told.get("fields") or () if isinstance(one, str)]
    )


def field_errors_alone(change: Change) -> bool:
    """True if the record as such is in step, and only single fields of it were left out."""
    detail = change.detail or {}
    return change.outcome is OutcomeKind.SKIPPED and "record" not in detail and bool(detail.get("fields"))


def _noted(change: Change, outcome: str, code: str | None, names: list[str], told: Mapping[str, Any]) -> _Noted:
    own = (value for some in (change.before, change.after, change.source, change.lost) for value in some.values())
    kind = kind_of(code or "internal")
    message = template(str(told.get("message") or kind.meaning), own)
    vendor_code = str(told.get("vendor_code") or "")
    found = Cause(False, code or kind.code, change.system, change.object, ", ".join(names), vendor_code, message)
    return _Noted(found, change.batch_id, change.id, outcome, subject_of(change))


def subject_of(change: Change) -> str:
    """The pair that the change is about; without one, the record."""
    record = (change.detail or {}).get("record")
    if change.pair_id or not isinstance(record, Mapping):
        return change.pair_id or record_subject(change.system, change.object, change.record_id or f"change {change.id}")
    return record_subject(str(record.get("system")), str(record.get("object")), str(record.get("id")))


def record_subject(system: str, object: str, record_id: str) -> str:
    return f"{system}/{object}/{record_id}"


def note_batch(tx: Connection, batch: Batch) -> None:
    """Settle what was said of earlier batches of this kind; note why this one failed or stopped, if it did."""
    subject = record_subject(batch.operation.value, batch.system, batch.object)
    tx.execute(update(error).where(error.c.subject == subject, error.c.standing).values(standing=False))
    if batch.error_code:
        words = template(batch.error or kind_of(batch.error_code).meaning)
        found = Cause(True, batch.error_code, batch.system, "", "", "", words)
        _insert(tx, [_Noted(found, batch.id, None, BATCH_FAILED, subject)])


def settle(tx: Connection, pairs: Iterable[str], records: Iterable[tuple[str, str, str]], *, references: bool) -> None:
    """These pairs (ids) and records (system, object, id) were planned anew. `references`: theirs alone, else all the rest."""
    subjects = {*pairs, *(record_subject(*one) for one in records)}
    if not subjects:
        return
    of_references = (t.batch.c.id == error.c.batch_id) & (t.batch.c.operation == Operation.UPDATE_FKS.value)
    own = select(t.batch.c.id).where(of_references).exists()
    where = among(tx, error.c.subject, subjects) & error.c.standing & (own if references else ~own)
    tx.execute(update(error).where(where).values(standing=False))


def settle_runs(tx: Connection, runs: ColumnElement[bool]) -> None:
    """The work of these runs (a condition on `run`) has been done over whole: what failed in their batches is history."""
    failed = select(t.batch.c.id).join(t.run, t.run.c.id == t.batch.c.run_id).where(runs)
    where = error.c.standing & error.c.change_id.is_(None) & error.c.batch_id.in_(failed)
    tx.execute(update(error).where(where).values(standing=False))


def _insert(tx: Connection, noted: Sequence[_Noted]) -> None:
    if not noted:
        return
    ids = _cause_ids(tx, {one.cause.digest: one.cause for one in noted})
    now = datetime.now(UTC)
    rows = [
        {
            "cause_id": ids[one.cause.digest],
            "batch_id": one.batch_id,
            "change_id": one.change_id,
            "at": now,
            "outcome": one.outcome,
            "subject": one.subject,
            "standing": True,
        }
        for one in noted
    ]
    tx.execute(insert(error), rows)


def _cause_ids(tx: Connection, causes: Mapping[str, Cause]) -> dict[str, int]:
    query = select(cause.c.digest, cause.c.id).where(among(tx, cause.c.digest, causes))
    known: dict[str, int] = dict(tx.execute(query).all())
    new = [_encoded(one) for digest, one in causes.items() if digest not in known]
    if not new:
        return known
    tx.execute(dialects.insert(tx, cause).on_conflict_do_nothing(index_elements=["digest"]), new)
    return dict(tx.execute(query).all())


def _encoded(one: Cause) -> dict[str, Any]:
    names = ("digest", "job", "code", "system", "object", "field", "vendor_code", "template")
    return {name: getattr(one, name) for name in names}

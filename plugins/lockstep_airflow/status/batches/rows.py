"""Batches and records as plain values: what the JSON says and the templates show.

Values of records are personal data: only the names of fields leave this module, and what the vendors and the engine said.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from lockstep.errors import kind_of
from lockstep.model import Batch, BatchStatus, Change
from lockstep.store import ledger
from lockstep.store.ledger.causes import names_of
from lockstep.store.pairs import rows as pairs
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.words import bare, told_of

#: how many changes are read at once
_CHUNK = 1000
#: outcome of a change that has not been applied
PLANNED = "planned"
#: worst first: the order in which reasons are listed
OUTCOMES = ("failed", "held", "deferred", PLANNED, "new", "updated", "deleted", "skipped")


def batch_row(batch: Batch) -> dict[str, Any]:
    """One batch; times are ISO 8601 UTC."""
    dag_id, _, airflow_run = batch.run_id.partition(":")
    return {
        "id": batch.id,
        "started_at": _iso(batch.started_at),
        "ended_at": _iso(batch.ended_at),
        "system": batch.system,
        "object": batch.object,
        "operation": batch.operation.value,
        "status": batch.status.value,
        "counts": dict(batch.counts),
        "run_id": batch.run_id,
        "dag_id": dag_id,
        "airflow_run_id": airflow_run,
        "window_from": _iso(batch.window_from),
        "window_to": _iso(batch.window_to),
        "error": _batch_error(batch),
    }


def _batch_error(batch: Batch) -> dict[str, str] | None:
    if not batch.error_code and batch.status is not BatchStatus.FAILED:
        return None
    kind = kind_of(batch.error_code or "internal")
    message = bare(batch.error or kind.meaning, kind.code)
    return {"code": batch.error_code or kind.code, "class": kind.cls.value, "meaning": kind.meaning, "message": message, "remedy": kind.remedy}  # fmt: skip


def _iso(at: Any) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why records of a batch ended as they did: how many, in words. `code` None: nothing special to say."""

    outcome: str
    code: str | None
    records: int

    @property
    def meaning(self) -> str:
        return kind_of(self.code).meaning if self.code else ""

    @property
    def remedy(self) -> str:
        return kind_of(self.code).remedy if self.code else ""


def reasons(tx: Connection, batch_id: int) -> list[Reason]:
    """Every (outcome, code) of the batch's records with its number; worst outcome first, then the most frequent.

    Rejected fields count under the outcome `field_failed`.
    """
    found: Counter[tuple[str, str | None]] = Counter()
    for change in _all(tx, batch_id):
        found[_outcome(change), change.code] += 1
        found.update(("field_failed", code) for code in _own_codes(change))
    order = {name: number for number, name in enumerate(("failed", "field_failed", *OUTCOMES[1:]))}
    ranked = sorted(found.items(), key=lambda item: (order[item[0][0]], -item[1], item[0][1] or ""))
    return [Reason(outcome, code, number) for (outcome, code), number in ranked]


def records(
    tx: Connection,
    batch_id: int,
    viewer: Viewer,
    outcomes: Iterable[str] = (),
    code: str = "",
    after: int = 0,
    limit: int = 100,
) -> tuple[list[dict[str, Any]], int | None]:
    """Records of the batch by change id, from the one behind `after`; and where to go on, None at the end.

    :param outcomes: only these of OUTCOMES, and `field_failed`: those with a rejected field; empty: all
    :param code: only those with this reason
    """
    wanted = set(outcomes)
    found: list[Change] = []
    for change in _all(tx, batch_id, after):
        if len(found) > limit:
            break
        if _matches(change, wanted, code):
            found.append(change)
    more = found[limit - 1].id if len(found) > limit else None
    return _record_rows(tx, found[:limit], viewer), more


def _matches(change: Change, wanted: set[str], code: str) -> bool:
    rejected = _own_codes(change)
    own = not wanted or _outcome(change) in wanted
    by_field = "field_failed" in wanted and bool(rejected)
    if not code:
        return own or by_field
    return (own and change.code == code) or ((by_field or not wanted) and code in rejected)


def _all(tx: Connection, batch_id: int, after: int = 0) -> Iterator[Change]:
    while chunk := ledger.changes(tx, batch_id, after_id=after, limit=_CHUNK):
        yield from chunk
        after = chunk[-1].id


def _record_rows(tx: Connection, changes: list[Change], viewer: Viewer) -> list[dict[str, Any]]:
    known = pairs.get(tx, {one.pair_id for one in changes if one.pair_id})
    return [_record_row(one, known.get(one.pair_id or ""), viewer) for one in changes]


def _record_row(change: Change, pair: Any, viewer: Viewer) -> dict[str, Any]:
    detail: Mapping[str, Any] = change.detail or {}
    kind = kind_of(change.code) if change.code else None
    ids = {"salesforce": pair.sf_id if pair else None, "hubspot": pair.hs_id if pair else None}
    if change.record_id:
        ids[change.system] = change.record_id
    source = detail.get("record")
    objects = {"salesforce": pair.sf_object, "hubspot": pair.hs_object} if pair else {change.system: change.object}
    if isinstance(source, Mapping):
        ids[str(source.get("system"))] = source.get("id")
        objects[str(source.get("system"))] = str(source.get("object"))
    return {
        "id": change.id,
        "pair_id": change.pair_id,
        "objects": objects,
        "system": change.system,
        "object": change.object,
        "action": change.action.value,
        "outcome": _outcome(change),
        "ids": ids,
        "code": change.code,
        "class": kind.cls.value if kind else None,
        "reason": kind.meaning if kind else None,
        "remedy": kind.remedy if kind else None,
        "message": told_of(change, str(detail["message"]), viewer) if detail.get("message") else None,
        "vendor_code": _text(detail.get("vendor_code")),
        "candidates": _candidates(detail),
        "named_fields": [one for one in detail.get("fields") or () if isinstance(one, str)],
        "rejected_fields": [{**one, "message": told_of(change, one["message"], viewer)} for one in _rejected(change)],
        "sent_fields": sorted(change.after),
        "lost_fields": sorted(change.lost),
        "attempts": change.attempts,
        "sent_at": _iso(change.sent_at),
    }


def _own_codes(change: Change) -> list[str]:
    """Codes of rejected fields. A record that was not created has none: what is said of its fields is why it was not."""
    return [one["code"] for one in _rejected(change)] if change.pair_id else []


def _rejected(change: Change) -> list[dict[str, str]]:
    found = [one for one in (change.detail or {}).get("fields") or () if isinstance(one, Mapping)]
    return [_rejected_field(one) for one in found]


def _rejected_field(one: Mapping[str, Any]) -> dict[str, str]:
    code = str(one.get("code") or "internal")
    kind = kind_of(code)
    message = _text(one.get("message")) or kind.meaning
    return {"field": ", ".join(names_of(one)), "code": code, "message": message, "remedy": kind.remedy}


def _candidates(detail: Mapping[str, Any]) -> list[dict[str, str]]:
    found = [one for one in detail.get("candidates") or () if isinstance(one, Mapping)]
    return [{name: str(one.get(name) or "") for name in ("system", "object", "id")} for one in found]


def _outcome(change: Change) -> str:
    return change.outcome.value if change.outcome else PLANNED


def _text(value: Any) -> str | None:
    return str(value) if value not in (None, "") else None

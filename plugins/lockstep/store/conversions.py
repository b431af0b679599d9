"""Conversions: milestones that were found, and how far each has come on its way to Google Ads."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, and_, bindparam, func, or_, select, update
from sqlalchemy import insert as insert_into

from lockstep.conversions.definition import Backend
from lockstep.conversions.record import ADJUSTABLE, RECORDED, UNKNOWN, UNSENT, Conversion, ConversionState, Undone
from lockstep.model import Gone
from lockstep.store import tables as t
from lockstep.store.dialects import among

_NAMES = tuple(one.name for one in fields(Conversion) if one.name != "id")


@dataclass(frozen=True, slots=True)
class Upload:
    """A request to Data Manager. `state`: processing, or Google's verdict: success, partial, failed, forgotten (too old to
    ask). `reasons`: why rows were refused -> how many."""

    request_id: str
    backend: Backend
    account: str
    batch_id: int
    sent_at: datetime
    rows: int
    state: str = "processing"
    reasons: Mapping[str, int] | None = None
    settled_at: datetime | None = None


def put(tx: Connection, rows: Sequence[Conversion], now: datetime) -> None:
    """Write these rows whole: those without an id are new.

    :raises sqlalchemy.exc.IntegrityError: a new row's order id is known already
    """
    new = [_encoded(one) | {"found_at": now} for one in rows if not one.id]
    if new:
        tx.execute(insert_into(t.conversion), new)
    old = [_encoded(one) | {"of": one.id} for one in rows if one.id]
    if old:
        tx.execute(update(t.conversion).where(t.conversion.c.id == bindparam("of")), old)


def _encoded(one: Conversion) -> dict[str, Any]:
    values = {name: getattr(one, name) for name in _NAMES}
    for name in ("state", "undone", "backend"):
        values[name] = str(values[name]) if values[name] is not None else None
    return values | {"people": [list(person) for person in one.people], "consent": dict(one.consent)}


def by_order(tx: Connection, order_ids: Collection[str]) -> dict[str, Conversion]:
    """order id -> conversion; unknown ones are absent."""
    return {one.order_id: one for one in _of(tx, t.conversion.c.order_id, order_ids)}


def by_record(tx: Connection, system: str, object: str, ids: Collection[str]) -> dict[str, list[Conversion]]:
    """record id -> its conversions."""
    found: dict[str, list[Conversion]] = {}
    c = t.conversion.c
    for one in _of(tx, c.record_id, ids, (c.system == system) & (c.object == object)):
        found.setdefault(one.record_id, []).append(one)
    return found


def by_request(tx: Connection, request_id: str) -> list[Conversion]:
    return _of(tx, t.conversion.c.request_id, [request_id])


def known(tx: Connection, system: str, object: str, ids: Collection[str]) -> set[str]:
    """Which of these records have conversions."""
    c = t.conversion.c
    query = select(c.record_id).where(c.system == system, c.object == object, among(tx, c.record_id, ids)).distinct()
    return set(tx.execute(query).scalars()) if ids else set()


def _of(
    tx: Connection, column: Any, values: Collection[Any], where: ColumnElement[bool] | None = None
) -> list[Conversion]:
    if not values:
        return []
    found = among(tx, column, values)
    query = select(t.conversion).where(found if where is None else and_(where, found)).order_by(t.conversion.c.id)
    return [_decoded(row) for row in tx.execute(query).mappings()]


def due(tx: Connection, now: datetime, after_id: int = 0, limit: int = 2_000) -> list[Conversion]:
    """Conversions to be sent now, by id: ready, parked until now, or sent without an answer."""
    c = t.conversion.c
    parked = (c.state == ConversionState.WAITING.value) & (c.not_before <= now)
    ready = c.state.in_([ConversionState.READY.value, ConversionState.SENT.value])
    return _page(tx, and_(or_(ready, parked), c.undone.is_(None)), after_id, limit)


def unresolved(tx: Connection, after_id: int = 0, limit: int = 2_000) -> list[Conversion]:
    """Conversions of requests that Google refused in part, by id."""
    c = t.conversion.c
    return _page(tx, and_(c.state == ConversionState.UNRESOLVED.value, c.undone.is_(None)), after_id, limit)


def to_adjust(tx: Connection, now: datetime, after_id: int = 0, limit: int = 2_000) -> list[Conversion]:
    """Conversions that Google holds, or may hold, and that are to be taken back; and those that it holds and that are worth
    something else today. By id."""
    c = t.conversion.c
    held = and_(c.state.in_([state.value for state in RECORDED]), c.accepted_at.is_not(None))
    other = or_(c.now_value.is_distinct_from(c.sent_value), c.now_currency.is_distinct_from(c.currency))
    worth = and_(c.now_value.is_not(None), other)
    maybe = or_(held, c.state.in_([state.value for state in UNKNOWN]))
    where = and_(
        c.happened_at >= now - ADJUSTABLE,
        or_(and_(maybe, c.undone.is_not(None)), and_(held, c.undone.is_(None), worth)),
        or_(c.not_before.is_(None), c.not_before <= now),
    )
    return _page(tx, where, after_id, limit)


def _page(tx: Connection, where: ColumnElement[bool], after_id: int, limit: int) -> list[Conversion]:
    c = t.conversion.c
    query = select(t.conversion).where(where, c.id > after_id).order_by(c.id).limit(limit)
    return [_decoded(row) for row in tx.execute(query).mappings()]


def mark_deleted(tx: Connection) -> int:
    """Conversions whose record the mirror knows as deleted or erased are undone. Returns how many."""
    c, m = t.conversion.c, t.mirror.c
    gone = (
        select(m.id)
        .where(m.system == c.system, m.object == c.object, m.id == c.record_id, m.deleted_at.is_not(None))
        .where(m.gone.in_([Gone.DELETED.value, Gone.ERASED.value]))
        .exists()
    )
    closed = [ConversionState.RETRACTED.value, ConversionState.CANNOT_RETRACT.value, ConversionState.EXPIRED.value]
    where = and_(c.undone.is_(None), c.state.not_in(closed), gone)
    marked = tx.execute(update(t.conversion).where(where).values(undone=Undone.DELETED.value)).rowcount
    ended = c.undone.in_([Undone.DELETED.value, Undone.ERASED.value])
    unsent = and_(ended, c.state.in_([state.value for state in UNSENT]))
    tx.execute(update(t.conversion).where(unsent).values(state=ConversionState.WITHDRAWN.value, not_before=None))
    return marked


def close_late(tx: Connection, now: datetime) -> int:
    """What is to be taken back, but is too old for Google. Returns how many."""
    c = t.conversion.c
    held = c.state.in_([state.value for state in (*RECORDED, *UNKNOWN)])
    where = and_(held, c.undone.is_not(None), c.happened_at < now - ADJUSTABLE)
    late = {"state": ConversionState.CANNOT_RETRACT.value, "code": "ads_conversion_expired", "not_before": None}
    return tx.execute(update(t.conversion).where(where).values(late)).rowcount


def forget(tx: Connection, system: str, object: str, record_id: str) -> int:
    """Erase what identifies the person: the counts stay. Returns how many rows."""
    c = t.conversion.c
    where = and_(c.system == system, c.object == object, c.record_id == record_id)
    blank: dict[str, Any] = {
        "gclid": None,
        "gbraid": None,
        "wbraid": None,
        "people": [],
        "undone": Undone.DELETED.value,
    }
    return tx.execute(update(t.conversion).where(where).values(blank)).rowcount


def counts(tx: Connection) -> dict[tuple[str, ConversionState, str | None], int]:
    """(milestone, state, code) -> conversions."""
    c = t.conversion.c
    rows = tx.execute(select(c.milestone, c.state, c.code, func.count()).group_by(c.milestone, c.state, c.code))
    return {(milestone, ConversionState(state), code): number for milestone, state, code, number in rows}


def note_upload(tx: Connection, upload: Upload) -> None:
    """Keep a request whose verdict comes later, in the transaction that notes its rows as pending."""
    values = {one.name: getattr(upload, one.name) for one in fields(Upload)}
    tx.execute(insert_into(t.upload).values(values | {"backend": str(upload.backend), "reasons": upload.reasons or {}}))


def open_uploads(tx: Connection, limit: int = 1_000) -> list[Upload]:
    """Requests without a verdict, oldest first."""
    query = select(t.upload).where(t.upload.c.state == "processing").order_by(t.upload.c.sent_at).limit(limit)
    return [_upload(row) for row in tx.execute(query).mappings()]


def settle_upload(tx: Connection, request_id: str, state: str, reasons: Mapping[str, int], at: datetime) -> None:
    values = {"state": state, "reasons": dict(reasons), "settled_at": at}
    tx.execute(update(t.upload).where(t.upload.c.request_id == request_id).values(values))


def _upload(row: RowMapping) -> Upload:
    return Upload(
        **{one.name: row[one.name] for one in fields(Upload) if one.name != "backend"}, backend=Backend(row["backend"])
    )


def _decoded(row: RowMapping) -> Conversion:
    values = {name: row[name] for name in _NAMES}
    values["id"] = row["id"]
    values["people"] = tuple((kind, value) for kind, value in row["people"])
    values["state"] = ConversionState(row["state"])
    values["undone"] = Undone(row["undone"]) if row["undone"] else None
    values["backend"] = Backend(row["backend"]) if row["backend"] else None
    return Conversion(**values)


def all_of(tx: Connection, milestone: str | None = None) -> Iterator[Conversion]:
    """Every conversion (of one milestone), by id."""
    query = select(t.conversion).order_by(t.conversion.c.id)
    if milestone:
        query = query.where(t.conversion.c.milestone == milestone)
    return decoded(tx.execute(query, execution_options={"yield_per": 2_000}).mappings())


def decoded(found: Iterable[RowMapping]) -> Iterator[Conversion]:
    """Whole rows of the table, as conversions."""
    return (_decoded(row) for row in found)

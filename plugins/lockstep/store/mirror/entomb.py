"""Takes seen ends of records into the mirror. A tombstone has a time and loses to a newer version (DESIGN §5)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, update

from lockstep.model import Gone, MirrorRow, Tombstone
from lockstep.store import layouts
from lockstep.store import tables as t
from lockstep.store.dialects import lock
from lockstep.store.mirror.rows import rows
from lockstep.store.mirror.write import Written, digest, upsert
from lockstep.store.types import version_text


@dataclass(frozen=True, slots=True)
class Entombed:
    """`deleted`: records that are now gone, or of whose end more is known; `skipped`: unknown, known, or older than a version."""

    deleted: int
    skipped: int
    moved_ids: tuple[str, ...]


def entomb(
    tx: Connection, system: str, object: str, tombstones: Sequence[Tombstone], seq: int, *, known_only: bool = True
) -> Entombed:
    """Mark records as gone and due. `known_only=False` keeps tombstones of records that the mirror never held, too."""
    lock(tx, "mirror", system, object)
    latest = {one.id: one for one in sorted(tombstones, key=_weight)}
    held = rows(tx, system, object, latest.keys())
    news = [one for one in latest.values() if one.id in held and _is_news(held[one.id], one)]
    _mark(tx, system, object, news, seq)
    strangers = [] if known_only else [one for one in latest.values() if one.id not in held]
    _keep(tx, system, object, strangers)
    done = len(news) + len(strangers)
    return Entombed(done, len(tombstones) - done, tuple(one.id for one in news))


def _weight(one: Tombstone) -> tuple[bool, datetime]:
    """Of several tombstones of a record the one counts that knows where the record went, then the latest."""
    return one.kind is not Gone.DELETED, one.at


def _is_news(row: MirrorRow, one: Tombstone) -> bool:
    if row.live:
        return version_text(one.at) >= row.version
    if row.gone is Gone.DELETED:
        return one.kind is not Gone.DELETED
    return one.kind is row.gone and (one.into, one.into_object) != (row.merged_into, row.merged_into_object)


def _mark(tx: Connection, system: str, object: str, news: Sequence[Tombstone], seq: int) -> None:
    if not news:
        return
    c = t.mirror.c
    statement = update(t.mirror).where(c.system == system, c.object == object, c.id == bindparam("of"))
    tx.execute(
        statement.values(due_seq=seq),
        [
            {
                "of": one.id,
                "deleted_at": one.at,
                "gone": one.kind,
                "merged_into": one.into,
                "merged_into_object": one.into_object,
            }
            for one in news
        ],
    )


def _keep(tx: Connection, system: str, object: str, strangers: Sequence[Tombstone]) -> None:
    if not strangers:
        return
    empty = layouts.obtain(tx, layouts.MIRROR, system, object, ()).id
    hashed, payload = digest(())
    upsert(
        tx,
        [
            Written(
                system, object, one.id, version_text(one.at), one.at, empty, hashed,
                one.at, one.kind.value, one.into, one.into_object, None, None, payload,
            )
            for one in sorted(strangers, key=lambda one: one.id)
        ],
    )  # fmt: skip

"""What a vendor confirmed goes into the mirror at once, together with the base (DESIGN §6.4)."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from lockstep.model import MirrorRow, Values
from lockstep.store.dialects import lock
from lockstep.store.mirror.merge import layout_of
from lockstep.store.mirror.rows import FIRST_SIGHT, rows
from lockstep.store.mirror.write import Written, digest, replace_keys, upsert
from lockstep.store.types import encode


def confirm(
    tx: Connection,
    system: str,
    object: str,
    id: str,
    values: Values,
    version: str | None,
    at: datetime,
    keys: Callable[[Values], Iterable[tuple[str, str]]] | None = None,
) -> None:
    """Merge values that the record is known to hold into its mirror row; nothing becomes due by it.

    A row of a newer version stays as it is: it was read after the write. An unknown record is inserted, with an empty
    version if none was told, so that the next pull takes over. `keys` makes the match keys from the merged values.
    """
    lock(tx, "mirror", system, object)
    held = rows(tx, system, object, [id]).get(id)
    if held and version is not None and held.version > version:
        return
    merged = (held.values if held else {}) | values
    upsert(tx, [_written(tx, (system, object, id), held, merged, version, at)])
    if keys:
        replace_keys(tx, system, object, {id: keys(merged)}, [id])


def _written(
    tx: Connection,
    record: tuple[str, str, str],
    held: MirrorRow | None,
    merged: Values,
    version: str | None,
    at: datetime,
) -> Written:
    names = tuple(merged) if held else tuple(sorted(merged))
    layout = layout_of(tx, record[0], record[1], names)
    hashed, payload = digest([merged[name] for name in names])
    if held is None:
        moved = encode({FIRST_SIGHT: version}) if version else None
        return Written(*record, version or "", at, layout.id, hashed, None, None, None, None, None, moved, payload)
    return Written(
        *record,
        version or held.version,
        at,
        layout.id,
        hashed,
        held.deleted_at,
        held.gone.value if held.gone else None,
        held.merged_into,
        held.merged_into_object,
        held.due_seq,
        encode(held.moved),
        payload,
    )

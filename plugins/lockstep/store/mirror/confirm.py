"""What a vendor confirmed goes into the mirror at once, together with the base (DESIGN §6.4)."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
    confirm_all(tx, system, object, [Confirmed(id, values, version)], at, keys)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """What one record is known to hold; `version` if the vendor told it."""

    id: str
    values: Values
    version: str | None = None


def confirm_all(
    tx: Connection,
    system: str,
    object: str,
    records: Sequence[Confirmed],
    at: datetime,
    keys: Callable[[Values], Iterable[tuple[str, str]]] | None = None,
) -> None:
    """`confirm` for many records, each named once."""
    lock(tx, "mirror", system, object)
    held = rows(tx, system, object, [one.id for one in records])
    stale = {id for one in records if (row := held.get(id := one.id)) and one.version and row.version > one.version}
    fresh = sorted((one for one in records if one.id not in stale), key=lambda one: one.id)
    merged = {one.id: (held[one.id].values if one.id in held else {}) | one.values for one in fresh}
    written = _Writer(tx, system, object, at)
    upsert(tx, [written.row(one, held.get(one.id), merged[one.id]) for one in fresh])
    if keys:
        replace_keys(tx, system, object, {id: keys(values) for id, values in merged.items()}, list(merged))


class _Writer:
    """Makes mirror rows of confirmed values; looks each layout up once."""

    def __init__(self, tx: Connection, system: str, object: str, at: datetime):
        self._tx, self._place, self._at = tx, (system, object), at
        self._layouts: dict[tuple[str, ...], int] = {}

    def row(self, one: Confirmed, held: MirrorRow | None, merged: Values) -> Written:
        names = tuple(merged) if held else tuple(sorted(merged))
        hashed, payload = digest([merged[name] for name in names])
        seen = encode({FIRST_SIGHT: one.version}) if one.version else None
        layout, version = self._layout(names), one.version or ""
        row = Written(
            *self._place, one.id, version, self._at, layout, hashed, None, None, None, None, None, seen, payload
        )
        return _as_before(row, held) if held else row

    def _layout(self, names: tuple[str, ...]) -> int:
        if names not in self._layouts:
            self._layouts[names] = layout_of(self._tx, *self._place, names).id
        return self._layouts[names]


def _as_before(row: Written, held: MirrorRow) -> Written:
    """What a confirmation does not tell stays as it was."""
    return row._replace(
        version=row.version or held.version,
        deleted_at=held.deleted_at,
        gone=held.gone.value if held.gone else None,
        merged_into=held.merged_into,
        merged_into_object=held.merged_into_object,
        due_seq=held.due_seq,
        moved=encode(held.moved),
    )

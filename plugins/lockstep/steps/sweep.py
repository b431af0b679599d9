"""Associations that people changed without changing a record: HubSpot stamps neither, so all of them are read now and then.

A thousand records cost one call. What a pull reads of a record that was changed includes its associations; this is for the rest.
"""

from collections.abc import Sequence
from datetime import timedelta

from lockstep.mapping import Mapping
from lockstep.model import MirrorRow, Row, Values
from lockstep.run import Context
from lockstep.store import cache, mirror
from lockstep.store.mirror import Keys
from lockstep.store.sequence import next_seq
from lockstep.work import Work

#: records whose associations one call reads
CHUNK = 1_000


def links_due(ctx: Context, system: str, name: str) -> bool:
    """True if the object has associations that have not been read for `association_sweep_seconds`."""
    if not ctx.moves_coverage or not linked(ctx.mappings.of_object(system, name), system):
        return False
    with ctx.store.reading() as tx:
        return cache.get(tx, _key(system, name), ctx.now()) is None


def linked(mapping: Mapping, system: str) -> tuple[str, ...]:
    """The object's fields that are associations."""
    return tuple(one.hubspot for one in mapping.references if system == "hubspot" and one.is_association)


def _key(system: str, name: str) -> str:
    return f"links:{system}:{name}"


def sweep_links(
    ctx: Context, work: Work, place: tuple[str, str], fields: Sequence[str], keys: Keys, *, read_whole: bool
) -> None:
    """Read the associations of every record that the mirror holds, and take what moved, as if the record had been read again.
    `read_whole`: the pull has just read all records, so that there is nothing left to do."""
    system, name = place
    if not links_due(ctx, system, name):
        return
    wanted = [one for one in linked(ctx.mappings.of_object(system, name), system) if one in fields]
    after = ""
    while not read_whole:
        with ctx.store.reading() as tx:
            ids = mirror.live_ids(tx, system, name, after, CHUNK)
        if not ids:
            break
        after, read_at = ids[-1], ctx.now()
        told = ctx.systems[system].links(name, wanted, ids)
        with ctx.store.writing() as tx:
            held = mirror.rows(tx, system, name, ids)
            moved = [
                new for row in held.values() if (new := _moved(row, fields, {f: told[f].get(row.id) for f in told}))
            ]
            layout = mirror.layout_of(tx, system, name, tuple(fields))
            done = mirror.merge_page(tx, layout, moved, read_at, next_seq(tx), keys)
            work.count(tx, read=len(moved), new=done.new, updated=done.updated, skipped=done.skipped)
    with ctx.store.writing() as tx:
        until = ctx.now() + timedelta(seconds=ctx.settings.association_sweep_seconds)
        cache.put(tx, _key(system, name), True, until)


def _moved(row: MirrorRow, fields: Sequence[str], links: Values) -> Row | None:
    """The record with its present links; None if they are as before, or if the record has never been read with all its fields."""
    if not set(fields) <= row.values.keys() or all(row.values[name] == value for name, value in links.items()):
        return None
    now = row.values | links
    return Row(row.id, row.version, tuple(now[name] for name in fields))

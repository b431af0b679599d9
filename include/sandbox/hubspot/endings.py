"""The ends of records' lives: archive and restore, GDPR deletion, merge."""

from __future__ import annotations

from sandbox.hubspot import stamps
from sandbox.hubspot.errors import conflict, invalid, not_found
from sandbox.hubspot.records import Properties, Record, Table, unique_values
from sandbox.hubspot.writing import Writer


def archive(writer: Writer, table: Table, record: Record) -> None:
    """Into the recycle bin: gone from reads and, at once, from search; its associations go with it."""
    table.remove(record.id)
    record.archived_at = record.updated_at = writer.portal.now()
    table.archived[record.id] = record
    kept = set(table.unique) - {"email"} if writer.settings["archived_hold_unique"] else set()
    if released := [name for name in table.unique if name not in kept]:
        table.release(record, *released)
    _drop_links(writer, table, record.id, keep=True)
    table.unindex(record.id)
    writer.index(table, None, record.id)


def restore(writer: Writer, table: Table, record_id: int) -> Record:
    """Out of the recycle bin, as a person can within 90 days; 409 if its e-mail address was taken meanwhile."""
    record = table.archived.get(record_id)
    if record is None:
        raise not_found(f"{table.kind.singular} {record_id} is not in the recycle bin")
    for name in table.unique:
        for value in unique_values(name, record.properties):
            if table.unique[name].get(value, record_id) != record_id:
                raise conflict(f"{name} {value} is taken by {table.unique[name][value]}")
    del table.archived[record_id]
    record.archived_at, record.updated_at = None, writer.portal.now()
    record.properties = record.properties | {table.kind.modified: record.updated_at}
    table.add(record)
    _restore_links(writer, table, record_id)
    writer.index(table, record)
    return record


def _drop_links(writer: Writer, table: Table, record_id: int, keep: bool) -> None:
    key = (table.kind.plural, record_id)
    held = writer.portal.links.drop(key)
    if keep:
        writer.portal.dropped_links[key] = held
    writer.recount((name, other) for name, rows in held.items() for other in rows)


def _restore_links(writer: Writer, table: Table, record_id: int) -> None:
    key = (table.kind.plural, record_id)
    for name, rows in writer.portal.dropped_links.pop(key, {}).items():
        kinds = writer.portal.links.kinds(table.kind.plural, name)
        for other, type_ids in rows.items():
            if name in writer.portal.tables and other in writer.portal.tables[name].live:
                writer.link(key, (name, other), [kinds[type_id] for type_id in type_ids if type_id in kinds])


def gdpr_delete(writer: Writer, table: Table, record: Record | None, email: str | None) -> None:
    """Delete for good and block the address for ever."""
    addresses = [email] if email else []
    if record is not None:
        addresses += unique_values("email", record.properties)
        (table.remove if record.id in table.live else table.archived.pop)(record.id)
        table.release(record)
        _drop_links(writer, table, record.id, keep=False)
        table.unindex(record.id)
        writer.index(table, None, record.id)
    writer.portal.blocked_emails.update(address.lower() for address in addresses)


def merge(writer: Writer, table: Table, winner: Record, loser: Record) -> Record:
    """Merge two records; by default the survivor has a new id to which both old ids lead."""
    if not table.kind.mergeable:
        raise invalid(f"Merging is not supported for {table.kind.plural}.")
    if winner.id == loser.id:
        raise invalid("Cannot merge an object with itself.")
    at = writer.portal.now()
    held = [writer.portal.links.drop((table.kind.plural, record.id)) for record in (winner, loser)]
    survivor = _survivor(writer, table, winner, loser, at)
    for record in (winner, loser):
        if record.id != survivor.id:
            table.merged[record.id] = survivor.id
            table.unindex(record.id)
            writer.index(table, None, record.id)
    _move_links(writer, table, survivor, held)
    writer.index(table, survivor)
    return survivor


def _survivor(writer: Writer, table: Table, winner: Record, loser: Record, at: str) -> Record:
    for record in (winner, loser):
        table.remove(record.id)
        table.release(record)
    new_id = table.next_id if writer.settings["merge_creates_new_id"] else winner.id
    filled = {name: value for name, value in winner.properties.items() if value is not None}
    properties = {**loser.properties, **filled, **merged_names(winner, loser, new_id, at)}
    survivor = Record(new_id, properties | {table.kind.modified: at}, winner.created_at, at)
    survivor.history = {name: list(versions) for name, versions in (loser.history | winner.history).items()}
    table.add(survivor)
    return survivor


def _move_links(writer: Writer, table: Table, survivor: Record, held: list[dict[str, dict[int, set[int]]]]) -> None:
    key, keys = (table.kind.plural, survivor.id), set()
    for links in reversed(held):  # the winner's last, so that its primary company stays primary
        for name, rows in links.items():
            kinds = writer.portal.links.kinds(table.kind.plural, name)
            for other, type_ids in rows.items():
                wanted = [kinds[type_id] for type_id in type_ids]
                writer.portal.links.add(key, (name, other), wanted, first_is_primary=False)
                keys.add((name, other))
    writer.recount({key, *keys})


def merged_names(winner: Record, loser: Record, new_id: int, at: str) -> Properties:
    """The properties by which a survivor tells what it was made of."""
    old = [winner.id, loser.id] if new_id != winner.id else [loser.id]
    earlier = [record.properties.get("hs_merged_object_ids") for record in (winner, loser)]
    found: Properties = {"hs_object_id": str(new_id)}
    found["hs_merged_object_ids"] = ";".join([*(ids for ids in earlier if ids), *map(str, old)])
    if "email" in winner.properties or "email" in loser.properties:
        spare = unique_values("email", loser.properties) + unique_values("email", winner.properties)[1:]
        own = winner.properties.get("email") or (spare.pop(0) if spare else None)
        found["email"] = own
        found["hs_additional_emails"] = ";".join(dict.fromkeys(mail for mail in spare if mail != own)) or None
        moment = stamps.milliseconds(at)
        found["hs_calculated_merged_vids"] = ";".join(f"{record_id}:{moment}" for record_id in old)
        found["hs_all_contact_vids"] = ";".join(map(str, dict.fromkeys([new_id, *old])))
    return found

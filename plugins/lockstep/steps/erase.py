"""Erasing a person: by a decision, or since a reconcile saw that HubSpot erased the contact (GDPR delete)."""

from typing import Any

from lockstep.decisions import Decision
from lockstep.mapping import FieldType, Mapping
from lockstep.model import Values
from lockstep.run import Context
from lockstep.steps.values import value_context
from lockstep.store import erasure, mirror
from lockstep.store.sequence import next_seq
from lockstep.values import canonical


def erase(ctx: Context, tx: Any, system: str, name: str, record_id: str) -> int:
    """Take the person out of the store, and block a new record of the same e-mail address. Returns the pairs concerned."""
    mapping = ctx.mappings.of_object(system, name)
    row = mirror.rows(tx, system, name, [record_id]).get(record_id)
    if row:
        erasure.block(tx, addresses(ctx, tx, mapping, system, name, row.values), ctx.now())
    return len(erasure.purge(tx, system, name, record_id, ctx.now(), next_seq(tx)))


def addresses(ctx: Context, tx: Any, mapping: Mapping, system: str, name: str, values: Values) -> list[str]:
    context = value_context(ctx, tx)
    mails = [one for one in mapping.fields if one.type is FieldType.EMAIL and one.on(system, name)]
    found = [canonical(one, system, values.get(one.on(system, name) or ""), context) for one in mails]
    return [one for one in found if isinstance(one, str)]


def obey_erasure(ctx: Context, tx: Any, one: Decision) -> str:
    number = erase(ctx, tx, one.system or "", one.object or "", one.record_id or "")
    return f"erased, with {number} pairs"

"""Finding milestones where a preflight has found something wrong: objects that are blocked are skipped, hidden fields left out."""

from collections.abc import Iterator, Sequence

from lockstep.conversions.definition import ENTITY, Kind
from lockstep.model import HUBSPOT, SALESFORCE, BatchStatus, Operation
from lockstep.run import Context
from lockstep.store import ledger, preflight
from lockstep.work import open_batch

_OBJECTS = ("Lead", "Contact", "Opportunity", "contacts")


def unblocked(ctx: Context, objects: Sequence[str]) -> Iterator[str]:
    """Objects whose milestones can be read; for each of the others the ledger gets a batch with the code."""
    with ctx.store.reading() as tx:
        blocked = preflight.blocked(tx)
    for name in objects:
        code = blocked.pull(name)
        if code is None:
            yield name
        else:
            _skip(ctx, name, code)


def _skip(ctx: Context, name: str, code: str) -> None:
    system = HUBSPOT if name == Kind.HUBSPOT_LIFECYCLE.object else SALESFORCE
    words = f"No milestones of {name} are looked for: see the last run of preflight."
    ctx.log.warning("%s: %s", code, words)
    with ctx.store.writing() as tx:
        batch_id = open_batch(ctx, tx, system, name, Operation.PULL_MILESTONES, ENTITY)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE, error_code=code, error=words)


def visible_fields(ctx: Context) -> dict[str, tuple[str, ...]]:
    """Object -> fields that are read for milestones, without those that Salesforce does not show: a query that names one fails."""
    with ctx.store.reading() as tx:
        hidden = preflight.blocked(tx).hidden
    return {
        name: tuple(one for one in ctx.conversions.fields_of(name) if one not in hidden.get(name, ()))
        for name in _OBJECTS
    }

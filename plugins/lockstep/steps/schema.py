"""sync_schema: what fields, stages and owners both systems have; makes what is ours there (HS-14, MK-19).

Descriptions are kept in the store, since asking costs several calls: a scheduled run asks again when they are older than
`schema_refresh_seconds`, a run that a person starts always asks.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from lockstep.errors import ConfigError
from lockstep.mapping import FieldType, Mapping, check_against, hidden_fields
from lockstep.mapping.holding import without
from lockstep.model import HUBSPOT, SALESFORCE, BatchStatus, ObjectSchema, Operation
from lockstep.run import Context
from lockstep.steps.drift import assess, note_owners
from lockstep.steps.runs import statistics
from lockstep.store import cache, ledger, mirror, owners, schema, suspensions
from lockstep.store.sequence import next_seq
from lockstep.work import Work, fetch, open_batch, working

FOR_GOOD = timedelta(days=36_500)


def sync_schema(ctx: Context, system: str) -> list[dict[str, Any]]:
    """Describe every mapped object of one system, prepare the external ids, read the owners, check the mappings.

    :raises ConfigError: the mappings do not fit the vendor's fields; all mistakes at once.
    """
    _notice_mappings(ctx)
    with ctx.store.writing() as tx:
        ledger.clean_up(tx, ctx.run.id, system=system)
        if ctx.run.kind == "scheduled" and cache.get(tx, _key(ctx, system), ctx.now()):
            return []
        names = ctx.objects(system)
        entities = {name: ctx.mappings.of_object(system, name).entity for name in names} | {schema.OWNERS: None}
        opened = {
            name: open_batch(ctx, tx, system, name, Operation.SYNC_SCHEMA, entity) for name, entity in entities.items()
        }
    for name in names:
        with working(ctx, opened[name], system) as work:
            _describe(ctx, work, system, name)
    with working(ctx, opened[schema.OWNERS], system):
        _owners(ctx, system)
        _address(ctx, system)
    _check(ctx, system, opened)
    with ctx.store.writing() as tx:
        until = ctx.now() + timedelta(seconds=ctx.settings.schema_refresh_seconds)
        suspensions.described_well(tx, system)
        cache.put(tx, _key(ctx, system), {"at": ctx.now().isoformat()}, until)
    return [statistics(fetch(ctx, batch_id)) for batch_id in opened.values()]


def _key(ctx: Context, system: str) -> str:
    return f"schema:{system}:{ctx.mappings.hash}"


def _describe(ctx: Context, work: Work, system: str, name: str) -> None:
    """Prepare first, so that the description holds our own field."""
    mapping = ctx.mappings.of_object(system, name)
    external_id = mapping.external_id[system]
    created = ctx.systems[system].prepare(name, external_id) if external_id else []
    if created:
        ctx.log.info("%s %s: created %s", system, name, ", ".join(created))
    described = ctx.systems[system].describe(name)
    with ctx.store.writing() as tx:
        before = schema.held(tx)
        found = schema.save(tx, described, ctx.now())
        assess(ctx, tx, found)
        held = [field for side, one, field in schema.held(tx) if (side, one) == (system, name)]
        if before - schema.held(tx):
            # what was edited while the field was held has been planned without it
            _plan_again(tx, [ctx.mappings.of_object(system, name)])
        work.count(tx, fields_failed=len(held))
    for one in found:
        ctx.log.warning("%s %s: the field %s was %s", system, name, one.field, one.what)
    if held:
        ctx.log.error("%s %s: held until they fit again: %s", system, name, ", ".join(sorted(held)))


def _owners(ctx: Context, system: str) -> None:
    found = ctx.systems[system].owners()
    with ctx.store.writing() as tx:
        before = owners.list_owners(tx, system)
        if owners.save(tx, system, found):
            note_owners(tx, system, before, found, ctx.now())
            owned = [m for m in ctx.mappings.all if any(f.type is FieldType.OWNER for f in m.fields)]
            _plan_again(tx, owned)


def _address(ctx: Context, system: str) -> None:
    """Where people open the system's records: Sync Status links there."""
    address = ctx.systems[system].check().address
    with ctx.store.writing() as tx:
        cache.put(tx, cache.ADDRESS + system, address, ctx.now() + FOR_GOOD)


def _plan_again(tx: Any, mappings: Iterable[Mapping]) -> None:
    """What a plan is made by has changed: every record is planned again, at the cost of reading the mirror once."""
    seq = next_seq(tx)
    for mapping in mappings:
        for side in (SALESFORCE, HUBSPOT):
            mirror.raise_all(tx, side, mapping.sources(side), seq)


def _notice_mappings(ctx: Context) -> None:
    """Mappings that were edited since the last run."""
    with ctx.store.writing() as tx:
        edited = []
        for mapping in ctx.mappings.all:
            key, known = f"mapping:{mapping.entity}", cache.get(tx, f"mapping:{mapping.entity}", ctx.now())
            if known != mapping.hash:
                cache.put(tx, key, mapping.hash, ctx.now() + FOR_GOOD)
            if known not in (None, mapping.hash):
                edited.append(mapping)
        if edited:
            ctx.log.info("edited since the last run, all records are planned again: %s", [m.entity for m in edited])
            _plan_again(tx, edited)


def _check(ctx: Context, system: str, opened: dict[str, int]) -> None:
    with ctx.store.reading() as tx:
        mappings = without(ctx.mappings, schema.held(tx))
        described: dict[tuple[str, str], ObjectSchema] = {}
        for name in ctx.objects(system):
            if one := schema.get(tx, system, name):
                described[system, name] = one
    problems = [*hidden_fields(described), *check_against(mappings, described)]
    for problem in problems:
        ctx.log.warning("%s", problem)
    errors = [problem for problem in problems if problem.severity == "error"]
    if errors:
        error = ConfigError(
            f"{len(errors)} mistakes in the mappings for {system}:\n" + "\n".join(str(problem) for problem in errors),
            hint="Correct the mapping files, or the fields and permissions in the vendor, then run sync_schema again.",
        )
        with ctx.store.writing() as tx:
            ledger.close_batch(
                tx, next(iter(opened.values())), BatchStatus.FAILED, error_code=error.code, error=str(error)
            )
        raise error

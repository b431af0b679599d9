"""What a person chose for a held clash, once, takes the place of the rule that asked for it."""

from datetime import datetime

from lockstep.decisions import Decision
from lockstep.labels import LABEL
from lockstep.mapping import FieldMapping
from lockstep.merge import FieldVerdict, Verdict
from lockstep.model import HUBSPOT, SALESFORCE, MirrorRow, Pair, other_side
from lockstep.plan.unit import PlanContext
from lockstep.values import Waiting, canonical

_WRITES = {SALESFORCE: Verdict.write_salesforce, HUBSPOT: Verdict.write_hubspot}


def chosen(
    verdict: FieldVerdict, pair: Pair, rows: dict[str, MirrorRow], context: PlanContext
) -> tuple[FieldVerdict, ...]:
    """The verdict itself, unless it holds and a person has chosen since both values came to stand as they do."""
    choice = context.choices.get((pair.id, verdict.field.name))
    if choice is None or _moved_since(choice, verdict.field, rows):
        return (verdict,)
    if verdict.verdict is not Verdict.hold and not (
        verdict.field.sums and _lacks(choice, verdict.field, rows, context)
    ):
        return (verdict,)
    if choice.choice == "value":
        return tuple(_typed(choice, verdict.field, target, rows, context) for target in (SALESFORCE, HUBSPOT))
    return (_taken(choice, verdict.field, rows, context),)


def _lacks(choice: Decision, field: FieldMapping, rows: dict[str, MirrorRow], context: PlanContext) -> bool:
    """True while a side does not hold the sum of merged records, whatever the rule says."""
    total = canonical(field, SALESFORCE, choice.value, context.values)
    names = {system: field.on(system, row.object) or "" for system, row in rows.items()}
    held = [canonical(field, system, row.values.get(names[system]), context.values) for system, row in rows.items()]
    return all(name in rows[system].values for system, name in names.items()) and held != [total, total]


def _moved_since(choice: Decision, field: FieldMapping, rows: dict[str, MirrorRow]) -> bool:
    moved = [row.moved.get(field.on(system, row.object) or "") for system, row in rows.items()]
    return any(datetime.fromisoformat(one) > choice.made_at for one in moved if one)


def _taken(choice: Decision, field: FieldMapping, rows: dict[str, MirrorRow], context: PlanContext) -> FieldVerdict:
    """One side's value, written to the other."""
    source, target = choice.choice or "", other_side(choice.choice or "")
    raw, lost = _raw(field, rows[source]), _raw(field, rows[target])
    value = canonical(field, source, raw, context.values)
    verdict = Verdict.waiting if isinstance(value, Waiting) else _WRITES[target]
    return FieldVerdict(field, verdict, value, raw, lost, f"{choice.mark}: {LABEL[source]}'s value")


def _typed(
    choice: Decision, field: FieldMapping, target: str, rows: dict[str, MirrorRow], context: PlanContext
) -> FieldVerdict:
    value = canonical(field, SALESFORCE, choice.value, context.values)
    lost = _raw(field, rows[target])
    return FieldVerdict(
        field, _WRITES[target], value, choice.value, lost, f"{choice.mark}: a value of their own", typed=True
    )


def _raw(field: FieldMapping, row: MirrorRow) -> str | None:
    return row.values[field.on(row.system, row.object) or ""]

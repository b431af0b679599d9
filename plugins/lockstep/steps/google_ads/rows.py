"""The rows of a batch: the change that was planned, and the conversion as it is now; intents and outcomes are committed here."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lockstep.conversions.record import UNKNOWN, Conversion
from lockstep.conversions.verdicts import Outcome
from lockstep.model import GOOGLE_ADS, Action, Change, OutcomeKind
from lockstep.run import Context
from lockstep.store import conversions, ledger
from lockstep.work import Work


@dataclass(frozen=True, slots=True)
class Planned:
    """One item of a batch."""

    change: Change
    conversion: Conversion


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one item. `detail`: more for people to read; it names no person."""

    planned: Planned
    outcome: Outcome
    detail: Mapping[str, Any] | None = None


def as_configured(ctx: Context, one: Conversion) -> Conversion:
    """With the account and the action of its milestone as conversions.yaml has them now; what Google holds, or may hold: as it was
    sent, or it would count twice."""
    milestone = ctx.conversions.by_name.get(one.milestone)
    if milestone is None or may_be_held(one):
        return one
    return replace(one, account=milestone.account, action=milestone.action)


def may_be_held(one: Conversion) -> bool:
    """Whether Google holds it, or may do so: an answer was lost."""
    return one.accepted_at is not None or one.state in UNKNOWN


def left(ctx: Context, batch_id: int) -> list[Planned]:
    """Items without an outcome."""
    with ctx.store.reading() as tx:
        changes = ledger.changes(tx, batch_id, undone_only=True)
        known = conversions.by_order(tx, [one.record_id or "" for one in changes])
    return [Planned(one, known[one.record_id or ""]) for one in changes]


def intend(ctx: Context, some: Sequence[Planned]) -> list[Planned]:
    """Commit that these are about to be sent, as their conversions say."""
    now = ctx.now()
    sent = [replace(one, conversion=replace(one.conversion, sent_at=now)) for one in some]
    with ctx.store.writing() as tx:
        ledger.mark_sent(tx, [one.change.id for one in sent], now)
        conversions.put(tx, [one.conversion for one in sent], now)
    return sent


def commit(tx: Any, ctx: Context, work: Work, done: Sequence[Done]) -> None:
    """Outcomes, conversions and counts in one transaction."""
    conversions.put(tx, [one.outcome[0] for one in done], ctx.now())
    ledger.set_outcomes(tx, [(one.planned.change.id, one.outcome[1], one.outcome[2], one.detail, None) for one in done])
    counts = Counter(str(one.outcome[1]) for one in done)
    work.count(tx, read=len(done), **counts)


def listed(batch_id: int, one: Conversion, outcome: OutcomeKind, code: str | None, detail: Mapping[str, Any]) -> Change:
    """What became of a conversion to which this batch sends nothing, for the ledger."""
    return Change(
        id=0,
        batch_id=batch_id,
        pair_id=None,
        system=GOOGLE_ADS,
        object="conversion",
        action=Action.NONE,
        record_id=one.order_id,
        before={},
        after={},
        why={},
        lost={},
        outcome=outcome,
        code=code,
        detail=detail,
    )


def unchanged(one: Planned) -> Done:
    """Something else has become of it since it was planned."""
    return Done(one, (one.conversion, OutcomeKind.SKIPPED, "unchanged"))

"""Records that wait for their parents without a pair of their own: they are planned again in every run until they can be made.

So do members of a campaign whose statuses differ between the sides. A record without match keys waits with a pair, which is woken; one that has keys must stay free to be matched meanwhile.
"""

from collections.abc import Iterable
from typing import Any

from lockstep.model import OutcomeKind
from lockstep.plan import UnitPlan
from lockstep.store import mirror, pairs
from lockstep.store.sequence import next_seq

WAITING, DIFFER = "waiting_for_reference", "member_statuses_differ"


def stay_due(tx: Any, plans: Iterable[UnitPlan]) -> None:
    ids: dict[tuple[str, str], list[str]] = {}
    paired = []
    for plan in plans:
        for change in plan.changes:
            if change.outcome is not OutcomeKind.DEFERRED or change.code not in (WAITING, DIFFER):
                continue
            if plan.pair is None:
                record = change.detail["record"]
                ids.setdefault((record["system"], record["object"]), []).append(record["id"])
            elif change.code == DIFFER:
                paired.append(plan.pair.id)
    for (system, name), some in ids.items():
        mirror.raise_due(tx, system, name, some, next_seq(tx))
    pairs.raise_due(tx, paired, next_seq(tx))

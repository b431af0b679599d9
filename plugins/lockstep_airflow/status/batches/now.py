"""What is wrong at this moment, for the top of the first page: whoever is called at night looks there first."""

from dataclasses import dataclass

from sqlalchemy import Connection

from lockstep.store import budget, ledger
from lockstep.store.budget import Health
from lockstep.store.ledger import Card, ErrorFilter
from lockstep_airflow.status.errors.query import OUTCOMES

#: causes that are told; the others are on the page of errors
SHOWN = 3


@dataclass(frozen=True, slots=True)
class Now:
    """`suspended`: systems that are not called. `cards`: the worst causes that stand, of `causes` in all; their times and
    numbers are of what still stands."""

    suspended: dict[str, Health]
    cards: list[Card]
    causes: int

    @property
    def grave(self) -> bool:
        """More than single records: a system is not called, or whole batches fail."""
        return bool(self.suspended) or any(one.cause.job for one in self.cards)


def now_wrong(tx: Connection) -> Now | None:
    """None: nothing is."""
    suspended = {name: one for name, one in budget.health(tx).items() if one.suspended}
    cards, causes = ledger.cards(tx, ErrorFilter(standing=True, outcomes=OUTCOMES), SHOWN)
    return Now(suspended, cards, causes) if suspended or cards else None

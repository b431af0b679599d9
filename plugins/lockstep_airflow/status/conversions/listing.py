"""One look at the conversions that a query asks for."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from lockstep.conversions.record import Conversion, ConversionState
from lockstep.store import conversion_list
from lockstep_airflow.status.conversions.query import OWN, ListQuery
from lockstep_airflow.status.conversions.uploads import ORDER

ROWS = 50


@dataclass(frozen=True, slots=True)
class Listing:
    """`following`: the `before` of the next page, None at the end. `total`: of what is filtered. `states`: how many in which, whatever
    state and code are chosen, in the order of the way. `milestones`, `actions`: what can be chosen."""

    rows: list[Conversion]
    following: int | None
    total: int
    states: dict[ConversionState, int]
    milestones: list[str]
    actions: list[str]


def listing(tx: Connection, query: ListQuery, now: datetime, limit: int = ROWS) -> Listing:
    found = conversion_list.page(tx, query.filter(now), query.before, limit + 1)
    every = conversion_list.tallies(tx)
    wide = replace(query, states=(), code="")
    states = conversion_list.states(tx, wide.filter(now))
    return Listing(
        rows=found[:limit],
        following=found[limit - 1].id if len(found) > limit else None,
        total=conversion_list.count(tx, query.filter(now)),
        states={one: states[one] for one in ORDER if one in states},
        milestones=sorted({one.milestone for one in every} | set(query.milestones)),
        actions=sorted({one.action for one in every} | ({query.action} if query.action else set())),
    )


def account_of(account: str | None) -> str:
    """As the address has it."""
    return account or OWN

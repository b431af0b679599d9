"""One look at the records that are not in step."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from lockstep.decisions import Decision, DecisionKind
from lockstep.store import decisions, ledger
from lockstep.store.ledger import ErrorRow, story
from lockstep.store.ledger.causes import record_subject
from lockstep.store.pairs import rows as pairs
from lockstep_airflow.status.choices import Choices, choices
from lockstep_airflow.status.unsynced.held import Held, held
from lockstep_airflow.status.unsynced.query import OUTCOMES, UnsyncedQuery

ROWS = 50


@dataclass(frozen=True, slots=True)
class Unsynced:
    """One record that is not in step. `decided`: what a person decided about it that no run has used yet."""

    error: ErrorRow
    held: Held
    decided: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """`reasons`: (outcome, code, records), by outcome, then most records first, of what the filter finds, whatever outcome and code are chosen; `outcomes` and
    `records` likewise: records by outcome, and in all. `following`: the `before` of the next page, None at the end."""

    rows: list[Unsynced]
    following: int | None
    reasons: list[tuple[str, str, int]]
    outcomes: dict[str, int]
    records: int
    choices: Choices


def listing(tx: Connection, query: UnsyncedQuery, now: datetime, limit: int = ROWS) -> Listing:
    filters = replace(query.filter(now), latest=True)
    found = list(ledger.errors(tx, filters, limit + 1, query.before))
    whole = replace(query, outcome="", code="").filter(now)
    reasons = ledger.reasons(tx, whole)
    records, outcomes = ledger.records(tx, whole)
    return Listing(
        rows=_rows(tx, found[:limit]),
        following=found[limit - 1].id if len(found) > limit else None,
        reasons=sorted(
            (one for one in reasons if query.outcome in ("", one[0])), key=lambda one: OUTCOMES.index(one[0])
        ),
        outcomes={one: outcomes.get(one, 0) for one in OUTCOMES},
        records=records,
        choices=choices(tx, now, [*query.objects, *(one.object for one in found)], query.systems),
    )


def _rows(tx: Connection, found: Sequence[ErrorRow]) -> list[Unsynced]:
    waiting = [one for one in found if one.outcome == "held"]
    changes = story.changes_of(tx, {one.change_id for one in waiting if one.change_id})
    known = pairs.get(tx, {one.pair_id for one in waiting if one.pair_id})
    decided: dict[str, list[Decision]] = {}
    for each in decisions.open(tx, DecisionKind.CHOOSE, DecisionKind.MATCH, DecisionKind.RESYNC):
        decided.setdefault(_subject(each), []).append(each)
    return [
        Unsynced(one, held(one, changes.get(one.change_id or 0), known.get(one.pair_id or "")), tuple(decided.get(subject(one), ())))
        for one in found
    ]  # fmt: skip


def _subject(one: Decision) -> str:
    return one.pair_id or record_subject(one.system or "", one.object or "", one.record_id or "")


def subject(one: ErrorRow) -> str:
    """The pair, or the record that has none."""
    if one.pair_id:
        return one.pair_id
    if one.sf_id:
        return record_subject("salesforce", one.sf_object or "", one.sf_id)
    return record_subject("hubspot", one.hs_object or "", one.hs_id or "")

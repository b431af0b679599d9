"""What can be decided about runs as a whole."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from lockstep.store import ledger
from lockstep.store.ledger import Run
from lockstep_airflow.status.plans.refused import Refused, refused
from lockstep_airflow.status.plans.undoing import Rehearsal, Undoable, rehearsal, undoable


@dataclass(frozen=True, slots=True)
class Plans:
    """Of one run: its refused plan, what it has written and may be undone, and what it listed as a dry run of an undo."""

    run: Run
    refused: Refused | None
    undoable: Undoable | None
    rehearsal: Rehearsal | None


def plans(tx: Connection, run_ids: Collection[str]) -> list[Plans]:
    """Of those of the runs about which something can be decided, newest first: what was written last is undone first."""
    return [one for one in _each(tx, run_ids) if one.refused or one.undoable or one.rehearsal]


def _each(tx: Connection, run_ids: Collection[str]) -> Iterator[Plans]:
    for run in ledger.named(tx, run_ids):
        listed = rehearsal(tx, run)
        yield Plans(run, None if listed else refused(tx, run), undoable(tx, run), listed)

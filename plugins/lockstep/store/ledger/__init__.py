"""The ledger: runs, batches and changes; every decision and its outcome."""

from lockstep.store.ledger.approvals import NotOpen, never_open, not_open, superseded_by, waiting_plans
from lockstep.store.ledger.batches import (
    add_counts,
    batch,
    batches,
    clean_up,
    close_batch,
    ensure_balanced,
    note,
    open_batch,
    reopen_batch,
    superseded,
)
from lockstep.store.ledger.cards import Card, card, cards, known_cause, reasons, records, totals, trend
from lockstep.store.ledger.causes import BATCH_FAILED, FIELD_FAILED, settle
from lockstep.store.ledger.changes import (
    Outcome,
    changes,
    count_attempt,
    failures_in_a_row,
    insert_changes,
    mark_sent,
    sent,
    set_outcomes,
    undone,
)
from lockstep.store.ledger.errors import ErrorFilter, ErrorRow, errors
from lockstep.store.ledger.kinds import rejected_kinds
from lockstep.store.ledger.page import BatchFilter, any_batch, latest_called, page, places
from lockstep.store.ledger.runs import Run, close_run, named, open_run, run, runs
from lockstep.store.ledger.tallies import Tally, Totals, tally

__all__ = [
    "BATCH_FAILED",
    "FIELD_FAILED",
    "BatchFilter",
    "Card",
    "ErrorFilter",
    "ErrorRow",
    "NotOpen",
    "Outcome",
    "Run",
    "Tally",
    "Totals",
    "add_counts",
    "any_batch",
    "batch",
    "batches",
    "card",
    "cards",
    "changes",
    "clean_up",
    "close_batch",
    "close_run",
    "count_attempt",
    "ensure_balanced",
    "errors",
    "failures_in_a_row",
    "known_cause",
    "latest_called",
    "insert_changes",
    "mark_sent",
    "named",
    "never_open",
    "not_open",
    "note",
    "open_batch",
    "open_run",
    "page",
    "places",
    "reasons",
    "records",
    "rejected_kinds",
    "reopen_batch",
    "run",
    "runs",
    "sent",
    "set_outcomes",
    "settle",
    "superseded",
    "superseded_by",
    "tally",
    "totals",
    "trend",
    "undone",
    "waiting_plans",
]

"""Pairs: which records belong together, and what each side held when they last agreed."""

from lockstep.store.pairs.due import clear_due, due, raise_due
from lockstep.store.pairs.references import (
    clear_references,
    raise_references,
    references_due,
    referred,
    set_waits,
    wake,
    wake_for,
)
from lockstep.store.pairs.rows import by_record, closed_by_record, count, get, ids_by_record, insert, links, save

__all__ = [
    "by_record",
    "clear_due",
    "clear_references",
    "closed_by_record",
    "count",
    "due",
    "get",
    "ids_by_record",
    "insert",
    "links",
    "raise_due",
    "raise_references",
    "references_due",
    "save",
    "set_waits",
    "wake",
    "wake_for",
    "referred",
]

"""The store: mirror, pairs, ledger, coverage, budgets. The only package that sends SQL.

    store = Store("sqlite:////data/lockstep.db")        # or postgresql://user:password@host/database
    store.upgrade()
    with store.writing() as tx:
        mirror.merge_page(tx, ...)

One function per question, in modules named after the noun; each takes the open transaction `tx` first.
"""

from lockstep.store import report_tables as report_tables
from lockstep.store.database import Store

__all__ = ["Store"]

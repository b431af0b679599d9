"""What pages ask while somebody waits is answered by indexes that hold few rows, whatever the tables hold."""

import re
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection, event

from lockstep.model import Row
from lockstep.store import Store, ledger, mirror, name_search, pairs, search
from lockstep.store.ledger import ErrorFilter

STANDING = ErrorFilter(standing=True, outcomes=("failed", "held"))
LATEST = ErrorFilter(standing=True, latest=True, outcomes=("failed",))


def plans(store: Store, ask: Callable[[Connection], object]) -> str:
    """How SQLite finds the rows of everything that is asked."""
    asked: list[tuple[str, object]] = []
    event.listen(store.engine, "before_cursor_execute", lambda _c, _u, said, values, *_: asked.append((said, values)))
    with store.reading() as tx:
        ask(tx)
        questions = [one for one in asked if one[0].startswith("SELECT")]
        steps = [tx.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values).all() for said, values in questions]  # type: ignore[arg-type]
    return "\n".join(row[3] for rows in steps for row in rows)


@pytest.mark.parametrize(
    ("ask", "by"),
    [
        (lambda tx: ledger.cards(tx, STANDING, 3), "ix_error_standing"),
        (lambda tx: ledger.reasons(tx, STANDING), "ix_error_standing"),
        (lambda tx: list(ledger.errors(tx, LATEST, 100)), "ix_error_standing"),
        (lambda tx: ledger.cards(tx, ErrorFilter(outcomes=("failed",)), 3), "COVERING INDEX ix_error_outcome"),
        (lambda tx: list(ledger.errors(tx, ErrorFilter(outcomes=("failed",)))), "SCAN error\nSEARCH batch"),
        (lambda tx: ledger.places(tx, datetime.now(UTC), 500), "ix_batch_started"),
        (lambda tx: pairs.ids_by_record(tx, "hubspot", "contacts", "1"), "ix_pair_hs_closed"),
        (lambda tx: search.by_id(tx, "0035g00000HELDA"), "uq_pair_sf_open"),
    ],
)
def test_no_table_is_read_through(sqlite_url: str, ask: Callable[[Connection], object], by: str) -> None:
    store = Store(sqlite_url)
    found = plans(store, ask)
    store.dispose()
    assert by in found
    if not by.startswith("SCAN"):  # in the order of ids, as far as it is read
        assert re.findall(r"SCAN (?:pair|error|batch|change|mirror)$", found, re.M) == []


def test_a_search_reads_what_it_looks_for(sqlite_url: str) -> None:
    store, now = Store(sqlite_url), datetime.now(UTC)
    with store.writing() as tx:
        layout = mirror.layout_of(tx, "hubspot", "contacts", ["lastname"])
        row = Row("1", now.isoformat(), ("Nordmann",))
        mirror.merge_page(tx, layout, [row], now, 1, lambda _: [("email", "kari@example.no")])
    by_key = plans(store, lambda tx: search.by_key(tx, "Nobody@example.no"))
    by_name = plans(store, lambda tx: name_search.by_name(tx, "nobody"))
    store.dispose()
    assert by_key.count("ix_mirror_key_value (system=? AND key=? AND value=?)") == 2
    assert "mirror_1 (system=? AND object=? AND id>? AND id<?)" in by_name
    assert "SCAN mirror" not in by_key + by_name

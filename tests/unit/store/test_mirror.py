"""The mirror: which rows it takes, what becomes due, who is found by which key."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from lockstep.model import Gone, MirrorRow, Row, Tombstone
from lockstep.store import Store, mirror
from lockstep.store.mirror import Keys, Merged
from lockstep.store.sequence import next_seq

SF, OBJECT = "salesforce", "Contact"
FIELDS = ("Email", "LastName")
T0 = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def version(minutes: float) -> str:
    return at(minutes).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def row(record_id: str, minutes: float, *values: str | None) -> Row:
    return Row(record_id, version(minutes), values)


def merge(
    store: Store,
    rows: Sequence[Row],
    read: float = 100,
    fields: tuple[str, ...] = FIELDS,
    keys: Keys | None = None,
    by_id: bool = False,
) -> Merged:
    with store.writing() as tx:
        layout = mirror.layout_of(tx, SF, OBJECT, fields)
        return mirror.merge_page(tx, layout, rows, at(read), next_seq(tx), keys, by_id=by_id)


def held(store: Store, record_id: str = "1") -> MirrorRow:
    with store.reading() as tx:
        return mirror.rows(tx, SF, OBJECT, [record_id])[record_id]


def entomb(store: Store, *tombstones: Tombstone, known_only: bool = True) -> mirror.Entombed:
    with store.writing() as tx:
        return mirror.entomb(tx, SF, OBJECT, tombstones, next_seq(tx), known_only=known_only)


def settle(store: Store) -> None:
    """As if everything had been planned."""
    with store.writing() as tx:
        mirror.clear_due(tx, mirror.due(tx, SF, [OBJECT], 1000))


def due_ids(store: Store) -> list[str]:
    with store.reading() as tx:
        return [one.id for one in mirror.due(tx, SF, [OBJECT], 1000)]


def test_new_rows_are_kept_and_due(store: Store) -> None:
    merged = merge(store, [row("2", 1, "b@x.org", None), row("1", 1, "a@x.org", "Åse \N{GRINNING FACE}")])
    assert (merged.new, merged.updated, merged.skipped, merged.moved_ids) == (2, 0, 0, ("1", "2"))
    first = held(store)
    assert first.values == {"Email": "a@x.org", "LastName": "Åse \N{GRINNING FACE}"}
    assert (first.version, first.read_at, first.live, mirror.moved_at(first, "Email")) == (
        version(1),
        at(100),
        True,
        version(1),
    )
    assert due_ids(store) == ["1", "2"]


def test_only_moved_fields_get_the_new_version(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "Old")])
    settle(store)
    merged = merge(store, [row("1", 5, "a@x.org", "New")], read=101)
    assert (merged.new, merged.updated, merged.skipped) == (0, 1, 0)
    now = held(store)
    assert now.values["LastName"] == "New"
    assert (mirror.moved_at(now, "LastName"), mirror.moved_at(now, "Email")) == (version(5), version(1))
    assert due_ids(store) == ["1"]


def test_a_newer_version_without_news_is_skipped_but_noted(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A")])
    settle(store)
    assert merge(store, [row("1", 9, "a@x.org", "A")], read=110).skipped == 1
    assert merge(store, [row("1", 5, "stale@x.org", "A")], read=120).skipped == 1
    assert (held(store).version, held(store).values["Email"], due_ids(store)) == (version(9), "a@x.org", [])


@pytest.mark.parametrize(
    ("minutes", "read", "taken"), [(4, 200, False), (5, 99, False), (5, 100, False), (5, 101, True), (6, 1, True)]
)
def test_version_then_time_of_reading_decides(store: Store, minutes: float, read: float, taken: bool) -> None:
    merge(store, [row("1", 5, "a@x.org", "A")], read=100)
    merged = merge(store, [row("1", minutes, "b@x.org", "A")], read=read)
    assert (merged.updated, merged.skipped) == ((1, 0) if taken else (0, 1))
    assert held(store).values["Email"] == ("b@x.org" if taken else "a@x.org")


def test_a_page_without_news_writes_nothing(store: Store) -> None:
    page = [row(str(number), 1, f"{number}@x.org", "A") for number in range(50)]
    merge(store, page)
    statements: list[str] = []
    event.listen(store.engine, "before_cursor_execute", lambda *args: statements.append(args[2].split()[0].upper()))
    with store.writing() as tx:
        layout = mirror.layout_of(tx, SF, OBJECT, FIELDS)
        merged = mirror.merge_page(tx, layout, page, at(200), 99, lambda row: [("email", str(row.values[0]))])
    assert (merged.skipped, merged.moved_ids) == (50, ())
    assert not {"INSERT", "UPDATE", "DELETE"} & set(statements)


def test_a_record_that_comes_twice_counts_twice_and_is_kept_once(store: Store) -> None:
    merged = merge(store, [row("1", 2, "new@x.org", "A"), row("1", 1, "old@x.org", "A")])
    assert (merged.new, merged.skipped, held(store).values["Email"]) == (1, 1, "new@x.org")


def test_a_field_that_was_unknown_has_moved(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org")], fields=("Email",))
    settle(store)
    assert merge(store, [row("1", 1, "a@x.org", None)], read=101).updated == 1
    assert held(store).values == {"Email": "a@x.org", "LastName": None}
    assert due_ids(store) == ["1"]


def test_a_field_that_is_no_longer_read_is_unknown_and_nothing_is_due(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A")])
    settle(store)
    assert merge(store, [row("1", 1, "a@x.org")], read=101, fields=("Email",)).skipped == 1
    assert (held(store).values, due_ids(store)) == ({"Email": "a@x.org"}, [])


def test_values_must_fit_the_layout(store: Store) -> None:
    with pytest.raises(ValueError, match="1: 1 values for 2 fields"):
        merge(store, [row("1", 1, "a@x.org")])


def test_a_tombstone_loses_to_a_newer_version(store: Store) -> None:
    merge(store, [row("1", 5, "a@x.org", "A"), row("2", 5, "b@x.org", "B")])
    settle(store)
    done = entomb(store, Tombstone("1", at(5)), Tombstone("2", at(4)), Tombstone("3", at(9)))
    assert (done.deleted, done.skipped, done.moved_ids) == (1, 2, ("1",))
    assert (held(store).gone, held(store).deleted_at, held(store, "2").live) == (Gone.DELETED, at(5), True)
    assert due_ids(store) == ["1"]
    assert entomb(store, Tombstone("1", at(5))).skipped == 1


def test_a_later_tombstone_that_knows_more_counts(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A")])
    entomb(store, Tombstone("1", at(5)))
    settle(store)
    assert entomb(store, Tombstone("1", at(5), Gone.CONVERTED, "003", "Contact")).deleted == 1
    now = held(store)
    assert (now.gone, now.merged_into, now.merged_into_object) == (Gone.CONVERTED, "003", "Contact")
    assert due_ids(store) == ["1"]


def test_tombstones_of_strangers_are_kept_on_request(store: Store) -> None:
    assert entomb(store, Tombstone("7", at(5), Gone.MERGED, "8"), known_only=False).deleted == 1
    assert (held(store, "7").merged_into, held(store, "7").values, due_ids(store)) == ("8", {}, [])


@pytest.mark.parametrize(
    ("minutes", "read", "by_id", "back"),
    [(6, 7, False, True), (5, 100, False, False), (1, 6, True, True), (1, 4, True, False)],
)
def test_a_live_row_clears_a_tombstone_if_newer_or_read_by_id_later(
    store: Store, minutes: float, read: float, by_id: bool, back: bool
) -> None:
    merge(store, [row("1", 1, "a@x.org", "A")], read=2)
    entomb(store, Tombstone("1", at(5), Gone.MERGED, "2"))
    settle(store)
    merged = merge(store, [row("1", minutes, "a@x.org", "A")], read=read, by_id=by_id)
    assert (merged.updated, held(store).live, due_ids(store)) == ((1, True, ["1"]) if back else (0, False, []))
    assert held(store).merged_into == (None if back else "2")


def test_clearing_leaves_what_was_raised_meanwhile(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A"), row("2", 1, "b@x.org", "B")])
    with store.reading() as tx:
        planned = mirror.due(tx, SF, [OBJECT], 10)
    with store.writing() as tx:
        mirror.raise_due(tx, SF, OBJECT, ["2", "unknown"], next_seq(tx))
        mirror.clear_due(tx, planned)
    assert due_ids(store) == ["2"]


def test_the_longest_waiting_are_due_first(store: Store) -> None:
    merge(store, [row("9", 1, "a@x.org", "A")])
    merge(store, [row("1", 1, "b@x.org", "B")])
    with store.reading() as tx:
        assert [one.id for one in mirror.due(tx, SF, ["Lead", OBJECT], 1)] == ["9"]


def by_email(row: Row) -> list[tuple[str, str]]:
    return [("email", value) for value in row.values[:1] if value]


def find(store: Store, *values: str) -> dict[str, list[tuple[str, str]]]:
    with store.reading() as tx:
        return mirror.find(tx, SF, [OBJECT, "Lead"], "email", values)


def test_records_are_found_by_key_as_long_as_they_live_and_carry_it(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A"), row("2", 1, "a@x.org", "B"), row("3", 1, None, "C")], keys=by_email)
    assert find(store, "a@x.org", "z@x.org") == {"a@x.org": [(OBJECT, "1"), (OBJECT, "2")]}
    merge(store, [row("1", 2, "new@x.org", "A")], read=101, keys=by_email)
    entomb(store, Tombstone("2", at(3)))
    assert find(store, "a@x.org", "new@x.org") == {"new@x.org": [(OBJECT, "1")]}


def test_confirmed_values_join_the_row_and_make_nothing_due(store: Store) -> None:
    merge(store, [row("1", 1, "a@x.org", "A")])
    settle(store)
    with store.writing() as tx:
        mirror.confirm(tx, SF, OBJECT, "1", {"LastName": "B", "Lockstep_Id__c": "p1"}, version(7), at(100))
    assert held(store).values == {"Email": "a@x.org", "LastName": "B", "Lockstep_Id__c": "p1"}
    assert due_ids(store) == []
    fields = (*FIELDS, "Lockstep_Id__c")
    assert merge(store, [row("1", 7, "a@x.org", "B", "p1")], read=102, fields=fields).skipped == 1


def test_confirming_never_overwrites_a_newer_version(store: Store) -> None:
    merge(store, [row("1", 9, "a@x.org", "Person's edit")])
    with store.writing() as tx:
        mirror.confirm(tx, SF, OBJECT, "1", {"LastName": "Ours"}, version(8), at(101))
    assert held(store).values["LastName"] == "Person's edit"


def test_confirming_an_unknown_record_lets_the_next_pull_take_over(store: Store) -> None:
    with store.writing() as tx:
        keys = lambda values: [("email", str(values["Email"]))]  # noqa: E731
        mirror.confirm(tx, SF, OBJECT, "1", {"Email": "a@x.org"}, None, at(50), keys)
        assert mirror.count(tx, SF, OBJECT) == 1
        assert mirror.any_live(tx, SF, ["Lead", OBJECT])
        assert not mirror.any_live(tx, SF, ["Lead"])
    assert find(store, "a@x.org") == {"a@x.org": [(OBJECT, "1")]}
    assert merge(store, [row("1", 1, "a@x.org", "A")], read=60).updated == 1

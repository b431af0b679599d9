"""What every system must do. One subclass per system brings the rig (see system_rigs)."""

from datetime import datetime, timedelta

import pytest
from tests.contract.system_rigs import STAMP, Rig, Since

from lockstep.errors import FatalError, VendorUnavailable
from lockstep.model import Action, Gone, Row, Values, Window, Write, WriteResult, Written

SECOND = timedelta(seconds=1)
HARD = 'O\'Brien "Zoë" \\ 100 %, 北京 🚀'


def rows_of(rig: Rig, window: Window, cursor: str | None = None) -> list[Row]:
    return [row for page in rig.system.changed(rig.person, rig.fields, window, cursor) for row in page.rows]


def values_of(rig: Rig, row: Row) -> Values:
    return dict(zip(rig.fields, row.values, strict=True))


def written(rig: Rig, action: Action, *writes: Write) -> list[WriteResult]:
    return rig.system.write(rig.person, action, writes, rig.external_id)


def create(rig: Rig, key: int, external: str, values: Values | None = None) -> Write:
    return Write(key, None, external, values or rig.person_values())


class SystemContract:
    """Run against memory, and against the vendors' wire protocols."""

    @pytest.fixture
    def window(self, rig: Rig) -> Since:
        rig.settle()
        return Since(rig)

    # --- who we are, and what is there

    def test_check_names_the_account(self, rig: Rig) -> None:
        identity = rig.system.check()
        assert identity.system == rig.system.name
        assert identity.account

    def test_describe_knows_the_fields(self, rig: Rig) -> None:
        described = rig.system.describe(rig.person)
        assert set(rig.fields) <= described.fields.keys()
        assert described.fields[rig.external_id].unique
        assert described.fields[rig.last].writable

    def test_an_unknown_object_is_a_fatal_error(self, rig: Rig) -> None:
        with pytest.raises(FatalError) as caught:
            rig.system.describe("no_such_object")
        assert caught.value.hint

    def test_prepare_twice_creates_nothing_the_second_time(self, rig: Rig) -> None:
        assert rig.system.prepare(rig.person, rig.external_id) == []

    # --- reading

    def test_full_load_reads_every_live_record_once(self, rig: Rig) -> None:
        rig.settle()
        rows = rows_of(rig, Window(None, rig.now()))
        assert sorted(row.id for row in rows) == sorted(rig.live_ids())
        assert all(STAMP.fullmatch(row.version) for row in rows)
        assert not any(value == "" for row in rows for value in row.values)

    def test_a_window_holds_what_changed_in_it(self, rig: Rig, window: Since) -> None:
        new = rig.create(rig.person_values(first=HARD))
        old = rig.create(rig.person_values())
        closed = window()
        rig.edit(old, {rig.title: "later"})
        rig.settle()
        assert {row.id for row in rows_of(rig, closed)} == {new}
        held = values_of(rig, next(row for row in rows_of(rig, closed) if row.id == new))
        assert held[rig.first] == HARD
        assert held[rig.title] is None

    def test_windows_are_half_open(self, rig: Rig) -> None:
        rig.settle()
        record = rig.create(rig.person_values())
        rig.settle()
        row = rig.system.read(rig.person, rig.fields, [record]).rows[record]
        at = datetime.fromisoformat(row.version)
        assert [one.id for one in rows_of(rig, Window(at, at + SECOND))] == [record]
        assert rows_of(rig, Window(at - SECOND, at)) == []

    def test_count_changed_counts_what_changed_reads(self, rig: Rig, window: Since) -> None:
        for _ in range(3):
            rig.create(rig.person_values())
        closed = window()
        counts = rig.system.count_changed(dict.fromkeys(rig.objects, closed))
        assert counts[rig.person] == 3 == len(rows_of(rig, closed))
        assert set(counts) == set(rig.objects)

    def test_reading_resumes_after_any_page(self, small_pages: Rig) -> None:
        rig = small_pages
        rig.settle()
        everything = Window(None, rig.now())
        pages = list(rig.system.changed(rig.person, rig.fields, everything))
        assert len(pages) > 2
        for number, page in enumerate(pages[:-1]):
            assert page.cursor is not None
            left = {row.id for later in pages[number + 1 :] for row in later.rows}
            assert {row.id for row in rows_of(rig, everything, page.cursor)} == left
        assert pages[-1].cursor is None

    def test_a_window_resumes_after_any_page(self, small_pages: Rig, window: Since) -> None:
        rig = small_pages
        made = {rig.create(rig.person_values()) for _ in range(7)}
        closed = window()
        pages = list(rig.system.changed(rig.person, rig.fields, closed))
        assert {row.id for page in pages for row in page.rows} == made
        assert {row.id for row in rows_of(rig, closed, pages[0].cursor)} == made - {row.id for row in pages[0].rows}

    def test_read_by_id_gives_rows_and_leaves_out_what_never_was(self, rig: Rig) -> None:
        record = rig.create(rig.person_values(title="CEO"))
        other = rig.create(rig.person_values())
        rig.delete(other)
        read = rig.system.read(rig.person, rig.fields, [record, other, record])
        assert values_of(rig, read.rows[record])[rig.title] == "CEO"
        assert set(read.rows) == {record}
        assert read.gone[other].kind is Gone.DELETED

    def test_find_compares_without_case(self, rig: Rig) -> None:
        values = rig.person_values()
        record = rig.create(values)
        rig.settle()
        found = rig.system.find(
            rig.person, rig.email, [str(values[rig.email]).upper(), "nobody@contract-tests.example"], rig.fields
        )
        assert [row.id for row in found] == [record]
        found = rig.system.find(rig.person, rig.last, [str(values[rig.last])], rig.fields)
        assert [row.id for row in found] == [record]

    # --- ends

    def test_deleted_tells_deletes_of_the_window_only(self, rig: Rig, window: Since) -> None:
        gone, kept = rig.create(rig.person_values()), rig.create(rig.person_values())
        rig.settle()
        rig.delete(gone)
        closed = window()
        told = rig.system.deleted(rig.person, closed)
        assert [(one.id, one.kind) for one in told.tombstones] == [(gone, Gone.DELETED)]
        assert closed.start <= told.tombstones[0].at < closed.end
        assert told.covered_to <= closed.end
        assert {row.id for row in rows_of(rig, closed)} == {kept}
        later = Window(closed.end, closed.end + SECOND)
        assert rig.system.deleted(rig.person, later).tombstones == []

    def test_deleted_many_asks_for_all_objects(self, rig: Rig, window: Since) -> None:
        gone = rig.create(rig.person_values())
        rig.settle()
        rig.delete(gone)
        told = rig.system.deleted_many(dict.fromkeys(rig.objects, window()))
        assert {name: [one.id for one in found.tombstones] for name, found in told.items()} == {
            name: [gone] if name == rig.person else [] for name in rig.objects
        }

    def test_a_merge_leads_to_the_survivor(self, rig: Rig, window: Since) -> None:
        winner, loser = rig.create(rig.person_values()), rig.create(rig.person_values())
        rig.settle()
        survivor = rig.merge(winner, loser)
        told = {one.id: one for one in rig.system.deleted(rig.person, window()).tombstones}
        assert told[loser].kind is Gone.MERGED
        assert told[loser].into == survivor
        read = rig.system.read(rig.person, rig.fields, [loser, survivor])
        assert read.gone[loser].into == survivor
        assert set(read.rows) == {survivor}

    def test_a_chain_of_merges_leads_to_its_end(self, rig: Rig, window: Since) -> None:
        first, second, third = (rig.create(rig.person_values()) for _ in range(3))
        rig.settle()
        middle = rig.merge(second, first)
        rig.settle()
        survivor = rig.merge(third, middle)
        read = rig.system.read(rig.person, rig.fields, [first])
        told = {one.id: one for one in rig.system.deleted(rig.person, window()).tombstones}
        end = told[first].into
        while end in told:
            end = told[end].into
        assert end == survivor
        assert read.gone[first].kind is Gone.MERGED

    def test_nothing_is_converted_in_an_empty_window(self, rig: Rig, window: Since) -> None:
        closed = window()
        told = rig.system.converted(closed)
        assert told.tombstones == []
        assert told.covered_to == closed.end

    # --- writing

    def test_create_is_repeatable(self, rig: Rig) -> None:
        write = create(rig, 1, "pair-repeat", rig.person_values(first=HARD, title=None))
        (result,) = written(rig, Action.CREATE, write)
        assert (result.status, result.created) == (Written.OK, True)
        (again,) = written(rig, Action.CREATE, write)
        assert (again.status, again.created, again.record_id) == (Written.OK, False, result.record_id)
        held = rig.held(str(result.record_id))
        assert held is not None
        assert held[rig.first] == HARD
        assert held[rig.external_id] == "pair-repeat"

    def test_update_sets_and_empties(self, rig: Rig) -> None:
        record = rig.create(rig.person_values(first="Ada", title="CEO"))
        (result,) = written(rig, Action.UPDATE, Write(5, record, None, {rig.first: None, rig.title: "CTO"}))
        assert (result.key, result.status, result.record_id, result.created) == (5, Written.OK, record, False)
        held = rig.held(record)
        assert held is not None
        assert (held.get(rig.first), held[rig.title]) == (None, "CTO")

    def test_many_writes_keep_their_order(self, rig: Rig) -> None:
        size = min(rig.system.limits.write_batch, 450)
        values = [rig.person_values() for _ in range(size)]
        written(rig, Action.CREATE, create(rig, 1, "the first, who logs in"))
        before = rig.meter.calls
        results = written(rig, Action.CREATE, *[create(rig, 10 + n, f"many-{n}", one) for n, one in enumerate(values)])
        assert [one.key for one in results] == [10 + n for n in range(size)]
        assert {one.status for one in results} == {Written.OK}
        assert rig.meter.calls - before == 1
        found = rig.system.read(rig.person, rig.fields, [str(one.record_id) for one in results[-20:]]).rows
        for result, one in list(zip(results, values, strict=True))[-20:]:
            assert values_of(rig, found[str(result.record_id)])[rig.email] == one[rig.email]

    def test_delete_is_repeatable(self, rig: Rig) -> None:
        record = rig.create(rig.person_values())
        for _ in range(2):
            (result,) = written(rig, Action.DELETE, Write(1, record, None, {}))
            assert result.status is Written.OK
        assert rig.held(record) is None

    def test_an_update_of_a_record_that_is_gone_is_rejected(self, rig: Rig) -> None:
        gone, kept = rig.create(rig.person_values()), rig.create(rig.person_values())
        rig.delete(gone)
        lost, done = written(
            rig, Action.UPDATE, Write(1, gone, None, {rig.title: "x"}), Write(2, kept, None, {rig.title: "x"})
        )
        assert lost.status is Written.REJECTED
        assert lost.rejection is not None
        assert lost.rejection.code == "record_gone"
        assert lost.rejection.message
        assert done.status is Written.OK

    def test_a_refused_field_does_not_stop_the_rest(self, rig: Rig) -> None:
        good = create(rig, 1, "field-good")
        bad = create(rig, 2, "field-bad", rig.person_values(title="CTO") | {"no_such_field": "x"})
        only = Write(3, rig.create(rig.person_values()), None, {"no_such_field": "x"})
        first, second = written(rig, Action.CREATE, good, bad)
        assert (first.status, first.field_rejections) == (Written.OK, ())
        assert second.status is Written.OK
        assert [(one.code, one.fields) for one in second.field_rejections] == [("unknown_field", ("no_such_field",))]
        held = rig.held(str(second.record_id))
        assert held is not None
        assert held[rig.title] == "CTO"
        (third,) = written(rig, Action.UPDATE, only)
        assert third.status is Written.REJECTED

    def test_a_twin_is_named(self, rig: Rig) -> None:
        values = rig.person_values() | {rig.external_id: "taken"}
        (holder,) = written(rig, Action.CREATE, create(rig, 1, "taken", rig.person_values()))
        other = rig.create(rig.person_values())
        (result,) = written(rig, Action.UPDATE, Write(2, other, None, {rig.external_id: values[rig.external_id]}))
        assert result.status is Written.REJECTED
        assert result.rejection is not None
        assert result.rejection.code == "duplicate"
        assert holder.status is Written.OK

    # --- faults

    def test_a_lost_answer_is_unknown_and_can_be_read_back(self, rig: Rig) -> None:
        rig.lose_next_write()
        results = written(rig, Action.CREATE, create(rig, 1, "lost-1"), create(rig, 2, "lost-2"))
        rig.heal()
        assert {one.status for one in results} == {Written.UNKNOWN}
        found = rig.system.find(rig.person, rig.external_id, ["lost-1", "lost-2"], rig.fields)
        assert len(found) == 2

    def test_a_vendor_that_refuses_before_anything_is_sent_raises(self, rig: Rig) -> None:
        rig.refuse_next_write()
        with pytest.raises(VendorUnavailable):
            written(rig, Action.CREATE, create(rig, 1, "refused-1"))
        rig.heal()
        assert rig.system.find(rig.person, rig.external_id, ["refused-1"], rig.fields) == []

    def test_every_call_passes_the_meter(self, rig: Rig) -> None:
        metered, made = rig.meter.calls, rig.vendor_calls()
        rig.settle()
        rows_of(rig, Window(None, rig.now()))
        rig.system.owners()
        written(rig, Action.CREATE, create(rig, 1, "metered"))
        assert rig.meter.calls - metered == rig.vendor_calls() - made > 0

    def test_an_idle_cycle_is_nearly_free(self, rig: Rig, window: Since) -> None:
        before = rig.meter.calls
        closed = window()
        windows = dict.fromkeys(rig.objects, closed)
        assert sum(rig.system.count_changed(windows).values()) == 0
        assert not any(found.tombstones for found in rig.system.deleted_many(windows).values())
        rig.system.converted(closed)
        assert rig.meter.calls - before <= 11  # and one login

"""A push samples what it left waiting, once; a cycle that brings everything leaves nothing."""

from datetime import timedelta

from tests.integration.engine.people import work

from lockstep.store import backlog


def _latest(synced):
    with synced.engine.store.reading() as tx:
        found = backlog.samples(tx, backlog.times(tx, synced.engine.now() - timedelta(days=1)))
    return [one for one in found if one.at == found[-1].at], found


def test_what_a_push_leaves_is_sampled(synced):
    for edit in work(synced, 4):
        edit.make(synced)
    _, before = _latest(synced)
    synced.cycle(limit=2)
    limited, after = _latest(synced)
    assert len(after) - len(before) == len(limited) == 2 * len(synced.engine.mappings.all)
    assert sum(one.records for one in limited) == synced.due()
    synced.cycle()
    done, _ = _latest(synced)
    assert sum(one.records for one in done) == synced.due() == 0


def test_records_that_were_just_created_do_not_wait(first):
    """What the vendor has filled into them is taken over by the same cycle."""
    with first.engine.store.reading() as tx:
        (taken,) = backlog.times(tx, first.engine.now() - timedelta(days=1))
        created = [one for one in backlog.written(tx, first.engine.now() - timedelta(days=1)) if one[1] == "salesforce"]
        waiting = backlog.samples(tx, [taken])
    assert created
    assert {one.records for one in waiting} == {0}

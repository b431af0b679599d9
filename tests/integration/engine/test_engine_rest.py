"""After the first cycle everybody is paired or listed, and Lockstep is quiet until somebody works."""

from tests.integration.engine.world import on_both

from lockstep.model import PairState


def listed(world):
    """(system, object, id) of every record that the ledger names with a reason."""
    found = set()
    for change in world.changes():
        if change["outcome"] in ("skipped", "held", "failed", "deferred") and change["code"]:
            candidates = (change["detail"] or {}).get("record") or {}
            found.add((change["system"], change["object"], change["record_id"]))
            found.add((candidates.get("system"), candidates.get("object"), candidates.get("id")))
    return found


@on_both
def test_every_record_is_paired_or_listed_with_a_reason(first):
    paired = {("salesforce", p.sf_object, p.sf_id) for p in first.pairs(state=PairState.LINKED)}
    paired |= {("hubspot", p.hs_object, p.hs_id) for p in first.pairs(state=PairState.LINKED)}
    there = {
        ("salesforce", name, key) for name in ("Account", "Contact", "Lead", "Opportunity") for key in first.sf(name)
    }
    there |= {("hubspot", name, key) for name in ("companies", "contacts", "deals") for key in first.hs(name)}
    assert len(there) > 180
    assert len(paired & there) > 150
    assert there - paired - listed(first) == set()


@on_both
def test_the_second_cycle_writes_nothing_to_either_vendor(first):
    before, mark = first.held(), first.mark()
    first.cycle()
    assert first.engine.errors == {}
    assert first.writes(mark) == []
    assert first.held() == before
    assert [b for b in first.batches() if str(b.operation).startswith("push") or b.operation == "update_fks"] == []


@on_both
def test_a_quiet_cycle_makes_at_most_12_calls_to_each_vendor(synced):
    mark = synced.mark()
    synced.cycle()
    assert synced.engine.errors == {}
    calls = {vendor: len(synced.calls(vendor, mark)) for vendor in ("salesforce", "hubspot")}
    assert all(0 < number <= 12 for number in calls.values()), calls
    counted = {vendor: sum(b.counts["api_calls"] for b in synced.batches(system=vendor)) for vendor in calls}
    assert counted == calls

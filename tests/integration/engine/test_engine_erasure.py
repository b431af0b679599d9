"""A person who was erased leaves no value in the store, and is never created again."""

from sqlalchemy import select
from tests.integration.engine.world import in_turn

from lockstep.decisions import Decision, DecisionKind
from lockstep.model import PairState, Step
from lockstep.store import decisions
from lockstep.store import tables as t


def everything(world) -> str:
    """All text of the tables that hold values of records."""
    found = []
    with world.engine.store.reading() as tx:
        for table in (t.mirror, t.mirror_key, t.pair, t.change, t.decision, t.batch):
            found += [str(tuple(row)) for row in tx.execute(select(table))]
    return "\n".join(found).casefold()


@in_turn("by", ["reconcile", "decision"])
def test_an_erased_contact_leaves_nothing_behind(synced, by):
    pair = synced.linked("people", "Contact")[0]
    title, address = "Keeper of Unusual Titles", "very.unusual@address.example"
    synced.edit_hs("contacts", pair.hs_id, jobtitle=title, email=address)
    synced.cycle()
    assert title.casefold() in everything(synced)
    synced.sandbox.act("hubspot", "gdpr_delete", object="contacts", id=pair.hs_id)
    if by == "reconcile":
        (done,) = synced.step(Step.RECONCILE, "reconcile:1", objects=["people"], systems=["hubspot"])
        assert (synced.engine.errors, done.counts["deleted"]) == ({}, 1)
    synced.sandbox.act("salesforce", "hard_delete", object="Contact", id=pair.sf_id)
    synced.cycle()
    for system, name, record_id in (("salesforce", "Contact", pair.sf_id), ("hubspot", "contacts", pair.hs_id)):
        if by == "decision" or system == "salesforce":
            place = {"system": system, "object": name, "record_id": record_id}
            with synced.engine.store.writing() as tx:
                decisions.record(tx, Decision(DecisionKind.ERASE, "ann", synced.now, **place))
    synced.cycle()
    assert synced.engine.errors == {}
    assert title.casefold() not in everything(synced)
    assert address not in everything(synced)
    assert synced.pair_of(pair.hs_id).state is PairState.CLOSED
    changes = [one for one in synced.changes(pair_id=pair.id) if one["sent_at"]]
    assert {one["outcome"] for one in changes} <= {"updated", "new", "deleted"}
    again = synced.create_sf("Contact", LastName="Again", Email=address.upper())
    contacts = len(synced.hs("contacts"))
    synced.cycle()
    assert len(synced.hs("contacts")) == contacts
    (refused,) = synced.changes(code="erased")
    assert refused["detail"]["record"]["id"] == again
    other = synced.create_sf("Contact", LastName="Other", Email="other@address.example")
    synced.cycle()
    assert synced.pair_of(other, PairState.LINKED)

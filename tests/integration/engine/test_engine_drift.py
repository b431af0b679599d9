"""A field that a vendor changes under our feet is held alone: nothing is blanked, everything else goes on."""

from datetime import timedelta

from sqlalchemy import select
from tests.integration.engine.world import on_both

from lockstep.errors import ConfigError
from lockstep.model import Step
from lockstep.store import tables as t


def hide(world, *fields: str) -> None:
    world.settings("salesforce", hidden_fields=list(fields))


def changes(world) -> list[dict]:
    with world.engine.store.reading() as tx:
        rows = tx.execute(select(t.schema_change).order_by(t.schema_change.c.id)).mappings()
        return [dict(row) for row in rows]


@on_both
def test_a_lost_field_is_held_and_the_rest_goes_on_until_it_is_back(synced):
    one, two = synced.linked("people", "Contact")[:2]
    synced.edit_sf("Contact", one.sf_id, Title="Before")
    synced.cycle()
    hide(synced, "Contact.Title")
    synced.edit_sf("Contact", one.sf_id, MailingCity="Bergen")
    synced.edit_hs("contacts", two.hs_id, jobtitle="Meanwhile")
    # the pull meets it first; the next cycle asks what became of the fields, however young what it knows is
    synced.cycle()
    assert isinstance(synced.engine.errors["pull_updates"], ConfigError)
    synced.cycle()
    assert synced.engine.errors == {}
    (lost,) = [one for one in changes(synced) if one["impact"] == "held"]
    assert (lost["object"], lost["field"], lost["what"], lost["entity"]) == ("Contact", "Title", "removed", "people")
    assert lost["records"] > 0
    assert "rule: dont_sync" in lost["patch"]
    (batch,) = synced.batches(operation="sync_schema", object="Contact")
    assert (str(batch.status), batch.counts["fields_failed"]) == ("incomplete", 1)
    assert synced.hs_record("contacts", one.hs_id)["city"] == "Bergen"
    assert synced.hs_record("contacts", one.hs_id)["jobtitle"] == "Before"
    assert synced.hs_record("contacts", two.hs_id)["jobtitle"] == "Meanwhile"
    assert synced.sf_record("Contact", two.sf_id)["Title"] != "Meanwhile"
    hide(synced)
    synced.wait(timedelta(hours=7))
    synced.cycle()
    synced.cycle()
    assert synced.engine.errors == {}
    assert synced.sf_record("Contact", two.sf_id)["Title"] == "Meanwhile"
    assert synced.hs_record("contacts", one.hs_id)["jobtitle"] == "Before"
    mark = synced.mark()
    synced.cycle()
    assert synced.writes(mark) == []


def test_a_lost_match_key_is_not_held_but_stops_its_object(synced):
    hide(synced, "Contact.Email")
    synced.step(Step.SYNC_SCHEMA, "sync_schema:look", kind="manual")
    assert isinstance(synced.engine.errors["sync_schema"], ConfigError)
    assert [one["impact"] for one in changes(synced) if one["field"] == "Email"] == ["stops"]


def test_a_mistake_in_a_mapping_file_is_no_drift(synced):
    from dataclasses import replace

    from lockstep.mapping import Mappings

    people = synced.engine.mappings.entity("people")
    fields = tuple(
        replace(one, salesforce={"Contact": "Nowhere__c"}) if one.name == "date_of_birth" else one
        for one in people.fields
    )
    every = [replace(people, fields=fields) if one.entity == "people" else one for one in synced.engine.mappings.all]
    synced.engine.mappings = Mappings(tuple(every))
    synced.step(Step.SYNC_SCHEMA, "sync_schema:look", kind="manual")
    assert "Nowhere__c" in str(synced.engine.errors["sync_schema"])

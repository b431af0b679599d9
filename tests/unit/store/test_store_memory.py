"""What the store remembers beside records: schemas, owners, cached values, alerts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from lockstep.model import Field, ObjectSchema, Owner
from lockstep.store import Store, alerts, cache, owners, schema
from lockstep.store.schema import Difference

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
EMAIL = Field("email", "E-mail", "string", unique=True)
STAGE = Field("dealstage", "Stage", "enumeration", options=("won", "lost"), reference_to=("x",))
DEALS = ObjectSchema("hubspot", "deals", {"dealstage": STAGE, "email": EMAIL}, {"default": ("won", "lost")})


def save(store: Store, described: ObjectSchema) -> list[Difference]:
    with store.writing() as tx:
        return schema.save(tx, described, NOW)


def test_a_schema_comes_back_as_it_was(store: Store) -> None:
    assert save(store, DEALS) == []
    with store.reading() as tx:
        assert schema.get(tx, "hubspot", "deals") == DEALS
        assert schema.get(tx, "hubspot", "contacts") is None


def test_the_difference_names_what_moved(store: Store) -> None:
    save(store, DEALS)
    moved = replace(
        DEALS,
        fields={"dealstage": replace(STAGE, options=("won",)), "amount": Field("amount", "Amount", "number")},
        pipelines={"default": ("won",)},
    )
    found = {one.field: (one.what, one.before, one.after) for one in save(store, moved)}
    assert found["dealstage"] == ("changed", {"options": ("won", "lost")}, {"options": ("won",)})
    assert found[schema.PIPELINES] == ("changed", {"default": ["won", "lost"]}, {"default": ["won"]})
    assert (found["amount"][0], found["email"][0]) == ("added", "removed")
    assert save(store, moved) == []


def test_owners_are_replaced_and_news_are_told(store: Store) -> None:
    ann, queue = Owner("1", "Ann", "ann@x.org", True), Owner("2", "Sales", None, True, queue=True)
    with store.writing() as tx:
        assert owners.save(tx, "salesforce", [queue, ann])
        assert not owners.save(tx, "salesforce", [ann, queue])
        assert owners.save(tx, "salesforce", [replace(ann, active=False)])
        assert owners.list_owners(tx, "salesforce") == [replace(ann, active=False)]
        assert owners.list_owners(tx, "hubspot") == []


def test_cached_values_expire(store: Store) -> None:
    with store.writing() as tx:
        cache.put(tx, "token", {"a": 1}, NOW)
        cache.put(tx, "token", {"a": [2]}, NOW + timedelta(minutes=1))
        cache.put(tx, "other", 1, NOW + timedelta(hours=1))
        assert cache.get(tx, "token", NOW) == {"a": [2]}
        assert cache.get(tx, "token", NOW + timedelta(minutes=1)) is None
        assert cache.sweep(tx, NOW + timedelta(minutes=1)) == 1
        cache.forget(tx, "other")
        assert cache.get(tx, "other", NOW) is None


def test_an_alert_knows_its_state_before(store: Store) -> None:
    with store.writing() as tx:
        assert [alerts.transition(tx, "pull", state, NOW) for state in ("failed", "failed", "ok")] == [
            None,
            "failed",
            "failed",
        ]

"""Records that wait for a person, and one whose fields have a story."""

from datetime import timedelta
from typing import Any

import time_machine
from tests.status.ledger_data import RIGHT_TO_LEFT, SCRIPT, Filled

from lockstep.model import Action, BatchStatus, Change, Operation, OutcomeKind, Pair, PairState, Row, Step, Window
from lockstep.store import cache, ledger, mirror
from lockstep.store.pairs import rows as pairs

RUN = f"{Step.PUSH_UPDATES}:manual__held"
PAIR = Pair(
    id="held-1", entity="people", sf_object="Contact", hs_object="contacts", sf_id="0035g00000HELDAAAA", hs_id="51001",
    sf_base={"LastName": "Nordmann", "Phone": "+47 1"}, hs_base={"lastname": "Nordmann", "phone": "+47 1"}, state=PairState.LINKED,
)  # fmt: skip
DELETED = Pair(
    id="held-2", entity="people", sf_object="Contact", hs_object="contacts", sf_id="0035g00000GONEAAAA", hs_id="51002",
    sf_base={}, hs_base={}, state=PairState.HELD, reason="partner_deleted",
)  # fmt: skip
#: the record that could have either of two partners
ALONE = ("salesforce", "Lead", "00Q5g00000ALONEAAA")
EMAIL = "kari@example.no"


def add_held(made: Filled) -> Filled:
    began = made.now - timedelta(minutes=5)
    with made.store.writing() as tx:
        pairs.insert(tx, [PAIR, DELETED])
        _mirror(tx, made)
        for system, address in (
            ("salesforce", "https://acme.my.salesforce.com"),
            ("hubspot", "https://app.hubspot.com/contacts/123"),
        ):
            cache.put(tx, cache.ADDRESS + system, address, made.now + timedelta(days=1))
        ledger.open_run(tx, RUN, Step.PUSH_UPDATES, "manual", Window(None, began), "hash")
    _story(made)
    with made.store.writing() as tx, time_machine.travel(began, tick=False):
        batch_id = ledger.open_batch(tx, RUN, "hubspot", "contacts", Operation.PUSH_UPDATES, entity="people")
        made.ids["held"] = batch_id
        ledger.insert_changes(tx, [_clash(batch_id), _deletion(batch_id), _ambiguous(batch_id), _skipped(batch_id)])
        ledger.add_counts(tx, batch_id, read=4, held=3, skipped=1)
        ledger.close_batch(tx, batch_id, BatchStatus.INCOMPLETE)
    return made


def _mirror(tx: Any, made: Filled) -> None:
    def keep(system: str, name: str, record_id: str, values: dict[str, str]) -> None:
        layout = mirror.layout_of(tx, system, name, list(values))
        row = Row(record_id, "2026-03-01T12:00:00.000Z", tuple(values.values()))
        mirror.merge_page(tx, layout, [row], made.now, 1, keys=lambda one: [("email", EMAIL)])

    keep("salesforce", "Contact", PAIR.sf_id or "", {"LastName": "Nordmann-Hansen", "Phone": "+47 1", "Email": EMAIL})
    keep("hubspot", "contacts", PAIR.hs_id or "", {"lastname": "Nordmann Ås", "phone": "+47 1", "email": EMAIL})


def _change(batch_id: int, pair: Pair | None, **more: Any) -> Change:
    plain = {
        "id": 0, "batch_id": batch_id, "pair_id": pair.id if pair else None, "system": "hubspot", "object": "contacts",
        "action": Action.NONE, "record_id": pair.hs_id if pair else None, "before": {}, "after": {}, "why": {}, "lost": {},
    }  # fmt: skip
    return Change(**(plain | more))


def _clash(batch_id: int) -> Change:
    why = "hold: both sides changed; a person decides"
    return _change(
        batch_id, PAIR, outcome=OutcomeKind.HELD, code="clash", before={"lastname": "Nordmann Ås"},
        source={"LastName": "Nordmann-Hansen"}, why={"lastname": why},
        detail={"fields": [{"field": "lastname", "code": "clash", "message": why}]},
    )  # fmt: skip


def _deletion(batch_id: int) -> Change:
    return _change(batch_id, DELETED, outcome=OutcomeKind.HELD, code="partner_deleted")


def _ambiguous(batch_id: int) -> Change:
    system, name, record_id = ALONE
    candidates = [
        {"system": "hubspot", "object": "contacts", "id": "51003", "pair": None},
        {"system": "hubspot", "object": "contacts", "id": "51001", "pair": PAIR.id},
        {"system": system, "object": name, "id": record_id, "pair": None},
    ]
    detail = {"record": {"system": system, "object": name, "id": record_id}, "candidates": candidates, "key": "email"}
    return _change(batch_id, None, outcome=OutcomeKind.HELD, code="ambiguous_match", detail=detail)


def _skipped(batch_id: int) -> Change:
    record = {"system": "salesforce", "object": "Lead", "id": "00Q5g00000SKIPAAAA"}
    return _change(batch_id, None, outcome=OutcomeKind.SKIPPED, code="no_match_key", detail={"record": record})


def _story(made: Filled) -> None:
    """The phone was written twice; the second time a person's edit lost."""
    for hours, before, after, lost in ((30, "+47 0", RIGHT_TO_LEFT, None), (6, RIGHT_TO_LEFT, "+47 1", SCRIPT)):
        at = made.now - timedelta(hours=hours)
        with made.store.writing() as tx, time_machine.travel(at, tick=False):
            batch_id = ledger.open_batch(tx, RUN, "hubspot", "contacts", Operation.PUSH_UPDATES, entity="people")
            why = f"two_way: {'both sides changed; Salesforce wins' if lost else 'only Salesforce changed'}"
            one = _change(
                batch_id, PAIR, action=Action.UPDATE, outcome=OutcomeKind.UPDATED, before={"phone": before},
                after={"phone": after}, why={"phone": why}, lost={"phone": lost} if lost else {}, sent_at=at,
            )  # fmt: skip
            ledger.insert_changes(tx, [one])
            ledger.add_counts(tx, batch_id, read=1, updated=1)
            ledger.close_batch(tx, batch_id)

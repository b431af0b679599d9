"""What is HubSpot's own about its records: properties, links, the search index, rejections."""

from collections.abc import Iterator

import pytest
from tests.contract.system_sandbox_rigs import SandboxRig, hubspot_rig

from lockstep.errors import ConfigError
from lockstep.model import Action, Window, Write, Written

COMPANY = "association:companies/primary"


@pytest.fixture(scope="module")
def rig() -> Iterator[SandboxRig]:
    with hubspot_rig() as made:
        made.system.prepare("contacts", "lockstep_id")
        label = {"label": "Billing contact", "name": "billing", "inverseLabel": "Billed company"}
        made.system._client.call("POST", "/crm/v4/associations/contacts/companies/labels", label)  # type: ignore[attr-defined]
        yield made


# --- reading


def test_a_property_that_does_not_exist_is_not_taken_for_blank(rig: SandboxRig) -> None:
    with pytest.raises(ConfigError) as caught:
        list(rig.system.changed("contacts", ("email", "no_such_property"), Window(None, rig.now())))
    assert "no_such_property" in caught.value.message


def test_wide_records_are_read_in_batches(rig: SandboxRig, monkeypatch: pytest.MonkeyPatch) -> None:
    everything = Window(None, rig.now())
    narrow = {row.id: row for page in rig.system.changed("contacts", rig.fields, everything) for row in page.rows}
    monkeypatch.setattr("lockstep.systems.hubspot.reads.LIST_PROPERTIES", 10)
    wide = {row.id: row for page in rig.system.changed("contacts", rig.fields, everything) for row in page.rows}
    assert wide == narrow
    assert wide


def test_a_full_load_costs_a_call_per_hundred_records_and_one_for_links(rig: SandboxRig) -> None:
    before = rig.meter.calls
    rows = [
        row for page in rig.system.changed("contacts", ("email", COMPANY), Window(None, rig.now())) for row in page.rows
    ]
    assert rig.meter.calls - before == -(-len(rows) // 100) + 1
    assert any(row.values[1] for row in rows)


def test_search_index_lag_is_only_a_delay(rig: SandboxRig) -> None:
    rig.settle()
    start = rig.now()
    record = rig.create(rig.person_values(title="first"))
    rig.advance(1)
    assert rig.system.count_changed({"contacts": Window(start, rig.now())}) == {"contacts": 0}
    rig.settle()
    closed = Window(start, rig.now())
    rig.edit(record, {"jobtitle": "second"})
    (row,) = (row for page in rig.system.changed("contacts", ("jobtitle",), closed) for row in page.rows)
    assert row.values == ("second",)


def test_look_ups_by_text_are_cut_to_the_vendors_limit(rig: SandboxRig) -> None:
    names = [f"北京{number:03d} søk" for number in range(150)]
    made = [
        rig.create({"lastname": name, "email": f"look{n}@contract-tests.example"}) for n, name in enumerate(names[:3])
    ]
    rig.settle()
    assert {row.id for row in rig.system.find("contacts", "lastname", names, ("lastname",))} == set(made)
    rig.edit(made[0], {"lastname": "Moved"})
    assert {row.id for row in rig.system.find("contacts", "lastname", names, ("email",))} == set(made[1:])


# --- links


def linked(rig: SandboxRig, record: str) -> str | None:
    return rig.system.read("contacts", (COMPANY,), [record]).rows[record].values[0]


def test_the_primary_company_is_a_field(rig: SandboxRig) -> None:
    one, two = (rig.sandbox.act("hubspot", "create", object="companies", fields={"name": name})["id"] for name in "AB")
    record = rig.create(rig.person_values())
    assert linked(rig, record) is None
    for value in (one, two, two, None, one):
        before = rig.meter.calls
        (result,) = rig.system.write(
            "contacts", Action.UPDATE, [Write(1, record, None, {COMPANY: value})], "lockstep_id"
        )
        assert (result.status, result.values) == (Written.OK, {COMPANY: value})
        assert linked(rig, record) == value
        assert rig.meter.calls - before <= 5
    made = rig.system.write(
        "contacts", Action.CREATE, [Write(2, None, "linked", rig.person_values() | {COMPANY: two})], "lockstep_id"
    )
    assert linked(rig, str(made[0].record_id)) == two
    assert made[0].created


def test_a_label_is_not_the_link_itself(rig: SandboxRig) -> None:
    """Taking a label away leaves the association; taking the association away takes its labels along."""
    company = rig.sandbox.act("hubspot", "create", object="companies", fields={"name": "E"})["id"]
    record = rig.create(rig.person_values())
    fields = (COMPANY, "association:companies/billing_contact", "association:companies")

    def after(field: str, value: str | None) -> tuple[str | None, ...]:
        (result,) = rig.system.write("contacts", Action.UPDATE, [Write(1, record, None, {field: value})], "lockstep_id")
        assert result.status is Written.OK
        return rig.system.read("contacts", fields, [record]).rows[record].values

    primary, billing, plain = fields
    assert after(billing, company) == (company, company, company), "the first company is made the primary one"
    assert after(primary, None) == (None, company, company)
    assert after(primary, company) == (company, company, company)
    assert after(billing, None) == (company, None, company)
    assert after(plain, None) == (None, None, None)


def test_a_link_to_a_record_that_is_gone_does_not_stop_the_others(rig: SandboxRig) -> None:
    company = rig.sandbox.act("hubspot", "create", object="companies", fields={"name": "C"})["id"]
    good, bad, mixed = (rig.create(rig.person_values()) for _ in range(3))
    results = rig.system.write(
        "contacts",
        Action.UPDATE,
        [
            Write(1, good, None, {COMPANY: company}),
            Write(2, bad, None, {COMPANY: "999999999"}),
            Write(3, mixed, None, {COMPANY: "999999999", "jobtitle": "CTO"}),
        ],
        "lockstep_id",
    )
    assert [one.status for one in results] == [Written.OK, Written.REJECTED, Written.OK]
    assert results[1].rejection is not None
    assert (results[1].rejection.code, results[1].rejection.fields) == ("reference_invalid", (COMPANY,))
    assert [one.code for one in results[2].field_rejections] == ["reference_invalid"]
    assert results[2].values == {"jobtitle": "CTO"}
    assert linked(rig, good) == company


def test_a_lost_answer_of_a_link_is_unknown(rig: SandboxRig) -> None:
    company = rig.sandbox.act("hubspot", "create", object="companies", fields={"name": "D"})["id"]
    record = rig.create(rig.person_values())
    rig.fault(kind="commit_then_reset", path="/associations/.*/batch/create")
    (result,) = rig.system.write("contacts", Action.UPDATE, [Write(1, record, None, {COMPANY: company})], "lockstep_id")
    rig.heal()
    assert result.status is Written.UNKNOWN
    assert linked(rig, record) == company


def test_an_unknown_label_is_a_configuration_error(rig: SandboxRig) -> None:
    record = rig.create(rig.person_values())
    with pytest.raises(ConfigError) as caught:
        rig.system.write(
            "contacts", Action.UPDATE, [Write(1, record, None, {"association:companies/nope": "1"})], "lockstep_id"
        )
    assert "nope" in caught.value.message


# --- rejections


def test_rejections_have_our_codes(rig: SandboxRig) -> None:
    taken = rig.person_values()
    holder = rig.create(taken)
    records = [rig.create(rig.person_values()) for _ in range(3)]
    results = rig.system.write(
        "contacts",
        Action.UPDATE,
        [
            Write(
                1, records[0], None, {"lifecyclestage": "no such stage", "email": "not an address", "jobtitle": "CTO"}
            ),
            Write(2, records[1], None, {"lifecyclestage": "no such stage"}),
            Write(3, records[2], None, {"createdate": "2020-01-01T00:00:00Z", "jobtitle": "CTO"}),
        ],
        "lockstep_id",
    )
    twin = rig.system.write("contacts", Action.CREATE, [Write(4, None, "twin", taken)], "lockstep_id")[0]
    assert {one.code for one in results[0].field_rejections} == {"picklist_value", "invalid_email"}
    assert results[0].values == {"jobtitle": "CTO"}
    assert results[1].rejection is not None
    assert results[1].rejection.code == "picklist_value"
    assert [one.code for one in results[2].field_rejections] == ["field_permission"]
    assert twin.rejection is not None
    assert (twin.rejection.code, twin.record_id) == ("duplicate", holder)


def test_what_hubspot_rewrites_is_told(rig: SandboxRig) -> None:
    values = rig.person_values() | {"email": "Mixed.Case@Contract-Tests.example"}
    (result,) = rig.system.write("contacts", Action.CREATE, [Write(1, None, "rewritten", values)], "lockstep_id")
    assert result.values is not None
    assert result.values["email"] == "mixed.case@contract-tests.example"
    assert result.version


def test_an_update_of_a_merged_record_is_record_gone(rig: SandboxRig) -> None:
    winner, loser, other = (rig.create(rig.person_values()) for _ in range(3))
    rig.merge(winner, loser)
    lost, done = rig.system.write(
        "contacts",
        Action.UPDATE,
        [Write(1, loser, None, {"jobtitle": "x"}), Write(2, other, None, {"jobtitle": "x"})],
        "lockstep_id",
    )
    assert lost.rejection is not None
    assert lost.rejection.code == "record_gone"
    assert done.status is Written.OK


def test_a_list_whose_members_stand_is_not_read_again(rig: SandboxRig) -> None:
    """HubSpot tells in a search for lists when they last won and lost a member."""
    one, two, three = (rig.create(rig.person_values()) for _ in range(3))
    list_id = _manual_list(rig, "Contract tests")
    first = rig.system.members("contacts", "Contract tests")
    assert (first.ids, first.mark) == (frozenset(), None)  # a list that never had a member tells no time
    rig.sandbox.act("hubspot", "edit_list", id=list_id, add=[one, two])
    filled = rig.system.members("contacts", "Contract tests", first.mark)
    assert filled.ids == {one, two}
    calls = rig.meter.calls
    assert rig.system.members("contacts", "Contract tests", filled.mark).ids is None
    assert rig.meter.calls - calls == 2
    rig.advance(1)
    rig.sandbox.act("hubspot", "edit_list", id=list_id, add=[three], remove=[one])
    swapped = rig.system.members("contacts", "Contract tests", filled.mark)
    assert swapped.ids == {two, three}
    rig.advance(1)
    survivor = rig.merge(rig.create(rig.person_values()), two)
    assert rig.system.members("contacts", list_id, swapped.mark).ids == {survivor, three}


def _manual_list(rig: SandboxRig, name: str) -> str:
    body = {"name": name, "objectTypeId": "0-1", "processingType": "MANUAL"}
    made = rig.system._client.call("POST", "/crm/v3/lists", body)  # type: ignore[attr-defined]
    return str(made["list"]["listId"])

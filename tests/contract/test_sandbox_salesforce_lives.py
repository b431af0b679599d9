"""What becomes of records: delete, undelete, merge, convert, history, commit lag, getUpdated, getDeleted."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contract.salesforce_org import ANNA, API_USER, GONE, NOW, QUEUE, Client, organisation

from sandbox.clock import Clock
from sandbox.salesforce import Salesforce


@pytest.fixture
def made() -> tuple[Client, Salesforce, Clock]:
    return organisation(session_seconds=10**9)


def window(start: float, end: float) -> str:
    """Return start and end, in minutes from the tests' now, as a query string."""
    times = [(NOW + timedelta(minutes=minutes)).isoformat() for minutes in (start, end)]
    return f"start={quote(times[0])}&end={quote(times[1])}"


def test_people_edit_as_themselves(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    lead = sf.create("Lead", LastName="Li", Company="Co")
    clock.advance(60)
    org.act("edit", object="Lead", id=lead, fields={"Status": "Working - Contacted"})
    row = sf.get("Lead", lead)
    assert (row["Status"], row["LastModifiedById"], row["CreatedById"]) == ("Working - Contacted", ANNA, API_USER)
    assert row["SystemModstamp"] == "2026-03-02T12:01:00.000+0000"
    clock.advance(60)
    org.act("system_edit", object="Lead", id=lead, fields={"IsUnreadByOwner": True})
    row = sf.get("Lead", lead)
    assert row["SystemModstamp"] > row["LastModifiedDate"] == "2026-03-02T12:01:00.000+0000"
    history = sf.query("SELECT Field, OldValue, NewValue FROM LeadHistory ORDER BY CreatedDate")["records"]
    assert [(h["Field"], h["OldValue"], h["NewValue"]) for h in history] == [
        ("created", None, None),
        ("Status", "Open - Not Contacted", "Working - Contacted"),
    ]


def test_wrong_actions_are_sentences(made: tuple[Client, Salesforce, Clock]) -> None:
    _, org, _ = made
    for action, args in [
        ("fly", {}),
        ("edit", {"object": "Lead", "id": "nonsense", "fields": {}}),
        ("edit", {"object": "Nope", "id": "nonsense", "fields": {}}),
        ("edit", {"wings": 2}),
        ("merge", {"object": "User", "winner": ANNA, "loser": GONE}),
    ]:
        with pytest.raises(ValueError, match=r"\w+ \w+"):
            org.act(action, **args)


def test_delete_takes_children_along_and_undelete_brings_them_back(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="L", AccountId=account)
    clock.advance(60)
    org.act("delete", object="Account", id=account)
    assert sf.ids("SELECT Id FROM Contact") == []
    row = sf.query("SELECT Id, IsDeleted, SystemModstamp FROM Contact", everything=True)["records"][0]
    assert (row["IsDeleted"], row["SystemModstamp"]) == (True, "2026-03-02T12:01:00.000+0000")
    clock.advance(60)
    org.act("undelete", object="Account", id=account)
    assert sf.get("Contact", contact)["SystemModstamp"] == "2026-03-02T12:02:00.000+0000"
    assert sf("GET", f"/sobjects/Account/deleted?{window(0, 5)}").json["deletedRecords"] == []


def test_the_recycle_bin_empties_after_15_days(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    kept, gone = (sf.create("Account", Name=name) for name in "ab")
    org.act("delete", object="Account", id=kept)
    org.act("hard_delete", object="Account", id=gone)
    assert sf.ids("SELECT Id FROM Account", everything=True) == [kept]
    clock.advance(15 * 86_400 + 1)
    assert sf.ids("SELECT Id FROM Account", everything=True) == []
    with pytest.raises(ValueError, match="recycle bin"):
        org.act("undelete", object="Account", id=kept)


def test_merge_follows_chains_and_moves_children(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    first, second, third = (sf.create("Account", Name=name) for name in "abc")
    contact = sf.create("Contact", LastName="L", AccountId=first)
    clock.advance(60)
    org.act("merge", object="Account", winner=second, loser=first, fields={"Phone": "1"})
    org.act("merge", object="Account", winner=third, loser=second)
    rows = {
        r["Id"]: r
        for r in sf.query("SELECT Id, IsDeleted, MasterRecordId, Phone FROM Account", everything=True)["records"]
    }
    assert [rows[key]["MasterRecordId"] for key in (first, second, third)] == [second, third, None]
    assert [rows[key]["IsDeleted"] for key in (first, second, third)] == [True, True, False]
    child = sf.get("Contact", contact)
    assert child["AccountId"] == third
    assert child["SystemModstamp"] > child["LastModifiedDate"]
    deleted = sf("GET", f"/sobjects/Account/deleted?{window(0, 5)}").json["deletedRecords"]
    assert {record["id"] for record in deleted} == {first, second}
    org.act("undelete", object="Account", id=first)
    assert sf.get("Account", first)["MasterRecordId"] is None


def test_a_merge_that_leaves_the_childrens_stamps_alone(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    winner, loser = (sf.create("Account", Name=name) for name in "ab")
    contact = sf.create("Contact", LastName="L", AccountId=loser)
    clock.advance(60)
    org.settings["merge_touches_children"] = False
    org.act("merge", object="Account", winner=winner, loser=loser)
    row = sf.get("Contact", contact)
    assert (row["AccountId"], row["SystemModstamp"]) == (winner, row["CreatedDate"])


def test_conversion(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, _ = made
    lead = sf.create(
        "Lead", LastName="Li", FirstName="Bo", Company="Co", Email="b@co.example", GCLID__c="g1", OwnerId=ANNA
    )
    done = org.act("convert", lead_id=lead, opportunity_name="Deal")
    row = sf.get("Lead", lead)
    assert (row["IsConverted"], row["ConvertedDate"], row["Status"]) == (True, "2026-03-02", "Closed - Converted")
    assert row["ConvertedContactId"] == done["contact"]
    contact, deal = sf.get("Contact", done["contact"]), sf.get("Opportunity", done["opportunity"])
    assert (contact["Email"], contact["AccountId"], contact["GCLID__c"]) == ("b@co.example", done["account"], "g1")
    assert (deal["Name"], deal["StageName"], deal["Probability"], deal["GCLID__c"]) == (
        "Deal",
        "Prospecting",
        10.0,
        "g1",
    )
    roles = sf.query("SELECT ContactId, IsPrimary FROM OpportunityContactRole")["records"]
    assert [(role["ContactId"], role["IsPrimary"]) for role in roles] == [(done["contact"], True)]
    reply = sf("PATCH", f"/sobjects/Lead/{lead}", {"FirstName": "x"})
    assert (reply.code, reply.json[0]["message"]) == ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    with pytest.raises(ValueError, match="converted lead"):
        org.act("convert", lead_id=lead)


def test_conversion_into_records_that_exist(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, _ = made
    account = sf.create("Account", Name="A")
    contact = sf.create("Contact", LastName="Li", AccountId=account, Phone="1")
    lead = sf.create("Lead", LastName="Lo", Company="Co", Phone="2", Title="CEO", OwnerId=QUEUE)
    with pytest.raises(ValueError, match="owned by users"):
        org.act("convert", lead_id=lead, account_id=account, contact_id=contact)
    assert sf.get("Lead", lead)["IsConverted"] is False
    done = org.act(
        "convert", lead_id=lead, account_id=account, contact_id=contact, owner_id=ANNA, create_opportunity=False
    )
    assert done["opportunity"] is None
    row = sf.get("Contact", contact)
    assert (row["LastName"], row["Phone"], row["Title"]) == ("Li", "1", "CEO")


def test_stage_moves_write_history(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", Amount=200)
    clock.advance(60)
    org.act("edit", object="Opportunity", id=deal, fields={"StageName": "Closed Won"})
    row = sf.get("Opportunity", deal)
    assert (row["IsClosed"], row["IsWon"], row["Probability"], row["ExpectedRevenue"]) == (True, True, 100.0, 200.0)
    history = sf.query("SELECT StageName, Probability FROM OpportunityHistory ORDER BY CreatedDate")["records"]
    assert [(h["StageName"], h["Probability"]) for h in history] == [("Prospecting", 10.0), ("Closed Won", 100.0)]


def test_an_opportunity_has_one_primary_contact_role(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, _, _ = made
    deal = sf.create("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    people = [sf.create("Contact", LastName=name) for name in "ab"]
    roles = [sf.create("OpportunityContactRole", OpportunityId=deal, ContactId=who, IsPrimary=True) for who in people]
    assert [sf.get("OpportunityContactRole", role)["IsPrimary"] for role in roles] == [False, True]


# --- windows -----------------------------------------------------------------------------------------------------------
def test_updated_and_deleted_are_half_open_to_the_minute(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    early, late = sf.create("Account", Name="a"), ""
    clock.advance(120)
    late = sf.create("Account", Name="b")
    clock.advance(240)
    assert sf("GET", f"/sobjects/Account/updated?{window(0, 2.5)}").json["ids"] == [early]
    assert sf("GET", f"/sobjects/Account/updated?{window(2, 3)}").json["ids"] == [late]
    org.act("delete", object="Account", id=early)
    body = sf("GET", f"/sobjects/Account/deleted?{window(5, 7)}").json
    assert body["deletedRecords"] == [{"deletedDate": "2026-03-02T12:06:00.000+0000", "id": early}]
    assert body["earliestDateAvailable"] == "2026-02-15T12:06:00.000+0000"
    assert body["latestDateCovered"] == "2026-03-02T12:06:00.000+0000"


@pytest.mark.parametrize(("kind", "days"), [("updated", 30), ("deleted", 15)])
def test_horizons(made: tuple[Client, Salesforce, Clock], kind: str, days: int) -> None:
    sf, _, _ = made
    minutes = days * 1440
    assert sf("GET", f"/sobjects/Account/{kind}?{window(-minutes, 0)}").status == 200
    for start, end in ((-minutes - 1, 0), (5, 5), (5, 4)):
        reply = sf("GET", f"/sobjects/Account/{kind}?{window(start, end)}")
        assert (reply.status, reply.code) == (400, "INVALID_REPLICATION_DATE")
    assert sf("GET", f"/sobjects/Account/{kind}?start=2026-03-01&end=x").status == 400
    assert sf("GET", f"/sobjects/Account/{kind}").code == "MISSING_ARGUMENT"
    assert sf("GET", f"/sobjects/LeadHistory/{kind}?{window(-5, 0)}").status == 400


def test_a_slow_commit_shows_later_under_its_earlier_stamp(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, clock = made
    account = sf.create("Account", Name="old")
    clock.advance(600)
    org.settings["commit_lag_seconds"] = 120
    org.act("edit", object="Account", id=account, fields={"Name": "new"})
    fresh = org.act("create", object="Account", fields={"Name": "fresh"})["Id"]
    org.settings["commit_lag_seconds"] = 0
    clock.advance(60)
    assert sf.get("Account", account)["Name"] == "old"
    assert sf.ids("SELECT Id FROM Account") == [account]
    assert sf.ids(f"SELECT Id FROM Account WHERE Id = '{fresh}'") == []
    covered = sf("GET", f"/sobjects/Account/updated?{window(0, 11)}").json
    assert (covered["ids"], covered["latestDateCovered"]) == ([account], "2026-03-02T12:10:00.000+0000")
    assert sf("PATCH", f"/sobjects/Account/{account}", {"Phone": "1"}).code == "UNABLE_TO_LOCK_ROW"
    clock.advance(61)
    row = sf.get("Account", account)
    assert (row["Name"], row["SystemModstamp"]) == ("new", "2026-03-02T12:10:00.000+0000")
    assert sf("GET", f"/sobjects/Account/updated?{window(10, 12)}").json["ids"] == [account, fresh]


def test_a_refused_action_leaves_nothing_behind(made: tuple[Client, Salesforce, Clock]) -> None:
    sf, org, _ = made
    winner, loser = (sf.create("Account", Name=name) for name in "ab")
    child = sf.create("Contact", LastName="L", AccountId=loser)
    with pytest.raises(ValueError, match="STRING_TOO_LONG"):
        org.act("merge", object="Account", winner=winner, loser=loser, fields={"Phone": "1" * 41})
    assert sf.get("Contact", child)["AccountId"] == loser
    assert sf.get("Account", loser)["IsDeleted"] is False
    assert sf("GET", f"/sobjects/Account/deleted?{window(0, 5)}").json["deletedRecords"] == []


# --- the store ---------------------------------------------------------------------------------------------------------
NAMES = st.sampled_from(["a", "b", None])
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["create", "edit", "delete", "undelete", "hard_delete", "merge"]),
        st.integers(0, 5),
        NAMES,
        st.booleans(),
    ),
    max_size=25,
)


@settings(max_examples=15, deadline=None)
@given(STEPS)
def test_indexes_follow_rows_whatever_is_done_or_taken_back(steps: list[tuple[str, int, str | None, bool]]) -> None:
    sf, org, _ = organisation()
    accounts = [sf.create("Account", Name=name, Lockstep_Id__c=name) for name in "xyz"]
    contacts = [sf.create("Contact", LastName=name, AccountId=accounts[0]) for name in "lmn"]
    for action, place, key, take_back in steps:
        before = {name: dict(table) for name, table in org.org.store.tables.items()}
        refused = False
        try:
            with org.org.store.transaction() as journal:
                carry_out(org, action, accounts, contacts, place, key)
                if take_back:
                    org.org.store.roll_back(journal)
        except ValueError:
            refused = True
        if take_back or refused:
            assert org.org.store.tables == before
        check_indexes(org)


def carry_out(
    org: Salesforce, action: str, accounts: list[str], contacts: list[str], place: int, key: str | None
) -> None:
    """Do one thing to one of the accounts or contacts."""
    account, contact = accounts[place % 3], contacts[place % 3]
    fields = {"AccountId": accounts[(place + 1) % 3], "Lockstep_Id__c": key}
    if action == "create":
        org.act("create", object="Contact", fields=fields | {"LastName": "new"})
    elif action == "edit":
        org.act("edit", object="Contact", id=contact, fields=fields)
    elif action == "merge":
        org.act("merge", object="Account", winner=account, loser=accounts[(place + 1) % 3])
    elif place < 3:
        org.act(action, object="Account", id=account)
    else:
        org.act(action, object="Contact", id=contact)


def check_indexes(org: Salesforce) -> None:
    """Compare what the indexes hold with a scan of the rows."""
    store = org.org.store
    for name, field in (("Contact", "AccountId"), ("Contact", "Lockstep_Id__c"), ("Account", "Lockstep_Id__c")):
        rows = store.tables[name].values()
        for value in {row[field] for row in rows if row[field]}:
            scanned = {row["Id"] for row in rows if row[field] == value}
            assert {row["Id"] for row in store.holding(name, field, value, deleted=True)} == scanned
            live = {row["Id"] for row in rows if row[field] == value and not row["IsDeleted"]}
            assert {row["Id"] for row in store.holding(name, field, value)} == live

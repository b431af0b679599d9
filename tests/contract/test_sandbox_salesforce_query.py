"""SOQL in the sandbox: paging, nulls, case, dates, relationships, aggregates, and what it refuses."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.salesforce_org import ANNA, API_USER, QUEUE, Client, organisation


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


@pytest.fixture
def people(sf: Client) -> dict[str, str]:
    account = sf.create("Account", Name="Fjord AS", Industry="Energy", OwnerId=ANNA)
    rows = {
        "anna": {"LastName": "Ås", "Email": "Anna@X.example", "AccountId": account},
        "bob": {"LastName": "berg", "Phone": "50% off_", "OwnerId": ANNA, "Birthdate": "1990-05-01"},
        "cy": {"LastName": "BERG", "FirstName": "Cy\nNew", "Email": "cy@x.example", "HasOptedOutOfEmail": True},
    }
    return {name: sf.create("Contact", **fields) for name, fields in rows.items()} | {"account": account}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("Email = 'anna@x.EXAMPLE'", {"anna"}),
        ("LastName = 'Berg'", {"bob", "cy"}),
        ("LastName = 'åS'", {"anna"}),
        ("Email != 'anna@x.example'", {"bob", "cy"}),
        ("Email NOT IN ('anna@x.example')", {"bob", "cy"}),
        ("Email = null", {"bob"}),
        ("Email = ''", {"bob"}),
        ("Email != null", {"anna", "cy"}),
        ("NOT Email = 'anna@x.example'", {"bob", "cy"}),
        ("LastName LIKE 'be%'", {"bob", "cy"}),
        ("LastName LIKE '_s'", {"anna"}),
        ("Phone LIKE '50\\% off\\_'", {"bob"}),
        ("FirstName LIKE 'cy%'", {"cy"}),
        ("HasOptedOutOfEmail = true", {"cy"}),
        ("Birthdate < 2000-01-01", {"bob"}),
        ("Birthdate > 2000-01-01", set()),
        ("Account.Name = 'FJORD as'", {"anna"}),
        ("Account.Owner.FirstName = 'Anna'", {"anna"}),
        ("Account.Name = null", {"bob", "cy"}),
        ("Owner.Name LIKE 'anna%'", {"bob"}),
        ("AccountId IN (SELECT Id FROM Account WHERE Industry = 'Energy')", {"anna"}),
        ("AccountId NOT IN (SELECT Id FROM Account WHERE Industry = 'Energy')", {"bob", "cy"}),
        ("CreatedDate = TODAY AND (LastName = 'berg' OR Email != null)", {"anna", "bob", "cy"}),
        ("CreatedDate < TODAY", set()),
        ("CreatedDate = LAST_N_DAYS:3", {"anna", "bob", "cy"}),
        ("SystemModstamp >= 2026-03-02T12:00:00Z AND SystemModstamp < 2026-03-02T13:00:00+01:00", set()),
        ("SystemModstamp >= 2026-03-02T13:00:00+01:00", {"anna", "bob", "cy"}),
        ("SystemModstamp < 2026-03-02T12:00:00.500Z", {"anna", "bob", "cy"}),
    ],
)
def test_conditions(sf: Client, people: dict[str, str], where: str, expected: set[str]) -> None:
    assert set(sf.ids(f"SELECT Id FROM Contact WHERE {where}")) == {people[name] for name in expected}


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("INCLUDES ('Web')", {"both", "web"}),
        ("INCLUDES ('Web;Partner')", {"both"}),
        ("INCLUDES ('Web;Partner', 'Phone')", {"both", "phone"}),
        ("INCLUDES ('web')", {"both", "web"}),
        ("EXCLUDES ('Web')", {"phone", "none"}),
        ("EXCLUDES ('Web;Partner')", {"web", "phone", "none"}),
        ("= 'Web;Partner'", {"both"}),
    ],
)
def test_multiple_selections(sf: Client, where: str, expected: set[str]) -> None:
    """A semicolon is AND, a comma is OR (SOQL and SOSL Reference, Querying Multi-Select Picklists)."""
    account = sf.create("Account", Name="A")
    chosen = {"both": "Web;Partner", "web": "Web", "phone": "Phone", "none": None}
    names = {
        sf.create("Subscription__c", Account__c=account, Channels__c=value): name for name, value in chosen.items()
    }
    assert {names[one] for one in sf.ids(f"SELECT Id FROM Subscription__c WHERE Channels__c {where}")} == expected


def test_ids_match_in_both_lengths(sf: Client, people: dict[str, str]) -> None:
    assert sf.ids(f"SELECT Id FROM Contact WHERE Id = '{people['bob'][:15]}'") == [people["bob"]]
    assert sf.ids(f"SELECT Id FROM Contact WHERE AccountId = '{people['account'][:15]}'") == [people["anna"]]


def test_names_match_in_any_case_and_are_answered_as_described(sf: Client, people: dict[str, str]) -> None:
    record = sf.query("select ID, account.NAME from CONTACT where lastname = 'ås'")["records"][0]
    assert record["Id"] == people["anna"]
    assert record["Account"]["Name"] == "Fjord AS"
    assert record["attributes"] == {"type": "Contact", "url": f"/services/data/v62.0/sobjects/Contact/{people['anna']}"}


def test_order_puts_nulls_first_unless_asked(sf: Client, people: dict[str, str]) -> None:
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email")[0] == people["bob"]
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email DESC")[0] == people["bob"]
    ordered = sf.ids("SELECT Id FROM Contact ORDER BY Email DESC NULLS LAST")
    assert ordered == [people["cy"], people["anna"], people["bob"]]
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email NULLS LAST LIMIT 1 OFFSET 1") == [people["cy"]]


def test_where_nulls_go_when_descending_is_a_setting(sf: Client, people: dict[str, str]) -> None:
    sf.org.settings["nulls_first_when_descending"] = False
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email DESC")[-1] == people["bob"]
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email DESC NULLS FIRST")[0] == people["bob"]
    assert sf.ids("SELECT Id FROM Contact ORDER BY Email")[0] == people["bob"]


def test_polymorphic_owner(sf: Client) -> None:
    mine = sf.create("Lead", LastName="L", Company="C")
    queued = sf.create("Lead", LastName="Q", Company="C", OwnerId=QUEUE)
    records = sf.query("SELECT Id, Owner.Name, Owner.Type FROM Lead ORDER BY LastName")["records"]
    assert [(r["Id"], r["Owner"]["Name"], r["Owner"]["Type"]) for r in records] == [
        (mine, "Api Berg", "User"),
        (queued, "Web Leads", "Queue"),
    ]
    assert records[1]["Owner"]["attributes"]["type"] == "Name"
    assert sf.ids("SELECT Id FROM Lead WHERE Owner.Type = 'Queue'") == [queued]


def test_children_are_nested_or_null(sf: Client, people: dict[str, str]) -> None:
    empty = sf.create("Account", Name="Tom")
    records = sf.query("SELECT Id, (SELECT LastName FROM Contacts) FROM Account ORDER BY Name")["records"]
    assert records[0]["Contacts"]["totalSize"] == 1
    assert records[0]["Contacts"]["records"][0]["LastName"] == "Ås"
    assert (records[1]["Id"], records[1]["Contacts"]) == (empty, None)


def test_count_and_aggregates(sf: Client, people: dict[str, str]) -> None:
    counted = sf.query("SELECT COUNT() FROM Contact WHERE Email != null")
    assert (counted["totalSize"], counted["done"], counted["records"]) == (2, True, [])
    rows = sf.query("SELECT LastName, COUNT(Id) n, MAX(Email) FROM Contact GROUP BY LastName HAVING COUNT(Id) > 1")[
        "records"
    ]
    assert [(row["n"], row["expr0"], row["attributes"]) for row in rows] == [
        (2, "cy@x.example", {"type": "AggregateResult"})
    ]


def test_pages_by_locator_until_done(sf: Client) -> None:
    ids = [sf.create("Account", Name=f"A{number}") for number in range(7)]
    sf.org.settings["page_size_max"] = 3
    page = sf.query("SELECT Id FROM Account ORDER BY Id")
    assert (page["totalSize"], page["done"], len(page["records"])) == (7, False, 3)
    seen = [record["Id"] for record in page["records"]]
    while not page["done"]:
        page = sf("GET", page["nextRecordsUrl"]).json
        seen += [record["Id"] for record in page["records"]]
    assert seen == ids
    assert "nextRecordsUrl" not in page


def test_locators_expire_after_two_days(sf: Client) -> None:
    for number in range(4):
        sf.create("Account", Name=f"A{number}")
    sf.org.settings["page_size_max"] = 3
    url = sf.query("SELECT Id FROM Account")["nextRecordsUrl"]
    assert sf("GET", url).status == 200
    assert sf("GET", url.replace("-3", "-99")).code == "INVALID_QUERY_LOCATOR"
    sf.org.org.clock.advance(172_801)
    sf.token = sf.org.api.sessions.issue(API_USER)
    assert (sf("GET", url).status, sf("GET", url).code) == (400, "INVALID_QUERY_LOCATOR")


def test_batch_size_header_is_kept_within_bounds(sf: Client) -> None:
    for number in range(450):
        sf.create("Account", Name=f"A{number}")
    from urllib.parse import quote

    url = "/query?q=" + quote("SELECT Id FROM Account")
    assert len(sf("GET", url, sforce_query_options="batchSize=5").json["records"]) == 200
    assert len(sf("GET", url, sforce_query_options="batchSize=300").json["records"]) == 300


def test_a_cursor_is_a_snapshot_of_the_rows_it_found(sf: Client) -> None:
    ids = [sf.create("Account", Name=f"A{number}") for number in range(4)]
    sf.org.settings["page_size_max"] = 3
    url = sf.query("SELECT Id, Name FROM Account ORDER BY Id")["nextRecordsUrl"]
    sf("DELETE", f"/sobjects/Account/{ids[3]}")
    assert sf("GET", url).json["records"][0]["Name"] == "A3"


def test_query_all_reads_the_recycle_bin(sf: Client) -> None:
    kept, gone = sf.create("Account", Name="kept"), sf.create("Account", Name="gone")
    sf("DELETE", f"/sobjects/Account/{gone}")
    assert sf.ids("SELECT Id FROM Account") == [kept]
    assert set(sf.ids("SELECT Id FROM Account", everything=True)) == {kept, gone}
    assert sf.ids("SELECT Id FROM Account WHERE IsDeleted = true", everything=True) == [gone]
    assert sf.ids(f"SELECT Id FROM Account WHERE Id = '{gone}'", everything=True) == [gone]


def test_fields_all_needs_a_limit(sf: Client, people: dict[str, str]) -> None:
    assert sf.ask("SELECT FIELDS(ALL) FROM Contact").code == "MALFORMED_QUERY"
    record = sf.query("SELECT FIELDS(ALL) FROM Contact LIMIT 1")["records"][0]
    assert {"Id", "LastName", "Lockstep_Id__c"} <= set(record)


@pytest.mark.parametrize(
    ("soql", "code"),
    [
        ("SELECT Nope FROM Contact", "INVALID_FIELD"),
        ("SELECT Id, Id FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Nope.Name FROM Contact", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE LastName = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Birthdate = '2020-01-01'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE SystemModstamp > 2020-01-01", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Contact ORDER BY Description", "INVALID_FIELD"),
        ("SELECT Id FROM Contact WHERE HasOptedOutOfEmail > true", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE Id = 'nonsense'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Contact WHERE LastName INCLUDES ('a')", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Nope", "INVALID_TYPE"),
        ("SELECT Id, (SELECT Id FROM Nopes) FROM Account", "INVALID_TYPE"),
        ("SELECT * FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact ALL ROWS", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact FOR UPDATE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'a' AND Email = null OR Phone = null", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE LastName = 'a\\q'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate = LAST_N_DAYS", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE CreatedDate = LAST_N_DAYS:99999999999", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact WHERE Birthdate = 2020-02-31", "MALFORMED_QUERY"),
        ("SELECT toLabel(LeadSource) FROM Contact", "MALFORMED_QUERY"),
        ("SELECT LastName, COUNT(Id) FROM Contact", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact LIMIT 1.5", "MALFORMED_QUERY"),
        ("SELECT Id FROM Contact OFFSET 2001", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("SELECT Id FROM Contact WHERE " + "NOT " * 5000 + "Email = null", "MALFORMED_QUERY"),
        ("", "MALFORMED_QUERY"),
    ],
)
def test_refusals(sf: Client, soql: str, code: str) -> None:
    reply = sf.ask(soql)
    assert (reply.status, reply.code) == (400, code), reply.body


def test_a_wrong_field_is_shown_in_its_place(sf: Client) -> None:
    message = sf.ask("SELECT Id, X FROM Account").json[0]["message"]
    assert "ERROR at Row:1:Column:12\nNo such column 'X' on entity 'Account'." in message


FRAGMENTS = ["SELECT", "Id", "Name", "FROM", "Account", "WHERE", "=", "!=", "'x'", "5", "null", "(", ")", ",", "AND", "OR", "NOT",
             "IN", "LIKE", "ORDER BY", "LIMIT", "COUNT()", "COUNT(Id)", "GROUP BY", "TODAY", "LAST_N_DAYS:5", "2020-01-01",
             "Owner.Name", "Parent.Name", "CreatedDate", ">", "HAVING", "NULLS LAST", "DESC", "FIELDS(ALL)", "\\", "'", "é"]  # fmt: skip


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=14))
def test_any_text_is_answered_or_refused(words: list[str]) -> None:
    client = SHARED
    reply = client.ask(" ".join(["SELECT Id FROM Account", *words]))
    assert reply.status in {200, 400}
    assert client.ask(" ".join(words)).status in {200, 400}


SHARED = organisation()[0]

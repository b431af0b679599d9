"""Writing to the sandbox's Salesforce: rows, upserts, Collections, Composite, and its refusals."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.salesforce_org import ANNA, API_USER, GONE, QUEUE, Client, organisation

RULE = "01Q5g0000000001EAA"


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


def lead(**fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": "Lead"}, "LastName": "Li", "Company": "Co", **fields}


def test_create_read_update_delete(sf: Client) -> None:
    made = sf("POST", "/sobjects/Lead", {"LastName": "  Li ", "Company": "Co", "FirstName": ""})
    assert (made.status, made.json["success"], made.json["errors"]) == (201, True, [])
    record_id = made.json["id"]
    assert made.headers["Location"] == f"/services/data/v62.0/sobjects/Lead/{record_id}"
    record = sf.get("Lead", record_id[:15])
    assert (record["LastName"], record["FirstName"], record["Name"]) == ("Li", None, "Li")
    assert (record["Status"], record["OwnerId"], record["IsConverted"]) == ("Open - Not Contacted", API_USER, False)
    assert record["SystemModstamp"] == record["CreatedDate"] == "2026-03-02T12:00:00.000+0000"
    sf.org.org.clock.advance(60)
    assert sf("PATCH", f"/sobjects/Lead/{record_id}", {"firstname": "Bo"}).status == 204
    changed = sf.get("Lead", record_id)
    assert (changed["Name"], changed["LastModifiedDate"]) == ("Bo Li", "2026-03-02T12:01:00.000+0000")
    assert sf("DELETE", f"/sobjects/Lead/{record_id}").status == 204
    gone = sf("GET", f"/sobjects/Lead/{record_id}")
    assert (gone.status, gone.code) == (404, "ENTITY_IS_DELETED")
    assert sf("PATCH", f"/sobjects/Lead/{record_id}", {"FirstName": "x"}).code == "ENTITY_IS_DELETED"
    assert sf("GET", "/sobjects/Lead/00Q5g00000000zzAAA").status == 404


@pytest.mark.parametrize(
    ("fields", "code", "names"),
    [
        ({"LastName": None}, "REQUIRED_FIELD_MISSING", ["LastName"]),
        ({"Company": " "}, "REQUIRED_FIELD_MISSING", ["Company"]),
        ({"FirstName": "x" * 41}, "STRING_TOO_LONG", ["FirstName"]),
        ({"Email": "not an address"}, "INVALID_EMAIL_ADDRESS", ["Email"]),
        ({"Nope__c": 1}, "INVALID_FIELD", None),
        ({"Name": "x"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["Name"]),
        ({"CreatedDate": "2020-01-01T00:00:00Z"}, "INVALID_FIELD_FOR_INSERT_UPDATE", ["CreatedDate"]),
        ({"HasOptedOutOfEmail": "perhaps"}, "JSON_PARSER_ERROR", None),
        ({"AnnualRevenue": "much"}, "JSON_PARSER_ERROR", None),
        ({"NumberOfEmployees": 1.5}, "JSON_PARSER_ERROR", None),
        ({"OwnerId": "nonsense"}, "MALFORMED_ID", ["OwnerId"]),
        ({"OwnerId": "0015g0000000001AAA"}, "MALFORMED_ID", ["OwnerId"]),
        ({"OwnerId": "0055g00000000zzAAA"}, "INVALID_CROSS_REFERENCE_KEY", ["OwnerId"]),
        ({"OwnerId": GONE}, "INACTIVE_OWNER_OR_USER", None),
    ],
)
def test_refused_values(sf: Client, fields: dict[str, Any], code: str, names: list[str] | None) -> None:
    reply = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co"} | fields, sforce_auto_assign="FALSE")
    assert (reply.status, reply.code) == (400, code), reply.body
    if names:
        assert reply.json[0]["fields"] == names
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


def test_all_bad_values_of_a_record_are_told_at_once(sf: Client) -> None:
    reply = sf("POST", "/sobjects/Lead", {"LastName": "x" * 81, "Company": "Co", "Email": "?"})
    assert {error["errorCode"] for error in reply.json} == {"STRING_TOO_LONG", "INVALID_EMAIL_ADDRESS"}
    assert "(max length=80)" in reply.json[0]["message"]


def test_a_reference_to_nothing(sf: Client) -> None:
    reply = sf("POST", "/sobjects/Contact", {"LastName": "Li", "AccountId": "0015g0000000009AAA"})
    assert reply.code == "INVALID_CROSS_REFERENCE_KEY"


def test_restricted_picklist_when_switched_on(sf: Client) -> None:
    sf.create("Lead", LastName="Li", Company="Co", Industry="Basket weaving")
    sf.org.settings["restricted_picklists"] = ["Lead.Industry"]
    reply = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co", "Industry": "Basket weaving"})
    assert reply.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert reply.json[0]["message"] == "Industry: bad value for restricted picklist field: Basket weaving"
    sf.create("Lead", LastName="Li", Company="Co", Industry="Banking")


def test_validation_rule_when_switched_on(sf: Client) -> None:
    rule = {
        "object": "Lead",
        "when": "Country = 'Norway' AND PostalCode = null",
        "message": "No post code",
        "field": "PostalCode",
    }
    sf.org.settings["validation_rules"] = [rule]
    reply = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co", "Country": "Norway"})
    assert (reply.code, reply.json[0]["message"]) == ("FIELD_CUSTOM_VALIDATION_EXCEPTION", "No post code")
    record_id = sf.create("Lead", LastName="Li", Company="Co", Country="Norway", PostalCode="0150")
    assert sf("PATCH", f"/sobjects/Lead/{record_id}", {"PostalCode": None}).code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"


def test_duplicate_rule_when_switched_on(sf: Client) -> None:
    contact = sf.create("Contact", LastName="Li", Email="li@x.example")
    rule = {"object": "Lead", "fields": ["Email"], "against": ["Lead", "Contact"], "action": "alert"}
    sf.org.settings["duplicate_rules"] = [rule]
    body = {"LastName": "Li", "Company": "Co", "Email": "LI@x.example"}
    reply = sf("POST", "/sobjects/Lead", body)
    result = reply.json[0]["duplicateResult"]
    assert (reply.status, reply.code, result["allowSave"]) == (400, "DUPLICATES_DETECTED", True)
    assert result["matchResults"][0]["matchRecords"][0]["record"]["Id"] == contact
    assert sf("POST", "/sobjects/Lead", body, sforce_duplicate_rule_header="allowSave=true").status == 201
    sf.org.settings["duplicate_rules"] = [rule | {"action": "block"}]
    assert sf("POST", "/sobjects/Lead", body, sforce_duplicate_rule_header="allowSave=true").status == 400


def test_locks_and_permissions_when_switched_on(sf: Client) -> None:
    record_id = sf.create("Lead", LastName="Li", Company="Co")
    sf.org.settings["locked"] = [record_id]
    assert sf("PATCH", f"/sobjects/Lead/{record_id}", {"FirstName": "x"}).code == "UNABLE_TO_LOCK_ROW"
    sf.org.settings["locked"] = []
    sf.org.settings["no_access"] = ["Lead.delete"]
    assert sf("DELETE", f"/sobjects/Lead/{record_id}").code == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert sf("PATCH", f"/sobjects/Lead/{record_id}", {"FirstName": "x"}).status == 204


def test_field_level_security_hides_and_protects(sf: Client) -> None:
    sf.org.settings["hidden_fields"] = ["Lead.GCLID__c"]
    sf.org.settings["read_only_fields"] = ["Lead.Website"]
    names = {field["name"]: field for field in sf("GET", "/sobjects/Lead/describe").json["fields"]}
    assert "GCLID__c" not in names
    assert names["Website"]["updateable"] is False
    assert sf.ask("SELECT GCLID__c FROM Lead").code == "INVALID_FIELD"
    assert sf("POST", "/sobjects/Lead", {"LastName": "L", "Company": "C", "GCLID__c": "x"}).code == "INVALID_FIELD"
    reply = sf("POST", "/sobjects/Lead", {"LastName": "L", "Company": "C", "Website": "x"})
    assert reply.code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert "Please check the security settings of this field" in reply.json[0]["message"]


@pytest.mark.parametrize(
    ("header", "owner"),
    [(None, QUEUE), ("TRUE", QUEUE), ("true", QUEUE), ("FALSE", API_USER), (RULE, QUEUE), (RULE[:15], QUEUE)],
)
def test_assignment_rules_run_unless_told_not_to(sf: Client, header: str | None, owner: str) -> None:
    sf.org.settings["assignment_rules"] = {"Lead": {"id": RULE, "owner": QUEUE, "when": "Country = 'Norway'"}}
    headers = {"sforce_auto_assign": header} if header else {}
    reply = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co", "Country": "NORWAY"}, **headers)
    assert sf.get("Lead", reply.json["id"])["OwnerId"] == owner
    other = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co", "OwnerId": ANNA}, **headers)
    assert sf.get("Lead", other.json["id"])["OwnerId"] == ANNA


@pytest.mark.parametrize("header", ["perhaps", "01Q5g0000000002EAA"])
def test_an_unknown_assignment_rule_is_refused(sf: Client, header: str) -> None:
    assert sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co"}, sforce_auto_assign=header).status == 400


def test_upsert_by_external_id(sf: Client) -> None:
    path = "/sobjects/Lead/Lockstep_Id__c/a%2Fb%20c"
    made = sf("PATCH", path, {"LastName": "Li", "Company": "Co"})
    assert (made.status, made.json["created"]) == (201, True)
    again = sf("PATCH", path.replace("a%2Fb", "A%2FB"), {"LastName": "Lo"})
    assert (again.status, again.json["created"], again.json["id"]) == (200, False, made.json["id"])
    assert sf("GET", path).json["LastName"] == "Lo"
    assert sf.get("Lead", made.json["id"])["Lockstep_Id__c"] == "a/b c"
    assert sf("PATCH", path, {"Lockstep_Id__c": "x"}).code == "INVALID_FIELD"
    assert sf("PATCH", "/sobjects/Lead/Email/x", {"LastName": "Li"}).status == 404
    assert sf("DELETE", path).status == 204
    assert sf("GET", path).status == 404


def test_a_unique_external_id_is_held_by_one_record(sf: Client) -> None:
    first = sf.create("Lead", LastName="Li", Company="Co", Lockstep_Id__c="Key")
    reply = sf("POST", "/sobjects/Lead", {"LastName": "Li", "Company": "Co", "Lockstep_Id__c": "kEY"})
    assert reply.code == "DUPLICATE_VALUE"
    assert (
        reply.json[0]["message"] == f"duplicate value found: Lockstep_Id__c duplicates value on record with id: {first}"
    )
    sf("DELETE", f"/sobjects/Lead/{first}")
    sf.create("Lead", LastName="Li", Company="Co", Lockstep_Id__c="key")


def test_twins_of_an_external_id_are_300(sf: Client) -> None:
    sf.org.settings["custom_fields"] = {
        "Lead": [{"name": "Ref__c", "type": "string", "length": 20, "external_id": True}]
    }
    twins = [sf.create("Lead", LastName="Li", Company="Co", Ref__c="r") for _ in range(2)]
    reply = sf("PATCH", "/sobjects/Lead/Ref__c/R", {"LastName": "Lo"})
    assert (reply.status, reply.json) == (
        300,
        [f"/services/data/v62.0/sobjects/Lead/{record_id}" for record_id in twins],
    )
    many = sf("PATCH", "/composite/sobjects/Lead/Ref__c", {"records": [lead(Ref__c="r")]}).json
    assert many[0]["errors"][0]["statusCode"] == "DUPLICATE_EXTERNAL_ID"


def test_a_parent_may_be_named_by_its_external_id(sf: Client) -> None:
    account = sf.create("Account", Name="A", Lockstep_Id__c="acc-1")
    contact = sf.create("Contact", LastName="Li", Account={"Lockstep_Id__c": "ACC-1"})
    assert sf.get("Contact", contact)["AccountId"] == account
    reply = sf("POST", "/sobjects/Contact", {"LastName": "Li", "Account": {"Lockstep_Id__c": "none"}})
    assert "Foreign key external ID: none not found" in reply.json[0]["message"]


# --- Collections -------------------------------------------------------------------------------------------------------
def test_collections_answer_each_record_in_order(sf: Client) -> None:
    reply = sf("POST", "/composite/sobjects", {"records": [lead(), lead(LastName=None), lead(LastName="Lo")]})
    assert reply.status == 200
    assert [result["success"] for result in reply.json] == [True, False, True]
    assert reply.json[1]["errors"][0] == {
        "statusCode": "REQUIRED_FIELD_MISSING",
        "message": "Required fields are missing: [LastName]",
        "fields": ["LastName"],
    }
    ids = [reply.json[0]["id"], reply.json[2]["id"]]
    updates = [{"attributes": {"type": "Lead"}, "id": record_id, "FirstName": "F"} for record_id in ids]
    assert all(result["success"] for result in sf("PATCH", "/composite/sobjects", {"records": updates}).json)
    read = sf(
        "POST", "/composite/sobjects/Lead", {"ids": [ids[1], "00Q5g00000000zzAAA", ids[0]], "fields": ["Name"]}
    ).json
    assert [record and record["Name"] for record in read] == ["F Lo", None, "F Li"]
    gone = sf("DELETE", f"/composite/sobjects?ids={ids[0]},{ids[0]}").json
    assert [result["success"] for result in gone] == [True, False]
    assert gone[1]["errors"][0]["statusCode"] == "ENTITY_IS_DELETED"


def test_all_or_none_takes_all_back(sf: Client) -> None:
    reply = sf(
        "POST", "/composite/sobjects", {"allOrNone": True, "records": [lead(Lockstep_Id__c="k"), lead(LastName=None)]}
    )
    codes = [result["errors"][0]["statusCode"] for result in reply.json]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"]
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0
    sf.create("Lead", LastName="Li", Company="Co", Lockstep_Id__c="k")


def test_collections_upsert(sf: Client) -> None:
    sf.create("Lead", LastName="Old", Company="Co", Lockstep_Id__c="one")
    records = [
        lead(Lockstep_Id__c="ONE"),
        lead(Lockstep_Id__c="two"),
        lead(Lockstep_Id__c="x"),
        lead(Lockstep_Id__c="X"),
    ]
    results = sf("PATCH", "/composite/sobjects/Lead/Lockstep_Id__c", {"records": records}).json
    assert [result.get("created") for result in results] == [False, True, None, None]
    assert results[2]["errors"][0]["message"] == "Duplicate external id specified: x"


def test_collections_take_200(sf: Client) -> None:
    assert sf("POST", "/composite/sobjects", {"records": [lead()] * 201}).code == "EXCEEDED_ID_LIMIT"
    mixed = [lead(), {"attributes": {"type": "Account"}, "Name": "A"}] * 6
    assert sf("POST", "/composite/sobjects", {"records": mixed}).status == 400
    assert sf.query("SELECT COUNT() FROM Lead")["totalSize"] == 0


# --- Composite ---------------------------------------------------------------------------------------------------------
def part(name: str, method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {"method": method, "url": f"/services/data/v62.0{path}", "referenceId": name} | (
        {"body": body} if body else {}
    )


def test_composite_refers_to_earlier_answers(sf: Client) -> None:
    parts = [
        part("acc", "POST", "/sobjects/Account", {"Name": "A"}),
        part("con", "POST", "/sobjects/Contact", {"LastName": "L", "AccountId": "@{acc.id}"}),
        part("read", "GET", "/sobjects/Account/@{acc.id}?fields=Name"),
        part("q", "GET", "/query?q=SELECT+COUNT()+FROM+Contact"),
        part("bad", "GET", "/sobjects/Account/@{nothing.id}"),
    ]
    used = sf.org.settings["used"]
    results = sf("POST", "/composite", {"compositeRequest": parts}).json["compositeResponse"]
    assert [result["httpStatusCode"] for result in results] == [201, 201, 200, 200, 400]
    assert [result["referenceId"] for result in results] == ["acc", "con", "read", "q", "bad"]
    assert results[2]["body"]["Name"] == "A"
    assert results[3]["body"]["totalSize"] == 1
    assert sf.get("Contact", results[1]["body"]["id"])["AccountId"] == results[0]["body"]["id"]
    assert sf.org.settings["used"] == used + 2


def test_composite_all_or_none(sf: Client) -> None:
    parts = [part("a", "POST", "/sobjects/Account", {"Name": "A"}), part("b", "POST", "/sobjects/Account", {"Nope": 1})]
    results = sf("POST", "/composite", {"allOrNone": True, "compositeRequest": parts}).json["compositeResponse"]
    assert [result["body"][0]["errorCode"] for result in results] == ["PROCESSING_HALTED", "INVALID_FIELD"]
    assert sf.query("SELECT COUNT() FROM Account")["totalSize"] == 0


def test_composite_limits(sf: Client) -> None:
    many = [part(f"r{number}", "GET", "/limits") for number in range(26)]
    assert sf("POST", "/composite", {"compositeRequest": many}).status == 400
    queries = [part(f"r{number}", "GET", "/query?q=SELECT+Id+FROM+Lead") for number in range(6)]
    assert sf("POST", "/composite", {"compositeRequest": queries}).status == 400
    assert sf("POST", "/composite", {"compositeRequest": [part("a", "GET", "/limits")] * 2}).status == 400


# --- nothing ends in a server error ------------------------------------------------------------------------------------
SHARED = organisation()[0]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["LastName", "Company", "Email", "OwnerId", "Birthdate", "Amount", "AnnualRevenue", "IsConverted",
                         "HasOptedOutOfEmail", "attributes", "id", "Account", "Lockstep_Id__c", "CloseDate", "Nope"])  # fmt: skip
BODIES = JSON | st.dictionaries(NAMES, JSON, max_size=5)
ROUTES = [
    ("POST", "/sobjects/Lead"), ("PATCH", "/sobjects/Lead/00Q5g0000000001AAA"), ("PATCH", "/sobjects/Lead/Lockstep_Id__c/k"),
    ("POST", "/sobjects/Contact"), ("POST", "/sobjects/Opportunity"), ("POST", "/composite/sobjects/Lead"),
]  # fmt: skip
WRAPPED = [
    ("POST", "/composite/sobjects", "records"), ("PATCH", "/composite/sobjects", "records"),
    ("PATCH", "/composite/sobjects/Lead/Lockstep_Id__c", "records"), ("POST", "/composite", "compositeRequest"),
    ("POST", "/jobs/query", "query"), ("POST", "/jobs/ingest", "object"),
]  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(ROUTES), BODIES)
def test_any_body_is_answered_or_refused(route: tuple[str, str], body: Any) -> None:
    assert SHARED(*route, body).status < 500


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(WRAPPED), st.lists(BODIES, max_size=3) | BODIES, st.dictionaries(NAMES, JSON, max_size=2))
def test_any_list_is_answered_or_refused(route: tuple[str, str, str], body: Any, extra: dict[str, Any]) -> None:
    method, path, key = route
    assert SHARED(method, path, {key: body, "operation": "query"} | extra).status < 500
    assert SHARED(method, path, {key: [lead(**{k: v for k, v in extra.items() if k != "attributes"})]}).status < 500

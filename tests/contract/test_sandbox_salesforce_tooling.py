"""Custom fields through the Tooling API, and who may see them by permission set."""

from typing import Any
from urllib.parse import quote

import pytest
from tests.contract.salesforce_org import API_USER, Client, Reply, organisation

LOCKSTEP_ID = {"label": "Lockstep Id", "type": "Text", "length": 64, "externalId": True, "unique": True}


@pytest.fixture
def sf() -> Client:
    return organisation()[0]


def make(sf: Client, full_name: str, **metadata: Any) -> Reply:
    return sf("POST", "/tooling/sobjects/CustomField", {"FullName": full_name, "Metadata": metadata})


def fields(sf: Client, name: str) -> dict[str, dict[str, Any]]:
    return {field["name"]: field for field in sf("GET", f"/sobjects/{name}/describe").json["fields"]}


def ask(sf: Client, soql: str) -> Reply:
    return sf("GET", f"/tooling/query?q={quote(soql)}")


def grant(sf: Client, field: str, edit: bool = True) -> str:
    found = sf.ids("SELECT Id FROM PermissionSet WHERE Name = 'Lockstep'")
    permission_set = found[0] if found else sf.create("PermissionSet", Name="Lockstep", Label="Lockstep")
    if not found:
        sf.create("PermissionSetAssignment", PermissionSetId=permission_set, AssigneeId=API_USER)
    return sf.create(
        "FieldPermissions", ParentId=permission_set, SobjectType=field.partition(".")[0], Field=field,
        PermissionsRead=True, PermissionsEdit=edit,
    )  # fmt: skip


def test_a_new_field_is_invisible_until_a_permission_set_grants_it(sf: Client) -> None:
    sf.org.settings["hide_lockstep_id"] = True
    made = make(sf, "Lead.Lockstep_Id__c", **LOCKSTEP_ID)
    assert (made.status, made.json["success"], made.json["id"][:3]) == (201, True, "00N")
    assert "Lockstep_Id__c" not in fields(sf, "Lead")
    assert sf.ask("SELECT Lockstep_Id__c FROM Lead").code == "INVALID_FIELD"
    row = sf("GET", f"/tooling/sobjects/CustomField/{made.json['id']}").json
    assert (row["FullName"], row["Metadata"]["externalId"], row["TableEnumOrId"]) == (
        "Lead.Lockstep_Id__c",
        True,
        "Lead",
    )

    permission = grant(sf, "Lead.Lockstep_Id__c", edit=False)
    seen = fields(sf, "Lead")["Lockstep_Id__c"]
    assert (seen["externalId"], seen["unique"], seen["length"], seen["updateable"]) == (True, True, 64, False)
    assert "Lockstep_Id__c" not in fields(sf, "Contact")
    sf("PATCH", f"/sobjects/FieldPermissions/{permission}", {"PermissionsEdit": True})
    lead = sf.create("Lead", LastName="L", Company="C", Lockstep_Id__c="one")
    assert sf("PATCH", "/sobjects/Lead/Lockstep_Id__c/one", {"Title": "x"}).json["id"] == lead
    sf("DELETE", f"/sobjects/FieldPermissions/{permission}")
    assert "Lockstep_Id__c" not in fields(sf, "Lead")


def test_fields_are_queried_changed_and_deleted(sf: Client) -> None:
    made = make(sf, "Account.Score__c", label="Score", type="Number", precision=18, scale=0).json["id"]
    grant(sf, "Account.Score__c")
    found = ask(
        sf, "SELECT Id, DeveloperName FROM CustomField WHERE TableEnumOrId = 'Account' AND DeveloperName = 'Score'"
    )
    assert [(row["Id"], row["DeveloperName"]) for row in found.json["records"]] == [(made, "Score")]
    assert found.json["entityTypeName"] == "CustomField"
    whole = ask(sf, f"SELECT Metadata, FullName FROM CustomField WHERE Id = '{made}'").json["records"][0]
    assert (whole["FullName"], whole["Metadata"]["type"]) == ("Account.Score__c", "Number")
    several = ask(sf, "SELECT FullName FROM CustomField WHERE TableEnumOrId = 'Contact'")
    assert (several.status, several.code) == (400, "MALFORMED_QUERY")
    changed = {"Metadata": {"label": "Points", "type": "Number", "precision": 18, "scale": 0}}
    assert sf("PATCH", f"/tooling/sobjects/CustomField/{made}", changed).status == 204
    assert fields(sf, "Account")["Score__c"]["label"] == "Points"
    account = sf.create("Account", Name="A", Score__c=5)
    assert sf("DELETE", f"/tooling/sobjects/CustomField/{made}").status == 204
    assert "Score__c" not in sf.get("Account", account)
    assert sf("GET", f"/tooling/sobjects/CustomField/{made}").status == 404
    again = make(sf, "Account.Score__c", label="Score", type="Text", length=10)
    assert again.status == 201


def test_activity_fields_are_made_on_activity(sf: Client) -> None:
    refused = make(sf, "Task.Ref__c", label="Ref", type="Text", length=20)
    assert refused.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    assert "bad value for restricted picklist field: Task" in refused.json[0]["message"]
    assert make(sf, "Activity.Ref__c", label="Ref", type="Text", length=20).status == 201
    grant(sf, "Task.Ref__c")
    assert "Ref__c" in fields(sf, "Task")
    assert "Ref__c" not in fields(sf, "Event")


@pytest.mark.parametrize(
    ("full_name", "metadata", "code"),
    [
        ("Lead.Lockstep_Id__c", LOCKSTEP_ID, "DUPLICATE_DEVELOPER_NAME"),
        ("Nope.X__c", LOCKSTEP_ID, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Lead.X", LOCKSTEP_ID, "FIELD_INTEGRITY_EXCEPTION"),
        ("X__c", LOCKSTEP_ID, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.X__c", {"type": "Text", "length": 3}, "REQUIRED_FIELD_MISSING"),
        ("Lead.X__c", {"label": "X", "type": "Text"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.X__c", {"label": "X", "type": "Text", "length": 999}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.X__c", {"label": "X", "type": "Blob"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Lead.X__c", {"label": "X", "type": "Picklist", "valueSet": 7}, "JSON_PARSER_ERROR"),
        ("Lead.X__c", {"label": "X", "type": "Date", "unique": True}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.X__c", {"label": "X", "type": "Lookup", "referenceTo": "No", "relationshipName": "x"}, "FIELD_INTEGRITY_EXCEPTION"),
        ("Lead.X__c", 7, "JSON_PARSER_ERROR"),
    ],
)  # fmt: skip
def test_fields_that_cannot_be_made(sf: Client, full_name: str, metadata: Any, code: str) -> None:
    reply = sf("POST", "/tooling/sobjects/CustomField", {"FullName": full_name, "Metadata": metadata})
    assert (reply.status, reply.code) == (400, code)


@pytest.mark.parametrize("kind", ["Text", "TextArea", "LongTextArea", "Number", "Currency", "Percent", "Checkbox", "Date",
                                  "DateTime", "Email", "Phone", "Url", "Picklist", "MultiselectPicklist", "Lookup"])  # fmt: skip
def test_every_type_comes_back_as_it_was_made(sf: Client, kind: str) -> None:
    values = {"valueSetDefinition": {"value": [{"fullName": "A", "default": True, "label": "A"}]}}
    made = make(sf, "Lead.X__c", label="X", type=kind, length=300 if kind == "LongTextArea" else 200, visibleLines=3,
                precision=18, scale=2, defaultValue="false", valueSet=values if "icklist" in kind else None,
                referenceTo="Account", relationshipName="Xs")  # fmt: skip
    assert made.status == 201, made.body
    assert sf("GET", f"/tooling/sobjects/CustomField/{made.json['id']}").json["Metadata"]["type"] == kind


def test_grants_are_checked(sf: Client) -> None:
    grant(sf, "Lead.Lockstep_Id__c")
    permission_set = sf.ids("SELECT Id FROM PermissionSet")[0]
    body = {"ParentId": permission_set, "SobjectType": "Lead", "PermissionsRead": True}
    for field, code in [
        ("Lead.Lockstep_Id__c", "DUPLICATE_VALUE"),
        ("Lead.Nope__c", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Contact.Lockstep_Id__c", "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ("Lead.LastName", "FIELD_INTEGRITY_EXCEPTION"),
    ]:
        assert sf("POST", "/sobjects/FieldPermissions", body | {"Field": field}).code == code
    edit = {"Field": "Lead.GCLID__c", "PermissionsRead": False, "PermissionsEdit": True}
    assert sf("POST", "/sobjects/FieldPermissions", body | edit).code == "FIELD_INTEGRITY_EXCEPTION"


def test_the_tooling_objects_are_no_others(sf: Client) -> None:
    assert sf("GET", "/sobjects/CustomField/describe").status == 404
    assert sf.ask("SELECT Id FROM CustomField").code == "INVALID_TYPE"
    assert [one["name"] for one in sf("GET", "/tooling/sobjects").json["sobjects"]] == ["CustomField"]
    assert sf("GET", "/tooling/sobjects/CustomField/describe").json["name"] == "CustomField"
    assert ask(sf, "SELECT Id FROM Lead").code == "INVALID_TYPE"
    assert sf("GET", "/tooling/sobjects/ApexClass").status == 404
    sf.org.settings["no_access"] = ["CustomField.create"]
    assert make(sf, "Lead.X__c", **LOCKSTEP_ID).status == 403

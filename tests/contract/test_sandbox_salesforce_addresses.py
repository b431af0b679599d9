"""State and country picklists of the sandbox's Salesforce (HS-10)."""

from typing import Any

import pytest
from tests.contract.salesforce_org import NOW, Client, organisation

from sandbox.clock import Clock
from sandbox.salesforce import Salesforce
from sandbox.world import generate


@pytest.fixture
def sf() -> Client:
    return organisation(state_country_picklists=True)[0]


def contact(sf: Client, **address: Any) -> dict[str, Any]:
    row = sf.get("Contact", sf.create("Contact", LastName="L", **address))
    return {name: row[name] for name in ("MailingCountry", "MailingCountryCode", "MailingState", "MailingStateCode")}


def test_without_the_picklists_any_spelling_is_text() -> None:
    sf = organisation()[0]
    lead = sf.get("Lead", sf.create("Lead", LastName="L", Company="C", Country="Norge", State="whatever"))
    assert (lead["Country"], "CountryCode" in lead) == ("Norge", False)


@pytest.mark.parametrize(
    "address",
    [
        {"MailingCountryCode": "US", "MailingStateCode": "TX"},
        {"MailingCountry": "united states", "MailingState": "TEXAS"},
        {"MailingCountry": "United States", "MailingCountryCode": "US", "MailingStateCode": "TX"},
    ],
)
def test_names_and_codes_fill_each_other(sf: Client, address: dict[str, str]) -> None:
    assert contact(sf, **address) == {
        "MailingCountry": "United States", "MailingCountryCode": "US", "MailingState": "Texas", "MailingStateCode": "TX",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("address", "message", "field"),
    [
        ({"Country": "Norge"}, "There's a problem with this country", "Country"),
        ({"Country": "NO"}, "There's a problem with this country", "Country"),
        ({"CountryCode": "US", "State": "Tex."}, "There's a problem with this state", "State"),
        ({"CountryCode": "NO", "StateCode": "TX"}, "doesn't recognize the state value", "StateCode"),
        ({"StateCode": "TX"}, "A country/territory must be specified before specifying a state value", "StateCode"),
        ({"CountryCode": "US", "StateCode": "XX"}, "contains XX, which isn't an available state", "StateCode"),
        ({"CountryCode": "XX"}, "contains XX, which isn't an available country", "CountryCode"),
        ({"CountryCode": "NO", "Country": "Sweden"}, "Mismatched integration value and ISO code for field", "Country"),
    ],
)
def test_other_spellings_are_refused(sf: Client, address: dict[str, str], message: str, field: str) -> None:
    reply = sf("POST", "/sobjects/Lead", {"LastName": "L", "Company": "C"} | address)
    assert (reply.status, reply.code, reply.json[0]["fields"]) == (400, "FIELD_INTEGRITY_EXCEPTION", [field])
    assert message in reply.json[0]["message"]


def test_states_that_an_administrator_added(sf: Client) -> None:
    sf.org.settings["states"] = {"DE": {"BY": "Bayern"}}
    assert contact(sf, MailingCountryCode="DE", MailingState="Bayern")["MailingStateCode"] == "BY"
    fields = {f["name"]: f for f in sf("GET", "/sobjects/Contact/describe").json["fields"]}
    code = fields["MailingStateCode"]
    assert (code["type"], code["restrictedPicklist"]) == ("picklist", True)
    assert "BY" in {value["value"] for value in code["picklistValues"]}


def test_a_country_is_cleared_with_its_code(sf: Client) -> None:
    row = sf.create("Account", Name="A", BillingCountryCode="SE")
    sf("PATCH", f"/sobjects/Account/{row}", {"BillingCountry": None})
    assert sf.get("Account", row)["BillingCountryCode"] is None


def test_records_from_before_keep_what_they_hold() -> None:
    org = Salesforce(Clock(NOW, "fixed"), generate(7, "tiny", NOW), {"state_country_picklists": True})
    sf = Client(org)
    pairs = sf.query("SELECT BillingCountry, BillingCountryCode FROM Account")["records"]
    known = {(row["BillingCountry"], row["BillingCountryCode"]) for row in pairs}
    assert ("Norway", "NO") in known
    assert all(code is None for country, code in known if country in {"Norge", "USA", "NO", "Sverige", None})
    org.settings["state_country_picklists"] = False
    assert sf.ask("SELECT BillingCountryCode FROM Account").code == "INVALID_FIELD"

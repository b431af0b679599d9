"""Every action of Salesforce's in the admin API, and what an unmodified client (simple-salesforce) then sees."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from simple_salesforce import Salesforce
from simple_salesforce.exceptions import SalesforceResourceNotFound
from tests.contract.sandbox_process import AdminError, Running, start

NOW = datetime.fromisoformat("2026-03-02T12:00:00+00:00")


@pytest.fixture(scope="module")
def box() -> Iterator[Running]:
    running = start(now=NOW.isoformat(), clock="fixed")
    yield running
    running.stop()


@pytest.fixture(scope="module")
def sf(box: Running) -> Iterator[Salesforce]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", box.ca)
        proxies = {"https": box.proxy}
        yield Salesforce(consumer_key="k", consumer_secret="s", domain="acme.my", proxies=proxies, version="62.0")


class Org:
    """Acts as a person and looks with simple-salesforce."""

    def __init__(self, box: Running, sf: Salesforce) -> None:
        self.box, self.sf = box, sf

    def act(self, action: str, **args: Any) -> dict[str, Any]:
        self.box.admin("POST", "clock", {"advance": 60})
        return dict(self.box.act("salesforce", action, **args))

    def make(self, name: str, **fields: Any) -> str:
        return str(self.act("create", object=name, fields=fields)["Id"])

    def get(self, name: str, key: str) -> dict[str, Any]:
        return dict(getattr(self.sf, name).get(key))

    def ids(self, soql: str, everything: bool = False) -> list[str]:
        return [row["Id"] for row in self.sf.query_all(soql, include_deleted=everything)["records"]]

    def options(self, name: str, field: str) -> list[str]:
        (found,) = [one for one in getattr(self.sf, name).describe()["fields"] if one["name"] == field]
        return [one["value"] for one in found["picklistValues"]]

    def user(self, index: int) -> str:
        return self.ids("SELECT Id FROM User WHERE IsActive = true ORDER BY Id")[index]


def created(org: Org) -> None:
    row = org.get("Account", org.make("Account", Name="Nord"))
    assert (row["Name"], row["CreatedById"] != org.user(0)) == ("Nord", True)


def edited(org: Org) -> None:
    key = org.make("Account", Name="Nord")
    org.act("edit", object="Account", id=key, fields={"Phone": "1"}, user=org.user(2))
    row = org.get("Account", key)
    assert (row["Phone"], row["LastModifiedById"]) == ("1", org.user(2))


def edited_by_the_system(org: Org) -> None:
    key = org.make("Account", Name="Nord")
    before = org.get("Account", key)
    org.act("system_edit", object="Account", id=key, fields={"Phone": "2"})
    after = org.get("Account", key)
    assert after["LastModifiedDate"] == before["LastModifiedDate"]
    assert (after["Phone"], after["SystemModstamp"] > before["SystemModstamp"]) == ("2", True)


def deleted(org: Org) -> str:
    key = org.make("Account", Name="Gone")
    org.act("delete", object="Account", id=key)
    with pytest.raises(SalesforceResourceNotFound):
        org.get("Account", key)
    assert org.ids(f"SELECT Id FROM Account WHERE Id = '{key}' AND IsDeleted = true", everything=True) == [key]
    return key


def undeleted(org: Org) -> None:
    key = deleted(org)
    org.act("undelete", object="Account", id=key)
    assert org.get("Account", key)["IsDeleted"] is False


def deleted_for_good(org: Org) -> None:
    key = org.make("Account", Name="Gone")
    org.act("hard_delete", object="Account", id=key)
    assert org.ids(f"SELECT Id FROM Account WHERE Id = '{key}'", everything=True) == []


def bin_emptied(org: Org) -> None:
    key = deleted(org)
    org.act("empty_recycle_bin", object="Account")
    assert org.ids(f"SELECT Id FROM Account WHERE Id = '{key}'", everything=True) == []
    now = datetime.fromisoformat(org.box.admin("GET", "clock")["now"])
    found = org.sf.Account.deleted(now - timedelta(hours=1), now + timedelta(minutes=2))
    assert key in [row["id"] for row in found["deletedRecords"]]


def merged(org: Org) -> None:
    winner, loser = (org.make("Contact", LastName=name) for name in ("Winner", "Loser"))
    org.act("merge", object="Contact", winner=winner, loser=loser)
    query = f"SELECT Id, MasterRecordId FROM Contact WHERE Id = '{loser}'"
    assert org.sf.query_all(query, include_deleted=True)["records"][0]["MasterRecordId"] == winner


def converted(org: Org) -> None:
    lead = org.make("Lead", LastName="L", Company="C")
    made = org.act("convert", lead_id=lead, opportunity_name="Deal", owner_id=org.user(1))
    row = org.get("Lead", lead)
    assert (row["IsConverted"], row["ConvertedContactId"]) == (True, made["contact"])
    assert org.get("Opportunity", made["opportunity"])["Name"] == "Deal"


def given_away(org: Org) -> None:
    key = org.make("Account", Name="Nord")
    org.act("change_owner", object="Account", id=key, owner=org.user(2))
    assert org.get("Account", key)["OwnerId"] == org.user(2)


def stage_moved(org: Org) -> None:
    key = org.make("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    org.act("edit", object="Opportunity", id=key, fields={"StageName": "Closed Won"})
    rows = org.sf.query(f"SELECT StageName FROM OpportunityHistory WHERE OpportunityId = '{key}'")["records"]
    assert {row["StageName"] for row in rows} == {"Prospecting", "Closed Won"}


def status_deleted(org: Org) -> None:
    lead = org.make("Lead", LastName="L", Company="C", Status="Working - Contacted")
    org.act("delete_value", object="Lead", value="Working - Contacted")
    assert org.ids("SELECT Id FROM LeadStatus WHERE ApiName = 'Working - Contacted'") == []
    assert "Working - Contacted" not in org.options("Lead", "Status")
    assert org.get("Lead", lead)["Status"] == "Working - Contacted"
    with pytest.raises(AdminError, match="has no value"):
        org.act("delete_value", object="Lead", value="Working - Contacted")


def stage_deactivated(org: Org) -> None:
    org.act("deactivate_stage", value="Perception Analysis")
    query = "SELECT IsActive FROM OpportunityStage WHERE ApiName = 'Perception Analysis'"
    assert org.sf.query(query)["records"][0]["IsActive"] is False
    assert "Perception Analysis" not in org.options("Opportunity", "StageName")
    assert "Prospecting" in org.options("Opportunity", "StageName")


ACTIONS: dict[str, Callable[[Org], object]] = {
    "create": created,
    "edit": edited,
    "system_edit": edited_by_the_system,
    "delete": deleted,
    "undelete": undeleted,
    "hard_delete": deleted_for_good,
    "empty_recycle_bin": bin_emptied,
    "merge": merged,
    "convert": converted,
    "change_owner": given_away,
    "delete_value": status_deleted,
    "deactivate_stage": stage_deactivated,
}


@pytest.mark.parametrize("action", [*ACTIONS, "stage"])
def test_a_client_sees_what_a_person_did(box: Running, sf: Salesforce, action: str) -> None:
    ACTIONS.get(action, stage_moved)(Org(box, sf))


def test_every_action_is_tried(box: Running) -> None:
    with pytest.raises(AdminError) as refused:
        box.act("salesforce", "dance")
    assert set(re.findall(r"\w+", str(refused.value).rpartition("known are")[2])) == set(ACTIONS)

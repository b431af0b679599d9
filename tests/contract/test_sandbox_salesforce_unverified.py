"""Every setting of Salesforce that stands for something unverified is one switch: another value is another behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from tests.contract.salesforce_org import ANNA, Client, organisation

from sandbox.clock import Clock
from sandbox.http import Call
from sandbox.salesforce import Salesforce
from sandbox.salesforce.unverified import UNVERIFIED
from sandbox.salesforce.wording import TEXTS

Made = tuple[Client, Salesforce, Clock]
PAGES = {"page_size_max": 1}


def sentence(made: Made) -> str:
    return str(made[0]("PATCH", "/composite/sobjects", {}).json[0]["message"])


def second_login(made: Made) -> int:
    form = b"grant_type=client_credentials&client_id=k&client_secret=s"
    call = Call("POST", *["/services/oauth2/token"] * 2, {}, {"host": "acme.my.salesforce.com"}, form, "https")
    return [made[1].api.handle(call).status for _ in range(2)][1]


def first_descending(made: Made) -> Any:
    sf = made[0]
    for fields in ({"Industry": "Banking"}, {}):
        sf.create("Account", Name="A", **fields)
    return sf.query("SELECT Industry FROM Account ORDER BY Industry DESC")["records"][0]["Industry"]


def second_page(made: Made) -> str:
    sf = made[0]
    made[1].settings.update(PAGES)
    ids = [sf.create("Account", Name=name) for name in "AB"]
    page = sf.query("SELECT Id, Name FROM Account ORDER BY Name")
    sf("PATCH", f"/sobjects/Account/{ids[1]}", {"Name": "changed"})
    return str(sf("GET", page["nextRecordsUrl"]).json["records"][0]["Name"])


def all_rows(made: Made) -> int:
    return made[0]("GET", f"/query?q={quote('SELECT Id FROM Account ALL ROWS')}").status


def usage_in_bulk_1(made: Made) -> bool:
    return "Sforce-Limit-Info" in bulk_1(made).headers


def bulk_1(made: Made) -> Any:
    return made[0]("GET", "/services/async/62.0/job/7505g0000000001AAA", x_sfdc_session=made[0].token)


def merged(made: Made) -> tuple[str, str, str]:
    """Winner, loser and a contact of the loser."""
    sf, org, clock = made
    winner, loser = (sf.create("Account", Name=name) for name in "AB")
    child = sf.create("Contact", LastName="C", AccountId=loser)
    clock.advance(60)
    org.act("merge", object="Account", winner=winner, loser=loser)
    return winner, loser, child


def stamp_of_child(made: Made) -> str:
    child = merged(made)[2]
    return str(made[0].get("Contact", child)["SystemModstamp"])


def master_after_undelete(made: Made) -> Any:
    loser = merged(made)[1]
    made[1].act("undelete", object="Account", id=loser)
    return made[0].get("Account", loser)["MasterRecordId"]


def member(made: Made, **fields: Any) -> str:
    sf = made[0]
    campaign, contact = sf.create("Campaign", Name="C"), sf.create("Contact", LastName="L")
    return sf.create("CampaignMember", CampaignId=campaign, ContactId=contact, **fields)


def member_in_the_bin(made: Made) -> int:
    made[0]("DELETE", f"/sobjects/CampaignMember/{member(made)}")
    return len(made[0].ids("SELECT Id FROM CampaignMember", everything=True))


def rows_of_owner_history(made: Made) -> int:
    sf = made[0]
    account = sf.create("Account", Name="A")
    sf("PATCH", f"/sobjects/Account/{account}", {"OwnerId": ANNA}, sforce_auto_assign="FALSE")
    return len(sf.ids("SELECT Id FROM AccountHistory WHERE Field = 'Owner'"))


def status_of_member(made: Made) -> Any:
    return made[0].get("CampaignMember", member(made, Status="Nonsense"))["Status"]


#: setting -> another value than the default, and what then differs
SWITCHES: dict[str, tuple[Any, Callable[[Made], Any]]] = {
    "error_texts": ({"records": "Records, please."}, sentence),
    "logins_per_hour": (1, second_login),
    "nulls_first_when_descending": (False, first_descending),
    "locator_snapshot": (False, second_page),
    "all_rows_in_queries": (True, all_rows),
    "limit_info_on_bulk_1": (True, usage_in_bulk_1),
    "bulk_1_error_status": (500, lambda made: bulk_1(made).status),
    "merge_touches_children": (False, stamp_of_child),
    "undelete_clears_master": (False, master_after_undelete),
    "never_recycled": ([], member_in_the_bin),
    "lookup_history_names": (False, rows_of_owner_history),
    "campaign_member_unknown_status": ("keep", status_of_member),
}


def test_every_setting_is_tried() -> None:
    assert set(SWITCHES) == set(UNVERIFIED)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_setting_changes_what_it_says(name: str) -> None:
    value, observe = SWITCHES[name]
    assert observe(organisation()) != observe(organisation(**{name: value}))


def test_a_user_logs_in_3600_times_an_hour() -> None:
    sf, org, clock = organisation(logins_per_hour=2)
    form = b"grant_type=client_credentials&client_id=k&client_secret=s"
    call = Call("POST", *["/services/oauth2/token"] * 2, {}, {"host": "acme.my.salesforce.com"}, form, "https")
    answers = [org.api.handle(call) for _ in range(3)]
    assert [answer.status for answer in answers] == [200, 200, 400]
    assert b"login rate exceeded" in answers[-1].body
    clock.advance(3_600)
    assert org.api.handle(call).status == 200


def test_a_sentence_that_is_replaced_may_leave_out_what_it_was_about() -> None:
    org = organisation(error_texts=dict.fromkeys(TEXTS, "No."))[1]
    assert org.org.text("graph_limit", graphs=1, nodes=2) == "No."

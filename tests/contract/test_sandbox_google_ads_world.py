"""The Google Ads part of the one world: its clicks are those behind Salesforce's GCLIDs, and it can be kept between runs."""

from __future__ import annotations

import pickle
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.contract.google_ads_vendor import GCLID, Google, conversion

from sandbox.google_ads import GoogleAds
from sandbox.world import World, generate
from sandbox.world_google_ads import MAIN, STRANGER, normal_email

NOW = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> World:
    return generate(7, "small", NOW)


def gclids(world: World) -> dict[str, dict[str, Any]]:
    rows = (row for name in ("Lead", "Contact", "Opportunity") for row in world.salesforce[name] if row["GCLID__c"])
    found: dict[str, dict[str, Any]] = {}
    for row in sorted(rows, key=lambda row: row["CreatedDate"]):
        found.setdefault(row["GCLID__c"], row)
    return found


def test_the_world_is_the_same_for_the_same_seed_and_leaves_the_crm_alone(world: World) -> None:
    assert generate(7, "tiny", NOW).google_ads == generate(7, "tiny", NOW).google_ads
    assert generate(8, "tiny", NOW).google_ads != generate(7, "tiny", NOW).google_ads


def test_most_gclids_lead_to_a_click_before_the_record_and_a_few_do_not(world: World) -> None:
    clicks = {row["gclid"]: row for row in world.google_ads["clicks"] if row.get("gclid")}
    records = gclids(world)
    assert len(records) > 500
    known = {gclid: clicks[gclid] for gclid in records if gclid in clicks}
    late = [gclid for gclid, click in known.items() if click["at"] > records[gclid]["CreatedDate"]]
    assert 0.01 < 1 - len(known) / len(records) < 0.06
    assert 0 < len(late) / len(known) < 0.03
    assert {click["customer"] for click in known.values()} >= {MAIN, STRANGER}
    assert not all(click["tracked"] for click in known.values())


def test_clicks_are_of_all_ages(world: World) -> None:
    ages = [NOW - row["at"] for row in world.google_ads["clicks"]]
    for low, high in ((0, 0.25), (0.25, 30), (30, 90), (90, 400)):
        assert sum(timedelta(days=low) <= age < timedelta(days=high) for age in ages) > 5
    assert min(ages) > timedelta(0)


def test_every_click_is_in_a_campaign_of_its_account(world: World) -> None:
    owner = {row["id"]: row["customer"] for row in world.google_ads["campaigns"]}
    assert all(owner[row["campaign"]] == row["customer"] for row in world.google_ads["clicks"])


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (" Ola.Nordmann+x@Gmail.com ", "olanordmann@gmail.com"),
        ("Ola.N@GoogleMail.com", "olan@googlemail.com"),
        ("Ola.N+x@Example.com", "ola.n+x@example.com"),
    ],
)
def test_addresses_are_normalised_as_google_wants(address: str, expected: str) -> None:
    assert normal_email(address) == expected


def test_the_vendor_is_kept_between_runs() -> None:
    google = Google()
    google.click()
    google.upload(conversion(order_id="o-1"))
    kept: GoogleAds = pickle.loads(pickle.dumps(google.vendor))
    google.vendor = kept
    google.clock = kept.state.clock
    assert [row["order_id"] for row in google.conversions()] == ["o-1"]
    assert google.rejected(conversion(order_id="o-1")) == [(0, "ORDER_ID_ALREADY_IN_USE", "order_id")]
    kept.settings["allowlisted"] = False
    assert kept.state.settings["allowlisted"] is False
    assert kept.read("clicks", GCLID) is not None

"""Network conversions, clicks, diagnostics and contacts of ads, read from real answers; and why the two numbers differ."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from tests.contract.google_ads_rig import MAIN
from tests.integration.engine.test_engine_conversions import HALF_A_DAY, IDS, WANTED, WORKING, Shop
from tests.integration.engine.world import World

from lockstep.conversions.attribution import Miss, attributed
from lockstep.conversions.definition import Backend
from lockstep.conversions.reconciliation import Bucket, Row
from lockstep.model import Operation, Step, Window
from lockstep.store import ad_reports, difference_rows, differences
from lockstep.store.passport import passport

IDENTIFIERS = {"gclid": IDS | {"contacts": ("gclid",)}}


@pytest.fixture
def shop(world_at: Callable[[str], AbstractContextManager[World]]) -> Iterator[Shop]:
    with world_at("first") as world:
        world.engine.conversions = replace(
            WANTED, backend=Backend.GOOGLE_ADS, identifiers=IDENTIFIERS, milestones=(WORKING, *WANTED.milestones[2:])
        )
        world.engine.reports = True
        world.engine.settings = world.engine.settings.model_copy(update={"failure_threshold": 1.0})
        yield Shop(world)


def rows(shop: Shop) -> list[Row]:
    today = shop.world.now.date()
    with shop.world.engine.store.reading() as tx:
        return differences.report(tx, {MAIN: today - timedelta(days=90)}, MAIN, shop.world.now)[MAIN]


def pulled(batches: Any) -> dict[str, dict[str, int]]:
    return {one.object: dict(one.counts) for one in batches if one.operation is Operation.PULL_NETWORK_CONVERSIONS}


def visit(shop: Shop, gclid: str | None = None, times: int = 1, cookie: bool = True) -> str:
    """A visitor clicks an ad (days ago, for Google), and sends forms in. Returns the HubSpot contact."""
    shop.number += 1
    given = {"email": f"visitor{shop.number}@x.no", "gclid": gclid, "cookie": cookie}
    return [str(shop.world.sandbox.act("hubspot", "submit_form", **given)["id"]) for _ in range(times)][0]


def test_both_numbers_and_why_they_differ(shop: Shop) -> None:
    """AT-01, AT-05, GA-26: ten leads of one visitor, a stranger's click, a lead without a click id."""
    gclid = shop.click()
    contact = visit(shop, gclid, times=10)
    leads = [shop.lead(gclid) for _ in range(10)]
    unknown, without = shop.lead("x" * 40), shop.lead()
    shop.world.wait(HALF_A_DAY)
    for lead in (*leads, unknown, without):
        shop.work(lead)
    shop.cycle()
    shop.world.wait(timedelta(hours=7))
    batches = pulled(shop.cycle())
    assert {"campaign", "conversion", "click_view", "upload_summary", "contacts", "Opportunity"} == set(batches)
    assert pulled(shop.cycle()) == {}, "a report is read anew after six hours"

    table = rows(shop)
    assert [row for row in table if not row.adds_up] == []
    with shop.world.engine.store.reading() as tx:
        kept = difference_rows.rows(tx, MAIN, min(row.day for row in table), date.max)
    assert all(row.adds_up for row in kept)
    numbers = {(row.campaign, row.day): row.network for row in kept if row.network}
    assert numbers == {(row.campaign, row.day): row.network for row in table if row.network} != {}
    with shop.world.engine.store.reading() as tx:
        click = ad_reports.clicks(tx, {gclid})[gclid]
        counted = ad_reports.counted(tx, [MAIN])
        (who,) = [one for one in ad_reports.contacts(tx) if one.id == contact]
        found = ad_reports.diagnoses(tx)
    assert counted[click.campaign, click.day, "700002"] == 10, "Google counts actions"
    assert (who.forms, who.gclid, who.cookie, who.paid) == (10, gclid, True, True)
    assert attributed(differences.visitor(who, click.campaign)) not in list(Miss), "HubSpot counts people"
    happened = [row for row in table if row.campaign == click.campaign and row.buckets.get(Bucket.SEVERAL_ACTIONS)]
    assert sum(row.buckets[Bucket.SEVERAL_ACTIONS] for row in happened) >= 9
    nowhere = [row for row in table if row.campaign == ""]
    assert sum(row.buckets.get(Bucket.NO_CLICK_ID, 0) for row in nowhere) <= -1
    assert any("rejected ads_event_not_found" in row.buckets for row in nowhere)
    client = [one for account, _, one in found if account == MAIN and one.action == ""]
    assert [one.client for one in client] == ["GOOGLE_ADS_API"]
    assert client[0].alerts["EVENT_NOT_FOUND"] > 0
    assert client[0].total == client[0].successful + client[0].pending + round(
        sum(client[0].alerts.values()) * client[0].total
    )


def test_a_passport_of_one_click(shop: Shop) -> None:
    gclid = shop.click()
    contact, deal = visit(shop, gclid), shop.deal(gclid)
    shop.world.wait(HALF_A_DAY)
    shop.win(deal, Amount=100)
    shop.cycle()
    shop.world.edit_sf("Opportunity", deal, Amount=80)
    shop.world.wait(timedelta(hours=7))
    shop.cycle()
    with shop.world.engine.store.reading() as tx:
        one, nothing = passport(tx, gclid), passport(tx, "nobody's")
    assert nothing is None
    assert one is not None
    assert one.campaign
    assert {("salesforce", "Opportunity", deal), ("hubspot", "contacts", contact)} <= set(one.records)
    whats = [stamp.what for stamp in one.stamps]
    assert whats[0] == "captured"
    assert {"contact", "milestone", "upload", "adjustment"} <= set(whats)
    assert whats.index("milestone") < whats.index("upload") < whats.index("adjustment")
    assert "visitor" not in str(one), "no address, no name"


def test_clicks_that_will_be_too_old_when_the_deal_closes(shop: Shop) -> None:
    today = shop.world.now.date()
    late = shop.deal(shop.click(timedelta(days=80)), CloseDate=(today + timedelta(days=20)).isoformat())
    soon = shop.deal(shop.click(timedelta(days=80)), CloseDate=(today + timedelta(days=5)).isoformat())
    lead = shop.lead(shop.click(timedelta(days=85)))
    made = shop.world.sandbox.act("salesforce", "convert", lead_id=lead, opportunity_name="Big deal")
    other = str(made["opportunity"])
    shop.world.edit_sf("Opportunity", other, GCLID__c=None, CloseDate=(today + timedelta(days=60)).isoformat())
    shop.cycle()
    with shop.world.engine.store.reading() as tx:
        found = {one.deal.id: one for one in differences.expiring(tx, today)}
    assert soon not in found
    assert (found[late].expires_on, found[late].sure) == (today + timedelta(days=10), True)
    assert found[other].expires_on == today + timedelta(days=5), "the click id of its lead"
    assert min(found.values(), key=lambda one: one.expires_on).expires_on >= today
    shop.win(late)
    shop.world.wait(timedelta(hours=7))
    shop.cycle()
    with shop.world.engine.store.reading() as tx:
        assert late not in {one.deal.id for one in differences.expiring(tx, today)}


def test_a_backfill_reads_the_days_of_its_window(shop: Shop) -> None:
    shop.cycle()
    start = datetime.combine(shop.world.now.date() - timedelta(days=3), datetime.min.time(), shop.world.now.tzinfo)
    since = shop.world.mark()
    window = Window(start, start + timedelta(days=1))
    batches = shop.world.step(Step.PULL_CONVERSIONS, "back", "backfill", window, objects=["conversions"])
    counts = pulled(batches)
    assert counts["campaign"]["new"] == 0
    assert 0 < counts["campaign"]["read"] <= 8, "four campaigns, at most two days of Oslo"
    wrote = {path for _, path in shop.world.writes(since)}
    assert {path.rpartition("/")[2] for path in wrote} <= {"Search", "token"}, "questions, and logging in"


def test_whom_hubspot_does_not_count(shop: Shop) -> None:
    """AT-02 to AT-04, as its properties tell."""
    gclids = [shop.click() for _ in range(3)]
    good, uncookied = visit(shop, gclids[0]), visit(shop, gclids[1], cookie=False)
    offline = shop.world.create_hs("contacts", email="import@x.no", gclid=gclids[2])
    shop.world.wait(timedelta(hours=1))
    shop.world.sandbox.act("hubspot", "submit_form", email="import@x.no")
    shop.world.edit_hs("contacts", uncookied, gclid=gclids[1])
    shop.cycle()
    with shop.world.engine.store.reading() as tx:
        told = {one.id: attributed(differences.visitor(one, "Brand")) for one in ad_reports.contacts(tx)}
    assert told[good] not in list(Miss)
    assert (told[uncookied], told[offline]) == (Miss.NO_COOKIE, Miss.EXISTING)

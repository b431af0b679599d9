"""A sandbox in which so many leads, each by an ad click of its own, have reached a milestone. Serves until its input ends."""

import asyncio
import sys
from datetime import UTC, datetime, timedelta

from benchmarks.worlds import FIRST, serve
from sandbox.clock import Clock
from sandbox.google_ads import GoogleAds
from sandbox.salesforce import Salesforce
from sandbox.salesforce.ids import make_id
from sandbox.world import World, generate

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
MAIN = "2223334445"


def world_of(number: int) -> World:
    world = generate(7, "tiny", NOW)
    template = next(one for one in world.salesforce["Lead"] if not one["IsConverted"] and not one["IsDeleted"])
    past = world.salesforce["LeadHistory"][0]
    world.salesforce["Lead"], world.salesforce["LeadHistory"] = [], []
    campaign = next(one["id"] for one in world.google_ads["campaigns"] if one["customer"] == MAIN)
    for n in range(number):
        # spread over two months, so that neither stamps nor windows are all the same
        created = NOW - timedelta(days=70, seconds=-40 * n)
        reached, gclid, lead = created + timedelta(days=2), f"Cj0KCQ{n:056}", make_id("00Q", FIRST + n)
        stamps = {"CreatedDate": created, "LastModifiedDate": reached, "SystemModstamp": reached}
        same = {
            "Status": "Working - Contacted",
            "GCLID__c": gclid,
            "Email": f"p{n}@example.com",
            "MasterRecordId": None,
        }
        world.salesforce["Lead"].append({**template, "Id": lead, **same, **stamps})
        row = {"LeadId": lead, "Field": "Status", "OldValue": "Open - Not Contacted", "NewValue": "Working - Contacted"}
        moments = {"CreatedDate": reached, "LastModifiedDate": reached, "SystemModstamp": reached}
        world.salesforce["LeadHistory"].append({**past, "Id": make_id("017", FIRST + n), **row, **moments})
        click = {"customer": MAIN, "campaign": campaign, "at": created - timedelta(days=1), "gclid": gclid}
        world.google_ads["clicks"].append({**click, "tracked": True})
    return world


if __name__ == "__main__":
    clock, world = Clock(NOW, "fixed"), world_of(int(sys.argv[1]))
    asyncio.run(serve(clock, [Salesforce(clock, world), GoogleAds(clock, world, {"processing_seconds": 0})]))

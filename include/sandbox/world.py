"""One seeded world for all vendors: deterministic in (seed, size, now), relational, and dirty as real data is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

Record = dict[str, Any]
Link = tuple[str, str, str, str, int]


@dataclass(frozen=True)
class Size:
    """How many live records a world has. HubSpot's numbers follow from these (about 60 % of the people). `empty` has a few
    users of its own (`world_empty`)."""

    accounts: int
    contacts: int
    leads: int
    opportunities: int
    users: int
    cases: int
    tasks: int
    events: int
    campaigns: int
    campaign_members: int
    subscriptions: int


SIZES = {
    "empty": Size(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
    "tiny": Size(20, 60, 20, 15, 6, 8, 24, 12, 4, 40, 10),
    "small": Size(2_000, 6_000, 2_000, 1_500, 30, 400, 600, 350, 20, 1_200, 300),
    "medium": Size(10_000, 30_000, 10_000, 7_500, 60, 2_000, 3_000, 1_750, 40, 6_000, 1_500),
    "large": Size(33_333, 100_000, 33_333, 25_000, 200, 6_667, 10_000, 5_833, 60, 20_000, 5_000),
}


class Dice(Random):
    """A generator whose two commonest throws cost half: a world needs a quarter of a million of them."""

    def choice(self, options: Sequence[Any]) -> Any:
        return options[int(self.random() * len(options))]

    def randrange(self, start: int, stop: int | None = None, step: int = 1) -> int:
        low, high = (0, start) if stop is None else (start, stop)
        return low + int(self.random() * (high - low))


@dataclass
class World:
    """What the vendors start with.

    `salesforce`: sObject name -> records with Salesforce field names; 18-character Ids; datetimes are aware UTC
    `datetime` values, dates are "YYYY-MM-DD" strings, the rest is as in JSON. Deleted and merged-away records are
    included with `IsDeleted` true.
    `hubspot`: "contacts", "companies", "deals" -> {"id", "properties" {name: str | None}, "createdAt", "updatedAt"
    (aware datetimes)}; "owners" -> {"id", "email", "firstName", "lastName", "userId", "archived", "createdAt",
    "updatedAt"}; tickets, activities and custom objects as contacts; "schemas" -> {"definition" (as POSTed),
    "createdAt"}; "lists" and "campaigns" as `sandbox.hubspot.lists` and `sandbox.hubspot.campaigns` load them.
    `hubspot_associations`: (from_type, from_id, to_type, to_id, association type id), one direction of each link; type
    id 0 is the unlabelled one.
    `google_ads`: "customers", "conversion_actions", "campaigns", "ad_groups", "clicks" -> records as in
    `sandbox.google_ads.state`; times are aware datetimes.
    """

    salesforce: dict[str, list[Record]] = field(default_factory=dict)
    hubspot: dict[str, list[Record]] = field(default_factory=dict)
    hubspot_associations: list[Link] = field(default_factory=list)
    google_ads: dict[str, list[Record]] = field(default_factory=dict)


def generate(seed: int, size: str, now: datetime) -> World:
    """The world of this seed and size as it stands at `now`; no record was modified within the last day.

    Raises ValueError for an unknown size or a `now` without a time zone.
    """
    if size not in SIZES:
        raise ValueError(f"unknown size {size!r}; choose one of {', '.join(SIZES)}")
    if now.tzinfo is None:
        raise ValueError("now must carry a time zone")
    # The vendor packages import World from here; importing the seeders late keeps that from being a cycle.
    from sandbox.names import locales
    from sandbox.world_campaigns import seed_campaigns
    from sandbox.world_empty import seed_empty
    from sandbox.world_engagement import seed_engagement
    from sandbox.world_google_ads import seed_google_ads
    from sandbox.world_hubspot import seed_hubspot
    from sandbox.world_hubspot_work import seed_hubspot_work
    from sandbox.world_salesforce import seed_salesforce
    from sandbox.world_subscriptions import seed_subscriptions

    rng = Dice(f"{seed}/{size}")  # noqa: S311
    world, pools = World(), locales(rng)
    if size == "empty":
        seed_empty(world, pools, rng, now)
    else:
        seed_salesforce(world, SIZES[size], pools, rng, now)
    for name, seed_more in (
        ("engagement", seed_engagement),
        ("campaigns", seed_campaigns),
        ("subscriptions", seed_subscriptions),
    ):
        seed_more(world, SIZES[size], pools, Dice(f"{seed}/{size}/{name}"), now)  # noqa: S311
    if size != "empty":
        seed_hubspot(world, pools, rng, now)
        seed_hubspot_work(world, pools, Dice(f"{seed}/{size}/hubspot_work"), now)  # noqa: S311
    seed_google_ads(world, Dice(f"{seed}/{size}/google_ads"), now)  # noqa: S311
    return world

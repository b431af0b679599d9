"""The schema's second page: what ad networks and HubSpot report, from which the difference of their numbers is explained.

Days are those of the account's time zone, as ISO text; decimals are text, since shared conversions are fractions.
"""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, Table

from lockstep.store.tables import metadata
from lockstep.store.types import Code, Instant, Json, Words

# A campaign's day.
campaign_day = Table(
    "campaign_day",
    metadata,
    Column("account", Code, nullable=False),
    Column("campaign", Code, nullable=False),
    Column("day", Code, nullable=False),
    Column("name", Words, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    Column("impressions", BigInteger, nullable=False),
    Column("cost_micros", BigInteger, nullable=False),
    PrimaryKeyConstraint("account", "campaign", "day"),
)

# What Google counts, per conversion action, on the day of the click.
network_conversion = Table(
    "network_conversion",
    metadata,
    Column("account", Code, nullable=False),
    Column("campaign", Code, nullable=False),
    Column("day", Code, nullable=False),
    Column("action", Code, nullable=False),
    Column("all_conversions", Code, nullable=False),
    Column("conversions", Code, nullable=False),
    Column("value", Code, nullable=False),
    Column("by_conversion_day", Code, nullable=False),
    PrimaryKeyConstraint("account", "campaign", "day", "action"),
)

# Clicks with a GCLID.
click = Table(
    "click",
    metadata,
    Column("gclid", Code, primary_key=True),
    Column("account", Code, nullable=False),
    Column("campaign", Code, nullable=False),
    Column("day", Code, nullable=False),
    Index("ix_click_day", "account", "day"),
)

# How uploads of the last 28 days fared, as Google says.
diagnosis = Table(
    "diagnosis",
    metadata,
    Column("account", Code, nullable=False),
    Column("client", Code, nullable=False),
    Column("action", Code, nullable=False),
    Column("status", Code, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("successful", BigInteger, nullable=False),
    Column("pending", BigInteger, nullable=False),
    Column("last_upload", Instant),
    Column("alerts", Json, nullable=False),
    Column("daily", Json, nullable=False),
    Column("read_at", Instant, nullable=False),
    PrimaryKeyConstraint("account", "client", "action"),
)

# HubSpot contacts that came with a GCLID: no names, no addresses.
ad_contact = Table(
    "ad_contact",
    metadata,
    Column("id", Code, primary_key=True),
    Column("gclid", Code, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("first_seen_at", Instant),
    Column("first_form_at", Instant),
    Column("forms", Integer, nullable=False),
    Column("cookie", Boolean, nullable=False),
    Column("paid", Boolean, nullable=False),
    Index("ix_ad_contact_gclid", "gclid"),
)

# Opportunities that are not closed, with their click ids.
open_deal = Table(
    "open_deal",
    metadata,
    Column("id", Code, primary_key=True),
    Column("gclid", Code, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("closes_on", Code, nullable=False),
)

# Why Google's number and HubSpot's differ, as it was when reports were last read: buckets are name -> decimal, and add up.
difference = Table(
    "difference",
    metadata,
    Column("account", Code, nullable=False),
    Column("day", Code, nullable=False),
    Column("campaign", Code, nullable=False),
    Column("network", Code, nullable=False),
    Column("contacts", Integer, nullable=False),
    Column("clicks", BigInteger, nullable=False),
    Column("events", Integer, nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("buckets", Json, nullable=False),
    PrimaryKeyConstraint("account", "day", "campaign"),
)

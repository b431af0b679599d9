"""What ad networks and HubSpot report of conversions and contacts"""

import sqlalchemy as sa
from alembic import op

from lockstep.store.types import Code, Instant, Json, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_day",
        sa.Column("account", Code, nullable=False),
        sa.Column("campaign", Code, nullable=False),
        sa.Column("day", Code, nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("impressions", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("account", "campaign", "day", name=op.f("pk_campaign_day")),
    )
    op.create_table(
        "network_conversion",
        sa.Column("account", Code, nullable=False),
        sa.Column("campaign", Code, nullable=False),
        sa.Column("day", Code, nullable=False),
        sa.Column("action", Code, nullable=False),
        sa.Column("all_conversions", Code, nullable=False),
        sa.Column("conversions", Code, nullable=False),
        sa.Column("value", Code, nullable=False),
        sa.Column("by_conversion_day", Code, nullable=False),
        sa.PrimaryKeyConstraint("account", "campaign", "day", "action", name=op.f("pk_network_conversion")),
    )
    op.create_table(
        "click",
        sa.Column("gclid", Code, nullable=False),
        sa.Column("account", Code, nullable=False),
        sa.Column("campaign", Code, nullable=False),
        sa.Column("day", Code, nullable=False),
        sa.PrimaryKeyConstraint("gclid", name=op.f("pk_click")),
    )
    op.create_index("ix_click_day", "click", ["account", "day"], unique=False)
    op.create_table(
        "diagnosis",
        sa.Column("account", Code, nullable=False),
        sa.Column("client", Code, nullable=False),
        sa.Column("action", Code, nullable=False),
        sa.Column("status", Code, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("successful", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("last_upload", Instant(), nullable=True),
        sa.Column("alerts", Json(), nullable=False),
        sa.Column("daily", Json(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("account", "client", "action", name=op.f("pk_diagnosis")),
    )
    op.create_table(
        "ad_contact",
        sa.Column("id", Code, nullable=False),
        sa.Column("gclid", Code, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=True),
        sa.Column("first_form_at", Instant(), nullable=True),
        sa.Column("forms", sa.Integer(), nullable=False),
        sa.Column("cookie", sa.Boolean(), nullable=False),
        sa.Column("paid", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ad_contact")),
    )
    op.create_index("ix_ad_contact_gclid", "ad_contact", ["gclid"], unique=False)
    op.create_table(
        "open_deal",
        sa.Column("id", Code, nullable=False),
        sa.Column("gclid", Code, nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("closes_on", Code, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_open_deal")),
    )
    op.create_table(
        "difference",
        sa.Column("account", Code, nullable=False),
        sa.Column("day", Code, nullable=False),
        sa.Column("campaign", Code, nullable=False),
        sa.Column("network", Code, nullable=False),
        sa.Column("contacts", sa.Integer(), nullable=False),
        sa.Column("clicks", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("buckets", Json(), nullable=False),
        sa.PrimaryKeyConstraint("account", "day", "campaign", name=op.f("pk_difference")),
    )

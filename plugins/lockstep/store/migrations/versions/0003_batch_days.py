"""What the batches of a day came to"""

import sqlalchemy as sa
from alembic import op

from lockstep.store.types import Code, Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_batch_system_started", "batch", ["system", "started_at"], unique=False)
    op.create_table(
        "batch_day",
        sa.Column("day", Instant(), nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("operation", Code, nullable=False),
        sa.Column("status", Code, nullable=False),
        sa.Column("idle", sa.Boolean(), nullable=False),
        sa.Column("batches", sa.BigInteger(), nullable=False),
        sa.Column("read", sa.BigInteger(), nullable=False),
        sa.Column("new", sa.BigInteger(), nullable=False),
        sa.Column("updated", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.BigInteger(), nullable=False),
        sa.Column("skipped", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.Column("deferred", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("fields_failed", sa.BigInteger(), nullable=False),
        sa.Column("api_calls", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "system", "object", "operation", "status", "idle", name=op.f("pk_batch_day")),
    )

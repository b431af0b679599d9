"""errors and their root causes"""

import sqlalchemy as sa
from alembic import op

from lockstep.store.types import Code, Id, Instant, Words

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cause",
        sa.Column("id", Id, nullable=False),
        sa.Column("digest", Code, nullable=False),
        sa.Column("job", sa.Boolean(), nullable=False),
        sa.Column("code", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("field", Words(), nullable=False),
        sa.Column("vendor_code", Words(), nullable=False),
        sa.Column("template", Words(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cause")),
        sa.UniqueConstraint("digest", name=op.f("uq_cause_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "error",
        sa.Column("id", Id, nullable=False),
        sa.Column("cause_id", Id, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("change_id", Id, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("outcome", Code, nullable=False),
        sa.Column("subject", Code, nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_error_batch_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["cause_id"], ["cause.id"], name=op.f("fk_error_cause_id")),
        sa.ForeignKeyConstraint(["change_id"], ["change.id"], name=op.f("fk_error_change_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_error")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_error_at", "error", ["at", "outcome", "cause_id", "standing", "subject"], unique=False)
    op.create_index("ix_error_batch", "error", ["batch_id"], unique=False)
    op.create_index("ix_error_cause", "error", ["cause_id", "id"], unique=False)
    op.create_index("ix_error_change", "error", ["change_id"], unique=False)
    op.create_index(
        "ix_error_standing",
        "error",
        ["subject"],
        unique=False,
        sqlite_where=sa.text("standing = 1"),
        postgresql_where=sa.text("standing"),
    )

"""What was not done, as tables: one row per error, grouped by root cause. Derived from batches and changes as those end."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table

from lockstep.store.tables import metadata
from lockstep.store.types import Code, Id, Instant, Words

# A root cause (lockstep.causes). Never altered; `digest` is that of all its parts.
cause = Table(
    "cause",
    metadata,
    Column("id", Id, primary_key=True),
    Column("digest", Code, nullable=False, unique=True),
    Column("job", Boolean, nullable=False),
    Column("code", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("field", Words, nullable=False),
    Column("vendor_code", Words, nullable=False),
    Column("template", Words, nullable=False),
    sqlite_autoincrement=True,
)

# `subject`: the pair, or the record or kind of batch that has none. `standing`: nothing since says otherwise.
error = Table(
    "error",
    metadata,
    Column("id", Id, primary_key=True),
    Column("cause_id", Id, ForeignKey("cause.id"), nullable=False),
    Column("batch_id", Id, ForeignKey("batch.id", ondelete="CASCADE"), nullable=False),
    Column("change_id", Id, ForeignKey("change.id", ondelete="CASCADE")),
    Column("at", Instant, nullable=False),
    Column("outcome", Code, nullable=False),
    Column("subject", Code, nullable=False),
    Column("standing", Boolean, nullable=False),
    Index("ix_error_at", "at", "outcome", "cause_id", "standing", "subject"),
    Index("ix_error_cause", "cause_id", "id"),
    Index("ix_error_batch", "batch_id"),
    Index("ix_error_change", "change_id"),
    sqlite_autoincrement=True,
)
_standing = error.c.standing
Index("ix_error_standing", error.c.subject, sqlite_where=_standing, postgresql_where=_standing)

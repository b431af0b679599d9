"""The store's schema (DESIGN §4). A change here needs a migration in `migrations/versions`; a test compares the two."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
    text,
)

from lockstep.model import COUNTERS
from lockstep.store.types import Code, Id, Instant, Json, Words

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# Draws numbers for `due_seq`: a row is inserted and removed in one transaction, so concurrent writers never wait here.
tick = Table("tick", metadata, Column("id", Id, primary_key=True), sqlite_autoincrement=True)

# Field orders of positional values: of the mirror's rows, and (`kind` base) of the pairs' bases. Never altered.
layout = Table(
    "layout",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("digest", Code, nullable=False),
    Column("fields", Json, nullable=False),
    UniqueConstraint("kind", "system", "object", "digest"),
    sqlite_autoincrement=True,
)

# `fields` comes last: what a no-op pull reads lies before the long value.
mirror = Table(
    "mirror",
    metadata,
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("id", Code, nullable=False),
    Column("version", Code, nullable=False),
    Column("read_at", Instant, nullable=False),
    Column("layout", Id, ForeignKey("layout.id"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("deleted_at", Instant),
    Column("gone", Code),
    Column("merged_into", Code),
    Column("merged_into_object", Code),
    Column("due_seq", Id),
    Column("moved", Json),
    Column("fields", Code, nullable=False),
    PrimaryKeyConstraint("system", "object", "id"),
)
Index(
    "ix_mirror_due",
    mirror.c.system,
    mirror.c.object,
    mirror.c.due_seq,
    sqlite_where=mirror.c.due_seq.is_not(None),
    postgresql_where=mirror.c.due_seq.is_not(None),
)
Index(
    "ix_mirror_merged_into",
    mirror.c.system,
    mirror.c.merged_into,
    sqlite_where=mirror.c.merged_into.is_not(None),
    postgresql_where=mirror.c.merged_into.is_not(None),
)

# Match keys of mirrored records, canonical: finds partners without reading every record.
mirror_key = Table(
    "mirror_key",
    metadata,
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("id", Code, nullable=False),
    Column("key", Code, nullable=False),
    Column("value", Code, nullable=False),
    PrimaryKeyConstraint("system", "object", "id", "key", "value"),
    Index("ix_mirror_key_value", "system", "key", "value"),
    sqlite_with_rowid=False,
)

pair = Table(
    "pair",
    metadata,
    Column("id", Code, primary_key=True),
    Column("entity", Code, nullable=False),
    Column("sf_object", Code, nullable=False),
    Column("hs_object", Code, nullable=False),
    Column("sf_id", Code),
    Column("hs_id", Code),
    Column("sf_layout", Id, ForeignKey("layout.id"), nullable=False),
    Column("hs_layout", Id, ForeignKey("layout.id"), nullable=False),
    Column("sf_base", Code, nullable=False),
    Column("hs_base", Code, nullable=False),
    Column("state", Code, nullable=False),
    Column("reason", Words),
    Column("due_seq", Id),
    Column("due_at", Instant),
    Column("references_seq", Id),
    Column("agreed_at", Instant),
    Column("generation", Integer, nullable=False, server_default="0"),
    Index("ix_pair_entity_state", "entity", "state"),
)
_open = pair.c.state != "closed"
# a live record is in at most one pair that is not closed
Index("uq_pair_sf_open", pair.c.sf_object, pair.c.sf_id, unique=True, sqlite_where=_open, postgresql_where=_open)
Index("uq_pair_hs_open", pair.c.hs_object, pair.c.hs_id, unique=True, sqlite_where=_open, postgresql_where=_open)
_closed = pair.c.state == "closed"
Index("ix_pair_sf_closed", pair.c.sf_object, pair.c.sf_id, sqlite_where=_closed, postgresql_where=_closed)
Index("ix_pair_hs_closed", pair.c.hs_object, pair.c.hs_id, sqlite_where=_closed, postgresql_where=_closed)
_due, _references = pair.c.due_seq.is_not(None), pair.c.references_seq.is_not(None)
Index("ix_pair_due", pair.c.entity, pair.c.due_seq, sqlite_where=_due, postgresql_where=_due)
Index(
    "ix_pair_references", pair.c.entity, pair.c.references_seq, sqlite_where=_references, postgresql_where=_references
)

# References that could not be resolved yet: which record a pair waits for.
pair_wait = Table(
    "pair_wait",
    metadata,
    Column("pair_id", Code, ForeignKey("pair.id", ondelete="CASCADE"), nullable=False),
    Column("field", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("record_id", Code, nullable=False),
    PrimaryKeyConstraint("pair_id", "field", "system", "object", "record_id"),
    Index("ix_pair_wait_record", "system", "object", "record_id"),
)

run = Table(
    "run",
    metadata,
    Column("id", Code, primary_key=True),
    Column("step", Code, nullable=False),
    Column("kind", Code, nullable=False),
    Column("window_from", Instant),
    Column("window_to", Instant, nullable=False),
    Column("state", Code, nullable=False),
    Column("mapping_hash", Code, nullable=False),
    Column("dag_run_id", Code),
    Column("params", Json, nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Index("ix_run_step_opened", "step", "opened_at"),
)

batch = Table(
    "batch",
    metadata,
    Column("id", Id, primary_key=True),
    Column("run_id", Code, ForeignKey("run.id"), nullable=False),
    Column("entity", Code),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("operation", Code, nullable=False),
    Column("status", Code, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("window_from", Instant),
    Column("window_to", Instant),
    *(Column(name, BigInteger, nullable=False, server_default="0") for name in COUNTERS),
    Column("error_code", Code),
    Column("error", Words),
    Column("task", Json),
    *(CheckConstraint(f"{name} >= 0", name=f"{name}_counts_up") for name in COUNTERS),
    Index("ix_batch_run", "run_id"),
    Index("ix_batch_started", "started_at"),
    Index("ix_batch_ended", "ended_at"),
    Index("ix_batch_object_started", "object", "started_at"),
    Index("ix_batch_status_started", "status", "started_at"),
    Index("ix_batch_system_started", "system", "started_at"),
    sqlite_autoincrement=True,
)

# What the batches of a day that is over came to: Sync Status adds up days instead of batches (see ledger.tally).
batch_day = Table(
    "batch_day",
    metadata,
    Column("day", Instant, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("operation", Code, nullable=False),
    Column("status", Code, nullable=False),
    Column("idle", Boolean, nullable=False),
    Column("batches", BigInteger, nullable=False),
    *(Column(name, BigInteger, nullable=False) for name in COUNTERS),
    PrimaryKeyConstraint("day", "system", "object", "operation", "status", "idle"),
)

change = Table(
    "change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("batch_id", Id, ForeignKey("batch.id"), nullable=False),
    Column("pair_id", Code),
    Column("retry_of", Id),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("action", Code, nullable=False),
    Column("record_id", Code),
    Column("before", Json, nullable=False),
    Column("after", Json, nullable=False),
    Column("source", Json, nullable=False),
    Column("why", Json, nullable=False),
    Column("lost", Json, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("done_at", Instant),
    Column("outcome", Code),
    Column("code", Code),
    Column("detail", Json),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("fields_failed", Integer, nullable=False, server_default="0"),
    Index("ix_change_batch", "batch_id", "id"),
    Index("ix_change_pair", "pair_id", "id"),
    Index("ix_change_record", "system", "object", "record_id"),
    sqlite_autoincrement=True,
)
_undone = change.c.outcome.is_(None)
_retries = change.c.retry_of.is_not(None)
Index("ix_change_retry_of", change.c.retry_of, sqlite_where=_retries, postgresql_where=_retries)
Index("ix_change_undone", change.c.batch_id, sqlite_where=_undone, postgresql_where=_undone)

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
    Index("ix_error_outcome", "outcome", "cause_id", "subject", "standing", "at", "id"),
    Index("ix_error_batch", "batch_id"),
    Index("ix_error_change", "change_id"),
    sqlite_autoincrement=True,
)
Index("ix_error_standing", error.c.subject, sqlite_where=text("standing = 1"), postgresql_where=error.c.standing)

coverage = Table(
    "coverage",
    metadata,
    Column("step", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("covered_to", Instant),
    Column("cursor", Code),
    Column("layout", Id, ForeignKey("layout.id")),
    PrimaryKeyConstraint("step", "system", "object"),
)

lease = Table(
    "lease",
    metadata,
    Column("name", Code, primary_key=True),
    Column("holder", Code, nullable=False),
    Column("epoch", Id, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

# The limiters' memory: seconds since 1970 at which the latest calls were made, or may be made by those who wait.
rate = Table(
    "rate",
    metadata,
    Column("system", Code, nullable=False),
    Column("bucket", Code, nullable=False),
    Column("slots", Json, nullable=False),
    Column("blocked_until", Float, nullable=False, server_default="0"),
    PrimaryKeyConstraint("system", "bucket"),
)

# API calls, rolled up per hour.
api_call = Table(
    "api_call",
    metadata,
    Column("hour", Instant, nullable=False),
    Column("system", Code, nullable=False),
    Column("operation", Code, nullable=False),
    Column("calls", BigInteger, nullable=False, server_default="0"),
    Column("errors", BigInteger, nullable=False, server_default="0"),
    Column("milliseconds", Float, nullable=False, server_default="0"),
    PrimaryKeyConstraint("system", "hour", "operation"),
)

system_health = Table(
    "system_health",
    metadata,
    Column("system", Code, primary_key=True),
    Column("used", BigInteger),
    Column("quota", BigInteger),
    Column("told_at", Instant),
    Column("status", Integer),
    Column("answered_at", Instant),
    Column("allocation", BigInteger),
    Column("suspended", Code),
    Column("suspended_at", Instant),
    Column("suspended_words", Words),
    Column("probed_by", Code),
    Column("probed_at", Instant),
)

# Up to when all changes of a mapping had arrived on the other side when they were last looked at.
freshness = Table(
    "freshness",
    metadata,
    Column("entity", Code, primary_key=True),
    Column("fresh_to", Instant, nullable=False),
    Column("noted_at", Instant, nullable=False),
)

# People who were erased: a keyed hash of what they could be created again by, nothing else.
erased = Table(
    "erased",
    metadata,
    Column("hash", LargeBinary, primary_key=True),
    Column("erased_at", Instant, nullable=False),
)

# How many records waited to be written to the system, sampled once per cycle (MK-13).
backlog = Table(
    "backlog",
    metadata,
    Column("entity", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("at", Instant, nullable=False),
    Column("records", BigInteger, nullable=False),
    PrimaryKeyConstraint("at", "entity", "system"),
)

object_schema = Table(
    "object_schema",
    metadata,
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("pipelines", Json, nullable=False),
    Column("read_at", Instant, nullable=False),
    PrimaryKeyConstraint("system", "object"),
)

field_schema = Table(
    "field_schema",
    metadata,
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("field", Code, nullable=False),
    Column("definition", Json, nullable=False),
    PrimaryKeyConstraint("system", "object", "field"),
)

schema_change = Table(
    "schema_change",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("field", Code, nullable=False),
    Column("what", Code, nullable=False),
    Column("before", Json),
    Column("after", Json),
    Column("impact", Code),
    Column("entity", Code),
    Column("records", BigInteger),
    Column("patch", Words),
    Index("ix_schema_change_at", "at"),
    sqlite_autoincrement=True,
)

owner = Table(
    "owner",
    metadata,
    Column("system", Code, nullable=False),
    Column("id", Code, nullable=False),
    Column("name", Words, nullable=False),
    Column("email", Code),
    Column("active", Boolean, nullable=False),
    Column("queue", Boolean, nullable=False),
    PrimaryKeyConstraint("system", "id"),
)

# Members of the inclusion list of a mapping, as last read.
inclusion = Table(
    "inclusion",
    metadata,
    Column("entity", Code, nullable=False),
    Column("record_id", Code, nullable=False),
    PrimaryKeyConstraint("entity", "record_id"),
)

cache = Table(
    "cache",
    metadata,
    Column("key", Code, primary_key=True),
    Column("value", Json, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

alert = Table(
    "alert",
    metadata,
    Column("key", Code, primary_key=True),
    Column("state", Code, nullable=False),
    Column("since", Instant, nullable=False),
)

# What people decided: recorded once, used once by a run.
decision = Table(
    "decision",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", Code, nullable=False),
    Column("made_by", Words, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("pair_id", Code),
    Column("run_id", Code),
    Column("system", Code),
    Column("object", Code),
    Column("record_id", Code),
    Column("field", Code),
    Column("choice", Code),
    Column("value", Words),
    Column("note", Words),
    Column("used_run_id", Code),
    Column("used_at", Instant),
    Column("result", Words),
    Index("ix_decision_pair", "pair_id"),
    Index("ix_decision_record", "system", "object", "record_id"),
    Index("ix_decision_kind", "kind", "id"),
    sqlite_autoincrement=True,
)
_unused = decision.c.used_at.is_(None)
Index("ix_decision_open", decision.c.kind, decision.c.id, sqlite_where=_unused, postgresql_where=_unused)

# Milestones on their way to Google Ads. `order_id` is Google's order id (transaction id); identifiers of people are hashes.
conversion = Table(
    "conversion",
    metadata,
    Column("id", Id, primary_key=True),
    Column("order_id", Code, nullable=False),
    Column("system", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("record_id", Code, nullable=False),
    Column("milestone", Code, nullable=False),
    Column("entry", Code, nullable=False),
    Column("account", Code),
    Column("action", Code, nullable=False),
    Column("happened_at", Instant, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("value", Code),
    Column("now_value", Code),
    Column("currency", Code),
    Column("now_currency", Code),
    Column("gclid", Code),
    Column("gbraid", Code),
    Column("wbraid", Code),
    Column("people", Json, nullable=False),
    Column("consent", Json, nullable=False),
    Column("click_by", Instant),
    Column("undone", Code),
    Column("state", Code, nullable=False),
    Column("code", Code),
    Column("not_before", Instant),
    Column("backend", Code),
    Column("request_id", Code),
    Column("sent_account", Code),
    Column("sent_action", Code),
    Column("sent_value", Code),
    Column("sent_at", Instant),
    Column("accepted_at", Instant),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("order_id"),
    Index("ix_conversion_record", "system", "object", "record_id"),
    Index("ix_conversion_state", "state", "id"),
    Index("ix_conversion_request", "request_id"),
    Index("ix_conversion_gclid", "gclid"),
    Index("ix_conversion_gbraid", "gbraid"),
    Index("ix_conversion_wbraid", "wbraid"),
    Index("ix_conversion_tally", "account", "action", "milestone", "state", "code"),
    sqlite_autoincrement=True,
)

# Requests of which Google gives its verdict later (Data Manager): how many rows it took, and why it refused others.
upload = Table(
    "upload",
    metadata,
    Column("request_id", Code, primary_key=True),
    Column("backend", Code, nullable=False),
    Column("account", Code, nullable=False),
    Column("batch_id", Id, ForeignKey("batch.id"), nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("state", Code, nullable=False),
    Column("reasons", Json, nullable=False),
    Column("settled_at", Instant),
    Index("ix_upload_state", "state", "sent_at"),
)

# What keeps milestones from being imported; "" where a finding is not about an account, object or milestone.
preflight = Table(
    "preflight",
    metadata,
    Column("code", Code, nullable=False),
    Column("account", Code, nullable=False),
    Column("object", Code, nullable=False),
    Column("milestone", Code, nullable=False),
    Column("level", Code, nullable=False),
    Column("severity", Code, nullable=False),
    Column("vendor", Code, nullable=False),
    Column("message", Words, nullable=False),
    Column("fields", Json, nullable=False),
    Column("since", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("waits_until", Instant),
    Column("told_at", Instant),
    Column("gone_at", Instant),
    PrimaryKeyConstraint("code", "account", "object", "milestone"),
)

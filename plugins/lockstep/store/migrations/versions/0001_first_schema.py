"""first schema"""

import sqlalchemy as sa
from alembic import op

from lockstep.store.types import Code, Id, Instant, Json, Words

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "alert",
        sa.Column("key", Code, nullable=False),
        sa.Column("state", Code, nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alert")),
    )
    op.create_table(
        "api_call",
        sa.Column("hour", Instant(), nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("operation", Code, nullable=False),
        sa.Column("calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("errors", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("milliseconds", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("system", "hour", "operation", name=op.f("pk_api_call")),
    )
    op.create_table(
        "inclusion",
        sa.Column("entity", Code, nullable=False),
        sa.Column("record_id", Code, nullable=False),
        sa.PrimaryKeyConstraint("entity", "record_id", name=op.f("pk_inclusion")),
    )
    op.create_table(
        "backlog",
        sa.Column("entity", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("at", "entity", "system", name=op.f("pk_backlog")),
    )
    op.create_table(
        "cache",
        sa.Column("key", Code, nullable=False),
        sa.Column("value", Json(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cache")),
    )
    op.create_table(
        "field_schema",
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("field", Code, nullable=False),
        sa.Column("definition", Json(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "field", name=op.f("pk_field_schema")),
    )
    op.create_table(
        "layout",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("digest", Code, nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_layout")),
        sa.UniqueConstraint("kind", "system", "object", "digest", name=op.f("uq_layout_kind_system_object_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "coverage",
        sa.Column("step", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("covered_to", Instant(), nullable=True),
        sa.Column("cursor", Code, nullable=True),
        sa.Column("layout", Id, nullable=True),
        sa.ForeignKeyConstraint(["layout"], ["layout.id"], name=op.f("fk_coverage_layout")),
        sa.PrimaryKeyConstraint("step", "system", "object", name=op.f("pk_coverage")),
    )
    op.create_table(
        "lease",
        sa.Column("name", Code, nullable=False),
        sa.Column("holder", Code, nullable=False),
        sa.Column("epoch", Id, nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_lease")),
    )
    op.create_table(
        "mirror_key",
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("key", Code, nullable=False),
        sa.Column("value", Code, nullable=False),
        sa.PrimaryKeyConstraint("system", "object", "id", "key", "value", name=op.f("pk_mirror_key")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_mirror_key_value", "mirror_key", ["system", "key", "value"], unique=False)
    op.create_table(
        "object_schema",
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("pipelines", Json(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("system", "object", name=op.f("pk_object_schema")),
    )
    op.create_table(
        "owner",
        sa.Column("system", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("name", Words(), nullable=False),
        sa.Column("email", Code, nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("queue", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("system", "id", name=op.f("pk_owner")),
    )
    op.create_table(
        "rate",
        sa.Column("system", Code, nullable=False),
        sa.Column("bucket", Code, nullable=False),
        sa.Column("slots", Json(), nullable=False),
        sa.Column("blocked_until", sa.Float(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("system", "bucket", name=op.f("pk_rate")),
    )
    op.create_table(
        "run",
        sa.Column("id", Code, nullable=False),
        sa.Column("step", Code, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("window_from", Instant(), nullable=True),
        sa.Column("window_to", Instant(), nullable=False),
        sa.Column("state", Code, nullable=False),
        sa.Column("mapping_hash", Code, nullable=False),
        sa.Column("dag_run_id", Code, nullable=True),
        sa.Column("params", Json(), nullable=False),
        sa.Column("opened_at", Instant(), nullable=False),
        sa.Column("closed_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
    )
    op.create_index("ix_run_step_opened", "run", ["step", "opened_at"], unique=False)
    op.create_table(
        "schema_change",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("field", Code, nullable=False),
        sa.Column("what", Code, nullable=False),
        sa.Column("before", Json(), nullable=True),
        sa.Column("after", Json(), nullable=True),
        sa.Column("impact", Code, nullable=True),
        sa.Column("entity", Code, nullable=True),
        sa.Column("records", sa.BigInteger(), nullable=True),
        sa.Column("patch", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schema_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_schema_change_at", "schema_change", ["at"], unique=False)
    op.create_table(
        "system_health",
        sa.Column("system", Code, nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answered_at", Instant(), nullable=True),
        sa.Column("allocation", sa.BigInteger(), nullable=True),
        sa.Column("suspended", Code, nullable=True),
        sa.Column("suspended_at", Instant(), nullable=True),
        sa.Column("suspended_words", Words(), nullable=True),
        sa.Column("probed_by", Code, nullable=True),
        sa.Column("probed_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("system", name=op.f("pk_system_health")),
    )
    op.create_table(
        "freshness",
        sa.Column("entity", Code, nullable=False),
        sa.Column("fresh_to", Instant(), nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("entity", name=op.f("pk_freshness")),
    )
    op.create_table(
        "erased",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("erased_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_erased")),
    )
    op.create_table(
        "tick",
        sa.Column("id", Id, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tick")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "batch",
        sa.Column("id", Id, nullable=False),
        sa.Column("run_id", Code, nullable=False),
        sa.Column("entity", Code, nullable=True),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("operation", Code, nullable=False),
        sa.Column("status", Code, nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("window_from", Instant(), nullable=True),
        sa.Column("window_to", Instant(), nullable=True),
        sa.Column("read", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("new", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("updated", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deleted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("skipped", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("deferred", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("fields_failed", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("api_calls", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("error_code", Code, nullable=True),
        sa.Column("error", Words(), nullable=True),
        sa.Column("task", Json(), nullable=True),
        sa.CheckConstraint("api_calls >= 0", name=op.f("ck_batch_api_calls_counts_up")),
        sa.CheckConstraint("deferred >= 0", name=op.f("ck_batch_deferred_counts_up")),
        sa.CheckConstraint("deleted >= 0", name=op.f("ck_batch_deleted_counts_up")),
        sa.CheckConstraint("failed >= 0", name=op.f("ck_batch_failed_counts_up")),
        sa.CheckConstraint("fields_failed >= 0", name=op.f("ck_batch_fields_failed_counts_up")),
        sa.CheckConstraint("held >= 0", name=op.f("ck_batch_held_counts_up")),
        sa.CheckConstraint("new >= 0", name=op.f("ck_batch_new_counts_up")),
        sa.CheckConstraint("read >= 0", name=op.f("ck_batch_read_counts_up")),
        sa.CheckConstraint("skipped >= 0", name=op.f("ck_batch_skipped_counts_up")),
        sa.CheckConstraint("updated >= 0", name=op.f("ck_batch_updated_counts_up")),
        sa.ForeignKeyConstraint(["run_id"], ["run.id"], name=op.f("fk_batch_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_batch_ended", "batch", ["ended_at"], unique=False)
    op.create_index("ix_batch_object_started", "batch", ["object", "started_at"], unique=False)
    op.create_index("ix_batch_run", "batch", ["run_id"], unique=False)
    op.create_index("ix_batch_started", "batch", ["started_at"], unique=False)
    op.create_index("ix_batch_system_started", "batch", ["system", "started_at"], unique=False)
    op.create_index("ix_batch_status_started", "batch", ["status", "started_at"], unique=False)
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
    op.create_table(
        "mirror",
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("id", Code, nullable=False),
        sa.Column("version", Code, nullable=False),
        sa.Column("read_at", Instant(), nullable=False),
        sa.Column("layout", Id, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("deleted_at", Instant(), nullable=True),
        sa.Column("gone", Code, nullable=True),
        sa.Column("merged_into", Code, nullable=True),
        sa.Column("merged_into_object", Code, nullable=True),
        sa.Column("due_seq", Id, nullable=True),
        sa.Column("moved", Json(), nullable=True),
        sa.Column("fields", Code, nullable=False),
        sa.ForeignKeyConstraint(["layout"], ["layout.id"], name=op.f("fk_mirror_layout")),
        sa.PrimaryKeyConstraint("system", "object", "id", name=op.f("pk_mirror")),
    )
    op.create_index(
        "ix_mirror_due",
        "mirror",
        ["system", "object", "due_seq"],
        unique=False,
        sqlite_where=sa.text("due_seq IS NOT NULL"),
        postgresql_where=sa.text("due_seq IS NOT NULL"),
    )
    op.create_index(
        "ix_mirror_merged_into",
        "mirror",
        ["system", "merged_into"],
        unique=False,
        sqlite_where=sa.text("merged_into IS NOT NULL"),
        postgresql_where=sa.text("merged_into IS NOT NULL"),
    )
    op.create_table(
        "pair",
        sa.Column("id", Code, nullable=False),
        sa.Column("entity", Code, nullable=False),
        sa.Column("sf_object", Code, nullable=False),
        sa.Column("hs_object", Code, nullable=False),
        sa.Column("sf_id", Code, nullable=True),
        sa.Column("hs_id", Code, nullable=True),
        sa.Column("sf_layout", Id, nullable=False),
        sa.Column("hs_layout", Id, nullable=False),
        sa.Column("sf_base", Code, nullable=False),
        sa.Column("hs_base", Code, nullable=False),
        sa.Column("state", Code, nullable=False),
        sa.Column("reason", Words(), nullable=True),
        sa.Column("due_seq", Id, nullable=True),
        sa.Column("due_at", Instant(), nullable=True),
        sa.Column("references_seq", Id, nullable=True),
        sa.Column("agreed_at", Instant(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["hs_layout"], ["layout.id"], name=op.f("fk_pair_hs_layout")),
        sa.ForeignKeyConstraint(["sf_layout"], ["layout.id"], name=op.f("fk_pair_sf_layout")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pair")),
    )
    op.create_index(
        "ix_pair_due",
        "pair",
        ["entity", "due_seq"],
        unique=False,
        sqlite_where=sa.text("due_seq IS NOT NULL"),
        postgresql_where=sa.text("due_seq IS NOT NULL"),
    )
    op.create_index("ix_pair_entity_state", "pair", ["entity", "state"], unique=False)
    op.create_index(
        "ix_pair_hs_closed",
        "pair",
        ["hs_object", "hs_id"],
        unique=False,
        sqlite_where=sa.text("state = 'closed'"),
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_index(
        "ix_pair_references",
        "pair",
        ["entity", "references_seq"],
        unique=False,
        sqlite_where=sa.text("references_seq IS NOT NULL"),
        postgresql_where=sa.text("references_seq IS NOT NULL"),
    )
    op.create_index(
        "ix_pair_sf_closed",
        "pair",
        ["sf_object", "sf_id"],
        unique=False,
        sqlite_where=sa.text("state = 'closed'"),
        postgresql_where=sa.text("state = 'closed'"),
    )
    op.create_index(
        "uq_pair_hs_open",
        "pair",
        ["hs_object", "hs_id"],
        unique=True,
        sqlite_where=sa.text("state != 'closed'"),
        postgresql_where=sa.text("state != 'closed'"),
    )
    op.create_index(
        "uq_pair_sf_open",
        "pair",
        ["sf_object", "sf_id"],
        unique=True,
        sqlite_where=sa.text("state != 'closed'"),
        postgresql_where=sa.text("state != 'closed'"),
    )
    op.create_table(
        "change",
        sa.Column("id", Id, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("pair_id", Code, nullable=True),
        sa.Column("retry_of", Id, nullable=True),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("action", Code, nullable=False),
        sa.Column("record_id", Code, nullable=True),
        sa.Column("before", Json(), nullable=False),
        sa.Column("after", Json(), nullable=False),
        sa.Column("source", Json(), nullable=False),
        sa.Column("why", Json(), nullable=False),
        sa.Column("lost", Json(), nullable=False),
        sa.Column("planned_at", Instant(), nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("done_at", Instant(), nullable=True),
        sa.Column("outcome", Code, nullable=True),
        sa.Column("code", Code, nullable=True),
        sa.Column("detail", Json(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fields_failed", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_change_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_change_batch", "change", ["batch_id", "id"], unique=False)
    op.create_index("ix_change_pair", "change", ["pair_id", "id"], unique=False)
    op.create_index("ix_change_record", "change", ["system", "object", "record_id"], unique=False)
    op.create_index(
        "ix_change_retry_of",
        "change",
        ["retry_of"],
        unique=False,
        sqlite_where=sa.text("retry_of IS NOT NULL"),
        postgresql_where=sa.text("retry_of IS NOT NULL"),
    )
    op.create_index(
        "ix_change_undone",
        "change",
        ["batch_id"],
        unique=False,
        sqlite_where=sa.text("outcome IS NULL"),
        postgresql_where=sa.text("outcome IS NULL"),
    )
    op.create_table(
        "pair_wait",
        sa.Column("pair_id", Code, nullable=False),
        sa.Column("field", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("record_id", Code, nullable=False),
        sa.ForeignKeyConstraint(["pair_id"], ["pair.id"], name=op.f("fk_pair_wait_pair_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pair_id", "field", "system", "object", "record_id", name=op.f("pk_pair_wait")),
    )
    op.create_index("ix_pair_wait_record", "pair_wait", ["system", "object", "record_id"], unique=False)
    op.create_table(
        "decision",
        sa.Column("id", Id, nullable=False),
        sa.Column("kind", Code, nullable=False),
        sa.Column("made_by", Words(), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("pair_id", Code, nullable=True),
        sa.Column("run_id", Code, nullable=True),
        sa.Column("system", Code, nullable=True),
        sa.Column("object", Code, nullable=True),
        sa.Column("record_id", Code, nullable=True),
        sa.Column("field", Code, nullable=True),
        sa.Column("choice", Code, nullable=True),
        sa.Column("value", Words(), nullable=True),
        sa.Column("note", Words(), nullable=True),
        sa.Column("used_run_id", Code, nullable=True),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("result", Words(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decision_pair", "decision", ["pair_id"], unique=False)
    op.create_index("ix_decision_record", "decision", ["system", "object", "record_id"], unique=False)
    op.create_index("ix_decision_kind", "decision", ["kind", "id"], unique=False)
    op.create_index(
        "ix_decision_open",
        "decision",
        ["kind", "id"],
        unique=False,
        sqlite_where=sa.text("used_at IS NULL"),
        postgresql_where=sa.text("used_at IS NULL"),
    )
    op.create_table(
        "conversion",
        sa.Column("id", Id, nullable=False),
        sa.Column("order_id", Code, nullable=False),
        sa.Column("system", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("record_id", Code, nullable=False),
        sa.Column("milestone", Code, nullable=False),
        sa.Column("entry", Code, nullable=False),
        sa.Column("account", Code, nullable=True),
        sa.Column("action", Code, nullable=False),
        sa.Column("happened_at", Instant(), nullable=False),
        sa.Column("found_at", Instant(), nullable=False),
        sa.Column("value", Code, nullable=True),
        sa.Column("now_value", Code, nullable=True),
        sa.Column("currency", Code, nullable=True),
        sa.Column("now_currency", Code, nullable=True),
        sa.Column("gclid", Code, nullable=True),
        sa.Column("gbraid", Code, nullable=True),
        sa.Column("wbraid", Code, nullable=True),
        sa.Column("people", Json(), nullable=False),
        sa.Column("consent", Json(), nullable=False),
        sa.Column("click_by", Instant(), nullable=True),
        sa.Column("undone", Code, nullable=True),
        sa.Column("state", Code, nullable=False),
        sa.Column("code", Code, nullable=True),
        sa.Column("not_before", Instant(), nullable=True),
        sa.Column("backend", Code, nullable=True),
        sa.Column("request_id", Code, nullable=True),
        sa.Column("sent_account", Code, nullable=True),
        sa.Column("sent_action", Code, nullable=True),
        sa.Column("sent_value", Code, nullable=True),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("accepted_at", Instant(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversion")),
        sa.UniqueConstraint("order_id", name=op.f("uq_conversion_order_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_conversion_gbraid", "conversion", ["gbraid"], unique=False)
    op.create_index("ix_conversion_gclid", "conversion", ["gclid"], unique=False)
    op.create_index("ix_conversion_record", "conversion", ["system", "object", "record_id"], unique=False)
    op.create_index("ix_conversion_request", "conversion", ["request_id"], unique=False)
    op.create_index("ix_conversion_state", "conversion", ["state", "id"], unique=False)
    op.create_index(
        "ix_conversion_tally", "conversion", ["account", "action", "milestone", "state", "code"], unique=False
    )
    op.create_index("ix_conversion_wbraid", "conversion", ["wbraid"], unique=False)
    op.create_table(
        "upload",
        sa.Column("request_id", Code, nullable=False),
        sa.Column("backend", Code, nullable=False),
        sa.Column("account", Code, nullable=False),
        sa.Column("batch_id", Id, nullable=False),
        sa.Column("sent_at", Instant(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("state", Code, nullable=False),
        sa.Column("reasons", Json(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_upload_batch_id")),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_upload")),
    )
    op.create_index("ix_upload_state", "upload", ["state", "sent_at"], unique=False)
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
    op.create_index(
        "ix_error_outcome", "error", ["outcome", "cause_id", "subject", "standing", "at", "id"], unique=False
    )
    op.create_index("ix_error_change", "error", ["change_id"], unique=False)
    op.create_index(
        "ix_error_standing",
        "error",
        ["subject"],
        unique=False,
        sqlite_where=sa.text("standing = 1"),
        postgresql_where=sa.text("standing"),
    )
    op.create_table(
        "preflight",
        sa.Column("code", Code, nullable=False),
        sa.Column("account", Code, nullable=False),
        sa.Column("object", Code, nullable=False),
        sa.Column("milestone", Code, nullable=False),
        sa.Column("level", Code, nullable=False),
        sa.Column("severity", Code, nullable=False),
        sa.Column("vendor", Code, nullable=False),
        sa.Column("message", Words(), nullable=False),
        sa.Column("fields", Json(), nullable=False),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.Column("waits_until", Instant(), nullable=True),
        sa.Column("told_at", Instant(), nullable=True),
        sa.Column("gone_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("code", "account", "object", "milestone", name=op.f("pk_preflight")),
    )
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

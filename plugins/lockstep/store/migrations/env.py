"""Alembic's entry: runs inside the transaction that `lockstep.store.migrate` opened."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import types as sql

from lockstep.store import types
from lockstep.store.migrate import VERSION_TABLE
from lockstep.store.tables import metadata

_NAMES = {types.Instant: "Instant()", types.Json: "Json()", types.Words: "Words()"}


def spell(kind: str, item: Any, autogen: AutogenContext) -> str | Literal[False]:
    """Write our column types by their names."""
    if kind != "type":
        return False
    name = "Code" if item is types.Code else "Id" if item is types.Id else _NAMES.get(type(item))
    if name is None and isinstance(item, sql.Text) and item._variant_mapping:
        name = "Code"
    if name is None and isinstance(item, sql.BigInteger) and item._variant_mapping:
        name = "Id"
    return name or False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    render_item=spell,
)
with context.begin_transaction():
    context.run_migrations()

"""Brings a store's schema up to date with Alembic.

python -m lockstep.store.migrate "what changes"         drafts a revision from what `tables` has and the migrations lack
"""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from lockstep.errors import ConfigError
from lockstep.store.dialects import lock

if TYPE_CHECKING:
    from lockstep.store.database import Store

VERSION_TABLE = "lockstep_version"
_FOLDER = Path(__file__).parent / "migrations"


def upgrade(store: "Store") -> None:
    """Apply what is missing, all or nothing. Several processes may call it at once: one does the work, the others wait.

    :raises ConfigError: the store was made by a newer Lockstep
    """
    scripts = ScriptDirectory.from_config(_config())
    with store.reading() as tx:
        if _revision(tx, scripts) == scripts.get_current_head():
            return
    with store.writing() as tx:
        lock(tx, "upgrade")
        if _revision(tx, scripts) != scripts.get_current_head():
            command.upgrade(_config(tx), "head")


def _revision(tx: Connection, scripts: ScriptDirectory) -> str | None:
    found = MigrationContext.configure(tx, opts={"version_table": VERSION_TABLE}).get_current_revision()
    if found and found not in {script.revision for script in scripts.walk_revisions()}:
        raise ConfigError(
            f"The store is at revision {found}, which this version of Lockstep does not know.",
            hint="Install the version of Lockstep that made it, or a newer one.",
        )
    return found


def _config(tx: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = tx
    return config


def draft(message: str) -> None:
    """Write a new revision file. Read it before committing it: it cannot tell a renamed column from a new one."""
    from lockstep.store.database import Store

    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/draft.db")
        if list(_FOLDER.glob("versions/[0-9]*.py")):
            store.upgrade()
        with store.writing() as tx:
            number = len(list(_FOLDER.glob("versions/[0-9]*.py"))) + 1
            command.revision(_config(tx), message, autogenerate=True, rev_id=f"{number:04d}")
        store.dispose()


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]))

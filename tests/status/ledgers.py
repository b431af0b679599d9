"""Filled ledgers, made once a minute and copied for each test: filling one takes far longer than most tests."""

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tests.status.ledger_data import Filled, fill

from lockstep.store import Store

Add = Callable[[Filled], object]

#: the pages ask for the last hour, the last day: what is older than this is made anew
FRESH_SECONDS = 60.0


@dataclass(frozen=True)
class _Kept:
    file: Path
    at: float
    now: datetime
    ids: dict[str, int]


@dataclass
class Ledgers:
    """`empty`: a store with the schema and no rows."""

    empty: Path
    folder: Path
    _kept: dict[tuple[Add, ...], _Kept] = field(default_factory=dict)

    def into(self, made: Filled, *adds: Add) -> Filled:
        """Fill the file of a store that nobody has opened yet, with what these functions add to a filled ledger."""
        kept = self._kept.get(adds)
        if kept is None or time.monotonic() - kept.at > FRESH_SECONDS:
            kept = self._kept[adds] = self._made(adds)
        shutil.copy(kept.file, str(made.store.engine.url.database))
        made.now, made.ids = kept.now, dict(kept.ids)
        return made

    def _made(self, adds: tuple[Add, ...]) -> _Kept:
        began = time.monotonic()
        file = self.folder / f"{len(list(self.folder.iterdir()))}.db"
        shutil.copy(self.empty, file)
        store = Store(f"sqlite:///{file}")
        made = fill(store)
        for add in adds:
            add(made)
        store.dispose()
        return _Kept(file, began, made.now, made.ids)

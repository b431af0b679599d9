"""Two CRMs, the people who work in them, and Lockstep between them: what a test does and asks."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from tests.engine import Engine
from tests.integration.engine.live_sandbox import Live, serving

from lockstep.model import Batch, Pair, PairState, Step, Window
from lockstep.store import Store, pairs
from lockstep.store import tables as t

#: marks tests that run on both databases
on_both = pytest.mark.parametrize("database", ["sqlite", "postgresql"], indirect=True)


def in_turn(names: str, cases: Iterable[Any]) -> pytest.MarkDecorator:
    """Like `pytest.mark.parametrize`, each case on one database only, by turns: what differs is not the database's affair."""
    turns = [
        pytest.param(*(case if isinstance(case, tuple) else (case,)), database)
        for case, database in zip(cases, cycle(("sqlite", "postgresql")), strict=False)
    ]
    return pytest.mark.parametrize((*names.split(", "), "database"), turns, indirect=["database"])


#: how often the schedule runs
QUARTER = timedelta(minutes=15)

#: what only a vendor sets, and what differs from one run to the next
OWN = {"Lockstep_Id__c", "lockstep_id"}
REFERENCES = {"AccountId", "association:companies/primary"}


@dataclass(frozen=True)
class Snapshot:
    """Both vendors and the store at one moment. `store`: a SQLite file, or the URL of a PostgreSQL database."""

    vendors: bytes
    store: str


@dataclass
class World:
    sandbox: Live
    engine: Engine
    history: list[list[Batch]] = field(default_factory=list)

    # --- time and cycles

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def wait(self, time: timedelta = QUARTER) -> None:
        self.sandbox.clock.advance(time.total_seconds())

    def cycle(self, **params: Any) -> list[Batch]:
        """The next scheduled cycle, a quarter of an hour later."""
        self.wait()
        self.history.append(self.engine.cycle(**params))
        return self.history[-1]

    def window(self) -> Window:
        """What a scheduled run of this moment is given."""
        return Window(self.now - QUARTER, self.now + timedelta(seconds=1))

    def step(
        self, step: Step, run_id: str, kind: str = "scheduled", window: Window | None = None, **params: Any
    ) -> Any:
        return self.engine.step(step, run_id, kind, window or self.window(), **params)

    # --- what the vendors hold

    def sf(self, name: str) -> dict[str, dict[str, Any]]:
        """Live Salesforce records by id; converted leads are no longer records that people see."""
        found = self.sandbox.admin("GET", f"salesforce/{name}")
        return {one["Id"]: one for one in found if not one["IsDeleted"] and not one.get("IsConverted")}

    def hs(self, name: str) -> dict[str, dict[str, Any]]:
        return {one["id"]: one for one in self.sandbox.admin("GET", f"hubspot/{name}")}

    def sf_record(self, name: str, record_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.admin("GET", f"salesforce/{name}/{record_id}")
        return found

    def hs_record(self, name: str, record_id: str) -> dict[str, Any]:
        found: dict[str, Any] = self.sandbox.admin("GET", f"hubspot/{name}/{record_id}")["properties"]
        return found

    def held(self) -> dict[str, Any]:
        """All that the vendors hold, stamps included: what nobody wrote to is equal to what it was."""
        names = [
            (system, name)
            for m in self.engine.mappings.all
            for system in ("salesforce", "hubspot")
            for name in m.objects(system)
        ]
        return {name: self.sandbox.admin("GET", f"{system}/{name}") for system, name in names}

    # --- what people do

    def edit_sf(self, name: str, record_id: str, /, **fields: Any) -> None:
        self.sandbox.act("salesforce", "edit", object=name, id=record_id, fields=fields)

    def edit_hs(self, name: str, record_id: str, /, **fields: Any) -> None:
        self.sandbox.act("hubspot", "edit", object=name, id=record_id, fields=fields)

    def create_sf(self, name: str, /, **fields: Any) -> str:
        return str(self.sandbox.act("salesforce", "create", object=name, fields=fields)["Id"])

    def create_hs(self, name: str, /, **fields: Any) -> str:
        return str(self.sandbox.act("hubspot", "create", object=name, fields=fields)["id"])

    # --- what goes wrong

    def fault(self, vendor: str, kind: str, path: str = "", **spec: Any) -> None:
        self.sandbox.admin("POST", "faults", {"vendor": vendor, "kind": kind, "path": path, **spec})

    def heal(self) -> None:
        self.sandbox.heal()

    def settings(self, vendor: str, **changes: Any) -> None:
        self.sandbox.admin("POST", f"{vendor}/settings", changes)

    def calls(self, vendor: str, since: int = 0) -> list[dict[str, Any]]:
        return [one for one in self.sandbox.calls(vendor) if one["n"] > since]

    def mark(self) -> int:
        """A place in the log of calls."""
        return max((one["n"] for one in self.sandbox.calls()), default=0)

    def writes(self, since: int = 0) -> list[tuple[str, str]]:
        """Calls that may have changed a record, by method and path."""
        return [(method, path) for _, method, path in self.numbered_writes(since)]

    def numbered_writes(self, since: int = 0) -> list[tuple[int, str, str]]:
        """The same, with their place in the log of calls."""
        return [(c["n"], c["method"], c["path"]) for c in self.sandbox.calls() if c["n"] > since and _writes(c)]

    # --- what Lockstep knows

    def pairs(self, entity: str | None = None, state: PairState | None = None) -> list[Pair]:
        with self.engine.store.reading() as tx:
            ids = tx.execute(select(t.pair.c.id)).scalars().all()
            found = pairs.get(tx, ids)
        return [
            one
            for one in sorted(found.values(), key=lambda pair: pair.id)
            if (entity is None or one.entity == entity) and (state is None or one.state is state)
        ]

    def linked(self, entity: str, sf_object: str | None = None) -> list[Pair]:
        """Pairs whose records both live and of which nothing was ever refused, by Salesforce id: the same in every run."""
        dirty = {change["pair_id"] for change in self.changes() if change["detail"]}
        every = sorted(self.pairs(entity, PairState.LINKED), key=lambda one: one.sf_id or "")
        some = [one for one in every if one.id not in dirty]
        live = {name: self.sf(name) for name in {one.sf_object for one in some}}
        return [one for one in some if one.sf_id in live[one.sf_object] and sf_object in (None, one.sf_object)]

    def pair_of(self, record_id: str, state: PairState | None = None) -> Pair:
        (found,) = [one for one in self.pairs(state=state) if record_id in (one.sf_id, one.hs_id)]
        return found

    def changes(self, **where: Any) -> list[dict[str, Any]]:
        """Rows of the ledger's changes, oldest first, of these column values."""
        with self.engine.store.reading() as tx:
            rows = tx.execute(select(t.change).order_by(t.change.c.id)).mappings()
            return [dict(row) for row in rows if all(row[name] == value for name, value in where.items())]

    def last_change(self, **where: Any) -> dict[str, Any]:
        return self.changes(**where)[-1]

    def batches(self, number: int = -1, step: Step | None = None, **where: Any) -> list[Batch]:
        """Batches of one of the cycles so far (the last by default), of one of its steps or of all."""
        return [
            batch
            for batch in self.history[number]
            if (step is None or batch.run_id.startswith(f"{step}:"))
            and all(getattr(batch, name) == value for name, value in where.items())
        ]

    def mirror(self) -> dict[tuple[str, str, str], tuple[dict[str, Any], str, bool]]:
        """(system, object, id) -> values, version, live."""
        with self.engine.store.reading() as tx:
            layouts = {row.id: row.fields for row in tx.execute(select(t.layout))}
            return {
                (row.system, row.object, row.id): (
                    dict(zip(layouts[row.layout], json.loads(row.fields), strict=True)),
                    row.version,
                    row.deleted_at is None,
                )
                for row in tx.execute(select(t.mirror))
            }

    def mirrored(self) -> Counter[str]:
        """What the mirror holds, without ids and versions."""
        rows = self.mirror().items()
        return Counter(
            json.dumps(
                [system, name, live, {key: value for key, value in values.items() if key not in OWN | REFERENCES}]
            )
            for (system, name, _), (values, _, live) in rows
        )

    def due(self) -> int:
        """How many records and pairs wait to be planned."""
        with self.engine.store.reading() as tx:
            rows = [*tx.execute(select(t.mirror.c.due_seq)).scalars(), *tx.execute(select(t.pair.c.due_seq)).scalars()]
        return sum(seq is not None for seq in rows)

    # --- comparing ends

    def end_state(self) -> dict[str, Counter[str]]:
        """Everything that people can see, without ids and stamps: the records of both vendors by the mapped fields, with
        references by name, and who is whose partner."""
        mappings = self.engine.mappings
        shown: dict[tuple[str, str], str] = {}
        found: dict[str, Counter[str]] = {}
        for mapping in mappings.all:
            for system in ("salesforce", "hubspot"):
                for name in mapping.objects(system):
                    fields = mapping.fields_of(system, name)
                    for record_id, record in (self.sf(name) if system == "salesforce" else self.hs(name)).items():
                        seen = _seen(record, fields, shown)
                        shown[system, record_id] = seen
                        found.setdefault(f"{system} {name}", Counter())[seen] += 1
        for pair in self.pairs():
            both = shown.get(("salesforce", pair.sf_id or "")), shown.get(("hubspot", pair.hs_id or ""))
            found.setdefault(f"pairs of {pair.entity}", Counter())[f"{pair.state} {both}"] += 1
        return found


def _seen(record: dict[str, Any], fields: tuple[str, ...], shown: dict[tuple[str, str], str]) -> str:
    if "properties" not in record:
        values = {name: record.get(name) for name in fields if name not in OWN}
        if "AccountId" in values:
            values["AccountId"] = shown.get(("salesforce", values["AccountId"] or ""))
        return json.dumps(values, sort_keys=True)
    values = {name: record["properties"].get(name) for name in fields if name not in OWN and ":" not in name}
    links = record["associations"].get("companies", {})
    primary = sorted(shown.get(("hubspot", one), "") for one, kinds in links.items() if {1, 5} & set(kinds))
    return json.dumps(values | {"primary companies": primary}, sort_keys=True)


#: calls that change nothing, though they are no GETs. A Composite asks questions here: what one that writes does shows in `held`
_READS = ("/search", "/batch/read", "/oauth2/token", "/jobs/query", "/composite")


def _writes(call: dict[str, Any]) -> bool:
    return call["method"] not in ("GET", "HEAD") and not call["path"].endswith(_READS) and "/Soap/" not in call["path"]


@contextmanager
def restored(snapshot: Snapshot, folder: Path, url: str, **options: Any) -> Iterator[World]:
    """A world of this test's own, as it was at the snapshot. `url`: of the store's copy."""
    with serving(snapshot.vendors, folder) as sandbox:
        store = Store(url)
        engine = Engine(store, sandbox, now=sandbox.clock.now, pace={}, sleep=lambda _seconds: None, **options)
        try:
            yield World(sandbox, engine)
            sandbox.heal()
        finally:
            store.dispose()

"""The engine without Airflow: whole cycles of the step functions, in this process, against a sandbox."""

import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from lockstep import mapping as mapping_files
from lockstep import settings as settings_file
from lockstep import steps
from lockstep.conversions import Conversions
from lockstep.errors import LockstepError
from lockstep.mapping import Mappings
from lockstep.model import CYCLE_STEPS, Batch, Operation, Step, Window
from lockstep.pacing import LIMITS, LocalMeter
from lockstep.settings import Settings
from lockstep.store import Store, ledger
from lockstep.systems.ads import AdsSystem
from lockstep.systems.base import System
from lockstep.systems.hubspot import HubSpotConnection, HubSpotSystem
from lockstep.systems.salesforce import SalesforceConnection, SalesforceOptions, SalesforceSystem

MAPPINGS = Path(__file__).parents[1] / "include" / "mappings"

#: no lag: what was edited before a cycle is read by it
TEST_SETTINGS = {"LOCKSTEP__LAG_SECONDS__SALESFORCE": "0", "LOCKSTEP__LAG_SECONDS__HUBSPOT": "0"}


@cache
def shipped() -> Mappings:
    """The mappings of the repository; reading them takes as long as a small test."""
    return mapping_files.load(MAPPINGS)


class Tokens:
    """A token cache in memory, shared by all runs of an `Engine` as the store's is by tasks."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Any]] = {}

    def get(self, key: str) -> dict[str, Any] | None:
        return self._kept.get(key)

    def put(self, key: str, value: dict[str, Any], expires_at: datetime) -> None:
        self._kept[key] = value

    def forget(self, key: str) -> None:
        self._kept.pop(key, None)


@dataclass
class Engine:
    """Runs steps as the DAGs do. `errors` holds what each run of the last cycle raised, by step.

    `pace`: the vendors' limits that are kept, as `LocalMeter` takes them. `sleep`: how waiting between tries is done.
    `page`: rows of one page of a read.
    `on_task`: called with a step and a target just before each task, for what is to happen at that moment.
    `conversions`: milestones to upload; without any there is no connection to Google Ads. `reports`: whether reports are pulled too.
    `meter`: makes another meter than `LocalMeter`, such as the store's.
    """

    store: Store
    sandbox: Any
    mappings: Mappings = field(default_factory=shipped)
    settings: Settings = field(default_factory=lambda: settings_file.load(MAPPINGS, TEST_SETTINGS))
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    errors: dict[str, LockstepError] = field(default_factory=dict)
    pace: Mapping[tuple[str, str], tuple[int, float]] = field(default_factory=lambda: LIMITS)
    allocation: Mapping[str, int] = field(default_factory=dict)
    sleep: Callable[[float], None] = time.sleep
    page: int = 1_000
    on_task: Callable[[Step, Any], None] = lambda _step, _target: None
    conversions: Conversions = field(default_factory=Conversions)
    reports: bool = False
    meter: Callable[[], Any] | None = None

    def __post_init__(self) -> None:
        self.tokens = Tokens()
        self.store.upgrade()
        with self.store.reading() as tx:
            # a store that was used before keeps its runs
            self._numbers = itertools.count(1 + len(ledger.runs(tx, limit=100_000)))

    def systems(self) -> tuple[dict[str, System], dict[str, LocalMeter]]:
        """Fresh systems, as every task builds its own."""
        new = self.meter or (lambda: LocalMeter(self.pace, self.allocation))
        meters = {name: new() for name in ("salesforce", "hubspot", "google_ads")}
        ends = self.sandbox.endpoints
        salesforce = SalesforceConnection(
            consumer_key="key",
            consumer_secret="secret",
            domain="acme.my",
            proxies={"https": ends["proxy"]},
            ca=ends["ca"],
        )
        same: Any = {"now": self.now, "sleep": self.sleep}
        options = SalesforceOptions(page=self.page)
        hubspot = HubSpotConnection("pat-na1-test", host=ends["hubspot"])
        return {
            "salesforce": SalesforceSystem(
                salesforce, meters["salesforce"], self.tokens, options, self._schema("salesforce"), **same
            ),
            "hubspot": HubSpotSystem(hubspot, meters["hubspot"], self.page, self._schema("hubspot"), **same),
        }, meters

    def _schema(self, system: str) -> Callable[[str], Any]:
        from lockstep.store import schema

        def known(name: str) -> Any:
            with self.store.reading() as tx:
                return schema.get(tx, system, name)

        return known

    def context(self, run_id: str, step: Step, kind: str, window: Window, params: Mapping[str, Any]) -> steps.Context:
        systems, meters = self.systems()
        mappings = steps.usable(self.store, self.mappings)
        run = steps.open_run(self.store, run_id, step, kind, window, params, mappings, now=self.now())
        google_ads = self.google_ads(meters["google_ads"]) if self.conversions.milestones else None
        return steps.Context(
            self.store, systems, meters, mappings, self.settings, run, self.now, self.conversions, google_ads
        )

    def google_ads(self, meter: LocalMeter) -> AdsSystem:
        """As Airflow's connection makes it; Google's libraries are loaded where a test needs them."""
        from tests.contract.google_ads_rig import connection

        from lockstep.systems.google_ads import GoogleAdsSystem

        ends = connection(self.sandbox.endpoints)
        return GoogleAdsSystem(ends, meter, self.tokens, now=self.now, sleep=self.sleep)

    def cycle(self, kind: str = "scheduled", window: Window | None = None, **params: Any) -> list[Batch]:
        """All six steps over one window. Returns the cycle's batches; what a step raised is in `errors`."""
        number, self.errors = next(self._numbers), {}
        window = window or Window(self.now() - timedelta(minutes=15), self.now() + timedelta(seconds=1))
        found: list[Batch] = []
        for step in CYCLE_STEPS:
            found += self.step(step, f"{step}:{number}", kind, window, cycle=str(number), **params)
        return found

    def step(self, step: Step, run_id: str, kind: str, window: Window, **params: Any) -> list[Batch]:
        ctx = self.context(run_id, step, kind, window, params)
        for work in (lambda: self._work(ctx, step), lambda: steps.seal(ctx)):
            try:
                work()
            except LockstepError as error:
                self.errors.setdefault(str(step), error)
        with self.store.reading() as tx:
            return ledger.batches(tx, run_id)

    def _work(self, ctx: steps.Context, step: Step) -> None:
        """One mapped task after the other; one that fails does not stop the others."""
        match step:
            case Step.SYNC_SCHEMA:
                self._each(ctx, list(ctx.systems), steps.sync_schema)
            case Step.PULL_UPDATES:
                self._each(ctx, steps.probe_updates(ctx), steps.pull_updates)
            case Step.PULL_DELETES:
                self._each(ctx, steps.probe_deletes(ctx), steps.pull_deletes)
            case Step.PULL_CONVERSIONS:
                targets = steps.probe_conversions(ctx)
                if not self.reports:
                    targets = [one for one in targets if one["operation"] != Operation.PULL_NETWORK_CONVERSIONS]
                self._each(ctx, targets, steps.pull_conversions)
            case Step.PUSH_UPDATES:
                self._each(ctx, [one["batch_id"] for one in steps.plan_push(ctx)], steps.apply_batch)
            case Step.UPDATE_FOREIGN_KEYS:
                self._each(ctx, [one["batch_id"] for one in steps.plan_foreign_keys(ctx)], steps.apply_batch)
            case Step.UNDO_RUN:
                self._each(ctx, [one["batch_id"] for one in steps.plan_undo(ctx)], steps.apply_batch)
            case Step.RECONCILE:
                self._each(ctx, steps.probe_reconcile(ctx), steps.reconcile)

    def _each(self, ctx: steps.Context, targets: list[Any], work: Callable[[steps.Context, Any], Any]) -> None:
        for target in targets:
            self.on_task(ctx.run.step, target)
            try:
                work(ctx, target)
            except LockstepError as error:
                self.errors.setdefault(str(ctx.run.step), error)


def table(batches: list[Batch]) -> str:
    """The ledger as text, for people."""
    names = ("read", "new", "updated", "deleted", "skipped", "failed", "deferred", "held", "fields_failed", "api_calls")
    lines = [f"{'operation':18}{'system':12}{'object':14}{'status':12}" + "".join(f"{name[:8]:>9}" for name in names)]
    for b in batches:
        lines.append(
            f"{b.operation:18}{b.system:12}{b.object:14}{b.status:12}"
            + "".join(f"{b.counts[name]:>9}" for name in names)
            + (f"  {b.error}" if b.error else "")
        )
    return "\n".join(lines)

"""Milestones that people make in Salesforce end as conversions that Google counts, through a real Airflow and both of Google's APIs."""

import os
import re
import shutil
import signal
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from ruamel.yaml import YAML
from scripts.local_airflow import MAPPINGS
from sqlalchemy import create_engine, select, text
from tests.airflow_instance import connected
from tests.integration.test_backfill import backfill, forget_backfills
from tests.integration.world import until

from lockstep.store import conversions, tables

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]

ACCOUNT = "2223334445"
#: of nobody else, so that they are found wherever they are told
PERSON = {"LastName": "Unmistakable", "Email": "jane.unmistakable@marked.example", "Phone": "+47 412 98 765"}
MARKS = re.compile(r"unmistakable|marked\.example|412 ?98 ?765", re.IGNORECASE)
CONVERSIONS = {"objects": ["conversions"]}


class Shop:
    """People who came by ads, in an organisation where nobody else is."""

    def __init__(self, world, folder):
        self.world, self.act, self.number = world, world.sandbox.act, 0
        self.file = Path(shutil.copytree(MAPPINGS, folder / "mappings")) / "conversions.yaml"
        world.use_mappings(self.file.parent)

    def backend(self, name):
        yaml = YAML(typ="safe")
        yaml.dump(yaml.load(self.file) | {"backend": name}, self.file)

    def make(self, name, **fields):
        """A record of somebody who clicked an ad; two days old, so that Google takes a conversion of it today."""
        self.number += 1
        gclid = f"Cj0KCQ{self.number:056}"
        at = (datetime.now(UTC) - timedelta(days=3)).replace(microsecond=0)
        self.act("google_ads", "add_click", customer=ACCOUNT, at=at.isoformat(), gclid=gclid)
        with self.days_ago(2):
            return self.act("salesforce", "create", object=name, fields={"GCLID__c": gclid, **fields})["Id"]

    @contextmanager
    def days_ago(self, days):
        self.world.sandbox.admin("POST", "clock", {"advance": -86_400 * days})
        yield
        self.world.sandbox.admin("POST", "clock", {"advance": 86_400 * days})

    def lead(self):
        return self.make("Lead", Company="Acme", **PERSON)

    def deal(self):
        return self.make("Opportunity", Name="Big deal", StageName="Prospecting", CloseDate="2030-01-01", Amount=100)

    def work(self, lead):
        self.act("salesforce", "edit", object="Lead", id=lead, fields={"Status": "Working - Contacted"})

    def win(self, deal):
        self.act("salesforce", "edit", object="Opportunity", id=deal, fields={"StageName": "Closed Won", "Amount": 250})

    def hide(self, *fields):
        self.world.sandbox.admin("POST", "salesforce/settings", {"hidden_fields": fields})

    def counted(self):
        """(record, action, value) of each conversion that Google holds."""
        found = self.world.sandbox.admin("GET", "google_ads/conversions")
        return sorted((one["order_id"][:18], one["action"], one["value"]) for one in found)

    def rows(self):
        with self.world.store.reading() as tx:
            return {one.record_id: one for one in conversions.all_of(tx)}

    def uploads(self):
        calls = self.world.sandbox.calls("google_ads")
        return sum(one["path"].endswith(("IngestEvents", "UploadClickConversions")) for one in calls)


@pytest.fixture
def shop(airflow, sqlite_url, tmp_path):
    with connected(airflow, sqlite_url, "empty") as world:
        yield Shop(world, tmp_path)
        world.use_mappings(MAPPINGS)


def test_each_conversion_is_there_exactly_once(shop, airflow):
    """GA-00, GA-21, GA-27: found and sent through both APIs, run twice, killed after the request was sent, backfilled."""
    world = shop.world
    world.sandbox.admin("POST", "google_ads/settings", {"processing_seconds": 0})
    lead, deal, killed = shop.lead(), shop.deal(), shop.lead()
    preflight_fails_until_it_is_mended(shop)

    with shop.days_ago(1):
        shop.work(lead)
        shop.win(deal)
    for dag_id in ("pull_conversions", "push_updates"):
        assert world.run(dag_id, **CONVERSIONS)[1] == "success"
    expected = [(deal, "700004", 250.0), (lead, "700002", 0.0)]
    assert shop.counted() == sorted(expected)
    assert {one.state for one in shop.rows().values()} == {"pending"}, "taken is not counted"

    shop.backend("google_ads")
    shop.work(killed)
    run_id = push_that_is_killed(shop, killed)
    (task,) = [one for one in airflow.tasks("push_updates", run_id) if one["try_number"] == 2]
    assert task["task_id"] == "apply"
    expected.append((killed, "700002", 0.0))
    assert shop.counted() == sorted(expected)
    rows = shop.rows()
    assert {one.state for one in rows.values()} == {"accepted"}
    assert [str(rows[one].backend) for one in (lead, deal, killed)] == ["data_manager", "data_manager", "google_ads"]

    sent = shop.uploads()
    yesterday = (datetime.now(UTC) - timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    runs = backfill(world, "pull_conversions", yesterday, 1, dag_run_conf=CONVERSIONS)
    assert [state for *_, state in runs] == ["success"]
    forget_backfills(world, "pull_conversions")
    assert world.run("push_updates", **CONVERSIONS)[1] == "success"
    assert (shop.uploads(), shop.rows(), shop.counted()) == (sent, rows, sorted(expected))
    nothing_personal_is_told(shop, airflow)


def preflight_fails_until_it_is_mended(shop):
    """GA-E13: a run of its own, by hand."""
    shop.hide("Lead.GCLID__c")
    run_id, state = shop.world.run("preflight")
    assert state == "failed"
    assert "lead_gclid_missing" in shop.world.logs("preflight", run_id, "preflight")
    shop.hide()
    run_id, state = shop.world.run("preflight", relink=True)
    assert state == "success"
    assert shop.world.xcom("preflight", run_id, "preflight")["return_value"] == []


def push_that_is_killed(shop, record):
    """Google takes the request, and the task is killed before it has the answer."""
    world = shop.world
    assert world.run("pull_conversions", **CONVERSIONS)[1] == "success"
    fault = {"vendor": "google_ads", "path": "UploadClickConversions", "kind": "commit_then_delay", "seconds": 100}
    world.sandbox.admin("POST", "faults", fault)
    run_id = world.trigger("push_updates", **CONVERSIONS)
    until(lambda: record in {one for one, *_ in shop.counted()}, "the request is taken")
    os.kill(until(lambda: sending(world, run_id), "no other task runs"), signal.SIGKILL)
    assert shop.rows()[record].state == "sent"
    world.sandbox.heal()
    assert world.airflow.wait("push_updates", run_id, 300) == "success"
    return run_id


def sending(world, run_id):
    """The process of the task that waits for Google, once the one that asks for verdicts is done."""
    running = [one["pid"] for one in world.airflow.tasks("push_updates", run_id) if one["state"] == "running"]
    return running[0] if len(running) == 1 else None


def nothing_personal_is_told(shop, airflow):
    """Neither in logs, nor in XCom, nor in what the ledger says."""
    logs = [path for path in (airflow.home / "logs").rglob("*.log") if MARKS.search(path.read_text(errors="replace"))]
    assert logs == []
    engine = create_engine(airflow.env["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
    with engine.connect() as db:
        entries = [tuple(row) for row in db.execute(text("SELECT dag_id, task_id, key, value FROM xcom"))]
    engine.dispose()
    assert {"pull_conversions", "push_updates", "preflight"} <= {dag_id for dag_id, *_ in entries}
    assert [one for one in entries if MARKS.search(str(one))] == []
    with shop.world.store.reading() as tx:
        for table in (tables.run, tables.batch, tables.change, tables.conversion, tables.upload, tables.preflight):
            told = [str(dict(row)) for row in tx.execute(select(table)).mappings()]
            assert [one for one in told if MARKS.search(one)] == []
        assert any(tx.execute(select(tables.conversion.c.people)).scalars()), "there is somebody to be told of"

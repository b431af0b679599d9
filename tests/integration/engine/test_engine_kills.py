"""A task that is killed loses nothing and does nothing twice: a retry, or else the next run, ends where all would have ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.integration.engine.people import a_busy_quarter
from tests.integration.engine.world import on_both

from lockstep.model import CYCLE_STEPS, BatchStatus, PairState, Step
from lockstep.store import ledger

ROOT = Path(__file__).parents[3]


def kill(world, step, run_id, window, point, nth, kind="scheduled", page=1_000):
    """Run a step in a process of its own and kill it with signal 9 at that point."""
    order = {
        "endpoints": world.sandbox.endpoints, "store": world.engine.store.engine.url.render_as_string(hide_password=False),
        "step": step, "run_id": run_id, "kind": kind, "window": [window.start.isoformat(), window.end.isoformat()],
        "point": point, "nth": nth, "chunk": 7, "page": page,
    }  # fmt: skip
    path = os.pathsep.join(str(ROOT / one) for one in ("plugins", "include", "."))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.integration.engine.killed_step", json.dumps(order)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": path},
    )  # fmt: skip
    try:
        assert process.stdout.readline() == "held\n", process.stderr.read()
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    finally:
        process.kill()
        process.communicate()


def interrupted_cycle(world, step, point, nth, retried, **options):
    """A cycle in which one step is killed. Not retried: the whole machine is gone, the cycle ends there."""
    world.settings("salesforce", page_size_max=2)
    world.wait()
    window, name = world.window(), world.now.strftime("%H%M")
    for one in CYCLE_STEPS:
        if one is step:
            kill(world, one, f"{one}:{name}", window, point, nth, **options)
            if not retried:
                return
        world.engine.errors.clear()
        world.history.append(world.step(one, f"{one}:{name}", window=window))
        assert world.engine.errors == {}


@pytest.fixture(scope="session")
def undisturbed(request):
    """The end state of the busy quarter when nothing goes wrong; the same for all kills."""
    return {}


def end_without_a_kill(world_at, database, known):
    if database not in known:
        with world_at("synced") as world:
            a_busy_quarter(world)
            for _ in range(3):
                world.cycle()
                assert world.engine.errors == {}
            known[database] = world.end_state()
    return known[database]


PULL, PUSH, KEYS = Step.PULL_UPDATES, Step.PUSH_UPDATES, Step.UPDATE_FOREIGN_KEYS
RETRIED = [(PULL, "page read", 2), (PUSH, "chunk planned", 2), (KEYS, "vendor committed", 1)]
RETRIED_SLOW = [(PUSH, "all planned", 1), (PUSH, "about to send", 1), (PUSH, "outcomes noted", 3)]
RETRIED_SLOW += [(PUSH, "vendor committed", nth) for nth in range(2, 8)]
LEFT = [(PUSH, "vendor committed", 1)]
LEFT_SLOW = [
    (PULL, "page read", 3),
    (PUSH, "chunk planned", 2),
    (PUSH, "about to send", 1),
    (KEYS, "vendor committed", 1),
]
LEFT_SLOW += [(PUSH, "vendor committed", nth) for nth in range(2, 8)]


def some(fast, slow):
    cases = [pytest.param(*one, id="-".join(map(str, one))) for one in fast]
    cases += [pytest.param(*one, id="-".join(map(str, one)), marks=pytest.mark.slow) for one in slow]
    return pytest.mark.parametrize(("step", "point", "nth"), cases)


def no_twins(world):
    """Nobody and nothing of the busy quarter is there twice."""
    made = (
        ("hs", "contacts", "email", "kari@busy.example"),
        ("hs", "contacts", "email", "ola@busy.example"),
        ("hs", "companies", "name", "Busy AS"),
        ("hs", "deals", "dealname", "Busy deal"),
        ("hs", "deals", "dealname", "Busy the other way"),
        ("sf", "Contact", "Email", "kari@busy.example"),
        ("sf", "Lead", "Email", "ola@busy.example"),
        ("sf", "Account", "Name", "Busy AS"),
        ("sf", "Opportunity", "Name", "Busy deal"),
        ("sf", "Opportunity", "Name", "Busy the other way"),
    )
    for side, name, field, value in made:
        records = [one.get("properties", one) for one in getattr(world, side)(name).values()]
        assert sum(record.get(field) == value for record in records) == 1, (name, value)


def balanced(world):
    """Every batch of the ledger has ended and adds up, and no change is without an outcome."""
    with world.engine.store.reading() as tx:
        batches = [batch for run in ledger.runs(tx, limit=1000) for batch in ledger.batches(tx, run.id)]
    assert [b for b in batches if b.status is BatchStatus.IN_PROCESS] == []
    for batch in batches:
        done = sum(batch.counts[one] for one in ("new", "updated", "deleted", "skipped", "failed", "deferred", "held"))
        assert batch.counts["read"] == done, batch
    assert world.changes(outcome=None) == []
    assert world.pairs(state=PairState.UNCONFIRMED) == []


@some(RETRIED, RETRIED_SLOW)
def test_a_killed_task_that_is_retried_ends_as_if_nothing_had_happened(
    step, point, nth, world_at, database, undisturbed
):
    expected = end_without_a_kill(world_at, database, undisturbed)
    with world_at("synced") as world:
        a_busy_quarter(world)
        interrupted_cycle(world, step, point, nth, retried=True, page=3)
        no_twins(world)
        for _ in range(2):
            world.cycle()
        assert world.engine.errors == {}
        assert world.end_state() == expected
        balanced(world)


@some(LEFT, LEFT_SLOW)
def test_a_killed_run_that_nobody_retries_is_settled_by_the_next(step, point, nth, world_at, database, undisturbed):
    expected = end_without_a_kill(world_at, database, undisturbed)
    with world_at("synced") as world:
        a_busy_quarter(world)
        interrupted_cycle(world, step, point, nth, retried=False, page=3)
        for _ in range(2):
            world.cycle()
        assert world.engine.errors == {}
        no_twins(world)
        assert world.end_state() == expected


@on_both
def test_a_push_that_is_killed_after_the_vendor_committed_makes_no_twins(world_at, database, undisturbed):
    test_a_killed_task_that_is_retried_ends_as_if_nothing_had_happened(
        PUSH, "vendor committed", 1, world_at, database, undisturbed
    )

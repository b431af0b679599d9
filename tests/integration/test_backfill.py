"""Real backfills: any order and any repetition end in the same state."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from tests.integration.world import until

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


ONE = {"objects": ["accounts-companies"]}


def busiest_days(world, days, within=400):
    """The first of so many days on which most records were changed last."""
    today = datetime.now(UTC).date()
    stamps = [record["SystemModstamp"] for record in world.sandbox.admin("GET", "salesforce/Account")]
    dates = [datetime.fromisoformat(str(stamp)).astimezone(UTC).date() for stamp in stamps]
    starts = {today - timedelta(days=n) for n in range(days, within)}
    best = max(sorted(starts), key=lambda start: sum(start <= date < start + timedelta(days=days) for date in dates))
    return datetime(best.year, best.month, best.day, tzinfo=UTC)


def backfill(world, dag_id, start, days, **options):
    """Start a backfill through the API and wait for all of its runs. Returns the windows of its runs."""
    body = {
        "dag_id": dag_id,
        "from_date": start.isoformat(),
        "to_date": (start + timedelta(days=days - 1)).isoformat(),
        "max_active_runs": 2,
        "reprocess_behavior": "none",
        "run_backwards": False,
        "dag_run_conf": {},
        **options,
    }
    made = world.airflow.api("POST", "backfills", body)
    until(lambda: world.airflow.api("GET", f"backfills/{made['id']}")["completed_at"], f"backfill of {dag_id}", 600)
    return finished(world, dag_id)


def finished(world, dag_id):
    runs = world.airflow.api("GET", f"dags/{dag_id}/dagRuns?run_type=backfill&limit=100")["dag_runs"]
    return [(run["data_interval_start"], run["data_interval_end"], run["state"]) for run in runs]


def coverage_of(world):
    from sqlalchemy import select

    from lockstep.store.tables import coverage

    with world.store.reading() as tx:
        return tx.execute(select(coverage)).all()


def forget_backfills(world, dag_id):
    for run in world.airflow.api("GET", f"dags/{dag_id}/dagRuns?run_type=backfill&limit=100")["dag_runs"]:
        world.airflow.api("DELETE", f"dags/{dag_id}/dagRuns/{run['dag_run_id'].replace('+', '%2B')}")


def test_days_again_and_backwards_equal_one_window(world, tmp_path):
    """One pair of objects: windows of all of them, and in any order, are tried without Airflow."""
    days, start = 2, busiest_days(world, 2)
    end = start + timedelta(days=days)
    world.prepare()
    run_id, state = world.run("pull_updates", window_start=start.isoformat(), window_end=end.isoformat(), **ONE)
    assert state == "success"
    assert {(batch.system, batch.object) for batch in world.batches("pull_updates", run_id)} == {
        ("salesforce", "Account"),
        ("hubspot", "companies"),
    }
    assert coverage_of(world) == [], "a window that a person gives moves no coverage"
    whole = world.mirror()
    assert whole

    world.fresh_store(tmp_path)
    runs = backfill(world, "pull_updates", start, days, dag_run_conf=ONE)
    assert [state for *_, state in runs] == ["success"] * days
    assert {tuple(map(datetime.fromisoformat, run[:2])) for run in runs} == {
        (start + timedelta(days=n), start + timedelta(days=n + 1)) for n in range(days)
    }
    assert world.mirror() == whole

    backfill(world, "pull_updates", start, days, dag_run_conf=ONE, reprocess_behavior="completed")
    assert world.mirror() == whole

    forget_backfills(world, "pull_updates")
    world.fresh_store(tmp_path)
    runs = backfill(world, "pull_updates", start, days, dag_run_conf=ONE, run_backwards=True)
    assert [state for *_, state in runs] == ["success"] * days
    assert world.mirror() == whole
    forget_backfills(world, "pull_updates")


def test_a_cycle_is_backfilled_by_the_command_line_and_hands_its_window_on(world):
    start = busiest_days(world, 1, within=14)  # Salesforce tells of deletes no longer than that
    day = start.date().isoformat()
    world.airflow.cli(
        "backfill", "create", "--dag-id", "sync_cycle", "--from-date", day, "--to-date", day,
        "--dag-run-conf", json.dumps(ONE | {"systems": ["salesforce"]}),
    )  # fmt: skip
    runs = until(lambda: all_done(finished(world, "sync_cycle"), 1), "backfill of sync_cycle", 600)
    assert [state for *_, state in runs] == ["success"]
    windows = {
        (b.window_from, b.window_to) for b in world.batches() if b.run_id.startswith("pull_updates:cycle__backfill")
    }
    assert windows == {(start, start + timedelta(days=1))}
    forget_backfills(world, "sync_cycle")


def all_done(runs, number):
    return runs if len(runs) == number and all(state in ("success", "failed") for *_, state in runs) else None

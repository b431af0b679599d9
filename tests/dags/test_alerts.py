"""People are told once per change of state, in words, without personal data."""

from datetime import UTC, datetime

import pytest

from lockstep import errors
from lockstep.model import BatchStatus, Operation, Step, Window
from lockstep.store import Store, ledger
from lockstep_airflow import alerts

STEP, CYCLE_RUN = "pull_updates", "cycle__scheduled__2026-03-01T00:00:00+00:00"


@pytest.fixture
def store(sqlite_url):
    opened = Store(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def sent():
    return []


@pytest.fixture
def send(sent):
    return lambda message: sent.append(message) or True


def failure(code="vendor_unavailable", dag_id=STEP, run_id=CYCLE_RUN, error="no answer"):
    return alerts.Failure(dag_id, run_id, f"{dag_id}.pull", error, "Wait.", code, "http://airflow/log")


def batch_of(store, run_id=CYCLE_RUN, step=STEP, read=100, failed=7, error_code=None, error=None):
    with store.writing() as tx:
        window = Window(None, datetime(2026, 3, 1, tzinfo=UTC))
        ledger.open_run(tx, f"{step}:{run_id}", Step(step), "scheduled", window, "hash")
        batch = ledger.open_batch(tx, f"{step}:{run_id}", "hubspot", "contacts", Operation.PULL_UPDATES)
        ledger.add_counts(tx, batch, read=read, failed=failed, skipped=read - failed)
        ledger.close_batch(tx, batch, BatchStatus.FAILED if error_code else None, error_code, error)


def test_the_same_failure_alerts_once(store, sent, send):
    for _ in range(3):
        alerts.failed(store, failure(), send)
    assert len(sent) == 1


def test_another_kind_of_failure_alerts_again(store, sent, send):
    alerts.failed(store, failure("vendor_unavailable"), send)
    alerts.failed(store, failure("authentication"), send)
    alerts.failed(store, failure("vendor_unavailable"), send)
    assert [m.body.split("[")[1].split("]")[0] for m in sent] == ["vendor_unavailable", "authentication"]


def test_the_steps_of_a_cycle_share_one_state(store, sent, send):
    for step in ("pull_updates", "pull_deletes", "push_updates"):
        alerts.failed(store, failure("config", dag_id=step), send)
    alerts.failed(store, failure(None, dag_id="sync_cycle", run_id="scheduled__x"), send)
    assert len(sent) == 1


def test_a_step_that_was_run_alone_has_its_own_state(store, sent, send):
    alerts.failed(store, failure("config"), send)
    alerts.failed(store, failure("config", run_id="manual__1"), send)
    assert len(sent) == 2


def test_a_failure_of_unknown_cause_alerts_if_nothing_else_did(store, sent, send):
    alerts.failed(store, failure(None), send)
    alerts.failed(store, failure(None), send)
    assert len(sent) == 1


def test_recovery_is_told_once_and_by_the_cycle(store, sent, send):
    alerts.failed(store, failure("config"), send)
    alerts.succeeded(store, STEP, CYCLE_RUN, send)
    assert len(sent) == 1
    alerts.succeeded(store, "sync_cycle", "scheduled__2", send)
    alerts.succeeded(store, "sync_cycle", "scheduled__3", send)
    assert [m.severity for m in sent] == ["failure", "success"]
    assert "config" in sent[1].body
    alerts.failed(store, failure("config"), send)
    assert [m.severity for m in sent] == ["failure", "success", "failure"]


def test_success_without_trouble_before_says_nothing(store, sent, send):
    alerts.succeeded(store, "sync_cycle", "scheduled__1", send)
    assert sent == []


def test_a_late_cycle_is_told_once_and_over_when_one_is_done(store, sent, send):
    alerts.late(store, "sync_cycle", "scheduled__1", 60, send)
    alerts.late(store, "sync_cycle", "scheduled__2", 60, send)
    alerts.succeeded(store, "sync_cycle", "scheduled__2", send)
    assert [m.severity for m in sent] == ["warning", "success"]
    assert "60 minutes" in sent[0].body


def test_an_alert_that_could_not_be_sent_is_tried_again(store, sent, send):
    alerts.failed(store, failure(), lambda message: False)
    alerts.failed(store, failure(), send)
    assert len(sent) == 1


def test_the_text_says_what_how_many_why_where_and_what_to_do(store, sent, send):
    batch_of(store)
    alerts.failed(store, failure(), send)
    body = sent[0].body
    assert f"{STEP}.pull" in body
    assert "7 rejected of 100 handled" in body
    assert "no answer [vendor_unavailable]" in body
    assert "What to do: Wait." in body
    assert "http://airflow/log" in body
    assert "/plugin/sync_status/sync-status/?dag_id=pull_updates&run_id=cycle__scheduled" in body


def test_addresses_in_a_vendors_words_are_left_out(store, sent, send):
    alerts.failed(store, failure(error="Duplicate: <ada.lovelace@example.co.uk> exists"), send)
    assert "ada" not in sent[0].body
    assert "(e-mail address)" in sent[0].body


def test_the_cause_is_taken_from_the_engines_error():
    code, error, hint = alerts.describe(errors.AuthenticationError("refused", hint="Renew the token."), [])
    assert (code, error, hint) == ("authentication", "refused", "Renew the token.")
    assert alerts.describe(errors.VendorUnavailable("down"), [])[2]


def test_the_text_of_a_foreign_exception_is_not_told():
    code, error, _ = alerts.describe(KeyError("ada@example.com"), [])
    assert (code, error) == ("internal", "Unexpected KeyError.")


def test_a_killed_task_is_explained_by_the_ledger(store):
    batch_of(store, error_code="vendor_unavailable", error="HubSpot did not answer.")
    found = alerts.batches_of(store, STEP, CYCLE_RUN)
    assert alerts.describe(None, found)[:2] == ("vendor_unavailable", "HubSpot did not answer.")
    assert alerts.describe(errors.RunFailed("did not finish"), found)[0] == "vendor_unavailable"
    assert alerts.describe(None, [])[0] is None

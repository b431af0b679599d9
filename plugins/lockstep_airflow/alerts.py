"""What people are told of trouble, and whether they know it already.

The state of a *scope* (the cycle with its steps, or a step that was run alone) is kept in the store as the set of error
codes it fails with. A code that joins the set alerts, one that is in it does not, a success empties it and says so. Texts
hold counts, codes and messages of the engine, never values of records.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from lockstep.errors import LockstepError, RunFailed, kind_of
from lockstep.model import Batch
from lockstep.store import Store, alerts, ledger
from lockstep_airflow.links import ledger_run_id, status_url

CYCLE = "sync_cycle"
OK, FAILED, LATE = "ok", "failed", "late"

_ADDRESS = re.compile(r"[^\s@<>\"']+@[^\s@<>\"']+\.[a-zA-Z]{2,}")


@dataclass(frozen=True, slots=True)
class Message:
    """`severity`: failure, warning or success, as Apprise calls them."""

    title: str
    body: str
    severity: str


@dataclass(frozen=True, slots=True)
class Failure:
    """One failed task or run. `code` None: a consequence of another failure, as far as one can tell here."""

    dag_id: str
    run_id: str
    what: str
    error: str
    hint: str
    code: str | None
    log_url: str | None = None


def scope_of(dag_id: str, run_id: str) -> str:
    return CYCLE if run_id.startswith("cycle__") else dag_id


def describe(exception: object, batches: list[Batch]) -> tuple[str | None, str, str]:
    """(code, error in words, what to do). A foreign exception's text may hold anything: only its kind is told."""
    blamed = next((batch for batch in batches if batch.error_code), None)
    if isinstance(exception, RunFailed):
        code = blamed.error_code if blamed and blamed.error_code else exception.code
        return code, exception.message, _remedy(code, exception.hint)
    if isinstance(exception, LockstepError):
        return exception.code, exception.message, _remedy(exception.code, exception.hint)
    if blamed:
        return blamed.error_code, blamed.error or str(blamed.error_code), _remedy(blamed.error_code)
    if exception is None or type(exception).__name__ in ("AirflowFailException", "AirflowException", "str"):
        return None, "The task failed or was killed.", "Read the task's log; clear the task to try it again."
    return "internal", f"Unexpected {type(exception).__name__}.", _remedy("internal")


def _remedy(code: str | None, hint: str = "") -> str:
    return hint or kind_of(code or "internal").remedy


def batches_of(store: Store, dag_id: str, run_id: str) -> list[Batch]:
    with store.reading() as tx:
        return list(ledger.batches(tx, ledger_run_id(dag_id, run_id)))


def failed(store: Store, failure: Failure, send: Callable[[Message], bool]) -> None:
    """Tell it, unless the scope is known to fail with this code. What could not be sent counts as not told."""
    key, now = f"run:{scope_of(failure.dag_id, failure.run_id)}", datetime.now(UTC)
    with store.writing() as tx:
        before = alerts.transition(tx, key, FAILED, now)
        known = _codes(before)
        news = failure.code not in known if failure.code else not known
        alerts.transition(tx, key, _state(known | ({failure.code or "task_failed"} if news else set())), now)
    if news and not send(failure_message(failure, batches_of(store, failure.dag_id, failure.run_id))):
        with store.writing() as tx:
            alerts.transition(tx, key, before or OK, now)


def succeeded(store: Store, dag_id: str, run_id: str, send: Callable[[Message], bool]) -> None:
    """Say that it works again, if people were told that it did not. A cycle speaks for its steps."""
    scope = scope_of(dag_id, run_id)
    if scope == CYCLE and dag_id != CYCLE:
        return
    recovered = _recover(store, f"run:{scope}")
    late = _recover(store, f"late:{scope}") if scope == CYCLE else None
    if recovered or late:
        send(recovery_message(dag_id, run_id, _codes(recovered), late=bool(late)))


def late(store: Store, dag_id: str, run_id: str, minutes: int, send: Callable[[Message], bool]) -> None:
    """A cycle that is not done in time; told once until one is."""
    with store.writing() as tx:
        before = alerts.transition(tx, f"late:{dag_id}", LATE, datetime.now(UTC))
    if before != LATE and not send(late_message(dag_id, run_id, minutes)):
        with store.writing() as tx:
            alerts.transition(tx, f"late:{dag_id}", before or OK, datetime.now(UTC))


def _recover(store: Store, key: str) -> str | None:
    with store.writing() as tx:
        before = alerts.transition(tx, key, OK, datetime.now(UTC))
    return before if before not in (None, OK) else None


def _state(codes: set[str]) -> str:
    return f"{FAILED}:{','.join(sorted(codes))}"


def _codes(state: str | None) -> set[str]:
    return (
        set((state or "").removeprefix(f"{FAILED}:").split(",")) - {""} if (state or "").startswith(FAILED) else set()
    )


def failure_message(failure: Failure, batches: list[Batch]) -> Message:
    """What failed, how many records, the first error in words, what to do, where to look."""
    read = sum(batch.counts.get("read", 0) for batch in batches)
    bad = sum(batch.counts.get("failed", 0) for batch in batches)
    lines = [
        f"What: {failure.what} (run {failure.run_id})",
        f"Records: {bad} rejected of {read} handled, in {len(batches)} batches" if batches else "Records: none handled",
        f"Error: {scrubbed(failure.error)}" + (f" [{failure.code}]" if failure.code else ""),
        f"What to do: {scrubbed(failure.hint)}",
        f"Sync Status: {status_url(failure.dag_id, failure.run_id)}",
    ]
    if failure.log_url:
        lines.append(f"Log: {failure.log_url}")
    return Message(f"Lockstep: {failure.dag_id} failed", "\n".join(lines), "failure")


def recovery_message(dag_id: str, run_id: str, codes: set[str], *, late: bool) -> Message:
    over = [*sorted(codes), *(["late"] if late else [])]
    body = (
        f"{dag_id} succeeded again (run {run_id}). Over: {', '.join(over)}.\nSync Status: {status_url(dag_id, run_id)}"
    )
    return Message(f"Lockstep: {dag_id} works again", body, "success")


def late_message(dag_id: str, run_id: str, minutes: int) -> Message:
    lines = [
        f"What: {dag_id} is not done {minutes} minutes after it was queued (run {run_id})",
        "What to do: see which step is running; a first full load, a vendor's rate limit or missing slots take time.",
        f"Sync Status: {status_url(dag_id, run_id)}",
    ]
    return Message(f"Lockstep: {dag_id} is late", "\n".join(lines), "warning")


def scrubbed(text: str) -> str:
    """Without e-mail addresses: a vendor's own words may quote one."""
    return _ADDRESS.sub("(e-mail address)", text)

"""What all DAGs have in common: params (the trigger form), retries, callbacks, deadline."""

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.sdk import AsyncCallback, DeadlineAlert, DeadlineReference, Param

from lockstep_airflow import notify
from lockstep_airflow.retries import EngineRetries, TriggerRetries

#: in the order in which a cycle runs them
STEPS = ("sync_schema", "pull_updates", "pull_deletes", "pull_conversions", "push_updates", "update_foreign_keys")
TAG = "lockstep"
#: older than any record: Airflow runs no task for a date before it, so it must not bound backfills
BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)


def _setting(name: str, default: int) -> int:
    raw = os.environ.get(name) or default
    try:
        return int(raw)
    except ValueError:
        raise ValueError(f"{name} is {raw!r}; give a whole number.") from None


def step_dag(doc: str | None, **more: Param) -> dict[str, Any]:
    """Arguments of a step's DAG; `more`: params of its own."""
    shared = _shared()
    return {
        "doc_md": doc,
        "max_active_runs": 1,
        "tags": [TAG, "step"],
        "default_args": _task_defaults(EngineRetries()),
        **shared,
        "params": shared["params"] | more,
    }


def operation_dag(doc: str | None, **more: Param) -> dict[str, Any]:
    """Arguments of the DAG of an operation, which a person starts when it is needed."""
    return step_dag(doc, **more) | {"tags": [TAG, "operation"]}


def cycle_dag(doc: str | None) -> dict[str, Any]:
    """Arguments of the controller's DAG. A cycle that is not done in time alerts (`LOCKSTEP_LATE_MINUTES`)."""
    late = DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=timedelta(minutes=notify.late_minutes()),
        callback=AsyncCallback(notify.cycle_late),
        name="cycle_late",
    )
    return {
        "doc_md": doc,
        "max_active_runs": 1,
        "deadline": [late],
        "tags": [TAG],
        "default_args": _task_defaults(TriggerRetries()),
        **_shared(),
    }


def _shared() -> dict[str, Any]:
    return {
        "start_date": BEGINNING,
        "catchup": False,
        "params": params(),
        "on_failure_callback": notify.run_failed,
    }


def _task_defaults(retries: EngineRetries) -> dict[str, Any]:
    return {
        "owner": "lockstep",
        "retries": _setting("LOCKSTEP_RETRIES", 2),
        "retry_delay": timedelta(seconds=_setting("LOCKSTEP_RETRY_SECONDS", 60)),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(minutes=15),
        "retry_policy": retries,
        "execution_timeout": timedelta(minutes=_setting("LOCKSTEP_TASK_MINUTES", 360)),
        "on_failure_callback": notify.task_failed,
    }


def params() -> dict[str, Param]:
    """The trigger form, the same for every DAG, so that a cycle can hand its own to the steps."""
    return {
        "objects": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Objects",
            description="Mappings to take part, by name, such as `people`; `conversions` for Google Ads. Empty: all.",
        ),
        "systems": Param(
            [],
            type="array",
            items={"type": "string", "enum": ["salesforce", "hubspot"]},
            examples=["salesforce", "hubspot"],
            title="Systems",
            description="Systems to read from. Empty: all. Pushes always write to both.",
        ),
        "window_start": _date("From", "Read what changed since this time. Empty: since the last run. UTC."),
        "window_end": _date("To", "Read what changed before this time. Empty, with From given: now."),
        "limit": Param(
            0,
            type="integer",
            minimum=0,
            title="Record limit",
            description="At most this many records per object. 0: no limit.",
        ),
        "dry_run": Param(
            False,
            type="boolean",
            title="Dry run",
            description="Plan and list the changes, but write nothing to a vendor.",
        ),
        **_words_of_people(),
    }


def _words_of_people() -> dict[str, Param]:
    """What somebody allows the run, or has decided."""
    return {
        "failure_threshold": Param(
            None,
            type=["null", "number"],
            minimum=0,
            maximum=1,
            title="Failure threshold",
            description="The run fails if more than this share of its records was rejected (0.05 = 5 %). "
            "Empty: as the settings say.",
        ),
        "override_guards": Param(
            [],
            type="array",
            items={"type": "string"},
            title="Override guards",
            description="Safety limits that a person has checked and lifts for this run: names from the refusal's message.",
        ),
        "decision": Param(
            [],
            type="array",
            items={"type": "integer"},
            title="Decisions",
            description="Ids of decisions that people made in Sync Status and that this run was started for; the run is refused "
            "if one of them does not exist. Decisions that are still open are obeyed by any run.",
        ),
    }


#: names of a decision -> what the form says of them (docs/operations.md, decisions of people)
_OF_DECISIONS = {
    "pair_id": "The pair: resync, choose.",
    "run_id": "The ledger's id of a run: approve, undo.",
    "system": "salesforce or hubspot: resync, match, erase, allocation, clear_suspension.",
    "object": "An object of that system, or a mapping: resync, match, erase, pause, resume.",
    "record_id": "A record of that object: resync, match, erase.",
    "field": "A field of the mapping: choose.",
    "choice": "What is chosen: resync, choose, match.",
    "value": "A value, a partner's id, a batch, a change, a code, or a number of calls.",
    "note": "Why, for those who read it later.",
}


def decision_params() -> dict[str, Param]:
    """The form of a person's decision."""
    kinds = [
        "approve",
        "resync",
        "choose",
        "match",
        "undo",
        "erase",
        "pause",
        "resume",
        "allocation",
        "clear_suspension",
    ]
    return {
        "kind": Param("approve", type="string", enum=kinds, title="Kind", description="What is decided."),
        **{
            name: Param(None, type=["null", "string"], title=name.replace("_", " ").capitalize(), description=words)
            for name, words in _OF_DECISIONS.items()
        },
    }


def _date(title: str, description: str) -> Param:
    return Param(None, type=["null", "string"], format="date-time", title=title, description=description)

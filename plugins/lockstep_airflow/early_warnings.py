"""Alerts about runs that are green: a kind of rejection that was not there before, and mappings that fall behind.

Like failures, they are told once (see `alerts`): a kind again only when no run has met it for a day, a mapping that is
behind until it has caught up.
"""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from lockstep.errors import kind_of
from lockstep.steps.freshness import Behind
from lockstep.store import Store, alerts, ledger
from lockstep_airflow.alerts import OK, Message
from lockstep_airflow.links import ledger_run_id, status_url

FORGOTTEN_AFTER = timedelta(days=1)
BEHIND = "behind"

#: kinds that one message names
NAMED = 5

Send = Callable[[Message], bool]


def rejections(store: Store, dag_id: str, run_id: str, send: Send) -> None:
    """Tell of the kinds of rejection (object and code) that earlier runs of the step did not meet."""
    now, key = datetime.now(UTC), f"rejected:{dag_id}"
    with store.writing() as tx:
        met = ledger.rejected_kinds(tx, ledger_run_id(dag_id, run_id))
        known = _known(alerts.state(tx, key), now)
        news = {kind: number for kind, number in met.items() if _name(kind) not in known}
        alerts.transition(tx, key, json.dumps(known | {_name(one): now.isoformat() for one in met}), now)
    if news and not send(_rejected(dag_id, run_id, news)):
        with store.writing() as tx:
            alerts.transition(tx, key, json.dumps(known), now)


def behind(store: Store, found: list[Behind], entities: list[str], send: Send) -> None:
    """Tell of mappings that are further behind than they may be, and of those that have caught up."""
    late = {one.entity: one for one in found}
    for entity in entities:
        key, now = f"{BEHIND}:{entity}", datetime.now(UTC)
        with store.writing() as tx:
            before = alerts.transition(tx, key, BEHIND if entity in late else OK, now)
        if entity in late and before != BEHIND:
            told = send(_behind(late[entity]))
        elif entity not in late and before == BEHIND:
            told = send(
                Message(f"Lockstep: {entity} has caught up", f"All changes of {entity} arrive in time.", "success")
            )
        else:
            continue
        if not told:
            with store.writing() as tx:
                alerts.transition(tx, key, before or OK, now)


def _known(state: str | None, now: datetime) -> dict[str, str]:
    """Kind -> when a run last met it."""
    found: dict[str, str] = json.loads(state) if state else {}
    return {name: at for name, at in found.items() if now - datetime.fromisoformat(at) < FORGOTTEN_AFTER}


def _name(kind: tuple[str, str]) -> str:
    return ":".join(kind)


def _rejected(dag_id: str, run_id: str, news: Mapping[tuple[str, str], int]) -> Message:
    lines = [f"What: records were rejected for a reason that is new (run {run_id}); all others are synced"]
    for (name, code), number in sorted(news.items(), key=lambda one: -one[1])[:NAMED]:
        kind = kind_of(code)
        lines.append(f"{name}: {number} x {code}. {kind.meaning} What to do: {kind.remedy}")
    if len(news) > NAMED:
        lines.append(f"And {len(news) - NAMED} kinds more.")
    lines.append(f"Sync Status: {status_url(dag_id, run_id)}")
    return Message(f"Lockstep: new rejections in {dag_id}", "\n".join(lines), "warning")


def _behind(one: Behind) -> Message:
    lines = [
        f"What: changes of {one.entity} since {one.fresh_to:%Y-%m-%d %H:%M} UTC may not have arrived: {one.minutes} minutes, "
        f"while the mapping allows {one.limit}",
        "What to do: see in Sync Status which read or push of it fails or waits; a guard may wait for a person.",
        f"Sync Status: {status_url('sync_cycle', '')}",
    ]
    return Message(f"Lockstep: {one.entity} is behind", "\n".join(lines), "warning")

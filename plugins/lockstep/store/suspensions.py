"""Systems that refused us altogether (HS-03), and what a person allots to each (HS-01): columns of `system_health`."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, or_, update

from lockstep.errors import AccessError, AuthenticationError, LockstepError, Suspended, VendorQuotaExhausted
from lockstep.store import tables as t
from lockstep.store.dialects import insert

API_LIMIT, API_ACCESS = "api_limit_exceeded", "api_access_disabled"
OBJECT_PERMISSIONS, UNKNOWN = "object_permissions", "unknown_error"

#: states in which the system is not called; the others are shown only
BLOCKING = (API_LIMIT, API_ACCESS)

#: the bucket of calls that only log in: they tell nothing about what we may do
LOGIN = "login"

#: longer than a call may take: whoever asked and has no answer yet was killed
ANSWERED_WITHIN = timedelta(minutes=3)

_CLEAR = dict.fromkeys(("suspended", "suspended_at", "suspended_words", "probed_by", "probed_at"))


def state_of(error: LockstepError) -> str | None:
    """The state into which an error puts its system; None: the system does its work."""
    match error:
        case Suspended():
            return None
        case VendorQuotaExhausted():
            return API_LIMIT
        case AuthenticationError():
            return API_ACCESS
        case AccessError():
            return API_ACCESS if "API_" in error.message else OBJECT_PERMISSIONS
        case _:
            return UNKNOWN if error.code == "internal" else None


def suspend(tx: Connection, system: str, state: str, words: str, run_id: str, at: datetime) -> None:
    """Suspend the system. The run that found out does not call it again. What only is shown hides no state in which the
    system is not called."""
    h = t.system_health.c
    news = {"suspended": state, "suspended_words": words, "probed_by": run_id, "probed_at": None}
    free = None if state in BLOCKING else or_(h.suspended.is_(None), h.suspended.not_in(BLOCKING))
    statement = insert(tx, t.system_health).values(system=system, suspended_at=at, **news)
    tx.execute(statement.on_conflict_do_update(index_elements=["system"], set_=news, where=free))
    tx.execute(update(t.system_health).where(h.system == system, h.suspended_at.is_(None)).values(suspended_at=at))


def clear(tx: Connection, system: str) -> bool:
    """Let it be called again; a quota that is said to be used up is asked about anew. True if it was suspended."""
    h = t.system_health.c
    found = tx.execute(update(t.system_health).where(h.system == system, h.suspended.is_not(None)).values(_CLEAR))
    tx.execute(update(t.system_health).where(h.system == system).values(told_at=None))
    return bool(found.rowcount)


def answered_well(tx: Connection, system: str) -> None:
    """It did what we asked: it is no longer suspended. Missing rights on an object show elsewhere."""
    h = t.system_health.c
    tx.execute(update(t.system_health).where(h.system == system, h.suspended.in_(BLOCKING)).values(_CLEAR))


def described_well(tx: Connection, system: str) -> None:
    """Every mapped object of it could be described: a right that was missing is there now, and what was unknown is over."""
    h = t.system_health.c
    tx.execute(update(t.system_health).where(h.system == system, h.suspended.not_in(BLOCKING)).values(_CLEAR))


def ask(tx: Connection, system: str, run_id: str, at: datetime) -> bool:
    """Take this run's one question to a suspended system. False if another call of the run has it, and may still get an
    answer."""
    h = t.system_health.c
    free = or_(h.probed_by.is_distinct_from(run_id), h.probed_at < at - ANSWERED_WITHIN)
    taken = update(t.system_health).where(h.system == system, h.suspended.in_(BLOCKING), free)
    return bool(tx.execute(taken.values(probed_by=run_id, probed_at=at)).rowcount)


def answered_badly(tx: Connection, system: str, status: int) -> None:
    """The question had an answer, and it was no; or it was lost (status 0), or failed there (500 and more): then the run
    may ask again."""
    unanswered = {"probed_by": None} if status == 0 or status >= 500 else {}
    asked = t.system_health.c.probed_at.is_not(None)
    statement = update(t.system_health).where(t.system_health.c.system == system, asked)
    tx.execute(statement.values(probed_at=None, **unanswered))


def allocate(tx: Connection, system: str, calls: int) -> None:
    """How many calls a person allots to the system per day, instead of the setting."""
    statement = insert(tx, t.system_health).values(system=system, allocation=calls)
    tx.execute(statement.on_conflict_do_update(index_elements=["system"], set_={"allocation": calls}))

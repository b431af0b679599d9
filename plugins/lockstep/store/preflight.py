"""What preflights found: since when, whether a change in Salesforce may still show, and whether anybody was told."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, RowMapping, func, select, update

from lockstep.conversions.findings import SHOWS_WITHIN, Blocked, Finding, Kept, Level, Severity, blocked_by
from lockstep.model import Operation
from lockstep.store import cache
from lockstep.store import tables as t
from lockstep.store.dialects import insert

_KEY = ("code", "account", "object", "milestone")
#: `cache` keys of systems whose link has worked, and of the moment of the last preflight
_WORKED, _CHECKED = "preflight:worked:", "preflight:checked"
_FOR_GOOD = timedelta(days=36_500)


def save(tx: Connection, found: Sequence[Finding], now: datetime, afresh: bool = False) -> None:
    """Keep this preflight's findings; those that are not among them are gone.

    `afresh`: somebody has mended something (or linked again), so the time within which Salesforce shows it begins now.
    """
    before = {one.finding.key: one for one in every(tx)}
    for one in found:
        old = before.get(one.key)
        anew = old is None or old.gone_at is not None
        since = now if old is None or anew else old.since
        waits = since if not afresh else now
        values = _encoded(one) | {
            "since": since,
            "seen_at": now,
            "waits_until": _until(one, old, anew or afresh, waits),
            "told_at": None if old is None or anew else old.told_at,
            "gone_at": None,
        }
        statement = insert(tx, t.preflight).values(values)
        rest = {name: value for name, value in values.items() if name not in _KEY}
        tx.execute(statement.on_conflict_do_update(index_elements=list(_KEY), set_=rest))
    gone = [key for key, one in before.items() if one.gone_at is None and key not in {f.key for f in found}]
    for key in gone:
        tx.execute(update(t.preflight).where(*_is(key)).values(gone_at=now))
    cache.put(tx, _CHECKED, now.isoformat(), now + _FOR_GOOD)


def _until(one: Finding, old: Kept | None, begins: bool, since: datetime) -> datetime | None:
    if one.vendor != "salesforce":
        return None
    return since + SHOWS_WITHIN if begins or old is None else old.waits_until


def _encoded(one: Finding) -> dict[str, object]:
    return {
        "code": one.code,
        "account": one.account,
        "object": one.object,
        "milestone": one.milestone,
        "level": one.level.value,
        "severity": one.severity.value,
        "vendor": one.vendor,
        "message": one.message,
        "fields": list(one.fields),
    }


def _is(key: tuple[str, str, str, str]) -> list[ColumnElement[bool]]:
    return [t.preflight.c[name] == value for name, value in zip(_KEY, key, strict=True)]


def every(tx: Connection) -> list[Kept]:
    """All that were ever found, those that are gone too, oldest first."""
    c = t.preflight.c
    return [_kept(row) for row in tx.execute(select(t.preflight).order_by(c.since, *(c[n] for n in _KEY))).mappings()]


def open(tx: Connection) -> list[Kept]:
    """What the last preflight found, oldest first."""
    return [one for one in every(tx) if one.gone_at is None]


def told(tx: Connection, some: Collection[Kept], now: datetime) -> None:
    """A run has failed for these: people know."""
    for one in some:
        tx.execute(update(t.preflight).where(*_is(one.finding.key)).values(told_at=now))


def blocked(tx: Connection) -> Blocked:
    """What is skipped today, and why."""
    return blocked_by(one.finding for one in open(tx))


def checked_at(tx: Connection, now: datetime) -> datetime | None:
    """When the last preflight was."""
    found = cache.get(tx, _CHECKED, now)
    return datetime.fromisoformat(found) if found else None


def worked(tx: Connection, system: str, now: datetime) -> bool:
    """Whether this system's link has ever worked."""
    return cache.get(tx, _WORKED + system, now) is not None


def worked_with(tx: Connection, system: str, now: datetime) -> str | None:
    """The organisation or account that this system's link last worked with."""
    found = cache.get(tx, _WORKED + system, now)
    return str(found["account"]) if found else None


def note_worked(tx: Connection, system: str, account: str, now: datetime) -> None:
    """`account`: the organisation or the Google Ads account."""
    cache.put(tx, _WORKED + system, {"account": account, "at": now.isoformat()}, now + _FOR_GOOD)


def failed_imports(tx: Connection) -> dict[str, str]:
    """Object -> the words of its newest import of milestones, where that failed."""
    c = t.batch.c
    newest = select(func.max(c.id)).where(c.operation == Operation.PULL_MILESTONES.value).group_by(c.object)
    query = select(c.object, c.error_code, c.error).where(c.id.in_(newest), c.status == "failed")
    return {name: words or code or "" for name, code, words in tx.execute(query)}


def _kept(row: RowMapping) -> Kept:
    finding = Finding(
        code=row["code"],
        level=Level(row["level"]),
        severity=Severity(row["severity"]),
        message=row["message"],
        account=row["account"],
        object=row["object"],
        milestone=row["milestone"],
        fields=tuple(row["fields"]),
        vendor=row["vendor"],
    )
    return Kept(finding, row["since"], row["seen_at"], row["waits_until"], row["told_at"], row["gone_at"])

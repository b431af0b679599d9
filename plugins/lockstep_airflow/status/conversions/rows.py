"""Conversions as plain values, for JSON and CSV. What a record holds (amounts, click ids) only for who may see values."""

from typing import Any

from lockstep.conversions.reconciliation import Row
from lockstep.conversions.record import Conversion
from lockstep.errors import kind_of
from lockstep.store.differences import Expiring
from lockstep.store.passport import Stamp
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.conversions.preflight import Found
from lockstep_airflow.status.params import instant_text

#: columns of the CSV, and keys of the JSON
PLAIN = (
    "id", "order_id", "system", "object", "record_id", "milestone", "action", "account", "happened_at", "state", "code", "undone",
    "again_at", "sent_at", "accepted_at", "attempts", "found_by",
)  # fmt: skip
VALUES = ("click_id", "value", "currency", "now_value", "now_currency", "sent_value")


def conversion_row(one: Conversion, viewer: Viewer) -> dict[str, Any]:
    """`found_by`: the kind of click id, or people; hashes of people are never given."""
    told = {
        "happened_at": instant_text(one.happened_at),
        "state": one.state.value,
        "undone": one.undone.value if one.undone else None,
        "again_at": instant_text(one.not_before) or None,
        "sent_at": instant_text(one.sent_at) or None,
        "accepted_at": instant_text(one.accepted_at) or None,
        "found_by": found_by(one),
        "click_id": one.click_id[1] if one.click_id else None,
    }
    names = (*PLAIN, *VALUES) if viewer.sees_values else PLAIN
    return {name: told[name] if name in told else getattr(one, name) for name in names}


def found_by(one: Conversion) -> str | None:
    return one.click_id[0] if one.click_id else "people" if one.people else None


def finding_row(one: Found) -> dict[str, Any]:
    kept, finding = one.kept, one.kept.finding
    return {
        name: getattr(finding, name) for name in ("code", "account", "object", "milestone", "vendor", "message")
    } | {
        "level": finding.level.value,
        "severity": finding.severity.value,
        "fields": list(finding.fields),
        "remedy": finding.remedy,
        "state": one.standing.value,
        "seconds_left": round(one.left.total_seconds()),
        "since": instant_text(kept.since),
        "seen_at": instant_text(kept.seen_at),
    }


def stamp_row(one: Stamp, viewer: Viewer) -> dict[str, Any]:
    """`detail` only for who may see values: it may hold amounts, and the vendor's words."""
    return {
        "what": one.what,
        "at": instant_text(one.at) or None,
        "day": one.day.isoformat() if one.day else None,
        "order_id": one.order_id or None,
        "outcome": one.outcome or None,
        "code": one.code or None,
        "meaning": kind_of(one.code).meaning if one.code else None,
    } | ({"detail": dict(one.detail)} if viewer.sees_values else {})


def difference_row(one: Row, name: str) -> dict[str, Any]:
    """Numbers are decimals as text, exact: Google shares conversions out."""
    return {
        "day": one.day.isoformat(),
        "campaign": one.campaign or None,
        "name": name or None,
        "clicks": one.clicks,
        "network": str(one.network),
        "contacts": one.contacts,
        "difference": str(one.difference),
        "milestones": one.events,
        "accepted": one.accepted,
        "buckets": {bucket: str(by) for bucket, by in one.buckets.items()},
    }


def expiring_row(one: Expiring) -> dict[str, Any]:
    return {
        "opportunity": one.deal.id,
        "closes_on": one.deal.closes_on.isoformat(),
        "click_expires_on": one.expires_on.isoformat(),
        "sure": one.sure,
    }

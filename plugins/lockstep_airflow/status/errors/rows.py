"""Cards and errors as plain values, for JSON."""

from typing import Any

from lockstep.errors import kind_of
from lockstep.store.ledger import ErrorRow
from lockstep_airflow.status.access import Viewer
from lockstep_airflow.status.errors.reading import Shown
from lockstep_airflow.status.params import instant_text
from lockstep_airflow.status.words import told


def card_row(shown: Shown, viewer: Viewer) -> dict[str, Any]:
    """One card; times are ISO 8601 UTC."""
    card, kind = shown.card, kind_of(shown.card.cause.code)
    return {
        "id": card.id,
        "level": "job" if card.cause.job else "record",
        "code": card.cause.code,
        "class": kind.cls.value,
        "system": card.cause.system,
        "object": card.cause.object or None,
        "field": card.cause.field or None,
        "vendor_code": card.cause.vendor_code or None,
        "records": card.records,
        "standing": card.standing,
        "errors": card.errors,
        "first": instant_text(card.first),
        "last": instant_text(card.last),
        "message": told(card, viewer),
        "template": card.cause.template,
        "meaning": kind.meaning,
        "remedy": kind.remedy,
        "trend": [{"at": instant_text(bar.at), "errors": bar.errors} for bar in shown.trend.bars],
    }


def error_row(one: ErrorRow, viewer: Viewer) -> dict[str, Any]:
    """One error; `record_id` is that of the record that was to be written."""
    return {
        "id": one.id,
        "at": instant_text(one.at),
        "outcome": one.outcome,
        "standing": one.standing,
        "system": one.system,
        "object": one.object,
        "operation": one.operation,
        "batch_id": one.batch_id,
        "pair_id": one.pair_id,
        "record_id": one.record_id,
        "salesforce": {"object": one.sf_object, "id": one.sf_id},
        "hubspot": {"object": one.hs_object, "id": one.hs_id},
        "code": one.code,
        "message": told(one, viewer),
        "vendor_code": one.vendor_code,
        "fields": list(one.fields),
    }

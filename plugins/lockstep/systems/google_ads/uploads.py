"""The Google Ads API's uploads: conversions and adjustments, answered row by row (GA-21, GA-24)."""

import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

from lockstep.systems.ads import Adjustment, ClickConversion, RowError, Sent, Settled
from lockstep.systems.base import API
from lockstep.systems.google_ads.calls import Caller, Failure, row_failures

_PEOPLE = {"email": "hashed_email", "phone": "hashed_phone_number"}


def stamp(at: datetime) -> str:
    """`yyyy-mm-dd hh:mm:ss+00:00`: in UTC no hour comes twice, as it does in autumn elsewhere."""
    return at.astimezone(UTC).isoformat(sep=" ", timespec="seconds")


class GoogleAdsUploader:
    """Implements `base.Uploader`, and adjusts what Google holds. `service`: makes the client of one of the version's services."""

    def __init__(self, call: Caller, service: Callable[[str], Any], version: str):
        self._call, self._service, self._version = call, service, version

    def upload(self, account: str, rows: Sequence[ClickConversion], validate_only: bool = False) -> Sent:
        types = self._types("conversion_upload_service")
        made = [types.ClickConversion(_conversion(account, row)) for row in rows]
        request = types.UploadClickConversionsRequest(
            customer_id=account, conversions=made, partial_failure=True, validate_only=validate_only, job_id=_job(rows)
        )
        answer = self._call(API, self._service("ConversionUploadService").upload_click_conversions, request=request)
        return self._sent(answer)

    def adjust(self, account: str, rows: Sequence[Adjustment]) -> Sent:
        """Restate and take back; at most ROWS_MAX, one of a conversion."""
        types = self._types("conversion_adjustment_upload_service")
        made = [types.ConversionAdjustment(_adjustment(account, row)) for row in rows]
        request = types.UploadConversionAdjustmentsRequest(
            customer_id=account, conversion_adjustments=made, partial_failure=True
        )
        service = self._service("ConversionAdjustmentUploadService")
        return self._sent(self._call(API, service.upload_conversion_adjustments, request=request))

    def verdict(self, request_id: str) -> Mapping[str, Settled] | None:
        raise KeyError(request_id)  # its answers are final: nothing comes later

    def _sent(self, answer: Any) -> Sent:
        found = row_failures(self._version, answer.partial_failure_error) if answer.partial_failure_error else []
        return Sent(by_row(found), repeated=self._call.repeated)

    def _types(self, module: str) -> Any:
        return import_module(f"google.ads.googleads.{self._version}.services.types.{module}")


def _conversion(account: str, row: ClickConversion) -> dict[str, Any]:
    values: dict[str, Any] = {
        "conversion_action": f"customers/{account}/conversionActions/{row.action}",
        "conversion_date_time": stamp(row.at),
        "order_id": row.order_id,
        "user_identifiers": [{_PEOPLE[kind]: value} for kind, value in row.people],
    }
    if row.click:
        values[row.click[0]] = row.click[1]
    if row.value is not None:
        values |= {"conversion_value": row.value, **({"currency_code": row.currency} if row.currency else {})}
    if row.consent:
        values["consent"] = {signal: answer.upper() for signal, answer in row.consent.items()}
    return values


def _adjustment(account: str, row: Adjustment) -> dict[str, Any]:
    values: dict[str, Any] = {
        "conversion_action": f"customers/{account}/conversionActions/{row.action}",
        "adjustment_type": "RETRACTION" if row.value is None else "RESTATEMENT",
        "adjustment_date_time": stamp(row.at),
        "order_id": row.order_id,
    }
    if row.value is not None:
        currency = {"currency_code": row.currency} if row.currency else {}
        values["restatement_value"] = {"adjusted_value": row.value, **currency}
    return values


def by_row(found: Sequence[Failure]) -> dict[int, RowError]:
    """Index of the row -> its first error."""
    errors: dict[int, RowError] = {}
    for one in found:
        if one.row is not None:
            errors.setdefault(one.row, RowError(one.name, one.message))
    return errors


def _job(rows: Sequence[ClickConversion]) -> int:
    """The same rows have the same job id, so that Google's diagnostics show a repeated request as one."""
    return zlib.crc32("\n".join(row.order_id for row in rows).encode()) % (2**31 - 2) + 1

"""ConversionAdjustmentUploadService: retractions, restatements and enhancements of recorded conversions."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.google_ads.arranged import ROWS as ARRANGED
from sandbox.google_ads.arranged import take_error
from sandbox.google_ads.currencies import CURRENCIES
from sandbox.google_ads.errors import ADJUST, AdsError, error
from sandbox.google_ads.protos import enum_name, optional
from sandbox.google_ads.reading import Reader, Wrong, find_action, read_people, read_time, wrong
from sandbox.google_ads.requests import Request
from sandbox.google_ads.state import Action, Adjustment, Conversion, Customer, State
from sandbox.google_ads.uploads import check_allow_list, check_batch, closed, job_of, not_allowlisted

METHOD, ROWS = "UploadConversionAdjustments", "conversion_adjustments"
TYPES = {"UPLOAD_CLICKS", "SALESFORCE", "WEBPAGE"}


@dataclass(frozen=True)
class Change:
    """A well-formed adjustment. `key` names its conversion: ("order", id) or ("click", gclid, time)."""

    kind: str
    action: Action
    key: tuple[Any, ...]
    at: datetime | None
    value: float | None = None
    currency: str | None = None


def upload_conversion_adjustments(request: Request) -> list[Any]:
    """Answer UploadConversionAdjustments."""
    body, state = request.body, request.state
    customer = request.customer(changes=True)
    check_allow_list(state, METHOD)
    check_batch(request, ROWS, ADJUST, "TOO_MANY_ADJUSTMENTS_IN_REQUEST")
    job_id = job_of(body, state, ADJUST)
    request.charge(len(body.conversion_adjustments))
    results = Adjusting(state, customer, job_id, bool(body.validate_only)).run(body.conversion_adjustments)
    response = request.new("services.conversion_adjustment_upload_service.UploadConversionAdjustmentsResponse")
    response.job_id = job_id
    request.protos.partial(response, [item for item in results if isinstance(item, AdsError)], request.id)
    if not body.validate_only:
        for row, item in zip(body.conversion_adjustments, results, strict=True):
            _write_result(response.results.add(), row, item)
    return [response]


class Adjusting:
    """One batch of adjustments."""

    def __init__(self, state: State, customer: Customer, job_id: int, validate_only: bool) -> None:
        self.state, self.customer, self.validate_only = state, customer, validate_only
        self.reader = Reader(state, customer, job_id)

    def run(self, rows: Any) -> list[Change | AdsError]:
        """Read, compare and apply all rows (only judge them when validating)."""
        results: list[Change | AdsError] = [self._read(row) for row in rows]
        twins = Counter(_identity(item) for item in results if isinstance(item, Change))
        for index, item in enumerate(results):
            if isinstance(item, Change):
                results[index] = self._settle(item, twins[_identity(item)] > 1)
        return [item.under((ROWS, n)) if isinstance(item, AdsError) else item for n, item in enumerate(results)]

    # --- one row by itself -------------------------------------------------------------------------------------------
    def _read(self, row: Any) -> Change | AdsError:
        if closed(self.state, METHOD):
            return not_allowlisted()
        if arranged := take_error(self.state.settings, ARRANGED):
            return arranged
        try:
            return self._change(row)
        except Wrong as found:
            return found.error

    def _change(self, row: Any) -> Change:
        kind = enum_name(row, "adjustment_type")
        if kind not in {"RETRACTION", "RESTATEMENT", "ENHANCEMENT"}:
            raise wrong("REQUIRED", "adjustment_type", kind="field_error")
        action = find_action(self.state, self.customer, row, ADJUST, TYPES)
        key = self._key(row, action)
        if kind == "ENHANCEMENT":
            self._check_enhancement(row, action)
        at = read_time(row, "adjustment_date_time", required=kind != "ENHANCEMENT")
        value, currency = self._value(row, kind, action)
        return Change(kind, action, key, at, value, currency)

    def _key(self, row: Any, action: Action) -> tuple[Any, ...]:
        order, pair = self.reader.order_id(row, ADJUST), row.HasField("gclid_date_time_pair")
        if order and pair:
            raise wrong("GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET", "order_id", kind=ADJUST)
        if order:
            return ("order", order)
        if action.type == "WEBPAGE":
            raise wrong("MISSING_ORDER_ID_FOR_WEBPAGE", "order_id", kind=ADJUST)
        if not pair or not row.gclid_date_time_pair.gclid:
            raise wrong("REQUIRED", "gclid_date_time_pair", kind="field_error")
        return ("click", row.gclid_date_time_pair.gclid, read_time(row.gclid_date_time_pair, "conversion_date_time"))

    def _value(self, row: Any, kind: str, action: Action) -> tuple[float | None, str | None]:
        given = row.HasField("restatement_value")
        if kind != "RESTATEMENT":
            if given:
                raise wrong("VALUE_MUST_BE_UNSET", "restatement_value", kind="field_error")
            return None, None
        if not given or not row.restatement_value.HasField("adjusted_value"):
            raise wrong("REQUIRED", "restatement_value", "adjusted_value", kind="field_error")
        if action.always_default:
            name = "CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE"
            raise wrong(name, "conversion_action", kind=ADJUST)
        currency = optional(row.restatement_value, "currency_code")
        if currency is not None and currency not in CURRENCIES:
            raise wrong(
                "UNSUPPORTED", "restatement_value", "currency_code", kind="currency_code_error", trigger=currency
            )
        return float(row.restatement_value.adjusted_value), currency

    def _check_enhancement(self, row: Any, action: Action) -> None:
        if action.type != "WEBPAGE":
            raise wrong("CONVERSION_ACTION_NOT_ELIGIBLE_FOR_ENHANCEMENT", "conversion_action", kind=ADJUST)
        if not row.user_identifiers:
            raise wrong("REQUIRED", "user_identifiers", kind="field_error")
        read_people(row, ADJUST)
        if self.reader.customer_setting("policy_prohibits"):
            raise wrong("CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCEMENT", "user_identifiers", kind=ADJUST)
        if not self.reader.customer_setting("terms"):
            raise wrong("CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS", "user_identifiers", kind=ADJUST)

    # --- against what is recorded ------------------------------------------------------------------------------------
    def _settle(self, item: Change, twin: bool) -> Change | AdsError:
        if twin:
            what = "ENHANCEMENT" if item.kind == "ENHANCEMENT" else "ADJUSTMENT"
            return error(ADJUST, f"DUPLICATE_{what}_IN_REQUEST")
        conversion = self._conversion(item)
        if conversion is None:
            field = "order_id" if item.key[0] == "order" else "gclid_date_time_pair"
            return error(ADJUST, "CONVERSION_NOT_FOUND", field)
        if name := self._age(conversion) or self._history(conversion, item):
            return error(ADJUST, name)
        if not self.validate_only:
            self._apply(conversion, item)
        return item

    def _conversion(self, item: Change) -> Conversion | None:
        """A conversion that was uploaded with an order id is found by that alone."""
        if item.key[0] == "order":
            return self.state.by_order.get((item.action.id, item.key[1]))
        found = self.state.by_click.get((item.action.id, item.key[1], item.key[2]))
        return None if found is None or found.order_id else found

    def _age(self, conversion: Conversion) -> str | None:
        now, settings = self.state.now(), self.state.settings
        recent = now - conversion.received_at < timedelta(hours=24)
        names = {"not_found": "CONVERSION_NOT_FOUND", "too_recent": "TOO_RECENT_CONVERSION"}
        if recent and (name := names.get(settings["recent_conversion_adjustment"])):
            return name
        old = now - conversion.at > timedelta(days=float(settings["adjustment_age_days"]))
        return "CONVERSION_EXPIRED" if old else None

    def _history(self, conversion: Conversion, item: Change) -> str | None:
        earlier = self.state.adjustments.get(conversion.id, [])
        if conversion.retracted:
            return "CONVERSION_ALREADY_RETRACTED"
        if item.kind == "ENHANCEMENT" and conversion.enhanced:
            return "CONVERSION_ALREADY_ENHANCED"
        if item.at is not None and item.at < conversion.at:
            return "ADJUSTMENT_PRECEDES_CONVERSION"
        if len(earlier) >= self.state.settings["adjustments_max"]:
            return "TOO_MANY_ADJUSTMENTS"
        return _against(item, [one.at for one in earlier if one.type == "RESTATEMENT" and one.at is not None])

    def _apply(self, conversion: Conversion, item: Change) -> None:
        made = Adjustment(
            str(self.state.next_id()), conversion.id, item.kind, item.at, self.state.now(), item.value, item.currency
        )
        self.state.add_adjustment(made)


def _against(item: Change, restated: list[datetime]) -> str | None:
    if item.kind != "RESTATEMENT" or item.at is None or not restated:
        return None
    if item.at in restated:
        return "RESTATEMENT_ALREADY_EXISTS"
    return "MORE_RECENT_RESTATEMENT_FOUND" if item.at < max(restated) else None


def _identity(item: Change) -> tuple[Any, ...]:
    return (item.kind == "ENHANCEMENT", item.action.id, item.key, item.at)


def _write_result(result: Any, row: Any, item: Change | AdsError) -> None:
    if isinstance(item, AdsError):
        return
    result.conversion_action, result.adjustment_type = row.conversion_action, row.adjustment_type
    if row.HasField("adjustment_date_time"):
        result.adjustment_date_time = row.adjustment_date_time
    if row.HasField("gclid_date_time_pair"):
        result.gclid_date_time_pair.CopyFrom(row.gclid_date_time_pair)
    else:
        result.order_id = row.order_id

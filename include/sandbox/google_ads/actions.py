"""ConversionActionService: create, update and remove conversion actions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sandbox.google_ads.currencies import CURRENCIES
from sandbox.google_ads.errors import AdsError, Refusal, error
from sandbox.google_ads.protos import enum_name, optional
from sandbox.google_ads.reading import ACTION_NAME
from sandbox.google_ads.requests import Request
from sandbox.google_ads.state import Action, Customer, State
from sandbox.google_ads.tables import action_row, nested

CREATABLE = {
    "UPLOAD_CLICKS",
    "UPLOAD_CALLS",
    "WEBPAGE",
    "WEBSITE_CALL",
    "AD_CALL",
    "CLICK_TO_CALL",
    "STORE_SALES_DIRECT_UPLOAD",
}
LOOKBACK = range(1, 91)
UPDATABLE = {
    "name", "status", "category", "counting_type", "primary_for_goal", "click_through_lookback_window_days",
    "view_through_lookback_window_days", "value_settings.default_value", "value_settings.default_currency_code",
    "value_settings.always_use_default_value", "attribution_model_settings.attribution_model",
}  # fmt: skip
IMMUTABLE = {"type", "resource_name", "id", "owner_customer", "origin"}


class _Wrong(Exception):
    def __init__(self, found: AdsError) -> None:
        super().__init__(found.message)
        self.error = found


def mutate_conversion_actions(request: Request) -> list[Any]:
    """Answer MutateConversionActions. Without partial failure, one wrong operation refuses them all."""
    body = request.body
    customer = request.customer(changes=True)
    if not body.operations:
        raise Refusal(error("request_error", "OPERATION_REQUIRED", "operations"))
    request.charge(len(body.operations))
    draft = Draft(request.state, customer)
    results = [draft.apply(operation, index) for index, operation in enumerate(body.operations)]
    errors = [item for item in results if isinstance(item, AdsError)]
    if errors and not body.partial_failure:
        raise Refusal(*errors)
    if not body.validate_only:
        draft.commit()
    return [_response(request, results)]


@dataclass
class Draft:
    """The operations of one request: each is checked against the state with the earlier ones, and kept only on commit."""

    state: State
    customer: Customer

    def __post_init__(self) -> None:
        self.actions: dict[str, Action] = dict(self.state.actions)

    def apply(self, operation: Any, index: int) -> Action | AdsError:
        which = operation.WhichOneof("operation")
        try:
            if which == "create":
                return self._create(operation.create)
            if which == "update":
                return self._update(operation)
            if which == "remove":
                return self._put(replace(self._find(operation.remove, "remove"), status="REMOVED"))
            raise _Wrong(error("request_error", "OPERATION_REQUIRED"))
        except _Wrong as found:
            return found.error.under(("operations", index))

    def commit(self) -> None:
        self.state.actions = self.actions

    def _put(self, action: Action) -> Action:
        self.actions[action.id] = action
        return action

    def _create(self, row: Any) -> Action:
        kind = enum_name(row, "type")
        if kind == "UNSPECIFIED":
            raise _Wrong(error("field_error", "REQUIRED", "create", "type"))
        if kind not in CREATABLE:
            raise _Wrong(error("conversion_action_error", "CREATION_NOT_SUPPORTED", "create", "type", trigger=kind))
        if not optional(row, "name"):
            raise _Wrong(error("field_error", "REQUIRED", "create", "name"))
        made = Action(
            id=str(710_000 + self.state.next_id()), customer=self.customer.id, name="", created_at=self.state.now(), type=kind,
            lookback_days=int(self.state.settings["upload_lookback_days"]) if kind.startswith("UPLOAD") else 30,
        )  # fmt: skip
        return self._put(self._with(made, row, [name for name in UPDATABLE if _is_set(row, name)], "create"))

    def _update(self, operation: Any) -> Action:
        action = self._find(operation.update.resource_name, "update", "resource_name")
        if not operation.update_mask.paths:
            raise _Wrong(error("field_mask_error", "FIELD_MASK_MISSING", "update_mask"))
        for path in operation.update_mask.paths:
            if path.rstrip("_") in IMMUTABLE:
                raise _Wrong(error("field_error", "IMMUTABLE_FIELD", "update", path.rstrip("_")))
            if path not in UPDATABLE:
                raise _Wrong(error("field_mask_error", "FIELD_NOT_FOUND", "update_mask", trigger=path))
        return self._put(self._with(action, operation.update, list(operation.update_mask.paths), "update"))

    def _find(self, name: str, *fields: str) -> Action:
        found = ACTION_NAME.fullmatch(name)
        if found is None:
            raise _Wrong(error("request_error", "RESOURCE_NAME_MALFORMED", *fields, trigger=name))
        action = self.actions.get(found[1])
        if action is None or action.customer != self.customer.id:
            raise _Wrong(error("mutate_error", "RESOURCE_NOT_FOUND", *fields, trigger=name))
        if action.status == "REMOVED":
            raise _Wrong(
                error("operation_access_denied_error", "OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", *fields)
            )
        return action

    def _with(self, action: Action, row: Any, paths: list[str], place: str) -> Action:
        changed = replace(action, **{FIELDS[path]: _value(row, path) for path in paths})
        self._check(changed, place)
        return changed

    def _check(self, action: Action, place: str) -> None:
        names = {
            other.name for other in self.actions.values() if other.customer == action.customer and other.id != action.id
        }
        if action.name in names:
            raise _Wrong(error("conversion_action_error", "DUPLICATE_NAME", place, "name", trigger=action.name))
        if action.lookback_days not in LOOKBACK:
            low = action.lookback_days < LOOKBACK.start
            name = "TOO_LOW" if low else "TOO_HIGH"
            raise _Wrong(error("range_error", name, place, "click_through_lookback_window_days"))
        if action.default_currency and action.default_currency not in CURRENCIES:
            fields = (place, "value_settings", "default_currency_code")
            raise _Wrong(error("currency_code_error", "UNSUPPORTED", *fields, trigger=action.default_currency))


FIELDS = {
    "name": "name", "status": "status", "category": "category", "counting_type": "counting", "primary_for_goal": "primary",
    "click_through_lookback_window_days": "lookback_days", "view_through_lookback_window_days": "view_lookback_days",
    "value_settings.default_value": "default_value", "value_settings.default_currency_code": "default_currency",
    "value_settings.always_use_default_value": "always_default",
    "attribution_model_settings.attribution_model": "attribution",
}  # fmt: skip
"""Fields of the resource that can be set, and what they are called in the state."""
ENUMS = {"status", "category", "counting_type", "attribution_model"}


def _is_set(row: Any, path: str) -> bool:
    outer, _, inner = path.partition(".")
    if inner:
        return row.HasField(outer) and _is_set(getattr(row, outer), inner)
    if row.DESCRIPTOR.fields_by_name[outer].has_presence:
        return bool(row.HasField(outer))
    return bool(getattr(row, outer))


def _value(row: Any, path: str) -> Any:
    outer, _, inner = path.partition(".")
    if inner:
        return _value(getattr(row, outer), inner)
    return enum_name(row, outer) if outer in ENUMS else getattr(row, outer)


def _response(request: Request, results: list[Action | AdsError]) -> Any:
    from google.protobuf.json_format import ParseDict

    response = request.new("services.conversion_action_service.MutateConversionActionsResponse")
    request.protos.partial(response, [item for item in results if isinstance(item, AdsError)], request.id)
    if request.body.validate_only:
        return response
    for item in results:
        result = response.results.add()
        if isinstance(item, Action):
            row = action_row(request.state, item)
            result.resource_name = row["conversion_action.resource_name"]
            if enum_name(request.body, "response_content_type") == "MUTABLE_RESOURCE":
                ParseDict(nested(row)["conversion_action"], result.conversion_action)
    return response

"""ConversionActionService: create, update, remove; and what people do to conversion actions."""

from __future__ import annotations

from typing import Any

import pytest
from google.ads.googleads.v26.resources.types.conversion_action import ConversionAction
from google.ads.googleads.v26.services.types import conversion_action_service as types
from tests.contract.google_ads_vendor import (
    NOW,
    Google,
    action_name,
    code_of,
    conversion,
    failure_of,
    names,
    row_errors,
)

from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import MAIN


@pytest.fixture
def google() -> Google:
    made = Google()
    made.click()
    return made


def create(**fields: Any) -> types.ConversionActionOperation:
    given = {"name": "CRM demo", "type_": "UPLOAD_CLICKS", "category": "QUALIFIED_LEAD", **fields}
    return types.ConversionActionOperation(create=ConversionAction(**given))


def update(number: str, paths: list[str], **fields: Any) -> types.ConversionActionOperation:
    action = ConversionAction(resource_name=action_name(number), **fields)
    return types.ConversionActionOperation(update=action, update_mask={"paths": paths})


def mutate(google: Google, *operations: Any, **fields: Any) -> Any:
    request = types.MutateConversionActionsRequest(customer_id=MAIN, operations=operations, **fields)
    return google.call(
        "ConversionActionService/MutateConversionActions", request, types.MutateConversionActionsResponse
    )


def refusal(google: Google, *operations: Any, **fields: Any) -> tuple[str, str]:
    before = {row["id"]: row for row in google.vendor.records("conversion_actions")}
    with pytest.raises(RpcRefused) as caught:
        mutate(google, *operations, **fields)
    assert {row["id"]: row for row in google.vendor.records("conversion_actions")} == before
    error = failure_of(caught.value).errors[0]
    return code_of(error), ".".join(part.field_name for part in error.location.field_path_elements)


def test_create_a_conversion_action(google: Google) -> None:
    value = {"default_value": 10.0, "default_currency_code": "EUR", "always_use_default_value": True}
    operation = create(counting_type="ONE_PER_CLICK", value_settings=value, primary_for_goal=False)
    answer = mutate(google, operation, response_content_type="MUTABLE_RESOURCE")
    number = answer.results[0].resource_name.rpartition("/")[2]
    assert answer.results[0].conversion_action.name == "CRM demo"
    stored = google.vendor.read("conversion_actions", number)
    expected = {
        "customer": MAIN, "status": "ENABLED", "type": "UPLOAD_CLICKS", "category": "QUALIFIED_LEAD", "counting": "ONE_PER_CLICK",
        "default_value": 10.0, "default_currency": "EUR", "always_default": True, "primary": False, "lookback_days": 90,
        "created_at": NOW,
    }  # fmt: skip
    assert {name: stored[name] for name in expected} == expected
    row = conversion(conversion_action=answer.results[0].resource_name)
    assert names(google.rejected(row)) == ["TOO_RECENT_CONVERSION_ACTION"]


def test_update_only_what_the_mask_names(google: Google) -> None:
    mutate(
        google,
        update(
            "700002",
            ["name", "value_settings.default_value"],
            name="New",
            status="HIDDEN",
            value_settings={"default_value": 3},
        ),
    )
    stored = google.vendor.read("conversion_actions", "700002")
    assert (stored["name"], stored["status"], stored["default_value"]) == ("New", "ENABLED", 3.0)


def test_remove_is_a_status(google: Google) -> None:
    mutate(google, types.ConversionActionOperation(remove=action_name("700002")))
    assert google.vendor.read("conversion_actions", "700002")["status"] == "REMOVED"
    assert names(google.rejected(conversion())) == ["NO_CONVERSION_ACTION_FOUND"]


@pytest.mark.parametrize(
    ("operation", "expected"),
    [
        (create(name=""), ("REQUIRED", "operations.create.name")),
        (create(type_="UNSPECIFIED"), ("REQUIRED", "operations.create.type")),
        (create(type_="SALESFORCE"), ("CREATION_NOT_SUPPORTED", "operations.create.type")),
        (create(name="CRM lead"), ("DUPLICATE_NAME", "operations.create.name")),
        (create(click_through_lookback_window_days=91), ("TOO_HIGH", "operations.create.click_through_lookback_window_days")),
        (create(value_settings={"default_currency_code": "XX"}), ("UNSUPPORTED", "operations.create.value_settings.default_currency_code")),
        (update("700002", []), ("FIELD_MASK_MISSING", "operations.update_mask")),
        (update("700002", ["type_"]), ("IMMUTABLE_FIELD", "operations.update.type")),
        (update("700002", ["colour"]), ("FIELD_NOT_FOUND", "operations.update_mask")),
        (update("700002", ["name"], name="CRM lead"), ("DUPLICATE_NAME", "operations.update.name")),
        (update("700007", ["name"], name="x"), ("OPERATION_NOT_PERMITTED_FOR_REMOVED_RESOURCE", "operations.update.resource_name")),
        (update("700901", ["name"], name="x"), ("RESOURCE_NOT_FOUND", "operations.update.resource_name")),
        (types.ConversionActionOperation(remove="700002"), ("RESOURCE_NAME_MALFORMED", "operations.remove")),
        (types.ConversionActionOperation(), ("OPERATION_REQUIRED", "operations")),
    ],
)  # fmt: skip
def test_rules_of_an_operation(google: Google, operation: Any, expected: tuple[str, str]) -> None:
    assert refusal(google, create(name="First"), operation) == expected


def test_partial_failure_keeps_the_good_operations(google: Google) -> None:
    answer = mutate(google, create(name="CRM lead"), create(), partial_failure=True)
    assert [bool(result.resource_name) for result in answer.results] == [False, True]
    assert row_errors(answer, "operations") == [(0, "DUPLICATE_NAME", "create.name")]


def test_validate_only_changes_nothing(google: Google) -> None:
    assert list(mutate(google, create(), validate_only=True).results) == []
    assert "CRM demo" not in {row["name"] for row in google.vendor.records("conversion_actions")}


def test_people_remove_enable_and_change_actions(google: Google) -> None:
    google.act("remove_action", id="700002")
    assert names(google.rejected(conversion())) == ["NO_CONVERSION_ACTION_FOUND"]
    google.act("enable_action", id="700002")
    google.act("set_action", id="700002", lookback_days=5)
    assert names(google.rejected(conversion())) == ["EXPIRED_EVENT"]
    google.act("set_action", id="700002", lookback_days=10)
    assert google.rejected(conversion()) == []

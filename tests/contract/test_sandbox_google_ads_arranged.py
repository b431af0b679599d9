"""Every error that Google's APIs can give can be had from the sandbox: those of no state of it by arranging them."""

from __future__ import annotations

import pytest
from google.ads.datamanager_v1.types.error import ErrorReason
from google.ads.datamanager_v1.types.processing_errors import ProcessingErrorReason
from google.ads.googleads.v26.errors.types.authentication_error import AuthenticationErrorEnum
from google.ads.googleads.v26.errors.types.authorization_error import AuthorizationErrorEnum
from google.ads.googleads.v26.errors.types.conversion_adjustment_upload_error import ConversionAdjustmentUploadErrorEnum
from google.ads.googleads.v26.errors.types.conversion_upload_error import ConversionUploadErrorEnum
from google.ads.googleads.v26.errors.types.quota_error import QuotaErrorEnum
from tests.contract.google_ads_vendor import Google, adjustment, codes, conversion, names
from tests.contract.test_sandbox_google_ads_data_manager import PREFIX, event, ingest, outcome, refusal

from sandbox.google_ads.data_manager import CODES
from sandbox.rpc import RpcRefused

QUERY = "SELECT customer.id FROM customer"
CALLS = {
    "authentication_error": (AuthenticationErrorEnum.AuthenticationError, "UNAUTHENTICATED"),
    "authorization_error": (AuthorizationErrorEnum.AuthorizationError, "PERMISSION_DENIED"),
    "quota_error": (QuotaErrorEnum.QuotaError, "RESOURCE_EXHAUSTED"),
}
UPLOADS = [one.name for one in ConversionUploadErrorEnum.ConversionUploadError if one > 1]
ADJUSTMENTS = [one.name for one in ConversionAdjustmentUploadErrorEnum.ConversionAdjustmentUploadError if one > 1]


@pytest.fixture(scope="module")
def google() -> Google:
    return Google(data_manager_requests_per_minute=10_000)


@pytest.mark.parametrize("kind", CALLS)
def test_every_error_of_a_call(google: Google, kind: str) -> None:
    enum, grpc = CALLS[kind]
    wanted = [one.name for one in enum if one > 1]
    google.vendor.settings.update({"next_call_errors": [f"{kind}.{name}" for name in wanted]})
    for name in wanted:
        with pytest.raises(RpcRefused) as caught:
            google.search(QUERY)
        assert (caught.value.code, codes(caught.value)) == (grpc, [name])
    assert google.search(QUERY).results


def test_every_error_of_an_uploaded_row(google: Google) -> None:
    google.vendor.settings.update({"next_row_errors": [f"conversion_upload_error.{name}" for name in UPLOADS]})
    assert names(google.rejected(*[conversion(order_id=f"u-{name}") for name in UPLOADS])) == UPLOADS
    assert google.vendor.settings["next_row_errors"] == []


def test_every_error_of_an_adjustment(google: Google) -> None:
    found = [f"conversion_adjustment_upload_error.{name}" for name in ADJUSTMENTS]
    google.vendor.settings.update({"next_row_errors": found})
    assert names(google.unadjusted(*[adjustment(order_id=f"a-{name}") for name in ADJUSTMENTS])) == ADJUSTMENTS


def test_every_reason_of_a_request(google: Google) -> None:
    wanted = [one.name for one in ErrorReason if one > 0]
    google.vendor.settings.update({"next_ingest_errors": wanted})
    for name in wanted:
        if name not in CODES:
            assert refusal(google, event()) == [("events.events[0]", name)]
            continue
        with pytest.raises(RpcRefused) as caught:
            ingest(google, event())
        assert caught.value.code == CODES[name]


def test_every_reason_of_an_event() -> None:
    google = Google()
    google.click()
    wanted = [one.name.removeprefix(PREFIX) for one in ProcessingErrorReason if one > 0]
    google.vendor.settings.update({"next_event_errors": wanted})
    rows = [event(transaction_id=f"e-{name}") for name in wanted]
    assert outcome(google, *rows, event(transaction_id="good")) == dict.fromkeys(wanted, 1)
    assert [one["order_id"] for one in google.conversions()] == ["good"]


@pytest.mark.parametrize("name", ["next_call_errors", "next_row_errors", "next_ingest_errors", "next_event_errors"])
def test_an_error_that_google_does_not_have_is_refused(google: Google, name: str) -> None:
    with pytest.raises(ValueError, match=f"{name}: .'authentication_error.HUNGRY'. are no errors of Google's"):
        google.vendor.settings.update({name: ["authentication_error.HUNGRY"]})

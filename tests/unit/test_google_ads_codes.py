"""GA-23, GA-24, GA-27: every name that Google has for a refused conversion or adjustment has a code, a class and an action."""

from datetime import timedelta

import pytest
from google.ads.datamanager_v1 import ErrorReason, ProcessingErrorReason
from google.ads.googleads.v26.errors.types.conversion_adjustment_upload_error import (
    ConversionAdjustmentUploadErrorEnum as Adjust,
)
from google.ads.googleads.v26.errors.types.conversion_upload_error import ConversionUploadErrorEnum as Upload

from lockstep.errors import CODES, ErrorClass
from lockstep.google_ads_codes import GOOGLE_ADS_CODES, Verdict, ads_error

SILENT = {"UNSPECIFIED", "UNKNOWN"}

#: vendor's own names -> action, as Google's reference and our policy have it
EXPECTED = {
    Verdict.LATER: "TOO_RECENT_EVENT TOO_RECENT_CONVERSION_ACTION TOO_RECENT_CALL TOO_RECENT_CONVERSION CONVERSION_NOT_FOUND "
    "DUPLICATE_ORDER_ID DUPLICATE_CLICK_CONVERSION_IN_REQUEST DUPLICATE_CALL_CONVERSION_IN_REQUEST "
    "DUPLICATE_ADJUSTMENT_IN_REQUEST DUPLICATE_ENHANCEMENT_IN_REQUEST INVALID_JOB_ID TOO_RECENT_CLICK INTERNAL_ERROR "
    "CONVERSION_ACTION_TOO_RECENTLY_CREATED",
    Verdict.RECORDED: "ORDER_ID_ALREADY_IN_USE CONVERSION_ALREADY_RETRACTED MORE_RECENT_RESTATEMENT_FOUND "
    "RESTATEMENT_ALREADY_EXISTS CONVERSION_ALREADY_ENHANCED DUPLICATE_TRANSACTION_ID",
    Verdict.DROPPED: "EXPIRED_EVENT EVENT_NOT_FOUND CLICK_NOT_FOUND CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME "
    "CONVERSION_TRACKING_NOT_ENABLED_AT_CALL_TIME CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY EXPIRED_CALL CALL_NOT_FOUND "
    "INVALID_CUSTOMER_FOR_CLICK INVALID_CUSTOMER_FOR_CALL CONVERSION_EXPIRED TOO_MANY_ADJUSTMENTS EVENT_TOO_OLD "
    "CLICK_CONVERSION_ALREADY_EXISTS CALL_CONVERSION_ALREADY_EXISTS DENIED_CONSENT INVALID_CLICK DUPLICATE_GCLID "
    "INVALID_OPERATING_ACCOUNT_FOR_CLICK "
    "CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE",
    Verdict.FIX: "UNPARSEABLE_GCLID UNPARSEABLE_GBRAID UNPARSEABLE_WBRAID CONVERSION_PRECEDES_EVENT CONVERSION_PRECEDES_CALL "
    "ADJUSTMENT_PRECEDES_CONVERSION UNPARSEABLE_CALLERS_PHONE_NUMBER CUSTOM_VARIABLE_VALUE_CONTAINS_PII "
    "INVALID_USER_IDENTIFIER GBRAID_WBRAID_BOTH_SET ORDER_ID_CONTAINS_PII UNSUPPORTED_USER_IDENTIFIER "
    "GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET INVALID_GCLID NO_CONSENT UNKNOWN_CONSENT CONVERSION_PRECEDES_CLICK "
    "INVALID_CURRENCY_CODE EVENT_TIME_INVALID NO_IDENTIFIERS_PROVIDED",
}
NAMES = sorted(
    {one.name for enum in (Upload.ConversionUploadError, Adjust.ConversionAdjustmentUploadError) for one in enum}
    - SILENT
)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_google_ads_has_a_code_of_its_own(name: str) -> None:
    error = ads_error(name)
    assert error.code == f"ads_{name.lower()}"
    kind = CODES[error.code]
    expected = next((one for one, names in EXPECTED.items() if name in names.split()), Verdict.STOPPED)
    assert error.verdict is expected
    if error.verdict is Verdict.STOPPED:
        assert kind.cls in (ErrorClass.CONFIG, ErrorClass.PERMISSION)


@pytest.mark.parametrize(
    ("verdict", "name"), [(verdict, name) for verdict, names in EXPECTED.items() for name in names.split()]
)
def test_the_action_of_each(verdict: Verdict, name: str) -> None:
    assert ads_error(name).verdict is verdict


def test_data_managers_names_mean_the_same() -> None:
    for reason in (
        "EVENT_TOO_OLD", "DENIED_CONSENT", "NO_CONSENT", "UNKNOWN_CONSENT", "DUPLICATE_GCLID", "DUPLICATE_TRANSACTION_ID",
        "INVALID_GCLID", "INVALID_GBRAID", "INVALID_WBRAID", "CONVERSION_PRECEDES_CLICK", "TOO_RECENT_CLICK", "INVALID_CLICK",
        "CLICK_NOT_FOUND", "INVALID_OPERATING_ACCOUNT_FOR_CLICK", "EXTERNAL_ATTRIBUTION_DATA_MISSING", "INTERNAL_ERROR",
        "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED",
        "ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID",
    ):  # fmt: skip
        assert ads_error(f"PROCESSING_ERROR_REASON_{reason}") == ads_error(reason)
        assert ads_error(reason).code != "ads_rejected"
    known = {one.name.removeprefix("PROCESSING_ERROR_REASON_") for one in ProcessingErrorReason} | {
        one.name for one in ErrorReason
    }
    assert {"TOO_RECENT_CLICK", "CONVERSION_ACTION_TOO_RECENTLY_CREATED", "INVALID_AD_IDENTIFIER_FOR_ACCOUNT"} <= known


def test_a_name_that_nobody_knows_is_kept_for_people_to_see() -> None:
    assert ads_error("SOMETHING_NEW") == ads_error("REJECTED")
    assert ads_error("SOMETHING_NEW").verdict is Verdict.FIX


def test_waits_and_classes() -> None:
    assert ads_error("TOO_RECENT_EVENT").wait == timedelta(hours=6)
    for code, kind in GOOGLE_ADS_CODES.items():
        assert CODES[code] is kind
        assert kind.code.startswith("ads_")
        assert kind.remedy

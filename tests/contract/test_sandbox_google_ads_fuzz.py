"""Whatever a client sends, Google answers or refuses in its own form; nothing falls through."""

from __future__ import annotations

from typing import Any

import pytest
from google.ads.googleads.v26.errors.types.query_error import QueryErrorEnum
from google.ads.googleads.v26.services.types import conversion_upload_service as types
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.contract.google_ads_vendor import BRAID, GCLID, Google, action_name, codes, names, person

from sandbox.rpc import RpcRefused

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUERY_ERRORS = {found.name for found in QueryErrorEnum.QueryError} - {"UNKNOWN", "UNSPECIFIED"}
_WORDS = (
    "SELECT FROM WHERE AND OR ORDER BY LIMIT PARAMETERS IN NOT LIKE BETWEEN DURING IS NULL CONTAINS ANY REGEXP_MATCH = != < > ( ) , "
    "customer campaign click_view conversion_action customer.id customer.status campaign.id campaign.name segments.date segments.year "
    "segments.month metrics.clicks metrics.conversions click_view.gclid conversion_action.type '2026-08-22' '9999-12-31' '0001-01-01' "
    "'ENABLED' '%' '[' 1 0 -1 LAST_7_DAYS TODAY true DESC include_drafts"
)
WORDS = _WORDS.split()
QUERY = st.one_of(
    st.text(max_size=60),
    st.lists(st.sampled_from(WORDS), max_size=16).map(" ".join),
    st.tuples(
        st.sampled_from(["customer.id", "campaign.id", "campaign.id, segments.date", "segments.month, metrics.conversions", "click_view.gclid"]),
        st.sampled_from(["customer", "campaign", "click_view"]),
        st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
        st.sampled_from(["segments.date", "segments.year", "segments.month", "customer.status", "metrics.clicks", "campaign.name"]),
    ).map(lambda part: f"SELECT {part[0]} FROM {part[1]} WHERE {part[3]} {part[2]}"),
)  # fmt: skip


@pytest.fixture(scope="module")
def google() -> Google:
    made = Google()
    made.click()
    return made


def refusal(google: Google, query: str) -> list[str]:
    """The errors of a query; none if it is answered."""
    try:
        google.search(query)
    except RpcRefused as refused:
        return codes(refused) or ["refused without an error"]
    return []


@QUICK
@given(query=QUERY)
def test_any_query_is_answered_or_a_query_error(google: Google, query: str) -> None:
    assert all(code in QUERY_ERRORS for code in refusal(google, query))


@QUICK
@given(
    row=st.fixed_dictionaries(
        {},
        optional={
            "gclid": st.sampled_from([GCLID, "", "?", "x" * 600, "\x00"]),
            "gbraid": st.sampled_from([BRAID, ""]),
            "wbraid": st.sampled_from([BRAID, "é"]),
            "conversion_action": st.sampled_from([action_name("700002"), action_name("700001"), "", "customers/1/conversionActions/x"]),
            "conversion_date_time": st.one_of(
                st.sampled_from(["2026-08-30 12:00:00+00:00", "0001-01-01 00:00:00+14:00", "9999-12-31 23:59:59-14:00", "2026-02-30 00:00:00+00:00"]),
                st.text(max_size=25),
            ),
            "conversion_value": st.floats(),
            "currency_code": st.sampled_from(["NOK", "", "nok", "🙂"]),
            "order_id": st.text(max_size=70),
            "user_identifiers": st.lists(st.sampled_from([person(hashed_email="0" * 64), person(hashed_email=""), person()]), max_size=7),
            "conversion_environment": st.integers(0, 9),
        },
    )
)  # fmt: skip
def test_any_row_is_recorded_or_has_exactly_one_error(google: Google, row: dict[str, Any]) -> None:
    answer = google.upload(types.ClickConversion(**row), validate_only=True)
    failed = names(google.rejected(types.ClickConversion(**row), validate_only=True))
    assert len(failed) <= 1
    assert bool(failed) == bool(answer.partial_failure_error.details)

"""GoogleAdsService: the query language, its errors, and what each resource answers."""

from __future__ import annotations

from typing import Any

import pytest
from google.ads.googleads.v26.services.types import google_ads_service as ads
from tests.contract.google_ads_vendor import GCLID, LEAD, QUALIFIED, Google, ago, codes, conversion, stamp

from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import MAIN, MANAGER, UNDER_MANAGER, UNTRACKED

SETTING = "customer.conversion_tracking_setting"


@pytest.fixture(scope="module")
def shared() -> Google:
    return Google()


@pytest.fixture
def google() -> Google:
    made = Google()
    made.click(campaign="222000")
    return made


def refusal(google: Google, query: str, **fields: Any) -> str:
    with pytest.raises(RpcRefused) as caught:
        google.search(query, **fields)
    assert caught.value.code == "INVALID_ARGUMENT"
    (name,) = codes(caught.value)
    return name


# --- customer, conversion tracking -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("customer", "login", "owner", "status"),
    [
        (MAIN, MANAGER, MAIN, "CONVERSION_TRACKING_MANAGED_BY_SELF"),
        (UNDER_MANAGER, MANAGER, MANAGER, "CONVERSION_TRACKING_MANAGED_BY_THIS_MANAGER"),
        (UNDER_MANAGER, None, MANAGER, "CONVERSION_TRACKING_MANAGED_BY_ANOTHER_MANAGER"),
        (UNTRACKED, MANAGER, None, "NOT_CONVERSION_TRACKED"),
    ],
)
def test_conversion_tracking_setting_depends_on_the_login_customer(
    customer: str, login: str | None, owner: str | None, status: str
) -> None:
    google = Google()
    google.act("set_customer", id=customer, accessible=True)
    fields = f"{SETTING}.google_ads_conversion_customer, {SETTING}.conversion_tracking_status, {SETTING}.cross_account_conversion_tracking_id"
    (row,) = google.search(f"SELECT customer.id, {fields} FROM customer", customer=customer, login=login).results
    found = row.customer.conversion_tracking_setting
    assert found.google_ads_conversion_customer == (f"customers/{owner}" if owner else "")
    assert found.conversion_tracking_status.name == status
    assert bool(found.cross_account_conversion_tracking_id) == (owner == MANAGER)


def test_a_field_of_another_version_is_unrecognized(shared: Google) -> None:
    assert (
        refusal(shared, f"SELECT {SETTING}.enhanced_conversions_for_leads_enabled FROM customer")
        == "UNRECOGNIZED_FIELD"
    )
    (row,) = shared.search(f"SELECT {SETTING}.effective_enablement_setting FROM customer").results
    assert row.customer.conversion_tracking_setting.effective_enablement_setting.name == "ON"


def test_customer_clients_are_the_hierarchy(shared: Google) -> None:
    query = (
        "SELECT customer_client.id, customer_client.level FROM customer_client WHERE customer_client.status = 'ENABLED'"
    )
    rows = shared.search(query, customer=MANAGER).results
    assert {(str(row.customer_client.id), row.customer_client.level) for row in rows} == {
        (MANAGER, 0), (MAIN, 1), (UNDER_MANAGER, 1), (UNTRACKED, 1),
    }  # fmt: skip


# --- conversion actions ----------------------------------------------------------------------------------------------
def test_conversion_actions_with_status_type_and_values(shared: Google) -> None:
    query = (
        "SELECT conversion_action.id, conversion_action.type, conversion_action.status, conversion_action.counting_type, "
        "conversion_action.click_through_lookback_window_days, conversion_action.value_settings.default_value, "
        "conversion_action.owner_customer FROM conversion_action WHERE conversion_action.id IN (700001, 700007) "
        "ORDER BY conversion_action.id DESC"
    )
    removed, lead = (row.conversion_action for row in shared.search(query).results)
    assert (removed.id, removed.status.name) == (700007, "REMOVED")
    assert (lead.type_.name, lead.counting_type.name, lead.click_through_lookback_window_days) == (
        "UPLOAD_CLICKS",
        "ONE_PER_CLICK",
        90,
    )
    assert lead.owner_customer == f"customers/{MAIN}"
    assert lead.resource_name == f"customers/{MAIN}/conversionActions/700001"
    assert lead.name == ""  # not selected


def test_a_client_of_a_tracking_manager_sees_the_managers_actions(shared: Google) -> None:
    rows = shared.search("SELECT conversion_action.id FROM conversion_action", customer=UNDER_MANAGER).results
    assert {row.conversion_action.id for row in rows} == {700101, 700102}


# --- the language ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("conversion_action.name = 'CRM lead'", {700001}),
        ("conversion_action.name LIKE 'crm q%'", {700002}),
        ("conversion_action.name NOT LIKE 'CRM%' AND conversion_action.type = UPLOAD_CLICKS", {700007, 700008}),
        ("conversion_action.status != 'ENABLED'", {700007, 700008}),
        ("conversion_action.status IN ('REMOVED', 'HIDDEN') AND conversion_action.id > 700007", {700008}),
        ("conversion_action.id BETWEEN 700001 AND 700003", {700001, 700002, 700003}),
        ("conversion_action.name REGEXP_MATCH 'CRM (lead|meeting)'", {700001, 700005}),
        ("conversion_action.primary_for_goal = FALSE", {700005}),
        ("conversion_action.value_settings.default_value >= 1.0", {700004, 700006}),
        ("conversion_action.id NOT IN (700001) AND conversion_action.id < 700003", {700002}),
        ("conversion_action.name IS NULL", set()),
        ('conversion_action.name = "CRM lead" AND customer.id = 2223334445', {700001}),
    ],
)
def test_conditions(shared: Google, where: str, expected: set[int]) -> None:
    rows = shared.search(f"select conversion_action.id from conversion_action where {where}").results
    assert {row.conversion_action.id for row in rows} == expected


def test_order_and_limit(shared: Google) -> None:
    query = "SELECT conversion_action.name FROM conversion_action ORDER BY conversion_action.name DESC LIMIT 2"
    assert [row.conversion_action.name for row in shared.search(query).results] == [
        "Website purchase",
        "Salesforce milestone",
    ]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("EXPECTED_SELECT", "FROM customer"),
        ("EXPECTED_FROM", "SELECT customer.id WHERE customer.id = 1"),
        ("UNEXPECTED_END_OF_QUERY", "SELECT customer.id"),
        ("BAD_RESOURCE_TYPE_IN_FROM_CLAUSE", "SELECT customer.id FROM custommer"),
        ("PROHIBITED_RESOURCE_TYPE_IN_FROM_CLAUSE", "SELECT customer.id FROM keyword_view"),
        ("UNRECOGNIZED_FIELD", "SELECT customer.nme FROM customer"),
        ("UNRECOGNIZED_FIELD", "SELECT customer.tracking_url_template FROM customer"),
        ("PROHIBITED_RESOURCE_TYPE_IN_SELECT_CLAUSE", "SELECT campaign.id FROM customer"),
        ("PROHIBITED_RESOURCE_TYPE_IN_WHERE_CLAUSE", "SELECT customer.id FROM customer WHERE campaign.id = 1"),
        ("PROHIBITED_FIELD_IN_SELECT_CLAUSE", "SELECT customer.conversion_tracking_setting FROM customer"),
        ("PROHIBITED_METRIC_IN_SELECT_OR_WHERE_CLAUSE", "SELECT metrics.clicks FROM conversion_action"),
        ("PROHIBITED_SEGMENT_IN_SELECT_OR_WHERE_CLAUSE", "SELECT segments.device FROM campaign"),
        ("EXPECTED_REFERENCED_FIELD_IN_SELECT_CLAUSE", "SELECT customer.id FROM customer ORDER BY customer.status"),
        ("EXPECTED_BY", "SELECT customer.id FROM customer ORDER customer.id"),
        ("BAD_LIMIT_VALUE", "SELECT customer.id FROM customer LIMIT x"),
        ("LIMIT_VALUE_TOO_LOW", "SELECT customer.id FROM customer LIMIT 0"),
        ("BAD_OPERATOR", "SELECT customer.id FROM customer WHERE customer.id ISNT 1"),
        ("BAD_SYMBOL", "SELECT customer.id FROM customer WHERE customer.id ~ 1"),
        ("STRING_NOT_TERMINATED", "SELECT customer.id FROM customer WHERE customer.status = 'EN"),
        ("BAD_ENUM_CONSTANT", "SELECT customer.id FROM customer WHERE customer.status = 'ON'"),
        ("BAD_NUMBER", "SELECT customer.id FROM customer WHERE customer.id = 'abc'"),
        ("BAD_VALUE", "SELECT customer.id FROM customer WHERE customer.manager = 'maybe'"),
        ("BAD_VALUE", "SELECT conversion_action.id FROM conversion_action WHERE conversion_action.name REGEXP_MATCH '('"),
        ("OPERATOR_FIELD_MISMATCH", "SELECT customer.id FROM customer WHERE customer.id LIKE '1%'"),
        ("PROHIBITED_EMPTY_LIST_IN_CONDITION", "SELECT customer.id FROM customer WHERE customer.id IN ()"),
        ("EXPECTED_LIST", "SELECT customer.id FROM customer WHERE customer.id IN 1"),
        ("EXPECTED_SINGLE_VALUE", "SELECT customer.id FROM customer WHERE customer.id = (1, 2)"),
        ("EXPECTED_AND", "SELECT customer.id FROM customer WHERE customer.id BETWEEN 1, 2"),
        ("UNEXPECTED_INPUT", "SELECT customer.id FROM customer WHERE customer.id = 1 OR customer.id = 2"),
        ("BAD_PARAMETER_NAME", "SELECT customer.id FROM customer PARAMETERS drafts=true"),
        ("EXPECTED_FILTERS_ON_DATE_RANGE", "SELECT campaign.id, segments.date FROM campaign"),
        ("INVALID_DATE_FORMAT", "SELECT campaign.id FROM campaign WHERE segments.date = '1.9.2026'"),
        ("INVALID_VALUE_WITH_DURING_OPERATOR", "SELECT campaign.id FROM campaign WHERE segments.date DURING LAST_5_DAYS"),
        (
            "PROHIBITED_SEGMENT_WITH_METRIC_IN_SELECT_OR_WHERE_CLAUSE",
            "SELECT campaign.id, segments.conversion_action, metrics.clicks FROM campaign",
        ),
        ("EXPECTED_FILTERS_ON_DATE_RANGE", "SELECT click_view.gclid FROM click_view"),
        ("DATE_RANGE_TOO_WIDE", "SELECT click_view.gclid FROM click_view WHERE segments.date BETWEEN '2026-08-01' AND '2026-08-02'"),
        ("DATE_RANGE_TOO_WIDE", "SELECT click_view.gclid FROM click_view WHERE segments.date = '2026-05-01'"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_query_error(shared: Google, name: str, query: str) -> None:
    assert refusal(shared, query) == name


def test_metrics_are_not_for_managers(shared: Google) -> None:
    assert (
        refusal(shared, "SELECT campaign.id, metrics.clicks FROM campaign", customer=MANAGER)
        == "REQUESTED_METRICS_FOR_MANAGER"
    )


# --- pages -----------------------------------------------------------------------------------------------------------
def test_pages_and_their_tokens() -> None:
    google = Google(page_size=4)
    query = "SELECT conversion_action.id FROM conversion_action ORDER BY conversion_action.id"
    settings = ads.SearchSettings(return_total_results_count=True)
    ids, token, pages = [], "", 0
    while pages == 0 or token:
        answer = google.search(query, page_token=token, search_settings=settings)
        ids += [row.conversion_action.id for row in answer.results]
        token, pages = answer.next_page_token, pages + 1
        assert answer.total_results_count == 11
    assert (pages, ids) == (3, list(range(700001, 700012)))
    assert refusal(google, query, page_token="nonsense") == "INVALID_PAGE_TOKEN"
    assert refusal(google, query, page_size=100) == "PAGE_SIZE_NOT_SUPPORTED"


def test_a_stream_comes_in_batches_with_a_field_mask() -> None:
    google = Google(page_size=4)
    query = "SELECT conversion_action.id FROM conversion_action"
    request = ads.SearchGoogleAdsStreamRequest(customer_id=MAIN, query=query)
    path = "/google.ads.googleads.v26.services.GoogleAdsService/SearchStream"
    parts = [
        ads.SearchGoogleAdsStreamResponse.deserialize(part)
        for part in google.raw(path, ads.SearchGoogleAdsStreamRequest.serialize(request))
    ]
    assert [len(part.results) for part in parts] == [4, 4, 3]
    assert list(parts[0].field_mask.paths) == ["conversion_action.id"]


def test_validate_only_searches_nothing(shared: Google) -> None:
    assert list(shared.search("SELECT customer.id FROM customer", validate_only=True).results) == []


# --- network conversions ---------------------------------------------------------------------------------------------
def test_conversions_count_on_the_day_of_the_click_after_the_reports_lag(google: Google) -> None:
    google.upload(conversion(conversion_value=100), conversion(action="700005", order_id="o-2", conversion_value=7))
    query = (
        "SELECT campaign.id, segments.date, segments.conversion_action_name, metrics.conversions, metrics.conversions_value, "
        "metrics.all_conversions, metrics.all_conversions_by_conversion_date FROM campaign "
        "WHERE segments.date BETWEEN '2026-08-01' AND '2026-09-01' ORDER BY segments.date, segments.conversion_action_name"
    )
    assert list(google.search(query).results) == []
    google.later(hours=3)
    rows = [
        (row.segments.date, row.segments.conversion_action_name, row.metrics.conversions, row.metrics.all_conversions,
         row.metrics.all_conversions_by_conversion_date)
        for row in google.search(query).results
    ]  # fmt: skip
    assert rows == [
        ("2026-08-22", "CRM meeting", 0.0, 1.0, 0.0),
        ("2026-08-22", "CRM qualified lead", 1.0, 1.0, 0.0),
        ("2026-08-30", "CRM meeting", 0.0, 0.0, 1.0),
        ("2026-08-30", "CRM qualified lead", 0.0, 0.0, 1.0),
    ]


def test_one_per_click_counts_once_and_many_per_click_every_time(google: Google) -> None:
    for number in (LEAD, QUALIFIED):
        for day in (1, 2, 3):
            google.upload(conversion(action=number, conversion_date_time=stamp(ago(days=day))))
    google.later(hours=3)
    query = "SELECT segments.conversion_action, metrics.all_conversions FROM campaign"
    found = {row.segments.conversion_action[-6:]: row.metrics.all_conversions for row in google.search(query).results}
    assert found == {LEAD: 1.0, QUALIFIED: 3.0}


def test_retractions_and_restatements_reach_the_metrics(google: Google) -> None:
    from google.ads.googleads.v26.services.types.conversion_adjustment_upload_service import RestatementValue
    from tests.contract.google_ads_vendor import adjustment

    google.upload(
        conversion(order_id="order-1", conversion_value=100), conversion(order_id="order-2", conversion_value=50)
    )
    value = RestatementValue(adjusted_value=80)
    google.adjust(adjustment("RESTATEMENT", restatement_value=value), adjustment(order_id="order-2"))
    google.later(hours=3)
    (row,) = google.search("SELECT customer.id, metrics.conversions, metrics.conversions_value FROM customer").results
    assert (row.metrics.conversions, row.metrics.conversions_value) == (1.0, 80.0)


def test_campaigns_without_conversions_show_zero_and_traffic_is_steady(google: Google) -> None:
    query = (
        "SELECT campaign.id, metrics.clicks, metrics.conversions FROM campaign WHERE segments.date DURING LAST_30_DAYS"
    )
    first, again = ([(row.campaign.id, row.metrics.clicks) for row in google.search(query).results] for _ in range(2))
    assert len(first) == 4
    assert all(clicks > 0 for _, clicks in first)
    assert first == again


# --- click_view ------------------------------------------------------------------------------------------------------
def test_click_view_leads_from_a_gclid_to_its_campaign(google: Google) -> None:
    query = (
        f"SELECT click_view.gclid, campaign.id, campaign.name, ad_group.id, segments.date FROM click_view "
        f"WHERE segments.date = '2026-08-22' AND click_view.gclid = '{GCLID}'"
    )
    (row,) = google.search(query).results
    assert (row.click_view.gclid, row.campaign.id, row.campaign.name) == (GCLID, 222000, "Brand")
    assert row.click_view.resource_name == f"customers/{MAIN}/clickViews/2026-08-22~{GCLID}"
    assert list(google.search(query.replace("08-22", "08-23")).results) == []


def test_the_day_of_a_click_is_the_accounts_own() -> None:
    google = Google()
    google.click(ago(days=10, hours=-10.5))  # 22:30 UTC is after midnight in Oslo
    query = "SELECT click_view.gclid FROM click_view WHERE segments.date = '2026-08-23'"
    assert GCLID in {row.click_view.gclid for row in google.search(query).results}


# --- upload summaries ------------------------------------------------------------------------------------------------
def test_upload_summaries_by_client_action_day_and_job(google: Google) -> None:
    google.upload(conversion(), conversion(gclid="x" * 30), conversion(gclid="x" * 31), job_id=9)
    name = "offline_conversion_upload_client_summary"
    fields = ", ".join(
        f"{name}.{field}"
        for field in (
            "client", "status", "total_event_count", "successful_event_count", "pending_event_count", "success_rate",
            "last_upload_date_time", "daily_summaries", "job_summaries", "alerts",
        )
    )  # fmt: skip
    (row,) = google.search(f"SELECT {fields} FROM {name}").results
    found = row.offline_conversion_upload_client_summary
    assert (found.client.name, found.status.name) == ("GOOGLE_ADS_API", "NEEDS_ATTENTION")
    assert (found.total_event_count, found.successful_event_count, found.pending_event_count) == (3, 0, 1)
    assert found.last_upload_date_time == "2026-09-01 14:00:00"
    (job,) = found.job_summaries
    assert (job.job_id, job.failed_count, job.pending_count) == (9, 2, 1)
    assert found.daily_summaries[0].upload_date == "2026-09-01"
    (alert,) = found.alerts
    assert alert.error.conversion_upload_error.name == "EVENT_NOT_FOUND"
    assert alert.error_percentage == pytest.approx(2 / 3)
    google.later(hours=3)
    assert (
        google.search(f"SELECT {fields} FROM {name}")
        .results[0]
        .offline_conversion_upload_client_summary.successful_event_count
        == 1
    )


def test_upload_summaries_of_conversion_actions(google: Google) -> None:
    google.upload(conversion(), conversion(action=LEAD))
    name = "offline_conversion_upload_conversion_action_summary"
    query = f"SELECT {name}.conversion_action_name, {name}.status, {name}.total_event_count FROM {name} WHERE {name}.status = 'EXCELLENT'"
    rows = [row.offline_conversion_upload_conversion_action_summary for row in google.search(query).results]
    assert {(row.conversion_action_name, row.total_event_count) for row in rows} == {
        ("CRM lead", 1),
        ("CRM qualified lead", 1),
    }
    google.later(days=29)
    again = google.search(query.replace("EXCELLENT", "NO_RECENT_UPLOAD")).results
    assert len(again) == 2

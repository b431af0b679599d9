"""Every setting of Google that stands for something unverified is one switch: another value is another behaviour."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from tests.contract.google_ads_vendor import (
    BRAID,
    WON,
    Google,
    adjustment,
    ago,
    codes,
    conversion,
    names,
    person,
)
from tests.contract.test_sandbox_google_ads_actions import create, mutate
from tests.contract.test_sandbox_google_ads_data_manager import event, ingest, refusal, status

from sandbox.google_ads.unverified import UNVERIFIED
from sandbox.rpc import RpcRefused
from sandbox.world_google_ads import hashed

MAIL = "ola@example.com"


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives: its answer, or the gRPC code and the errors in its trailers."""
    try:
        return call()
    except RpcRefused as refused:
        return refused.code, codes(refused) if dict(refused.trailers).get("request-id") else refused.trailers


def rows(google: Google, *found: Any) -> Any:
    return outcome(lambda: names(google.rejected(*found)))


def clicked(google: Google, **fields: Any) -> Google:
    google.click(**fields)
    return google


def without_login(google: Google) -> Any:
    return outcome(lambda: google.raw("/google.ads.googleads.v26.services.GoogleAdsService/Search", b"", token="none"))


def two_operations(google: Google) -> Any:
    google.vendor.settings.update({"daily_operations": 1})
    return rows(clicked(google), conversion(order_id="o-1"), conversion(order_id="o-2"))


def closed_upload(google: Google) -> Any:
    google.act("set_allow_list", allowed=False)
    return rows(clicked(google), conversion())


def closed_adjustment(google: Google) -> Any:
    google.upload(clicked(google) and conversion(order_id="order-1"))
    google.act("set_allow_list", allowed=False)
    return outcome(lambda: names(google.unadjusted(adjustment())))


def two_errors(google: Google) -> Any:
    twin = conversion(gclid="x" * 30, order_id="o-1")
    return rows(google, twin, twin)


def braids(google: Google) -> Any:
    return rows(clicked(google, wbraid=BRAID), conversion(action=WON, gclid=None, wbraid=BRAID))


def by_person(google: Google) -> Any:
    google.click(ago(days=20), emails=[MAIL])
    return rows(google, conversion(gclid=None, user_identifiers=[person(hashed_email=hashed(MAIL))]))


def window_of_new(google: Google) -> Any:
    (made,) = mutate(google, create()).results
    number = made.resource_name.rpartition("/")[2]
    return google.vendor.read("conversion_actions", number)["lookback_days"]


def one_adjustment(google: Google) -> Any:
    google.upload(clicked(google) and conversion(order_id="order-1"))
    return names(google.unadjusted(adjustment()))


def reported(google: Google) -> Any:
    google.upload(clicked(google, at=ago(days=10)) and conversion())
    query = "SELECT metrics.all_conversions FROM customer WHERE segments.date DURING LAST_30_DAYS"
    return [row.metrics.all_conversions for row in google.search(query).results]


def sent(google: Google) -> tuple[Google, str]:
    return google, ingest(clicked(google), event(transaction_id="t-1"))


def state_at_once(google: Google) -> Any:
    return status(*sent(google))


def state_after_an_hour(google: Google) -> Any:
    found = sent(google)
    google.later(hours=1)
    return outcome(lambda: status(*found))


#: setting -> another value than the default, and what then differs
SWITCHES: dict[str, tuple[Any, Callable[[Google], Any]]] = {
    "auth_error_details": (False, without_login),
    "conversions_count_as_operations": (False, two_operations),
    "allow_list_gate": ("row", closed_upload),
    "allow_list_covers": (["UploadConversionAdjustments"], closed_adjustment),
    "row_precedence": (["click", "twin", "order id in use"], two_errors),
    "order_id_max": (3, lambda google: rows(clicked(google), conversion(order_id="o-12"))),
    "order_id_pii": ("secret", lambda google: rows(clicked(google), conversion(order_id=MAIL))),
    "gclid_pattern": ("x+", lambda google: rows(clicked(google), conversion())),
    "braid_pattern": ("x+", braids),
    "gclid_with_braid": (True, lambda google: rows(clicked(google), conversion(action=WON, gbraid=BRAID))),
    "enhanced_click_days": (1, by_person),
    "upload_lookback_days": (30, window_of_new),
    "adjustments_max": (0, one_adjustment),
    "report_lag_seconds": (0, reported),
    "processing_seconds": (0, state_at_once),
    "events_max": (1, lambda google: outcome(lambda: bool(ingest(google, event(), event())))),
    "status_days": (0.01, state_after_an_hour),
    "violation_field": ("events[{index}]", lambda google: refusal(google, event(currency="XXX"))),
}


def test_every_setting_is_tried() -> None:
    assert set(SWITCHES) == set(UNVERIFIED)


@pytest.mark.parametrize("name", SWITCHES)
def test_a_setting_changes_what_it_says(name: str) -> None:
    value, observe = SWITCHES[name]
    assert observe(Google()) != observe(Google(**{name: value}))

"""The Google Ads system against the sandbox, over the wire: accounts, both upload APIs, adjustments, what refuses a call."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from google.api_core.exceptions import ResourceExhausted
from google.protobuf.duration_pb2 import Duration
from google.rpc.error_details_pb2 import RetryInfo
from tests.contract.google_ads_rig import (
    MAIN,
    MANAGER,
    QUALIFIED,
    STRANGER,
    UNDER_MANAGER,
    WON,
    GoogleRig,
    google_rig,
)

from lockstep.conversions.definition import Backend
from lockstep.errors import AccessError, AuthenticationError, ConfigError, RateLimited, VendorUnavailable
from lockstep.systems.ads import Adjustment, ClickConversion, Settled
from lockstep.systems.google_ads.calls import error_of

ADS, MANAGED = Backend.GOOGLE_ADS, Backend.DATA_MANAGER


@pytest.fixture(scope="module")
def shared() -> Iterator[GoogleRig]:
    with google_rig() as rig:
        yield rig


@pytest.fixture
def rig(shared: GoogleRig) -> Iterator[GoogleRig]:
    yield shared
    shared.sandbox.heal()


def upload(
    rig: GoogleRig, *rows: ClickConversion, backend: Backend = ADS, account: str = MAIN, **more: bool
) -> dict[int, str]:
    sent = rig.system().uploader(backend).upload(account, rows, **more)
    return {row: error.name for row, error in sent.errors.items()}


# --- reading


@pytest.mark.parametrize("version", [pytest.param("v23", marks=pytest.mark.slow), "v26"])
def test_an_account_says_who_owns_its_conversions(rig: GoogleRig, version: str) -> None:
    system = rig.system(api_version=version)
    main, below = system.account(MAIN), system.account(UNDER_MANAGER)
    assert (main.conversions, main.currency, main.time_zone, main.enhanced) == (MAIN, "NOK", "Europe/Oslo", True)
    assert (main.status, main.manager, main.auto_tagging, main.terms) == ("ENABLED", False, True, True)
    assert (below.conversions, below.currency) == (MANAGER, "SEK")
    assert not main.tracking.startswith("MANAGED_BY_ANOTHER")


def test_conversion_actions(rig: GoogleRig) -> None:
    actions = {one.id: one for one in rig.system().actions(MAIN)}
    assert (actions[WON].name, actions[WON].type, actions[WON].counting) == (
        "CRM closed won",
        "UPLOAD_CLICKS",
        "MANY_PER_CLICK",
    )
    assert (actions["700007"].status, actions["700006"].always_default, actions[WON].owner) == ("REMOVED", True, MAIN)


def test_the_access_token_is_kept_between_tasks(rig: GoogleRig) -> None:
    rig.system().account(MAIN)
    before = len([one for one in rig.meter.records if one.bucket == "login"])
    rig.system().account(MAIN)
    assert len([one for one in rig.meter.records if one.bucket == "login"]) == before


def test_an_access_token_that_ended_is_renewed_once(rig: GoogleRig) -> None:
    system = rig.system()
    system.account(MAIN)
    rig.act("expire_tokens")
    assert system.account(MAIN).id == MAIN


def test_an_account_out_of_reach(rig: GoogleRig) -> None:
    with pytest.raises(AccessError, match="INVALID_LOGIN_CUSTOMER_ID"):
        rig.system().account(STRANGER)


# --- uploading


def test_google_ads_answers_row_by_row(rig: GoogleRig) -> None:
    rows = [rig.row("a-1", value=12.5, currency="EUR"), rig.row("a-2", click="x" * 40), rig.row("a-3", click="short")]
    assert upload(rig, *rows) == {1: "EVENT_NOT_FOUND", 2: "UNPARSEABLE_GCLID"}
    held = rig.recorded()["a-1"]
    assert (held["value"], held["currency"], held["action"], held["customer"]) == (12.5, "EUR", QUALIFIED, MAIN)
    assert "a-2" not in rig.recorded()


def test_a_repeated_row_is_recognised(rig: GoogleRig) -> None:
    row = rig.row("b-1")
    assert upload(rig, row) == {}
    assert upload(rig, row) == {0: "ORDER_ID_ALREADY_IN_USE"}


@pytest.mark.parametrize("kind", ["commit_then_reset", "reset_before"])
def test_a_lost_answer_is_sent_again(rig: GoogleRig, kind: str) -> None:
    row = rig.row(f"c-{kind}")
    rig.fault(path="UploadClickConversions", kind=kind)
    sent = rig.system().uploader(ADS).upload(MAIN, [row])
    assert sent.repeated
    assert [one.name for one in sent.errors.values()] == (
        ["ORDER_ID_ALREADY_IN_USE"] if kind.startswith("commit") else []
    )
    assert row.order_id in rig.recorded()


def test_data_manager_takes_rows_and_says_later_how_they_fared(rig: GoogleRig) -> None:
    rows = [rig.row("d-1", value=3.0), rig.row("d-2", click="x" * 40), rig.row("d-3", action=WON)]
    system = rig.system()
    sent = system.uploader(MANAGED).upload(MAIN, rows)
    assert sent.request_id
    assert system.uploader(MANAGED).verdict(sent.request_id) is None
    rig.later(minutes=30)
    assert system.uploader(MANAGED).verdict(sent.request_id) == {
        QUALIFIED: Settled(2, {"INVALID_CLICK": 1}), WON: Settled(1, {}),
    }  # fmt: skip
    assert {"d-1", "d-3"} <= rig.recorded().keys()
    again = system.uploader(MANAGED).upload(MAIN, [rows[0]])
    rig.later(minutes=30)
    assert system.uploader(MANAGED).verdict(again.request_id or "") == {
        QUALIFIED: Settled(1, {"DUPLICATE_TRANSACTION_ID": 1})
    }


@pytest.mark.parametrize("form", ["events.events[{index}]", "events[{index}]"])
def test_one_wrong_row_does_not_keep_the_others_back(rig: GoogleRig, form: str) -> None:
    rig.settings(violation_field=form)
    rows = [rig.row(f"e-{n}-{form[6]}", value=1.0, currency="XYZ" if n == 2 else "NOK") for n in range(4)]
    assert upload(rig, *rows, backend=MANAGED) == {2: "INVALID_CURRENCY_CODE"}
    rig.later(minutes=30)
    rig.settings(violation_field="events.events[{index}]")
    assert {one.order_id for one in rows} - rig.recorded().keys() == {rows[2].order_id}


def test_rows_that_google_does_not_name_are_found_by_halves(rig: GoogleRig) -> None:
    rig.settings(violation_field="somewhere")
    rows = [rig.row(f"f-{n}", value=1.0, currency="XYZ" if n in (1, 4) else "NOK") for n in range(6)]
    assert upload(rig, *rows, backend=MANAGED) == dict.fromkeys((1, 4), "INVALID_CURRENCY_CODE")
    rig.settings(violation_field="events.events[{index}]")


def test_a_wrong_action_keeps_only_its_own_rows_back(rig: GoogleRig) -> None:
    rows = [rig.row("g-1"), rig.row("g-2", action="700007"), rig.row("g-3", action=WON)]
    assert upload(rig, *rows, backend=MANAGED) == {1: "INVALID_CONVERSION_ACTION_ID"}
    assert upload(rig, *rows, backend=ADS) == {1: "NO_CONVERSION_ACTION_FOUND"}


@pytest.mark.parametrize("backend", Backend)
def test_validate_only_keeps_nothing(rig: GoogleRig, backend: Backend) -> None:
    row = rig.row(f"h-{backend}")
    assert upload(rig, row, backend=backend, validate_only=True) == {}
    rig.later(minutes=30)
    assert row.order_id not in rig.recorded()


@pytest.mark.parametrize("backend", Backend)
def test_people_consent_and_braids_arrive(rig: GoogleRig, backend: Backend) -> None:
    braid = f"0AAAAA{rig.clicks:040}"
    rig.click(gbraid=braid, gclid=None)
    people = (("email", "a" * 64), ("phone", "b" * 64))
    told = {"ad_user_data": "granted", "ad_personalization": "denied"}
    rows = [rig.row(f"i-{backend}-1", people=people, consent=told), rig.row(f"i-{backend}-2", action=WON)]
    rows[1] = ClickConversion(rows[1].order_id, WON, rows[1].at, ("gbraid", braid))
    assert upload(rig, *rows, backend=backend) == {}
    rig.later(minutes=30)
    held = rig.recorded()
    assert sorted(held[rows[0].order_id]["identifiers"]) == ["a" * 64, "b" * 64]
    assert held[rows[0].order_id]["consent"] == {"ad_user_data": "GRANTED", "ad_personalization": "DENIED"}
    assert held[rows[1].order_id]["click"] == braid


def test_a_request_that_google_has_forgotten(rig: GoogleRig) -> None:
    with pytest.raises(KeyError):
        rig.system().uploader(MANAGED).verdict("t-0")


# --- adjusting


def test_a_value_is_restated_and_a_conversion_taken_back(rig: GoogleRig) -> None:
    system = rig.system()
    rows = [rig.row("j-1", value=1.0), rig.row("j-2", value=1.0)]
    assert upload(rig, *rows) == {}
    adjustments = [
        Adjustment("j-1", QUALIFIED, rig.now(), 7.5, "NOK"), Adjustment("j-2", QUALIFIED, rig.now()),
        Adjustment("j-0", QUALIFIED, rig.now()),
    ]  # fmt: skip
    errors = system.adjuster.adjust(MAIN, adjustments).errors
    assert {row: error.name for row, error in errors.items()} == {2: "CONVERSION_NOT_FOUND"}
    held = rig.recorded()
    assert (held["j-1"]["adjusted_value"], held["j-2"]["retracted"]) == (7.5, True)


def test_data_manager_restates_by_the_same_transaction_id(rig: GoogleRig) -> None:
    row = rig.row("k-1", value=1.0)
    upload(rig, row, backend=MANAGED)
    rig.later(minutes=30)
    upload(rig, ClickConversion(row.order_id, row.action, row.at, row.click, value=9.0, restates=True), backend=MANAGED)
    rig.later(minutes=30)
    assert rig.recorded()["k-1"]["adjusted_value"] == 9.0


# --- calls that are refused whole


def test_a_project_that_may_not_use_the_api(rig: GoogleRig) -> None:
    rig.act("set_allow_list", allowed=False)
    try:
        with pytest.raises(AccessError) as error:
            upload(rig, rig.row("l-1"))
    finally:
        rig.act("set_allow_list", allowed=True)
    assert error.value.code == "ads_not_allowlisted"
    assert "backend: data_manager" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "error", "code"),
    [
        ({"project_approved": False}, AccessError, "ads_project_not_approved"),
        ({"daily_operations": 0}, RateLimited, "rate_limited"),
    ],
)
def test_what_the_project_may_not(
    rig: GoogleRig, changes: dict[str, object], error: type[Exception], code: str
) -> None:
    rig.settings(**changes)
    try:
        with pytest.raises(error) as found:
            upload(rig, rig.row("m-1"))
    finally:
        rig.settings(project_approved=True, daily_operations=None)
    assert found.value.code == code  # type: ignore[attr-defined]
    if error is RateLimited:
        assert found.value.retry_after == 30  # type: ignore[attr-defined]


@pytest.mark.parametrize("backend", Backend)
@pytest.mark.parametrize(("status", "error"), [(429, RateLimited), (503, VendorUnavailable), (500, VendorUnavailable)])
def test_google_fails(rig: GoogleRig, backend: Backend, status: int, error: type[Exception]) -> None:
    rig.fault(path="UploadClickConversions|IngestEvents", kind="status", status=status, times=10)
    with pytest.raises(error):
        upload(rig, rig.row("n-1"), backend=backend)


def test_the_delay_that_google_asks_for(rig: GoogleRig) -> None:
    details = {"quotaErrorDetails": {"rateScope": "DEVELOPER", "rateName": "basic", "retryDelay": "17s"}}
    body = {
        "errors": [
            {"errorCode": {"quotaError": "RESOURCE_TEMPORARILY_EXHAUSTED"}, "message": "Slow.", "details": details}
        ]
    }
    rig.fault(path="UploadClickConversions", kind="status", status=429, body=body)
    with pytest.raises(RateLimited) as error:
        upload(rig, rig.row("o-1"))
    assert error.value.retry_after == 17


def test_the_delay_that_data_manager_asks_for() -> None:
    told = RetryInfo(retry_delay=Duration(seconds=17, nanos=500_000_000))
    error = error_of(ResourceExhausted("Slow.", errors=(), details=[told]))
    assert isinstance(error, RateLimited)
    assert error.retry_after == 17.5


def test_a_revoked_login(rig: GoogleRig) -> None:
    for backend in Backend:
        upload(rig, rig.row(f"p-{backend}"), backend=backend)
    rig.settings(refresh_tokens=[])
    rig.act("expire_tokens")
    try:
        for backend in Backend:
            with pytest.raises(AuthenticationError, match="google_ads_default|credentials|OAUTH"):
                upload(rig, rig.row(f"q-{backend}"), backend=backend)
    finally:
        rig.settings(refresh_tokens=True)


def test_too_many_rows_are_refused_by_google(rig: GoogleRig) -> None:
    click = rig.click()
    rows = [rig.row(f"q-{n}", click=click, days=2 - n / 100_000) for n in range(4)]
    rig.settings(rows_max=3)
    with pytest.raises(ConfigError, match="TOO_MANY_CONVERSIONS_IN_REQUEST") as error:
        upload(rig, *rows)
    rig.settings(rows_max=2_000)
    assert error.value.code == "ads_too_many_conversions_in_request"


def test_every_call_passes_the_meter(rig: GoogleRig) -> None:
    def logged() -> int:
        return int(rig.sandbox.admin("GET", "calls/count?vendor=google_ads")["total"])

    before, calls = rig.meter.calls, logged()
    rig.tokens.held.clear()
    upload(rig, rig.row("r-1"))
    upload(rig, rig.row("r-2"), backend=MANAGED)
    assert rig.meter.calls - before == logged() - calls == 3


def test_errors_hold_nothing_personal(rig: GoogleRig) -> None:
    rows = [rig.row("jane@example.com"), rig.row("s-2", people=(("email", "jane@example.com"),))]
    sent = rig.system().uploader(ADS).upload(MAIN, rows)
    assert {one.name for one in sent.errors.values()} == {"ORDER_ID_CONTAINS_PII", "INVALID_USER_IDENTIFIER"}
    assert "jane" not in " ".join(one.message for one in sent.errors.values())
    assert timedelta(0) < rig.now() - rows[0].at

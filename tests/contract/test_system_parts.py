"""Parts of the adapters that need no wire: raw values, SOQL text, bisecting, error codes, pace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.errors import CODES, QuotaExhausted
from lockstep.model import Rejection, Window, Write, WriteResult, Written
from lockstep.pacing import LocalMeter
from lockstep.systems.answers import FIELD_CODES, LostAnswer, Refused, Sending, bisected, rejected, without_bad_fields
from lockstep.systems.base import parts
from lockstep.systems.hubspot import refusals as hubspot
from lockstep.systems.hubspot.reads import version
from lockstep.systems.salesforce import refusals as salesforce
from lockstep.systems.salesforce import soql
from lockstep.systems.salesforce.raw import number, raw, to_json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("", None),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (3.0, "3"),
        (1234.5, "1234.5"),
        (1e21, "1000000000000000000000"),
        (0.1, "0.1"),
        (-0.0, "0"),
        ("2026-01-01T00:00:01.000+0000", "2026-01-01T00:00:01.000Z"),
        ("2026-01-01", "2026-01-01"),
        ("not a datetime ending in +0000", "not a datetime ending in +0000"),
    ],
)
def test_json_values_as_raw_text(value: object, text: str | None) -> None:
    assert raw(value) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**12), max_value=10**12))
def test_numbers_keep_their_value(exact: object) -> None:
    text = number(str(exact))
    assert "E" not in text.upper()
    assert to_json(text, "double") == pytest.approx(float(str(exact)))
    assert number(text) == text


@pytest.mark.parametrize(
    ("text", "type", "value"),
    [("true", "boolean", True), ("False", "boolean", False), ("12.50", "currency", 12.5), ("12", "int", 12),
     ("12", "string", "12"), (None, "double", None), ("a dozen", "double", "a dozen"), ("NaN", "double", "NaN")],
)  # fmt: skip
def test_raw_text_as_json(text: str | None, type: str, value: object) -> None:
    found = to_json(text, type)
    assert (found, found.__class__) == (value, value.__class__)


@given(st.text())
def test_soql_text_cannot_leave_its_quotes(value: str) -> None:
    literal = soql.text(value)
    inside, escaped = literal[1:-1], False
    for character in inside:
        assert character != "'" or escaped
        escaped = character == "\\" and not escaped
    assert not escaped
    assert "\n" not in literal


@given(st.lists(st.text(max_size=40), max_size=60), st.integers(20, 300), st.integers(1, 10))
def test_chunks_hold_every_value_once(values: list[str], room: int, most: int) -> None:
    chunks = list(soql.chunks(values, room, most))
    assert [one for chunk in chunks for one in chunk] == [soql.text(value) for value in values]
    assert all(0 < len(chunk) <= most for chunk in chunks)
    assert all(sum(len(quote(one)) + 3 for one in chunk) <= room or len(chunk) == 1 for chunk in chunks)


def test_windows_in_soql() -> None:
    at = datetime(2026, 1, 1, 12, 0, 0, 123_999, tzinfo=UTC)
    assert soql.in_window(Window(at, at)) == [
        "SystemModstamp >= 2026-01-01T12:00:00.123Z",
        "SystemModstamp < 2026-01-01T12:00:00.123Z",
    ]


@pytest.mark.parametrize(
    "text", ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000000+00:00"]
)
def test_hubspot_versions_compare_as_text(text: str) -> None:
    assert version(text) == "2026-01-01T00:00:00.000Z"


# --- codes


def test_every_code_is_in_the_registry() -> None:
    ours = {*salesforce.CODES.values(), *hubspot.CATEGORIES.values(), *hubspot.PROPERTIES.values(), *FIELD_CODES}
    assert ours <= CODES.keys()


def test_salesforce_query_errors_do_not_repeat_the_query() -> None:
    message = "\nSELECT Id FROM Contact WHERE Email = 'ada@example.com' AND X = 1\n  ^\nERROR at Row:1:Column:52\nNo such column 'X' on entity 'Contact'."
    rejection = salesforce.rejection_of([{"errorCode": "INVALID_FIELD", "message": message}])
    assert (rejection.code, rejection.fields) == ("unknown_field", ("X",))
    assert "ada@example.com" not in rejection.message


def test_the_record_that_exists_already_is_named() -> None:
    twin = {
        "statusCode": "DUPLICATE_VALUE",
        "message": "duplicate value found: L duplicates value on record with id: 0035g00000ABCDE",
    }
    assert salesforce.existing_id([twin]) == "0035g00000ABCDE"
    assert hubspot.existing_id({"message": "Contact already exists. Existing ID: 3401"}) == "3401"
    assert hubspot.existing_id({"message": "x", "context": {"existingId": ["7"]}}) == "7"
    assert hubspot.existing_id({"message": "x"}) is None


@pytest.mark.parametrize("body", [b"<html>", b"", b"[]", b"null"])
def test_bodies_that_are_no_errors_are_bodies_all_the_same(body: bytes) -> None:
    assert salesforce.rejection_of(salesforce.errors_of(body), 502).code == "vendor_error"
    assert hubspot.rejections_of(hubspot.parsed(body), 502)[0].code == "vendor_error"


def test_usage_is_read_from_headers_whatever_follows() -> None:
    told = salesforce.usage_of({"Sforce-Limit-Info": "api-usage=18/5000; api-bursts=1/750"})
    assert told is not None
    assert (told.used, told.limit) == (18, 5000)
    assert salesforce.usage_of({}) is None
    daily = hubspot.usage_of({"X-HubSpot-RateLimit-Daily": "625000", "X-HubSpot-RateLimit-Daily-Remaining": "624990"})
    assert daily is not None
    assert daily.used == 10


# --- sending


def writes_of(count: int, values: dict[str, str | None] | None = None) -> list[Write]:
    return [Write(key, f"id{key}", None, values or {"a": "1"}) for key in range(count)]


def ok(writes: Sequence[Write]) -> list[WriteResult]:
    return [WriteResult(one.key, Written.OK, one.record_id) for one in writes]


@given(st.sets(st.integers(0, 99), max_size=4))
def test_bisecting_finds_the_poisoned_writes_in_few_calls(bad: set[int]) -> None:
    calls = 0

    def send(some: Sequence[Write]) -> list[WriteResult]:
        nonlocal calls
        calls += 1
        if any(one.key in bad for one in some):
            raise Refused("X", 400, Rejection("vendor_refused", "no"))
        return ok(some)

    results = bisected(writes_of(100), send)
    assert sorted(one.key for one in results) == list(range(100))
    assert {one.key for one in results if one.status is Written.REJECTED} == bad
    assert calls <= 1 + 14 * len(bad)


def test_fields_that_the_vendor_names_one_at_a_time_are_left_out() -> None:
    def send(some: Sequence[Write]) -> list[WriteResult]:
        return [_first_bad(one) for one in some]

    values = {"a": "1", "bad1": "x", "bad2": "x"}
    (result,) = without_bad_fields([Write(1, "r", None, values)], send, frozenset())
    assert result.status is Written.OK
    assert [one.fields for one in result.field_rejections] == [("bad1",), ("bad2",)]
    (refused,) = without_bad_fields([Write(1, "r", None, values)], send, frozenset({"bad1"}))
    assert refused.status is Written.REJECTED
    (needing,) = without_bad_fields([Write(1, None, "x", values, frozenset({"bad2"}))], send, frozenset())
    assert (needing.status, needing.rejection.fields) == (Written.REJECTED, ("bad2",))  # type: ignore[union-attr]


def _first_bad(write: Write) -> WriteResult:
    bad = sorted(name for name in write.values if name.startswith("bad"))
    if not bad:
        return WriteResult(write.key, Written.OK, write.record_id)
    return rejected(write, Rejection("invalid_value", "no", None, (bad[0],)))


def test_errors_after_the_first_call_are_results() -> None:
    answers = iter([ok, LostAnswer("lost"), QuotaExhausted("used up")])

    def send(some: Sequence[Write]) -> list[WriteResult]:
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer(some)

    sending = Sending(send)
    statuses = [sending(writes_of(1))[0] for _ in range(3)]
    assert [one.status for one in statuses] == [Written.OK, Written.UNKNOWN, Written.REJECTED]
    assert statuses[2].rejection is not None
    assert statuses[2].rejection.code == "quota"


def test_an_error_of_the_first_call_is_raised() -> None:
    def send(some: Sequence[Write]) -> list[WriteResult]:
        raise QuotaExhausted("used up")

    with pytest.raises(QuotaExhausted):
        Sending(send)(writes_of(1))


# --- pace


def test_the_meter_stops_at_the_allocation() -> None:
    meter = LocalMeter({}, allocation={"hubspot": 2})
    for _ in range(2):
        meter.acquire("hubspot", "ten_secondly")
        meter.record("hubspot", "ten_secondly", 200, 1.0, None)
    meter.acquire("salesforce", "api")
    with pytest.raises(QuotaExhausted):
        meter.acquire("hubspot", "ten_secondly")


@given(st.lists(st.integers(), max_size=30), st.integers(1, 7))
def test_parts(values: list[int], size: int) -> None:
    found = list(parts(values, size))
    assert [one for part in found for one in part] == values
    assert all(0 < len(part) <= size for part in found)

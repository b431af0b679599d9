"""What goes over the wire: times over both nights of daylight saving, values and currencies, for both upload APIs."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from lockstep.systems.ads import Adjustment, ClickConversion
from lockstep.systems.google_ads.data_manager import DataManagerUploader
from lockstep.systems.google_ads.uploads import _adjustment, _conversion, stamp

OSLO = ZoneInfo("Europe/Oslo")
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 00:30:00+00:00"),
        # the night when 02:30 comes twice in Oslo: two different moments
        (datetime(2026, 10, 25, 2, 30, tzinfo=OSLO), "2026-10-25 00:30:00+00:00"),
        (datetime(2026, 10, 25, 2, 30, tzinfo=OSLO, fold=1), "2026-10-25 01:30:00+00:00"),
        # the night when 02:30 does not exist: 01:59:59 is followed by 03:00:00
        (datetime(2026, 3, 29, 1, 59, 59, tzinfo=OSLO), "2026-03-29 00:59:59+00:00"),
        (datetime(2026, 3, 29, 3, 0, tzinfo=OSLO), "2026-03-29 01:00:00+00:00"),
        # Salesforce's own form, with milliseconds: Google takes whole seconds and wants a colon in the offset
        (datetime.fromisoformat("2026-10-01T10:00:00.999+0000"), "2026-10-01 10:00:00+00:00"),
        (datetime.fromisoformat("2026-10-01T10:00:00.000-0730"), "2026-10-01 17:30:00+00:00"),
    ],
)
def test_a_moment_is_sent_in_utc_with_its_offset(at: datetime, text: str) -> None:
    assert stamp(at) == text
    assert _conversion("1", ClickConversion("o", "7", at))["conversion_date_time"] == text


def test_moments_keep_their_order_over_both_nights() -> None:
    for night in (datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)):
        moments = [(night + timedelta(minutes=15 * n)).astimezone(OSLO) for n in range(24)]
        texts = [stamp(one) for one in moments]
        assert texts == sorted(texts)
        assert len(set(texts)) == 24


def event(row: ClickConversion) -> dict[str, object]:
    uploader = DataManagerUploader(None, lambda: None, None, lambda: AT)  # type: ignore[arg-type]
    made = uploader._event(row)
    return type(made).to_dict(made, always_print_fields_with_no_presence=False, use_integers_for_enums=False)  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("value", "currency"),
    [(0.0, "NOK"), (12.34, "EUR"), (1_000_000.0, "JPY"), (99.99, None), (None, "NOK"), (None, None)],
)
def test_values_and_currencies(value: float | None, currency: str | None) -> None:
    """A currency without a value would say nothing; without a currency Google takes the action's, then the account's."""
    row = ClickConversion("o", "7", AT, value=value, currency=currency)
    ads, managed = _conversion("1", row), event(row)
    assert ads.get("conversion_value") == managed.get("conversion_value") == value
    told = currency if value is not None else None
    assert ads.get("currency_code") == managed.get("currency") == told


def test_a_retraction_has_no_value_and_a_restatement_the_new_total() -> None:
    assert "restatement_value" not in _adjustment("1", Adjustment("o", "7", AT))
    told = _adjustment("1", Adjustment("o", "7", AT, 80.0, "NOK"))
    assert (told["adjustment_type"], told["restatement_value"]) == (
        "RESTATEMENT", {"adjusted_value": 80.0, "currency_code": "NOK"},
    )  # fmt: skip


def test_people_are_hashes_of_their_kind_and_consent_is_named() -> None:
    people = (("email", "a" * 64), ("phone", "b" * 64))
    row = ClickConversion("o", "7", AT, ("gbraid", "G"), people, consent={"ad_user_data": "granted"})
    ads, managed = _conversion("1", row), event(row)
    assert ads["user_identifiers"] == [{"hashed_email": "a" * 64}, {"hashed_phone_number": "b" * 64}]
    assert (ads["gbraid"], ads["consent"]) == ("G", {"ad_user_data": "GRANTED"})
    assert managed["user_data"] == {"user_identifiers": [{"email_address": "a" * 64}, {"phone_number": "b" * 64}]}
    assert managed["ad_identifiers"] == {"gbraid": "G"}

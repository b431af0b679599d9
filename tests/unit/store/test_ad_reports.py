"""Reports of ad networks in the store, and what is made of them: the explanation of both numbers, passports, clicks that expire."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from lockstep.conversions.places import Place
from lockstep.conversions.reconciliation import Bucket, Row
from lockstep.conversions.record import Conversion, ConversionState
from lockstep.conversions.reports import AdContact, Clicked, Counted, Diagnosis, OpenDeal, Traffic
from lockstep.model import Action, Change, Operation, OutcomeKind, Step, Window
from lockstep.store import Store, ad_reports, conversions, difference_rows, differences, ledger
from lockstep.store.ad_reports import Put
from lockstep.store.passport import passport

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MONDAY, TUESDAY = date(2026, 2, 23), date(2026, 2, 24)
ACCOUNT, OTHER, BRAND, GENERIC = "2223334445", "9998887776", "222001", "999001"
OSLO = Place(ACCOUNT, "Europe/Oslo", ACCOUNT, clients=frozenset({ACCOUNT}))
YORK = Place(OTHER, "America/New_York", OTHER, clients=frozenset({OTHER}))
TRAFFIC = Traffic(BRAND, "Brand", MONDAY, 7, 100, 5_000_000)
COUNTED = Counted(BRAND, MONDAY, "7", Decimal("2.5"), Decimal(2), Decimal("10.50"), Decimal(1))
FORM = datetime(2026, 2, 23, 10, tzinfo=UTC)
KARI = AdContact("18", "g1", FORM, FORM - timedelta(minutes=5), FORM, 3, True, True)
SALE = Conversion("00Q1-m-1", "salesforce", "Lead", "00Q1", "m", "1", None, "7", FORM, gclid="g1",
                  state=ConversionState.ACCEPTED, accepted_at=FORM, sent_action="7")  # fmt: skip


def test_reading_again_changes_nothing(store: Store) -> None:
    with store.writing() as tx:
        assert ad_reports.put_traffic(tx, ACCOUNT, [TRAFFIC]) == Put(new=1)
        assert ad_reports.put_traffic(tx, ACCOUNT, [TRAFFIC]) == Put(skipped=1)
        assert ad_reports.put_traffic(tx, ACCOUNT, [replace(TRAFFIC, clicks=8)]) == Put(updated=1)
        assert ad_reports.traffic(tx, [ACCOUNT], MONDAY) == {(BRAND, MONDAY): 8}
        assert ad_reports.traffic(tx, [ACCOUNT], TUESDAY) == ad_reports.traffic(tx, [OTHER], MONDAY) == {}
        assert ad_reports.campaigns(tx) == {BRAND: "Brand"}


def test_a_conversion_that_google_no_longer_counts(store: Store) -> None:
    with store.writing() as tx:
        assert ad_reports.put_counted(tx, ACCOUNT, [COUNTED], MONDAY, MONDAY).counts["new"] == 1
        assert ad_reports.counted(tx, [ACCOUNT]) == {(BRAND, MONDAY, "7"): Decimal("2.5")}
        assert ad_reports.put_counted(tx, ACCOUNT, [], TUESDAY, TUESDAY) == Put(), "another day was asked for"
        assert ad_reports.put_counted(tx, ACCOUNT, [], MONDAY, MONDAY) == Put(updated=1)
        assert ad_reports.counted(tx, [ACCOUNT]) == {(BRAND, MONDAY, "7"): 0}


def test_clicks_diagnoses_and_contacts_come_back(store: Store) -> None:
    click = Clicked("g1", BRAND, MONDAY)
    told = Diagnosis("GOOGLE_ADS_API", "", "GOOD", 10, 9, 0, NOW, {"EVENT_NOT_FOUND": 0.1}, {"2026-02-23": (9, 1, 0)})
    with store.writing() as tx:
        assert ad_reports.put_clicks(tx, ACCOUNT, [click, click]) == Put(new=1)
        assert ad_reports.put_diagnoses(tx, ACCOUNT, [told], NOW) == Put(new=1)
        assert ad_reports.put_diagnoses(tx, ACCOUNT, [told], NOW + timedelta(hours=1)) == Put(skipped=1)
        assert ad_reports.put_contacts(tx, [KARI]) == Put(new=1)
        assert ad_reports.clicks(tx, ["g1", "g2"]) == {"g1": replace(click, account=ACCOUNT)}
        assert ad_reports.diagnoses(tx) == [(ACCOUNT, NOW + timedelta(hours=1), told)]
        assert ad_reports.contacts(tx) == [KARI]
        assert ad_reports.forget_clicks(tx, ACCOUNT, TUESDAY) == 1
        assert ad_reports.clicks(tx, ["g1"]) == {}


def test_an_erased_contact_is_forgotten(store: Store) -> None:
    with store.writing() as tx:
        ad_reports.put_contacts(tx, [KARI, replace(KARI, id="19")])
        ad_reports.forget(tx, "hubspot", "contacts", KARI.id)
        ad_reports.forget(tx, "salesforce", "Lead", "19")
        assert [one.id for one in ad_reports.contacts(tx)] == ["19"]


def test_open_deals_are_those_of_the_last_read(store: Store) -> None:
    deal = OpenDeal("006A", "g1", NOW, date(2026, 6, 1))
    with store.writing() as tx:
        ad_reports.put_open_deals(tx, [deal, replace(deal, id="006B")])
        ad_reports.put_open_deals(tx, [deal])
        assert (ad_reports.gclids_of(tx, "006A"), ad_reports.gclids_of(tx, "006B")) == (["g1"], [])
        ad_reports.put_clicks(tx, ACCOUNT, [Clicked("g1", BRAND, MONDAY)])
        (one,) = differences.expiring(tx, TUESDAY)
        assert (one.expires_on, one.sure) == (MONDAY + timedelta(days=90), True)
        assert differences.expiring(tx, MONDAY + timedelta(days=91)) == [], "too old already"


def test_a_report_of_both_numbers(store: Store) -> None:
    with store.writing() as tx:
        differences.note_place(tx, OSLO, NOW)
        ad_reports.put_traffic(tx, ACCOUNT, [TRAFFIC])
        ad_reports.put_counted(tx, ACCOUNT, [replace(COUNTED, all=Decimal(2))], MONDAY, MONDAY)
        ad_reports.put_clicks(tx, ACCOUNT, [Clicked("g1", BRAND, MONDAY)])
        ad_reports.put_contacts(tx, [KARI])
        conversions.put(tx, [SALE, replace(SALE, order_id="2"),
                             replace(SALE, order_id="3", state=ConversionState.UNIDENTIFIED)], NOW)  # fmt: skip
        (row,) = differences.report(tx, {ACCOUNT: MONDAY}, ACCOUNT, NOW)[ACCOUNT]
    assert (row.campaign, row.network, row.contacts, row.clicks, row.events) == (BRAND, 2, 1, 7, 3)
    assert row.buckets == {Bucket.NO_CLICK_ID: -1, Bucket.SEVERAL_ACTIONS: 2}
    assert row.adds_up


def test_the_days_are_those_of_the_account(store: Store) -> None:
    """In Oslo midnight is at 22 or 23 o'clock UTC; over both nights in which the clock is changed, too."""
    days = {
        datetime(2026, 2, 23, 23, 30, tzinfo=UTC): date(2026, 2, 24),
        datetime(2026, 3, 28, 23, 30, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 21, 30, tzinfo=UTC): date(2026, 3, 29),
        datetime(2026, 3, 29, 22, 30, tzinfo=UTC): date(2026, 3, 30),
        datetime(2026, 10, 24, 22, 30, tzinfo=UTC): date(2026, 10, 25),
        datetime(2026, 10, 25, 22, 30, tzinfo=UTC): date(2026, 10, 25),
        datetime(2026, 10, 25, 23, 30, tzinfo=UTC): date(2026, 10, 26),
    }
    some = [replace(SALE, order_id=str(number), happened_at=at, gclid=None) for number, at in enumerate(days)]
    with store.writing() as tx:
        differences.note_place(tx, OSLO, NOW)
        conversions.put(tx, some, NOW)
        rows = differences.report(tx, {ACCOUNT: MONDAY}, ACCOUNT, NOW)[ACCOUNT]
    assert {row.day: row.events for row in rows} == Counter(days.values())


def test_each_of_several_accounts_has_its_own_table(store: Store) -> None:
    """Each in its own time zone: half past three at night in Oslo is the day before in New York."""
    night = datetime(2026, 2, 24, 2, 30, tzinfo=UTC)
    ola = replace(KARI, id="19", gclid="g9", first_form_at=night, created_at=night, first_seen_at=night)
    lost = replace(ola, id="20", gclid="unknown")
    with store.writing() as tx:
        for place, campaign, gclid, number in ((OSLO, BRAND, "g1", 2), (YORK, GENERIC, "g9", 5)):
            differences.note_place(tx, place, NOW)
            ad_reports.put_traffic(tx, place.account, [replace(TRAFFIC, campaign=campaign)])
            counted = replace(COUNTED, campaign=campaign, all=Decimal(number))
            ad_reports.put_counted(tx, place.account, [counted], MONDAY, MONDAY)
            ad_reports.put_clicks(tx, place.account, [Clicked(gclid, campaign, MONDAY)])
        ad_reports.put_contacts(tx, [KARI, ola, lost])
        theirs = replace(SALE, account=OTHER, happened_at=night, sent_account=OTHER)
        conversions.put(tx, [
            SALE,
            replace(theirs, order_id="2", gclid="g9"),
            replace(theirs, order_id="3", gclid="unknown"),
            # a click of one account that is to be a conversion of the other: refused, and in the table of the one that refused it
            replace(SALE, order_id="4", state=ConversionState.REJECTED, code="ads_x", gclid="g9", sent_account=ACCOUNT),
        ], NOW)  # fmt: skip
        table = differences.report(tx, {ACCOUNT: MONDAY, OTHER: MONDAY}, ACCOUNT, NOW)
    assert all(row.adds_up for rows in table.values() for row in rows)
    mine, theirs_rows = ({(row.campaign, row.day): row for row in table[one]} for one in (ACCOUNT, OTHER))
    assert {key: (row.network, row.contacts, row.events) for key, row in mine.items()} == {
        ("", MONDAY): (0, 0, 1),
        (BRAND, MONDAY): (2, 1, 1),
    }
    assert mine["", MONDAY].buckets == {"rejected ads_x": -1, Bucket.OTHER_AD: 1}
    assert {key: (row.network, row.contacts, row.events) for key, row in theirs_rows.items()} == {
        ("", MONDAY): (0, 1, 1),
        (GENERIC, MONDAY): (5, 1, 1),
    }, "a contact whose click is in no report stands where its milestone does"


def test_what_a_closed_client_counted_stays(store: Store) -> None:
    with store.writing() as tx:
        differences.note_place(tx, replace(OSLO, clients=frozenset({"1", "2"})), NOW)
        differences.note_place(tx, replace(OSLO, clients=frozenset({"2"})), NOW)
        assert differences.place_of(tx, ACCOUNT, NOW) == replace(OSLO, clients=frozenset({"1", "2"}))


def test_a_passport(store: Store) -> None:
    window = Window(NOW - timedelta(hours=1), NOW)
    upload = Change(0, 0, None, "google_ads", "conversion", Action.CREATE, SALE.order_id, {}, {}, {}, {},
                    outcome=OutcomeKind.NEW)  # fmt: skip
    with store.writing() as tx:
        assert passport(tx, "g1") is None
        ad_reports.put_clicks(tx, ACCOUNT, [Clicked("g1", BRAND, MONDAY)])
        ad_reports.put_contacts(tx, [KARI])
        conversions.put(tx, [replace(SALE, request_id="q")], NOW)
        ledger.open_run(tx, "r", Step.PUSH_UPDATES, "scheduled", window, "h", None, {}, NOW)
        batch = ledger.open_batch(
            tx, "r", "google_ads", "conversion", Operation.PUSH_CONVERSIONS, window, "conversions"
        )
        ledger.insert_changes(tx, [replace(upload, batch_id=batch)])
        found = passport(tx, "g1")
    assert found is not None
    assert (found.campaign, found.records) == (BRAND, (("salesforce", "Lead", "00Q1"), ("hubspot", "contacts", "18")))
    assert [one.what for one in found.stamps][0] == "captured"
    assert sorted(one.what for one in found.stamps) == ["captured", "contact", "milestone", "upload"]


def test_what_was_worked_out_is_kept_until_it_is_worked_out_anew(store: Store) -> None:
    row = Row(
        BRAND, MONDAY, Decimal("2.5"), 1, 7, 3, 2, {Bucket.OTHER_SOURCES: Decimal("2.5"), "rejected ads_x": Decimal(-1)}
    )
    other = replace(row, day=TUESDAY, buckets={})
    with store.writing() as tx:
        assert difference_rows.made_at(tx, ACCOUNT, NOW) is None
        difference_rows.keep(tx, ACCOUNT, date.min, [other, row], NOW)
        difference_rows.keep(tx, "another", date.min, [row], NOW)
        assert difference_rows.rows(tx, ACCOUNT, MONDAY, TUESDAY) == [row, other]
        assert difference_rows.rows(tx, ACCOUNT, TUESDAY, TUESDAY) == [other]
        difference_rows.keep(tx, ACCOUNT, TUESDAY, [], NOW + timedelta(hours=6))
        assert difference_rows.rows(tx, ACCOUNT, MONDAY, TUESDAY) == [row], "what is no longer worked out stays"
        assert difference_rows.rows(tx, "another", MONDAY, MONDAY) == [row]
        assert difference_rows.made_at(tx, ACCOUNT, NOW) == NOW + timedelta(hours=6)

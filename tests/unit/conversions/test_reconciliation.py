"""Why Google's conversions and HubSpot's contacts differ (AT-05): the buckets of each campaign and day add up, in any world."""

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lockstep.conversions.attribution import Miss
from lockstep.conversions.reconciliation import Bucket, Contact, Event, Row, is_recent, reconcile, why_not_counted
from lockstep.conversions.record import RECORDED, Conversion, ConversionState

DAYS = [date(2026, 3, day) for day in range(1, 5)]
MONDAY, TUESDAY = DAYS[:2]
LEAD, SALE, TAG = "lead", "sale", "tag"
REASONS = [None, *(one for one in Bucket if one.value in ("no_click_id", "expired", "too_recent", "pending", "consent",
           "duplicate", "not_sent", "taken_back", "rejected_but_row_unknown")), "rejected ads_event_not_found"]  # fmt: skip


def event(number: int, person: str, **more: object) -> Event:
    given: dict[str, object] = {"campaign": "Brand", "day": MONDAY, "action": LEAD, "click": f"g{number}"}
    given |= {"click_day": MONDAY} | more
    return Event(str(number), person, **given)  # type: ignore[arg-type]


def only(rows: list[Row]) -> Row:
    (row,) = rows
    assert row.adds_up
    return row


def test_ten_submits_by_one_visitor_are_ten_conversions_and_one_contact() -> None:
    """AT-01."""
    events = [event(number, "kari") for number in range(10)]
    row = only(reconcile(events, [Contact("kari", "Brand", MONDAY)], {("Brand", MONDAY, LEAD): Decimal(10)}, {}))
    assert (row.network, row.contacts, row.difference) == (10, 1, 9)
    assert row.buckets == {Bucket.SEVERAL_ACTIONS: 9}


@pytest.mark.parametrize("why", [one for one in REASONS if one])
def test_what_google_does_not_count(why: str) -> None:
    row = only(reconcile([event(1, "kari", why=why)], [Contact("kari", "Brand", MONDAY)], {}, {}))
    assert (row.difference, row.buckets) == (-1, {why: -1})


@pytest.mark.parametrize(
    ("miss", "bucket"),
    [
        (Miss.EXISTING, Bucket.EXISTING_CONTACT),
        (Miss.NO_COOKIE, Bucket.NOT_TRACKED),
        (Miss.OTHER_SESSION, Bucket.OTHER_SESSION),
        (Miss.NOT_IN_HUBSPOT, Bucket.NOT_IN_HUBSPOT),
    ],
)
def test_whom_hubspot_does_not_count(miss: Miss, bucket: Bucket) -> None:
    """AT-02 to AT-04."""
    contacts = [] if miss is Miss.NOT_IN_HUBSPOT else [Contact("kari", miss=miss)]
    row = only(reconcile([event(1, "kari")], contacts, {("Brand", MONDAY, LEAD): Decimal(1)}, {}))
    assert (row.difference, row.buckets) == (1, {bucket: 1})


def test_a_conversion_counts_on_the_day_of_its_click() -> None:
    rows = reconcile(
        [event(1, "kari", day=TUESDAY)],
        [Contact("kari", "Brand", MONDAY)],
        {("Brand", MONDAY, LEAD): Decimal(1)},
        {("Brand", MONDAY): 7},
    )
    monday, tuesday = rows
    assert (monday.clicks, monday.difference, monday.buckets) == (
        7, 0, {Bucket.ANOTHER_DAY: 1, Bucket.NO_MILESTONE: -1},
    )  # fmt: skip
    assert (tuesday.difference, tuesday.buckets) == (0, {Bucket.ANOTHER_DAY: -1, Bucket.OTHER_AD: 1})
    assert all(row.adds_up for row in rows)


def test_fractions_other_sources_and_what_is_left() -> None:
    network = {("Brand", MONDAY, LEAD): Decimal("1.4"), ("Brand", MONDAY, TAG): Decimal("0.25")}
    row = only(reconcile([event(1, "kari")], [Contact("kari", "Brand", MONDAY)], network, {}))
    assert row.buckets == {Bucket.OTHER_SOURCES: Decimal("0.25"), Bucket.NOT_EXPLAINED: Decimal("0.4")}


def test_what_is_accepted_and_not_yet_reported_is_pending() -> None:
    row = only(reconcile([event(1, "kari", recent=True)], [Contact("kari", "Brand", MONDAY)], {}, {}))
    assert row.buckets == {Bucket.PENDING: -1}
    lost = only(reconcile([event(1, "kari")], [Contact("kari", "Brand", MONDAY)], {}, {}))
    assert lost.buckets == {Bucket.NOT_EXPLAINED: -1}


def test_an_action_that_counts_one_per_click() -> None:
    events = [event(n, "kari", click="same") for n in range(3)]
    network = {("Brand", MONDAY, LEAD): Decimal(1)}
    row = only(reconcile(events, [Contact("kari", "Brand", MONDAY)], network, {}, frozenset({LEAD})))
    assert row.buckets == {Bucket.ONCE_PER_CLICK: -2, Bucket.SEVERAL_ACTIONS: 2}


# --- every state has its bucket


@pytest.mark.parametrize("state", ConversionState)
def test_each_state_of_a_conversion_has_a_bucket_or_counts(state: ConversionState) -> None:
    one = Conversion("o", "salesforce", "Lead", "r", "m", "e", None, "7", datetime(2026, 3, 1, tzinfo=UTC), state=state)
    counts = state in RECORDED or state is ConversionState.CANNOT_RETRACT
    assert (why_not_counted(replace(one, code="ads_x")) is None) is counts


def test_codes_decide_where_states_do_not() -> None:
    one = Conversion("o", "salesforce", "Lead", "r", "m", "e", None, "7", datetime(2026, 3, 1, tzinfo=UTC))
    rejected = replace(one, state=ConversionState.REJECTED)
    waiting = replace(one, state=ConversionState.WAITING)
    assert why_not_counted(replace(rejected, code="ads_event_not_found")) == "rejected ads_event_not_found"
    assert why_not_counted(replace(rejected, code="ads_duplicate_gclid")) == Bucket.DUPLICATE
    assert why_not_counted(replace(rejected, code="ads_expired_event")) == Bucket.EXPIRED
    assert why_not_counted(replace(waiting, code="ads_too_recent_event")) == Bucket.TOO_RECENT
    assert why_not_counted(replace(waiting, code="ads_internal_error")) == Bucket.NOT_SENT


def test_reports_may_lack_what_was_accepted_today() -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    assert is_recent(now - timedelta(hours=3), now)
    assert not is_recent(now - timedelta(hours=25), now)
    assert not is_recent(None, now)


# --- random worlds


PEOPLE = [f"p{n}" for n in range(6)]
events_ = st.builds(
    event,
    st.integers(0, 10_000),
    st.sampled_from(PEOPLE),
    campaign=st.sampled_from(["Brand", "Generic", ""]),
    day=st.sampled_from(DAYS),
    click_day=st.sampled_from([*DAYS, None]),
    action=st.sampled_from([LEAD, SALE]),
    click=st.sampled_from(["g1", "g2", "g3", None]),
    why=st.sampled_from(REASONS),
    recent=st.booleans(),
)
contacts_ = st.builds(
    lambda place, miss: (place, miss),
    st.one_of(st.none(), st.tuples(st.sampled_from(["Brand", "Generic"]), st.sampled_from(DAYS))),
    st.sampled_from([Miss.EXISTING, Miss.NO_COOKIE, Miss.NO_FORM, Miss.OTHER_SESSION]),
)


def people(drawn: dict[str, tuple[tuple[str, date] | None, Miss]]) -> list[Contact]:
    return [Contact(key, *place) if place else Contact(key, miss=miss) for key, (place, miss) in drawn.items()]


@settings(max_examples=300, deadline=None)
@given(
    st.lists(events_, max_size=25),
    st.dictionaries(st.sampled_from([*PEOPLE, "q1", "q2"]), contacts_),
    st.dictionaries(
        st.tuples(st.sampled_from(["Brand", "Generic"]), st.sampled_from(DAYS), st.sampled_from([LEAD, SALE, TAG])),
        st.decimals(0, 40, places=3),
    ),
    st.sets(st.sampled_from([LEAD, SALE])),
)
def test_the_buckets_add_up_whatever_google_reports(
    events: list[Event],
    drawn: dict[str, tuple[tuple[str, date] | None, Miss]],
    network: dict[tuple[str, date, str], Decimal],
    once: set[str],
) -> None:
    rows = reconcile(events, people(drawn), network, {}, frozenset(once))
    assert [row for row in rows if not row.adds_up] == []
    assert sum((row.network for row in rows), Decimal(0)) == sum(network.values(), Decimal(0))
    assert sum(row.contacts for row in rows) == sum(place is not None for place, _ in drawn.values())
    assert sum(row.events for row in rows) == len(events)
    assert sum((row.buckets.get(Bucket.ANOTHER_DAY, Decimal(0)) for row in rows), Decimal(0)) == 0


@settings(max_examples=300, deadline=None)
@given(st.lists(events_, max_size=25), st.dictionaries(st.sampled_from(PEOPLE), contacts_), st.booleans())
def test_nothing_is_left_unexplained_when_google_counts_as_it_says(
    events: list[Event], drawn: dict[str, tuple[tuple[str, date] | None, Miss]], once: bool
) -> None:
    """Google, once more and plainly: what it holds counts on the day of the click, of one click and action perhaps once."""
    held = [one for one in events if one.why is None]
    if once:
        held = list({(one.click or id(one), one.action): one for one in reversed(held)}.values())
    google = Counter((one.campaign, one.click_day or one.day, one.action) for one in held)
    network = {key: Decimal(number) for key, number in google.items()}
    rows = reconcile(events, people(drawn), network, {}, frozenset({LEAD, SALE} if once else ()))
    assert all(Bucket.NOT_EXPLAINED not in row.buckets for row in rows)
    assert all(row.adds_up for row in rows)

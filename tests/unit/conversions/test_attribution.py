"""HubSpot's rules of which ad a contact counts for: AT-01 to AT-04, one row a rule."""

from datetime import UTC, datetime, timedelta

import pytest

from lockstep.conversions.attribution import Attributed, Miss, Session, Submission, Visitor, attributed, deals_won

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
AD = Session(NOW - 5 * MINUTE, NOW + 20 * MINUTE, "Brand")
MAIL = Session(NOW - 3 * DAY, NOW - 3 * DAY + 10 * MINUTE)
FORM = Submission(NOW)


def visitor(
    *submissions: Submission,
    sessions: tuple[Session, ...] = (AD,),
    created: datetime = NOW,
    cookie: bool = True,
) -> Visitor:
    return Visitor("1", created, cookie, sessions, submissions)


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(visitor(FORM), Attributed("Brand", NOW), id="AT-02 the first form in the session of the click"),
        pytest.param(
            visitor(*(Submission(NOW + n * MINUTE) for n in range(10))),
            Attributed("Brand", NOW),
            id="AT-01 ten submits are one contact",
        ),
        pytest.param(
            visitor(Submission(NOW + DAY), created=NOW + DAY),
            Miss.OTHER_SESSION,
            id="AT-02 the form came when the session was over",
        ),
        pytest.param(
            visitor(Submission(NOW - 3 * DAY + MINUTE), FORM, sessions=(MAIL, AD), created=NOW - 3 * DAY),
            Miss.OTHER_SESSION,
            id="AT-02 the first form was in a session that no ad began",
        ),
        pytest.param(visitor(), Miss.NO_FORM, id="AT-02 a visit without a form"),
        pytest.param(visitor(FORM, cookie=False), Miss.NO_COOKIE, id="AT-03 no cookie is tied to the visitor"),
        pytest.param(
            visitor(Submission(NOW, lead_ad="Lead form"), sessions=(), cookie=False),
            Attributed("Lead form", NOW),
            id="AT-03 a lead ad needs no cookie",
        ),
        pytest.param(visitor(FORM, created=NOW - DAY), Miss.EXISTING, id="AT-04 a contact from before, of an import"),
        pytest.param(
            visitor(Submission(NOW, lead_ad="Lead form"), created=NOW - DAY),
            Miss.EXISTING,
            id="AT-04 of a lead ad, too",
        ),
        pytest.param(visitor(FORM, created=NOW + MINUTE), Attributed("Brand", NOW), id="made by the form itself"),
    ],
)
def test_which_ad_a_contact_counts_for(one: Visitor, expected: Attributed | Miss) -> None:
    assert attributed(one) == expected


def test_deals_count_by_their_attributed_contacts() -> None:
    """AT-04."""
    assert deals_won([("a", ["1", "2"]), ("b", ["3"]), ("c", [])], ["2", "9"]) == ["a"]

"""Which ad a HubSpot contact is counted for, by HubSpot's own rules (AT-01 to AT-04). Pure.

HubSpot counts people, ad networks count actions: ten submits by one visitor are ten conversions and one contact (AT-01). A contact
is attributed if a click on an ad began a session, and the visitor's first form submission was made in that session (AT-02); the
tracking cookie must be tied to the visitor, except for lead ads, whose submissions come straight from the network (AT-03). Someone
who was a contact before, from an import or from sales, is not a new one (AT-04).
(HubSpot knowledge base, "Attribution in ads" and "Ads analysis: contacts and network conversions".)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

#: HubSpot ends a session after so long without a page view
SESSION = timedelta(minutes=30)
#: a contact that a form makes is created some moments after the submission
MADE_BY_FORM = timedelta(minutes=5)


class Miss(StrEnum):
    """Why a person is no contact of an ad."""

    NO_COOKIE = "no_cookie"
    NO_FORM = "no_form"
    EXISTING = "existing_contact"
    OTHER_SESSION = "other_session"
    NOT_IN_HUBSPOT = "not_in_hubspot"


@dataclass(frozen=True, slots=True)
class Session:
    """A visit of the site. `campaign`: of the ad whose click began it; None if it began otherwise."""

    began_at: datetime
    ended_at: datetime
    campaign: str | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent in. `lead_ad`: the campaign of a form that the network itself showed."""

    at: datetime
    lead_ad: str | None = None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A HubSpot contact and its way there. `cookie`: the tracking cookie is tied to the contact."""

    id: str
    created_at: datetime
    cookie: bool
    sessions: Sequence[Session] = ()
    submissions: Sequence[Submission] = ()


@dataclass(frozen=True, slots=True)
class Attributed:
    """The contact counts for this campaign, at the time of its first submission."""

    campaign: str
    at: datetime


def attributed(one: Visitor) -> Attributed | Miss:
    """The one campaign that the contact counts for, or why it counts for none."""
    first = min(one.submissions, key=lambda form: form.at, default=None)
    if first is None:
        return Miss.NO_FORM if one.cookie else Miss.NO_COOKIE
    if one.created_at < first.at - MADE_BY_FORM:
        return Miss.EXISTING
    if first.lead_ad is not None:
        return Attributed(first.lead_ad, first.at)
    if not one.cookie:
        return Miss.NO_COOKIE
    session = next((visit for visit in one.sessions if visit.began_at <= first.at <= visit.ended_at), None)
    if session is None or session.campaign is None:
        return Miss.OTHER_SESSION
    return Attributed(session.campaign, first.at)


def deals_won(won: Sequence[tuple[str, Sequence[str]]], counted: Sequence[str]) -> list[str]:
    """Deals that count for ads: (deal, its contacts) of stage Closed Won with at least one attributed contact (AT-04)."""
    known = set(counted)
    return [deal for deal, contacts in won if known & set(contacts)]

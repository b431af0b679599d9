"""A conversion as Lockstep keeps it, and the states that it goes through. Frozen values; no I/O."""

from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from lockstep.conversions.definition import Backend, Conversions, Milestone
from lockstep.conversions.identifiers import Identifiers, withheld
from lockstep.conversions.milestones import Found

#: Google counts no conversion whose click is older (GA-19), so none that happened longer ago
CLICK_LIFE = timedelta(days=90)
#: an adjustment comes too late after this (GA-24)
ADJUSTABLE = timedelta(days=54)
#: Google takes a conversion only this long after its click
CLICK_SETTLES = timedelta(hours=6)


class ConversionState(StrEnum):
    """
    not sent yet    unidentified   no click id and no person to find one by; read again when the record changes
                    waiting        parked until `not_before`: the click or the action is too recent, or Google failed
                    ready          to be sent
    not to be sent  withheld       consent forbids it
                    withdrawn      undone before it was sent
                    expired        too old for Google
    at Google       sent           on its way: no answer was stored
                    pending        taken, no verdict yet
                    unresolved     Google rejected some of its request and does not say which
    verdict         accepted       recorded
                    duplicate      Google has it already, though we never sent it
                    adjusted       recorded, with a value that was told later
                    rejected       refused, `code` says why
                    retracted      taken back
                    cannot_retract to be taken back, but Google no longer allows it
    """

    UNIDENTIFIED = "unidentified"
    WAITING = "waiting"
    READY = "ready"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    SENT = "sent"
    PENDING = "pending"
    UNRESOLVED = "unresolved"
    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    ADJUSTED = "adjusted"
    REJECTED = "rejected"
    RETRACTED = "retracted"
    CANNOT_RETRACT = "cannot_retract"


#: states that are judged anew whenever the record is read
UNSENT = frozenset(
    {
        ConversionState.UNIDENTIFIED,
        ConversionState.WAITING,
        ConversionState.READY,
        ConversionState.WITHHELD,
        ConversionState.WITHDRAWN,
    }
)
#: states in which Google has confirmed that it holds the conversion
RECORDED = frozenset({ConversionState.ACCEPTED, ConversionState.DUPLICATE, ConversionState.ADJUSTED})

#: states in which Google may hold it, or not
UNKNOWN = frozenset({ConversionState.SENT, ConversionState.UNRESOLVED})


class Undone(StrEnum):
    """Why a conversion is to be taken back."""

    REOPENED = "reopened"
    DELETED = "deleted"
    CONSENT = "consent"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Conversion:
    """One row of the store's table `conversion`; `order_id` is Google's order id or transaction id.

    `value`, `currency`: when it happened; once a new value was told, `currency` is of that. `now_value`, `now_currency`: what the
    record says today. `sent_value`, `sent_account`, `sent_action`: what Google was told last, and where (ids).
    `people`: (kind, SHA-256) of the person. `click_by`: the click came no later. `account` and `action`: as configured, None
    for the connection's account. `accepted_at`: when Google first confirmed it. `request_id`: of its last upload.
    """

    order_id: str
    system: str
    object: str
    record_id: str
    milestone: str
    entry: str
    account: str | None
    action: str
    happened_at: datetime
    value: str | None = None
    now_value: str | None = None
    currency: str | None = None
    now_currency: str | None = None
    gclid: str | None = None
    gbraid: str | None = None
    wbraid: str | None = None
    people: tuple[tuple[str, str], ...] = ()
    consent: AbstractMapping[str, str] = field(default_factory=dict)
    click_by: datetime | None = None
    undone: Undone | None = None
    state: ConversionState = ConversionState.READY
    code: str | None = None
    not_before: datetime | None = None
    backend: Backend | None = None
    request_id: str | None = None
    sent_account: str | None = None
    sent_action: str | None = None
    sent_value: str | None = None
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    attempts: int = 0
    id: int = 0

    @property
    def click_id(self) -> tuple[str, str] | None:
        """(kind, value) of its click id."""
        found = (("gclid", self.gclid), ("gbraid", self.gbraid), ("wbraid", self.wbraid))
        return next(((kind, value) for kind, value in found if value), None)

    @property
    def revalued(self) -> bool:
        """Whether it is worth something else today than Google was told."""
        return self.now_value is not None and (self.now_value, self.now_currency) != (self.sent_value, self.currency)

    def telling_the_new_value(self) -> "Conversion":
        return replace(self, sent_value=self.now_value, currency=self.now_currency)


def conversion_of(found: Found, system: str, identifiers: Identifiers) -> Conversion:
    """A milestone that was found, as a row; its state is still to be judged."""
    milestone: Milestone = found.milestone
    return Conversion(
        order_id=found.order_id,
        system=system,
        object=milestone.object,
        record_id=found.record_id,
        milestone=milestone.name,
        entry=found.entry,
        account=milestone.account,
        action=milestone.action,
        happened_at=found.at,
        value=found.value,
        now_value=found.now_value,
        currency=found.currency,
        now_currency=found.now_currency,
        gclid=identifiers.gclid,
        gbraid=identifiers.gbraid,
        wbraid=identifiers.wbraid,
        people=identifiers.people,
        consent=identifiers.consent,
        click_by=identifiers.click_by,
        undone=Undone.REOPENED if found.undone else None,
    )


def seen_again(known: Conversion | None, fresh: Conversion, wanted: Conversions, now: datetime) -> Conversion:
    """What becomes of a row when its record is read: all of it while nothing was sent; afterwards only what may still change.

    A row that Google rejected is tried again once what it is found by has changed.
    """
    if withheld(wanted, dict(fresh.consent)):
        fresh = replace(fresh, undone=fresh.undone or Undone.CONSENT)
    if known is None:
        return judged(fresh, wanted, now)
    if known.undone is Undone.ERASED:
        return known  # whatever a record still says: the person is not to be known again
    new = replace(known, consent=fresh.consent, undone=fresh.undone)
    milestone = wanted.by_name.get(fresh.milestone)
    if milestone is None or milestone.restate:
        new = replace(new, now_value=fresh.now_value)
    if milestone is not None and milestone.restate and milestone.currency_field:
        new = replace(new, now_currency=fresh.now_currency)
    if known.state in UNSENT and known.sent_at is None or _mended(known, fresh):
        taken = replace(fresh, id=known.id, attempts=known.attempts, sent_at=known.sent_at)
        return judged(taken, wanted, now)
    if known.state in UNSENT and new.undone:
        return replace(new, state=ConversionState.WITHDRAWN, code=None, not_before=None)
    return new


def _mended(known: Conversion, fresh: Conversion) -> bool:
    told = (known.click_id, known.people, known.action, known.account, known.currency)
    return known.state is ConversionState.REJECTED and told != (
        fresh.click_id,
        fresh.people,
        fresh.action,
        fresh.account,
        fresh.currency,
    )


def judged(one: Conversion, wanted: Conversions, now: datetime) -> Conversion:
    """The state of a conversion that Google does not know of: whether it may be sent, and when."""
    state, code, not_before = _judge(one, wanted, now)
    return replace(one, state=state, code=code, not_before=not_before)


def _judge(one: Conversion, wanted: Conversions, now: datetime) -> tuple[ConversionState, str | None, datetime | None]:
    if one.undone is Undone.CONSENT:
        return ConversionState.WITHHELD, "ads_denied_consent", None
    if one.undone:
        return ConversionState.WITHDRAWN, None, None
    if now - one.happened_at > CLICK_LIFE:
        return ConversionState.EXPIRED, "ads_expired_event", None
    if one.click_id is None and not one.people:
        return ConversionState.UNIDENTIFIED, "ads_no_identifier", None
    settled = settles(one)
    if wanted.backend is Backend.DATA_MANAGER and settled > now:
        return ConversionState.WAITING, "ads_too_recent_event", settled
    return ConversionState.READY, None, None


def settles(one: Conversion) -> datetime:
    """When Google will surely take it: six hours after the latest moment of its click.

    Data Manager tells how many events of a request came too early, not which: such rows wait for their time at home. The Google
    Ads API answers row by row, and is asked at once.
    """
    return min(one.happened_at, one.click_by or one.happened_at) + CLICK_SETTLES

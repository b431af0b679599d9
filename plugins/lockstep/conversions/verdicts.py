"""What Google's answers make of a conversion. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from lockstep.conversions.record import RECORDED, UNKNOWN, Conversion, ConversionState
from lockstep.google_ads_codes import AdsError, Verdict, ads_error
from lockstep.model import OutcomeKind

#: until then Google may still learn of a conversion that it does not find
SETTLES = timedelta(hours=24)

#: what an account lacks for hashed people: a row with a click id is sent again without them
PEOPLE_REFUSED = frozenset(
    {
        "ads_customer_data_policy_prohibits_enhanced_conversions",
        "ads_customer_not_accepted_customer_data_terms",
        "ads_customer_not_enabled_enhanced_conversions_for_leads",
        "ads_externally_attributed_conversion_action_not_permitted_with_user_identifier",
    }
)

#: the conversion as it is now, what became of the item in the batch, and the code
Outcome = tuple[Conversion, OutcomeKind, str | None]


def taken(one: Conversion, request_id: str | None, now: datetime) -> Outcome:
    """Google took the row: recorded, or pending where the verdict comes later under a request id."""
    if request_id is not None:
        return replace(one, state=ConversionState.PENDING, request_id=request_id, code=None), OutcomeKind.NEW, None
    return accepted(one, now), OutcomeKind.NEW, None


def accepted(one: Conversion, now: datetime, state: ConversionState = ConversionState.ACCEPTED) -> Conversion:
    """Recorded; if it was recorded before, what was told now has changed its value."""
    state = ConversionState.ADJUSTED if one.accepted_at else state
    return replace(one, state=state, accepted_at=one.accepted_at or now, code=None, not_before=None)


def refused(one: Conversion, name: str, now: datetime, repeated: bool = False) -> Outcome:
    """What an error on a row that was uploaded means. `repeated`: it may have been recorded by an earlier try of this call."""
    error = ads_error(name)
    if error.verdict is Verdict.RECORDED:
        ours = repeated or one.attempts > 1 or one.accepted_at is not None
        state = ConversionState.ACCEPTED if ours else ConversionState.DUPLICATE
        return replace(accepted(one, now, state), code=None if ours else error.code), OutcomeKind.SKIPPED, error.code
    if error.verdict is Verdict.LATER:
        return _parked(one, error, now), OutcomeKind.DEFERRED, error.code
    if error.verdict is Verdict.STOPPED:
        return _parked(one, error, now), OutcomeKind.FAILED, error.code
    # what can never be counted is no failure of anybody's: unknown and expired clicks are every day's business
    outcome = OutcomeKind.SKIPPED if error.verdict is Verdict.DROPPED else OutcomeKind.FAILED
    if one.accepted_at:
        return _kept(one, error.code), outcome, error.code
    state = ConversionState.EXPIRED if error.code == "ads_expired_event" else ConversionState.REJECTED
    return replace(one, state=state, code=error.code, not_before=None), outcome, error.code


def _parked(one: Conversion, error: AdsError, now: datetime) -> Conversion:
    """Sent again later. A conversion that is recorded already stays so: only its new value waits."""
    state = ConversionState.ACCEPTED if one.accepted_at else ConversionState.WAITING
    value = None if one.accepted_at else one.sent_value
    return replace(one, state=state, code=error.code, not_before=now + error.wait, sent_value=value)


def _kept(one: Conversion, code: str) -> Conversion:
    """Recorded with its earlier value: the new one is not told again."""
    return replace(one, state=ConversionState.ACCEPTED, code=code, not_before=None)


def adjusted(one: Conversion, now: datetime) -> Outcome:
    """Google has taken it back, or has taken its new value."""
    if one.undone:
        done = replace(one, state=ConversionState.RETRACTED, code=None, not_before=None)
        return done, OutcomeKind.DELETED, None
    done = replace(one.telling_the_new_value(), state=ConversionState.ADJUSTED, code=None, not_before=None)
    return done, OutcomeKind.UPDATED, None


def not_adjusted(one: Conversion, name: str, now: datetime) -> Outcome:
    """What an error on an adjustment means. What Google did not find within a day was never recorded."""
    error = ads_error(name)
    if name == "CONVERSION_NOT_FOUND" and now - (one.sent_at or now) > SETTLES:
        return _never_recorded(one, error.code)
    if error.verdict is Verdict.RECORDED:
        done, _, _ = adjusted(one, now)
        return done, OutcomeKind.SKIPPED, error.code
    if error.verdict in (Verdict.LATER, Verdict.STOPPED):
        outcome = OutcomeKind.DEFERRED if error.verdict is Verdict.LATER else OutcomeKind.FAILED
        return replace(one, code=error.code, not_before=now + error.wait), outcome, error.code
    if one.undone:
        state = ConversionState.CANNOT_RETRACT
        return replace(one, state=state, code=error.code, not_before=None), OutcomeKind.FAILED, error.code
    return _kept(one.telling_the_new_value(), error.code), OutcomeKind.FAILED, error.code


def _never_recorded(one: Conversion, code: str) -> Outcome:
    if one.undone and one.state in UNKNOWN:
        return replace(one, state=ConversionState.WITHDRAWN, code=None, not_before=None), OutcomeKind.SKIPPED, code
    if one.undone:
        state = ConversionState.CANNOT_RETRACT
        return replace(one, state=state, code=code, not_before=None), OutcomeKind.FAILED, code
    return _kept(one.telling_the_new_value(), code), OutcomeKind.FAILED, code


@dataclass(frozen=True, slots=True)
class Judgement:
    """Google's verdict on all rows of one action in one request. `refusal`: why all of them were refused; `unknown`: some were,
    and it does not say which."""

    refusal: str | None = None
    unknown: bool = False


def judgement(rows: int, reasons: Mapping[str, int]) -> Judgement:
    """What numbers by reason say of the rows: rows that Google holds already are no refusals."""
    bad = {name: count for name, count in reasons.items() if ads_error(name).verdict is not Verdict.RECORDED}
    if not bad:
        return Judgement()
    if len(bad) == 1 and sum(bad.values()) >= rows:
        return Judgement(refusal=next(iter(bad)))
    return Judgement(unknown=True)


def settled(one: Conversion, told: Judgement, now: datetime) -> Outcome:
    """A pending conversion once Google's verdict is there."""
    if told.refusal:
        return refused(one, told.refusal, now)
    if told.unknown:
        waiting = replace(one, state=ConversionState.UNRESOLVED, code="ads_unresolved", not_before=None)
        return waiting, OutcomeKind.DEFERRED, "ads_unresolved"
    return accepted(one, now), OutcomeKind.UPDATED, None


def is_held(one: Conversion) -> bool:
    """Whether Google has confirmed that it holds the conversion."""
    return one.state in RECORDED and one.accepted_at is not None

"""Uploads one request of conversions, or of new values to Data Manager.

The intent is committed before the call. If the answer is lost, the task is tried again and sends the same rows: their order
ids are the same, and Google says that it has them. So each conversion is there exactly once, however often it is sent.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lockstep.conversions.definition import Backend
from lockstep.conversions.record import CLICK_LIFE, UNSENT, Conversion, ConversionState
from lockstep.conversions.verdicts import PEOPLE_REFUSED, is_held, refused, taken
from lockstep.errors import LockstepError
from lockstep.google_ads_codes import ads_error
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import Place, ads_of, place_of
from lockstep.steps.google_ads.rows import Done, Planned, as_configured, commit, intend, left, unchanged
from lockstep.store import conversions, ledger
from lockstep.systems.ads import ClickConversion, RowError, Sent
from lockstep.work import Work

_SENDABLE = {*UNSENT, ConversionState.SENT, ConversionState.UNRESOLVED}


def upload(ctx: Context, work: Work, account: str) -> None:
    """Send what is left of the batch.

    :raises RetriableError: the rows stay as sent; a retry sends them again
    """
    some = left(ctx, work.id)
    stale = [unchanged(one) for one in some if not _to_be_sent(one.conversion)]
    wanted = [one for one in some if _to_be_sent(one.conversion)]
    if not wanted:
        with ctx.store.writing() as tx:
            commit(tx, ctx, work, stale)
        return
    place = place_of(ctx, account)
    ready, early = _checked(ctx, place, wanted)
    ready = intend(ctx, ready)
    sent = _send(ctx, place.owner, ready)
    shadow = _shadowed(ctx, place.owner, ready, sent)
    with ctx.store.writing() as tx:
        answers = [_answered(ctx, one, at, sent, shadow) for at, one in enumerate(ready)]
        commit(tx, ctx, work, [*stale, *early, *answers])
        for request_id, rows in Counter(sent.requests.values()).items():
            conversions.note_upload(tx, _request(ctx, work, ready[0].conversion, request_id, rows))
        if ctx.conversions.shadow and ready:
            ledger.note(tx, work.id, shadow=_report(ctx, ready, sent, shadow))
    if shadow:
        ctx.log.warning("the two upload APIs differ on %d of %d rows: see batch %d", len(shadow), len(ready), work.id)


def _checked(ctx: Context, place: Place, wanted: Sequence[Planned]) -> tuple[list[Planned], list[Done]]:
    """(rows to send, addressed; rows that Google would refuse for certain, with the reason). What Google does not hold yet goes
    where conversions.yaml says today: a corrected action counts for those that wait for it."""
    ready, early = [], []
    for one in wanted:
        now = replace(one, conversion=as_configured(ctx, one.conversion))
        error = _problem(ctx, place, now.conversion)
        if error:
            early.append(_refused(ctx, now, error, False))
        else:
            ready.append(replace(now, conversion=_addressed(ctx, place, now.conversion)))
    return ready, early


def _to_be_sent(one: Conversion) -> bool:
    if one.undone:
        return False
    return one.state in _SENDABLE or (is_held(one) and one.revalued)


def _problem(ctx: Context, place: Place, one: Conversion) -> RowError | None:
    """What Google would refuse for certain."""
    action = place.action(one.sent_action if one.accepted_at and one.sent_action else one.action)
    if action is None or action.status != "ENABLED":
        return RowError("NO_CONVERSION_ACTION_FOUND", f"There is no enabled conversion action {one.action!r}.")
    if action.type not in ("UPLOAD_CLICKS", "WEBPAGE"):
        return RowError("INVALID_CONVERSION_ACTION_TYPE", f"The conversion action is of type {action.type}.")
    if one.click_id and one.click_id[0] != "gclid" and action.counting == "ONE_PER_CLICK":
        return RowError("ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID", "The action counts one per click.")
    if not one.accepted_at and ctx.now() - one.happened_at > CLICK_LIFE:
        return RowError("EXPIRED_EVENT", "It happened more than 90 days ago.")
    return None


def _addressed(ctx: Context, place: Place, one: Conversion) -> Conversion:
    """As it is about to be sent: where, what, and that it is under way."""
    if one.accepted_at:
        return replace(one.telling_the_new_value(), attempts=one.attempts + 1)
    action = place.action(one.action)
    return replace(
        one,
        state=ConversionState.SENT,
        backend=ctx.conversions.backend,
        sent_account=place.owner,
        sent_action=action.id if action else None,
        sent_value=one.value,
        attempts=one.attempts + 1,
    )


@dataclass(frozen=True, slots=True)
class Answers:
    """What Google said of the rows: why some were refused, and under which request id the verdict on the others comes later."""

    errors: Mapping[int, RowError] = field(default_factory=dict)
    requests: Mapping[int, str] = field(default_factory=dict)
    repeated: bool = False


def _send(ctx: Context, owner: str, ready: Sequence[Planned]) -> Answers:
    """Send; rows that are refused for their people alone go once more by click id alone."""
    if not ready:
        return Answers()
    backend = ready[0].conversion.backend or ctx.conversions.backend
    uploader = ads_of(ctx).uploader(backend)
    rows = [_row(one.conversion) for one in ready]
    first = _answers(uploader.upload(owner, rows), range(len(rows)))
    again = [
        at for at, error in first.errors.items() if ads_error(error.name).code in PEOPLE_REFUSED and rows[at].click
    ]
    if not again:
        return first
    second = _answers(uploader.upload(owner, [replace(rows[at], people=()) for at in again]), again)
    errors = {at: error for at, error in first.errors.items() if at not in set(again)}
    requests = {**first.requests, **second.requests}
    return Answers({**errors, **second.errors}, requests, first.repeated or second.repeated)


def _answers(sent: Sent, places: Sequence[int]) -> Answers:
    errors = {places[at]: error for at, error in sent.errors.items()}
    requests = {at: sent.request_id for at in places if sent.request_id and at not in errors}
    return Answers(errors, requests, sent.repeated)


def _row(one: Conversion) -> ClickConversion:
    return ClickConversion(
        order_id=one.order_id,
        action=one.sent_action or one.action,
        at=one.happened_at,
        click=one.click_id,
        people=one.people,
        value=float(one.sent_value) if one.sent_value is not None else None,
        currency=one.currency,
        consent=one.consent,
        restates=one.accepted_at is not None,
    )


def _answered(ctx: Context, one: Planned, at: int, sent: Answers, shadow: Mapping[int, str]) -> Done:
    detail = {"shadow": shadow[at]} if at in shadow else None
    if at in sent.errors:
        return _refused(ctx, one, sent.errors[at], sent.repeated, detail)
    return Done(one, taken(one.conversion, sent.requests.get(at), ctx.now()), detail)


def _refused(
    ctx: Context, one: Planned, error: RowError, repeated: bool, more: Mapping[str, Any] | None = None
) -> Done:
    detail = {"vendor_code": error.name, "message": error.message, **(more or {})}
    return Done(one, refused(one.conversion, error.name, ctx.now(), repeated), detail)


def _request(ctx: Context, work: Work, one: Conversion, request_id: str, rows: int) -> conversions.Upload:
    """A request whose verdict comes later."""
    backend = one.backend or ctx.conversions.backend
    return conversions.Upload(request_id, backend, one.sent_account or "", work.id, ctx.now(), rows)


# --- the shadow: the other API checks the same rows and keeps nothing


def _shadowed(ctx: Context, owner: str, ready: Sequence[Planned], sent: Answers) -> dict[int, str]:
    """Row -> what the other API says of it where the two differ. What goes wrong there never stops an upload."""
    other: Backend | None = ctx.conversions.shadow
    if other is None or not ready:
        return {}
    try:
        told = ads_of(ctx).uploader(other).upload(owner, [_row(one.conversion) for one in ready], validate_only=True)
    except LockstepError as error:
        ctx.log.warning("the shadow upload to %s failed: %s", other, error)
        return dict.fromkeys(range(len(ready)), error.code)
    known = {at for at, error in sent.errors.items() if ads_error(error.name).code != "ads_order_id_already_in_use"}
    return {
        at: told.errors[at].name if at in told.errors else "ok"
        for at in range(len(ready))
        if (at in told.errors) != (at in known)
    }


def _report(ctx: Context, ready: Sequence[Planned], sent: Answers, shadow: Mapping[int, str]) -> dict[str, Any]:
    """How the two APIs differ, in numbers: "<answer of the first> / <answer of the shadow>" -> rows."""
    pairs = Counter(f"{sent.errors[at].name if at in sent.errors else 'ok'} / {name}" for at, name in shadow.items())
    return {"backend": str(ctx.conversions.shadow), "rows": len(ready), "differences": dict(pairs)}

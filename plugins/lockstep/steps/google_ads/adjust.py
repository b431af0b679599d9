"""Takes conversions back and tells new values through the Google Ads API (GA-24): only of conversions that Google holds."""

from lockstep.conversions.record import UNKNOWN, Conversion
from lockstep.conversions.verdicts import adjusted, is_held, not_adjusted
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import Place, ads_of, place_of
from lockstep.steps.google_ads.rows import Done, Planned, commit, left, unchanged
from lockstep.store import ledger
from lockstep.systems.ads import Adjustment, RowError
from lockstep.work import Work


def adjust(ctx: Context, work: Work, account: str) -> None:
    """Send what is left of the batch. Saying it twice is harmless: Google answers that it was done before."""
    some = left(ctx, work.id)
    stale = [one for one in some if not _to_be_adjusted(one.conversion)]
    wanted = [one for one in some if _to_be_adjusted(one.conversion)]
    errors: dict[int, RowError] = {}
    if wanted:
        place = place_of(ctx, account)
        errors = {at: error for at, one in enumerate(wanted) if (error := _problem(place, one.conversion))}
        sendable = [at for at in range(len(wanted)) if at not in errors]
        errors |= _send(ctx, place, [wanted[at] for at in sendable], sendable)
    with ctx.store.writing() as tx:
        commit(
            tx, ctx, work, [*map(unchanged, stale), *(_done(ctx, one, errors.get(at)) for at, one in enumerate(wanted))]
        )


def _to_be_adjusted(one: Conversion) -> bool:
    if one.undone:
        return is_held(one) or one.state in UNKNOWN
    return is_held(one) and one.revalued


def _problem(place: Place, one: Conversion) -> RowError | None:
    action = place.actions.get(one.sent_action or "")
    if one.undone is None and action is not None and action.always_default:
        name = "CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE"
        return RowError(name, "The conversion action always uses its default value.")
    return None


def _send(ctx: Context, place: Place, some: list[Planned], places: list[int]) -> dict[int, RowError]:
    """Errors by their place in the batch."""
    if not some:
        return {}
    with ctx.store.writing() as tx:
        ledger.mark_sent(tx, [one.change.id for one in some], ctx.now())
    rows = [_row(ctx, one.conversion) for one in some]
    sent = ads_of(ctx).adjuster.adjust(place.owner, rows)
    return {places[at]: error for at, error in sent.errors.items()}


def _row(ctx: Context, one: Conversion) -> Adjustment:
    value = None if one.undone or one.now_value is None else float(one.now_value)
    return Adjustment(one.order_id, one.sent_action or one.action, ctx.now(), value, one.now_currency)


def _done(ctx: Context, one: Planned, error: RowError | None) -> Done:
    if error is None:
        return Done(one, adjusted(one.conversion, ctx.now()))
    detail = {"vendor_code": error.name, "message": error.message}
    return Done(one, not_adjusted(one.conversion, error.name, ctx.now()), detail)

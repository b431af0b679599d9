"""Asks Data Manager what became of earlier requests: accepted is not counted, so a conversion stays pending until Google says."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from lockstep.conversions.record import Conversion, ConversionState
from lockstep.conversions.verdicts import Judgement, Outcome, judgement, settled
from lockstep.model import OutcomeKind
from lockstep.run import Context
from lockstep.steps.google_ads.accounts import ads_of
from lockstep.steps.google_ads.rows import listed
from lockstep.store import conversions, ledger
from lockstep.store.conversions import Upload
from lockstep.systems.ads import Settled
from lockstep.work import Work

#: Google no longer tells: the rows are sent again, and recognised if they are there
_FORGOTTEN = Judgement(refusal="REQUEST_FORGOTTEN")


def follow(ctx: Context, work: Work, account: str) -> None:
    """Ask for every open request; each verdict is stored as it comes, so that a retry goes on after it."""
    with ctx.store.reading() as tx:
        waiting = conversions.open_uploads(tx)
    for upload in waiting:
        try:
            verdict = ads_of(ctx).uploader(upload.backend).verdict(upload.request_id)
        except KeyError:
            _settle(ctx, work, upload, None)
            continue
        if verdict is not None:
            _settle(ctx, work, upload, verdict)


def _settle(ctx: Context, work: Work, upload: Upload, verdict: Mapping[str, Settled] | None) -> None:
    with ctx.store.writing() as tx:
        rows = [one for one in conversions.by_request(tx, upload.request_id) if one.state is ConversionState.PENDING]
        outcomes = list(_judged(ctx, rows, verdict))
        conversions.put(tx, [one for one, _, _ in outcomes], ctx.now())
        _list(tx, work, outcomes)
        work.count(tx, read=len(outcomes), **Counter(str(kind) for _, kind, _ in outcomes))
        state, reasons = _summary(upload, verdict)
        conversions.settle_upload(tx, upload.request_id, state, reasons, ctx.now())


def _judged(ctx: Context, rows: Sequence[Conversion], verdict: Mapping[str, Settled] | None) -> list[Outcome]:
    of_action = Counter(one.sent_action for one in rows)
    found = []
    for one in rows:
        told = _FORGOTTEN
        if verdict is not None:
            action = verdict.get(one.sent_action or "", Settled(0, {}))
            told = judgement(of_action[one.sent_action], action.reasons)
        found.append(settled(one, told, ctx.now()))
    return found


def _list(tx: Any, work: Work, outcomes: Sequence[Outcome]) -> None:
    """What was not accepted is listed in the ledger, each with its reason."""
    rows = [
        listed(work.id, one, kind, code, {"request": one.request_id})
        for one, kind, code in outcomes
        if kind is not OutcomeKind.UPDATED
    ]
    ledger.insert_changes(tx, rows)


def _summary(upload: Upload, verdict: Mapping[str, Settled] | None) -> tuple[str, dict[str, int]]:
    """The request's state and Google's numbers: what the reconciliation of both sides' figures is made of."""
    if verdict is None:
        return "forgotten", {}
    reasons: Counter[str] = Counter()
    for one in verdict.values():
        reasons.update(one.reasons)
    refused = sum(reasons.values())
    return "success" if not refused else "failed" if refused >= upload.rows else "partial", dict(reasons)

"""Applies one batch of push_conversions: upload, adjust, or ask for verdicts."""

from typing import Any

from lockstep.conversions.definition import ENTITY
from lockstep.model import GOOGLE_ADS, Batch
from lockstep.run import Context
from lockstep.steps.google_ads.adjust import adjust
from lockstep.steps.google_ads.follow import follow
from lockstep.steps.google_ads.plan import ADJUSTMENT, CONVERSION, VERDICT
from lockstep.steps.google_ads.upload import upload
from lockstep.steps.runs import statistics
from lockstep.store import leases
from lockstep.work import fetch, working

_WORK = {CONVERSION: upload, ADJUSTMENT: adjust, VERDICT: follow}


def apply_conversions(ctx: Context, batch: Batch) -> dict[str, Any]:
    """Running it again goes on with what has no outcome yet; what was sent is sent again, and recognised by Google.

    :raises RetriableError: Google does not answer, or asks to wait. :raises FatalError: credentials, permissions.
    """
    with working(ctx, batch.id, GOOGLE_ADS) as work:
        with ctx.store.writing() as tx:
            leases.acquire(tx, ENTITY, ctx.run.id, ctx.now(), ctx.settings.lease_seconds)
        _WORK[batch.object](ctx, work, str((batch.task or {})["account"]))
    return statistics(fetch(ctx, batch.id))

"""Which account a request goes to once conversions.yaml has changed: what Google may hold stays where it is."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from lockstep.conversions.definition import Conversions, Kind, Milestone
from lockstep.conversions.record import Conversion, ConversionState
from lockstep.steps.google_ads.plan import _requests
from lockstep.steps.google_ads.rows import as_configured

AT = datetime(2026, 3, 1, tzinfo=UTC)
BEFORE, TODAY = "1110000001", "2220000002"
WANTED = Conversions((Milestone("won", Kind.OPPORTUNITY_STAGE, "Closed Won", "new action"),), account=TODAY)
CTX: Any = SimpleNamespace(conversions=WANTED, google_ads=None)


def sale(state: ConversionState, sent: str | None = BEFORE, accepted: bool = False) -> Conversion:
    return Conversion("006-won-1", "salesforce", "Opportunity", "006", "won", "1", None, "old action", AT, state=state,
                      sent_account=sent, accepted_at=AT if accepted else None)  # fmt: skip


@pytest.mark.parametrize(
    ("one", "account", "action"),
    [
        (sale(ConversionState.READY, sent=None), TODAY, "new action"),
        (sale(ConversionState.WAITING), TODAY, "new action"),
        (sale(ConversionState.SENT), BEFORE, "old action"),
        (sale(ConversionState.UNRESOLVED), BEFORE, "old action"),
        (sale(ConversionState.ACCEPTED, accepted=True), BEFORE, "old action"),
        (sale(ConversionState.ACCEPTED, sent=None, accepted=True), TODAY, "old action"),
    ],
    ids=["never sent", "refused for now", "its answer was lost", "perhaps refused", "held", "held, nobody knows where"],
)
def test_an_account_that_is_changed_in_the_file(one: Conversion, account: str, action: str) -> None:
    told = as_configured(CTX, one)
    assert [(name, [row.action for row in rows]) for name, rows in _requests(CTX, [told])] == [(account, [action])]


def test_what_two_accounts_hold_is_told_in_two_requests() -> None:
    """A retraction that reached the wrong account would find nothing there, and be given up."""
    rows = [sale(ConversionState.ACCEPTED, sent, accepted=True) for sent in (BEFORE, TODAY, BEFORE)]
    assert [(name, len(some)) for name, some in _requests(CTX, rows)] == [(BEFORE, 2), (TODAY, 1)]

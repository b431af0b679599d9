"""Conversions in every state, findings of a preflight, reports of both networks, and clicks that expire."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from tests.status.ledger_data import FORMULA, SCRIPT, Filled

from lockstep.conversions.definition import Backend
from lockstep.conversions.findings import Finding, Level, Severity
from lockstep.conversions.places import Place
from lockstep.conversions.record import Conversion, ConversionState, Undone
from lockstep.conversions.reports import AdContact, Clicked, Counted, Diagnosis, OpenDeal, Traffic
from lockstep.model import Action, Change, OutcomeKind
from lockstep.store import ad_reports, cache, conversions, difference_rows, differences, ledger, preflight
from lockstep.store.conversions import Upload

ACCOUNT, OTHER, BRAND, GENERIC = "2223334445", "9998887776", "222001", "222002"
CLICK, BRAID = "Cj0KCQ-the-click-of-Kari", "0AAAA-a-braid"
KARI, DEAL = "00Q5g00000kariEAB", "0065g00000dealEAB"
ORDER = f"{KARI}-working-0175g00000aaaEAB"
#: hashes of people, which no answer may hold
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
S = ConversionState


@dataclass
class Days:
    """`today`: in the account's time zone, here UTC; `clicked`: of the click, ten days ago; `reached`: a day later."""

    today: date

    @property
    def clicked(self) -> date:
        return self.today - timedelta(days=10)

    @property
    def reached(self) -> date:
        return self.clicked + timedelta(days=1)


def add_conversions(made: Filled) -> Days:
    days = Days(made.now.date())
    with made.store.writing() as tx:
        conversions.put(tx, list(_rows(made, days)), made.now)
        _reports(tx, made, days)
        _found(tx, made)
        for account, rows in differences.report(
            tx, dict.fromkeys((ACCOUNT, OTHER), date.min), ACCOUNT, made.now
        ).items():
            difference_rows.keep(tx, account, date.min, rows, made.now)
    _sent(made)
    return days


def _rows(made: Filled, days: Days) -> list[Conversion]:
    at = datetime.combine(days.reached, datetime.min.time(), UTC) + timedelta(hours=10)
    one = Conversion(ORDER, "salesforce", "Lead", KARI, "working", "017", None, "CRM qualified lead", at, gclid=CLICK,
                     people=(("email", HASH),), click_by=at - timedelta(days=1))  # fmt: skip

    def row(number: int, state: ConversionState, code: str | None = None, **more: Any) -> Conversion:
        record = f"00Q5g{number:011}AB"
        given = {"order_id": f"{record}-working-{number}", "record_id": record, "gclid": f"{CLICK}{number}"} | more
        return _with(one, state=state, code=code, **given)

    won = {"object": "Opportunity", "milestone": "won", "action": "700004", "value": "1234.50", "currency": "NOK"}
    return [
        _with(one, state=S.ACCEPTED, backend=Backend.DATA_MANAGER, request_id="req-1", sent_action="700002", sent_at=at,
              accepted_at=at + timedelta(hours=1)),
        row(1, S.WAITING, "ads_too_recent_event", not_before=made.now + timedelta(hours=3)),
        row(2, S.PENDING, request_id="req-2"),
        row(3, S.REJECTED, "ads_click_not_found", gclid=None),
        row(4, S.REJECTED, "ads_currency_code"),
        row(5, S.UNIDENTIFIED, "ads_no_identifier", gclid=None, people=()),
        row(6, S.EXPIRED, "ads_expired_event"),
        row(7, S.CANNOT_RETRACT, "ads_conversion_expired", undone=Undone.REOPENED),
        row(8, S.READY, gclid=None, gbraid=BRAID),
        row(9, S.ACCEPTED, undone=Undone.DELETED, accepted_at=at, sent_action="700002"),
        row(10, S.WITHHELD, "ads_denied_consent", undone=Undone.CONSENT),
        row(11, S.ADJUSTED, record_id=DEAL, order_id=f"{DEAL}-won-1", gclid=CLICK, accepted_at=at, sent_action="700004",
            now_value="999", **won),
        row(12, S.ACCEPTED, milestone=SCRIPT, action=FORMULA, order_id="hostile", account=OTHER, accepted_at=at),
    ]  # fmt: skip


def _with(one: Conversion, **changes: Any) -> Conversion:
    from dataclasses import replace

    return replace(one, **changes)


def _reports(tx: Any, made: Filled, days: Days) -> None:
    for account, zone in ((ACCOUNT, "UTC"), (OTHER, "America/New_York")):
        differences.note_place(tx, Place(account, zone, account, clients=frozenset({account})), made.now)
    actions = [{"id": "700002", "name": "CRM qualified lead"}, {"id": "700004", "name": "CRM closed won"}]
    cache.put(tx, f"{cache.ADS_ACCOUNT}{ACCOUNT}", {"account": {}, "owner": ACCOUNT, "actions": actions}, made.now)
    traffic = [Traffic(BRAND, "Brand", days.clicked, 40, 900, 1), Traffic(GENERIC, SCRIPT, days.clicked, 7, 90, 1)]
    ad_reports.put_traffic(tx, ACCOUNT, traffic)
    counted = [
        Counted(BRAND, days.clicked, "700002", Decimal("1.5")),
        Counted(BRAND, days.clicked, "9", Decimal(2)),
    ]
    ad_reports.put_counted(tx, ACCOUNT, counted, days.clicked, days.clicked)
    ad_reports.put_clicks(tx, ACCOUNT, [Clicked(CLICK, BRAND, days.clicked)])
    form = datetime.combine(days.clicked, datetime.min.time(), UTC) + timedelta(hours=9)
    ad_reports.put_contacts(tx, [AdContact("1801", CLICK, form, form, form, 2, True, True)])
    deals = [OpenDeal("0065g00000lateEAB", CLICK, form, days.clicked + timedelta(days=120))]
    ad_reports.put_open_deals(tx, [*deals, OpenDeal("0065g00000soonEAB", CLICK, form, days.today)])
    told = Diagnosis("GOOGLE_ADS_API", "700002", "NEEDS_ATTENTION", 10, 7, 1, made.now, {"EVENT_NOT_FOUND": 0.2})
    ad_reports.put_diagnoses(tx, ACCOUNT, [told], made.now)


def _found(tx: Any, made: Filled) -> None:
    words = f"No access to Opportunity.GCLID__c. {SCRIPT}"
    found = [
        Finding("opp_gclid_missing", Level.ACCOUNT, Severity.BLOCK, words, object="Opportunity", fields=("Opportunity.GCLID__c",)),
        Finding("ads_auto_tagging_off", Level.ACCOUNT, Severity.WARNING, "Auto-tagging is off.", ACCOUNT, vendor="google_ads"),
    ]  # fmt: skip
    gone = Finding("milestone_gone", Level.MILESTONE, Severity.BLOCK, "No status.", milestone="old one")
    preflight.note_worked(tx, "google_ads", ACCOUNT, made.now)
    preflight.save(tx, [gone], made.now - timedelta(days=2))
    preflight.save(tx, found, made.now - timedelta(hours=4))


def _sent(made: Filled) -> None:
    """The ledger's changes of the first conversion, and its request."""
    at = made.now - timedelta(days=9)
    with made.store.writing() as tx:
        sent = Change(
            id=0, batch_id=made.ids["done"], pair_id=None, system="google_ads", object="conversion", action=Action.CREATE,
            record_id=ORDER, before={}, after={}, why={}, lost={}, outcome=OutcomeKind.NEW, detail={"request": "req-1"},
            sent_at=at,
        )  # fmt: skip
        ledger.insert_changes(tx, [sent])
        conversions.note_upload(tx, Upload("req-1", Backend.DATA_MANAGER, ACCOUNT, made.ids["done"], at, 3))
        reasons = {"EVENT_NOT_FOUND": 1}
        conversions.settle_upload(tx, "req-1", "partial", reasons, at + timedelta(hours=1))

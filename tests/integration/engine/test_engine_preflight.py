"""Preflight against real answers: each of the eighteen errors, those of 2026, the 24 hours, and what is skipped because of them."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from tests.contract.google_ads_rig import MAIN, MANAGER, UNDER_MANAGER
from tests.integration.engine.world import Snapshot, World, restored

from lockstep import steps
from lockstep.conversions.definition import Amount, Backend, Consent, Conversions, Kind, Milestone
from lockstep.conversions.findings import Kept, Level, Severity, Standing
from lockstep.conversions.record import ConversionState, Undone
from lockstep.errors import FatalError
from lockstep.model import GOOGLE_ADS, SALESFORCE, Operation, Step, Window
from lockstep.store import conversions, preflight
from lockstep.store import tables as t

IDS = dict.fromkeys(("Lead", "Contact", "Opportunity"), ("GCLID__c",))
WORKING = Milestone("working", Kind.LEAD_STATUS, "Working - Contacted", "CRM qualified lead")
WON = Milestone("won", Kind.OPPORTUNITY_STAGE, "Closed Won", "700004", Amount(field="Amount"), currency="NOK")
EMAIL = {"Lead": ("Email",), "Contact": ("Email",)}
WANTED = Conversions((WORKING, WON), Backend.GOOGLE_ADS, identifiers={"gclid": IDS, "email": EMAIL})
UNTRACKED, CANCELED = "4445556667", "5556667778"


@dataclass
class Setup:
    """Both links, and what can be wrong with them. `without`: systems that have no connection."""

    world: World
    wanted: Conversions = WANTED
    without: tuple[str, ...] = ()
    number: int = 0

    def context(self, step: Step = Step.PREFLIGHT) -> steps.Context:
        engine = self.world.engine
        engine.conversions = self.wanted
        self.number += 1
        now = self.world.now
        ctx = engine.context(
            f"{step}:{id(self)}:{self.number}", step, "manual", Window(now - timedelta(days=1), now), {}
        )
        engine.tokens._kept.clear()
        systems = {name: one for name, one in ctx.systems.items() if name not in self.without}
        google = None if GOOGLE_ADS in self.without else engine.google_ads(engine.systems()[1][GOOGLE_ADS])
        return replace(ctx, systems=systems, google_ads=google)

    def found(self, afresh: bool = False) -> dict[str, Kept]:
        """What a preflight finds, by code."""
        steps.preflight_check(self.context(), afresh)
        with self.world.engine.store.reading() as tx:
            return {one.finding.code: one for one in preflight.open(tx)}

    def never_linked(self) -> None:
        with self.world.engine.store.writing() as tx:
            tx.execute(t.cache.delete().where(t.cache.c.key.startswith("preflight:")))

    def settings(self, **changes: Any) -> None:
        self.world.settings(SALESFORCE, **changes)

    def google(self, **changes: Any) -> None:
        self.world.settings(GOOGLE_ADS, **changes)

    def account(self, **changes: Any) -> None:
        self.act("set_customer", id=MAIN, **changes)

    def act(self, action: str, **args: Any) -> None:
        self.world.sandbox.act("google_ads", action, **args)

    def hide(self, *fields: str) -> None:
        self.settings(hidden_fields=list(fields))

    def fault(self, vendor: str, path: str, **spec: Any) -> None:
        self.world.sandbox.admin("POST", "faults", {"vendor": vendor, "path": path, "kind": "status", **spec})


@pytest.fixture(scope="module")
def shared(first_on_sqlite: Snapshot, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Setup]:
    folder = tmp_path_factory.mktemp("preflight")
    url = f"sqlite:///{shutil.copy(first_on_sqlite.store, folder / 'lockstep.db')}"
    with restored(first_on_sqlite, folder, url) as world:
        yield Setup(world)


@pytest.fixture
def setup(shared: Setup) -> Setup:
    """The shared world, in order again for each test."""
    shared.world.heal()
    shared.settings(hidden_fields=[], clients=None)
    shared.google(allowlisted=True, allow_list_gate="call", project_approved=True)
    shared.account(status="ENABLED", terms=True, enhanced_conversions=True, auto_tagging=True, tracking=MAIN)
    shared.act("set_action", id="700002", status="ENABLED", type="UPLOAD_CLICKS", counting="MANY_PER_CLICK")
    shared.never_linked()
    return Setup(shared.world)


@pytest.fixture
def own(first_on_sqlite: Snapshot, tmp_path: Any) -> Iterator[Setup]:
    """A world for what cannot be undone."""
    url = f"sqlite:///{shutil.copy(first_on_sqlite.store, tmp_path / 'lockstep.db')}"
    with restored(first_on_sqlite, tmp_path, url) as world:
        yield Setup(world)


def api_disabled(setup: Setup) -> None:
    body = [{"errorCode": "API_DISABLED_FOR_ORG", "message": "The REST API is not enabled for this Organization."}]
    setup.fault("salesforce", "userinfo", status=403, body=body, times=9)


def login_refused(setup: Setup) -> None:
    setup.settings(clients={"another": "secret"})


def worked_before(setup: Setup) -> None:
    assert setup.found() == {}


def lost(setup: Setup) -> None:
    worked_before(setup)
    login_refused(setup)


def link_removed(setup: Setup) -> None:
    worked_before(setup)
    setup.without = (GOOGLE_ADS,)


def same_place(setup: Setup) -> None:
    twice = (
        WORKING,
        replace(WON, account=MANAGER, action="700102"),
        replace(WON, name="won_below", account=UNDER_MANAGER, action="700101"),
    )
    setup.wanted = replace(WANTED, milestones=twice)


def no_values(setup: Setup) -> None:
    setup.hide(*(f"{name}.{one}" for name in ("LeadStatus", "OpportunityStage") for one in ("ApiName", "MasterLabel")))


def under_manager(setup: Setup) -> None:
    setup.wanted = replace(WANTED, account=UNDER_MANAGER, milestones=(replace(WON, action="700102"),))


def import_failed(setup: Setup) -> None:
    setup.world.engine.conversions = setup.wanted
    body = [{"errorCode": "QUERY_TIMEOUT", "message": "Your query request was running for too long."}]
    setup.fault("salesforce", "composite", status=400, body=body, times=99)
    setup.world.cycle(objects=["conversions"])
    setup.world.heal()


def only(milestone: Milestone, **changes: Any) -> Callable[[Setup], None]:
    def arrange(setup: Setup) -> None:
        setup.wanted = replace(WANTED, milestones=(milestone,), **changes)

    return arrange


def hiding(*fields: str) -> Callable[[Setup], None]:
    return lambda setup: setup.hide(*fields)


def account_is(**changes: Any) -> Callable[[Setup], None]:
    return lambda setup: setup.account(**changes)


LINK, ACCOUNT, MILESTONE = Level.LINK, Level.ACCOUNT, Level.MILESTONE
BLOCK, ERROR, WARNING = Severity.BLOCK, Severity.ERROR, Severity.WARNING
EMAIL_ONLY = replace(WORKING, identifiers=("email",))


@pytest.mark.parametrize(
    ("arrange", "code", "level", "severity", "words"),
    [
        pytest.param(api_disabled, "sf_account_inaccessible", LINK, ERROR, "REST API is not enabled", id="GA-E01"),
        pytest.param(lambda s: s.fault("google_ads", "GoogleAdsService", status=503, times=99), "ads_api_error", LINK, ERROR, "not available", id="GA-E02"),
        pytest.param(same_place, "already_linked", LINK, WARNING, MANAGER, id="GA-E03"),
        pytest.param(login_refused, "sf_login_no_access", LINK, ERROR, "invalid_client", id="GA-E04"),
        pytest.param(lambda s: setattr(s, "without", (SALESFORCE,)), "no_sf_account_linked", LINK, ERROR, "no connection", id="GA-E05"),
        pytest.param(no_values, "no_milestones", LINK, BLOCK, "LeadStatus", id="GA-E06"),
        pytest.param(link_removed, "not_linked", ACCOUNT, ERROR, "Google Ads", id="GA-E07"),
        pytest.param(lost, "sf_access_lost", ACCOUNT, ERROR, "invalid_client", id="GA-E08"),
        pytest.param(under_manager, "cross_account_tracking", ACCOUNT, WARNING, MANAGER, id="GA-E09"),
        pytest.param(only(WON, account=UNTRACKED), "not_configured", ACCOUNT, BLOCK, UNTRACKED, id="GA-E10 tracks nothing"),
        pytest.param(lambda s: setattr(s, "wanted", replace(WANTED, milestones=())), "not_configured", ACCOUNT, WARNING, "no milestone", id="GA-E10 no milestone"),
        pytest.param(hiding("Lead.Status", "LeadHistory.NewValue", "Lead.Email"), "lead_fields_no_access", ACCOUNT, BLOCK, "Lead.Status, Lead.Email, LeadHistory.NewValue", id="GA-E11"),
        pytest.param(hiding("Opportunity.StageName", "Opportunity.Amount"), "opp_fields_no_access", ACCOUNT, BLOCK, "Opportunity.Amount", id="GA-E12"),
        pytest.param(hiding("Lead.GCLID__c"), "lead_gclid_missing", ACCOUNT, BLOCK, "Lead.GCLID__c", id="GA-E13"),
        pytest.param(hiding("Opportunity.GCLID__c"), "opp_gclid_missing", ACCOUNT, BLOCK, "Opportunity.GCLID__c", id="GA-E14"),
        pytest.param(hiding("Opportunity.StageName", "Lead.Status"), "fields_no_access", ACCOUNT, BLOCK, "Lead.Status", id="GA-E15"),
        pytest.param(lambda s: s.act("remove_action", id="700002"), "conv_action_removed", MILESTONE, BLOCK, "REMOVED", id="GA-E17 removed"),
        pytest.param(lambda s: s.act("set_action", id="700002", status="HIDDEN"), "conv_action_removed", MILESTONE, BLOCK, "HIDDEN", id="GA-E17 hidden"),
        pytest.param(only(replace(WON, action="700999")), "conv_action_removed", MILESTONE, BLOCK, "no conversion action", id="GA-E17 never there"),
        pytest.param(only(replace(WON, action="700011")), "ads_invalid_conversion_action_type", MILESTONE, BLOCK, "SALESFORCE", id="wrong type"),
        pytest.param(lambda s: s.google(allowlisted=False), "ads_not_allowlisted", ACCOUNT, BLOCK, "CUSTOMER_NOT_ALLOWLISTED", id="not allow-listed"),
        pytest.param(lambda s: s.google(allowlisted=False, allow_list_gate="row"), "ads_not_allowlisted", ACCOUNT, BLOCK, "CUSTOMER_NOT_ALLOWLISTED", id="not allow-listed, told row by row"),
        pytest.param(lambda s: s.google(project_approved=False), "ads_project_not_approved", ACCOUNT, BLOCK, "CLOUD_PROJECT", id="project not approved"),
        pytest.param(account_is(status="SUSPENDED"), "ads_account_suspended", ACCOUNT, BLOCK, "SUSPENDED", id="suspended"),
        pytest.param(only(WON, account=CANCELED), "ads_account_suspended", ACCOUNT, BLOCK, "CUSTOMER_NOT_ENABLED", id="cancelled"),
        pytest.param(account_is(terms=False), "ads_customer_not_accepted_customer_data_terms", ACCOUNT, WARNING, MAIN, id="terms"),
        pytest.param(account_is(enhanced_conversions=False), "ads_customer_not_enabled_enhanced_conversions_for_leads", ACCOUNT, WARNING, MAIN, id="enhanced conversions off"),
        pytest.param(account_is(auto_tagging=False), "ads_auto_tagging_off", ACCOUNT, WARNING, MAIN, id="GA-19 auto-tagging off"),
        pytest.param(lambda s: (s.act("set_action", id="700002", counting="ONE_PER_CLICK"), setattr(s, "wanted", replace(WANTED, identifiers={"gclid": IDS, "gbraid": IDS}))), "ads_one_per_click_conversion_action_not_permitted_with_braid", MILESTONE, WARNING, "gbraid", id="braids with one per click"),
        pytest.param(only(replace(WON, action="700006")), "ads_cannot_restate_conversion_action_that_always_uses_default_conversion_value", MILESTONE, WARNING, "700006", id="always the default value"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_found(
    setup: Setup, arrange: Callable[[Setup], Any], code: str, level: Level, severity: Severity, words: str
) -> None:
    arrange(setup)
    found = setup.found()
    also = {"cross_account_tracking"} if code == "already_linked" else set[str]()
    assert set(found) - also == {code}, "one cause is told once"
    one = found[code].finding
    assert (one.level, one.severity) == (level, severity)
    assert words in one.message
    assert one.remedy


def test_an_import_that_failed_passes_salesforces_words_on(setup: Setup) -> None:
    """GA-E16."""
    import_failed(setup)
    one = setup.found()["import_failed"].finding
    assert (one.level, one.severity) == (ACCOUNT, ERROR)
    assert "Your query request was running for too long." in one.message
    setup.world.cycle(objects=["conversions"])
    assert "import_failed" not in setup.found(), "the next import went well"


def test_only_what_was_deleted_is_gone(own: Setup) -> None:
    """GA-E18: a stage that is inactive, and so in no sales process, still counts."""
    own.world.sandbox.act(SALESFORCE, "deactivate_stage", value="Closed Won")
    assert own.found() == {}
    own.world.sandbox.act(SALESFORCE, "delete_value", object="Lead", value="Working - Contacted")
    found = own.found()
    assert set(found) == {"milestone_gone"}
    one = found["milestone_gone"].finding
    assert (one.level, one.severity, one.milestone) == (MILESTONE, BLOCK, "working")
    assert "Open - Not Contacted" in one.message, "it says what there is"


def test_history_that_is_not_kept(own: Setup) -> None:
    """GA-19: converting a lead changes its status, so a conversion without a row of it gives it away."""
    own.settings(history_fields={"Lead": []})
    own.world.wait(timedelta(days=40))
    assert "sf_history_tracking_off" not in own.found(), "nobody has converted a lead lately: it cannot be told"
    lead = own.world.create_sf("Lead", LastName="Doe", Company="Acme")
    own.world.sandbox.act(SALESFORCE, "convert", lead_id=lead)
    assert own.found()["sf_history_tracking_off"].finding.severity is ERROR


def test_hashed_people_alone_need_the_terms(setup: Setup) -> None:
    setup.account(terms=False)
    setup.wanted = replace(WANTED, milestones=(replace(EMAIL_ONLY, name="by_mail"), WON))
    setup.found()
    with setup.world.engine.store.reading() as tx:
        blocked = preflight.blocked(tx)
    assert blocked.upload(MAIN, "by_mail") == "ads_customer_not_accepted_customer_data_terms"
    assert blocked.upload(MAIN, "won") is None


def test_a_shadow_that_is_closed_stops_nothing(setup: Setup) -> None:
    setup.google(allowlisted=False)
    setup.wanted = replace(WANTED, backend=Backend.DATA_MANAGER, shadow=Backend.GOOGLE_ADS)
    assert setup.found()["ads_not_allowlisted"].finding.severity is WARNING


def test_no_answer_on_consent_no_import(setup: Setup) -> None:
    consent = Consent({"ad_user_data": {"Contact": ("Consent__c",)}})
    setup.wanted = replace(WANTED, consent=consent)
    assert setup.found()["fields_no_access"].finding.severity is BLOCK


def test_twenty_four_hours(own: Setup) -> None:
    """GA-00: what was mended in Salesforce may take a day to show. It is checked again by itself, and nobody is called twice."""
    own.hide("Lead.GCLID__c")
    with pytest.raises(FatalError, match="lead_gclid_missing.*24 more hours"):
        steps.preflight(own.context())
    own.world.wait(timedelta(hours=6))
    (told,) = steps.preflight(own.context())
    assert (told["state"], told["hours_left"]) == ("waiting", pytest.approx(18, abs=0.1))
    own.world.wait(timedelta(hours=18))
    with pytest.raises(FatalError, match="lead_gclid_missing"):
        steps.preflight(own.context())
    (told,) = steps.preflight(own.context(), afresh=True)
    assert told["state"] == "waiting", "linked again: its day begins again"
    own.hide()
    assert steps.preflight(own.context()) == []
    with own.world.engine.store.reading() as tx:
        (kept,) = preflight.every(tx)
    assert kept.standing(own.world.now) is Standing.GONE


def test_a_cycle_asks_again_when_the_answer_is_old(own: Setup) -> None:
    store = own.world.engine.store
    assert steps.is_due(store, own.world.now)
    own.found()
    assert not steps.is_due(store, own.world.now)
    own.world.wait(timedelta(hours=25))
    assert steps.is_due(store, own.world.now)
    own.hide("Lead.GCLID__c")
    own.found()
    own.world.wait(timedelta(minutes=61))
    assert steps.is_due(store, own.world.now), "while something is wrong it is asked every hour"


def test_what_is_blocked_is_skipped_with_its_code_and_the_rest_goes_on(own: Setup) -> None:
    own.act("remove_action", id="700002")
    own.hide("Opportunity.GCLID__c")
    own.found()
    batches = own.world.cycle(objects=["conversions"])
    assert own.world.engine.errors == {}, "the cycle stays green: the preflight has told of it"
    pulls = {one.object: one.error_code for one in batches if one.operation is Operation.PULL_MILESTONES}
    assert pulls == {"Lead": None, "Opportunity": "opp_gclid_missing"}
    with own.world.engine.store.reading() as tx:
        held = {one.code for one in conversions.all_of(tx, "working") if one.sent_at is None}
    assert "conv_action_removed" in held
    rows = [one for one in own.world.changes(system=GOOGLE_ADS) if one["code"] == "conv_action_removed"]
    assert rows
    assert {one["outcome"] for one in rows} == {"deferred"}
    own.world.cycle(objects=["conversions"])
    again = [one for one in own.world.changes(system=GOOGLE_ADS) if one["code"] == "conv_action_removed"]
    assert len(again) == len(rows), "each is listed once"
    own.act("enable_action", id="700002")
    own.hide()
    assert own.found(afresh=True) == {}
    own.world.cycle(objects=["conversions"])
    with own.world.engine.store.reading() as tx:
        left = [one for one in conversions.all_of(tx) if one.code == "conv_action_removed"]
        assert left == []
        assert any(one.milestone == "won" for one in conversions.all_of(tx))
        (known, *_) = conversions.all_of(tx, "working")
    own.account(status="SUSPENDED")
    own.found()
    with own.world.engine.store.writing() as tx:
        held_there = {
            "state": ConversionState.ACCEPTED,
            "accepted_at": own.world.now,
            "sent_account": MAIN,
            "code": None,
        }
        gone = replace(known, **held_there, happened_at=own.world.now, undone=Undone.DELETED)
        conversions.put(tx, [gone], own.world.now)
    own.world.cycle(objects=["conversions"])
    assert own.world.engine.errors == {}
    (waits,) = [one for one in own.world.changes(system=GOOGLE_ADS) if one["code"] == "ads_account_suspended"]
    assert (waits["record_id"], waits["outcome"]) == (gone.order_id, "deferred"), "taking back waits, too"


def test_leads_without_a_gclid_do_not_stop_opportunities(own: Setup) -> None:
    own.hide("Lead.GCLID__c", "Contact.GCLID__c")
    own.found()
    batches = own.world.cycle(objects=["conversions"])
    pulls = {
        one.object: (one.error_code, str(one.status)) for one in batches if one.operation is Operation.PULL_MILESTONES
    }
    assert pulls["Lead"][0] == "lead_gclid_missing"
    assert pulls["Opportunity"] == (None, "succeeded")

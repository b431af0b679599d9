"""Milestones that people make in Salesforce end as conversions that Google counts: through both upload APIs, once each."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from tests.contract.google_ads_rig import MAIN
from tests.integration.engine.world import World, in_turn

from lockstep import steps
from lockstep.conversions.definition import Amount, Backend, Conversions, Kind, Milestone
from lockstep.conversions.record import Conversion, ConversionState
from lockstep.model import Batch, Operation, Step, Window
from lockstep.steps.google_ads import plan_conversions
from lockstep.steps.milestones import probe_milestones
from lockstep.store import conversions, ledger

BOTH = pytest.mark.parametrize("backend", Backend)
IDS = dict.fromkeys(("Lead", "Contact", "Opportunity"), ("GCLID__c",))
WORKING = Milestone("working", Kind.LEAD_STATUS, "Working - Contacted", "CRM qualified lead")
CONVERTED = Milestone("converted", Kind.LEAD_CONVERTED, "", "700003")
WON = Milestone("won", Kind.OPPORTUNITY_STAGE, "Closed Won", "700004", Amount(field="Amount"), currency="NOK")
WANTED = Conversions(
    (WORKING, CONVERTED, WON),
    identifiers={"gclid": IDS, "email": {"Lead": ("Email",), "Contact": ("Email",)}},
)
HALF_A_DAY = timedelta(hours=12)


@dataclass
class Shop:
    """A world, and what its people do: they click an ad, become leads, buy."""

    world: World
    number: int = 0

    def click(self, ago: timedelta = timedelta(days=3)) -> str:
        self.number += 1
        gclid = f"Cj0KCQ{self.number:056}"
        at = (self.world.now - ago).replace(microsecond=0)
        self.world.sandbox.act("google_ads", "add_click", customer=MAIN, at=at.isoformat(), gclid=gclid)
        return gclid

    def lead(self, gclid: str | None = None, **fields: Any) -> str:
        self.number += 1
        given = {
            "LastName": f"Doe {self.number}",
            "Company": "Acme",
            "GCLID__c": gclid,
            "Email": f"d{self.number}@x.no",
        }
        return self.world.create_sf("Lead", **(given | fields))

    def deal(self, gclid: str | None = None, **fields: Any) -> str:
        given = {
            "Name": "Deal",
            "StageName": "Prospecting",
            "CloseDate": "2025-12-31",
            "GCLID__c": gclid,
            "Amount": 100,
        }
        return self.world.create_sf("Opportunity", **(given | fields))

    def work(self, lead: str) -> None:
        self.world.edit_sf("Lead", lead, Status="Working - Contacted")

    def win(self, deal: str, **more: Any) -> None:
        self.world.edit_sf("Opportunity", deal, StageName="Closed Won", **more)

    def cycle(self, wait: timedelta = timedelta(minutes=15), **params: Any) -> list[Batch]:
        self.world.wait(wait - timedelta(minutes=15))
        found = self.world.cycle(objects=["conversions"], **params)
        assert self.world.engine.errors == {}
        return found

    def settle(self) -> None:
        """Cycles until nothing is under way: Data Manager's verdicts take half an hour each."""
        for _ in range(10):
            self.cycle(timedelta(minutes=45))
            if not {"pending", "unresolved", "sent", "ready"} & self.states().keys():
                return
        raise AssertionError(self.states())

    def held(self) -> dict[str, dict[str, Any]]:
        """Order id -> conversion, of all that Google counts."""
        found = self.world.sandbox.admin("GET", "google_ads/conversions")
        return {one["order_id"]: one for one in found if one["order_id"] and not one["retracted"]}

    def rows(self) -> dict[str, Conversion]:
        with self.world.engine.store.reading() as tx:
            return {one.order_id: one for one in conversions.all_of(tx)}

    def row(self, record: str) -> Conversion:
        (found,) = [one for one in self.rows().values() if one.record_id == record]
        return found

    def states(self) -> Counter[str]:
        return Counter(str(one.state) for one in self.rows().values())


@pytest.fixture
def shop_at(world_at: Callable[[str], AbstractContextManager[World]]) -> Callable[..., AbstractContextManager[Shop]]:
    @contextmanager
    def opened(backend: Backend = Backend.GOOGLE_ADS, **changes: Any) -> Iterator[Shop]:
        with world_at("first") as world:
            world.engine.conversions = replace(WANTED, backend=backend, **changes)
            # in a world of a few records any refusal is more than five percent
            world.engine.settings = world.engine.settings.model_copy(update={"failure_threshold": 1.0})
            yield Shop(world)

    return opened


@in_turn("backend", Backend)
def test_milestones_become_conversions_once(shop_at: Any, backend: Backend) -> None:
    with shop_at(backend) as shop:
        lead, deal = shop.lead(shop.click()), shop.deal(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.win(deal, Amount=250.5)
        when = shop.world.now
        shop.settle()
        shop.cycle()
        ours = {one: row for one, row in shop.rows().items() if row.record_id in (lead, deal)}
        assert {row.state for row in ours.values()} == {ConversionState.ACCEPTED}
        held = [shop.held()[one] for one in ours]
        assert sorted((one["action"], one["value"]) for one in held) == [("700002", 0.0), ("700004", 250.5)]
        assert all(abs(datetime.fromisoformat(one["at"]) - when) < timedelta(minutes=1) for one in held)
        recorded = shop.world.sandbox.admin("GET", "google_ads/conversions")
        assert len(recorded) == len({one["order_id"] for one in recorded}), "each is there once"


def test_the_first_read_goes_back_as_far_as_google_counts(shop_at: Any) -> None:
    with shop_at() as shop:
        shop.cycle()
        found = shop.rows().values()
        assert found
        assert min(one.happened_at for one in found) >= shop.world.now - timedelta(days=90, hours=1)
        again = {one.operation: one.counts for one in shop.cycle() if one.system != "hubspot"}
        assert again[Operation.PULL_MILESTONES]["new"] == 0
        fourth = Milestone("closed", Kind.LEAD_STATUS, "Closed - Not Converted", "700005")
        shop.world.engine.conversions = replace(WANTED, milestones=(*WANTED.milestones, fourth))
        before = set(shop.rows())
        shop.cycle()
        assert {one.milestone for one_id, one in shop.rows().items() if one_id not in before} == {"closed"}


@BOTH
def test_an_answer_that_is_lost(shop_at: Any, backend: Backend) -> None:
    with shop_at(backend) as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.fault("google_ads", "commit_then_reset", "UploadClickConversions|IngestEvents", times=20)
        shop.world.wait()
        shop.world.cycle(objects=["conversions"])
        assert "push_updates" in shop.world.engine.errors
        assert shop.row(lead).state is ConversionState.SENT
        shop.world.heal()
        shop.settle()
        assert shop.row(lead).state is ConversionState.ACCEPTED
        assert shop.row(lead).order_id in shop.held()


def test_the_same_order_ids_in_any_order_of_runs(shop_at: Any) -> None:
    def made(shop: Shop) -> None:
        for days in range(4):
            lead, deal = shop.lead(shop.click()), shop.deal(shop.click())
            shop.world.wait(timedelta(hours=7))
            shop.work(lead)
            shop.world.edit_sf("Lead", lead, Status="Open - Not Contacted")
            shop.win(deal, Amount=days)
            shop.world.wait(timedelta(hours=17))
            shop.work(lead)

    with shop_at() as shop:
        begin = shop.world.now
        made(shop)
        end = shop.world.now
        days = [Window(begin + n * timedelta(days=1), begin + (n + 1) * timedelta(days=1)) for n in range(5)]
        for number in (3, 0, 4, 1, 0, 2):
            shop.world.step(Step.PULL_CONVERSIONS, f"back:{number}:{len(shop.rows())}", "backfill", days[number])
        backfilled = {key for key, row in shop.rows().items() if begin <= row.happened_at < end}
        shop.cycle()
        assert {key for key, row in shop.rows().items() if begin <= row.happened_at < end} == backfilled
        assert len(backfilled) == 8, "one of each: a status that is reached again does not count again"


def test_a_gclid_that_comes_later(shop_at: Any) -> None:
    with shop_at(identifiers={"gclid": IDS}) as shop:
        gclid, lead = shop.click(), shop.lead()
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.cycle()
        assert shop.row(lead).state is ConversionState.UNIDENTIFIED
        order = shop.row(lead).order_id
        shop.world.edit_sf("Lead", lead, GCLID__c=gclid)
        shop.cycle()
        assert (shop.row(lead).state, shop.row(lead).order_id) == (ConversionState.ACCEPTED, order)


def test_a_gclid_of_the_contact_or_of_the_lead_that_was_converted(shop_at: Any) -> None:
    with shop_at() as shop:
        contact = shop.world.create_sf("Contact", LastName="Buyer", GCLID__c=None)
        deal = shop.deal(ContactId=contact)
        lead = shop.lead(shop.click())
        shop.work(lead)
        made = shop.world.sandbox.act("salesforce", "convert", lead_id=lead, opportunity_name="Big deal")
        other = str(made["opportunity"])
        shop.world.edit_sf("Opportunity", other, GCLID__c=None)
        shop.world.wait(HALF_A_DAY)
        shop.win(deal)
        shop.win(other)
        shop.cycle()
        assert shop.row(other).state is ConversionState.ACCEPTED
        assert {one.milestone for one in shop.rows().values() if one.record_id == lead} == {"working", "converted"}
        assert shop.row(deal).state is ConversionState.UNIDENTIFIED
        shop.world.edit_sf("Contact", contact, GCLID__c=shop.click(timedelta(days=5)))
        shop.cycle()
        assert shop.row(deal).state is ConversionState.ACCEPTED


@BOTH
def test_a_value_that_changes_and_a_sale_that_reopens(shop_at: Any, backend: Backend) -> None:
    with shop_at(backend) as shop:
        deal = shop.deal(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.win(deal, Amount=100)
        shop.settle()
        shop.world.edit_sf("Opportunity", deal, Amount=80)
        shop.settle()
        assert shop.row(deal).state is ConversionState.ADJUSTED
        assert shop.held()[shop.row(deal).order_id]["adjusted_value"] == 80.0
        shop.world.edit_sf("Opportunity", deal, StageName="Negotiation/Review")
        shop.settle()
        assert shop.row(deal).state is ConversionState.RETRACTED
        assert shop.row(deal).order_id not in shop.held()
        shop.win(deal)
        shop.settle()
        assert shop.states()["retracted"] == 1
        (second,) = [one for one in shop.rows().values() if one.record_id == deal and one.undone is None]
        assert shop.held()[second.order_id]["value"] == 80.0


def test_a_deleted_record_is_taken_back_and_one_that_was_not_sent_never_is(shop_at: Any) -> None:
    with shop_at() as shop:
        sent, unsent = shop.lead(shop.click()), shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(sent)
        shop.world.cycle()
        shop.work(unsent)
        shop.world.step(Step.PULL_CONVERSIONS, "now", "scheduled", shop.world.window())
        for one in (sent, unsent):
            shop.world.sandbox.act("salesforce", "delete", object="Lead", id=one)
        shop.world.wait()
        shop.world.cycle()
        assert (shop.row(sent).state, shop.row(unsent).state) == (ConversionState.RETRACTED, ConversionState.WITHDRAWN)
        assert shop.row(unsent).order_id not in shop.held()


def test_rows_that_google_refuses_are_listed_and_the_others_land(shop_at: Any) -> None:
    with shop_at() as shop:
        shop.cycle()
        good, unknown, recent = shop.lead(shop.click()), shop.lead("x" * 40), shop.lead(shop.click(timedelta(hours=1)))
        for one in (good, unknown, recent):
            shop.work(one)
        shop.cycle()
        assert shop.row(good).state is ConversionState.ACCEPTED
        assert (shop.row(unknown).state, shop.row(unknown).code) == (ConversionState.REJECTED, "ads_event_not_found")
        parked = shop.row(recent)
        assert (parked.state, parked.code) == (ConversionState.WAITING, "ads_too_recent_event")
        listed = {one["record_id"]: one for one in shop.world.changes(system="google_ads") if one["code"]}
        assert listed[shop.row(unknown).order_id]["detail"]["vendor_code"] == "EVENT_NOT_FOUND"
        shop.cycle(timedelta(hours=7))
        assert shop.row(recent).state is ConversionState.ACCEPTED


def test_data_manager_finds_the_rows_that_google_does_not_name(shop_at: Any) -> None:
    with shop_at(Backend.DATA_MANAGER, identifiers={"gclid": IDS}) as shop:
        shop.cycle()
        leads = [shop.lead("x" * 40 if number == 7 else shop.click()) for number in range(20)]
        shop.world.wait(HALF_A_DAY)
        for one in leads:
            shop.work(one)
        shop.settle()
        states = {one: shop.row(one).state for one in leads}
        assert [one for one, state in states.items() if state is ConversionState.REJECTED] == [leads[7]]
        assert Counter(states.values())[ConversionState.ACCEPTED] == 19
        assert shop.row(leads[7]).code == "ads_invalid_click"


def test_nothing_personal_is_in_ledger_logs_or_xcom(shop_at: Any, caplog: pytest.LogCaptureFixture) -> None:
    """What an operator returns goes to XCom: the targets and the batches' statistics."""
    caplog.set_level("DEBUG")
    with shop_at(shadow=Backend.DATA_MANAGER) as shop:
        targets: list[Any] = []
        shop.world.engine.on_task = lambda step, target: targets.append((step, target))
        lead = shop.lead(shop.click(), Email="jane.doe@example.com", LastName="Doe-Unmistakable")
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        batches = shop.cycle()
        told = [*batches, *targets, *shop.world.changes(system="google_ads"), *shop.rows().values(), caplog.text]
        words = " ".join(str(one) for one in told)
        assert shop.row(lead).people
        assert targets
        assert shop.row(lead).people[0][1] not in caplog.text, "hashes of people are no better in a log"
        assert "jane" not in words
        assert "Unmistakable" not in words


def test_a_shadow_reports_where_the_two_differ(shop_at: Any, caplog: pytest.LogCaptureFixture) -> None:
    with shop_at(Backend.DATA_MANAGER, shadow=Backend.GOOGLE_ADS) as shop:
        lead = shop.lead("cut off")
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        batches = shop.cycle()
        (report,) = [one.task["shadow"] for one in batches if one.task and "shadow" in one.task]
        assert report["backend"] == "google_ads"
        assert report["rows"] >= 1
        assert "ok / UNPARSEABLE_GCLID" in report["differences"]
        assert "the two upload APIs differ on" in caplog.text
        shop.world.sandbox.act("google_ads", "set_allow_list", allowed=False)
        other = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(other)
        shop.cycle()
        assert shop.row(other).state is ConversionState.PENDING, "a shadow stops nothing"


def test_a_closed_api_says_what_to_do_and_loses_nothing(shop_at: Any) -> None:
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.sandbox.act("google_ads", "set_allow_list", allowed=False)
        shop.world.wait()
        shop.world.cycle(objects=["conversions"])
        failed = [one for one in shop.world.history[-1] if one.error_code == "ads_not_allowlisted"]
        assert "backend: data_manager" in (failed[0].error or "")
        shop.world.sandbox.act("google_ads", "set_allow_list", allowed=True)
        shop.cycle()
        assert shop.row(lead).state in (ConversionState.ACCEPTED, ConversionState.DUPLICATE)


def test_what_google_has_no_room_for_today_goes_when_it_has(shop_at: Any) -> None:
    """RESOURCE_EXHAUSTED with a delay of hours: the operations of the day are used up."""
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.settings("google_ads", daily_operations=0, retry_delay_seconds=40_000)
        shop.world.wait()
        batches = shop.world.cycle(objects=["conversions"])
        told = [(str(one.status), one.error_code) for one in batches if one.operation is Operation.PUSH_CONVERSIONS]
        assert told == [("incomplete", "quota_exhausted")]
        assert shop.held() == {}
        shop.world.settings("google_ads", daily_operations=None)
        shop.cycle()
        assert shop.row(lead).state is ConversionState.ACCEPTED
        assert shop.row(lead).order_id in shop.held()


def test_a_dry_run_uploads_nothing(shop_at: Any) -> None:
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.cycle(dry_run=True)
        assert shop.row(lead).state is ConversionState.READY
        assert shop.held() == {}


def push(shop: Shop, run_id: str) -> Any:
    return shop.world.engine.context(
        run_id, Step.PUSH_UPDATES, "scheduled", shop.world.window(), {"objects": ["conversions"]}
    )


@pytest.mark.parametrize(("account", "told"), [(None, 0), (MAIN, 1)])
def test_without_a_connection_nothing_is_done_and_the_ledger_says_so_where_an_account_is_named(
    shop_at: Any, account: str | None, told: int
) -> None:
    with shop_at(account=account) as shop:
        ctx = replace(push(shop, "push:none"), google_ads=None)
        assert probe_milestones(ctx) == []
        assert plan_conversions(ctx) == []
        with shop.world.engine.store.reading() as tx:
            batches = ledger.batches(tx, ctx.run.id)
        assert [bool(one.error and "google_ads_default" in one.error) for one in batches] == [True] * told
        assert steps.seal(ctx)["state"] == "sealed"


def test_a_plan_that_is_tried_again_takes_the_place_of_the_first(shop_at: Any) -> None:
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.step(Step.PULL_CONVERSIONS, "pull:1", "scheduled", shop.world.window())
        ctx = push(shop, "push:1")
        first, again = plan_conversions(ctx), plan_conversions(ctx)
        assert [one["items"] for one in first] == [one["items"] for one in again]
        for target in again:
            steps.apply_batch(ctx, target["batch_id"])
        assert steps.seal(ctx)["state"] == "sealed"
        assert shop.row(lead).state is ConversionState.ACCEPTED


def test_a_task_that_dies_after_the_request_was_sent(shop_at: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the answer is stored; the retry of the task sends the same rows, and Google knows them."""
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.step(Step.PULL_CONVERSIONS, "pull:1", "scheduled", shop.world.window())
        ctx = push(shop, "push:1")
        (target,) = plan_conversions(ctx)
        with monkeypatch.context() as patch:
            patch.setattr("lockstep.steps.google_ads.upload.commit", _die)
            with pytest.raises(KeyboardInterrupt):
                steps.apply_batch(ctx, target["batch_id"])
        assert shop.row(lead).order_id in shop.held()
        assert shop.row(lead).state is ConversionState.SENT
        steps.apply_batch(ctx, target["batch_id"])
        assert shop.row(lead).state is ConversionState.ACCEPTED
        recorded = shop.world.sandbox.admin("GET", "google_ads/conversions")
        assert [one["order_id"] for one in recorded].count(shop.row(lead).order_id) == 1


def _die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_an_action_that_is_corrected_in_the_file_takes_what_waited_for_it(shop_at: Any) -> None:
    wrong = replace(WORKING, action="Salesforce milestone")
    with shop_at(milestones=(wrong,)) as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.cycle()
        assert (shop.row(lead).state, shop.row(lead).code) == (
            ConversionState.WAITING,
            "ads_invalid_conversion_action_type",
        )
        shop.world.engine.conversions = replace(shop.world.engine.conversions, milestones=(WORKING,))
        shop.cycle(timedelta(hours=7))
        assert shop.row(lead).state is ConversionState.ACCEPTED
        assert shop.held()[shop.row(lead).order_id]["action"] == "700002"


def test_a_milestone_that_was_taken_out_of_the_file_is_sent_no_more(shop_at: Any) -> None:
    with shop_at() as shop:
        lead = shop.lead(shop.click())
        shop.world.wait(HALF_A_DAY)
        shop.work(lead)
        shop.world.step(Step.PULL_CONVERSIONS, "pull:1", "scheduled", shop.world.window())
        shop.world.engine.conversions = replace(shop.world.engine.conversions, milestones=(WON,))
        shop.cycle()
        assert shop.row(lead).state is ConversionState.READY
        assert shop.row(lead).order_id not in shop.held()

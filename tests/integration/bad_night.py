"""A night in which much goes wrong at once, by real cycles: what Sync Status has to tell of in the morning."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ruamel.yaml import YAML
from scripts.local_airflow import MAPPINGS
from tests.engine import Engine
from tests.integration.engine.world import World as People
from tests.integration.world import World

from lockstep import mapping
from lockstep.model import Pair, Step, Window

SCRIPT = "<script>document.title='owned'</script>"
FORMULA = "=1+1"
RIGHT_TO_LEFT = "\u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c"
#: what Salesforce's administrator tells people who give a number that is not allowed
LONG_WORDS = f"{FORMULA} {SCRIPT} {RIGHT_TO_LEFT} " + "Ring the desk first. " * 250
WRONG_NUMBER = "+47 99 99 99 99"
#: values that a plan may empty without a person's word
MAY_BLANK = 2
NUMBER_RULE = {"object": "Contact", "when": f"Phone = '{WRONG_NUMBER}'", "message": LONG_WORDS, "field": "Phone"}
#: the Google Ads account of the shipped milestones, and the click that brought the lead
ACCOUNT, CLICK = "2223334445", "Cj0KCQ" + "w" * 56


@dataclass(frozen=True)
class Night:
    """What became of whom. `clashed`: pairs of people whose titles were edited on both sides; `refused`: whose new number
    Salesforce refused; `gone`: who was deleted and edited. `lead`: the id of one who came by an ad. `cycle`: the run's id."""

    world: World
    people: People
    clashed: list[Pair]
    refused: list[Pair]
    gone: Pair
    lead: str
    cycle: str

    def titles(self) -> list[tuple[str | None, str | None]]:
        """Of the clashed, in Salesforce and in HubSpot."""
        return [self._both(one, "Title", "jobtitle") for one in self.clashed]

    def phones(self) -> list[tuple[str | None, str | None]]:
        """Of the refused, likewise."""
        return [self._both(one, "Phone", "phone") for one in self.refused]

    def _both(self, pair: Pair, sf_field: str, hs_field: str) -> tuple[str | None, str | None]:
        sf = self.people.sf_record("Contact", pair.sf_id or "")
        hs = self.people.hs_record("contacts", pair.hs_id or "")
        return sf.get(sf_field), hs.get(hs_field) or None


def after_a_bad_night(world: World, folder: Path) -> Night:
    """A quiet cycle, one with all kinds of trouble, and a run that HubSpot does not let in. In the morning both are well again."""
    holding = mappings_with_a_hold(folder)
    world.use_mappings(holding)
    engine = Engine(world.store, world.sandbox, mapping.load(holding))
    people = People(world.sandbox, engine)
    lead = an_ad_brings_a_lead(people)
    engine.cycle()
    assert engine.errors == {}

    linked = people.linked("people", "Contact")
    clashed, refused, gone = linked[:3], linked[3:7], linked[7]
    edit(people, clashed, refused, gone)
    people.edit_sf("Lead", lead, Status="Working - Contacted")
    people.settings("salesforce", validation_rules=[NUMBER_RULE], hidden_fields=["Contact.Birthdate"])
    engine.step(Step.SYNC_SCHEMA, "sync_schema:asked", "manual", Window(None, datetime.now(UTC)))
    people.fault("hubspot", "status", "/(deals|0-3)(/|$)", times=1_000_000)
    cycle, state = world.run("sync_cycle")
    assert state == "failed"

    people.heal()
    people.settings("hubspot", tokens_valid=False)
    assert world.run("pull_updates", objects=["people"], systems=["hubspot"])[1] == "failed"
    people.settings("hubspot", tokens_valid=True)
    people.settings("salesforce", validation_rules=[])
    return Night(world, people, clashed, refused, gone, lead, cycle)


def mappings_with_a_hold(folder: Path) -> Path:
    """The shipped ones, but a title that was changed on both sides waits for a person, and so does a plan that empties a few
    values."""
    copied = Path(shutil.copytree(MAPPINGS, folder / "mappings"))
    yaml = YAML()
    content = yaml.load(copied / "people.yaml")
    (title,) = [one for one in content["fields"] if one["hubspot"] == "jobtitle"]
    title["rule"] = "hold"
    yaml.dump(content, copied / "people.yaml")
    settings = yaml.load(copied / "settings.yaml")
    settings["guards"]["max_blanked"] = MAY_BLANK
    yaml.dump(settings, copied / "settings.yaml")
    return copied


def an_ad_brings_a_lead(people: People) -> str:
    """Who clicked two days ago. Google gives its verdicts at once, not after half an hour."""
    people.settings("google_ads", processing_seconds=0)
    at = (datetime.now(UTC) - timedelta(days=2)).replace(microsecond=0)
    people.sandbox.act("google_ads", "add_click", customer=ACCOUNT, at=at.isoformat(), gclid=CLICK)
    return people.create_sf("Lead", LastName="Adgoer", Company="Acme", Email="adgoer@ads.example", GCLID__c=CLICK)


def edit(people: People, clashed: list[Pair], refused: list[Pair], gone: Pair) -> None:
    for number, pair in enumerate(clashed):
        people.edit_sf("Contact", pair.sf_id or "", Title=f"Head of sales {number}")
        people.edit_hs("contacts", pair.hs_id or "", jobtitle=f"{SCRIPT} {number}")
    for pair in refused:
        people.edit_hs("contacts", pair.hs_id or "", phone=WRONG_NUMBER)
    people.edit_hs("contacts", gone.hs_id or "", jobtitle="Still wanted")
    people.sandbox.act("salesforce", "delete", object="Contact", id=gone.sf_id)

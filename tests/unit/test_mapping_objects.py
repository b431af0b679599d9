"""What a mapping file says about its object as a whole: switch, pipelines, direction; and references to several kinds of records."""

from pathlib import Path

from tests.unit.decisions import OWNERS
from tests.unit.test_mapping_files import mistakes, write

from lockstep.mapping import Mappings, load
from lockstep.model import HUBSPOT, SALESFORCE, Rejection
from lockstep.values import Rendered, Unmapped, ValueContext, Waiting, canonical, render

HEAD = """\
external_id: {salesforce: Lockstep_Id__c, hubspot: lockstep_id}
create: {salesforce: %s, hubspot: %s}
delete: {salesforce: keep, hubspot: keep}
"""


def file(salesforce: str, hubspot: str, *fields: str, more: str = "") -> str:
    lines = "".join(
        f"  - {{{one}}}\n" for one in ("salesforce: Name, hubspot: name, type: string, rule: two_way", *fields)
    )
    return f"objects: {{salesforce: {salesforce}, hubspot: {hubspot}}}\n{HEAD % (salesforce, hubspot)}{more}fields:\n{lines}"


ABOUT = (
    "salesforce: WhatId, name: about, hubspot: ['association:deals', 'association:companies'], type: reference,"
    " reference: [deals, companies], rule: two_way"
)
TASKS = file("Task", "tasks", ABOUT)
OFF = "enabled: false\n"


def world(folder: Path, *, deals: str = "", companies: str = "", tasks: str = TASKS) -> Mappings:
    files = {
        "deals": file("Opportunity", "deals", more=deals),
        "companies": file("Account", "companies", more=companies),
        "tasks": tasks,
    }
    return load(write(folder, **files))


class TestSwitch:
    def test_what_is_off_is_not_there_and_nothing_refers_to_it(self, tmp_path: Path) -> None:
        mappings = world(tmp_path, deals=OFF)
        assert sorted(one.entity for one in mappings.all) == ["companies", "tasks"]
        assert [one.entity for one in mappings.off] == ["deals"]
        (about,) = mappings.entity("tasks").references
        assert (about.refers_to, about.hubspot) == (("companies",), "association:companies")

    def test_a_reference_of_which_all_is_off_goes_with_it(self, tmp_path: Path) -> None:
        assert world(tmp_path, deals=OFF, companies=OFF).entity("tasks").references == ()

    def test_unless_it_is_required(self, tmp_path: Path) -> None:
        tasks = file("Task", "tasks", ABOUT, more="required: {Task: [about]}\n")
        files = {
            "deals": file("Opportunity", "deals", more=OFF),
            "companies": file("Account", "companies", more=OFF),
            "tasks": tasks,
        }
        (told,) = mistakes(write(tmp_path, **files))
        assert "about is required, but deals and companies is switched off." in told

    def test_what_is_off_is_checked_all_the_same(self, tmp_path: Path) -> None:
        (told,) = mistakes(write(tmp_path, deals=file("Opportunity", "deals", more=OFF + "match: [{field: nmae}]\n")))
        assert "There is no field 'nmae'" in told


def below(salesforce: str, hubspot: str, parent: str) -> str:
    link = f"salesforce: Up__c, name: up, hubspot: 'association:{parent}', type: reference, reference: {parent}"
    return file(salesforce, hubspot, f"{link}, rule: two_way")


class TestDepth:
    """MK-25: two levels of custom objects."""

    TWO = {  # noqa: RUF012
        "companies": file("Account", "companies"),
        "plans": below("Plan__c", "plans", "companies"),
        "items": below("Item__c", "items", "plans"),
    }

    def test_two_levels_below_an_account(self, tmp_path: Path) -> None:
        assert [one.entity for one in load(write(tmp_path, **self.TWO)).all] == ["companies", "plans", "items"]

    def test_not_three(self, tmp_path: Path) -> None:
        (told,) = mistakes(write(tmp_path, **self.TWO, parts=below("Part__c", "parts", "items")))
        assert told.startswith("parts.yaml:7 fields.up: parts below items below plans: custom objects")

    def test_what_stands_between_counts_alone(self, tmp_path: Path) -> None:
        files = self.TWO | {"notes": below("Note", "notes", "items")}
        assert load(write(tmp_path, **files)).all[-1].entity == "notes"


class TestCreateIfReferred:
    """HS-17: made only for what a synced record refers to."""

    def test_the_file_that_refers_to_these(self, tmp_path: Path) -> None:
        companies = world(tmp_path, companies="create_if_referred: {salesforce: tasks}\n").entity("companies")
        assert companies.create_if_referred == {SALESFORCE: "tasks"}

    def test_another_file(self, tmp_path: Path) -> None:
        wanted = "create_if_referred: {salesforce: deals}\n"
        files = {"deals": file("Opportunity", "deals"), "companies": file("Account", "companies", more=wanted)}
        (told,) = mistakes(write(tmp_path, **files, tasks=TASKS))
        assert "create_if_referred.salesforce: deals.yaml has no reference to companies." in told
        assert "Use one of: tasks." in told


class TestReferenceToSeveralKinds:
    def context(self) -> ValueContext:
        pairs = {(SALESFORCE, "deals", "006A"): "deal-a", (HUBSPOT, "deals", "7"): "deal-a"}
        records = {(SALESFORCE, "deals", "deal-a"): "006A", (HUBSPOT, "deals", "deal-a"): "7"}
        return ValueContext(OWNERS, references=lambda *key: pairs.get(key), records=lambda *key: records.get(key))

    def test_both_sides_mean_the_same_pair(self, tmp_path: Path) -> None:
        (about,) = world(tmp_path).entity("tasks").references
        assert about.hubspot == "association:deals|companies"
        assert canonical(about, SALESFORCE, "006A", self.context()) == "deal-a"
        assert canonical(about, HUBSPOT, "deals:7", self.context()) == "deal-a"
        # a company of the same number is another record
        assert canonical(about, HUBSPOT, "companies:7", self.context()) == Waiting(
            HUBSPOT, "deals or companies", "companies:7"
        )

    def test_hubspots_value_names_the_object(self, tmp_path: Path) -> None:
        (about,) = world(tmp_path).entity("tasks").references
        assert render(about, HUBSPOT, "tasks", "deal-a", "006A", self.context()) == Rendered("deals:7")
        assert render(about, SALESFORCE, "Task", "deal-a", "deals:7", self.context()) == Rendered("006A")
        assert isinstance(render(about, SALESFORCE, "Task", "other", "deals:8", self.context()), Rejection)

    def test_as_many_files_as_associations(self, tmp_path: Path) -> None:
        tasks = TASKS.replace("reference: [deals, companies]", "reference: [deals]")
        files = {"deals": file("Opportunity", "deals"), "companies": file("Account", "companies"), "tasks": tasks}
        (told,) = mistakes(write(tmp_path, **files))
        assert "as many mapping files as associations" in told

    def test_in_the_same_order(self, tmp_path: Path) -> None:
        tasks = TASKS.replace("reference: [deals, companies]", "reference: [companies, deals]")
        files = {"deals": file("Opportunity", "deals"), "companies": file("Account", "companies"), "tasks": tasks}
        first, second = mistakes(write(tmp_path, **files))
        assert "association:deals leads to deals, but companies is about companies." in first
        assert "Write association:deals." in second


STAGE = "salesforce: StageName, hubspot: dealstage, type: picklist, rule: two_way"
PIPELINES = """\
pipelines:
  hubspot: pipeline
  stage: dealstage
  synced:
    default: {record_types: [Direct, Web], stages: {Open: open, Won: [won, paid]}}
    "77": {record_types: Partner, stages: {Open: "771", Won: "772"}}
"""
DEALS = file("Opportunity", "deals", STAGE, more=PIPELINES)


class TestPipelines:
    def test_a_stage_depends_on_the_record_type(self, tmp_path: Path) -> None:
        deals = load(write(tmp_path, deals=DEALS)).entity("deals")
        stage, context = deals.by_name["dealstage"], ValueContext(OWNERS)

        def read(record_type: str | None) -> object:
            return canonical(stage, SALESFORCE, "Open", context, {"RecordType.DeveloperName": record_type})

        assert [read(kind) for kind in ("Direct", "Web", "Partner")] == ["open", "open", "771"]
        assert read("Unknown") == read(None) == Unmapped(SALESFORCE, "Open")
        assert canonical(stage, HUBSPOT, "paid", context) == "won"
        assert canonical(stage, HUBSPOT, "772", context) == "772"
        assert render(stage, SALESFORCE, "Opportunity", "772", "772", context) == Rendered("Won")

    def test_the_pipeline_is_a_field_between_record_type_and_property(self, tmp_path: Path) -> None:
        deals = load(write(tmp_path, deals=DEALS)).entity("deals")
        pipeline, context = deals.by_name["pipeline"], ValueContext(OWNERS)
        assert canonical(pipeline, SALESFORCE, "Web", context) == canonical(pipeline, HUBSPOT, "default", context)
        assert render(pipeline, SALESFORCE, "Opportunity", "default", "default", context) == Rendered("Direct")
        assert "RecordType.DeveloperName" in deals.fields_of(SALESFORCE, "Opportunity")
        assert "pipeline" in deals.fields_of(HUBSPOT, "deals")

    def test_one_pipeline_needs_no_record_types(self, tmp_path: Path) -> None:
        one = PIPELINES.partition('    "77"')[0].replace("record_types: [Direct, Web], ", "")
        deals = load(write(tmp_path, deals=file("Opportunity", "deals", STAGE, more=one))).entity("deals")
        assert deals.by_name["dealstage"].values == {"Open": "open", "Won": "won"}
        assert "RecordType.DeveloperName" not in deals.fields_of(SALESFORCE, "Opportunity")
        # a new deal is put into that pipeline
        assert deals.by_name["pipeline"].default == {HUBSPOT: "default"}

    def test_mistakes(self, tmp_path: Path) -> None:
        def told(old: str, new: str) -> str:
            assert old in DEALS
            return " ".join(mistakes(write(tmp_path, deals=DEALS.replace(old, new))))

        assert "Of several pipelines, each needs its `record_types`." in told("record_types: Partner, ", "")
        assert "The record type 'Web' stands in several pipelines." in told(
            "record_types: Partner", "record_types: Web"
        )
        assert "The stage 'open' stands in several pipelines." in told('"771"', "open")
        assert "There is no field 'stage'." in told("stage: dealstage", "stage: stage")
        assert "does not hold stages" in told("type: picklist", "type: string")


class TestOneDirection:
    CALLS = file("Task", "calls").replace("hubspot: calls}\ndelete", "hubspot: never}\ndelete")
    ONE_WAY = CALLS + "direction: to_salesforce\nupdate: {salesforce: false, hubspot: false}\n"

    def test_salesforce_is_not_read_so_that_the_object_may_be_in_two_files(self, tmp_path: Path) -> None:
        mappings = load(write(tmp_path, tasks=file("Task", "tasks"), calls=self.ONE_WAY))
        assert mappings.entity("calls").sources(SALESFORCE) == ()
        assert mappings.of_object(SALESFORCE, "Task").entity == "tasks"

    def test_nothing_is_written_back(self, tmp_path: Path) -> None:
        text = self.ONE_WAY.replace("hubspot: never", "hubspot: calls").replace("hubspot: false", "hubspot: true")
        first, second = mistakes(write(tmp_path, calls=text))
        assert "HubSpot is not written to" in first + second
        assert "Records are copied once" in first + second

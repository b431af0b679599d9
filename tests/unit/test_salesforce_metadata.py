"""The metadata that people deploy to Salesforce makes what the mappings need there."""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from lockstep import mapping
from lockstep.conversions import files as conversions
from lockstep.model import SALESFORCE

ROOT = Path(__file__).parents[2]
PROJECT = ROOT / "include" / "salesforce"
DEPLOYED = [PROJECT / one["path"] / "default" for one in json.loads((PROJECT / "sfdx-project.json").read_text())["packageDirectories"]]  # fmt: skip
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
MAPPINGS = mapping.load(ROOT / "include" / "mappings")
NEEDED = [(name, one.external_id[SALESFORCE]) for one in (*MAPPINGS.all, *MAPPINGS.off) for name in one.sf_objects]
#: the metadata of fields of Task and Event stands under Activity; permissions name the object itself
FOLDERS = {"Task": "Activity", "Event": "Activity"}
#: who may create these follows from user permissions or from the parent
WITHOUT_OBJECT_PERMISSIONS = {"Task", "Event", "CampaignMember", "OpportunityContactRole"}


def texts(element: ElementTree.Element) -> dict[str, str]:
    return {child.tag.removeprefix(SPACE): (child.text or "").strip() for child in element}


def permissions(kind: str) -> list[dict[str, str]]:
    """The entries of that kind in all permission sets."""
    sets = [path for folder in DEPLOYED for path in (folder / "permissionsets").iterdir()]
    return [texts(one) for path in sets for one in ElementTree.parse(path).getroot().iter(f"{SPACE}{kind}")]


def field_files() -> dict[str, Path]:
    found = [path for folder in DEPLOYED for path in folder.glob("objects/*/fields/*.field-meta.xml")]
    return {f"{path.parents[1].name}.{path.name.partition('.')[0]}": path for path in found}


@pytest.mark.parametrize(("name", "field"), NEEDED)
def test_every_mapped_object_gets_its_external_id(name: str, field: str):
    path = field_files()[f"{FOLDERS.get(name, name)}.{field}"]
    made = texts(ElementTree.parse(path).getroot())
    assert (made["fullName"], made["type"], made["externalId"], made["unique"]) == (field, "Text", "true", "true")
    assert int(made["length"]) >= 32, "a pair's id with its generation"


def test_the_permission_sets_let_the_integration_user_write_it():
    editable = {one["field"] for one in permissions("fieldPermissions") if one["editable"] == "true"}
    assert {f"{name}.{field}" for name, field in NEEDED} <= editable
    objects = {one["object"]: one for one in permissions("objectPermissions")}
    assert {name for name, _ in NEEDED} - WITHOUT_OBJECT_PERMISSIONS <= objects.keys()
    assert all(one["allowEdit"] == one["allowCreate"] == one["viewAllRecords"] == "true" for one in objects.values())
    assert {"EditTask", "EditEvent"} <= {one["name"] for one in permissions("userPermissions")}


def test_permissions_name_fields_that_are_deployed_with_them():
    made = set(field_files())
    for one in permissions("fieldPermissions"):
        name, _, field = one["field"].partition(".")
        assert f"{FOLDERS.get(name, name)}.{field}" in made


def test_the_click_ids_of_conversions_are_made_and_readable():
    wanted = conversions.load(ROOT / "include" / "mappings").identifiers["gclid"]
    named = {f"{name}.{field}" for name, fields in wanted.items() if name != "contacts" for field in fields}
    made = field_files()
    assert {one: texts(ElementTree.parse(made[one]).getroot())["length"] for one in named} == dict.fromkeys(
        named, "255"
    )
    assert named <= {one["field"] for one in permissions("fieldPermissions") if one["readable"] == "true"}

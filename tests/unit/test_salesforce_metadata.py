"""The metadata that people deploy to Salesforce makes what the mappings need there."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from lockstep import mapping
from lockstep.model import SALESFORCE

ROOT = Path(__file__).parents[2]
DEPLOYED = ROOT / "include" / "salesforce" / "main" / "default"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
NEEDED = [
    (name, one.external_id[SALESFORCE])
    for one in mapping.load(ROOT / "include" / "mappings").all
    for name in one.sf_objects
]


def texts(element: ElementTree.Element) -> dict[str, str]:
    return {child.tag.removeprefix(SPACE): (child.text or "").strip() for child in element}


@pytest.mark.parametrize(("name", "field"), NEEDED)
def test_every_mapped_object_gets_its_external_id(name: str, field: str):
    path = DEPLOYED / "objects" / name / "fields" / f"{field}.field-meta.xml"
    made = texts(ElementTree.parse(path).getroot())
    assert (made["fullName"], made["type"], made["externalId"], made["unique"]) == (field, "Text", "true", "true")
    assert int(made["length"]) >= 32, "a pair's id with its generation"


def test_the_permission_set_lets_the_integration_user_write_it():
    root = ElementTree.parse(DEPLOYED / "permissionsets" / "Lockstep.permissionset-meta.xml").getroot()
    fields = [texts(one) for one in root.iter(f"{SPACE}fieldPermissions")]
    assert {one["field"] for one in fields if one["editable"] == "true"} == {
        f"{name}.{field}" for name, field in NEEDED
    }
    objects = {texts(one)["object"]: texts(one) for one in root.iter(f"{SPACE}objectPermissions")}
    assert objects.keys() == {name for name, _ in NEEDED}
    assert all(one["allowEdit"] == one["allowCreate"] == one["viewAllRecords"] == "true" for one in objects.values())

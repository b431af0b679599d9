"""The shipped mapping files against both vendors' descriptions of themselves."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from tests.contract.system_sandbox_rigs import hubspot_rig, salesforce_rig
from tests.engine import MAPPINGS
from tests.integration.engine.switched import switched_on

from lockstep.mapping import Mappings, Problem, check_against, load
from lockstep.model import ObjectSchema

Schemas = dict[tuple[str, str], ObjectSchema]


@pytest.fixture(scope="module")
def mappings(tmp_path_factory: pytest.TempPathFactory) -> Mappings:
    """Those that are shipped switched off, too."""
    off = [one.entity for one in load(MAPPINGS).off]
    return switched_on(tmp_path_factory.mktemp("mappings"), *off)


@pytest.fixture(scope="module")
def schemas(mappings: Mappings) -> Iterator[Schemas]:
    """What both systems describe after they were prepared, as sync_schema does it."""
    found: Schemas = {}
    with ExitStack() as rigs:
        for rig in (rigs.enter_context(salesforce_rig()), rigs.enter_context(hubspot_rig())):
            for mapping in mappings.all:
                for name in mapping.objects(rig.vendor):
                    if external_id := mapping.external_id[rig.vendor]:
                        rig.system.prepare(name, external_id)
                    found[rig.vendor, name] = rig.system.describe(name)
        yield found


@pytest.fixture(scope="module")
def problems(mappings: Mappings, schemas: Schemas) -> list[Problem]:
    return check_against(mappings, schemas)


def test_they_fit(problems: list[Problem]) -> None:
    assert [str(one) for one in problems if one.severity == "error"] == []


def test_values_that_cannot_travel_are_told(problems: list[Problem]) -> None:
    told = {(one.file, one.key, one.message.split(":")[0].split(" ", 1)[0]) for one in problems}
    assert ("accounts-companies.yaml", "fields.industry", "These") in told


def test_a_field_that_a_vendor_loses_is_found(mappings: Mappings, schemas: Schemas) -> None:
    contacts = schemas["hubspot", "contacts"]
    fewer = {name: field for name, field in contacts.fields.items() if name != "phone"}
    schemas = {**schemas, ("hubspot", "contacts"): ObjectSchema("hubspot", "contacts", fewer)}
    errors = [one for one in check_against(mappings, schemas) if one.severity == "error"]
    assert [(one.file, one.key) for one in errors] == [("people.yaml", "fields.phone")]

"""Each story has a world of its own: the `empty` one, right after a first cycle that found nothing but prepared everything."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.engine import MAPPINGS, TEST_SETTINGS, shipped
from tests.integration.engine.live_sandbox import new_world
from tests.integration.engine.world import Snapshot, restored
from tests.stories.language import Story
from tests.stories.stage import Stage, involved

from lockstep import mapping as mapping_files
from lockstep import settings as settings_file
from lockstep.conversions import Conversions
from lockstep.conversions import files as conversion_files
from lockstep.mapping import Mappings
from lockstep.yaml_files import Document


@pytest.fixture(scope="session")
def prepared(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """Properties made, schemas known, both sides read whole: of a world without records."""
    file = tmp_path_factory.mktemp("prepared") / "lockstep.db"
    shutil.copy(sqlite_template, file)
    with restored(Snapshot(new_world("empty"), str(file)), file.parent, f"sqlite:///{file}") as world:
        world.cycle()
        assert world.engine.errors == {}
        return Snapshot(world.sandbox.state(), str(file))


@pytest.fixture
def stage_of(prepared: Snapshot, tmp_path: Path) -> Callable[[Story], AbstractContextManager[Stage]]:
    @contextmanager
    def opened(story: Story) -> Iterator[Stage]:
        url = f"sqlite:///{shutil.copy(prepared.store, tmp_path / 'lockstep.db')}"
        mappings = mappings_of(story.setup.get("mappings") or {}, tmp_path)
        kept = Mappings(involved(story, mappings.all))
        settings = settings_file.load(MAPPINGS, environment(story.setup.get("settings") or {}))
        wanted = conversions_of(story.setup.get("conversions"), tmp_path)
        with restored(prepared, tmp_path, url, mappings=kept, settings=settings, conversions=wanted) as world:
            yield Stage(world)

    return opened


def environment(changes: dict[str, Any], name: str = "LOCKSTEP") -> dict[str, str]:
    """Settings as variables. In a world of two records any refusal is more than five percent."""
    found = {} if name != "LOCKSTEP" else TEST_SETTINGS | {"LOCKSTEP__FAILURE_THRESHOLD": "1"}
    for key, value in changes.items():
        inner = f"{name}__{key.upper()}"
        found |= environment(value, inner) if isinstance(value, dict) else {inner: str(value)}
    return found


def conversions_of(content: dict[str, Any] | None, folder: Path) -> Conversions:
    """What the story says of conversions.yaml, laid over the shipped file; without a word there is no Google Ads."""
    if content is None:
        return Conversions()
    given = Document(MAPPINGS / "conversions.yaml").content | content
    (folder / "conversions.yaml").write_text(json.dumps(given))
    return conversion_files.load(folder)


def mappings_of(changes: dict[str, Any], folder: Path) -> Mappings:
    """The shipped mappings, with the story's changes: {people: {create: {salesforce: never}, fields: {phone: {rule: hold}}}}."""
    if not changes:
        return shipped()
    changed = folder / "mappings"
    shutil.copytree(MAPPINGS, changed)
    for entity, change in changes.items():
        file = changed / f"{entity}.yaml"
        content = Document(file).content if file.exists() else {}
        file.write_text(json.dumps(patched(content, change)))
    return mapping_files.load(changed)


def patched(content: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """`fields` by name; `more fields` are added, `without fields` taken away; everything else is laid over what is there."""
    for key, value in change.items():
        if key == "fields" and isinstance(value, dict):
            for name, more in value.items():
                _field(content, name).update(more)
        elif key == "more fields":
            content["fields"] = [*content["fields"], *value]
        elif key == "without fields":
            content["fields"] = [one for one in content["fields"] if _name(one) not in value]
        elif isinstance(value, dict) and isinstance(content.get(key), dict):
            content[key] = patched(content[key], value)
        else:
            content[key] = value
    return content


def _field(content: dict[str, Any], name: str) -> dict[str, Any]:
    return next(one for one in content["fields"] if _name(one) == name)


def _name(field: dict[str, Any]) -> str:
    return str(field.get("name") or field["hubspot"])

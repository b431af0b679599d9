"""The shipped mappings with some objects switched on that are shipped off."""

from pathlib import Path

from tests.engine import MAPPINGS

from lockstep.mapping import Mappings, load


def switched_on(folder: Path, *entities: str) -> Mappings:
    """Copies the files, as somebody would edit them."""
    folder.mkdir(exist_ok=True)
    for file in MAPPINGS.glob("*.yaml"):
        text = file.read_text(encoding="utf-8")
        if file.stem in entities:
            assert "enabled: false" in text, f"{file.name} is shipped switched on"
            text = text.replace("enabled: false", "enabled: true")
        (folder / file.name).write_text(text, encoding="utf-8")
    return load(folder)

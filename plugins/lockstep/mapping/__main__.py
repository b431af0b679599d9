"""`python -m lockstep.mapping check FOLDER` tells every mistake in the mapping files and settings of a folder;
`python -m lockstep.mapping schema FOLDER` writes the JSON Schemas there that editors complete and check with."""

import argparse
import json
import sys
from pathlib import Path

from lockstep import settings
from lockstep.conversions import Conversions
from lockstep.conversions import document as conversions_document
from lockstep.conversions import files as conversions
from lockstep.errors import ConfigError
from lockstep.mapping import Mappings, document
from lockstep.mapping.files import load

SCHEMAS = {
    "mapping.schema.json": document.json_schema,
    "settings.schema.json": settings.json_schema,
    "conversions.schema.json": conversions_document.json_schema,
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m lockstep.mapping", description=__doc__)
    parser.add_argument("action", choices=("check", "schema"))
    parser.add_argument("folder", type=Path, help="the folder of the mapping files, such as include/mappings")
    options = parser.parse_args(arguments)
    return check(options.folder) if options.action == "check" else write_schemas(options.folder)


def check(folder: Path) -> int:
    """0 if all files are right; 1 after printing what is not."""
    wrong = 0
    for read in (load, settings.load, conversions.load):
        try:
            found = read(folder)
        except ConfigError as error:
            print(error, file=sys.stderr)
            wrong = 1
        else:
            print(_summary(found))
    return wrong


def _summary(found: Mappings | settings.Settings | Conversions) -> str:
    if isinstance(found, settings.Settings):
        return "settings: good"
    if isinstance(found, Conversions):
        return f"conversions: {len(found.milestones)} milestones: good"
    return "\n".join(
        f"{one.entity}: {' and '.join(one.sf_objects)} with {one.hs_object}, {len(one.fields)} fields: good"
        + ("" if one.enabled else ", switched off")
        for one in (*found.all, *found.off)
    )


def write_schemas(folder: Path) -> int:
    for name, schema in SCHEMAS.items():
        (folder / name).write_text(schema_text(schema()), encoding="utf-8")
    return 0


def schema_text(schema: dict[str, object]) -> str:
    return json.dumps(schema, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    sys.exit(main())

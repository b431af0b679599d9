"""SOQL text. Literals are escaped here and nowhere else."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from lockstep.model import Window
from lockstep.systems.base import fitting

#: Salesforce refuses request URIs above 16 KB; this leaves room for the host and headers
URL_LIMIT = 12_000
#: objects whose records can be merged carry MasterRecordId
MERGEABLE = frozenset({"Account", "Contact", "Lead", "Case"})


def stamp(at: datetime) -> str:
    """A datetime literal: UTC, milliseconds, Z."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def text(value: str) -> str:
    """A string literal."""
    escaped = (
        value.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")
    )
    return f"'{escaped}'"


def in_window(window: Window) -> list[str]:
    conditions = [f"SystemModstamp < {stamp(window.end)}"]
    return conditions if window.start is None else [f"SystemModstamp >= {stamp(window.start)}", *conditions]


def live(object: str) -> list[str]:
    """Converted leads are live rows to Salesforce, but not to us: `converted` reports them."""
    return ["IsConverted = false"] if object == "Lead" else []


def after(version: str, record_id: str) -> str:
    """The rows after a key, in the order of SystemModstamp and Id: whole batches share one stamp."""
    return f"((SystemModstamp = {version} AND Id > {text(record_id)}) OR SystemModstamp > {version})"


def select(fields: Sequence[str], object: str, conditions: Sequence[str], tail: str = "") -> str:
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return f"SELECT {', '.join(fields)} FROM {object}{where}{tail}"


def chunks(values: Sequence[str], room: int, most: int) -> Iterator[list[str]]:
    """`values` as quoted literals, in chunks whose encoded length fits in `room` characters of a URL."""
    return fitting(map(text, values), lambda one: len(quote(one)) + 3, room, most)

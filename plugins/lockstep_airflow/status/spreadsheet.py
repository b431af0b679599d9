"""CSV that a spreadsheet opens as it is: comma separated, UTF-8 with its mark, no cell a formula (MK-04)."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TypeVar

from fastapi.responses import StreamingResponse
from sqlalchemy import Connection

from lockstep_airflow.status.source import Source

Found = TypeVar("Found")

#: rows that are read at once
PIECE = 500

#: a cell that begins so would be computed by a spreadsheet (OWASP, CSV injection); also in their full-width forms
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def in_pieces(source: Source, read: Callable[[Connection, Found | None, int], Sequence[Found]]) -> Iterator[Found]:
    """What is found, each piece with a look of its own: nobody holds the ledger open for a slow reader.

    :param read: gives at most so many of those that come after the last one (None: from the beginning)
    """
    last = None
    while True:
        with source.reading() as tx:
            found = read(tx, last, PIECE)
        if not found:
            return
        yield from found
        last = found[-1]


def answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
    """Begins with the first rows: the others are asked for while they are sent. Trouble with the first still gives a proper
    answer; with later ones the file breaks off, which a browser tells."""
    each = iter(rows)
    first = [["class" if column == "cls" else column for column in columns], *islice(each, PIECE)]
    pieces = iter(lambda: _text(list(islice(each, PIECE))), b"")
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%MZ")
    disposition = {"Content-Disposition": f'attachment; filename="lockstep-{name}-{stamp}.csv"'}
    body = chain([BOM_UTF8 + _text(first)], pieces)
    return StreamingResponse(body, media_type="text/csv; charset=utf-8", headers=disposition)


def _text(rows: Iterable[Sequence[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_MINIMAL).writerows([safe(cell) for cell in row] for row in rows)
    return text.getvalue().encode(errors="replace")


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe is put before one that begins like it."""
    if cell is None or isinstance(cell, int | Decimal):
        return "" if cell is None else cell
    text = str(cell).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text

"""CSV that a spreadsheet opens as it is: comma separated, UTF-8 with its mark, no cell a formula (MK-04)."""

import csv
import io
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

from fastapi.responses import StreamingResponse

#: a cell that begins so would be computed by a spreadsheet (OWASP, CSV injection); also in their full-width forms
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def answer(name: str, columns: Sequence[str], chunks: Iterator[Sequence[Sequence[Any]]]) -> StreamingResponse:
    """:param chunks: rows, some at a time: each chunk is asked for when the one before has been taken. The first is asked for
    at once, so that trouble still gives a proper answer."""
    header = ["class" if column == "cls" else column for column in columns]
    first = [header, *next(chunks, ())]
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%MZ")
    disposition = {"Content-Disposition": f'attachment; filename="lockstep-{name}-{stamp}.csv"'}
    body = chain([BOM_UTF8 + _text(first)], map(_text, chunks))
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

"""CSV that a spreadsheet opens as it is: comma separated, UTF-8 with its mark, no cell a formula (MK-04)."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import IO, Any

from fastapi.responses import StreamingResponse

#: a cell that begins so would be computed by a spreadsheet (OWASP, CSV injection); also in their full-width forms
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_IN_MEMORY = 4_000_000


def answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
    """Written to a file first: the ledger is not held open for a slow reader, and trouble still gives a proper answer."""
    spool = tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+b")  # noqa: SIM115 - closed when it has been sent
    text = io.TextIOWrapper(spool, "utf-8-sig", newline="", write_through=True)
    sheet = csv.writer(text, quoting=csv.QUOTE_MINIMAL)
    sheet.writerow(["class" if column == "cls" else column for column in columns])
    sheet.writerows([safe(cell) for cell in row] for row in rows)
    text.detach()
    spool.seek(0)
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H%MZ")
    disposition = {"Content-Disposition": f'attachment; filename="lockstep-{name}-{stamp}.csv"'}
    return StreamingResponse(_chunks(spool), media_type="text/csv; charset=utf-8", headers=disposition)


def _chunks(spool: IO[bytes]) -> Iterator[bytes]:
    with spool:
        while chunk := spool.read(65536):
            yield chunk


def safe(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe is put before one that begins like it."""
    if cell is None or isinstance(cell, int | Decimal):
        return "" if cell is None else cell
    text = str(cell).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text

"""CSV of what is filtered (MK-04): comma separated, UTF-8 with its mark, so that a spreadsheet opens it as it is."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import IO, Any

from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from lockstep.store import ledger
from lockstep_airflow.status.query import parse
from lockstep_airflow.status.rows import batch_row

router = APIRouter(prefix="/export")

#: a cell that begins so would be computed by a spreadsheet (OWASP, CSV injection); also in their full-width forms
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_IN_MEMORY = 4_000_000
_PAGE = 1000

ERROR_COLUMNS = (
    "at", "batch_id", "operation", "system", "object", "outcome", "code", "cls", "record_id", "sf_id", "hs_id",
    "fields", "message", "vendor_code", "remedy",
)  # fmt: skip
BATCH_COLUMNS = (
    "id", "started_at", "ended_at", "object", "operation", "status", "new", "updated", "deleted", "failed", "skipped",
    "system", "held", "deferred", "read", "fields_failed", "api_calls", "run_id", "window_from", "window_to",
    "error_code", "error",
)  # fmt: skip


@router.get("/errors.csv")
def errors(request: Request) -> StreamingResponse:
    """Failed batches, and failed, held and deferred records and fields of the batches that the query finds."""
    query = parse(request.query_params)
    with request.app.state.source.reading() as tx:
        found = ledger.errors(tx, query.filter(datetime.now(UTC)))
        return _answer("errors", ERROR_COLUMNS, (_error_cells(one) for one in found))


@router.get("/batches.csv")
def batches(request: Request) -> StreamingResponse:
    """The batches that the query finds, all of them, in its order."""
    query = parse(request.query_params)
    with request.app.state.source.reading() as tx:
        return _answer("batches", BATCH_COLUMNS, _batches(tx, query))


def _batches(tx: Any, query: Any) -> Iterator[list[Any]]:
    shown, offset = query.filter(datetime.now(UTC)), 0
    while found := ledger.page(tx, shown, query.sort, _PAGE, offset)[0]:
        yield from (_batch_cells(batch_row(one)) for one in found)
        offset += len(found)


def _batch_cells(row: dict[str, Any]) -> list[Any]:
    error = row["error"] or {}
    flat = {**row, **row["counts"], "error_code": error.get("code"), "error": error.get("message")}
    return [flat[name] for name in BATCH_COLUMNS]


def _error_cells(one: ledger.ErrorRow) -> list[Any]:
    told = {"at": one.at.isoformat().replace("+00:00", "Z"), "cls": one.cls.value, "fields": " ".join(one.fields)}
    return [told.get(name, getattr(one, name)) for name in ERROR_COLUMNS]


def _answer(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> StreamingResponse:
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
    if cell is None or isinstance(cell, int):
        return "" if cell is None else cell
    text = str(cell).replace("\x00", "")
    return f"'{text}" if text.lstrip(" \u00a0").startswith(_FORMULA) or text.startswith(_FORMULA) else text

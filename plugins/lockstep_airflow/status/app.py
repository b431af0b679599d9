"""The web application: every route of it needs a login and access to Airflow's website."""

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from lockstep_airflow.status import access, assets, drawing, guide, reference
from lockstep_airflow.status.backlog import api as backlog_api
from lockstep_airflow.status.backlog import pages as backlog_pages
from lockstep_airflow.status.batches import api as batch_api
from lockstep_airflow.status.batches import exports as batch_exports
from lockstep_airflow.status.batches import pages as batch_pages
from lockstep_airflow.status.calls import api as call_api
from lockstep_airflow.status.calls import pages as call_pages
from lockstep_airflow.status.conversions import api as conversion_api
from lockstep_airflow.status.conversions import exports as conversion_exports
from lockstep_airflow.status.conversions import pages as conversion_pages
from lockstep_airflow.status.decisions import api as decision_api
from lockstep_airflow.status.errors import api as error_api
from lockstep_airflow.status.errors import exports as error_exports
from lockstep_airflow.status.errors import pages as error_pages
from lockstep_airflow.status.health import api as health_api
from lockstep_airflow.status.health import pages as health_pages
from lockstep_airflow.status.params import BadQuery, readable
from lockstep_airflow.status.plans import api as plan_api
from lockstep_airflow.status.record import api as record_api
from lockstep_airflow.status.record import pages as record_pages
from lockstep_airflow.status.schema import api as schema_api
from lockstep_airflow.status.schema import pages as schema_pages
from lockstep_airflow.status.source import LedgerUnreachable, NoLedgerYet, Source, of_airflow
from lockstep_airflow.status.unsynced import api as unsynced_api
from lockstep_airflow.status.unsynced import pages as unsynced_pages

#: nothing but our own files runs or is shown; Airflow's iframe is of the same origin
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; font-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}

#: the routes: of each view its JSON, its files and its pages
PARTS = (
    assets,
    *(batch_api, batch_exports, batch_pages),
    *(error_api, error_exports, error_pages),
    *(unsynced_api, unsynced_pages),
    *(record_api, record_pages),
    *(call_api, call_pages),
    *(backlog_api, backlog_pages),
    *(conversion_api, conversion_exports, conversion_pages),
    *(schema_api, schema_pages),
    *(health_api, health_pages),
    plan_api,
    decision_api,
    reference,
    guide,
)


def create_app(source: Source) -> FastAPI:
    """:param source: where the ledger is"""
    made = FastAPI(
        title="Sync Status",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        dependencies=[Depends(access.may_read), Depends(access.viewer), Depends(readable)],
    )
    made.state.source = source
    for part in PARTS:
        made.include_router(part.router)
    made.middleware("http")(_with_headers)
    _handle_errors(made)
    return made


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    answer = await call_next(request)
    answer.headers.update(HEADERS)
    answer.headers.setdefault("Cache-Control", "no-store")
    return answer


def _handle_errors(made: FastAPI) -> None:
    made.add_exception_handler(AnyHTTPException, _refused)
    made.add_exception_handler(RequestValidationError, _invalid)
    made.add_exception_handler(BadQuery, _bad_query)
    made.add_exception_handler(NoLedgerYet, _no_ledger)
    made.add_exception_handler(LedgerUnreachable, _unreachable)


def _refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException | AnyHTTPException)
    login = access.login_url(str(request.url)) if error.status_code == 401 else ""
    if login and request.headers.get("sec-fetch-dest") == "document":
        return RedirectResponse(login, 303)
    if _wants_page(request) and error.status_code in (401, 403):
        return drawing.refused(request, error.status_code, login)
    if _wants_page(request) and error.status_code == 404:
        return drawing.missing(request)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _wants_page(request):
        return drawing.missing(request)
    wrong = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": wrong}, 422)


def _bad_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadQuery)
    if _wants_page(request):
        return drawing.bad_query(request, error)
    return JSONResponse({"detail": [{"parameter": name, "value": value} for name, value in error.mistakes]}, 400)


def _no_ledger(request: Request, error: Exception) -> Response:
    if _wants_page(request):
        return drawing.fresh(request)
    return JSONResponse({"detail": "Nothing has been synced yet: there is no ledger."}, 404)


def _unreachable(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerUnreachable)
    if _wants_page(request):
        return drawing.unreachable(request, error)
    return JSONResponse({"detail": error.message, "hint": error.hint}, 503)


def _wants_page(request: Request) -> bool:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return not path.startswith(("/api/", "/export/", "/static/"))


app = create_app(of_airflow())

"""The web application: every route of it needs a login and access to Airflow's website."""

from collections.abc import Awaitable, Callable

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from starlette.exceptions import HTTPException as AnyHTTPException

from lockstep_airflow.status import access, api, assets, exports, pages
from lockstep_airflow.status.query import BadQuery
from lockstep_airflow.status.source import LedgerUnreachable, NoLedgerYet, Source, of_airflow

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


def create_app(source: Source) -> FastAPI:
    """:param source: where the ledger is"""
    made = FastAPI(
        title="Sync Status", docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(access.may_read)]
    )
    made.state.source = source
    for part in (assets, api, exports, pages):
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
    if error.status_code == 401 and request.headers.get("sec-fetch-dest") == "document":
        return RedirectResponse(access.login_url(str(request.url)), 303)
    if _wants_page(request) and error.status_code in (401, 403):
        return pages.refused(request, error.status_code)
    if _wants_page(request) and error.status_code == 404:
        return pages.missing(request)
    return JSONResponse({"detail": error.detail}, error.status_code, headers=error.headers)


def _invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    if _wants_page(request):
        return pages.missing(request)
    wrong = [{"where": ".".join(map(str, one["loc"])), "what": one["msg"]} for one in error.errors()]
    return JSONResponse({"detail": wrong}, 422)


def _bad_query(request: Request, error: Exception) -> Response:
    assert isinstance(error, BadQuery)
    if _wants_page(request):
        return pages.bad_query(request, error)
    return JSONResponse({"detail": [{"parameter": name, "value": value} for name, value in error.mistakes]}, 400)


def _no_ledger(request: Request, error: Exception) -> Response:
    if _wants_page(request):
        return pages.fresh(request)
    return JSONResponse({"detail": "Nothing has been synced yet: there is no ledger."}, 404)


def _unreachable(request: Request, error: Exception) -> Response:
    assert isinstance(error, LedgerUnreachable)
    if _wants_page(request):
        return pages.unreachable(request, error)
    return JSONResponse({"detail": error.message, "hint": error.hint}, 503)


def _wants_page(request: Request) -> bool:
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return not path.startswith(("/api/", "/export/", "/static/"))


app = create_app(of_airflow())

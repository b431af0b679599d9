"""Draws pages: the same frame, language and texts for all; and the pages for when there is nothing to draw."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from lockstep.model import BatchStatus, Operation
from lockstep_airflow.links import PREFIX
from lockstep_airflow.status import params
from lockstep_airflow.status.language import LANGUAGES, choose
from lockstep_airflow.status.navigation import VIEWS
from lockstep_airflow.status.record.address import place
from lockstep_airflow.status.record_links import RecordLinks, record_links
from lockstep_airflow.status.source import LedgerUnreachable, NoLedgerYet
from lockstep_airflow.status.texts import FOR_SCRIPTS
from lockstep_airflow.status.words import adds, told, told_of

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    languages=LANGUAGES, views=VIEWS, operations=tuple(Operation), statuses=tuple(BatchStatus),
    periods=tuple(params.PERIODS), every=params.Span("all"),
)  # fmt: skip


def marked(text: str) -> Markup:
    """Text whose `quoted` names become code."""
    parts = text.split("`")
    done = [Markup("<code>{}</code>").format(part) if n % 2 else escape(part) for n, part in enumerate(parts)]
    return Markup("").join(done)


_templates.filters["marked"] = marked
_templates.globals.update(adds=adds, told=told, told_of=told_of, place=place)


def fresh(request: Request) -> Response:
    """Nothing was ever synced: what to do first."""
    return page(request, "fresh.html")


def unreachable(request: Request, error: LedgerUnreachable) -> Response:
    told = [error.message, error.hint]
    return page(request, "message.html", 503, title="unreachable", plain=told, words=["unreachable_do"], again=True)


def bad_query(request: Request, error: params.BadQuery) -> Response:
    return page(
        request, "message.html", 400, title="bad_query", plain=[f"{name} = {value}" for name, value in error.mistakes]
    )


def refused(request: Request, status: int, login: str = "") -> Response:
    """Without style or scripts, which need a login too. `login`: where to log in."""
    reason = "login_expired" if status == 401 else "no_access"
    return page(request, "refused.html", status, reason=reason, login=login)


def missing(request: Request) -> Response:
    return page(request, "message.html", 404, title="no_page")


def root_of(request: Request) -> str:
    """Where the application is mounted, without a trailing slash; behind a path of Airflow's own, with that."""
    return str(request.scope.get("root_path", "")).rstrip("/")


def page(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """One page of the application. `values`: what its template asks for; `view`: which of VIEWS it belongs to."""
    label = request.app.state.source.lead_label()
    language = choose(request.cookies, request.headers.get("accept-language", ""), label)
    root = root_of(request)
    html = _templates.get_template(template).render(
        {
            "t": language,
            "root": root,
            "view": None,
            "viewer": getattr(request.state, "viewer", None),
            "airflow": root.removesuffix(PREFIX),
            "script_texts": {key: language(key) for key in FOR_SCRIPTS},
            "clock": datetime.now(UTC),
            "now": datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
            "links": _links(request),
            "values": {},
            "words": [],
            "plain": [],
            "again": False,
            **values,
        }  # fmt: skip
    )
    return HTMLResponse(html, status)


def _links(request: Request) -> RecordLinks:
    """Into the vendors' pages; none where the ledger cannot be asked."""
    try:
        with request.app.state.source.reading() as tx:
            return record_links(tx)
    except (NoLedgerYet, LedgerUnreachable):
        return RecordLinks({})

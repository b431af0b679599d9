"""The operations guide (docs/operations.md) as a page: whoever is called at night needs no other site."""

from functools import cache
from pathlib import Path
from re import sub

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from lockstep_airflow.status.drawing import page, root_of

router = APIRouter(default_response_class=HTMLResponse)

#: beside plugins/, where a checkout and the image have it
FILE = Path(__file__).resolve().parents[3] / "docs" / "operations.md"


@router.get("/guide")
def guide(request: Request) -> Response:
    """What each error class means and what to do; its sections are those that the cards link to."""
    if not FILE.exists():
        return page(request, "message.html", 404, title="no_guide", words=["no_guide_do"])
    return page(request, "guide.html", text=Markup(_drawn(FILE, root_of(request))))  # noqa: S704 - our own file, and no HTML in it


@cache
def _drawn(file: Path, root: str) -> str:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(file.read_text())
    for number, token in enumerate(tokens):
        if token.type == "heading_open":
            token.attrSet("id", anchor(tokens[number + 1].content))
        if token.type == "table_open":
            token.attrSet("class", "plain stacked")
        if token.type in ("code_block", "fence"):
            token.attrSet("tabindex", "0")  # wide ones are scrolled, by keyboard too
        if token.type == "th_open" and not tokens[number + 1].content:
            token.tag = tokens[number + 2].tag = "td"  # a heading of nothing
        for inner in token.children or ():
            _lead(inner, root)
    return str(markdown.renderer.render(tokens, markdown.options, {}))


def _lead(token: Token, root: str) -> None:
    """Links within the page work; those to other pages of the documentation are told by their names."""
    href = str(token.attrGet("href") or "")
    if token.type == "link_open" and not href.startswith("#"):
        token.attrSet("href", f"{root}/guide" if "://" not in href else href)
        token.attrSet("title", href)
        if "://" in href:
            token.attrSet("data-out", "")


def anchor(title: str) -> str:
    """As GitHub and most viewers make it."""
    return sub(r"[^\w\- ]", "", title.replace("`", "")).strip().lower().replace(" ", "-")

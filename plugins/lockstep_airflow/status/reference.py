"""The API's own description: an OpenAPI document made from the routes, and a page that shows it without other assets."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse, Response
from fastapi.routing import APIRoute

from lockstep_airflow.status.drawing import page, root_of

router = APIRouter()

#: what scripts may use; pages may change at any time
PUBLIC = ("/api/", "/export/")
VERSION = "1"


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    place: str
    kind: str
    says: str
    required: bool


@dataclass(frozen=True, slots=True)
class Call:
    """One operation of the API, as the page shows it. `says`: its description; `body`: schema names of a request's body."""

    method: str
    path: str
    says: str
    parameters: tuple[Parameter, ...]
    body: tuple[str, ...]
    answers: tuple[str, ...]


def document(app: FastAPI, root: str) -> dict[str, Any]:
    """OpenAPI 3.1 of the JSON and CSV routes. `root`: where the application is mounted."""
    routes = [one for one in app.routes if isinstance(one, APIRoute) and one.path.startswith(PUBLIC)]
    made: dict[str, Any] = get_openapi(
        title="Sync Status",
        version=VERSION,
        description="Read the ledger of Lockstep; record decisions. Every call needs a login with access to Airflow's website.",
        routes=routes,
        servers=[{"url": root or "/"}],
    )
    made.setdefault("components", {})["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    return made


def calls(made: dict[str, Any]) -> list[Call]:
    """Of the document, in its order."""
    return [
        _call(method.upper(), path, told) for path, methods in made["paths"].items() for method, told in methods.items()
    ]


def _call(method: str, path: str, told: dict[str, Any]) -> Call:
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    return Call(
        method=method,
        path=path,
        says=" ".join(str(told.get("description", "")).split()),
        parameters=tuple(_parameter(one) for one in told.get("parameters", ())),
        body=tuple(_names(content)) if content else (),
        answers=tuple(sorted(told.get("responses", {}))),
    )


def _parameter(told: dict[str, Any]) -> Parameter:
    schema = told.get("schema", {})
    return Parameter(told["name"], told["in"], _kind(schema), told.get("description", ""), bool(told.get("required")))


def _kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " | ".join(_kind(one) for one in schema["anyOf"] if one.get("type") != "null")
    if schema.get("type") == "array":
        return f"{_kind(schema.get('items', {}))} *"
    return str(schema.get("format") or schema.get("type") or "")


def _names(schema: dict[str, Any] | Iterable[Any]) -> Iterator[str]:
    """The schemas that it refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            yield str(schema["$ref"]).rpartition("/")[2]
        for one in schema.values():
            yield from _names(one)
    elif isinstance(schema, list):
        for one in schema:
            yield from _names(one)


@router.get("/api/openapi.json", include_in_schema=False)
def openapi(request: Request) -> dict[str, Any]:
    """The document."""
    return document(request.app, root_of(request))


@router.get("/reference", response_class=HTMLResponse, include_in_schema=False)
def reference(request: Request) -> Response:
    """The document as a page."""
    made = document(request.app, root_of(request))
    schemas = made["components"].get("schemas", {})
    named = {name: one for name, one in schemas.items() if name not in ("HTTPValidationError", "ValidationError")}
    return page(request, "reference.html", view="reference", calls=calls(made), schemas=named)

"""Composite: up to 25 dependent requests in one call (REST API Developer Guide, Composite)."""

import re
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import orjson

from sandbox.http import Answer, Call, as_json
from sandbox.salesforce.errors import Fault, rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.request import Request, all_or_none, route

REQUESTS_MAX = 25
HEAVY_MAX = 5
HEAVY = re.compile(r"/services/data/v[\d.]+/(query|queryall|composite/sobjects)\b", re.IGNORECASE)
REFERENCE = re.compile(r"@\{(\w+)((?:\.\w+|\[\d+\])*)\}")
INHERITED = frozenset({"accept", "authorization", "content-type"})
"""What a subrequest takes over of the outer request's headers; all others it must bring itself."""
HALTED = Fault(
    "PROCESSING_HALTED", "The transaction was rolled back since another operation in the same transaction failed."
)
INVALID_REFERENCE = "PROCESSING_HALTED"


def composite(request: Request) -> Answer:
    """Carry out the requests one after another; with allOrNone, one failure takes all back."""
    body = request.body()
    parts = checked(request.org, body.get("compositeRequest"))
    together = all_or_none(request.org, body)
    results: list[dict[str, Any]] = []
    with request.org.store.transaction() as journal:
        for part in parts:
            results.append(one(request, part, results))
            if together and results[-1]["httpStatusCode"] >= 400:
                request.org.store.roll_back(journal)
                results = halted(parts, results)
                break
    return as_json({"compositeResponse": results})


def checked(org: Org, parts: Any, most: int = REQUESTS_MAX) -> list[dict[str, Any]]:
    """Return the list of requests; Rejected if it breaks a limit or a reference id is missing or repeated."""
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise rejected("JSON_PARSER_ERROR", org.text("subrequests"))
    if len(parts) > most:
        raise rejected("LIMIT_EXCEEDED", org.text("subrequest_limit", most=most))
    if sum(1 for part in parts if HEAVY.match(str(part.get("url")))) > HEAVY_MAX:
        raise rejected("LIMIT_EXCEEDED", org.text("heavy_limit", most=HEAVY_MAX))
    names = [part.get("referenceId") for part in parts]
    if not all(isinstance(name, str) and re.fullmatch(r"\w+", name) for name in names) or len(set(names)) < len(names):
        raise rejected("INVALID_INPUT", org.text("reference_ids"))
    return parts


def one(request: Request, part: dict[str, Any], results: list[dict[str, Any]]) -> dict[str, Any]:
    """Carry out one subrequest and return its entry of the response."""
    try:
        url, body = filled(str(part.get("url")), results), filled(part.get("body"), results)
    except LookupError as error:
        fault = Fault(INVALID_REFERENCE, f"Invalid reference specified. {error.args[0]}")
        return entry(part, as_json([fault.as_row()], 400))
    target = urlsplit(url)
    if not target.path.lower().startswith("/services/data/"):
        raise rejected("INVALID_INPUT", request.org.text("subrequest_url", url=url))
    given = part.get("httpHeaders")
    headers = {name.lower(): str(value) for name, value in given.items()} if isinstance(given, dict) else {}
    call = Call(
        method=str(part.get("method", "")).upper(),
        path=unquote(target.path),
        raw_path=target.path,
        query=dict(parse_qsl(target.query, keep_blank_values=True)),
        headers={key: value for key, value in request.call.headers.items() if key in INHERITED} | headers,
        body=b"" if body is None else orjson.dumps(body),
        scheme=request.call.scheme,
    )
    return entry(part, request.api.dispatch(call, request.user))


def entry(part: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """Return an answer as an entry of the response."""
    return {
        "body": orjson.loads(answer.body) if answer.body else None,
        "httpHeaders": {name: value for name, value in answer.headers.items() if name == "Location"},
        "httpStatusCode": answer.status,
        "referenceId": part["referenceId"],
    }


def halted(parts: list[dict[str, Any]], results: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the results of a transaction that was taken back: the failure itself, and all others halted."""
    out = [result if result["httpStatusCode"] >= 400 else None for result in results]
    out += [None] * (len(parts) - len(results))
    halt = as_json([HALTED.as_row()], 400)
    return [result or entry(part, halt) for part, result in zip(parts, out, strict=True)]


def filled(value: Any, results: list[dict[str, Any]]) -> Any:
    """Return a value with its ``@{reference.path}`` replaced from earlier results; LookupError if one is not there."""
    if isinstance(value, str):
        whole = REFERENCE.fullmatch(value)
        return look_up(whole, results) if whole else REFERENCE.sub(lambda match: str(look_up(match, results)), value)
    if isinstance(value, dict):
        return {key: filled(inner, results) for key, inner in value.items()}
    return [filled(inner, results) for inner in value] if isinstance(value, list) else value


def look_up(match: re.Match[str], results: list[dict[str, Any]]) -> Any:
    """Return what one reference points at."""
    found: Any = next((r["body"] for r in results if r["referenceId"] == match[1] and r["httpStatusCode"] < 400), None)
    for name, index in re.findall(r"\.(\w+)|\[(\d+)\]", match[2]):
        try:
            found = found[name] if name else found[int(index)]
        except (KeyError, IndexError, TypeError):
            raise LookupError(f"No value for {match[0]} found in {match[1]}.") from None
    if found is None:
        raise LookupError(f"No value for {match[0]} found.")
    return found


ROUTES = [route("POST", "/composite", composite)]

"""GoogleAdsService: Search and SearchStream over the resources of `RESOURCES`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from sandbox.google_ads import gaql, tables
from sandbox.google_ads.access import Caller
from sandbox.google_ads.checking import RESOURCES, Checker
from sandbox.google_ads.conditions import day_range, matches
from sandbox.google_ads.errors import Refusal, error
from sandbox.google_ads.gaql import Query
from sandbox.google_ads.metrics import METRICS, SEGMENTS, blank, entities, facts
from sandbox.google_ads.requests import Request
from sandbox.google_ads.state import Customer, State
from sandbox.google_ads.tables import Row, nested

SOURCES: dict[str, Callable[[State, Customer, Caller], Iterator[Row]]] = {
    "customer": tables.customers,
    "customer_client": tables.customer_clients,
    "conversion_action": tables.conversion_actions,
    "offline_conversion_upload_client_summary": tables.client_summaries,
    "offline_conversion_upload_conversion_action_summary": tables.action_summaries,
}
SERVICE = "services.google_ads_service"


def search(request: Request) -> list[Any]:
    """Answer Search: one page of at most 10,000 rows."""
    if request.body.page_size:
        raise Refusal(
            error(
                "request_error", "PAGE_SIZE_NOT_SUPPORTED", "page_size", text="Setting the page size is not supported."
            )
        )
    query, rows = _run(request)
    response = request.new(f"{SERVICE}.SearchGoogleAdsResponse")
    if request.body.validate_only:
        return [response]
    start, size = _page_start(request.body), int(request.state.settings["page_size"])
    if start > len(rows):
        raise Refusal(error("request_error", "EXPIRED_PAGE_TOKEN", "page_token"))
    _write(response, query, rows[start : start + size])
    if start + size < len(rows):
        response.next_page_token = _token(request.body.query, start + size)
    if request.body.search_settings.return_total_results_count:
        response.total_results_count = len(rows)
    return [response]


def search_stream(request: Request) -> list[Any]:
    """Answer SearchStream: all rows, in batches; one empty batch if there are none."""
    query, rows = _run(request)
    size, out = int(request.state.settings["page_size"]), []
    for start in range(0, max(1, len(rows)), size):
        response = request.new(f"{SERVICE}.SearchGoogleAdsStreamResponse")
        response.request_id = request.id
        _write(response, query, rows[start : start + size])
        out.append(response)
    return out


def _token(query: str, start: int) -> str:
    return f"{len(query):x}.{sum(query.encode()):x}.{start}"


def _page_start(body: Any) -> int:
    """Where a page begins; a token belongs to one query."""
    if not body.page_token:
        return 0
    last = body.page_token.rpartition(".")[2]
    if not last.isdigit() or body.page_token != _token(body.query, int(last)):
        raise Refusal(error("request_error", "INVALID_PAGE_TOKEN", "page_token"))
    return int(last)


def _run(request: Request) -> tuple[Query, list[Row]]:
    customer = request.customer()
    query = gaql.parse(request.body.query)
    row_type = request.protos.message(f"{SERVICE}.GoogleAdsRow").DESCRIPTOR
    Checker(query, row_type, request.state, customer).check()
    request.charge()
    if query.resource in {"campaign", "customer"} and _measures(query):
        found = _measured(request, query, customer)
    else:
        found = [
            row for row in _rows(request, query, customer) if matches(request.state, customer, row, query.conditions)
        ]
    for field, descending in reversed(query.order):
        found.sort(key=lambda row: _sortable(row.get(field)), reverse=descending)
    return query, found[: query.limit]


def _rows(request: Request, query: Query, customer: Customer) -> Iterator[Row]:
    if query.resource == "campaign":
        own = tables.customer_row(request.state, customer, request.caller)
        return (row | own for row in entities(request.state, customer, "campaign"))
    if query.resource == "click_view":
        days = day_range(request.state, customer, query.conditions)
        return tables.click_views(request.state, customer, request.caller, days[0]) if days else iter(())
    return SOURCES[query.resource](request.state, customer, request.caller)


def _measures(query: Query) -> bool:
    used = {*query.fields, *(condition.field for condition in query.conditions)}
    return bool(used & (METRICS | SEGMENTS))


def _measured(request: Request, query: Query, customer: Customer) -> list[Row]:
    """Rows with metrics: facts that match, summed per entity and segment. Without segments, entities with none show zeros."""
    state = request.state
    own = tables.customer_row(state, customer, request.caller)
    segments = [field for field in query.fields if field in SEGMENTS]
    metrics = {field for field in (*query.fields, *(c.field for c in query.conditions)) if field in METRICS}
    before = tuple(c for c in query.conditions if c.field not in METRICS)
    after = tuple(c for c in query.conditions if c.field in METRICS)
    by = "campaign.id" if query.resource == "campaign" else "customer.id"
    groups: dict[tuple[Any, ...], Row] = {}
    if not segments:
        plain = tuple(c for c in before if c.field not in SEGMENTS)
        for entity in entities(state, customer, query.resource):
            row = entity | own | blank(metrics)
            if matches(state, customer, row, plain):
                groups[(row[by],)] = row
    for fact in facts(state, customer):
        row = fact | own
        if (segments and not metrics & fact.keys()) or not matches(state, customer, row, before):
            continue
        if any(field not in row for field in segments):
            continue
        key = (row[by], *(row[field] for field in segments))
        group = groups.setdefault(key, row | blank(metrics))
        for name in metrics & fact.keys():
            group[name] += fact[name]
    return [row for row in groups.values() if matches(state, customer, row, after)]


def _sortable(value: Any) -> tuple[bool, Any]:
    return (value is not None, value if value is not None else 0)


def _write(response: Any, query: Query, rows: list[Row]) -> None:
    from google.protobuf.json_format import ParseDict

    response.field_mask.paths.extend(query.fields)
    keys = [f"{prefix}.resource_name" for prefix in _shown(query)]
    for row in rows:
        chosen = {field: row.get(field) for field in (*keys, *query.fields)}
        ParseDict(nested(chosen), response.results.add())


def _shown(query: Query) -> set[str]:
    """The resources whose names come with every row: those that are selected from, and the main one."""
    if ("omit_unselected_resource_names", "true") in query.parameters:
        return set()
    return {field.partition(".")[0] for field in query.fields} - {"metrics", "segments"} | {query.resource}


__all__ = ["RESOURCES", "search", "search_stream"]

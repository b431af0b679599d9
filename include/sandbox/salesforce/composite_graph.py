"""Composite Graph: up to 500 related requests in one call, each graph carried out whole or not at all (REST API Developer Guide)."""

import re
from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce.composite import checked, halted, one
from sandbox.salesforce.errors import rejected
from sandbox.salesforce.request import Request, route

NODES_MAX = 500
GRAPHS_MAX = 75
FROM_VERSION = 50.0
RECORDS = re.compile(r"/services/data/v[\d.]+/sobjects/\w+(/[^/]+){0,2}/?(\?.*)?$", re.IGNORECASE)


def graphs(request: Request) -> Answer:
    """Carry out the graphs one after another; a node that fails takes its whole graph back."""
    body = request.body()
    if float(request.version) < FROM_VERSION:
        raise rejected("NOT_FOUND", "The requested resource does not exist", status=404)
    found = body.get("graphs")
    if not isinstance(found, list) or not found or not all(isinstance(graph, dict) for graph in found):
        raise rejected("JSON_PARSER_ERROR", request.org.text("graphs"))
    names = [graph.get("graphId") for graph in found]
    if not all(isinstance(name, str) and re.fullmatch(r"\w+", name) for name in names) or len(set(names)) < len(names):
        raise rejected("INVALID_INPUT", request.org.text("graph_ids"))
    nodes = [checked(request.org, graph.get("compositeRequest"), NODES_MAX) for graph in found]
    if len(found) > GRAPHS_MAX or sum(map(len, nodes)) > NODES_MAX:
        raise rejected("LIMIT_EXCEEDED", request.org.text("graph_limit", graphs=GRAPHS_MAX, nodes=NODES_MAX))
    return as_json({"graphs": [graph(request, name, parts) for name, parts in zip(names, nodes, strict=True)]})


def graph(request: Request, name: Any, parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Carry out one graph and return its entry of the response."""
    for part in parts:
        if not RECORDS.match(str(part.get("url"))):
            raise rejected("INVALID_INPUT", request.org.text("graph_url", url=part.get("url")))
    results: list[dict[str, Any]] = []
    with request.org.store.transaction() as journal:
        for part in parts:
            results.append(one(request, part, results))
            if results[-1]["httpStatusCode"] >= 400:
                request.org.store.roll_back(journal)
                response = {"compositeResponse": halted(parts, results)}
                return {"graphId": name, "graphResponse": response, "isSuccessful": False}
    return {"graphId": name, "graphResponse": {"compositeResponse": results}, "isSuccessful": True}


ROUTES = [route("POST", "/composite/graph", graphs)]

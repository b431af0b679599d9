"""Whether one component is healthy: exit code 0 or 1, with the reason.

The scheduler and the API server answer for themselves. The triggerer and the DAG processor have no port: the API
server reports their heartbeats. This costs milliseconds, where `airflow jobs check` costs seconds of CPU.
"""

from __future__ import annotations

import json
import sys
import urllib.request

SECONDS = 10
PLACES = {
    "api-server": ("http://127.0.0.1:8080/api/v2/monitor/health", "metadatabase"),
    "scheduler": ("http://127.0.0.1:8974/health", None),
    "triggerer": ("http://api-server:8080/api/v2/monitor/health", "triggerer"),
    "dag_processor": ("http://api-server:8080/api/v2/monitor/health", "dag_processor"),
    "sandbox": ("http://127.0.0.1:8901/_sandbox/clock", None),
}


def problem(component: str) -> str | None:
    """What is wrong with the component, or None. The exceptions of urllib are OSErrors."""
    url, key = PLACES[component]
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(url, timeout=SECONDS) as answer:
            body = answer.read()
    except OSError as error:
        return f"{url}: {error}"
    if key is None:
        return None
    status = (json.loads(body).get(key) or {}).get("status")
    return None if status == "healthy" else f"{url}: {key} is {status}"


if __name__ == "__main__":
    sys.exit(problem(sys.argv[1]))

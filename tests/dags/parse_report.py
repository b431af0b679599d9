"""Parses the DAGs in a process of its own with sockets blocked, and prints what came of it as JSON."""

import json
import logging
import socket
import sys
import time

import airflow.sdk  # noqa: F401  what every DAG file needs: not counted
from airflow.dag_processing.dagbag import DagBag

VENDORS = (
    "hubspot",
    "simple_salesforce",
    "google.ads",
    "requests",
    "urllib3",
    "apprise",
    "fastapi",
    "sqlalchemy.dialects",
)

attempts: list[str] = []


def refused(*args: object, **_: object) -> None:
    attempts.append(repr(args))
    raise OSError("no network while DAGs are parsed")


logging.disable(logging.CRITICAL)
before = set(sys.modules)
socket.socket.connect = refused  # type: ignore[method-assign, assignment]
socket.getaddrinfo = refused  # type: ignore[assignment]
began = time.perf_counter()
bag = DagBag(sys.argv[1])
seconds = time.perf_counter() - began
new = set(sys.modules) - before
json.dump(
    {
        "seconds": seconds,
        "errors": bag.import_errors,
        "dags": sorted(bag.dags),
        "vendors": sorted(name for name in new if name.startswith(VENDORS)),
        "engine": sorted(name for name in new if name.startswith("lockstep.")),
        "connections": attempts,
    },
    sys.stdout,
)

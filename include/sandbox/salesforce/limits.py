"""The limits resource and the usage header of every REST answer."""

from collections.abc import Mapping
from typing import Any

from sandbox.http import Answer, as_json
from sandbox.salesforce.request import Request, route

FIXED = {
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DataStorageMB": 1_024,
    "FileStorageMB": 1_024,
    "HourlyODataCallout": 20_000,
    "SingleEmail": 5_000,
}


def info(settings: Mapping[str, Any]) -> str:
    """Return the value of Sforce-Limit-Info."""
    usage = f"api-usage={settings['used']}/{settings['daily_limit']}"
    return usage + ("; api-bursts=1/750" if settings["limit_info_bursts"] else "")


def limits(request: Request) -> Answer:
    """Answer the organisation's limits."""
    settings = request.org.settings
    remaining = max(0, settings["daily_limit"] - settings["used"])
    body = {"DailyApiRequests": {"Max": settings["daily_limit"], "Remaining": remaining}}
    spent = {
        "DailyBulkV2QueryJobs": request.api.jobs.count("query"),
        "DailyBulkApiBatches": request.api.jobs.count("ingest") + request.api.batch_jobs.made,
    }
    return as_json(body | {n: {"Max": most, "Remaining": most - spent.get(n, 0)} for n, most in FIXED.items()})


ROUTES = [route("GET", "/limits", limits)]

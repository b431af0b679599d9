"""API calls, backlog, schema and health: the figures are those of the store; hostile texts are shown as text."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from starlette.datastructures import QueryParams
from tests.status.figures_data import PATCH, add_figures, allocate
from tests.status.ledger_data import RUN, Filled
from tests.status.ledgers import Ledgers
from tests.status.mounted import client_of

from lockstep.decisions import DecisionKind
from lockstep.model import BatchStatus, Operation, Step, Window
from lockstep.store import Store, decisions, ledger, suspensions
from lockstep_airflow.status.batches import query as batch_query
from lockstep_airflow.status.calls.forecast import exhausted_at
from lockstep_airflow.status.errors import query as error_query
from lockstep_airflow.status.health.features import features
from lockstep_airflow.status.health.setup import SetUp
from lockstep_airflow.status.schema import query as schema_query
from lockstep_airflow.status.unsynced import query as unsynced_query

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
SAME = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def figures(filled: Filled, ledgers: Ledgers) -> Filled:
    return ledgers.into(filled, add_figures)


@pytest.fixture
def api(figures: Filled, client: TestClient) -> Callable[[str], Any]:
    return lambda path: client.get(f"api/{path}").json()


def _named(rows: list[dict[str, Any]], **wanted: str) -> dict[str, Any]:
    (found,) = [one for one in rows if all(one[name] == value for name, value in wanted.items())]
    return found


@pytest.mark.parametrize(
    ("hourly", "used", "limit", "hours"),
    [
        ([0] * 20 + [10, 10, 10, 0], 30, 30, 0),
        ([0] * 20 + [10, 10, 10, 0], 30, 45, 2),
        # what drops out of the 24 hours balances what is added
        ([10] * 23 + [5], 235, 250, None),
        ([0] * 24, 0, 1, None),
        ([5] * 20 + [10, 10, 10, 5], 135, 150, 3),
        # what began in this hour counts
        ([0] * 23 + [70], 70, 100, 2),
    ],
)
def test_forecast_of_exhaustion(hourly: list[int], used: int, limit: int, hours: int | None):
    now = NOW.replace(minute=30, second=0, microsecond=0)
    found = exhausted_at(hourly, used, limit, now)
    assert found == (None if hours is None else now + timedelta(hours=hours))


def test_calls_against_allocation_and_limit(figures: Filled, api: Callable[[str], Any]):
    hubspot = _named(api("calls")["systems"], system="hubspot")
    assert hubspot["calls"] == sum(one["calls"] for one in hubspot["hours"]) == sum(one["calls"] for one in hubspot["operations"])  # fmt: skip
    assert len(hubspot["hours"]) == 24
    assert hubspot["errors"] == 5
    assert hubspot["allocation"] is None
    assert (hubspot["vendor"]["used"], hubspot["vendor"]["limit"]) == (240_000, 250_000)
    allocate(figures, "hubspot", 50)
    hubspot = _named(api("calls")["systems"], system="hubspot")
    assert hubspot["allocation"]["limit"] == 50
    assert hubspot["allocation"]["exhausted_at"] is not None


def test_the_calls_page_tells_who_is_suspended(figures: Filled, client: TestClient):
    page = client.get("calls").text
    assert "Suspended: API access is refused" in page
    assert "<script>document.title" not in page
    assert "ola allocated 5,000 calls" in page
    assert "240,000 of 250,000" in page
    allocate(figures, "hubspot", 50)
    assert "Used up: calls wait" in client.get("calls").text


@pytest.mark.parametrize(
    ("state", "says", "ends"),
    [
        ("api_access_disabled", "Put a valid token into <code>hubspot_default</code>", True),
        ("api_limit_exceeded", "Wait until the vendor&#39;s quota is renewed", True),
        ("object_permissions", "The next sync_schema that succeeds ends the suspension", False),
        ("unknown_error", "The next sync_schema that succeeds ends the suspension", False),
    ],
)
def test_a_suspension_says_what_ends_it(filled: Filled, client: TestClient, state: str, says: str, ends: bool):
    with filled.store.writing() as tx:
        suspensions.suspend(tx, "hubspot", state, "refused", "pull:1", filled.now)
    for path in ("", "calls"):
        page = client.get(path).text
        assert says in page
        assert ("Each run asks once" in page) is ends
        assert "API Enabled" not in page, "a permission of Salesforce"


def test_who_may_not_act_sees_no_forms(figures: Filled, sqlite_url: str):
    client = client_of(lambda: Store(sqlite_url), may_act=False)
    for path in ("calls", "health"):
        page = client.get(path).text
        assert "<form" not in page
        assert "You may look, but not decide" in page


def test_backlog_with_rates_and_trend(api: Callable[[str], Any]):
    people = _named(api("backlog")["backlog"], mapping="people", to="hubspot")
    assert people["records"] == 1500
    assert people["status"] == "growing"
    assert people["per_hour"]["max"] == 1
    assert people["seconds_to_done"] == 1500 * 24 * 3600
    trend = [one["records"] for one in people["trend"]]
    assert len(trend) == 30
    assert trend[-1] == 1500
    measured = [one for one in trend if one is not None]
    assert measured == sorted(measured)
    assert 3 <= trend.count(None) <= 5
    steady = _named(api("backlog")["backlog"], mapping="people", to="salesforce")
    assert (steady["records"], steady["status"]) == (3, "normal")
    never = _named(api("backlog")["backlog"], mapping="accounts-companies", to="hubspot")
    assert (never["records"], never["sampled_at"]) == (None, None)


def test_schema_changes_by_impact_with_patches(figures: Filled, client: TestClient, api: Callable[[str], Any]):
    found = api("schema")
    assert found["impacts"] == {"stops": 1, "held": 1, "values": 1, "mapped": 1, "none": 1}
    held = _named(found["changes"], impact="held")
    assert (held["patch"], held["records"], held["latest"]) == (PATCH, 1234, True)
    assert _named(found["changes"], impact="mapped")["latest"] is False
    assert [one["id"] for one in api("schema?impact=held")["changes"]] == [held["id"]]
    first = api("schema?limit=2")
    assert [one["id"] for one in api(f"schema?limit=9&before={first['next']}")["changes"]] == [3, 2, 1]
    page = client.get("schema").text
    assert "<script>document.title" not in page
    assert "Nothing is read into this field" in page
    assert client.get("schema?impact=x").status_code == 400


def test_values_without_a_counterpart(figures: Filled, client: TestClient, api: Callable[[str], Any]):
    from lockstep.model import Field, ObjectSchema
    from lockstep.store import schema

    field = Field("Salutation", "Salutation", "picklist", options=("Mr.", "Herr"))
    with figures.store.writing() as tx:
        schema.save(tx, ObjectSchema("salesforce", "Contact", {"Salutation": field}), figures.now)
    told = api("schema")["problems"]
    assert any("Contact has no field" in one["message"] and one["severity"] == "error" for one in told)
    assert "Contact has no field LastName" in client.get("schema").text


def test_health_of_connections_objects_and_steps(api: Callable[[str], Any], client: TestClient):
    found = api("health")
    assert [one["state"] for one in found["connections"]] == ["suspended", "well", "unused"]
    assert _named(found["connections"], system="salesforce")["last_error"]["code"] == "authentication"
    states = {one["mapping"]: one["state"] for one in found["objects"]}
    assert states["people"] == "fresh"
    assert states["opportunities-deals"] == "behind"
    assert states["accounts-companies"] == "paused"
    assert states["campaigns"] == "off"
    assert {one["step"]: one["state"] for one in found["steps"]}["push_updates"] == "open"
    assert found["troubles"] == 2
    page = client.get("health").text
    assert "2 things want a look" in page
    assert 'href="/sync-status/errors?period=all&amp;state=standing&amp;object=Opportunity&amp;object=deals"' in page
    assert "by vera" in page
    assert "Nothing is written until somebody resumes it" in page


@pytest.mark.parametrize(("calls", "state"), [(0, "well"), (1, "failing")])
def test_what_failed_without_a_call_tells_nothing_of_the_system(
    figures: Filled, api: Callable[[str], Any], calls: int, state: str
):
    with figures.store.writing() as tx:
        for counted, status in ((3, None), (calls, BatchStatus.FAILED)):
            batch_id = ledger.open_batch(tx, RUN, "hubspot", "contacts", Operation.PUSH_UPDATES, entity="people")
            ledger.add_counts(tx, batch_id, api_calls=counted)
            ledger.close_batch(tx, batch_id, status, *(("guard_tripped", "40 of 50 records") if status else ()))
    assert _named(api("health")["connections"], system="hubspot")["state"] == state


def test_a_run_that_a_person_narrowed_says_so(filled: Filled, client: TestClient, api: Callable[[str], Any]):
    with filled.store.writing() as tx:
        narrow = {"objects": ["people"], "systems": ["hubspot"], "dry_run": True}
        ledger.open_run(tx, "pull_updates:asked", Step.PULL_UPDATES, "manual", Window(None, filled.now), "hash", params=narrow)  # fmt: skip
    step = _named(api("health")["steps"], step="pull_updates")
    assert (step["run_id"], step["only"], step["dry_run"]) == ("pull_updates:asked", ["people", "hubspot"], True)
    whole = _named(api("health")["steps"], step="push_updates")
    assert (whole["only"], whole["dry_run"]) == ([], False)
    page = client.get("health").text
    assert "Last run of each step" in page
    assert page.count("only people, HubSpot") == page.count("dry run") == 1


def test_features_say_what_is_not_set_up():
    known = SetUp({"salesforce": True, "hubspot": False, "alerts": False}, milestones=0, allocation={"hubspot": 1})
    found = {one.name: one.state for one in features(None, known, {})}
    assert found["connection_salesforce"] == "on"
    assert found["connection_hubspot"] == found["alerts"] == found["conversions"] == "not_set_up"
    assert found["allocation"] == "on"
    assert found["activities"] == "unknown"
    assert found["email_templates"] == "not_synced"


@pytest.mark.parametrize(
    ("asked", "kind", "dag"),
    [
        ({"kind": "allocation", "system": "hubspot", "calls": "700"}, DecisionKind.ALLOCATION, "sync_schema"),
        ({"kind": "clear_suspension", "system": "salesforce"}, DecisionKind.CLEAR_SUSPENSION, "sync_schema"),
        ({"kind": "pause", "object": "people"}, DecisionKind.PAUSE, "push_updates"),
        ({"kind": "resume", "object": "people"}, DecisionKind.RESUME, "push_updates"),
    ],
)
def test_decisions_about_systems_and_objects(
    filled: Filled, client: TestClient, asked: dict[str, Any], kind: DecisionKind, dag: str
):
    answer = client.post("api/decisions", json={"decisions": [asked]}, headers=SAME)
    assert answer.status_code == 201, answer.text
    assert answer.json()["dag_id"] == dag
    with filled.store.reading() as tx:
        (made,) = decisions.open(tx, kind)
    assert made.made_by == "vera"
    assert (made.system or made.object, made.value) == (asked.get("system") or "people", asked.get("calls"))


@pytest.mark.parametrize(
    "asked",
    [
        [{"kind": "allocation", "system": "hubspot", "calls": -1}],
        [{"kind": "allocation", "system": "elsewhere", "calls": 1}],
        [{"kind": "pause", "object": "people"}, {"kind": "clear_suspension", "system": "hubspot"}],
    ],
)
def test_decisions_that_make_no_sense_are_refused(filled: Filled, client: TestClient, asked: list[dict[str, Any]]):
    assert client.post("api/decisions", json={"decisions": asked}, headers=SAME).status_code == 422
    with filled.store.reading() as tx:
        assert decisions.open(tx) == []


def test_the_reference_names_every_route_for_scripts(client: TestClient):
    document = client.get("api/openapi.json").json()
    from lockstep_airflow.status.app import app

    routes = [one for one in app.routes if isinstance(one, APIRoute) and one.path.startswith(("/api/", "/export/"))]
    public = {one.path_format for one in routes if one.include_in_schema}
    assert set(document["paths"]) == public
    assert len(public) >= 15
    for path, methods in document["paths"].items():
        assert all(told.get("description") for told in methods.values()), f"{path} says nothing"
    page = client.get("reference").text
    assert all(path in page for path in public)


def test_empty_states(client: TestClient):
    assert "Nothing was measured yet" in client.get("backlog").text
    schema = client.get("schema").text
    assert "The fields were never read" in schema
    assert "Every mapped field exists" not in schema
    assert "Not called in the last 24 hours" in client.get("calls").text
    assert client.get("health").status_code == 200


@pytest.mark.parametrize("path", ["calls", "backlog", "schema", "health"])
@pytest.mark.parametrize("language", ["nb", "sv"])
def test_in_each_language(figures: Filled, client: TestClient, path: str, language: str):
    assert client.get(path, headers={"Accept-Language": language}).status_code == 200


class Recording(QueryParams):
    """Notes which parameters are asked for."""

    def __init__(self) -> None:
        super().__init__("")
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        # without all of these two, nobody asks for the others of a run
        return {"dag_id": "sync_cycle", "run_id": "r", "batch": "1", "cause": "1", "before": "1"}.get(key, default)

    def getlist(self, key: str) -> list[str]:
        self.asked.add(key)
        return []


@pytest.mark.parametrize(
    ("path", "parse"),
    [("batches", batch_query.parse), ("errors", error_query.parse), ("unsynced", unsynced_query.parse), ("schema", schema_query.parse)],
)  # fmt: skip
def test_the_document_names_every_parameter_that_is_read(client: TestClient, path: str, parse: Any):
    params = Recording()
    parse(params)
    told = client.get("api/openapi.json").json()["paths"]
    names = {one["name"] for one in told[f"/api/{path}"]["get"]["parameters"]}
    assert names - {"limit"} == params.asked
    exports = [one["get"]["parameters"] for file, one in told.items() if file == f"/export/{path}.csv"]
    assert all({each["name"] for each in one} == params.asked - {"page", "size", "before"} for one in exports)

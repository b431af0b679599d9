"""Every route needs a login and access to Airflow's website: with Airflow's own auth manager and its tokens."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from tests.status.ledger_data import RUN
from tests.status.mounted import client_of

from lockstep.store import Store
from lockstep_airflow.status import access
from lockstep_airflow.status.app import app, create_app
from lockstep_airflow.status.source import Source

EXAMPLES = {
    "name": "base.css",
    "batch_id": "1",
    "cause_id": "1",
    "ledger_run": RUN,
    "dag_id": "push_updates",
    "run_id": "manual__1",
    "task_id": "apply",
    "map_index": "0",
    "pair_id": "pair-6-0",
    "system": "hubspot",
    "object": "contacts",
    "record_id": "9pair-6-00",
}
SAME = {"Sec-Fetch-Site": "same-origin"}
ACTION = {"decisions": [{"kind": "resync", "pairs": ["pair-6-0"]}]}
IFRAME = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def token(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str | None], str]]:
    """Tokens of Airflow's SimpleAuthManager for a user of a role."""
    from airflow import settings
    from airflow.api_fastapi import app as airflow_app
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.models.revoked_token import RevokedToken

    monkeypatch.setenv("AIRFLOW__API_AUTH__JWT_SECRET", "k" * 64)
    monkeypatch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "False")
    monkeypatch.setattr(airflow_app._AuthManagerState, "instance", None)
    RevokedToken.__table__.create(settings.get_engine(), checkfirst=True)
    manager = airflow_app.create_auth_manager()
    return lambda role: manager.generate_jwt(SimpleAuthManagerUser(username="vera", role=role))


@pytest.fixture
def guarded(filled: object, sqlite_url: str, token: object) -> TestClient:
    return client_of(lambda: Store(sqlite_url), guarded=True)


def paths(method: str = "GET") -> list[str]:
    """An address of every route of the application that takes the method."""
    return [
        re.sub(r"{(\w+)(:\w+)?}", lambda found: EXAMPLES[found[1]], route.path)
        for route in app.routes
        if method in route.methods
    ]


def test_the_application_has_nothing_but_guarded_routes():
    assert len(app.routes) >= 20
    for route in app.routes:
        assert isinstance(route, APIRoute), (
            f"{route} is not guarded: mounts and documentation pages have no dependencies"
        )
        calls = [one.call for one in route.dependant.dependencies]
        assert access.may_read in calls, route.path
        assert access.viewer in calls, route.path
        assert route.methods in ({"GET"}, {"POST"}), route.path
        assert route.methods == {"GET"} or access.of_this_page in calls, (
            f"{route.path} acts: it must be safe from other sites"
        )


def walked(client: TestClient, **headers: str) -> dict[str, int]:
    """Every route's address -> the answer's status."""
    return {path: client.get(path.lstrip("/"), headers=headers).status_code for path in paths()}


def test_nobody_gets_nothing(guarded: TestClient):
    for path in paths():
        answer = guarded.get(path.lstrip("/"), headers=IFRAME)
        told = re.sub(r'href="/auth/login[^"]*"', "", answer.text.lower())
        assert (path, answer.status_code, "batch" in told) == (path, 401, False)


def test_a_user_without_a_role_is_refused(guarded: TestClient, token: Callable[[str | None], str]):
    assert walked(guarded, Authorization=f"Bearer {token(None)}") == dict.fromkeys(paths(), 403)


def test_a_viewer_may_read(guarded: TestClient, token: Callable[[str | None], str]):
    guarded.cookies.set("_token", token("viewer"))
    assert walked(guarded) == dict.fromkeys(paths(), 200)


@pytest.mark.parametrize("path", paths("POST"))
def test_acting_needs_more_than_reading(guarded: TestClient, token: Callable[[str | None], str], path: str):
    assert guarded.post(path.lstrip("/"), json=ACTION, headers=SAME).status_code == 401
    for role in (None, "viewer"):
        bearer = {"Authorization": f"Bearer {token(role)}"}
        assert guarded.post(path.lstrip("/"), json=ACTION, headers=bearer).status_code == 403, role


@pytest.mark.parametrize(("role", "typed"), [("user", 403), ("op", 201), ("admin", 201)])
def test_who_may_trigger_may_act_and_who_reads_connections_may_type_values(
    guarded: TestClient, token: Callable[[str | None], str], role: str, typed: int
):
    guarded.cookies.set("_token", token(role))
    assert guarded.post("api/decisions", json=ACTION, headers=SAME).status_code == 201
    value = {"kind": "choose", "pair": "pair-6-0", "field": "email", "choice": "value", "value": "x"}
    assert guarded.post("api/decisions", json={"decisions": [value]}, headers=SAME).status_code == typed


def test_a_cookie_alone_does_not_act_for_another_site(guarded: TestClient, token: Callable[[str | None], str]):
    guarded.cookies.set("_token", token("admin"))
    assert guarded.post("api/decisions", json=ACTION).status_code == 403
    assert guarded.post("api/decisions", json=ACTION, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_a_script_acts_with_a_token_in_its_header(guarded: TestClient, token: Callable[[str | None], str]):
    bearer = {"Authorization": f"Bearer {token('op')}"}
    assert guarded.post("api/decisions", json=ACTION, headers=bearer).status_code == 201


def test_a_forged_token_is_refused(guarded: TestClient, token: Callable[[str | None], str]):
    head, body, signature = token("admin").split(".")
    forged = f"{head}.{body}.{signature[::-1]}"
    assert guarded.get("", headers={"Authorization": f"Bearer {forged}"}).status_code in (401, 403)


def test_a_browser_is_led_to_the_login_and_back(guarded: TestClient):
    answer = guarded.get("?status=failed", headers={"Sec-Fetch-Dest": "document"})
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(
        "/auth/login?next=http%3A%2F%2Ftestserver%2Fsync-status%2F%3Fstatus%3Dfailed"
    )


def test_in_a_frame_an_expired_login_is_told_in_words(guarded: TestClient):
    answer = guarded.get("?sort=<b>", headers=IFRAME)
    assert "Your login has expired" in answer.text
    assert (
        '<a href="/auth/login?next=http%3A%2F%2Ftestserver%2Fsync-status%2F%3Fsort%3D%253Cb%253E">Log in</a>'
        in answer.text
    )
    assert answer.headers["content-type"].startswith("text/html")


def test_unknown_paths_tell_nothing(guarded: TestClient):
    assert "Sync" not in guarded.get("api/nothing").text


def test_airflow_still_has_what_access_leans_on():
    """Not a stable API of Airflow's: a new version must be looked at where this fails."""
    guard = create_app(Source(lambda: Store("sqlite:////nowhere/x.db"))).router.dependencies[0].dependency
    assert guard is access.may_read
    assert callable(access.login_url)

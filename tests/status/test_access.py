"""Every route needs a login and access to Airflow's website: with Airflow's own auth manager and its tokens."""

import re
from collections.abc import Callable, Iterator

import pytest
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from tests.status.mounted import client_of

from lockstep.store import Store
from lockstep_airflow.status import access
from lockstep_airflow.status.app import app, create_app
from lockstep_airflow.status.source import Source

EXAMPLES = {
    "name": "base.css",
    "batch_id": "1",
    "cause_id": "1",
    "dag_id": "push_updates",
    "run_id": "manual__1",
    "task_id": "apply",
    "map_index": "0",
}
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


def paths() -> list[str]:
    """An address of every route of the application."""
    return [re.sub(r"{(\w+)(:\w+)?}", lambda found: EXAMPLES[found[1]], route.path) for route in app.routes]


def test_the_application_has_nothing_but_guarded_routes():
    assert len(app.routes) >= 14
    for route in app.routes:
        assert isinstance(route, APIRoute), (
            f"{route} is not guarded: mounts and documentation pages have no dependencies"
        )
        assert access.may_read in [one.call for one in route.dependant.dependencies], route.path
        assert route.methods == {"GET"}, f"{route.path}: what acts needs more than the right to read"


@pytest.mark.parametrize("path", paths())
def test_nobody_gets_nothing(guarded: TestClient, path: str):
    answer = guarded.get(path.lstrip("/"), headers=IFRAME)
    assert answer.status_code == 401
    assert "batch" not in answer.text.lower()


@pytest.mark.parametrize("path", paths())
def test_a_user_without_a_role_is_refused(guarded: TestClient, token: Callable[[str | None], str], path: str):
    answer = guarded.get(path.lstrip("/"), headers={"Authorization": f"Bearer {token(None)}"})
    assert answer.status_code == 403


@pytest.mark.parametrize("path", paths())
def test_a_viewer_may_read(guarded: TestClient, token: Callable[[str | None], str], path: str):
    guarded.cookies.set("_token", token("viewer"))
    assert guarded.get(path.lstrip("/")).status_code == 200


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
    answer = guarded.get("", headers=IFRAME)
    assert "Your login has expired" in answer.text
    assert answer.headers["content-type"].startswith("text/html")


def test_unknown_paths_tell_nothing(guarded: TestClient):
    assert "Sync" not in guarded.get("api/nothing").text


def test_airflow_still_has_what_access_leans_on():
    """Not a stable API of Airflow's: a new version must be looked at where this fails."""
    guard = create_app(Source(lambda: Store("sqlite:////nowhere/x.db"))).router.dependencies[0].dependency
    assert guard is access.may_read
    assert callable(access.login_url)

"""The locks, the compose stack's secrets, and the small programs around the image."""

import importlib.util
import json
import re
import stat
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML
from scripts import compose_env, provide_browser

from lockstep.systems.google_ads import GoogleAdsConnection

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = (ROOT / "docker-compose.yaml").read_text()


def program(path: str) -> ModuleType:
    """A file that is a program of its own, as a module."""
    spec = importlib.util.spec_from_file_location(Path(path).stem, ROOT / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-bootstrap"])
def test_every_direct_requirement_has_a_reason_and_is_locked(name: str) -> None:
    wanted = [line for line in (ROOT / f"{name}.in").read_text().splitlines() if re.match(r"[a-z]", line)]
    lock = (ROOT / f"{name}.txt").read_text()
    assert wanted
    for line in wanted:
        assert re.search(r"\s# \w", line) or name == "requirements-bootstrap", f"no reason: {line}"
        project = re.match(r"[\w.-]+", line)
        assert project
        normal = project[0].replace(".", "-")
        assert re.search(rf"^{normal}(\[.*\])?==", lock, re.MULTILINE), line


@pytest.mark.parametrize("name", ["requirements", "requirements-dev", "requirements-bootstrap"])
def test_locks_name_no_index_and_no_file(name: str) -> None:
    lock = (ROOT / f"{name}.txt").read_text()
    assert not re.search(r"index-url|find-links|file:|https?://|@ ", lock)
    pins = re.findall(r"^[^\s#-].*$", lock, re.MULTILINE)
    assert pins
    assert all("==" in pin and pin.endswith("\\") for pin in pins), "a pin without hashes"


def test_dev_lock_agrees_with_the_runtime_lock() -> None:
    pins = [
        dict(re.findall(r"^([\w.-]+)(?:\[.*\])?==([^\s;\\]+)", (ROOT / name).read_text(), re.MULTILINE))
        for name in ("requirements.txt", "requirements-dev.txt")
    ]
    assert {name for name in pins[0] if pins[1].get(name, pins[0][name]) != pins[0][name]} == set()


def test_every_secret_of_the_stack_is_required_and_generated() -> None:
    required = set(re.findall(r"\$\{(\w+):\?", COMPOSE))
    written = dict(line.split("=", 1) for line in compose_env.secrets_text(False).splitlines() if line[0] != "#")
    assert required == {name for name in written if re.search(r"KEY|SECRET|PASSWORD", name)}
    assert all(len(written[name]) >= 24 for name in required)
    defaults = set(re.findall(r"\$\{(\w+):-", COMPOSE))
    assert not {name for name in defaults if re.search(r"KEY|SECRET|PASSWORD|TOKEN", name)}


def test_two_environments_share_no_secret() -> None:
    first, second = (
        {line for line in compose_env.secrets_text(False).splitlines() if re.search(r"KEY|SECRET|PASSWORD", line)}
        for _ in range(2)
    )
    assert {line for line in first & second if not line.startswith("#")} == set()


def test_sandbox_connections_are_json_that_airflow_reads() -> None:
    lines = [line for line in compose_env.connections_text(True).splitlines() if line.startswith("AIRFLOW_CONN_")]
    connections = {name: json.loads(value.strip("'")) for name, value in (line.split("=", 1) for line in lines)}
    assert connections["AIRFLOW_CONN_SALESFORCE_DEFAULT"]["extra"]["proxies"] == {"https": "http://sandbox:8901"}
    assert connections["AIRFLOW_CONN_HUBSPOT_DEFAULT"]["extra"]["proxy"] == "http://sandbox:8901"
    assert GoogleAdsConnection(**connections["AIRFLOW_CONN_GOOGLE_ADS_DEFAULT"]["extra"]).login_customer_id


def test_environment_files_are_private_and_never_overwritten(tmp_path: Path) -> None:
    place = tmp_path / ".env"
    compose_env.write(place, "A=1\n")
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        compose_env.write(place, "A=2\n")
    assert place.read_text() == "A=1\n"


def test_every_service_has_a_healthcheck_and_a_restart_policy() -> None:
    services = YAML(typ="safe").load(COMPOSE)["services"]
    assert set(services) >= {"postgres", "redis", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
    for name, service in services.items():
        if name == "airflow-init":
            assert service["restart"] == "no"
            continue
        assert service["healthcheck"]["test"], name
        assert service["restart"] == "unless-stopped", name


def test_login_keeps_other_users_and_refuses_a_short_password(tmp_path: Path) -> None:
    passwords, place = program("deploy/passwords.py"), tmp_path / "passwords.json"
    place.write_text('{"vera": "kept"}')
    passwords.write(place, "long enough to pass")
    assert json.loads(place.read_text()) == {"vera": "kept", "admin": "long enough to pass"}
    with pytest.raises(ValueError, match="at least 12"):
        passwords.write(place, "short")


@pytest.mark.parametrize(("status", "healthy"), [("healthy", True), ("unhealthy", False), (None, False)])
def test_health_is_what_the_api_server_reports(
    monkeypatch: pytest.MonkeyPatch, status: str | None, healthy: bool
) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"triggerer": {"status": status}}).encode())

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Answer)
    Thread(target=server.serve_forever, daemon=True).start()
    healthcheck = program("deploy/healthcheck.py")
    monkeypatch.setitem(healthcheck.PLACES, "triggerer", (f"http://127.0.0.1:{server.server_port}/", "triggerer"))
    try:
        assert (healthcheck.problem("triggerer") is None) is healthy
    finally:
        server.shutdown()
        server.server_close()
    assert "refused" in str(healthcheck.problem("triggerer"))


def test_a_named_browser_that_is_none_is_said_at_once(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("LOCKSTEP_BROWSER", str(tmp_path / "nothing"))
    with pytest.raises(provide_browser.NoBrowser, match="LOCKSTEP_BROWSER"):
        provide_browser.browser_path()


def test_without_any_browser_the_message_lists_what_was_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(provide_browser, "browser_path", lambda: None)
    monkeypatch.setattr(provide_browser, "_install_debian", lambda: "apt-get: not tried")
    monkeypatch.setattr(provide_browser, "_install_playwright", lambda: "playwright install chromium: failed")
    with pytest.raises(provide_browser.NoBrowser, match=r"(?s)apt-get: not tried.*playwright install chromium: failed"):
        provide_browser.provide()

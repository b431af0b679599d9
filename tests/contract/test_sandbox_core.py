"""The sandbox as a process: start and stop, the proxy, the clock, the call log, faults, the admin API, kept state."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from tests.contract.sandbox_process import INCLUDE, AdminError, Running, start

from sandbox.__main__ import arguments, build
from sandbox.clock import Clock
from sandbox.clock import parse as parse_time

VERSIONS = "https://acme.my.salesforce.com/services/data/"


@pytest.fixture(scope="module")
def box() -> Iterator[Running]:
    running = start(now="2026-03-02T12:00:00Z", clock="fixed")
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def no_faults(box: Running) -> None:
    box.heal()
    box.admin("DELETE", "calls")


@pytest.fixture
def web(box: Running) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.proxies = {"https": box.proxy}
        session.verify = box.ca
        yield session


def token(box: Running, web: requests.Session) -> dict[str, str]:
    form = {"grant_type": "client_credentials", "client_id": "k", "client_secret": "s"}
    body = web.post("https://acme.my.salesforce.com/services/oauth2/token", data=form).json()
    return {"Authorization": f"Bearer {body['access_token']}"}


# --- the process -------------------------------------------------------------------------------------------------------
def test_it_tells_where_it_answers_and_stops_cleanly() -> None:
    """Also that it may listen on another address, as for compose, and that without the flag there is no admin API."""
    command = [sys.executable, "-m", "sandbox", "--size", "empty", "--host", "127.0.0.2"]
    env = os.environ | {"PYTHONPATH": str(INCLUDE)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert set(told) == {"proxy", "salesforce", "hubspot", "google_ads", "google_ads_grpc", "ca", "pid"}
        assert told["pid"] == process.pid
        assert Path(told["ca"]).read_text().startswith("-----BEGIN CERTIFICATE")
        assert told["hubspot"].startswith("http://127.0.0.2:")
        bearer = {"Authorization": "Bearer pat-x"}
        assert requests.get(f"{told['hubspot']}/crm/v3/owners", headers=bearer, timeout=20).status_code == 200
        assert requests.get(f"{told['proxy']}/_sandbox/clock", timeout=20).status_code == 404
        process.terminate()
        assert process.wait(15) == 0
    assert not Path(told["ca"]).exists()


@pytest.mark.parametrize("flags", [["--size", "huge"], ["--now", "yesterday"], ["--now", "2026-01-01"], ["--wings"]])
def test_wrong_flags_are_told(flags: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        arguments(flags)
    assert ended.value.code == 2
    assert flags[0] in capsys.readouterr().err


def test_the_same_seed_gives_the_same_world() -> None:
    now = ["--now", "2026-03-02T12:00:00Z", "--clock", "fixed", "--size", "tiny"]
    worlds = [
        [list(one.records("Contact")) for one in build(arguments([*now, "--seed", seed]))[1][:1]] for seed in "334"
    ]
    assert worlds[0] == worlds[1] != worlds[2]
    assert len(worlds[0][0]) == 60


def test_state_is_kept_between_runs(tmp_path: Path) -> None:
    first = start(state=tmp_path, now="2026-03-02T12:00:00Z", clock="fixed")
    made = first.act("salesforce", "create", object="Lead", fields={"LastName": "Li", "Company": "Co"})
    first.admin("POST", "clock", {"advance": 86_400})
    assert first.stop() == 0
    flags = ["--state", str(tmp_path), "--size", "tiny", "--now", "2026-03-02T12:00:00Z", "--clock", "fixed"]
    clock, (salesforce, *_) = build(arguments(flags))
    assert clock.now().isoformat() == "2026-03-03T12:00:00+00:00"
    assert (salesforce.read("Lead", made["Id"]) or {})["LastName"] == "Li"
    again = salesforce.act("create", object="Lead", fields={"LastName": "Lo", "Company": "Co"})
    assert again["Id"] != made["Id"]


# --- ports -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host", ["login.salesforce.com", "test.salesforce.com", "acme.my.salesforce.com", "any.my.salesforce.com"]
)
def test_real_host_names_are_served_through_the_proxy(web: requests.Session, host: str) -> None:
    assert web.get(f"https://{host}/services/data/").json()[-1]["version"] == "67.0"


def test_other_hosts_are_refused(web: requests.Session) -> None:
    with pytest.raises(requests.exceptions.ProxyError, match="502"):
        web.get("https://example.com/")


def test_plain_http_by_port_and_by_host_header(box: Running) -> None:
    assert requests.get(f"{box.salesforce}/services/data/").status_code == 200
    assert requests.get(f"{box.proxy}/services/data/", headers={"Host": "login.salesforce.com"}).status_code == 200
    assert requests.get(f"{box.proxy}/services/data/").status_code == 404


def test_many_calls_share_a_connection(box: Running, web: requests.Session) -> None:
    for _ in range(50):
        assert web.get(VERSIONS).status_code == 200
    assert box.admin("GET", "calls/count")["total"] == 50


def test_large_bodies_pass_the_proxy(box: Running, web: requests.Session) -> None:
    reply = web.post(f"{VERSIONS}v62.0/composite/sobjects", data=b"x" * 5_000_000, headers=token(box, web))
    assert (reply.status_code, reply.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


# --- clock -------------------------------------------------------------------------------------------------------------
def test_the_clock_dates_answers_and_records(box: Running, web: requests.Session) -> None:
    moved = box.admin("POST", "clock", {"set": "2026-03-05T00:00:00+01:00", "advance": 1})
    assert moved == {"now": "2026-03-04T23:00:01.000+00:00", "mode": "fixed"}
    assert web.get(VERSIONS).headers["Date"] == "Wed, 04 Mar 2026 23:00:01 GMT"
    made = box.act("salesforce", "create", object="Account", fields={"Name": "A"})
    assert made["SystemModstamp"] == "2026-03-04T23:00:01.000+0000"


def test_wrong_clock_calls_are_refused(box: Running) -> None:
    for body in ({"set": "2026-03-05"}, {"set": "noon"}, {"mode": "wild"}, {"jump": 5}):
        with pytest.raises(AdminError, match="400"):
            box.admin("POST", "clock", body)


def test_clock_modes() -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    clock = Clock(at, "fixed")
    assert clock.now() == clock.now() == at
    clock.advance(1.5)
    assert clock.now() == at + timedelta(seconds=1.5)
    clock.mode = "running"
    first = clock.now()
    deadline = time.monotonic() + 5
    while clock.now() == first:
        assert time.monotonic() < deadline
    assert first < clock.now() < first + timedelta(seconds=10)
    with pytest.raises(ValueError, match="time zone"):
        clock.set(datetime(2026, 1, 1))  # noqa: DTZ001
    assert parse_time("2026-01-01T00:00:00Z") == at


# --- calls -------------------------------------------------------------------------------------------------------------
def test_calls_are_logged_without_values(box: Running, web: requests.Session) -> None:
    web.get(VERSIONS, params={"q": "secret", "x": ""})
    (call,) = box.calls("salesforce")
    assert call | {"ms": 0, "n": 0, "bytes": 0, "at": ""} == {
        "n": 0, "at": "", "vendor": "salesforce", "method": "GET", "path": "/services/data/", "query": ["q", "x"],
        "status": 200, "ms": 0, "bytes": 0, "fault": None,
    }  # fmt: skip
    assert call["bytes"] > 100
    assert "secret" not in json.dumps(call)
    assert box.calls("hubspot") == []
    assert box.admin("GET", f"calls?since={call['n']}") == []
    assert box.admin("GET", "calls/count") == {"total": 1, "salesforce GET /services/data/": 1}
    box.admin("DELETE", "calls")
    assert box.calls() == []


# --- faults ------------------------------------------------------------------------------------------------------------
def test_a_status_fault_strikes_the_nth_matching_calls(box: Running, web: requests.Session) -> None:
    spec = {
        "vendor": "salesforce",
        "method": "GET",
        "path": "/DATA/$",
        "nth": 2,
        "times": 2,
        "kind": "status",
        "status": 503,
    }
    box.admin("POST", "faults", spec | {"body": "<html>", "headers": {"Retry-After": "7"}})
    assert web.get("https://acme.my.salesforce.com/services/data/v62.0/limits").status_code == 401
    replies = [web.get(VERSIONS) for _ in range(4)]
    assert [reply.status_code for reply in replies] == [200, 503, 503, 200]
    assert (replies[1].text, replies[1].headers["Retry-After"]) == ("<html>", "7")
    assert [call["fault"] for call in box.calls()] == [None, None, "status", "status", None]
    assert box.admin("GET", "faults")[0]["seen"] == 4


def test_reset_before_does_nothing_and_commit_then_reset_does_it(box: Running, web: requests.Session) -> None:
    url, headers = f"{VERSIONS}v62.0/sobjects/Account", token(box, web)
    for kind, count in (("reset_before", 0), ("commit_then_reset", 1)):
        box.admin("POST", "faults", {"path": "/sobjects/Account", "kind": kind})
        with pytest.raises(requests.exceptions.ConnectionError):
            web.post(url, json={"Name": f"Lost {kind}"}, headers=headers)
        names = [row["Name"] for row in box.admin("GET", "salesforce/Account")]
        assert names.count(f"Lost {kind}") == count
        box.heal()
    assert web.post(url, json={"Name": "Kept"}, headers=headers).status_code == 201


def test_a_truncated_answer_breaks_off(box: Running, web: requests.Session) -> None:
    box.admin("POST", "faults", {"path": "/services/data/$", "kind": "truncate"})
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        web.get(VERSIONS)
    assert web.get(VERSIONS).status_code == 200


def test_an_answer_that_comes_late(box: Running, web: requests.Session) -> None:
    url, headers = f"{VERSIONS}v62.0/sobjects/Account", token(box, web)
    box.admin("POST", "faults", {"path": "/sobjects/Account", "kind": "commit_then_delay", "seconds": 0.5})
    with pytest.raises(requests.exceptions.ReadTimeout):
        web.post(url, json={"Name": "Late"}, headers=headers, timeout=0.2)
    assert "Late" in [row["Name"] for row in box.admin("GET", "salesforce/Account")]


def test_a_delayed_answer_comes(box: Running, web: requests.Session) -> None:
    box.admin("POST", "faults", {"kind": "delay", "seconds": 0.5})
    with pytest.raises(requests.exceptions.ReadTimeout):
        web.get(VERSIONS, timeout=0.2)
    assert web.get(VERSIONS, timeout=10).status_code == 200


@pytest.mark.parametrize(
    "spec",
    [{}, {"kind": "flood"}, {"kind": "delay", "wings": 2}, {"kind": "delay", "nth": 0}, {"kind": "delay", "path": "("}],
)
def test_wrong_faults_are_refused(box: Running, spec: dict[str, object]) -> None:
    with pytest.raises(AdminError, match="400"):
        box.admin("POST", "faults", spec)


# --- admin -------------------------------------------------------------------------------------------------------------
def test_settings_can_be_read_and_changed(box: Running) -> None:
    assert box.admin("POST", "salesforce/settings", {"page_size_max": 500})["page_size_max"] == 500
    assert box.admin("GET", "salesforce/settings")["page_size_max"] == 500
    with pytest.raises(AdminError, match="unknown Salesforce setting"):
        box.admin("POST", "salesforce/settings", {"wings": 2})


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "nothing", None, 404),
        ("GET", "salesforce/Lead/00Q5g00000000zzEAA", None, 404),
        ("GET", "salesforce/Nope", None, 400),
        ("POST", "salesforce/act", {"action": "fly"}, 400),
        ("POST", "salesforce/act", {}, 400),
        ("POST", "salesforce/act", [1], 400),
        ("POST", "telegraph/act", {"action": "edit"}, 404),
    ],
)
def test_wrong_admin_calls_are_refused(box: Running, method: str, path: str, body: object, status: int) -> None:
    with pytest.raises(AdminError, match=f": {status} "):
        box.admin(method, path, body)


def test_any_record_can_be_read(box: Running) -> None:
    for vendor, objects in {
        "salesforce": ("Account", "Lead", "LeadHistory", "User", "Subscription__c"),
        "hubspot": ("contacts", "deals", "tickets", "owners", "lists", "campaigns", "p_subscriptions"),
        "google_ads": ("customers", "conversion_actions", "campaigns", "clicks"),
    }.items():
        for name in objects:
            row = box.admin("GET", f"{vendor}/{name}")[0]
            found = box.admin("GET", f"{vendor}/{name}/{row.get('Id') or row['id']}")
            assert found.items() >= row.items(), name


def test_expired_tokens_are_answered_401(box: Running, web: requests.Session) -> None:
    headers = token(box, web)
    assert web.get(f"{VERSIONS}v62.0/limits", headers=headers).status_code == 200
    box.admin("POST", "salesforce/expire_tokens")
    assert web.get(f"{VERSIONS}v62.0/limits", headers=headers).status_code == 401
    assert web.get(f"{VERSIONS}v62.0/limits", headers=token(box, web)).status_code == 200

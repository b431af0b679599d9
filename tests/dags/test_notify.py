"""Alerts leave through one Airflow connection, by whatever channel it names."""

import email
import email.policy
import json
import socketserver
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from types import SimpleNamespace

import pytest

from lockstep.errors import AuthenticationError
from lockstep_airflow import notify
from lockstep_airflow.alerts import Message

MESSAGE = Message("Lockstep: pull_updates failed", "What: everything", "failure")


@pytest.fixture
def webhook():
    """A web server that keeps what it is sent: (path, JSON)."""
    got = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *args):
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield SimpleNamespace(got=got, port=server.server_port)
    server.shutdown()
    server.server_close()


def configure(monkeypatch, *paths):
    extra = {"config": [{"path": path} for path in paths]}
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_ALERTS", json.dumps({"conn_type": "apprise", "extra": extra}))


def test_without_a_connection_an_alert_is_logged(caplog, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_LOCKSTEP_ALERTS", raising=False)
    assert notify.send(MESSAGE)
    assert "What: everything" in caplog.text


def test_a_webhook_gets_the_text(webhook, monkeypatch):
    configure(monkeypatch, f"json://127.0.0.1:{webhook.port}/alerts")
    assert notify.send(MESSAGE)
    ((path, body),) = webhook.got
    assert path == "/alerts"
    assert (body["title"], body["message"], body["type"]) == (MESSAGE.title, MESSAGE.body, "failure")


def test_slack_gets_the_text(monkeypatch):
    """Slack cannot be moved to this machine: its request is caught where it leaves."""
    import requests

    sent = []

    def request(method, url, data=None, **options):
        sent.append((url, json.loads(data)))
        answer = requests.Response()
        answer.status_code, answer._content = 200, b"ok"
        return answer

    monkeypatch.setattr(requests, "request", request)
    configure(monkeypatch, "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops")
    assert notify.send(MESSAGE)
    ((url, body),) = sent
    assert url == "https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ"
    assert "What: everything" in json.dumps(body)


class Mailbox(socketserver.StreamRequestHandler):
    """A mail server in twenty lines (RFC 5321): takes every message, keeps its text."""

    got: list[str] = []

    def handle(self):
        self.wfile.write(b"220 ready\r\n")
        while line := self.rfile.readline():
            verb = line.split()[0].upper() if line.strip() else b""
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self.got.append(b"".join(iter(self.rfile.readline, b".\r\n")).decode())
            self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            if verb == b"QUIT":
                return


def test_people_get_mail(monkeypatch):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        port = server.server_address[1]
        configure(monkeypatch, f"mailto://127.0.0.1:{port}?from=lockstep@example.com&to=ops@example.com&mode=insecure")
        assert notify.send(MESSAGE)
        server.shutdown()
    (mail,) = Mailbox.got
    parsed = email.message_from_string(mail, policy=email.policy.default)
    assert "ops@example.com" in parsed["To"]
    assert parsed["Subject"] == MESSAGE.title
    assert "What: everything" in parsed.get_body(("html", "plain")).get_content()


@pytest.mark.parametrize(
    ("path", "channel"),
    [
        ("mailtos://user:secret@mail.example.com?to=ops@example.com", "NotifyEmail"),
        ("slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#ops", "NotifySlack"),
        ("https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ", "NotifySlack"),
        ("jsons://example.com/hook", "NotifyJSON"),
    ],
)
def test_mail_slack_and_webhooks_are_understood(path, channel, monkeypatch):
    import apprise

    sent = []
    monkeypatch.setattr(apprise.Apprise, "notify", lambda self, **kwargs: sent.append((list(self), kwargs)) or True)
    configure(monkeypatch, path)
    assert notify.send(MESSAGE)
    (((target,), _),) = sent
    assert type(target).__name__ == channel


def test_a_channel_that_refuses_is_reported(monkeypatch, caplog):
    configure(monkeypatch, "json://127.0.0.1:9/nobody-listens")
    assert not notify.send(MESSAGE)
    assert "could not be sent" in caplog.text


@pytest.mark.parametrize("extra", [{}, {"config": "not json"}, {"config": 7}, {"config": [{"path": "nonsense"}]}])
def test_a_wrong_connection_is_named_and_fails_nothing(extra, monkeypatch, caplog):
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_ALERTS", json.dumps({"conn_type": "apprise", "extra": extra}))
    assert not notify.send(MESSAGE)
    assert "lockstep_alerts" in caplog.text


def context(exception):
    ti = SimpleNamespace(
        dag_id="pull_updates",
        run_id="manual__1",
        task_id="pull",
        map_index=2,
        rendered_map_index="contacts",
        log_url="http://log",
    )
    return {"ti": ti, "exception": exception}


def test_a_failed_task_tells_once_and_its_success_ends_it(webhook, monkeypatch, sqlite_url):
    configure(monkeypatch, f"json://127.0.0.1:{webhook.port}")
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", sqlite_url)
    failed = context(AuthenticationError("HubSpot refuses the token."))
    notify.task_failed(failed)
    notify.task_failed(failed)
    notify.run_failed({"dag": SimpleNamespace(dag_id="pull_updates"), "run_id": "manual__1", "reason": "task_failure"})
    notify.run_succeeded(failed)
    assert [body["type"] for _, body in webhook.got] == ["failure", "success"]
    assert "pull_updates.pull [contacts]" in webhook.got[0][1]["message"]


def test_trouble_with_the_store_itself_is_told_each_time(webhook, monkeypatch):
    configure(monkeypatch, f"json://127.0.0.1:{webhook.port}")
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", "mysql://host/db")
    notify.task_failed(context(AuthenticationError("refused")))
    notify.task_failed(context(AuthenticationError("refused")))
    assert len(webhook.got) == 2


async def deadline(run_type):
    run = {"dag_id": "sync_cycle", "dag_run_id": "scheduled__1", "run_type": run_type}
    await notify.cycle_late(context={"dag_run": run, "deadline": {}})


@pytest.mark.parametrize(("run_type", "messages"), [("scheduled", 1), ("manual", 1), ("backfill", 0)])
def test_a_late_cycle_is_told_but_a_backfill_is_never_late(run_type, messages, webhook, monkeypatch, sqlite_url):
    import asyncio

    configure(monkeypatch, f"json://127.0.0.1:{webhook.port}")
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", sqlite_url)
    asyncio.run(deadline(run_type))
    asyncio.run(deadline(run_type))
    assert len(webhook.got) == messages

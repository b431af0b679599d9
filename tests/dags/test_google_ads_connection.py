"""What the connection to Google Ads becomes, and what is said when it is wrong."""

import json
import sys

import pytest

from lockstep.errors import ConfigError
from lockstep.pacing import LocalMeter
from lockstep.store import Store
from lockstep_airflow.google_ads import google_ads

LOGIN = {"login": "id", "password": "secret"}
EXTRA = {"customer_id": "222-333-4445", "refresh_token": "token", "login_customer_id": "1112223334"}


@pytest.fixture
def opened(sqlite_url):
    store = Store(sqlite_url)
    yield store
    store.dispose()


def connect(monkeypatch, **body):
    monkeypatch.setenv("AIRFLOW_CONN_GOOGLE_ADS_DEFAULT", json.dumps({"conn_type": "generic", **body}))


def test_without_a_connection_there_is_no_google_ads(monkeypatch, opened):
    monkeypatch.delenv("AIRFLOW_CONN_GOOGLE_ADS_DEFAULT", raising=False)
    assert google_ads(opened, LocalMeter({})) is None


def test_a_connection(monkeypatch, opened):
    connect(monkeypatch, **LOGIN, extra=EXTRA | {"api_version": "v25"})
    found = google_ads(opened, LocalMeter({}))._connection
    assert (found.customer_id, found.login_customer_id, found.api_version) == ("2223334445", "1112223334", "v25")
    assert (found.client_id, found.client_secret, found.refresh_token) == ("id", "secret", "token")
    assert "secret" not in repr(found)


def test_the_extra_of_the_google_provider_is_read(monkeypatch, opened):
    own = {
        "client_id": "i",
        "client_secret": "s",
        "refresh_token": "r",
        "login_customer_id": "1112223334",
        "developer_token": "d",
    }
    connect(monkeypatch, extra={"google_ads_client": own, "customer_id": "2223334445"})
    found = google_ads(opened, LocalMeter({}))._connection
    assert (found.client_id, found.developer_token, found.customer_id) == ("i", "d", "2223334445")


def test_a_service_account(monkeypatch, opened):
    key = json.dumps({"client_email": "robot@x", "private_key": "k"})
    connect(monkeypatch, extra={"customer_id": "2223334445", "service_account": key})
    assert google_ads(opened, LocalMeter({}))._connection.service_account["client_email"] == "robot@x"


def test_all_mistakes_at_once_and_no_secret(monkeypatch, opened):
    connect(monkeypatch, password="hush", extra={"login_customer_id": "12", "api_version": "v9"})
    with pytest.raises(ConfigError) as error:
        google_ads(opened, LocalMeter({}))
    words = str(error.value)
    for part in (
        "google_ads_default",
        "`customer_id` is missing",
        "`login_customer_id` is not ten digits",
        "client_id, refresh_token missing",
        "api_version",
    ):
        assert part in words
    assert "hush" not in words


def test_an_extra_that_is_no_json(monkeypatch, opened):
    connect(monkeypatch, **LOGIN, extra=EXTRA | {"service_account": "{oops"})
    with pytest.raises(ConfigError, match="service_account"):
        google_ads(opened, LocalMeter({}))


def test_googles_libraries_are_loaded_only_when_it_is_called(monkeypatch, opened):
    connect(monkeypatch, **LOGIN, extra=EXTRA)
    before = set(sys.modules)
    google_ads(opened, LocalMeter({}))
    assert not [name for name in set(sys.modules) - before if name.startswith(("google.", "grpc"))]

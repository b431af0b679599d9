"""What Airflow's connections become, and what is said when one is wrong."""

import json

import pytest

from lockstep.errors import ConfigError
from lockstep.settings import Settings
from lockstep.store import Store
from lockstep_airflow import connections


def connect(monkeypatch, name, **body):
    monkeypatch.setenv(f"AIRFLOW_CONN_{name.upper()}", json.dumps(body))


@pytest.fixture
def opened(sqlite_url):
    store = Store(sqlite_url)
    yield store
    store.dispose()


@pytest.fixture
def both(monkeypatch):
    extra = {"consumer_key": "key", "consumer_secret": "secret", "domain": "acme.my", "security_token": ""}
    connect(monkeypatch, "salesforce_default", conn_type="salesforce", extra=extra)
    connect(monkeypatch, "hubspot_default", conn_type="http", password="pat-1")


def test_the_store_is_a_file_in_airflows_home_by_default(monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_LOCKSTEP_STORE", raising=False)
    monkeypatch.setenv("AIRFLOW_HOME", "/opt/airflow")
    assert connections.store_url() == "sqlite:////opt/airflow/lockstep.db"


@pytest.mark.parametrize(
    ("uri", "url"),
    [
        ("sqlite:////data/lockstep.db", "sqlite:////data/lockstep.db"),
        ('{"conn_type": "sqlite", "host": "/data/lockstep.db"}', "sqlite:////data/lockstep.db"),
        ("postgresql://me:p%40ss@db:5433/lockstep", "postgresql://me:p%40ss@db:5433/lockstep"),
        ("postgres://me@db/lockstep?sslmode=require", "postgresql://me@db/lockstep?sslmode=require"),
    ],
)
def test_the_store_may_be_elsewhere(uri, url, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", uri)
    assert connections.store_url() == url


def test_another_kind_of_database_is_refused(monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", "mysql://host/db")
    with pytest.raises(ConfigError, match="lockstep_store"):
        connections.store_url()


@pytest.mark.parametrize("executor", ["CeleryExecutor", "LocalExecutor,KubernetesExecutor"])
def test_sqlite_is_refused_where_tasks_run_on_several_hosts(executor, monkeypatch, sqlite_url):
    monkeypatch.setenv("AIRFLOW__CORE__EXECUTOR", executor)
    monkeypatch.setenv("AIRFLOW_CONN_LOCKSTEP_STORE", sqlite_url)
    with pytest.raises(ConfigError, match="several hosts"):
        connections.store()


def test_all_missing_connections_are_named_at_once(opened, monkeypatch):
    monkeypatch.delenv("AIRFLOW_CONN_SALESFORCE_DEFAULT", raising=False)
    monkeypatch.delenv("AIRFLOW_CONN_HUBSPOT_DEFAULT", raising=False)
    with pytest.raises(ConfigError) as caught:
        connections.systems(opened, Settings(), {"salesforce": None, "hubspot": None})
    assert "salesforce_default" in str(caught.value)
    assert "hubspot_default" in str(caught.value)


def test_a_connection_without_a_token_is_named(both, opened, monkeypatch):
    connect(monkeypatch, "hubspot_default", conn_type="http")
    with pytest.raises(ConfigError, match="hubspot_default.*no token"):
        connections.systems(opened, Settings(), {"salesforce": None, "hubspot": None})


def test_proxies_that_are_no_json_are_named_without_their_value(both, opened, monkeypatch):
    connect(monkeypatch, "salesforce_default", conn_type="salesforce", extra={"proxies": "http://me:secret@proxy"})
    with pytest.raises(ConfigError, match="salesforce_default") as caught:
        connections.systems(opened, Settings(), {"salesforce": None, "hubspot": None})
    assert "secret" not in str(caught.value)


def test_tokens_are_kept_encrypted(opened, monkeypatch):
    from datetime import UTC, datetime, timedelta

    from cryptography.fernet import Fernet
    from sqlalchemy import select

    from lockstep.store import tables
    from lockstep_airflow.tokens import EncryptedTokens

    tokens, later = EncryptedTokens(opened, Fernet(Fernet.generate_key())), datetime.now(UTC) + timedelta(hours=1)
    tokens.put("salesforce:acme", {"session_id": "very-secret"}, later)
    assert tokens.get("salesforce:acme") == {"session_id": "very-secret"}
    with opened.reading() as tx:
        assert "very-secret" not in str(tx.execute(select(tables.cache.c.value)).scalar())
    assert EncryptedTokens(opened, Fernet(Fernet.generate_key())).get("salesforce:acme") is None
    tokens.forget("salesforce:acme")
    assert tokens.get("salesforce:acme") is None

"""When there is nothing to show, and when the ledger cannot be read."""

from pathlib import Path

import pytest
from tests.status.mounted import client_of

from lockstep.errors import ConfigError
from lockstep.store import Store


def test_fresh_install_without_a_file(tmp_path: Path):
    file = tmp_path / "lockstep.db"
    client = client_of(lambda: Store(f"sqlite:///{file}"))
    page = client.get("")
    assert page.status_code == 200
    assert "Nothing has been synced yet" in page.text
    assert "trigger sync_cycle" in page.text
    assert client.get("api/batches").status_code == 404
    assert not file.exists(), "looking at the page must not make a database"


def test_fresh_install_with_an_empty_file(tmp_path: Path):
    (tmp_path / "lockstep.db").touch()
    assert "Nothing has been synced yet" in client_of(lambda: Store(f"sqlite:///{tmp_path}/lockstep.db")).get("").text


def test_fresh_install_with_tables(sqlite_url: str):
    assert "Nothing has been synced yet" in client_of(lambda: Store(sqlite_url)).get("").text


def test_a_database_that_does_not_answer():
    client = client_of(lambda: Store("postgresql://someone:hush-hush@127.0.0.1:1/nothing"))
    page = client.get("")
    assert page.status_code == 503
    assert "The ledger cannot be read" in page.text
    assert "lockstep_store" in page.text
    assert "hush-hush" not in page.text
    assert "127.0.0.1" not in page.text
    assert client.get("api/batches").status_code == client.get("export/errors.csv").status_code == 503


def test_a_file_that_is_no_database(tmp_path: Path):
    (tmp_path / "lockstep.db").write_text("not a database " * 100)
    assert client_of(lambda: Store(f"sqlite:///{tmp_path}/lockstep.db")).get("").status_code == 503


def test_a_wrong_connection_is_told_with_its_remedy():
    def wrong() -> Store:
        raise ConfigError("The connection `lockstep_store` has the type 'mysql'.", hint="Use `sqlite` or `postgres`.")

    page = client_of(wrong).get("").text
    assert "has the type &#39;mysql&#39;" in page
    assert "Use `sqlite` or `postgres`." in page


def test_the_ledger_appears_without_a_restart(sqlite_url: str, tmp_path: Path):
    file = tmp_path / "later.db"
    client = client_of(lambda: Store(f"sqlite:///{file}"))
    assert "Nothing has been synced yet" in client.get("").text
    from tests.status.ledger_data import fill

    store = Store(f"sqlite:///{file}")
    store.upgrade()
    fill(store)
    assert 'data-id="' in client.get("").text


@pytest.mark.parametrize("path", ["", "batches/1", "batches/77777", "static/base.css", "api/batches", "?sort=x"])
def test_every_answer_has_the_strict_policy(client, path: str):
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'self'" in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "nothing.css", "%2e%2e/access.py"])
def test_static_gives_only_its_files(client, name: str):
    assert client.get(f"static/{name}").status_code == 404


def test_pages_hold_no_inline_script_or_style():
    templates = Path(__file__).parents[2] / "plugins/lockstep_airflow/status/templates"
    for file in templates.glob("*.html"):
        text = file.read_text()
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick" not in text
        assert all(" src=" in part.split(">")[0] for part in text.split("<script")[1:]), file.name
        assert "|safe" not in text.replace(" ", ""), file.name

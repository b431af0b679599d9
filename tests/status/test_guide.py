"""The operations guide inside Sync Status: every card leads to its section."""

from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.architecture.test_documents import anchors

from lockstep.errors import ErrorClass
from lockstep_airflow.status import guide


def test_every_class_has_its_section(client: TestClient):
    page = client.get("guide").text
    for cls in ErrorClass:
        assert f'<h2 id="class-{cls}">' in page
    assert '<table class="plain stacked">' in page


def test_anchors_are_those_of_the_file(client: TestClient):
    page = client.get("guide").text
    assert [one for one in anchors(guide.FILE.read_text()) if f'id="{one}"' not in page] == []


@pytest.mark.parametrize("path", ["errors", "errors/1"])
def test_cards_lead_to_it(client: TestClient, path: str):
    assert "/sync-status/guide#class-data" in client.get(path).text


def test_a_host_without_the_file_says_so(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.setattr(guide, "FILE", tmp_path / "operations.md")
    answer = client.get("guide")
    assert answer.status_code == 404
    assert "docs/operations.md" in answer.text


def test_what_looks_like_html_is_text(client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "operations.md").write_text("# A\n\n<script>alert(1)</script> [x](javascript:alert(1))\n")
    monkeypatch.setattr(guide, "FILE", tmp_path / "operations.md")
    page = client.get("guide").text
    assert "<script>alert" not in page
    assert 'href="javascript' not in page

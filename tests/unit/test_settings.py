"""Settings: defaults, the file, the environment, and mistakes in either."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from lockstep.errors import ConfigError
from lockstep.settings import Settings, load

SHIPPED = Path(__file__).parents[2] / "include" / "mappings"


def settings(folder: Path, text: str = "", **environment: str) -> Settings:
    (folder / "settings.yaml").write_text(text, encoding="utf-8")
    return load(folder, environment)


def test_the_shipped_file_is_right() -> None:
    assert load(SHIPPED, {}).lag_seconds["salesforce"] == 300


@pytest.mark.parametrize("text", ["", "# nothing yet\n", "{}"])
def test_what_is_not_written_keeps_its_default(tmp_path: Path, text: str) -> None:
    assert settings(tmp_path, text) == Settings()


def test_no_file_means_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, {"HOME": "/", "LOCKSTEP_OTHER": "x"}) == Settings()


def test_one_value_of_several_can_be_set(tmp_path: Path) -> None:
    found = settings(tmp_path, "lag_seconds: {hubspot: 5}\nguards: {max_deletes: 3}\ntimezone: Europe/Oslo\n")
    assert found.lag_seconds == {"salesforce": 300, "hubspot": 5, "google_ads": 0}
    assert (found.guards.max_deletes, found.guards.max_delete_share) == (3, 0.05)
    assert found.zone == ZoneInfo("Europe/Oslo")


def test_the_environment_overrides_the_file(tmp_path: Path) -> None:
    environment = {
        "LOCKSTEP__LAG_SECONDS__SALESFORCE": "0",
        "LOCKSTEP__GUARDS__MAX_DELETES": "9",
        "lockstep__lead_label": "Person",
    }
    found = settings(tmp_path, "lag_seconds: {salesforce: 7, hubspot: 8}\n", **environment)
    assert found.lag_seconds == {"salesforce": 0, "hubspot": 8, "google_ads": 0}
    assert (found.guards.max_deletes, found.lead_label) == (9, "Person")


def test_the_environment_works_without_a_file(tmp_path: Path) -> None:
    assert load(tmp_path, {"LOCKSTEP__FAILURE_THRESHOLD": "0.5"}).failure_threshold == 0.5


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = "lead_label: Leed\nguards:\n  max_delete_share: 5\n"
    environment = {
        "LOCKSTEP__LAG_SECONDS__SALESFORC": "0",
        "LOCKSTEP__LEASE_SECONDS": "soon",
        "LOCKSTEP__TIMEZONE": "Oslo",
        "LOCKSTEP__BULK_THRESHOLD__X": "1",
        "LOCKSTEP__RETENTION_DAYS__CONVERSIONS": "30",
        "LOCKSTEP__NONSENSE": "1",
    }
    with pytest.raises(ConfigError) as caught:
        settings(tmp_path, text, **environment)
    told = caught.value.message
    for place in ("settings.yaml:1 lead_label: 'Leed'", "settings.yaml:3 guards.max_delete_share: "):
        assert place in told
    for name in environment:
        assert f"environment {name}: " in told
    assert "Did you mean `salesforce`?" in told


def test_a_part_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="environment LOCKSTEP__TIMEZONE__X: timezone has no parts"):
        settings(tmp_path, "timezone: UTC", LOCKSTEP__TIMEZONE__X="1")


def test_settings_cannot_be_changed_at_run_time() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().lease_seconds = 1  # type: ignore[misc]

"""Countries and states are known however they are written (HS-10)."""

import pytest

from lockstep import places


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("NO", "NO"), ("no", "NO"), ("Norway", "NO"), (" norge ", "NO"), ("Norwegen", "NO"), ("USA", "US"), ("U.S.", "US"),
        ("United States", "US"), ("uk", "GB"), ("Korea, Republic of", "KR"), ("Sverige", "SE"), ("Atlantis", None), ("EU", None),
    ],
)  # fmt: skip
def test_countries(text: str, code: str | None) -> None:
    assert places.country(text) == code


@pytest.mark.parametrize(
    ("text", "within", "code"),
    [
        ("California", None, "US-CA"), ("ca", None, "US-CA"), ("tx", "US", "US-TX"), ("Ontario", None, "CA-ON"),
        ("WA", None, None), ("WA", "AU", "AU-WA"), ("WA", "US", "US-WA"), ("Vestland", None, None), ("CA", "AU", None),
    ],
)  # fmt: skip
def test_states(text: str, within: str | None, code: str | None) -> None:
    assert places.state(text, within) == code


@pytest.mark.parametrize(
    ("value", "options", "written"),
    [
        ("NO", (), "Norway"), ("NO", ("NO", "SE"), "NO"), ("US-CA", (), "California"), ("US-CA", ("CA",), "CA"),
        ("KR", (), "Korea, Republic of"), ("Atlantis", (), "Atlantis"), ("Vestland", ("CA",), "Vestland"),
    ],
)  # fmt: skip
def test_what_is_written(value: str, options: tuple[str, ...], written: str) -> None:
    assert places.written(value, options) == written


def test_every_standard_name_is_understood() -> None:
    for code in ("US", "GB", "DE", "KR", "CZ", "TR", "NO", "JP"):
        assert places.country(places.country_name(code)) == code

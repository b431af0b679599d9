"""The dirt of real data: what people, imports and old integrations leave behind in a minority of the records."""

from __future__ import annotations

from random import Random
from typing import Any

COUNTRY_VARIANTS = {
    "United States": ("USA", "US", "U.S.A.", "united states"),
    "Norway": ("Norge", "NO", "NORWAY"),
    "Sweden": ("Sverige", "SE", "sweden "),
    "Germany": ("Deutschland", "DE", "Bundesrepublik Deutschland"),
    "Japan": ("日本", "JP", "japan"),
}
STATE_VARIANTS = {
    "California": ("CA", "Calif."),
    "New York": ("NY", "N.Y."),
    "Texas": ("TX", "Tex."),
    "Bayern": ("BY", "Bavaria"),
    "東京都": ("Tokyo", "東京"),
}
EMOJI = ("🚀", "🌸", "☕", "⭐")
NOTES = (
    'Said: "call me back",\nthen hung up.',
    "Line one\r\nLine two;\tsemicolon, comma",
    'Prefers the "blue" one — 日本語も可',
    "O'Brien's referral\n\n- budget: 10'000 €\n- decision: Q3",
    "  leading and trailing spaces  ",
)
LONG_NOTE = "Meeting minutes, pasted from an e-mail thread. Næste møde på fredag. " * 60


def country(rng: Random, name: str) -> str:
    """The country's name; for one in eight another spelling of it, for a few none."""
    roll = rng.random()
    if roll < 0.03:
        return ""
    return rng.choice(COUNTRY_VARIANTS[name]) if roll < 0.155 else name


def state(rng: Random, name: str) -> str:
    """The state's name or one of its abbreviations."""
    return rng.choice(STATE_VARIANTS[name]) if name in STATE_VARIANTS and rng.random() < 0.5 else name


def recase(rng: Random, email: str) -> str:
    """The same address in other case."""
    return email.upper() if rng.random() < 0.3 else ".".join(part.capitalize() for part in email.split("."))


def description(rng: Random) -> str | None:
    """Free text: mostly none, sometimes with line breaks and quotes, rarely very long."""
    roll = rng.random()
    if roll < 0.80:
        return None
    return LONG_NOTE if roll > 0.995 else rng.choice(NOTES)


def phone(rng: Random, dial: str) -> str | None:
    """A telephone number in one of the spellings that people use, or none."""
    roll, number = rng.random(), f"{rng.randrange(10**7, 10**8)}"
    if roll < 0.12:
        return None
    if roll < 0.5:
        return f"{dial}{number}"
    if roll < 0.75:
        return f"{dial} {number[:3]} {number[3:5]} {number[5:]}"
    return f"({number[:3]}) {number[3:]}" if roll < 0.92 else f"00{dial[1:]} {number} ext. {rng.randrange(10, 99)}"


def soil_name(rng: Random, person: dict[str, Any]) -> None:
    """Put an emoji, blanks or capitals into a few people's names."""
    roll = rng.random()
    if roll < 0.008 and person["FirstName"]:
        person["FirstName"] += f" {rng.choice(EMOJI)}"
    elif roll < 0.016:
        person["LastName"] = f"{person['LastName']}-{person['LastName']}"
    elif roll < 0.024:
        person["LastName"] = person["LastName"].upper()
    elif roll < 0.034:
        person["FirstName"] = None

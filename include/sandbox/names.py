"""Pools of names, places and companies in five locales, drawn once per world.

Faker is slow per call and its `Faker` proxy loads every provider, so only the three providers that are needed
are loaded and a few hundred values are drawn; records then choose from the pools.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from random import Random

from faker.factory import Factory
from faker.generator import Generator

PROVIDERS = ["faker.providers.person", "faker.providers.address", "faker.providers.company"]
NAMES, PLACES, COMPANIES = 260, 90, 90


@dataclass(frozen=True)
class Locale:
    """One country's pools. Names are pairs (as written, in ASCII lower case for e-mail addresses)."""

    country: str
    dial: str
    first: tuple[tuple[str, str], ...]
    last: tuple[tuple[str, str], ...]
    streets: tuple[str, ...]
    cities: tuple[str, ...]
    postcodes: tuple[str, ...]
    states: tuple[str, ...]
    suffixes: tuple[str, ...]


Pools = list[tuple[Locale, int]]
SPECIAL = str.maketrans({"ø": "o", "Ø": "O", "æ": "ae", "Æ": "Ae", "å": "a", "Å": "A", "ß": "ss", "ð": "d", "þ": "th"})


def ascii_slug(text: str) -> str:
    """Lower-case ASCII letters, digits and dashes: what can stand in an e-mail address or a domain."""
    plain = unicodedata.normalize("NFKD", text.translate(SPECIAL)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-")


def without_accents(text: str) -> str:
    """`text` as somebody without the right keyboard would spell it."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.translate(SPECIAL)) if not unicodedata.combining(c))


def locales(rng: Random) -> Pools:
    """The five locales with their weights in the world."""
    seed = rng.randrange(2**32)
    return [
        (_latin("en_US", "United States", "+1", ("Inc", "LLC", "Group"), seed), 38),
        (_latin("no_NO", "Norway", "+47", ("AS", "ASA", "og Sønner"), seed + 1), 26),
        (_latin("sv_SE", "Sweden", "+46", ("AB", "Aktiebolag", "& Co"), seed + 2), 15),
        (_latin("de_DE", "Germany", "+49", ("GmbH", "AG", "GmbH & Co. KG"), seed + 3), 13),
        (_japanese(seed + 4), 8),
    ]


def _latin(code: str, country: str, dial: str, suffixes: tuple[str, ...], seed: int) -> Locale:
    fake = _generator(code, seed)
    return Locale(
        country,
        dial,
        tuple((name, ascii_slug(name)) for name in (fake.first_name() for _ in range(NAMES))),
        tuple((name, ascii_slug(name)) for name in (fake.last_name() for _ in range(NAMES))),
        *_places(fake),
        tuple(fake.administrative_unit() for _ in range(20)) if code in ("en_US", "de_DE") else ("",),
        suffixes,
    )


def _japanese(seed: int) -> Locale:
    fake = _generator("ja_JP", seed)
    first = tuple((kanji, romaji.lower()) for kanji, _, romaji in (fake.first_name_pair() for _ in range(NAMES)))
    last = tuple((kanji, romaji.lower()) for kanji, _, romaji in (fake.last_name_pair() for _ in range(NAMES)))
    states = tuple(fake.administrative_unit() for _ in range(20))
    return Locale("Japan", "+81", first, last, *_places(fake), states, ("株式会社", "K.K.", "合同会社"))


def _generator(code: str, seed: int) -> Generator:
    fake = Factory.create(code, providers=PROVIDERS)
    fake.seed_instance(seed)
    return fake


def _places(fake: Generator) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    streets = tuple(fake.street_address() for _ in range(PLACES))
    cities = tuple(fake.city() for _ in range(PLACES))
    return streets, cities, tuple(fake.postcode() for _ in range(PLACES))

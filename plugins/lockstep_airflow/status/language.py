"""The reader's language: chosen on the page (a cookie), else what the browser prefers, else English."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from babel.numbers import format_decimal

from lockstep.errors import kind_of
from lockstep_airflow.status.texts import TEXTS
from lockstep_airflow.status.texts.codes import PHRASES
from lockstep_airflow.status.texts.whys import translated

#: code -> its own name; the order of the catalogue's columns
LANGUAGES = {"en": "English", "nb": "Norsk", "sv": "Svenska"}
COOKIE = "lockstep_language"

#: Norwegian as browsers call it
_SAME = {"no": "nb", "nn": "nb"}


@dataclass(frozen=True, slots=True)
class Language:
    """`lead_label`: what this company calls a lead, Lead or Person (MK-07)."""

    code: str
    lead_label: str = "Lead"

    def __call__(self, key: str, n: int | None = None, **values: object) -> str:
        """The text of `key`; with `n`, the form for that number, which stands for `{n}`.

        :raises KeyError: the catalogue has no such text
        """
        found = TEXTS.get(f"{key}.one") if n == 1 else None
        template = (found or TEXTS[key])[list(LANGUAGES).index(self.code)]
        told = {**values, "n": self.number(n)} if n is not None else values
        return template.format(**told) if told else template

    def has(self, key: str) -> bool:
        return key in TEXTS

    def name(self, kind: str, code: str) -> str:
        """The word for a code of the ledger, such as a status; a code without a word stands for itself."""
        if (kind, code) == ("object", "Lead"):
            code = self.lead_label
        return self(f"{kind}.{code}") if self.has(f"{kind}.{code}") else code

    def meaning(self, code: str) -> str:
        """What an error code means, in this language where the catalogue has it, else as the registry says."""
        return self._phrase(kind_of(code).meaning)

    def remedy(self, code: str) -> str:
        """What to do about it; "" where nothing need be done."""
        return self._phrase(kind_of(code).remedy)

    def why(self, words: str) -> tuple[str, str]:
        """Why a field got its value, and the language in which that is said: this one, where the catalogue knows the words."""
        if self.code != "en" and (found := translated(words, list(LANGUAGES).index(self.code) - 1)):
            return found, self.code
        return words, "en"

    def lang_of(self, kind: str, code: str) -> str:
        """The language in which `meaning` or `remedy` answers."""
        return self.code if getattr(kind_of(code), kind) in PHRASES else "en"

    def _phrase(self, english: str) -> str:
        found = PHRASES.get(english)
        return (english, *found)[list(LANGUAGES).index(self.code)] if found else english

    def lasting(self, minutes: float) -> str:
        """In the unit in which a person would say it."""
        for unit, length in (("days", 1440), ("hours", 60)):
            if minutes >= 2 * length:
                return self(unit, round(minutes / length))
        return self("minutes", ceil(max(minutes, 0)))

    def number(self, value: float) -> str:
        return _formatted(value, self.code)


@lru_cache(maxsize=4096)
def _formatted(value: float, code: str) -> str:
    return str(format_decimal(value, locale=code))


def choose(cookies: Mapping[str, str], accept: str, lead_label: str = "Lead") -> Language:
    """:param accept: the Accept-Language header"""
    chosen = cookies.get(COOKIE, "")
    return Language(chosen if chosen in LANGUAGES else _preferred(accept), lead_label)


def _preferred(accept: str) -> str:
    for _, tag in sorted(_weighed(accept), key=lambda one: -one[0]):
        primary = tag.strip().lower().split("-")[0]
        code = _SAME.get(primary, primary)
        if code in LANGUAGES:
            return code
    return "en"


def _weighed(accept: str) -> list[tuple[float, str]]:
    parts = [part.partition(";q=") for part in accept.split(",")]
    return [(_weight(q), tag) for tag, _, q in parts]


def _weight(q: str) -> float:
    try:
        return float(q) if q else 1.0
    except ValueError:
        return 0.0

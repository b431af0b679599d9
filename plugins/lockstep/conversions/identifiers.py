"""By what Google can find the click behind a milestone, in the form that Google documents (GA-21, GA-22). Pure.

E-mail addresses and telephone numbers leave this module only as SHA-256 of their normal form: lower case without spaces,
for gmail.com and googlemail.com without dots and plus suffix; telephone numbers E.164 with the country.
(Google Ads API, "Enhanced conversions for leads: normalise and hash".)
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from phonenumbers import SUPPORTED_REGIONS

from lockstep import spelling
from lockstep.conversions.definition import CLICK_IDS, Conversions, Milestone, Unknown
from lockstep.conversions.history import Source
from lockstep.model import Values

#: Google takes at most five user identifiers per conversion
PEOPLE_MAX = 5
GRANTED, DENIED = "granted", "denied"


@dataclass(frozen=True, slots=True)
class Identifiers:
    """`people`: (kind, hash) of the person. `consent`: signal -> granted or denied; a signal without an answer is absent.
    `click_by`: the click came no later than this."""

    gclid: str | None = None
    gbraid: str | None = None
    wbraid: str | None = None
    people: tuple[tuple[str, str], ...] = ()
    consent: dict[str, str] = field(default_factory=dict)
    click_by: datetime | None = None

    @property
    def click_id(self) -> tuple[str, str] | None:
        return next(((kind, value) for kind in CLICK_IDS if (value := getattr(self, kind))), None)

    @property
    def any(self) -> bool:
        return self.click_id is not None or bool(self.people)


def identify(
    wanted: Conversions, milestone: Milestone, sources: Sequence[Source], default_country: str | None = None
) -> Identifiers:
    """The identifiers of a milestone, from the first record that has one of a kind.

    A click id is one alone, a gclid before a braid: Google refuses rows with two, and braids together with a person's
    identifiers (GBRAID_WBRAID_BOTH_SET, VALUE_MUST_BE_UNSET). A gclid's capitals count: it is only trimmed. Without an
    answer on consent, where consent is kept, no person's identifier is sent.
    """
    consent = _consent(wanted, sources)
    click = next(iter(_clicks(wanted, milestone, sources)), None)
    people = _people(wanted, milestone, sources, default_country) if _may_send_people(wanted, consent) else ()
    since = click[2] if click else min((one.since for one in sources), default=None)
    if click and click[0] != "gclid":
        people = ()
    found = Identifiers(people=people, consent=consent, click_by=since)
    return found if click is None else _with_click(found, click[0], click[1])


def _with_click(found: Identifiers, kind: str, value: str) -> Identifiers:
    ids = {name: value if name == kind else None for name in CLICK_IDS}
    return Identifiers(**ids, people=found.people, consent=found.consent, click_by=found.click_by)


def _clicks(
    wanted: Conversions, milestone: Milestone, sources: Sequence[Source]
) -> Iterable[tuple[str, str, datetime]]:
    for kind in CLICK_IDS:
        if kind in milestone.identifiers:
            for source in sources:
                for text in _texts(wanted.identifiers.get(kind, {}).get(source.object, ()), source.values):
                    yield kind, text, source.since


def _texts(names: Iterable[str], values: Values) -> Iterable[str]:
    return (text for name in names if (text := (values.get(name) or "").strip()))


def _consent(wanted: Conversions, sources: Sequence[Source]) -> dict[str, str]:
    """A "no" on any of the records counts; else a "yes"."""
    found = {}
    for signal, objects in wanted.consent.fields.items():
        told = {text.casefold() for source in sources for text in _texts(objects.get(source.object, ()), source.values)}
        if told & wanted.consent.denied:
            found[signal] = DENIED
        elif told & wanted.consent.granted:
            found[signal] = GRANTED
    return found


def _may_send_people(wanted: Conversions, consent: dict[str, str]) -> bool:
    return "ad_user_data" not in wanted.consent.fields or consent.get("ad_user_data") == GRANTED


def withheld(wanted: Conversions, consent: dict[str, str]) -> bool:
    """Whether consent forbids that anything of this person is sent."""
    answer = consent.get("ad_user_data")
    kept = "ad_user_data" in wanted.consent.fields
    return answer == DENIED or (kept and answer is None and wanted.consent.unknown is Unknown.WITHHOLD)


def _people(
    wanted: Conversions, milestone: Milestone, sources: Sequence[Source], default_country: str | None
) -> tuple[tuple[str, str], ...]:
    found: dict[tuple[str, str], None] = {}
    for source in sources:
        country = next(iter(_texts(wanted.country.get(source.object, ()), source.values)), None)
        for kind in ("email", "phone"):
            if kind in milestone.identifiers:
                for text in _texts(wanted.identifiers.get(kind, {}).get(source.object, ()), source.values):
                    normal = email(text) if kind == "email" else phone(text, _region(country) or default_country)
                    if normal:
                        found[kind, hashed(normal)] = None
    return tuple(found)[:PEOPLE_MAX]


def hashed(text: str) -> str:
    """SHA-256 as lower-case hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def email(text: str) -> str | None:
    """The normal form of an address; None if it is none."""
    name, at, domain = text.strip().lower().rpartition("@")
    if not (name and at and "." in domain) or "@" in name or len(text.split()) != 1:
        return None
    if domain in ("gmail.com", "googlemail.com"):
        name = name.partition("+")[0].replace(".", "")
    return f"{name}@{domain}" if name else None


def phone(text: str, country: str | None) -> str | None:
    """E.164 without an extension; None for what cannot be dialled from that country (ISO 3166, two letters)."""
    dialled = spelling.phone(text, country).partition(";ext=")[0]
    return dialled if dialled.startswith("+") else None


def _region(country: str | None) -> str | None:
    """Two-letter code of a country field; None for names, which the default country stands in for."""
    code = (country or "").upper()
    return code if code in SUPPORTED_REGIONS else None

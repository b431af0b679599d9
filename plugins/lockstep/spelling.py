"""Texts without the differences that do not matter. Pure; every function is idempotent and returns "" for blank."""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

_SCHEMES = re.compile(r"^(?:https?://\s*)+", re.IGNORECASE)
_DOMAIN = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+", re.ASCII)
_ZEROS = re.compile(r"^\(?(?:00)+", re.ASCII)
_NOT_DIGITS = re.compile(r"\D+", re.ASCII)


def text(raw: str) -> str:
    """Trimmed, composed (NFC), line ends as `\\n`: CRMs trim what they store, and differ in their line ends."""
    if raw.isascii() and "\r" not in raw:
        return raw.strip()  # ASCII is composed as it is
    lines = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", lines).strip()


def cut(value: str, length: int) -> str:
    """At most `length` UTF-16 units, which is how Java-based CRMs count, without a torn character or a trailing blank."""
    units = value.encode("utf-16-le", "surrogatepass")
    if len(units) <= 2 * length:
        return value
    return units[: 2 * length].decode("utf-16-le", "ignore").rstrip()


def length(value: str) -> int:
    """Length in UTF-16 units."""
    return len(value.encode("utf-16-le", "surrogatepass")) // 2


def folded(raw: str) -> str:
    """Unicode's canonical caseless form (Unicode standard, definition D145), composed again."""
    if raw.isascii():
        return text(raw.lower())
    decomposed = unicodedata.normalize("NFD", raw).casefold()
    return text(unicodedata.normalize("NFD", decomposed))


def url(raw: str) -> str:
    """Without scheme and trailing slash; the host in lower case: `HTTP://Acme.com/No/` is `acme.com/No`."""
    bare = _SCHEMES.sub("", text(raw)).strip()
    host = re.split(r"[/?#]", bare, maxsplit=1)[0]
    return text(host.lower() + bare[len(host) :].rstrip("/ "))


def domain(raw: str) -> str:
    """The host of an address, without `www.`, as ASCII: `https://www.Bücher.de:8080/x` is `xn--bcher-kva.de`. "" for text
    that is no domain name, such as `n/a`: it must never match one company with another."""
    host = re.split(r"[/?#\s]", _SCHEMES.sub("", text(raw)), maxsplit=1)[0]
    host = folded(host.rsplit("@", 1)[-1].split(":", 1)[0]).strip(".")
    while host.startswith("www.") and "." in host[4:]:
        host = host[4:].strip(".")
    return host if _DOMAIN.fullmatch(host) else _ascii(host)


def _ascii(host: str) -> str:
    try:
        encoded = host.encode("idna").decode("ascii").lower()
    except UnicodeError:
        return ""
    return encoded if _DOMAIN.fullmatch(encoded) else ""


@lru_cache(maxsize=100_000)
def phone(raw: str, country: str | None) -> str:
    """E.164 with its extension where the number can be dialled from `country` (ISO 3166, two letters), else its digits."""
    number = text(raw)
    # "00" is how most of the world dials "+", also where the default country does not
    digits = _ZEROS.sub("", _NOT_DIGITS.sub("", number))
    for candidate in (_ZEROS.sub("+", number), digits):
        dialled = _dialled(candidate, country)
        if dialled:
            return dialled
    return digits or folded(number)


def _dialled(number: str, country: str | None) -> str | None:
    try:
        parsed = phonenumbers.parse(number, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return f"{e164};ext={parsed.extension}" if parsed.extension else e164

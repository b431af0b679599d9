"""Countries and states, however they are written (HS-10): ISO codes, names in several languages, usual short forms. Pure.

A country is known by its ISO 3166-1 code, a state of the countries below by its ISO 3166-2 code. Everything else stays the
text that it is. Names come from the Unicode CLDR, as Babel has it.
"""

from collections.abc import Collection
from functools import cache

#: languages whose names of countries are understood; the first is the one that is written
LANGUAGES = ("en", "nb", "sv", "da", "de", "fr", "es", "nl", "it", "pt")
USUAL = {"usa": "US", "u.s.": "US", "u.s.a.": "US", "uk": "GB", "u.k.": "GB", "great britain": "GB", "england": "GB"}
#: Salesforce's standard names where the CLDR has others
STANDARD = {"KR": "Korea, Republic of", "CZ": "Czech Republic", "TR": "Turkey", "RU": "Russian Federation"}

#: two letters of the CLDR that are no country: unions, pseudo-locales, unknown
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})

_STATES = {
    "US": "AL Alabama,AK Alaska,AZ Arizona,AR Arkansas,CA California,CO Colorado,CT Connecticut,DE Delaware,"
    "DC District of Columbia,FL Florida,GA Georgia,HI Hawaii,ID Idaho,IL Illinois,IN Indiana,IA Iowa,KS Kansas,KY Kentucky,"
    "LA Louisiana,ME Maine,MD Maryland,MA Massachusetts,MI Michigan,MN Minnesota,MS Mississippi,MO Missouri,MT Montana,"
    "NE Nebraska,NV Nevada,NH New Hampshire,NJ New Jersey,NM New Mexico,NY New York,NC North Carolina,ND North Dakota,"
    "OH Ohio,OK Oklahoma,OR Oregon,PA Pennsylvania,RI Rhode Island,SC South Carolina,SD South Dakota,TN Tennessee,TX Texas,"
    "UT Utah,VT Vermont,VA Virginia,WA Washington,WV West Virginia,WI Wisconsin,WY Wyoming",
    "CA": "AB Alberta,BC British Columbia,MB Manitoba,NB New Brunswick,NL Newfoundland and Labrador,NS Nova Scotia,"
    "NT Northwest Territories,NU Nunavut,ON Ontario,PE Prince Edward Island,QC Quebec,SK Saskatchewan,YT Yukon",
    "AU": "ACT Australian Capital Territory,NSW New South Wales,NT Northern Territory,QLD Queensland,SA South Australia,"
    "TAS Tasmania,VIC Victoria,WA Western Australia",
}


def country(text: str) -> str | None:
    """The ISO code of a country written as its code, its name, or a usual short form; None if it is not known."""
    return _countries().get(_folded(text))


def country_name(code: str) -> str:
    """The standard English name."""
    return STANDARD.get(code) or _names()[code]


def state(text: str, within: str | None) -> str | None:
    """The ISO 3166-2 code of a state (`US-CA`) written as its code or name. `within`: the country's code, if it is known;
    otherwise the text must mean one state alone."""
    found = {code for code, names in _states().items() if _folded(text) in names}
    own = {code for code in found if within is None or code.startswith(f"{within}-")}
    return own.pop() if len(own) == 1 else None


def written(value: str, options: Collection[str]) -> str:
    """A code as a field takes it: short where its list of options has it so, else the standard name. Other text stays."""
    short = value.partition("-")[2] if value in _state_names() else value
    if short in options:
        return short
    if value in _state_names():
        return _state_names()[value]
    return country_name(value) if value in _names() else value


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _names() -> dict[str, str]:
    from babel import Locale

    listed = Locale("en").territories.items()
    return {code: str(name) for code, name in listed if len(code) == 2 and code.isalpha() and code not in _NO_COUNTRIES}


@cache
def _countries() -> dict[str, str]:
    from babel import Locale

    found: dict[str, str] = {}
    for language in LANGUAGES:
        for code, name in Locale(language).territories.items():
            if code in _names():
                found.setdefault(_folded(str(name)), code)
    return found | {code.casefold(): code for code in _names()} | {_folded(n): c for c, n in STANDARD.items()} | USUAL


@cache
def _state_names() -> dict[str, str]:
    return {
        f"{land}-{short}": name
        for land, listed in _STATES.items()
        for short, _, name in (one.partition(" ") for one in listed.split(","))
    }


@cache
def _states() -> dict[str, frozenset[str]]:
    return {
        code: frozenset({_folded(code.partition("-")[2]), _folded(name), _folded(code)})
        for code, name in _state_names().items()
    }

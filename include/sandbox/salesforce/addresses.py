"""State and country picklists (Salesforce Help, State and Country/Territory Picklists): off unless the settings say so.

With them, a country or state is written as its whole name or as its ISO code in a field of its own, and each fills the
other; any other spelling is refused. Values from before stay as they are, without a code.
"""

from typing import TYPE_CHECKING, Any

from sandbox.salesforce.catalog import label_of
from sandbox.salesforce.errors import Fault, Rejected
from sandbox.salesforce.fields import ISO_CODES, Field, SObject
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

PREFIXES = {"Account": "Billing", "Contact": "Mailing", "Lead": ""}
COUNTRIES = {
    "AT": "Austria", "AU": "Australia", "BE": "Belgium", "BR": "Brazil", "CA": "Canada", "CH": "Switzerland", "CN": "China",
    "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France", "GB": "United Kingdom",
    "IE": "Ireland", "IN": "India", "IS": "Iceland", "IT": "Italy", "JP": "Japan", "KR": "Korea, Republic of",
    "MX": "Mexico", "NL": "Netherlands", "NO": "Norway", "NZ": "New Zealand", "PL": "Poland", "PT": "Portugal",
    "SE": "Sweden", "SG": "Singapore", "US": "United States", "ZA": "South Africa",
}  # fmt: skip
US_STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DE": "Delaware", "DC": "District of Columbia", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota", "MS": "Mississippi",
    "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma",
    "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota",
    "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington",
    "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
}  # fmt: skip
CANADIAN = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick", "NL": "Newfoundland and Labrador",
    "NS": "Nova Scotia", "NT": "Northwest Territories", "NU": "Nunavut", "ON": "Ontario", "PE": "Prince Edward Island",
    "QC": "Quebec", "SK": "Saskatchewan", "YT": "Yukon Territories",
}  # fmt: skip
STATES = {"US": US_STATES, "CA": CANADIAN}
"""States that the organisation knows from the start (of the countries above, a part); administrators add others."""


def states_of(org: "Org", country: str) -> dict[str, str]:
    """Return a country's states by code: those from the start and those of the setting `states`."""
    return STATES.get(country, {}) | org.settings["states"].get(country, {})


def _all_states(org: "Org") -> frozenset[str]:
    return frozenset(code for country in COUNTRIES for code in states_of(org, country))


def with_codes(org: "Org", definition: SObject) -> SObject:
    """Return an object with the fields of codes, each after the field of its name; unchanged where there are no addresses."""
    prefix = PREFIXES.get(definition.name)
    if prefix is None or not org.settings["state_country_picklists"]:
        return definition
    codes = {"Country": frozenset(COUNTRIES), "State": _all_states(org)}
    fields: dict[str, Field] = {}
    for name, field in definition.fields.items():
        if name.endswith(ISO_CODES):
            continue
        fields[name] = field
        if (kind := name.removeprefix(prefix)) in codes and name == prefix + kind:
            made = Field(
                f"{name}Code", "picklist", 10, f"{field.label} Code", values=tuple(sorted(codes[kind])), restricted=True
            )
            fields[made.name] = made
    return definition.with_fields(fields)


def fill(org: "Org") -> None:
    """Give rows from before the codes of the names they have, where those are known."""
    for name, prefix in PREFIXES.items():
        for record_id, row in org.store.tables[name].items():
            if row.get(f"{prefix}CountryCode") is None:
                country = _code(COUNTRIES, row[f"{prefix}Country"])
                state = _code(states_of(org, country), row[f"{prefix}State"]) if country else None
                codes = {f"{prefix}CountryCode": country, f"{prefix}StateCode": state}
                org.store.tables[name][record_id] = row | codes


def _code(names: dict[str, str], name: Any) -> str | None:
    wanted = str(name or "").casefold()
    return next((code for code, known in names.items() if known.casefold() == wanted), None)


def derived(org: "Org", name: str, before: Row, values: Row) -> Row:
    """Return the names and codes that follow from what is written; Rejected if they are none or do not agree."""
    prefix = PREFIXES.get(name)
    if prefix is None or not org.settings["state_country_picklists"]:
        return {}
    written = {f"{prefix}{kind}" for kind in ("Country", "CountryCode", "State", "StateCode")} & values.keys()
    if not written:
        return {}
    country = _written(f"{prefix}Country", COUNTRIES, frozenset(COUNTRIES), before, values)
    code = country[f"{prefix}CountryCode"]
    states = states_of(org, code) if code else {}
    given = next((key for key in (f"{prefix}State", f"{prefix}StateCode") if values.get(key)), None)
    if given and not country[f"{prefix}Country"]:
        raise _fault("A country/territory must be specified before specifying a state value for field", given)
    state = _written(f"{prefix}State", states, _all_states(org), before, values)
    held = state[f"{prefix}StateCode"]
    if held is not None and held not in states:
        text = "The existing country/territory doesn't recognize the state value for field"
        raise _fault(text, f"{prefix}StateCode")
    return country | state


def _written(field: str, names: dict[str, str], available: frozenset[str], before: Row, values: Row) -> Row:
    """A name and its code, from whichever is written. ``names`` by code; ``available`` are the codes of any country."""
    code, text = values.get(f"{field}Code"), values.get(field)
    if code is not None and text is not None and names.get(code, "").casefold() != text.casefold():
        raise _fault("Mismatched integration value and ISO code for field", field)
    if code is not None:
        if code not in available:
            kind = "country/territory" if field.endswith("Country") else "state"
            text = f"The {field}Code field contains {code}, which isn't an available {kind}. Your administrator can add it for you."
            raise Rejected(Fault("FIELD_INTEGRITY_EXCEPTION", text, (f"{field}Code",)))
        return {field: names.get(code), f"{field}Code": code}
    if text is not None:
        return {field: names.get(_of(field, names, text)), f"{field}Code": _of(field, names, text)}
    if field in values or f"{field}Code" in values:
        return {field: None, f"{field}Code": None}
    return {field: before.get(field), f"{field}Code": before.get(f"{field}Code")}


def _of(field: str, names: dict[str, str], text: str) -> str:
    code = _code(names, text)
    if code is None:
        kind, list_ = ("country", "country/territory from the list of valid countries") if field.endswith("Country") else (
            "state", "state from the list of valid states")  # fmt: skip
        message = f"There's a problem with this {kind}, even though it may appear correct. Please select a {list_}."
        raise _fault(message, field)
    return code


def _fault(text: str, field: str) -> Rejected:
    return Rejected(Fault("FIELD_INTEGRITY_EXCEPTION", f"{text}: {label_of(field)}", (field,)))

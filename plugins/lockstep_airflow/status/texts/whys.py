"""Why a field got its value, in the planner's words (lockstep.merge, lockstep.plan): English clause -> Norwegian, Swedish.

The ledger keeps a reason as `rule: clause; clause`. What stands in braces differs from one reason to the next.
"""

import re
from functools import cache

CLAUSES: dict[str, tuple[str, str]] = {
    "both sides hold the same value": ("begge sider har samme verdi", "båda sidor har samma värde"),
    "{system}'s value has not been read": ("verdien i {system} er ikke lest", "värdet i {system} har inte lästs"),
    "both sides hold a value at their first meeting": ("begge sider har en verdi ved første møte", "båda sidor har ett värde vid första mötet"),
    "both sides changed": ("begge sider er endret", "båda sidor har ändrats"),
    "neither side changed": ("ingen av sidene er endret", "ingen av sidorna har ändrats"),
    "they settled on different spellings": ("de er enige om ulike skrivemåter", "de har enats om olika skrivsätt"),
    "Salesforce's opportunities have not moved": ("salgsmulighetene i Salesforce står stille", "affärsmöjligheterna i Salesforce har inte flyttats"),
    "a stage never goes backwards from {value}": ("et stadium går aldri tilbake fra {value}", "ett stadium går aldrig bakåt från {value}"),
    "an opportunity moved on in Salesforce": ("en salgsmulighet gikk videre i Salesforce", "en affärsmöjlighet gick vidare i Salesforce"),
    "{system} may not fill the blank in {other}": ("{system} får ikke fylle det tomme feltet i {other}", "{system} får inte fylla det tomma fältet i {other}"),
    "fills the blank in {system}": ("fyller det tomme feltet i {system}", "fyller det tomma fältet i {system}"),
    "only {system} changed": ("bare {system} er endret", "bara {system} har ändrats"),
    "{system} changed, but the field is not synced": ("{system} er endret, men feltet synkroniseres ikke", "{system} har ändrats, men fältet synkas inte"),
    "{system} may not write this": ("{system} får ikke skrive dette", "{system} får inte skriva detta"),
    "{system}'s value is put back": ("verdien i {system} settes tilbake", "värdet i {system} sätts tillbaka"),
    "{system}'s value": ("verdien i {system}", "värdet i {system}"),
    "{system} wins": ("{system} vinner", "{system} vinner"),
    "the field is not synced": ("feltet synkroniseres ikke", "fältet synkas inte"),
    "a person decides": ("et menneske avgjør", "en person avgör"),
    "a value of their own": ("en egen verdi", "ett eget värde"),
    "the mapping's default: the source gives no value": ("standardverdien i mappingen: kilden gir ingen verdi", "mappningens standardvärde: källan ger inget värde"),
    "the surviving record takes over the pair's id": ("posten som ble igjen, overtar parets id", "posten som blev kvar tar över parets id"),
    "the partner was deleted": ("motparten ble slettet", "motparten raderades"),
    "the partner was deleted, and the mapping deletes with it": ("motparten ble slettet, og mappingen sletter med den", "motparten raderades, och mappningen raderar med den"),
    "undo of change {number}": ("angrer endring {number}", "ångrar ändring {number}"),
    "decision {number} of {person}": ("avgjørelse {number} av {person}", "beslut {number} av {person}"),
}  # fmt: skip

#: what may follow a clause
LATER = ", once the record that it refers to is paired"
_LATER = (", når posten den viser til, er paret", ", när posten som det hänvisar till har parats")


def translated(why: str, column: int) -> str | None:
    """The reason in Norwegian (`column` 0) or Swedish (1); None if a clause of it is not known."""
    if whole := _clause(why, column):
        return whole
    rule, colon, words = why.partition(": ")
    later = words.endswith(LATER)
    clauses = [_clause(one, column) for one in words.removesuffix(LATER).split("; ")]
    if not colon or not all(clauses):
        return None
    return f"{_clause(rule, column) or rule}: {'; '.join(filter(None, clauses))}{_LATER[column] if later else ''}"


def _clause(words: str, column: int) -> str | None:
    for pattern, texts in _patterns():
        if found := pattern.fullmatch(words):
            return texts[column].format(**found.groupdict())
    return None


@cache
def _patterns() -> list[tuple[re.Pattern[str], tuple[str, str]]]:
    return [(re.compile(_pattern(clause)), texts) for clause, texts in CLAUSES.items()]


def _pattern(clause: str) -> str:
    kinds = {
        "system": "Salesforce|HubSpot",
        "other": "Salesforce|HubSpot",
        "number": r"\d+",
        "value": "[^;]*",
        "person": "[^:]*",
    }
    parts = re.split(r"\{(\w+)\}", clause)
    return "".join(f"(?P<{part}>{kinds[part]})" if n % 2 else re.escape(part) for n, part in enumerate(parts))

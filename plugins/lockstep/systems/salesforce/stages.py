"""How far the opportunities of contacts and accounts have come: the fields that `lockstep.lifecycle` names.

They belong to no record's SystemModstamp: a stage that moves is found by the opportunities and contact roles of the window.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from lockstep.errors import ConfigError
from lockstep.lifecycle import ROLES, WORKED_OUT, stage_of
from lockstep.model import Row, Window
from lockstep.systems.salesforce import soql

ROLE = "OpportunityContactRole"
CHUNK = 200
Query = Callable[[str], Iterator[dict[str, Any]]]


class Stages:
    def __init__(self, query: Query):
        self._query = query

    def fill(self, object: str, fields: Sequence[str], rows: Sequence[Row]) -> list[Row]:
        """Rows of `fields`, made of rows that lack the worked-out ones."""
        places = [place for place, name in enumerate(fields) if name in WORKED_OUT]
        stages = {place: self._stages(object, fields[place], [row.id for row in rows]) for place in places}
        return [_filled(row, {place: found.get(row.id) for place, found in stages.items()}) for row in rows]

    def moved(self, object: str, fields: Iterable[str], window: Window) -> list[str]:
        """Records whose opportunities, or the roles in these, changed in the window."""
        wanted = [name for name in fields if name in WORKED_OUT]
        if not wanted or window.start is None:
            return []
        either = [" AND ".join(soql.in_window(window)), " AND ".join(_of_opportunity(soql.in_window(window)))]
        where = " OR ".join(f"({one})" for one in either)
        found = list(self._query(soql.select(["ContactId", "Contact.AccountId"], ROLE, [f"({where})"])))
        contacts = {one["ContactId"] for one in found}
        accounts = {account for one in found if (account := _account(one))}
        if object == "Account":
            return sorted(accounts)
        if wanted != [ROLES]:
            contacts |= {one["Id"] for one in self._where("Contact", ["Id"], "AccountId", accounts)}
        return sorted(contacts)

    def _stages(self, object: str, name: str, ids: Sequence[str]) -> Mapping[str, str | None]:
        if object == "Account":
            return self._by("Contact.AccountId", ids, _account)
        if object != "Contact":
            raise ConfigError(f"{object} has no {name}.", hint="Stages are known of contacts and accounts.")
        if name == ROLES:
            return self._by("ContactId", ids, lambda one: one["ContactId"])
        accounts = {one["Id"]: one["AccountId"] for one in self._where("Contact", ["Id", "AccountId"], "Id", ids)}
        known = self._by("Contact.AccountId", {one for one in accounts.values() if one}, _account)
        own = self._by("ContactId", [one for one, account in accounts.items() if not account], lambda r: r["ContactId"])
        return own | {one: known.get(account) for one, account in accounts.items() if account}

    def _by(self, field: str, ids: Iterable[str], key: Callable[[dict[str, Any]], str | None]) -> dict[str, str | None]:
        names = ["ContactId", "Contact.AccountId", "Opportunity.IsClosed", "Opportunity.IsWon"]
        found: dict[str, list[tuple[bool, bool]]] = defaultdict(list)
        for one in self._where(ROLE, names, field, ids):
            deal = one["Opportunity"] or {}
            if record_id := key(one):
                found[record_id].append((bool(deal.get("IsClosed")), bool(deal.get("IsWon"))))
        return {record_id: stage_of(deals) for record_id, deals in found.items()}

    def _where(self, object: str, names: Sequence[str], field: str, values: Iterable[str]) -> Iterator[dict[str, Any]]:
        for chunk in soql.chunks(sorted(set(values)), soql.URL_LIMIT, CHUNK):
            yield from self._query(soql.select(names, object, [f"{field} IN ({', '.join(chunk)})"]))


def known_fields(fields: Sequence[str]) -> list[str]:
    """Without what is worked out."""
    return [name for name in fields if name not in WORKED_OUT]


def _of_opportunity(conditions: Sequence[str]) -> list[str]:
    return [f"Opportunity.{one}" for one in conditions]


def _account(role: dict[str, Any]) -> str | None:
    return (role.get("Contact") or {}).get("AccountId")


def _filled(row: Row, values: Mapping[int, str | None]) -> Row:
    held = list(row.values)
    for place in sorted(values):
        held.insert(place, values[place])
    return Row(row.id, row.version, tuple(held))

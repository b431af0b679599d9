"""A mirror for the benchmark of Sync Status, and searches in it: by id, e-mail address and name."""

import http.client
import json
import random
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from tests.status.mounted import PREFIX

from lockstep.mapping import load
from lockstep.model import HUBSPOT, SALESFORCE, Row
from lockstep.store import Store, mirror

#: mapping, system, object and how many of ten records
SHARES = (
    ("people", SALESFORCE, "Contact", 2), ("people", SALESFORCE, "Lead", 1), ("people", HUBSPOT, "contacts", 3),
    ("accounts-companies", SALESFORCE, "Account", 1), ("accounts-companies", HUBSPOT, "companies", 1),
    ("opportunities-deals", SALESFORCE, "Opportunity", 1), ("opportunities-deals", HUBSPOT, "deals", 1),
)  # fmt: skip
FIRST_NAMES = ("Ola", "Kari", "Per", "Anne", "Åse", "Øyvind", "Björn", "Ingrid", "Nils", "Eva")
LAST_NAMES = ("Hansen", "Johansen", "Olsen", "Larsen", "Ås", "Ødegård", "Sørensen", "Håland", "Lund", "Moen")
COMPANIES = ("Nordisk", "Fjord", "Alpha", "Bergen", "Stål", "Kraft", "Sjø", "Data")
#: of everyone, of the last contact of HubSpot, of nobody; and a word of nobody's name and of everyone's address
EARLY, LATE, NOWHERE, ELSEWHERE = "ås kari", "Sist Funnet", "Åge Finnesikke", "example"
PAGES = (
    "record?q=20000007", "record?q=p7.contacts@example.com", f"record?q={quote(EARLY)}", f"record?q={quote(LATE)}",
    f"record?q={quote(NOWHERE)}", f"record?q={quote(NOWHERE)}&after=salesforce/Lead/00Q&looked=1", f"record?q={ELSEWHERE}",
    f"api/record?q={quote(NOWHERE)}",
)  # fmt: skip
VERSION, PAGE = "2026-01-01T00:00:00.000Z", 10_000


def fill(store: Store, number: int) -> None:
    """As pulls do it: with the fields of the mappings and their match keys."""
    mappings, now = load(Path(__file__).parents[1] / "include" / "mappings"), datetime.now(UTC)
    for entity, system, name, share in SHARES:
        fields = mappings.entity(entity).fields_of(system, name)
        rows = _rows(system, name, fields, number * share // 10)
        while page := list(islice(rows, PAGE)):
            with store.writing() as tx:
                layout = mirror.layout_of(tx, system, name, fields)
                mirror.merge_page(tx, layout, page, now, 1, _keys if entity == "people" else None)


def _keys(row: Row) -> list[tuple[str, str]]:
    return [("email", value) for value in row.values if value and "@" in value]


def _rows(system: str, name: str, fields: tuple[str, ...], number: int) -> Iterator[Row]:
    chance = random.Random(name)
    for n in range(number):
        people = LATE.split() if n == number - 1 else [chance.choice(FIRST_NAMES), chance.choice(LAST_NAMES)]
        values = _values(n, name, people, f"{chance.choice(COMPANIES)} {n} AS")
        record_id = f"003{n:015}" if system == SALESFORCE else str(20_000_000 + n)
        yield Row(record_id, VERSION, tuple(values.get(field.lower()) for field in fields))


def _values(n: int, name: str, people: list[str], company: str) -> dict[str, str]:
    """Some 330 bytes, as records have them."""
    street = dict.fromkeys(("street", "address", "mailingstreet"), f"Storgata {n % 200}")
    town = dict.fromkeys(("city", "mailingcity"), "Oslo") | dict.fromkeys(("country", "mailingcountry"), "Norway")
    about = dict.fromkeys(("description", "message"), "Met at the fair in spring; wants a call about the offer. " * 2)
    return {
        **dict(zip(("firstname", "lastname"), people, strict=True)), "email": f"p{n}.{name.lower()}@example.com", "name": company,
        "company": company, "dealname": f"{company} {n}", "phone": f"+47 {n:08}", "jobtitle": "Buyer", "title": "Buyer",
        "ownerid": "005000000000001AAA", "hubspot_owner_id": "12345", "leadsource": "Web", **street, **town, **about,
    }  # fmt: skip


def search(port: int, name: str) -> dict[str, float]:
    """A search to its end, as the page does it: how many looks, seconds of all, and milliseconds of the longest."""
    after, took = "", list[float]()
    while after is not None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            began = time.perf_counter()
            connection.request("GET", f"{PREFIX}/api/record?q={quote(name)}&after={quote(after)}")
            after = json.loads(connection.getresponse().read())["next"]
            took.append(time.perf_counter() - began)
    return {"looks": len(took), "seconds": round(sum(took), 2), "longest_ms": round(max(took) * 1000, 1)}

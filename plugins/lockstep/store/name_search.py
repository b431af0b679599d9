"""Finds records by their names, looking through the mirror: an index of names would cost every pull.

A mirror may be of any size, so one look takes its time and no more, and says where the next one goes on: by the primary key,
from object to object. The database passes over what cannot be meant; what the names of the rest say is compared here.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import orjson
from sqlalchemy import ColumnElement, Connection, func, or_, select, true

from lockstep.store import layouts
from lockstep.store import tables as t
from lockstep.store.dialects import holds
from lockstep.store.mirror.rows import of
from lockstep.store.search import Hit, paired

#: fields of either system that name a record, in the order in which they are told
NAMES = (
    "firstname", "lastname", "name", "company", "dealname", "hs_name", "subject", "hs_task_subject", "hs_call_title",
    "hs_meeting_title", "hs_email_subject",
)  # fmt: skip
#: what one look may take, in seconds: the page is to answer within 0.3
SECONDS = 0.12
#: rows between two looks at the clock: at most 0.02 s
_ROWS = 2_500
#: a part of a word that the database can look for: in lower case, with at most two letters whose case only Python knows
_PART = re.compile(r"(?:[a-z0-9]*[^\W_a-z0-9]){0,2}[a-z0-9]*")

#: system, object and id of a record
Spot = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Look:
    """`looked`: how many records were looked through, gone ones among them. `last`: the last of these, from which to look on;
    None: there are no more."""

    hits: list[Hit]
    looked: int
    last: Spot | None


def by_name(tx: Connection, text: str, after: Spot | None = None, limit: int = 20) -> Look:
    """Live records whose names hold all these words, in any order and case, from the one after `after` on.

    :raises ValueError: the mirror holds no objects as that of `after`
    """
    words, until = text.lower().split(), time.monotonic() + SECONDS
    telling, hits, looked = _telling(tx, words), list[Hit](), 0
    for system, object, last in _left(tx, after):
        while (page := _page(tx, (system, object, last)))[1]:
            named = _named(tx, (system, object, last), page[0], telling, words)[: limit - len(hits)]
            hits += named
            full = len(hits) == limit
            last, number = _page(tx, (system, object, last), named[-1].id) if full else page
            looked += number
            if full or time.monotonic() > until:
                return Look(paired(tx, hits), looked, (system, object, last))
    return Look(paired(tx, hits), looked, None)


def _left(tx: Connection, after: Spot | None) -> Iterator[Spot]:
    """Where to look on in each object that has names: people first, then what comes next in NAMES."""
    query = select(t.layout.c.system, t.layout.c.object, t.layout.c.fields).where(t.layout.c.kind == layouts.MIRROR)
    ranks: dict[tuple[str, str], int] = {}
    for system, object, fields in tx.execute(query):
        for _, name in _names(fields)[:1]:
            rank = NAMES.index(name)
            ranks[system, object] = min(rank, ranks.get((system, object), rank))
    objects = sorted(ranks, key=lambda one: (ranks[one], one))
    begin = objects.index(after[:2]) if after else 0
    for system, object in objects[begin:]:
        yield system, object, after[2] if after and after[:2] == (system, object) else ""


def _names(fields: Sequence[str]) -> list[tuple[int, str]]:
    """Where in a row of these fields the names are, and which of NAMES each is, in their order."""
    found = [(place, field.lower()) for place, field in enumerate(fields) if field.lower() in NAMES]
    return sorted(found, key=lambda one: NAMES.index(one[1]))


def _page(tx: Connection, after: Spot, upto: str | None = None) -> tuple[str, int]:
    """The last id, and the number, of the rows that come next."""
    c = t.mirror.c
    where = of(*after[:2]) & (c.id > after[2]) & (c.id <= upto if upto is not None else true())
    ids = select(c.id).where(where).order_by(c.id).limit(_ROWS).subquery()
    last, number = tx.execute(select(func.max(ids.c.id), func.count())).one()
    return last or "", number


def _named(tx: Connection, after: Spot, upto: str, telling: ColumnElement[bool], words: Sequence[str]) -> list[Hit]:
    c = t.mirror.c
    where = of(*after[:2]) & (c.id > after[2]) & (c.id <= upto) & c.deleted_at.is_(None) & telling
    rows = tx.execute(select(c.id, c.layout, c.fields).where(where).order_by(c.id)).all()
    names = {layout: _names(fields) for layout, fields in layouts.by_id(tx, {row.layout for row in rows}).items()}
    found = []
    for record_id, layout, packed in rows:
        values = orjson.loads(packed)
        name = _told((field, values[place]) for place, field in names[layout] if values[place])
        if all(word in name.lower() for word in words):
            found.append(Hit(*after[:2], record_id, None, name))
    return found


def _told(named: Iterable[tuple[str, str]]) -> str:
    """First and last name as one, what else names the record after commas."""
    told = ""
    for field, value in named:
        between = " " if field == "lastname" else ", "
        told += f"{between}{value}" if told else value
    return told


def _telling(tx: Connection, words: Sequence[str]) -> ColumnElement[bool]:
    """Holds for all rows that can have these words: they have the longest part of them, in one of its spellings."""
    part = max((part for word in words for part in _PART.findall(word)), key=len, default="")
    cases = [(one,) if one.isascii() else dict.fromkeys((one, one.upper())) for one in part]
    return or_(*(holds(tx, t.mirror.c.fields, "".join(one)) for one in product(*cases))) if part else true()

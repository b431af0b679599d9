"""Links as records: `deals/contacts` are the unlabelled associations from deals to contacts.

A link's id is both ids, `5-11`; its fields are `from` and `to`. It has no stamp of its own: HubSpot counts a deal's contacts
in a property of the deal (`num_associated_contacts`), so that the deal is modified with its links, and all links of a deal that
was modified are read.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from lockstep.model import (
    HUBSPOT,
    Action,
    Field,
    ObjectSchema,
    Page,
    Row,
    Values,
    Window,
    Write,
    WriteResult,
    Written,
)
from lockstep.systems.answers import rejected
from lockstep.systems.base import ASSOCIATION, Deleted, Read, parts
from lockstep.systems.hubspot.links import Link, LinkApi
from lockstep.systems.hubspot.names import api_name
from lockstep.systems.hubspot.reads import HubSpotReader

FROM, TO = "from", "to"
#: records whose links make one page
PAGE = 500


def is_link_object(object: str) -> bool:
    return "/" in object


def schema(object: str) -> ObjectSchema:
    return ObjectSchema(HUBSPOT, object, {name: Field(name, name.title(), "string") for name in (FROM, TO)})


class LinkRecords:
    """Implements `kinds.Kind` for objects named `<object>/<object>`."""

    def __init__(self, reader: HubSpotReader, links: LinkApi, now: Callable[[], datetime]):
        self._reader, self._links, self._now = reader, links, now

    def count_changed(self, object: str, window: Window) -> int:
        """Records that may have other links."""
        origin = api_name(_ends(object)[0])
        return next(iter(self._reader.count_changed({origin: window}).values()))

    def changed(self, object: str, fields: Sequence[str], window: Window, cursor: str | None) -> Iterator[Page]:
        read_at, ids = self._now(), list[str]()
        for some in self._reader.ids(api_name(_ends(object)[0]), window, cursor):
            ids += some
            if len(ids) >= PAGE:
                yield self._page(object, fields, ids, ids[-1], read_at)
                read_at, ids = self._now(), []
        yield self._page(object, fields, ids, None, read_at)

    def _page(
        self, object: str, fields: Sequence[str], ids: Sequence[str], cursor: str | None, read_at: datetime
    ) -> Page:
        rows = [_row(fields, one, link, read_at) for one, some in self._held(object, ids).items() for link in some]
        return Page(rows, cursor, read_at, tuple(ids))

    def _held(self, object: str, ids: Sequence[str]) -> dict[str, list[Link]]:
        origin, target = _ends(object)
        return self._links.held(api_name(origin), ASSOCIATION + target, ids) if ids else {}

    def deleted(self, object: str, window: Window) -> Deleted:
        """Links leave no trace; `Page.whole` tells which are gone."""
        return Deleted([], window.end)

    def read(self, object: str, fields: Sequence[str], ids: Sequence[str]) -> Read:
        read_at = self._now()
        held = self._held(object, list(dict.fromkeys(_split(one)[0] for one in ids)))
        links = ((origin, link) for origin, some in held.items() for link in some)
        there = {f"{origin}-{link.id}": _row(fields, origin, link, read_at) for origin, link in links}
        return Read.found_or_gone(ids, there, read_at)

    def find(self, object: str, field: str, values: Sequence[str], fields: Sequence[str]) -> list[Row]:
        """By its ends, a link is read; there is nothing else to find it by."""
        return []

    def write(self, object: str, action: Action, writes: Sequence[Write], external_id: str) -> list[WriteResult]:
        """Linking what is linked already changes nothing, and so does unlinking twice."""
        origin, target = _ends(object)
        results: dict[int, WriteResult] = {}
        # one record may be in several links, and a call takes one link of each
        for some in _rounds(writes):
            ends = {one.key: _split(one.record_id or f"{one.values[FROM]}-{one.values[TO]}") for one in some}
            if action is Action.DELETE:
                pairs = [ends[one.key] for one in some]
                self._links.unlink(api_name(origin), target, pairs)
                results |= {one.key: WriteResult(one.key, Written.OK, one.record_id) for one in some}
                continue
            wanted = {ends[one.key][0]: ends[one.key][1] for one in some}
            refused = self._links.link(api_name(origin), ASSOCIATION + target, wanted)
            for one in some:
                rejection = refused.get(ends[one.key][0])
                results[one.key] = rejected(one, rejection) if rejection else _linked(one, ends[one.key])
        return [results[one.key] for one in writes]


def _ends(object: str) -> tuple[str, str]:
    origin, _, target = object.partition("/")
    return origin, target


def _split(link_id: str) -> tuple[str, str]:
    origin, _, target = link_id.rpartition("-")
    return origin, target


def _row(fields: Sequence[str], origin: str, link: Link, read_at: datetime) -> Row:
    values: Values = {FROM: origin, TO: link.id}
    stamp = read_at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{read_at.microsecond // 1000:03d}Z"
    return Row(f"{origin}-{link.id}", stamp, tuple(values[name] for name in fields))


def _linked(write: Write, ends: tuple[str, str]) -> WriteResult:
    values: Values = {FROM: ends[0], TO: ends[1]}
    told = {name: values[name] for name in write.values if name in values}
    return WriteResult(write.key, Written.OK, "-".join(ends), write.record_id is None, told)


def _rounds(writes: Sequence[Write]) -> Iterator[list[Write]]:
    """Writes in groups in which each record comes once."""
    left = list(writes)
    while left:
        seen: set[str | None] = set()
        now, later = list[Write](), list[Write]()
        for one in left:
            key = _split(one.record_id)[0] if one.record_id else one.values[FROM]
            (later if key in seen else now).append(one)
            seen.add(key)
        yield from (list(some) for some in parts(now, PAGE))
        left = later

"""The words of a story: what its file says, as values. CONTRIBUTING.md explains them to those who write stories.

The vocabulary is closed: a word that is not known here is a mistake that names the line.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tests.stories.reading import Page, Place

from lockstep.errors import CODES

Side = Literal["salesforce", "hubspot"]
SIDES: dict[str, Side] = {"Salesforce": "salesforce", "HubSpot": "hubspot"}
KEYS = ("title", "shows", "why", "setup", "before", "people do", "sync", "after", "restless")
REQUIRED = ("title", "shows", "after", "why")
SETUP = ("mappings", "settings", "conversions", "Salesforce", "HubSpot", "Google Ads", "lists")
OUTCOMES = {
    "created": "new", "updated": "updated", "deleted": "deleted", "failed": "failed", "held": "held",
    "deferred": "deferred", "skipped": "skipped",
}  # fmt: skip
#: what an entry of the ledger can be asked for
DETAILS = ("because", "why", "lost", "left out", "candidates", "sent")
AFTER = (
    "how many", "partners", "not partners", "nothing was written", "written", "ledger", "counts", "the run fails",
    "conversions", "Google Ads counts", "Google Ads does not count", "preflight finds",
)  # fmt: skip
WRITTEN = ("anywhere", "to Salesforce", "to HubSpot")
SYNCS = {"once": 1, "twice": 2, "three times": 3, "not": 0}
ID = re.compile(r"(MK|HS|OW|GA|AT)-(E?\d\d)")

_REF = r'(?:Salesforce|HubSpot) [A-Za-z_]+(?: [a-z]+)? "[^"]+"'
_REF_PARTS = re.compile(r'(Salesforce|HubSpot) ([A-Za-z_]+(?: [a-z]+)?) "([^"]+)"')
_PERSON = r'"[^"]+"|nobody'

#: verb -> (how it is written, what its value may be). {ref} is a record, {person} somebody's name.
DEEDS: dict[str, tuple[str, str]] = {
    "create": ("create {ref}", "fields"),
    "edit": ("edit {ref}", "fields"),
    "recalculate": ("recalculate {ref}", "fields"),
    "purge": ("delete {ref} for good", "nothing"),
    "delete": ("delete {ref}", "nothing"),
    "undelete": ("undelete {ref}", "nothing"),
    "erase": ("erase {ref}", "nothing"),
    "merge": ("merge {ref} into {ref}", "fields"),
    "convert": ("convert {ref}", "fields"),
    "give": ("give {ref} to {person}", "nothing"),
    "link": ("link {ref} with {ref}", "label"),
    "unlink": ("unlink {ref} from {ref}", "label"),
    "join": ("put {ref} into list {person}", "nothing"),
    "quit": ("take {ref} out of list {person}", "nothing"),
    "fill": ("{ref} fills in {person}", "nothing"),
    "leave": ("{person} leaves {side}", "nothing"),
    "return": ("{person} returns to {side}", "nothing"),
    "click": ("{person} clicks an ad", "ago"),
    "switch": ("switch Google Ads", "fields"),
    "wait": ("wait", "time"),
    "until": ("wait until", "moment"),
    "preflight": ("preflight", "nothing"),
    "set": ("set {side}", "fields"),
    "sync": ("sync", "sync"),
}
_PATTERNS = {
    verb: re.compile(
        form.replace("{ref}", f"({_REF})").replace("{person}", f"({_PERSON})").replace("{side}", "(Salesforce|HubSpot)")
    )
    for verb, (form, _) in DEEDS.items()
}
_CONVERT = ("contact", "account", "opportunity")
_TIME = re.compile(r"(\d+) (second|minute|hour|day)s?( ago)?")


@dataclass(frozen=True)
class Ref:
    """A record by the name that the story gives it. `object` as written: `Contact`, `contact`."""

    side: Side
    object: str
    name: str

    def __str__(self) -> str:
        return f'{"Salesforce" if self.side == "salesforce" else "HubSpot"} {self.object} "{self.name}"'

    @classmethod
    def read(cls, text: str) -> "Ref | None":
        found = _REF_PARTS.fullmatch(text)
        return cls(SIDES[found[1]], found[2], found[3]) if found else None


@dataclass(frozen=True)
class Sync:
    times: int = 1
    dry_run: bool = False
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Deed:
    """`args`: records, people and sides in the order in which they are written; `value`: what stands after the colon."""

    verb: str
    args: tuple[Any, ...]
    value: Any = None


@dataclass(frozen=True)
class Entry:
    """One line that the ledger must hold about a record."""

    outcome: str
    ref: Ref
    details: dict[str, Any]


@dataclass(frozen=True)
class After:
    """`records`: record -> its fields, None for "not there". `counts`: (operation, object) -> counter -> number."""

    records: dict[Ref, dict[str, Any] | None] = field(default_factory=dict)
    how_many: dict[tuple[Side, str], int] = field(default_factory=dict)
    partners: tuple[tuple[Ref, Ref], ...] = ()
    strangers: tuple[tuple[Ref, Ref], ...] = ()
    unwritten: str | None = None
    written: str | None = None
    ledger: tuple[Entry, ...] = ()
    counts: dict[tuple[str, Side, str], dict[str, int]] = field(default_factory=dict)
    fails: str | None = None
    #: (state, record, milestone) -> what else is said of the conversion
    conversions: tuple[tuple[str, Ref, str, dict[str, Any]], ...] = ()
    #: (record, milestone) -> what Google says of it; None: it does not count it
    counted: tuple[tuple[Ref, str, dict[str, Any] | None], ...] = ()
    #: codes of what a preflight found and is still so; None: nobody asks
    found: tuple[str, ...] | None = None


@dataclass(frozen=True)
class Story:
    title: str
    shows: tuple[str, ...]
    why: str
    file: str
    line: int
    setup: dict[str, Any]
    before: dict[Ref, dict[str, Any]]
    in_step: bool
    deeds: tuple[Deed, ...]
    sync: Sync
    after: After
    restless: str | None = None

    def refs(self) -> Iterator[Ref]:
        yield from self.before
        yield from (arg for deed in self.deeds for arg in deed.args if isinstance(arg, Ref))
        yield from self.after.records
        yield from (ref for both in self.after.partners + self.after.strangers for ref in both)
        yield from (entry.ref for entry in self.after.ledger)
        yield from (ref for _, ref, _, _ in self.after.conversions)
        yield from (ref for ref, _, _ in self.after.counted)


def read(path: Path) -> list[Story]:
    """The stories of a file, which holds one or a list of them. Raises StoryMistake that lists every mistake."""
    page = Page.read(path)
    single = isinstance(page.content, dict)
    stories = [
        _Reader(page, () if single else (number,), one).story()
        for number, one in enumerate([page.content] if single else page.content or [])
    ]
    if not stories:
        page.wrong((), "there is no story here")
    page.refuse()
    return stories


class _Reader:
    """Reads one story; what is wrong is noted on the page."""

    def __init__(self, page: Page, at: Place, content: Any) -> None:
        self.page, self.at = page, at
        self.content = content if isinstance(content, dict) else {}
        if not isinstance(content, dict):
            page.wrong(at, "a story is written as keys with values")

    def story(self) -> Story:
        self.page.known(self.at, self.content, KEYS, "key")
        for key in REQUIRED:
            if not self.content.get(key):
                self.page.wrong(self.at, f"the key {key!r} is missing")
        before = dict(self._part("before"))
        in_step = before.pop("in step", False)
        return Story(
            title=str(self.content.get("title")),
            shows=self._ids(),
            why=str(self.content.get("why")),
            file=self.page.path.name,
            line=self.page.lines[self.at],
            setup=self._setup(),
            before=self._records(("before",), before),
            in_step=in_step is True,
            deeds=tuple(self._deeds()),
            sync=self._sync(("sync",), self.content.get("sync", "once")),
            after=self._after(),
            restless=self.content.get("restless"),
        )

    # --- parts

    def _part(self, key: str) -> dict[str, Any]:
        part = self.content.get(key) or {}
        if not isinstance(part, dict):
            self.page.wrong((*self.at, key), f"{key!r} is written as keys with values")
            return {}
        return part

    def _ids(self) -> tuple[str, ...]:
        ids = self.content.get("shows") or []
        if not isinstance(ids, list):
            self.page.wrong((*self.at, "shows"), "'shows' is a list of ids, as in [HS-13, OW-02]")
            return ()
        for number, one in enumerate(ids):
            if not ID.fullmatch(str(one)):
                self.page.wrong((*self.at, "shows", number), f"{one!r} is no id; they look like HS-13")
        return tuple(map(str, ids))

    def _setup(self) -> dict[str, Any]:
        setup = self._part("setup")
        self.page.known((*self.at, "setup"), setup, SETUP, "part of the setup")
        return setup

    def _ref(self, place: Place, text: Any) -> Ref | None:
        ref = Ref.read(str(text))
        if ref is None:
            hint = 'records are written as: Salesforce Contact "Kari", HubSpot contact "Kari"'
            self.page.wrong((*self.at, *place), f"{text!r} is not understood; {hint}")
        return ref

    def _records(self, place: Place, part: dict[str, Any]) -> dict[Ref, dict[str, Any]]:
        found = {}
        for text, fields in part.items():
            ref = self._ref((*place, text), text)
            if ref:
                found[ref] = self._fields((*place, text), fields)
        return found

    def _fields(self, place: Place, fields: Any) -> dict[str, Any]:
        if fields is not None and not isinstance(fields, dict):
            self.page.wrong(
                (*self.at, *place), f"fields are expected here, as in {{Email: kari@fjord.example}}: {fields!r}"
            )
            return {}
        return fields or {}

    def _sync(self, place: Place, value: Any) -> Sync:
        if value == "a dry run":
            return Sync(dry_run=True)
        if isinstance(value, dict):
            self.page.known((*self.at, *place), value, ("times", "with"), "word of sync")
            return Sync(times=int(value.get("times") or 1), params=dict(value.get("with") or {}))
        if value not in SYNCS:
            self.page.wrong((*self.at, *place), f"{value!r} is not understood; write {', '.join(SYNCS)} or a dry run")
        return Sync(times=SYNCS.get(value, 1))

    # --- what people do

    def _deeds(self) -> Iterator[Deed]:
        deeds = self.content.get("people do") or []
        if not isinstance(deeds, list):
            self.page.wrong((*self.at, "people do"), "'people do' is a list; each line begins with a dash")
            return
        for number, one in enumerate(deeds):
            text, value = next(iter(one.items())) if isinstance(one, dict) and len(one) == 1 else (one, None)
            deed = self._deed(("people do", number), str(text), value)
            if deed:
                yield deed

    def _deed(self, place: Place, text: str, value: Any) -> Deed | None:
        for verb, pattern in _PATTERNS.items():
            found = pattern.fullmatch(text)
            if found:
                args = tuple(Ref.read(one) or SIDES.get(one) or one.strip('"') for one in found.groups())
                return Deed(verb, args, self._value(place, verb, value))
        forms = "; ".join(form.replace("{ref}", "<record>") for form, _ in DEEDS.values())
        self.page.wrong((*self.at, *place), f"{text!r} is not understood; people can: {forms}")
        return None

    def _value(self, place: Place, verb: str, value: Any) -> Any:
        kind = DEEDS[verb][1]
        if kind == "sync":
            return self._sync(place, value)
        if kind == "fields":
            fields = self._fields(place, value)
            if verb == "convert":
                self.page.known((*self.at, *place), fields, _CONVERT, "word of converting")
            return fields
        if kind in ("time", "ago"):
            found = _TIME.fullmatch(str(value))
            if not found or bool(found[3]) is (kind == "time"):
                self.page.wrong((*self.at, *place), f"{value!r} is no time; write 10 minutes{' ago' * (kind == 'ago')}")
            return timedelta(**{f"{found[2]}s": int(found[1])}) if found else None
        if kind == "moment":
            return self._moment(place, value)
        if kind == "nothing" and value is not None:
            self.page.wrong((*self.at, *place), f"nothing stands after the colon here: {value!r}")
        return value

    def _moment(self, place: Place, value: Any) -> datetime | None:
        try:
            moment = datetime.fromisoformat(str(value))
            if moment.tzinfo:
                return moment
        except ValueError:
            pass
        self.page.wrong((*self.at, *place), f"{value!r} is no moment; write 2025-10-26T00:30:00Z")
        return None

    # --- what is expected

    def _after(self) -> After:
        part = self._part("after")
        records: dict[Ref, dict[str, Any] | None] = {}
        for text, value in part.items():
            if text not in AFTER:
                ref = self._ref(("after", text), text)
                if ref:
                    records[ref] = None if value == "none" else self._fields(("after", text), value)
        for key, known in (("nothing was written", WRITTEN), ("written", WRITTEN)):
            if key in part:
                self.page.known((*self.at, "after"), [part[key]], known, "place")
        return After(
            records=records,
            how_many=dict(self._how_many(part.get("how many") or {})),
            partners=tuple(self._couples("partners", part.get("partners") or [])),
            strangers=tuple(self._couples("not partners", part.get("not partners") or [])),
            unwritten=part.get("nothing was written"),
            written=part.get("written"),
            ledger=tuple(self._entries(part.get("ledger") or [])),
            counts=dict(self._counts(part.get("counts") or {})),
            fails=part.get("the run fails"),
            found=self._findings(part.get("preflight finds")),
            conversions=tuple(self._conversions(part.get("conversions") or [])),
            counted=(
                *self._counted("Google Ads counts", part.get("Google Ads counts") or []),
                *self._counted("Google Ads does not count", part.get("Google Ads does not count") or []),
            ),
        )

    def _findings(self, value: Any) -> tuple[str, ...] | None:
        if value in (None, "nothing"):
            return None if value is None else ()
        self.page.known((*self.at, "after", "preflight finds"), value, CODES, "code")
        return tuple(value)

    def _conversions(self, part: list[Any]) -> Iterator[tuple[str, Ref, str, dict[str, Any]]]:
        for number, one in enumerate(part):
            text, value = next(iter(one.items())) if isinstance(one, dict) and len(one) == 1 else (one, None)
            found = re.fullmatch(rf"([a-z_]+) ({_REF}) as (\w+)", str(text))
            ref = Ref.read(found[2]) if found else None
            if found and ref:
                yield found[1], ref, found[3], value if isinstance(value, dict) else {"because": value} if value else {}
            else:
                self.page.wrong(
                    (*self.at, "after", "conversions", number), f"{text!r}: write accepted <record> as <milestone>"
                )

    def _counted(self, key: str, part: list[Any]) -> Iterator[tuple[Ref, str, dict[str, Any] | None]]:
        for number, one in enumerate(part):
            text, value = next(iter(one.items())) if isinstance(one, dict) and len(one) == 1 else (one, None)
            found = re.fullmatch(rf"({_REF}) as (\w+)", str(text))
            ref = Ref.read(found[1]) if found else None
            if found and ref:
                yield ref, found[2], (value or {}) if key == "Google Ads counts" else None
            else:
                self.page.wrong((*self.at, "after", key, number), f"{text!r}: write <record> as <milestone>")

    def _how_many(self, part: dict[str, int]) -> Iterator[tuple[tuple[Side, str], int]]:
        for text, number in part.items():
            side, _, name = text.partition(" ")
            if side not in SIDES or not name:
                self.page.wrong(
                    (*self.at, "after", "how many", text), f"{text!r}: write HubSpot contact, Salesforce Lead"
                )
                continue
            yield (SIDES[side], name), number

    def _couples(self, key: str, part: list[str]) -> Iterator[tuple[Ref, Ref]]:
        for number, text in enumerate(part):
            found = re.fullmatch(f"({_REF}) and ({_REF})", str(text))
            one, two = (Ref.read(found[1]), Ref.read(found[2])) if found else (None, None)
            if one and two:
                yield one, two
            else:
                self.page.wrong((*self.at, "after", key, number), f"{text!r}: write <record> and <record>")

    def _entries(self, part: list[Any]) -> Iterator[Entry]:
        for number, one in enumerate(part):
            place = ("after", "ledger", number)
            text, value = next(iter(one.items())) if isinstance(one, dict) and len(one) == 1 else (one, None)
            word, _, rest = str(text).partition(" ")
            self.page.known((*self.at, *place), [word], OUTCOMES, "outcome")
            details = value if isinstance(value, dict) else {"because": value} if value else {}
            self.page.known((*self.at, *place), details, DETAILS, "detail of the ledger")
            ref = self._ref(place, rest)
            if ref and word in OUTCOMES:
                yield Entry(OUTCOMES[word], ref, details)

    def _counts(self, part: dict[str, Any]) -> Iterator[tuple[tuple[str, Side, str], dict[str, int]]]:
        for text, counters in part.items():
            found = re.fullmatch(r"([a-z ]+) of (Salesforce|HubSpot) ([A-Za-z_]+(?: [a-z]+)?)", text)
            if found:
                yield (found[1].replace(" ", "_"), SIDES[found[2]], found[3]), counters
            else:
                self.page.wrong((*self.at, "after", "counts", text), f"{text!r}: write push updates of HubSpot contact")

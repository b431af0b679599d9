"""A story acted out: two CRMs over real HTTP, the people in them, the engine between them, and what the end must look like."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.integration.engine.world import World
from tests.stories.advertising import click, clicked, preflight, switch, wrong_conversions, wrong_counts, wrong_findings
from tests.stories.language import After, Deed, Entry, Ref, Side, Story, Sync

from lockstep.mapping import Mapping
from lockstep.model import Batch, Pair, PairState
from sandbox.hubspot import lists

#: what a record is given where the story does not say; `{first}` and `{last}` are of its name
DEFAULTS: dict[tuple[Side, str], dict[str, Any]] = {
    ("salesforce", "Account"): {"Name": "{name}"},
    ("salesforce", "Contact"): {"FirstName": "{first}", "LastName": "{last}"},
    ("salesforce", "Lead"): {"FirstName": "{first}", "LastName": "{last}", "Company": "Fjord AS"},
    ("salesforce", "Opportunity"): {"Name": "{name}", "StageName": "Prospecting", "CloseDate": "2025-12-01"},
    ("salesforce", "Case"): {"Subject": "{name}", "Status": "New", "Origin": "Web"},
    ("salesforce", "Task"): {"Subject": "{name}", "Status": "Not Started", "Priority": "Normal"},
    ("salesforce", "Campaign"): {"Name": "{name}"},
    ("hubspot", "contacts"): {"firstname": "{first}", "lastname": "{last}"},
    ("hubspot", "companies"): {"name": "{name}"},
    ("hubspot", "deals"): {
        "dealname": "{name}",
        "pipeline": "default",
        "dealstage": "appointmentscheduled",
        "closedate": "2025-12-01T12:00:00Z",
    },
    ("hubspot", "tickets"): {"subject": "{name}", "hs_pipeline": "0", "hs_pipeline_stage": "1"},
}
#: HubSpot objects that an administrator has made
CUSTOM = ("subscriptions", "subscription_items")
#: association types of a primary company, by the object that has one
PRIMARY = {"contacts": 1, "deals": 5, "tickets": 26}
OWNER_FIELD = {"salesforce": "OwnerId", "hubspot": "hubspot_owner_id"}


@dataclass
class Stage:
    """Names of the story -> ids of the vendors, and what has happened so far."""

    world: World
    ids: dict[Ref, str] = field(default_factory=dict)
    #: partners that records once had, for what is asked about them after their pair has moved on
    known: dict[Ref, str] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    #: what the syncs of the story raised, in words
    errors: list[str] = field(default_factory=list)
    batches: list[Batch] = field(default_factory=list)
    mark: int = 0
    first_change: int = 0

    # --- acting

    def play(self, story: Story) -> None:
        for side in ("Salesforce", "HubSpot", "Google Ads"):
            if given := story.setup.get(side):
                self.do_set(side.lower().replace(" ", "_"), given)
        for name, kind in (story.setup.get("lists") or {}).items():
            self._make_list(name, plural(kind))
        for ref, fields in story.before.items():
            self.do_create(ref, fields)
        if story.in_step:
            self.sync(Sync(2))
            assert self.errors == [], "the world was to be in step before the story begins"
        for deed in story.deeds:
            self._do(deed)
        self.begin()
        self.sync(story.sync)

    def begin(self) -> None:
        """From here on the ledger, the calls and the errors are looked at."""
        self.errors, self.batches, self.mark = [], [], self.world.mark()
        self.first_change = max((one["id"] for one in self.world.changes()), default=0)

    def sync(self, sync: Sync) -> None:
        params = dict(sync.params) | ({"dry_run": True} if sync.dry_run else {})
        for _ in range(sync.times):
            self.batches += self.world.cycle(**params)
            self.errors += [str(error) for error in self.world.engine.errors.values()]
            self._remember()

    def _do(self, deed: Deed) -> None:
        act: Callable[..., None] = getattr(self, f"do_{deed.verb}")
        act(*deed.args, *([deed.value] if deed.verb in WITH_VALUE else []))

    def do_create(self, ref: Ref, fields: dict[str, Any]) -> None:
        first, _, last = ref.name.rpartition(" ")
        default = DEFAULTS.get((ref.side, self.object(ref)), {})
        named = {key: text.format(name=ref.name, first=first or "", last=last) for key, text in default.items()}
        raw, links = self._raw(ref, {key: text for key, text in named.items() if text} | fields)
        made = self._act(ref.side, "create", object=self.place(ref), fields=raw)
        self.ids[ref] = str(made.get("Id") or made["id"])
        self._link_all(ref, links)

    def do_edit(self, ref: Ref, fields: dict[str, Any]) -> None:
        raw, links = self._raw(ref, fields)
        if raw:
            self._act(ref.side, "edit", object=self.place(ref), id=self.id(ref), fields=raw)
        self._link_all(ref, links)

    def do_recalculate(self, ref: Ref, fields: dict[str, Any]) -> None:
        raw, _ = self._raw(ref, fields)
        self._act(ref.side, "system_edit", object=self.place(ref), id=self.id(ref), fields=raw)

    def do_delete(self, ref: Ref) -> None:
        self._end(ref, "delete")

    def do_undelete(self, ref: Ref) -> None:
        self._end(ref, "undelete")

    def do_purge(self, ref: Ref) -> None:
        self._end(ref, "hard_delete")

    def do_erase(self, ref: Ref) -> None:
        self._end(ref, "gdpr_delete")

    def do_merge(self, loser: Ref, winner: Ref, fields: dict[str, Any]) -> None:
        """HubSpot may give the survivor a new id: the winner's name goes with it."""
        more = {"fields": self._raw(winner, fields)[0]} if fields else {}
        kept, gone = self.id(winner), self.id(loser)
        done = self._act(winner.side, "merge", object=self.place(winner), winner=kept, loser=gone, **more)
        self.ids[loser], self.ids[winner] = gone, str(done.get("Id") or done["id"])

    def do_convert(self, lead: Ref, into: dict[str, Any]) -> None:
        """What is made or found gets the lead's name, or the name that the story gives."""
        names = {"contact": lead.name, "account": lead.name} | into
        contact, account = (
            Ref("salesforce", "Contact", names["contact"]),
            Ref("salesforce", "Account", names["account"]),
        )
        deal = names.get("opportunity") or False
        done = self.world.sandbox.act(
            "salesforce", "convert", lead_id=self.id(lead), contact_id=self.ids.get(contact),
            account_id=self.ids.get(account), create_opportunity=bool(deal),
        )  # fmt: skip
        self.ids |= {contact: done["contact"], account: done["account"]}
        if deal:
            name = lead.name if deal is True else deal
            self.ids[Ref("salesforce", "Opportunity", name)] = done["opportunity"]

    def do_give(self, ref: Ref, person: str) -> None:
        owner = self.person(ref.side, None if person == "nobody" else person)
        self._act(ref.side, "change_owner", object=self.place(ref), id=self.id(ref), owner=owner)

    def do_link(self, ref: Ref, other: Ref, label: Any) -> None:
        self._associate("associate", ref, other, label)

    def do_unlink(self, ref: Ref, other: Ref, label: Any) -> None:
        self._associate("disassociate", ref, other, label)

    def do_join(self, ref: Ref, name: str) -> None:
        self._act("hubspot", "edit_list", id=self.lists[name], add=[self.id(ref)])

    def do_quit(self, ref: Ref, name: str) -> None:
        self._act("hubspot", "edit_list", id=self.lists[name], remove=[self.id(ref)])

    def do_fill(self, ref: Ref, form: str) -> None:
        """The submission gets the form's name; of several the last one has it."""
        found = self.world.hs_record("contacts", self.id(ref))
        self._act("hubspot", "submit_form", email=found["email"], form=form)
        sent = datetime.fromisoformat(self.world.hs_record("contacts", self.id(ref))["recent_conversion_date"])
        self.ids[Ref("hubspot", "form_submissions", form)] = f"{self.id(ref)}-{round(sent.timestamp() * 1000)}"

    def do_leave(self, person: str, side: Side) -> None:
        self._employed(person, side, False)

    def do_return(self, person: str, side: Side) -> None:
        self._employed(person, side, True)

    def do_click(self, person: str, ago: Any) -> None:
        click(self.world, person, ago)

    def do_switch(self, changes: dict[str, Any]) -> None:
        switch(self.world, changes)

    def do_wait(self, time: Any) -> None:
        self.world.wait(time)

    def do_until(self, moment: Any) -> None:
        self.world.wait(moment - self.world.now)

    def do_preflight(self) -> None:
        preflight(self.world)

    def do_set(self, side: str, changes: dict[str, Any]) -> None:
        self.world.settings(side, **{key: self._owners_in(side, key, value) for key, value in changes.items()})

    def do_sync(self, sync: Sync) -> None:
        self.sync(sync)

    def _make_list(self, name: str, kind: str) -> None:
        portal = self.world.sandbox.vendors[1].portal
        self.lists[name] = lists.make(portal, name, portal.table(kind), "MANUAL", None).id

    def _end(self, ref: Ref, action: str) -> None:
        self.ids[ref] = self.id(ref)
        self._act(ref.side, action, object=self.place(ref), id=self.ids[ref])

    def _act(self, side: str, action: str, **args: Any) -> dict[str, Any]:
        found: dict[str, Any] = self.world.sandbox.act(side, action, **args)
        return found

    def _associate(self, action: str, ref: Ref, other: Ref, label: Any) -> None:
        kind = PRIMARY[self.object(ref)] if label == "primary" else label
        self._act(
            "hubspot", action, from_type=self.place(ref), from_id=self.id(ref), to_type=self.place(other),
            to_id=self.id(other), type=kind,
        )  # fmt: skip

    def _employed(self, person: str, side: Side, active: bool) -> None:
        who = self.person(side, person)
        if side == "hubspot":
            self._act(side, "set_owner_active", id=who, active=active)
        else:
            self._act(side, "edit", object="User", id=who, fields={"IsActive": active})

    # --- names

    def object(self, ref: Ref) -> str:
        """The vendor's name of the object: HubSpot's are plural."""
        return ref.object if ref.side == "salesforce" else plural(ref.object)

    def place(self, ref: Ref) -> str:
        """The object as the sandbox's admin API names it: HubSpot's custom ones by their short name."""
        name = self.object(ref)
        return f"p_{name}" if ref.side == "hubspot" and name in CUSTOM else name

    def find(self, ref: Ref) -> str | None:
        """The id: the story's own record of that name, else the partner that the other side's record of that name has or had."""
        if ref in self.ids:
            return self.ids[ref]
        others = {one: id for one, id in self.ids.items() if one.name == ref.name and one.side != ref.side}
        partners = (found for one, id in others.items() if (found := self._partner(ref, one, id)))
        return next(partners, None) or self.known.get(Ref(ref.side, self.object(ref), ref.name))

    def _remember(self) -> None:
        for pair in self.world.pairs():
            for ref, id in self.ids.items():
                if self._in(pair, ref, id):
                    there: Side = "hubspot" if ref.side == "salesforce" else "salesforce"
                    name, partner = (pair.hs_object, pair.hs_id) if there == "hubspot" else (pair.sf_object, pair.sf_id)
                    if partner:
                        self.known[Ref(there, name, ref.name)] = partner

    def id(self, ref: Ref) -> str:
        found = self.find(ref)
        assert found, f"{ref} is nowhere in the story, nor the partner of a record of that name"
        return found

    def _partner(self, ref: Ref, other: Ref, other_id: str) -> str | None:
        pairs = [pair for pair in self.world.pairs() if self._in(pair, other, other_id)]
        for pair in sorted(pairs, key=lambda one: one.state is PairState.CLOSED):
            name = pair.sf_object if ref.side == "salesforce" else pair.hs_object
            if name == self.object(ref) and (found := pair.record_id(ref.side)):
                return found
        return None

    def _in(self, pair: Pair, ref: Ref, record_id: str) -> bool:
        name = pair.sf_object if ref.side == "salesforce" else pair.hs_object
        # a converted lead's pair has moved to the contact
        return pair.record_id(ref.side) == record_id and name == self.object(ref)

    def person(self, side: str, name: str | None) -> str | None:
        """The id of a user, queue or owner of that name; None for nobody."""
        if name is None:
            return None
        return next(id for id, known in self.people(side) if known == name)

    def people(self, side: str) -> Iterator[tuple[str, str]]:
        if side == "salesforce":
            for kind in ("User", "Group"):
                yield from ((one["Id"], one["Name"]) for one in self.world.sandbox.admin("GET", f"salesforce/{kind}"))
        else:
            for one in self.world.sandbox.admin("GET", "hubspot/owners"):
                yield one["id"], f"{one['firstName']} {one['lastName']}"

    def _owners_in(self, side: str, key: str, value: Any) -> Any:
        """Names of owners inside a vendor's settings as ids: {assignment_rules: {Lead: {owner: Inbound}}}."""
        if isinstance(value, dict):
            inside = key == "default_owners"
            return {k: self._owners_in(side, "owner" if inside else k, v) for k, v in value.items()}
        return self.person(side, value) if key == "owner" else value

    def _raw(self, ref: Ref, fields: dict[str, Any]) -> tuple[dict[str, Any], list[tuple[Ref, Any]]]:
        """(fields as the vendor takes them, associations to make)."""
        raw: dict[str, Any] = {}
        links: list[tuple[Ref, Any]] = []
        for key, value in fields.items():
            if key == "owner":
                raw[OWNER_FIELD[ref.side]] = self.person(ref.side, value) or ("" if ref.side == "hubspot" else None)
            elif ref.side == "salesforce":
                raw[key] = self.id(_lookup(ref, key, value)) if is_lookup(key, value) else clicked(value)
            elif key == "primary company":
                links.append((Ref("hubspot", "company", value), PRIMARY[self.object(ref)]))
            elif isinstance(value, list):
                links += [(Ref("hubspot", key, name), None) for name in value]
            else:
                raw[key] = text(clicked(value)) or ""
        return raw, links

    def _link_all(self, ref: Ref, links: list[tuple[Ref, Any]]) -> None:
        for other, label in links:
            self._associate("associate", ref, other, label)

    # --- what the end must look like

    def record(self, ref: Ref) -> dict[str, Any] | None:
        """The live record; None if there is none."""
        record_id = self.find(ref)
        every = self.world.sf(ref.object) if ref.side == "salesforce" else self.world.hs(self.place(ref))
        return every.get(record_id) if record_id else None

    def shown(self, ref: Ref, record: dict[str, Any], key: str, expected: Any) -> Any:
        """What the record holds under the story's word, in the story's words."""
        values = record if ref.side == "salesforce" else record["properties"]
        if key == "owner":
            owner = values.get(OWNER_FIELD[ref.side])
            return next((name for id, name in self.people(ref.side) if id == owner), owner or "nobody")
        if ref.side == "salesforce":
            assert key in values, f"{ref} has no field {key!r}"
            meant = _lookup(ref, key, expected) if is_lookup(key, expected) else None
            named = self._named(meant, values[key]) if meant else values[key]
            return expected if meant and named == meant.name else named
        if key == "primary company":
            return next(iter(self._linked(record, "companies", PRIMARY[self.object(ref)])), None)
        if isinstance(expected, list):
            return sorted(self._linked(record, plural(key), None))
        known = self.world.sandbox.vendors[1].portal.table(self.place(ref)).properties
        assert key in known, f"{ref} has no property {key!r}"
        return values.get(key)

    def _linked(self, record: dict[str, Any], name: str, kind: int | None) -> list[str]:
        found = record["associations"].get(name, {})
        ids = [one for one, kinds in found.items() if kind is None or kind in kinds]
        return [self._name_of("hubspot", name, one) for one in ids]

    def _named(self, ref: Ref, record_id: str | None) -> str | None:
        if record_id is None:
            return None
        return ref.name if self.find(ref) == record_id else self._name_of("salesforce", ref.object, record_id)

    def _name_of(self, side: Side, name: str, record_id: str) -> str:
        names = {ref.name for ref in self.ids}
        known = (one for one in sorted(names) if self.find(Ref(side, name, one)) == record_id)
        return next(known, f"{name} {record_id}")

    def check(self, after: After) -> None:
        found = [*self._check_errors(after), *self._check_records(after), *self._check_partners(after)]
        found += [*self._check_writes(after), *self._check_ledger(after), *self._check_counts(after)]
        found += [*wrong_conversions(self.world, after, self.id), *wrong_counts(self.world, after, self.id)]
        found += wrong_findings(self.world, after)
        assert found == [], "\n".join(found)

    def _check_errors(self, after: After) -> Iterator[str]:
        told = "; ".join(self.errors)
        if after.fails is None and told:
            yield f"the run fails: {told}"
        if after.fails is not None and after.fails not in told:
            yield f"the run should fail with {after.fails!r}; it says {told!r}"

    def _check_records(self, after: After) -> Iterator[str]:
        for ref, fields in after.records.items():
            record = self.record(ref)
            if (record is None) != (fields is None):
                yield f"{ref} is {'there' if record else 'not there'}"
                continue
            for key, expected in (fields or {}).items():
                actual = self.shown(ref, record or {}, key, expected)
                if not same(sorted(expected) if isinstance(expected, list) else expected, actual):
                    yield f"{ref}: {key} is {actual!r}, not {expected!r}"
        for (side, name), number in after.how_many.items():
            there = len(self.world.sf(name) if side == "salesforce" else self.world.hs(plural(name)))
            if there != number:
                yield f"there are {there} {side} {name}, not {number}"

    def _check_partners(self, after: After) -> Iterator[str]:
        for wanted, couples in ((True, after.partners), (False, after.strangers)):
            for one, two in couples:
                if self._paired(one, two) is not wanted:
                    yield f"{one} and {two} are {'no partners' if wanted else 'partners'}"

    def _paired(self, one: Ref, two: Ref) -> bool:
        ids = {self.id(one), self.id(two)}
        return any({pair.sf_id, pair.hs_id} == ids for pair in self.world.pairs() if pair.state is not PairState.CLOSED)

    def _check_writes(self, after: After) -> Iterator[str]:
        for place, wanted in ((after.unwritten, False), (after.written, True)):
            if place and (calls := self.writes(place)) is not None and bool(calls) is not wanted:
                yield f"written {place}: {calls}" if calls else f"nothing was written {place}"

    def writes(self, place: str = "anywhere") -> list[str]:
        """Calls since the story's sync that may have written, by method and path."""
        vendors = {"to Salesforce": ("salesforce",), "to HubSpot": ("hubspot",)}.get(place, ("salesforce", "hubspot"))
        own = {call["n"] for vendor in vendors for call in self.world.sandbox.calls(vendor)}
        return [f"{method} {path}" for n, method, path in self.world.numbered_writes(self.mark) if n in own]

    def _check_ledger(self, after: After) -> Iterator[str]:
        changes = [one for one in self.world.changes() if one["id"] > self.first_change]
        for entry in after.ledger:
            own = [one for one in changes if self._about(one, entry.ref)]
            if not any(self._fits(one, entry) for one in own):
                kept = ("outcome", "action", "code", "detail", "why", "lost", "after")
                rows = [{key: one[key] for key in kept if one[key]} for one in own]
                yield f"the ledger has no {entry.outcome} {entry.ref} {entry.details or ''}; it has {rows}"

    def _about(self, change: dict[str, Any], ref: Ref) -> bool:
        record_id = self.find(ref)
        source = (change["detail"] or {}).get("record") or {}
        target = change["system"] == ref.side and change["object"] == self.object(ref)
        if change["record_id"] is None and change["action"] == "create":
            # refused: told of the record that it was to be made from
            return any(
                pair.id == change["pair_id"] and self._in(pair, ref, record_id or "") for pair in self.world.pairs()
            )
        return bool(record_id) and record_id in (change["record_id"] if target else None, source.get("id"))

    def _fits(self, change: dict[str, Any], entry: Entry) -> bool:
        detail, wanted = change["detail"] or {}, entry.details
        parts = [one for one in detail.get("fields", ()) if isinstance(one, dict)]
        left = {one["field"]: one["code"] for one in parts if "field" in one}
        left |= {name: one["code"] for one in parts for name in one.get("fields", ())}
        candidates = {one["id"] for one in detail.get("candidates", ())}
        named = {self.find(ref) for one in wanted.get("candidates", ()) if (ref := Ref.read(one))}
        why = " ".join((change["why"] or {}).values())
        return (
            change["outcome"] == entry.outcome
            and ("because" not in wanted or change["code"] == wanted["because"])
            and ("why" not in wanted or wanted["why"] in why)
            and _within(wanted.get("left out", {}), left)
            and _within(wanted.get("lost", {}), change["lost"] or {})
            and _within(wanted.get("sent", {}), change["after"] or {})
            and named <= candidates
        )

    def _check_counts(self, after: After) -> Iterator[str]:
        for (operation, side, name), counters in after.counts.items():
            object = name if side == "salesforce" else plural(name)
            own = [b for b in self.batches if (str(b.operation), b.system, b.object) == (operation, side, object)]
            for counter, number in counters.items():
                there = sum(one.counts.get(counter.replace(" ", "_"), 0) for one in own)
                if there != number:
                    yield f"{operation} of {side} {object}: {counter} is {there}, not {number}"


WITH_VALUE = {
    "create", "edit", "recalculate", "merge", "convert", "link", "unlink", "click", "switch", "wait", "until", "set", "sync",
}  # fmt: skip


def plural(name: str) -> str:
    if name.endswith("s"):
        return name
    return f"{name[:-1]}ies" if name.endswith("y") else f"{name}s"


def is_lookup(key: str, value: Any) -> bool:
    return isinstance(value, str) and (key.endswith("Id") or (key.endswith("__c") and bool(_TOLD.fullmatch(value))))


_TOLD = re.compile(r'(\w+) "([^"]+)"')


def _lookup(ref: Ref, key: str, value: str) -> Ref:
    """`AccountId: Fjord` names an account, `WhoId: Lead "Kari"` says which object it means; custom lookups always say it."""
    told = _TOLD.fullmatch(value)
    if told:
        return Ref("salesforce", told[1], told[2])
    return Ref("salesforce", ref.object if key == "ParentId" else key.removesuffix("Id"), value)


def text(value: Any) -> str | None:
    if isinstance(value, bool):
        return str(value).lower()
    return None if value is None else str(value)


def same(expected: Any, actual: Any) -> bool:
    if isinstance(expected, list):
        return bool(expected == actual)
    if isinstance(expected, int | float) and not isinstance(expected, bool):
        return actual is not None and float(actual) == float(expected)
    return (text(expected) or None) == (text(actual) or None)


def _within(wanted: dict[str, Any], found: dict[str, Any]) -> bool:
    return all(key in found and same(value, found[key]) for key, value in wanted.items())


def involved(story: Story, mappings: tuple[Mapping, ...]) -> tuple[Mapping, ...]:
    """The mappings that the story's records belong to, and those that these refer to."""
    names = {(ref.side, ref.object if ref.side == "salesforce" else plural(ref.object)) for ref in story.refs()}
    names |= set(story.after.how_many)
    wanted = {
        m.entity for m in mappings for side in ("salesforce", "hubspot") for n in m.objects(side) if (side, n) in names
    }
    wanted |= set(story.setup.get("mappings") or {})
    while more := {name for m in mappings if m.entity in wanted for f in m.references for name in f.refers_to} - wanted:
        wanted |= more
    return tuple(m for m in mappings if m.entity in wanted)

"""Laws of merging and planning, for any values, bases, rules and rewriting vendors."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decisions import (
    ACCOUNT,
    EARLY,
    LATE,
    OWNER,
    PEOPLE,
    VALUES,
    contact,
    context,
    gone,
    hubspot,
    pair,
    people,
    text_field,
)

from lockstep.mapping import DeleteRule, FieldMapping, FieldType, Mapping, Rule
from lockstep.merge import Verdict, merge_fields
from lockstep.model import (
    HUBSPOT,
    SALESFORCE,
    Action,
    Gone,
    MirrorRow,
    Pair,
    PairState,
    Values,
    other_side,
)
from lockstep.plan import Planned, Unit, UnitPlan, plan_references, plan_unit

MISSING = "(missing)"
MIRRORED = {
    Rule.prefer_salesforce_unless_blank: Rule.prefer_hubspot_unless_blank,
    Rule.always_salesforce: Rule.always_hubspot,
    Rule.prefer_hubspot_unless_blank: Rule.prefer_salesforce_unless_blank,
    Rule.always_hubspot: Rule.always_salesforce,
}
SWAPPED = {Verdict.write_hubspot: Verdict.write_salesforce, Verdict.write_salesforce: Verdict.write_hubspot}

#: one text field for every rule, one more that Salesforce cuts
FIELDS = (
    *(text_field(f"f{number}", rule) for number, rule in enumerate(Rule)),
    text_field("cut", Rule.two_way, truncate={SALESFORCE: 2}),
)
MAPPING = people(*FIELDS, delete={SALESFORCE: DeleteRule.delete, HUBSPOT: DeleteRule.delete})

raw = st.one_of(st.none(), st.sampled_from(["a", "b", "B", " a", "abc", "abd"]))
base = st.one_of(st.just(MISSING), raw)
any_text = st.one_of(
    st.none(), st.text(max_size=12), st.sampled_from(["001A", "51", "005A", "1", "00GQ", "2026-01-01", "true"])
)


def values_of(system: str, kinds: st.SearchStrategy[str | None]) -> st.SearchStrategy[Values]:
    names = [one.on(system, "Contact") or "" for one in FIELDS]
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, kinds))


def all_known(system: str) -> st.SearchStrategy[Values]:
    return st.fixed_dictionaries({one.on(system, "Contact") or "": raw for one in FIELDS})


bases = {system: values_of(system, raw) for system in (SALESFORCE, HUBSPOT)}


# --- one field


@given(
    rule=st.sampled_from(Rule),
    l=any_text,
    r=any_text,
    bl=st.one_of(st.just(MISSING), any_text),
    br=st.one_of(st.just(MISSING), any_text),
    known=st.tuples(st.booleans(), st.booleans()),
    type=st.sampled_from(FieldType),
    times=st.tuples(st.sampled_from([None, EARLY, LATE]), st.sampled_from([None, EARLY, LATE])),
)
def test_the_merge_is_total_and_gives_its_reason(
    rule: Rule,
    l: str | None,  # noqa: E741  (DESIGN's table calls the sides l and r)
    r: str | None,
    bl: str | None,
    br: str | None,
    known: tuple[bool, bool],
    type: FieldType,
    times: tuple[str | None, str | None],
) -> None:
    field = text_field("x", rule, type=type, refers_to=("accounts-companies",))
    rows = ({"X": l} if known[0] else {}, {"x": r} if known[1] else {})
    based = ({} if bl == MISSING else {"X": bl}, {} if br == MISSING else {"x": br})
    moved = dict(zip((SALESFORCE, HUBSPOT), times, strict=True))
    [found] = merge_fields(people(field), "Contact", *rows, *based, lambda system, _: moved[system], VALUES)

    assert isinstance(found.verdict, Verdict)
    assert found.why.startswith(f"{rule}: ")
    assert (found.verdict is Verdict.unread) == (not all(known))
    if found.target is not None:
        assert found.source_raw == (l if found.target == HUBSPOT else r)
        assert rule is not Rule.dont_sync


@given(
    rule=st.sampled_from(Rule),
    l=raw,
    r=raw,
    bl=base,
    br=base,
    times=st.sampled_from([(EARLY, LATE), (LATE, EARLY)]),
)
def test_swapping_the_sides_swaps_the_verdict(
    rule: Rule,
    l: str | None,  # noqa: E741
    r: str | None,
    bl: str | None,
    br: str | None,
    times: tuple[str, str],
) -> None:
    def verdict(rule: Rule, *sides: tuple[str | None, str | None, str]) -> Verdict:
        (sf, sf_base, sf_time), (hs, hs_base, hs_time) = sides
        moved = {SALESFORCE: sf_time, HUBSPOT: hs_time}
        [found] = merge_fields(
            people(text_field("x", rule)),
            "Contact",
            {"X": sf},
            {"x": hs},
            {} if sf_base == MISSING else {"X": sf_base},
            {} if hs_base == MISSING else {"x": hs_base},
            lambda system, _: moved[system],
            VALUES,
        )
        return found.verdict

    left, right = (l, bl, times[0]), (r, br, times[1])
    straight, mirrored = verdict(rule, left, right), verdict(MIRRORED.get(rule, rule), right, left)
    assert mirrored is SWAPPED.get(straight, straight)


# --- a world of one record on each side, and vendors that rewrite what they are sent

REWRITERS: dict[str, Callable[[str], str | None]] = {
    "as it is": lambda text: text,
    "trimmed": lambda text: text.strip() or None,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "cut": lambda text: text[:1],
    "marked": lambda text: f"{text}!",
    "refused silently": lambda text: None,
}
rewriters = st.fixed_dictionaries({system: st.sampled_from(sorted(REWRITERS)) for system in (SALESFORCE, HUBSPOT)})


@dataclass
class World:
    """What an apply that always succeeds does to rows, pair and bases."""

    unit: Unit
    rewriters: dict[str, str]

    def settle(self, mapping: Mapping = MAPPING) -> list[Planned]:
        """Plan, apply and read back once; returns what was written."""
        plan = plan_unit(self.unit, mapping, context())
        self.unit = replace(self.unit, pair=plan.pair)
        written = [change for change in plan.changes if change.outcome is None]
        for change in written:
            self._apply(change)
        return written

    def edit(self, system: str, edits: Values) -> None:
        row = self.unit.row(system)
        if row is not None:
            self._set(replace(row, values=row.values | edits))

    def _apply(self, change: Planned) -> None:
        assert self.unit.pair is not None
        answer = REWRITERS[self.rewriters[change.system]]
        taken = {name: answer(value) if value is not None else None for name, value in change.after.items()}
        row = self.unit.row(change.system)
        held = pair_of(self.unit).based({change.system: taken, other_side(change.system): change.source})
        if change.action is Action.CREATE:
            names = {one.on(change.system, change.object) or "": None for one in FIELDS}
            row = (contact if change.system == SALESFORCE else hubspot)("new", **names)
            held = held.joined(change.system, "new", change.object)
        assert row is not None
        after = gone(row) if change.action is Action.DELETE else replace(row, values=row.values | taken)
        self._set(after)
        self.unit = replace(self.unit, pair=held)

    def _set(self, row: MirrorRow) -> None:
        self.unit = replace(self.unit, sf=row) if row.system == SALESFORCE else replace(self.unit, hs=row)


def pair_of(unit: Unit) -> Pair:
    assert unit.pair is not None
    return unit.pair


edits = st.lists(
    st.one_of(
        st.tuples(st.just(SALESFORCE), values_of(SALESFORCE, raw)),
        st.tuples(st.just(HUBSPOT), values_of(HUBSPOT, raw)),
    ),
    max_size=3,
)


@given(sf=all_known(SALESFORCE), hs=all_known(HUBSPOT), rewriters=rewriters, rounds=st.lists(edits, max_size=3))
def test_the_next_plan_is_empty_also_when_both_systems_rewrite(
    sf: Values, hs: Values, rewriters: dict[str, str], rounds: list[list[tuple[str, Values]]]
) -> None:
    world = World(Unit(None, contact(**sf), hubspot(**hs)), rewriters)
    for changes in [[], *rounds]:
        for system, values in changes:
            world.edit(system, values)
        world.settle()
        before = world.unit.pair
        assert world.settle() == []
        assert world.unit.pair == before or agreed_only(before, world.unit)


def agreed_only(before: Pair | None, unit: Unit) -> bool:
    """The second plan may only have moved bases to what both rows really hold (our write met an equal value)."""
    assert before is not None
    return all(
        value == before.base(row.system).get(name, MISSING) or value == row.values[name]
        for row in (unit.sf, unit.hs)
        if row is not None
        for name, value in pair_of(unit).base(row.system).items()
    )


@given(values=all_known(SALESFORCE), rewriters=rewriters)
def test_the_plan_after_a_create_is_empty(values: Values, rewriters: dict[str, str]) -> None:
    for one in (contact(**values), hubspot(**{name.lower(): value for name, value in values.items()})):
        alone = Unit(None, one, None) if one.system == SALESFORCE else Unit(None, None, one)
        world = World(alone, rewriters)
        [change] = world.settle(replace(MAPPING, create={SALESFORCE: "Contact", HUBSPOT: "contacts"}))
        assert change.action is Action.CREATE
        assert world.settle() == []


@given(
    values=all_known(HUBSPOT), edit=raw, field=st.sampled_from(FIELDS[:-1]), side=st.sampled_from([SALESFORCE, HUBSPOT])
)
def test_an_edit_on_one_side_arrives_or_is_put_back(
    values: Values, edit: str | None, field: FieldMapping, side: str
) -> None:
    sf = contact(**{name.title(): value for name, value in values.items()})
    hs = hubspot(**values)
    world = World(Unit(pair(sf, hs), sf, hs), dict.fromkeys((SALESFORCE, HUBSPOT), "as it is"))
    world.edit(side, {field.on(side, "Contact") or "": edit})
    world.settle()
    there, here = (
        (world.unit.row(system) or sf).values[field.on(system, "Contact") or ""] for system in (other_side(side), side)
    )
    texts = {text.strip() if text else text for text in (there, here)}
    assert len(texts) == 1 or field.rule is Rule.dont_sync


# --- any plan at all


@given(
    sf=values_of(SALESFORCE, raw),
    hs=values_of(HUBSPOT, raw),
    sf_base=bases[SALESFORCE],
    hs_base=bases[HUBSPOT],
)
def test_nothing_is_written_that_no_side_gave_and_unknown_is_never_blank(
    sf: Values, hs: Values, sf_base: Values, hs_base: Values
) -> None:
    rows = contact(**sf), hubspot(**hs)
    unit = Unit(pair(*rows, sf_base=sf_base, hs_base=hs_base), *rows)
    plan = plan_unit(unit, MAPPING, context())
    known = [one for one in FIELDS if one.on(SALESFORCE, "Contact") in sf and one.hubspot in hs]
    for change in plan.changes:
        _given_by_a_side(change, unit, known)
    for one in (one for one in FIELDS if one not in known):
        name = one.on(SALESFORCE, "Contact") or ""
        assert pair_of(Unit(plan.pair, *rows)).sf_base.get(name, MISSING) == sf_base.get(name, MISSING)
        assert pair_of(Unit(plan.pair, *rows)).hs_base.get(one.hubspot, MISSING) == hs_base.get(one.hubspot, MISSING)


def _given_by_a_side(change: Planned, unit: Unit, known: list[FieldMapping]) -> None:
    target, source = unit.row(change.system), unit.row(other_side(change.system))
    assert target is not None
    assert source is not None
    by_name = {one.on(change.system, target.object): one for one in known}
    for name, value in change.after.items():
        theirs = source.values[by_name[name].on(source.system, source.object) or ""]
        spelled = theirs.strip() if theirs else None
        # what is compared as cut may also be written as cut
        assert value in (spelled, spelled[:2] if spelled and by_name[name].truncate else spelled)
        assert change.before[name] == target.values[name]
        assert value != target.values[name]
    for name, value in change.source.items():
        assert source.values[name] == value


rows_of = {
    SALESFORCE: st.builds(lambda values: contact("003C", **values), values_of(SALESFORCE, raw)),
    HUBSPOT: st.builds(lambda values: hubspot("101", **values), values_of(HUBSPOT, raw)),
}


def maybe_gone(system: str) -> st.SearchStrategy[MirrorRow | None]:
    ends = st.sampled_from([None, *Gone])
    into = st.sampled_from([None, "else", "003C", "101"])
    made = st.builds(lambda one, end, to: gone(one, end, to) if end else one, rows_of[system], ends, into)
    return st.one_of(st.none(), made)


@given(
    sf=maybe_gone(SALESFORCE),
    hs=maybe_gone(HUBSPOT),
    state=st.sampled_from([None, *PairState]),
    reason=st.sampled_from([None, "kept", "deleted", "both_gone", "merged", "partner_deleted", "edited_and_deleted"]),
    sf_base=bases[SALESFORCE],
    hs_base=bases[HUBSPOT],
    covered=st.booleans(),
    ids=st.tuples(st.booleans(), st.booleans()),
    setting=st.sampled_from(["hold", "recreate"]),
)
def test_planning_is_total_and_its_rows_are_well_formed(
    sf: MirrorRow | None,
    hs: MirrorRow | None,
    state: PairState | None,
    reason: str | None,
    sf_base: Values,
    hs_base: Values,
    covered: bool,
    ids: tuple[bool, bool],
    setting: str,
) -> None:
    held = None
    if state is not None:
        held = pair(contact("003C"), hubspot("101"), sf_base=sf_base, hs_base=hs_base, state=state, reason=reason)
        held = replace(held, sf_id="003C" if sf or ids[0] else None, hs_id="101" if hs or ids[1] else None)
    unit = Unit(held, sf, hs)
    mapping = replace(MAPPING, edited_and_deleted=setting)
    plan = plan_unit(unit, mapping, context(covered=covered))
    well_formed(plan)
    well_formed(plan_references(unit, mapping, context()))
    writes = {change.action for change in plan.changes if change.outcome is None}
    assert covered or not writes & {Action.CREATE, Action.DELETE}
    if held is not None and held.sf_id and held.hs_id and any(row.gone is Gone.ERASED for row in (sf, hs) if row):
        assert Action.CREATE not in writes, "an erased person never comes back"
    if Action.DELETE in writes:
        assert not edited(unit), "an edit beats a delete"


#: every rule once, in a mapping that treats both sides alike but for the rules
EVEN = replace(
    people(*FIELDS[:-1], delete={SALESFORCE: DeleteRule.delete, HUBSPOT: DeleteRule.delete}),
    create={SALESFORCE: "Contact", HUBSPOT: "contacts"},
)
ODD = replace(EVEN, fields=tuple(replace(one, rule=MIRRORED.get(one.rule, one.rule)) for one in EVEN.fields))
BUILT = {SALESFORCE: lambda values: contact("003C", **values), HUBSPOT: lambda values: hubspot("101", **values)}


def other_names(system: str, values: Values) -> Values:
    return {name.lower() if system == SALESFORCE else name.title(): value for name, value in values.items()}


def swapped_row(one: MirrorRow | None) -> MirrorRow | None:
    if one is None:
        return None
    made = BUILT[other_side(one.system)](other_names(one.system, one.values))
    return replace(made, version=one.version, deleted_at=one.deleted_at, gone=one.gone)


def swapped_pair(one: Pair) -> Pair:
    bases = {"sf_base": other_names(HUBSPOT, one.hs_base), "hs_base": other_names(SALESFORCE, one.sf_base)}
    ids = {"sf_id": one.hs_id and "003C", "hs_id": one.sf_id and "101"}
    return replace(one, sf_object="Contact", **bases, **ids)


Written = tuple[str, Action, Values, Values, Values]


def writes_of(plan: UnitPlan, swap: bool) -> list[Written]:
    """What a plan writes; `swap`: as it would be on the other side."""
    found = []
    for one in plan.changes:
        if one.outcome is None:
            parts = (one.before, one.after, one.lost)
            there = other_side(one.system)
            found.append(
                (there, one.action, *(other_names(one.system, part) for part in parts))
                if swap
                else (one.system, one.action, *parts)
            )
    return sorted(found, key=str)  # type: ignore[arg-type]


@given(
    sf=st.one_of(st.none(), all_known(SALESFORCE)),
    hs=st.one_of(st.none(), all_known(HUBSPOT)),
    sf_base=bases[SALESFORCE],
    hs_base=bases[HUBSPOT],
    ends=st.tuples(*(st.sampled_from([None, None, Gone.DELETED, Gone.ERASED]) for _ in range(2))),
    versions=st.sampled_from([(EARLY, LATE), (LATE, EARLY)]),
    state=st.sampled_from([None, PairState.LINKED, PairState.LINKED, PairState.CLOSED]),
    reason=st.sampled_from([None, "kept", "deleted", "both_gone", "merged"]),
    setting=st.sampled_from(["hold", "recreate"]),
)
def test_swapping_the_sides_swaps_the_plan(
    sf: Values | None,
    hs: Values | None,
    sf_base: Values,
    hs_base: Values,
    ends: tuple[Gone | None, Gone | None],
    versions: tuple[str, str],
    state: PairState | None,
    reason: str | None,
    setting: str,
) -> None:
    rows: list[MirrorRow | None] = []
    for system, values, end, version in zip((SALESFORCE, HUBSPOT), (sf, hs), ends, versions, strict=True):
        made = None if values is None else replace(BUILT[system](values), version=version)
        rows.append(gone(made, end) if made and end else made)
    held = None
    if state is not None:
        why = reason if state is PairState.CLOSED else None
        held = pair(*rows, sf_base=sf_base, hs_base=hs_base, state=state, reason=why)
    straight = plan_unit(Unit(held, *rows), replace(EVEN, edited_and_deleted=setting), context())
    swapped = Unit(held and swapped_pair(held), swapped_row(rows[1]), swapped_row(rows[0]))
    mirrored = plan_unit(swapped, replace(ODD, edited_and_deleted=setting), context())
    assert writes_of(mirrored, swap=False) == writes_of(straight, swap=True)
    if straight.pair is None or mirrored.pair is None:
        assert straight.pair is mirrored.pair
    else:
        assert mirrored.pair == swapped_pair(straight.pair)


def well_formed(plan: UnitPlan) -> None:
    for change in plan.changes:
        if change.outcome is None:
            assert change.action is not Action.NONE
            assert change.code is None
            assert plan.pair is not None
            assert (change.record_id is None) == (change.action is Action.CREATE)
        else:
            assert change.code is not None
        assert set(change.before) >= set(change.after)
        assert set(change.lost) <= set(change.after) <= set(change.why)


def edited(unit: Unit) -> bool:
    """One side was deleted, and the other moved in a field that both rules and people would call an edit (two_way)."""
    two_way = next(one for one in FIELDS if one.rule is Rule.two_way)
    live = next((row for row in (unit.sf, unit.hs) if row is not None and row.live), None)
    if live is None or unit.pair is None:
        return False
    name, bases = two_way.on(live.system, live.object) or "", unit.pair.base(live.system)
    texts = [(values[name] or "").strip() for values in (live.values, bases) if name in values]
    return len(texts) == 2 and texts[0] != texts[1]


def test_owners_and_references_settle_too() -> None:
    mapping = people(OWNER, ACCOUNT)
    rows = (
        contact(OwnerId="005A", AccountId="001A"),
        hubspot(**{"hubspot_owner_id": "2", "association:companies/primary": None}),
    )
    world = World(Unit(None, *rows), dict.fromkeys((SALESFORCE, HUBSPOT), "as it is"))
    [change] = world.settle(mapping)
    assert change.after == {"hubspot_owner_id": "1"}
    assert world.settle(mapping) == []
    assert plan_references(world.unit, mapping, context()).changes[0].after == {"association:companies/primary": "51"}
    assert PEOPLE.references == (ACCOUNT,)

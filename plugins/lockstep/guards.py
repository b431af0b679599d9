"""Safety limits on a whole plan, judged before any write (DESIGN §6; after rclone bisync and vdirsyncer). Pure.

A tripped guard refuses the run with the number and the limit; a person who finds the plan right runs it again with the
override. Guards judge counts only, so that they also hold for plans of any size.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from lockstep.labels import LABEL
from lockstep.mapping import FieldType, Mapping
from lockstep.model import Action, OutcomeKind, Values

#: the DAG param that lets a refused plan through
OVERRIDE = "override_guards"

#: a side with fewer pairs than this may lose its last record: a trial with a handful of records, not a lost permission
EMPTY_FROM = 5


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """One entity's plan for one target system.

    `creates`, `updates`, `deletes`: changes to be sent. Of the updates: `owner_changes` replace an owner, `blanked` is the
    number of values that become blank, in `blanked_records` records. Updates of pairs made by this very plan are left out:
    a first meeting changes nearly everything, rightly. `pairs_total`: pairs linked before this plan. `empty_sides`: the
    systems of which the mirror holds no live record of the entity. `mapping_changed`: the mapping differs from that of the last run.
    """

    entity: str
    system: str
    creates: int = 0
    updates: int = 0
    deletes: int = 0
    owner_changes: int = 0
    blanked: int = 0
    blanked_records: int = 0
    pairs_total: int = 0
    empty_sides: frozenset[str] = frozenset()
    mapping_changed: bool = False


class Limits(Protocol):
    """What a plan may do without a person's word: `settings.Guards`. Shares are of the pairs linked before, from 0 to 1."""

    @property
    def max_deletes(self) -> int: ...
    @property
    def max_delete_share(self) -> float: ...
    @property
    def max_owner_changes(self) -> int: ...
    @property
    def max_owner_change_share(self) -> float: ...
    @property
    def max_blanked(self) -> int: ...
    @property
    def max_blanked_share(self) -> float: ...
    @property
    def max_changed_share(self) -> float: ...
    @property
    def max_changes_after_mapping_change(self) -> int: ...
    @property
    def ignore_below(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Tripped:
    """A guard that refuses the plan: the number found, the limit, both in words, and how to let it through."""

    guard: str
    number: float
    limit: float
    message: str
    override: str = OVERRIDE


class PlannedChange(Protocol):
    """What counting needs of a change, before or after it is in the ledger."""

    @property
    def action(self) -> Action: ...
    @property
    def object(self) -> str: ...
    @property
    def system(self) -> str: ...
    @property
    def before(self) -> Values: ...
    @property
    def after(self) -> Values: ...
    @property
    def outcome(self) -> OutcomeKind | None: ...
    @property
    def code(self) -> str | None: ...


def count(mapping: Mapping, system: str, changes: Iterable[PlannedChange]) -> dict[str, int]:
    """The counts of `PlanCounts`, by name, for the changes of one system that are to be sent, or would be but for a dry run."""
    counts = dict.fromkeys(("creates", "updates", "deletes", "owner_changes", "blanked", "blanked_records"), 0)
    for change in changes:
        if change.system == system and (change.outcome is None or change.code == "dry_run"):
            _add(counts, mapping, change)
    return counts


def check(counts: Iterable[PlanCounts], limits: Limits) -> list[Tripped]:
    """Every guard that trips, over all entities and systems; empty: the plan may be applied."""
    return [tripped for one in counts for tripped in _check_one(one, limits)]


def _check_one(one: PlanCounts, limits: Limits) -> list[Tripped]:
    found = [_empty_side(one, system) for system in sorted(one.empty_sides)]
    found += [
        _over(one, "max_deletes", one.deletes, limits.max_deletes, "records would be deleted"),
        _over(one, "max_owner_changes", one.owner_changes, limits.max_owner_changes, "owners would change"),
        _over(one, "max_blanked", one.blanked, limits.max_blanked, "values would be blanked"),
    ]
    if one.pairs_total >= max(limits.ignore_below, 1):
        found += [
            _share(one, "max_delete_share", one.deletes, limits.max_delete_share, "would be deleted"),
            _share(
                one, "max_owner_change_share", one.owner_changes, limits.max_owner_change_share, "get another owner"
            ),
            _share(one, "max_blanked_share", one.blanked_records, limits.max_blanked_share, "would lose a value"),
            _share(one, "max_changed_share", one.updates, limits.max_changed_share, "would change at once"),
        ]
    found.append(_mapping_changed(one, limits.max_changes_after_mapping_change))
    return [tripped for tripped in found if tripped is not None]


def _empty_side(one: PlanCounts, system: str) -> Tripped | None:
    """A side with pairs has no records any more: a lost permission or a wrong account rather than real deletes."""
    writes = one.creates + one.updates + one.deletes
    if not writes or one.pairs_total < EMPTY_FROM:
        return None
    message = (
        f"{one.entity}: {LABEL.get(system, system)} holds no records any more, while {one.pairs_total} are paired "
        f"(plan for {LABEL.get(one.system, one.system)}: {writes} writes; guard empty_side)"
    )
    return Tripped("empty_side", 0, one.pairs_total, message)


def _over(one: PlanCounts, guard: str, number: int, limit: int, what: str) -> Tripped | None:
    return (
        Tripped(guard, number, limit, f"{_place(one)}: {number} {what}; {guard} is {limit}") if number > limit else None
    )


def _share(one: PlanCounts, guard: str, number: int, limit: float, what: str) -> Tripped | None:
    share = number / one.pairs_total
    if share <= limit:
        return None
    message = (
        f"{_place(one)}: {number} of {one.pairs_total} paired records ({share:.0%}) {what}; {guard} is {limit:.0%}"
    )
    return Tripped(guard, share, limit, message)


def _mapping_changed(one: PlanCounts, limit: int) -> Tripped | None:
    guard, number = "max_changes_after_mapping_change", one.updates + one.deletes
    if not one.mapping_changed or number <= limit:
        return None
    what = f"the mapping changed since the last run, and {number} records would be changed"
    return Tripped(guard, number, limit, f"{_place(one)}: {what}; {guard} is {limit}")


def _place(one: PlanCounts) -> str:
    return f"{one.entity} to {LABEL.get(one.system, one.system)}"


def _add(counts: dict[str, int], mapping: Mapping, change: PlannedChange) -> None:
    match change.action:
        case Action.CREATE:
            counts["creates"] += 1
        case Action.DELETE:
            counts["deletes"] += 1
        case Action.UPDATE:
            owners = {one.on(change.system, change.object) for one in mapping.fields if one.type is FieldType.OWNER}
            replaced = {name for name in change.after if change.before.get(name) is not None}
            blanked = sum(change.after[name] is None for name in replaced)
            counts["updates"] += 1
            counts["owner_changes"] += bool(replaced & owners)
            counts["blanked"] += blanked
            counts["blanked_records"] += bool(blanked)
        case Action.NONE:
            pass

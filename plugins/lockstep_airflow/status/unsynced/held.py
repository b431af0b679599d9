"""What a person can decide about a held record, and what must be seen for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lockstep.model import Change, Pair
from lockstep.store.ledger import ErrorRow

#: held deletions: the choices that end them
DELETIONS = {"edited_and_deleted": ("recreate", "delete", "keep"), "partner_deleted": ("delete", "recreate", "keep")}
#: held matches that a person can end by naming the partner
MATCHES = ("ambiguous_match",)


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that both sides changed. Values are raw; a missing base is told by `agreed` False."""

    field: str
    salesforce: str | None
    hubspot: str | None
    sf_base: str | None
    hs_base: str | None
    agreed: bool
    rule: str


@dataclass(frozen=True, slots=True)
class Candidate:
    system: str
    object: str
    id: str
    taken: bool


@dataclass(frozen=True, slots=True)
class Held:
    """`clashes`: fields to choose for; `deletion`: choices for the record; `candidates` of the record (system, object, id)."""

    clashes: tuple[Clash, ...] = ()
    deletion: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    record: tuple[str, str, str] | None = None

    @property
    def open(self) -> bool:
        return bool(self.clashes or self.deletion or self.record)


def held(one: ErrorRow, change: Change | None, pair: Pair | None) -> Held:
    """Nothing to decide here: an empty Held."""
    detail: Mapping[str, Any] = (change.detail if change else None) or {}
    if one.code == "clash" and change and pair:
        return Held(clashes=_clashes(change, pair, detail))
    if one.code in DELETIONS and pair:
        return Held(deletion=DELETIONS[one.code])
    record = detail.get("record")
    if one.code in MATCHES and isinstance(record, Mapping):
        found = tuple(
            Candidate(str(each["system"]), str(each["object"]), str(each["id"]), bool(each.get("pair")))
            for each in detail.get("candidates") or ()
        )
        return Held(candidates=found, record=(str(record["system"]), str(record["object"]), str(record["id"])))
    return Held()


def _clashes(change: Change, pair: Pair, detail: Mapping[str, Any]) -> tuple[Clash, ...]:
    """Of a held change `before` holds HubSpot's values and `source` Salesforce's, in the order of the fields in its detail."""
    sides = zip(detail.get("fields") or (), change.source.items(), change.before.items(), strict=True)
    return tuple(
        Clash(
            field=str(told["field"]),
            salesforce=sf,
            hubspot=hs,
            sf_base=pair.sf_base.get(sf_name),
            hs_base=pair.hs_base.get(hs_name),
            agreed=sf_name in pair.sf_base and hs_name in pair.hs_base,
            rule=str(change.why.get(hs_name) or told.get("message") or ""),
        )
        for told, (sf_name, sf), (hs_name, hs) in sides
    )

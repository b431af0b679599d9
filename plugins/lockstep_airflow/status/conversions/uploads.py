"""How far the conversions of each action have come, and what Google itself says of the uploads (GA-26)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lockstep.conversions.record import ConversionState
from lockstep.conversions.reports import Diagnosis
from lockstep.google_ads_codes import GOOGLE_ADS_CODES, Verdict, by_code
from lockstep.store import ad_reports, cache, conversion_list
from lockstep.store.conversion_list import Tally

if TYPE_CHECKING:
    from lockstep.conversions.definition import Conversions

S = ConversionState
#: groups of states, in the order of the way; their looks and words are named after them
STAGES: dict[str, tuple[ConversionState, ...]] = {
    "counted": (S.ACCEPTED, S.ADJUSTED, S.DUPLICATE),
    "at_google": (S.PENDING, S.SENT, S.UNRESOLVED),
    "to_send": (S.READY, S.WAITING),
    "refused": (S.REJECTED, S.CANNOT_RETRACT),
    "never": (S.UNIDENTIFIED, S.EXPIRED, S.WITHHELD, S.WITHDRAWN, S.RETRACTED),
}
ORDER = [state for states in STAGES.values() for state in states]
_STAGE_OF = {state: stage for stage, states in STAGES.items() for state in states}


def stage_of(state: ConversionState, code: str | None = None) -> str:
    """The stage of a conversion. One whose click nobody knows is refused, but that is every day's business and nobody's failure."""
    if state is S.REJECTED and code in GOOGLE_ADS_CODES and by_code(code).verdict is Verdict.DROPPED:
        return "never"
    return _STAGE_OF[state]


@dataclass(frozen=True, slots=True)
class Line:
    """Conversions in one state for one reason."""

    state: ConversionState
    code: str | None
    number: int

    @property
    def stage(self) -> str:
        return stage_of(self.state, self.code)


@dataclass(frozen=True, slots=True)
class Action:
    """A conversion action as conversions.yaml names it, what Google calls it (`title`, None: not known), and its conversions.
    `account` None: the connection's."""

    account: str | None
    name: str
    title: str | None
    milestones: tuple[str, ...]
    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        return sum(one.number for one in self.lines)

    @property
    def stages(self) -> dict[str, int]:
        """Stage -> how many, those that are empty left out."""
        found = {stage: sum(one.number for one in self.lines if one.stage == stage) for stage in STAGES}
        return {stage: number for stage, number in found.items() if number}


@dataclass(frozen=True, slots=True)
class Told:
    """Google's own diagnosis of the uploads of one client to one action (`title` None: to the whole account)."""

    account: str
    title: str | None
    read_at: datetime
    diagnosis: Diagnosis

    @property
    def failed(self) -> int:
        told = self.diagnosis
        return max(told.total - told.successful - told.pending, 0)


@dataclass(frozen=True, slots=True)
class Uploads:
    actions: tuple[Action, ...]
    told: tuple[Told, ...]

    @property
    def total(self) -> int:
        return sum(one.total for one in self.actions)


def uploads(tx: Connection, wanted: "Conversions | None") -> Uploads:
    """`wanted`: conversions.yaml, whose actions are there though nothing was found for them yet."""
    titles = _titles(tx)
    told = [Told(account, titles.get(one.action, one.action) or None, at, one) for account, at, one in ad_reports.diagnoses(tx)]  # fmt: skip
    found = tuple(_actions(conversion_list.tallies(tx), titles))
    return Uploads((*found, *_without(wanted, found, titles)), tuple(told))


def _without(wanted: "Conversions | None", found: Iterable[Action], titles: dict[str, str]) -> Iterator[Action]:
    there = {(one.account, one.name) for one in found}
    named: dict[tuple[str | None, str], list[str]] = {}
    for one in wanted.milestones if wanted else ():
        named.setdefault((one.account, one.action), []).append(one.name)
    for (account, name), milestones in named.items():
        if (account, name) not in there:
            yield Action(account, name, titles.get(name), tuple(milestones), ())


def _titles(tx: Connection) -> dict[str, str]:
    """Conversion action's id -> its name, as Google last told of any account."""
    known = cache.every(tx, cache.ADS_ACCOUNT).values()
    return {str(action["id"]): str(action["name"]) for account in known for action in account["actions"]}


def _actions(found: Iterable[Tally], titles: dict[str, str]) -> Iterable[Action]:
    by_action: dict[tuple[str, str], list[Tally]] = {}
    for one in found:
        by_action.setdefault((one.account or "", one.action), []).append(one)
    for (account, name), some in by_action.items():
        lines: dict[tuple[ConversionState, str | None], int] = {}
        for one in some:
            lines[one.state, one.code] = lines.get((one.state, one.code), 0) + one.number
        ordered = sorted(lines.items(), key=lambda line: (ORDER.index(line[0][0]), -line[1]))
        yield Action(
            account=account or None,
            name=name,
            title=titles.get(name),
            milestones=tuple(dict.fromkeys(one.milestone for one in some)),
            lines=tuple(Line(state, code, number) for (state, code), number in ordered),
        )

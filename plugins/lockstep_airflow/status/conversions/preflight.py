"""What the last preflight says of the link, of each account and of each milestone (GA-00, GA-E01 to GA-E18)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lockstep.conversions.findings import Finding, Kept, Level, Severity, Standing
from lockstep.errors import kind_of
from lockstep.model import GOOGLE_ADS
from lockstep.store import preflight

if TYPE_CHECKING:
    from lockstep.conversions.definition import Conversions, Milestone

#: findings that are gone are told for so long
_TOLD = timedelta(days=7)
_WORST = (Severity.WARNING, Severity.ERROR, Severity.BLOCK)


@dataclass(frozen=True, slots=True)
class Found:
    """One finding as it stands now. `class_`: the section of the operations guide. `left`: until a change in Salesforce surely shows."""

    kept: Kept
    standing: Standing
    left: timedelta

    @property
    def class_(self) -> str:
        return kind_of(self.kept.finding.code).cls.value


@dataclass(frozen=True, slots=True)
class Subject:
    """What can be well or not: the link (`name` ""), an account by its number, an object, a milestone, which feeds `action`.
    `state`: well, or the worst severity of what was found about it, or unknown (nobody has looked). `codes`: why."""

    kind: str
    name: str
    state: str
    codes: tuple[str, ...] = ()
    action: str = ""


@dataclass(frozen=True, slots=True)
class Checks:
    """`checked_at` None: no preflight ever was. `found`: worst first; `gone`: found lately and no more."""

    checked_at: datetime | None
    found: tuple[Found, ...]
    gone: tuple[Found, ...]
    subjects: tuple[Subject, ...]

    @property
    def blocking(self) -> int:
        return sum(one.kept.finding.severity is Severity.BLOCK for one in self.found)


def checks(tx: Connection, wanted: "Conversions | None", now: datetime) -> Checks:
    """`wanted` None: this host cannot read conversions.yaml, so milestones are those that something was found about."""
    every = preflight.every(tx)
    found = sorted((one for one in every if one.gone_at is None), key=_urgency)
    gone = [one for one in every if one.gone_at is not None and now - one.gone_at < _TOLD]
    at = preflight.checked_at(tx, now)
    account = preflight.worked_with(tx, GOOGLE_ADS, now)
    return Checks(
        checked_at=at,
        found=tuple(Found(one, one.standing(now), one.left(now)) for one in found),
        gone=tuple(Found(one, Standing.GONE, timedelta()) for one in gone),
        subjects=tuple(_subjects(found, wanted, account, at is not None)),
    )


def _urgency(one: Kept) -> tuple[int, datetime]:
    return -_WORST.index(one.finding.severity), one.since


def _subjects(
    found: Sequence[Kept], wanted: "Conversions | None", linked: str | None, looked: bool
) -> Iterator[Subject]:
    """The link, then accounts, objects of Salesforce and milestones. `linked`: the account of the Airflow connection."""

    def subject(kind: str, name: str, concerns: Callable[[Finding], bool], action: str = "") -> Subject:
        some = [one.finding for one in found if concerns(one.finding)]
        worst = max((_WORST.index(one.severity) for one in some), default=None)
        state = _WORST[worst].value if worst is not None else "well" if looked else "unknown"
        return Subject(kind, name, state, tuple(dict.fromkeys(one.code for one in some)), action)

    about = [one.finding for one in found]
    milestones = wanted.milestones if wanted else ()
    standard = (wanted.account if wanted else None) or linked or ""
    accounts = dict.fromkeys([*(one.account or standard for one in milestones), *(one.account for one in about)])
    objects = dict.fromkeys([*(one.object for one in milestones), *(o for one in about for o in one.object.split(","))])
    yield subject("link", "", lambda one: one.level is Level.LINK or not (one.account or one.object or one.milestone))
    for name in filter(None, accounts):
        yield subject("account", name, lambda one, name=name: one.account == name and not one.milestone)
    for name in filter(None, objects):
        yield subject("object", name, lambda one, name=name: name in one.object.split(","))
    for each in milestones:
        yield subject("milestone", each.name, lambda one, each=each: _stops(one, each, standard), each.action)
    for name in dict.fromkeys(one.milestone for one in about if wanted is None or one.milestone not in wanted.by_name):
        if name:
            yield subject("milestone", name, lambda one, name=name: one.milestone == name)


def _stops(one: Finding, milestone: "Milestone", standard: str) -> bool:
    """Whether a finding is about this milestone or its object, or keeps its account or the link from working."""
    if one.milestone:
        return one.milestone == milestone.name
    if one.object:
        return milestone.object in one.object.split(",")
    return one.severity is not Severity.WARNING and one.account in ("", milestone.account or standard)

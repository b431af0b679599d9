"""What a preflight found, and what is skipped because of it. Frozen values; no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from lockstep.errors import kind_of

#: a change in Salesforce may take so long to show (GA-00)
SHOWS_WITHIN = timedelta(hours=24)


class Level(StrEnum):
    """What a finding is about: the link of the two systems, one account (or one object there), one milestone."""

    LINK = "link"
    ACCOUNT = "account"
    MILESTONE = "milestone"


class Severity(StrEnum):
    """block: what it is about is skipped, the rest goes on. error: something fails, and there is nothing to skip.
    warning: all goes on."""

    BLOCK = "block"
    ERROR = "error"
    WARNING = "warning"


class Standing(StrEnum):
    """waiting: a change in Salesforce may not show yet; checked again by itself. standing: it is still so. gone: no longer found."""

    WAITING = "waiting"
    STANDING = "standing"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Finding:
    """`code` is in `lockstep.errors.CODES`. `account`: ten digits; `object`: of Salesforce; `milestone`: its name; "" where it is
    not about one. `message`: what was found, with all fields that are missing, and the vendor's own words. `fields`: the missing
    ones, as Object.Field. `vendor`: whose side it is on."""

    code: str
    level: Level
    severity: Severity
    message: str
    account: str = ""
    object: str = ""
    milestone: str = ""
    fields: tuple[str, ...] = ()
    vendor: str = "salesforce"

    @property
    def key(self) -> tuple[str, str, str, str]:
        return self.code, self.account, self.object, self.milestone

    @property
    def remedy(self) -> str:
        return kind_of(self.code).remedy


@dataclass(frozen=True, slots=True)
class Kept:
    """A finding as the store keeps it. `waits_until`: None where nothing is waited for. `told_at`: when a run last failed for it."""

    finding: Finding
    since: datetime
    seen_at: datetime
    waits_until: datetime | None = None
    told_at: datetime | None = None
    gone_at: datetime | None = None

    def standing(self, now: datetime) -> Standing:
        if self.gone_at is not None:
            return Standing.GONE
        return Standing.WAITING if self.waits_until and now < self.waits_until else Standing.STANDING

    def left(self, now: datetime) -> timedelta:
        """How long it may still take until a change in Salesforce shows."""
        return max(self.waits_until - now, timedelta()) if self.waits_until else timedelta()

    def alarming(self, now: datetime) -> bool:
        """Whether a run fails for it: when it is new, and once waiting was in vain."""
        serious = self.gone_at is None and self.finding.severity is not Severity.WARNING
        return serious and (self.told_at is None or self.standing(now) is Standing.STANDING)


#: the allow-list is of uploads; a status that is gone, and a second link, keep new milestones out
_STOPS_UPLOADS_ONLY = frozenset({"ads_not_allowlisted", "milestone_gone", "already_linked"})


@dataclass(frozen=True, slots=True)
class Blocked:
    """What is skipped, and why: ids and names -> code."""

    accounts: Mapping[str, str] = field(default_factory=dict)
    objects: Mapping[str, str] = field(default_factory=dict)
    milestones: Mapping[str, str] = field(default_factory=dict)
    #: fields that Salesforce does not show, by object: they are left out where another object's records are read
    hidden: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def upload(self, account: str, milestone: str) -> str | None:
        """Why conversions of this milestone are not sent to this account; None: they are."""
        return self.accounts.get(account) or self.milestones.get(milestone)

    def adjust(self, account: str, milestone: str) -> str | None:
        """Why what this account holds of the milestone is neither restated nor taken back; None: it is. What only stops imports, such as
        a status that is gone, does not stop it."""
        codes = (self.accounts.get(account), self.milestones.get(milestone))
        return next((one for one in codes if one and one not in _STOPS_UPLOADS_ONLY), None)

    def pull(self, object: str) -> str | None:
        """Why no milestones of this object are looked for; None: they are."""
        return self.objects.get(object)


def blocked_by(findings: Iterable[Finding]) -> Blocked:
    accounts: dict[str, str] = {}
    objects: dict[str, str] = {}
    milestones: dict[str, str] = {}
    hidden: dict[str, set[str]] = {}
    for one in findings:
        for name in one.fields:
            owner, _, plain = name.partition(".")
            hidden.setdefault(owner, set()).add(plain)
        if one.severity is not Severity.BLOCK:
            continue
        if one.milestone:
            milestones.setdefault(one.milestone, one.code)
        elif one.object:
            for name in one.object.split(","):
                objects.setdefault(name, one.code)
        elif one.account:
            accounts.setdefault(one.account, one.code)
    return Blocked(accounts, objects, milestones, {name: frozenset(some) for name, some in hidden.items()})

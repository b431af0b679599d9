"""What keeps milestones from being imported: the errors of Google's own Salesforce import (GA-E01 to GA-E18), and those of 2026.

Pure: `Facts` holds what the vendors answered, `findings` judges it. What concerns one milestone is only looked for where its
account is in order, so that each cause is told once.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from lockstep.conversions.definition import CLICK_IDS, PEOPLE_IDS, Backend, Conversions, Kind, Milestone
from lockstep.conversions.findings import Finding, Level, Severity
from lockstep.conversions.preflight_fields import Shown, of_fields
from lockstep.error_kinds import ErrorClass
from lockstep.google_ads_codes import GOOGLE_ADS_CODES

#: types of conversion actions that take imported conversions
IMPORTABLE = ("UPLOAD_CLICKS", "WEBPAGE")
_TERMS = "ads_customer_not_accepted_customer_data_terms"
_ENHANCED = "ads_customer_not_enabled_enhanced_conversions_for_leads"


@dataclass(frozen=True, slots=True)
class Trouble:
    """An error instead of an answer: our code of it and its words, the vendor's among them."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Reachable:
    """The statuses or stages of an object, whatever process they are in: API names and labels. `tracked`: whether their history is
    kept, None where that cannot be told."""

    names: frozenset[str]
    tracked: bool | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """A conversion action, as far as a preflight looks at it."""

    id: str
    status: str
    type: str
    one_per_click: bool
    always_default: bool


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """A Google Ads account as configured. `owner`: the account that owns its conversions, None if none does. `actions`: the action
    as a milestone names it -> what it is. `trouble`: the account cannot be read; `owner_trouble`: its owner cannot;
    `upload_trouble`: uploads are refused as a whole, by API."""

    id: str
    owner: str | None = None
    status: str = "ENABLED"
    auto_tagging: bool = True
    terms: bool = True
    enhanced: bool = True
    actions: Mapping[str, Action] = field(default_factory=dict)
    trouble: Trouble | None = None
    owner_trouble: Trouble | None = None
    upload_trouble: Mapping[Backend, Trouble] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the vendors answered. `connected`, `worked`: systems that have a connection, and those whose link worked before.
    `trouble`: Salesforce cannot be reached. `shown`: object -> its fields, None for an object that is not shown. `failed`:
    object -> the error of its last import."""

    connected: frozenset[str]
    worked: frozenset[str] = frozenset()
    trouble: Trouble | None = None
    shown: Shown = field(default_factory=dict)
    reachable: Mapping[str, Reachable] = field(default_factory=dict)
    accounts: Sequence[AccountFacts] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


def findings(wanted: Conversions, facts: Facts, account_of: Mapping[str, str]) -> list[Finding]:
    """Everything that is found. `account_of`: milestone -> its account, as configured."""
    found = [*_links(wanted, facts)]
    if not found or all(one.severity is Severity.WARNING for one in found):
        found += of_fields(wanted, facts.shown)
        found += _statuses(wanted, facts)
    found += [
        Finding("import_failed", Level.ACCOUNT, Severity.ERROR, words, object=name)
        for name, words in facts.failed.items()
    ]
    for one in facts.accounts:
        mine = [milestone for milestone in wanted.milestones if account_of[milestone.name] == one.id]
        found += _account(wanted, one, mine)
    found += _twice(wanted, facts.accounts, account_of)
    return list({one.key: one for one in reversed(found)}.values())[::-1]


# --- the link to Salesforce


def _links(wanted: Conversions, facts: Facts) -> Iterator[Finding]:
    """GA-E01, E04 to E08, E10."""
    block, error = Severity.BLOCK, Severity.ERROR
    if "google_ads" not in facts.connected:
        if "google_ads" in facts.worked:
            yield _google("not_linked", Level.ACCOUNT, error, "There is no connection to Google Ads any more.", "")
        return
    if not wanted.milestones:
        words = "conversions.yaml names no milestone."
        yield Finding("not_configured", Level.ACCOUNT, Severity.WARNING, words)
    if "salesforce" not in facts.connected:
        code, level = (
            ("not_linked", Level.ACCOUNT) if "salesforce" in facts.worked else ("no_sf_account_linked", Level.LINK)
        )
        yield Finding(code, level, error, "There is no connection to Salesforce.")
    elif facts.trouble and facts.trouble.code == "authentication":
        code, level = (
            ("sf_access_lost", Level.ACCOUNT) if "salesforce" in facts.worked else ("sf_login_no_access", Level.LINK)
        )
        yield Finding(code, level, error, facts.trouble.message)
    elif facts.trouble:
        yield Finding("sf_account_inaccessible", Level.LINK, error, facts.trouble.message)
    elif facts.reachable and not any(facts.reachable[name].names for name in facts.reachable if name != "contacts"):
        words = "LeadStatus and OpportunityStage are empty, or hidden from the integration user."
        yield Finding("no_milestones", Level.LINK, block, words, object="Lead,Opportunity")


def _statuses(wanted: Conversions, facts: Facts) -> Iterator[Finding]:
    """GA-E18: deleted from the organisation. What is inactive, or in no sales process, is still there."""
    for one in wanted.milestones:
        there = facts.reachable.get(one.object)
        if there is None or one.kind is Kind.LEAD_CONVERTED:
            continue
        if not there.tracked and there.tracked is not None:
            words = "Leads were converted in the last 30 days, but no change of a status was kept."
            yield Finding("sf_history_tracking_off", Level.ACCOUNT, Severity.ERROR, words, object=one.object)
        if one.reached not in there.names:
            words = f"{one.object} has no status or stage {one.reached!r}; there are {', '.join(sorted(there.names))}."
            yield Finding("milestone_gone", Level.MILESTONE, Severity.BLOCK, words, milestone=one.name)


# --- accounts of Google Ads


def _account(wanted: Conversions, one: AccountFacts, milestones: Sequence[Milestone]) -> Iterator[Finding]:
    """The account, then its milestones; an account that is blocked says nothing about its milestones."""
    found = [*_reached(one), *_uploads(wanted, one)]
    yield from found
    if any(finding.severity is not Severity.WARNING for finding in found):
        return
    yield from _settings(wanted, one, milestones)
    for milestone in milestones:
        yield from _action(wanted, one, milestone)


def _reached(one: AccountFacts) -> Iterator[Finding]:
    """GA-E02, E09, E10; suspended accounts, projects that are not approved."""
    if one.trouble:
        yield _of_trouble(one.trouble, one.id)
    elif one.status not in ("ENABLED", "UNSPECIFIED", "UNKNOWN"):
        words = f"Google Ads says that the account {one.id} is {one.status}."
        yield _google("ads_account_suspended", Level.ACCOUNT, Severity.BLOCK, words, one.id)
    elif one.owner is None:
        words = f"The account {one.id} tracks no conversions."
        yield _google("not_configured", Level.ACCOUNT, Severity.BLOCK, words, one.id)
    elif one.owner != one.id:
        severity = Severity.BLOCK if one.owner_trouble else Severity.WARNING
        more = f" {one.owner_trouble.message}" if one.owner_trouble else ""
        words = f"The manager {one.owner} tracks the conversions of the account {one.id}.{more}"
        yield _google("cross_account_tracking", Level.ACCOUNT, severity, words, one.id)


def _of_trouble(trouble: Trouble, account: str) -> Finding:
    """A code of Google's that says what is wrong stays; any other is GA-E02."""
    kind = GOOGLE_ADS_CODES.get(trouble.code)
    if kind is not None and kind.cls is ErrorClass.PERMISSION:
        return _google(trouble.code, Level.ACCOUNT, Severity.BLOCK, trouble.message, account)
    return _google("ads_api_error", Level.LINK, Severity.ERROR, trouble.message, account)


def _uploads(wanted: Conversions, one: AccountFacts) -> Iterator[Finding]:
    """Whether Google takes uploads at all: allow-listing, approval of the project."""
    for backend, trouble in one.upload_trouble.items():
        found = _of_trouble(trouble, one.id)
        if backend is wanted.backend:
            yield found
        else:
            yield _google(found.code, Level.ACCOUNT, Severity.WARNING, trouble.message, one.id)


def _settings(wanted: Conversions, one: AccountFacts, milestones: Sequence[Milestone]) -> Iterator[Finding]:
    """Auto-tagging; and what hashed people need. Without it, milestones that have click ids go on with those."""
    if not one.auto_tagging:
        words = f"Auto-tagging is off in the account {one.id}."
        yield _google("ads_auto_tagging_off", Level.ACCOUNT, Severity.WARNING, words, one.id)
    sends = [milestone for milestone in milestones if _kinds(wanted, milestone) & set(PEOPLE_IDS)]
    for code, good in ((_TERMS, one.terms), (_ENHANCED, one.enhanced)):
        if good or not sends:
            continue
        words = f"{GOOGLE_ADS_CODES[code].meaning} Account {one.owner}."
        yield _google(code, Level.ACCOUNT, Severity.WARNING, words, one.id)
        for milestone in sends:
            if not _kinds(wanted, milestone) & set(CLICK_IDS):
                yield _google(code, Level.MILESTONE, Severity.BLOCK, words, one.id, milestone.name)


def _kinds(wanted: Conversions, milestone: Milestone) -> set[str]:
    """The kinds of identifiers that are looked for."""
    return {kind for kind in milestone.identifiers if wanted.identifiers.get(kind)}


def _action(wanted: Conversions, one: AccountFacts, milestone: Milestone) -> Iterator[Finding]:
    """GA-E17, and actions that do not take what is sent."""
    action = one.actions.get(milestone.action)
    where = f"{milestone.action!r} in the account {one.owner}"

    def told(code: str, severity: Severity, words: str) -> Finding:
        return _google(code, Level.MILESTONE, severity, words, one.id, milestone.name)

    if action is None:
        yield told("conv_action_removed", Severity.BLOCK, f"There is no conversion action {where}.")
    elif action.status != "ENABLED":
        yield told("conv_action_removed", Severity.BLOCK, f"The conversion action {where} is {action.status}.")
    elif action.type not in IMPORTABLE:
        words = f"The conversion action {where} is of type {action.type}."
        yield told("ads_invalid_conversion_action_type", Severity.BLOCK, words)
    else:
        braids = _kinds(wanted, milestone) & {"gbraid", "wbraid"}
        if action.one_per_click and braids:
            words = f"The conversion action {where} counts one per click, and takes no {' and '.join(sorted(braids))}."
            code = "ads_one_per_click_conversion_action_not_permitted_with_braid"
            yield told(code, Severity.WARNING, words)
        if action.always_default and milestone.restate:
            words = f"The conversion action {where} always uses its default value."
            code = "ads_cannot_restate_conversion_action_that_always_uses_default_conversion_value"
            yield told(code, Severity.WARNING, words)


def _twice(wanted: Conversions, accounts: Sequence[AccountFacts], account_of: Mapping[str, str]) -> Iterator[Finding]:
    """GA-E03: accounts that are one place; a milestone that goes to one action by two names counts twice, so one is blocked."""
    owners: dict[str, str] = {}
    for one in accounts:
        if one.owner and one.owner in owners:
            words = f"The accounts {owners[one.owner]} and {one.id} both send to {one.owner}."
            yield _google("already_linked", Level.LINK, Severity.WARNING, words, one.id)
        elif one.owner:
            owners[one.owner] = one.id
    facts = {one.id: one for one in accounts}
    seen: dict[tuple[str, str, str], str] = {}
    for milestone in wanted.milestones:
        place = facts.get(account_of[milestone.name])
        action = place.actions.get(milestone.action) if place else None
        if action is None:
            continue
        first = seen.setdefault((milestone.kind, milestone.reached, action.id), milestone.name)
        if first != milestone.name:
            words = f"The milestones {first!r} and {milestone.name!r} both count in the conversion action {action.id}."
            yield _google("already_linked", Level.MILESTONE, Severity.BLOCK, words, "", milestone.name)


def _google(code: str, level: Level, severity: Severity, words: str, account: str, milestone: str = "") -> Finding:
    return Finding(code, level, severity, words, account, milestone=milestone, vendor="google_ads")

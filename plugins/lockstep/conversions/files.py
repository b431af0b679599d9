"""From conversions.yaml to `Conversions`, or one error that lists every mistake."""

from collections.abc import Iterator
from pathlib import Path

from lockstep.conversions.definition import (
    CLICK_IDS,
    PEOPLE_IDS,
    Amount,
    Backend,
    Consent,
    Conversions,
    Count,
    Fields,
    Kind,
    Milestone,
    Unknown,
)
from lockstep.conversions.document import ConversionsDocument, FieldsOf, MilestoneDocument, OfField
from lockstep.yaml_files import Document, Path_, refuse

FILE = "conversions.yaml"


def load(folder: Path) -> Conversions:
    """The conversions of that folder; without a file, none. Raises ConfigError that lists every mistake."""
    document = Document(folder / FILE, missing_ok=True, guide="docs/conversions.md")
    if document.content is None and not document.problems:
        return Conversions()
    content = document.validate(ConversionsDocument)
    if content:
        check(document, content)
    refuse(document.problems, f"{FILE}")
    return _conversions(document, content) if content else Conversions()


def check(document: Document, content: ConversionsDocument) -> None:
    """Notes on `document` every mistake beyond the grammar."""
    if content.shadow == content.backend:
        remedy = "Name the other one, or remove `shadow`."
        document.problem(("shadow",), "The shadow is the backend itself.", remedy)
    if content.milestones and not any(kind in CLICK_IDS or kind in PEOPLE_IDS for kind in content.identifiers):
        remedy = "Add `identifiers: {gclid: {Lead: GCLID__c, Opportunity: GCLID__c}}` with your fields."
        document.problem(("identifiers",), "Google cannot find a click without an identifier.", remedy)
    both = sorted({one.lower() for one in content.consent.granted} & {one.lower() for one in content.consent.denied})
    if both:
        document.problem(("consent",), f"{both[0]!r} says both yes and no.", "List it under one of the two.")
    seen: dict[tuple[str, ...], int] = {}
    for index, one in enumerate(content.milestones):
        for at, message, remedy in _problems(one, content):
            document.problem(("milestones", index, *at), message, remedy)
        for key in (("name", one.name), ("milestone", *_kind(one), one.action, one.account or "")):
            first = seen.setdefault(key, index)
            if first != index:
                where = document.line(("milestones", first))
                what = f"the name {one.name!r}" if key[0] == "name" else "the same milestone and action"
                document.problem(("milestones", index), f"Two milestones have {what}.", f"The other is line {where}.")


def _problems(one: MilestoneDocument, content: ConversionsDocument) -> Iterator[tuple[Path_, str, str]]:
    """(place within the milestone, message, remedy) of each mistake."""
    kinds = [kind for kind in Kind if getattr(one, kind) is not None]
    if len(kinds) != 1:
        remedy = f"Write exactly one of {', '.join(Kind)}."
        yield (), f"{len(kinds) or 'No'} kinds of milestone are named.", remedy
    for index, kind in enumerate(one.identifiers or ()):
        if kind not in content.identifiers:
            remedy = "Name its fields under `identifiers` at the top of the file."
            yield ("identifiers", index), f"There are no fields for {kind}.", remedy
    if one.identifiers == ():
        yield ("identifiers",), "The list is empty.", "Name at least one, or remove the line for all."
    if isinstance(one.currency, str) and one.value is None:
        yield ("currency",), "A currency without a value.", "Add `value:`, or remove the currency."


def _kind(one: MilestoneDocument) -> tuple[str, str]:
    kind = next((kind for kind in Kind if getattr(one, kind) is not None), Kind.LEAD_STATUS)
    reached = getattr(one, kind)
    return str(kind), "" if reached in (True, None) else str(reached)


def _conversions(document: Document, content: ConversionsDocument) -> Conversions:
    milestones = (_milestone(one, document.line(("milestones", at))) for at, one in enumerate(content.milestones))
    told = content.consent
    return Conversions(
        milestones=tuple(milestones),
        backend=Backend(content.backend),
        shadow=Backend(content.shadow) if content.shadow else None,
        account=content.account,
        identifiers=_fields(content.identifiers),
        country={name: tuple(some) for name, some in content.country.items()},
        consent=Consent(
            _fields({name: found for name in ("ad_user_data", "ad_personalization") if (found := getattr(told, name))}),
            frozenset(one.casefold() for one in told.granted),
            frozenset(one.casefold() for one in told.denied),
            Unknown(told.unknown),
        ),
        lookback_days=content.lookback_days,
    )


def _fields(given: dict[str, FieldsOf]) -> Fields:
    return {kind: {name: tuple(some) for name, some in objects.items()} for kind, objects in given.items()}


def _milestone(one: MilestoneDocument, line: int) -> Milestone:
    kind, reached = _kind(one)
    of_field = isinstance(one.value, OfField)
    return Milestone(
        name=one.name,
        kind=Kind(kind),
        reached=reached,
        action=one.action,
        value=Amount(field=one.value.field) if isinstance(one.value, OfField) else Amount(fixed=one.value),
        currency=one.currency if isinstance(one.currency, str) else None,
        currency_field=one.currency.field if isinstance(one.currency, OfField) else None,
        count=Count(one.count),
        restate=one.restate and of_field,
        identifiers=one.identifiers or (*CLICK_IDS, *PEOPLE_IDS),
        account=one.account,
        line=line,
    )

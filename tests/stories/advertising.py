"""The part of a story that is played in Google Ads: clicks, and what is counted of them."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.integration.engine.world import World
from tests.stories.language import After, Ref

from lockstep import steps
from lockstep.conversions.record import Conversion
from lockstep.model import Step, Window
from lockstep.store import conversions
from lockstep.store import preflight as preflights

ACCOUNT = "2223334445"
_CLICK = "click of "


def gclid(person: str) -> str:
    """What Google would call the click of that person."""
    return f"Cj0KCQ{person.encode().hex():0<56}"


def clicked(value: Any) -> Any:
    """`click of Kari` in a record's field is the GCLID of her click."""
    return gclid(value.removeprefix(_CLICK)) if isinstance(value, str) and value.startswith(_CLICK) else value


def click(world: World, person: str, ago: timedelta) -> None:
    at = (world.now - ago).replace(microsecond=0).isoformat()
    world.sandbox.act("google_ads", "add_click", customer=ACCOUNT, at=at, gclid=gclid(person))


def switch(world: World, changes: dict[str, Any]) -> None:
    """An account's own switches: {terms: false}. `allowlisted` is the project's; `actions` are conversion actions by id: their
    status."""
    for action, status in changes.pop("actions", {}).items():
        world.sandbox.act("google_ads", "set_action", id=action, status=status)
    if "allowlisted" in changes:
        world.sandbox.act("google_ads", "set_allow_list", allowed=changes.pop("allowlisted"))
    if changes:
        world.sandbox.act("google_ads", "set_customer", id=ACCOUNT, **changes)


def preflight(world: World) -> None:
    """Somebody who has mended something runs it: both links are asked again."""
    window = Window(world.now - timedelta(days=1), world.now)
    ctx = world.engine.context(f"preflight:{world.now}", Step.PREFLIGHT, "manual", window, {})
    steps.preflight_check(ctx, afresh=True)


def wrong_findings(world: World, after: After) -> Iterator[str]:
    with world.engine.store.reading() as tx:
        found = sorted(one.finding.code for one in preflights.open(tx))
    if after.found is not None and found != sorted(after.found):
        yield f"preflight finds {found}, not {sorted(after.found)}"


def known(world: World) -> list[Conversion]:
    with world.engine.store.reading() as tx:
        return list(conversions.all_of(tx))


def wrong_conversions(world: World, after: After, id_of: Callable[[Ref], str]) -> Iterator[str]:
    """What the ledger's conversions should say and do not."""
    for state, ref, milestone, details in after.conversions:
        own = [one for one in known(world) if one.record_id == id_of(ref) and one.milestone == milestone]
        fitting = [one for one in own if one.state == state and details.get("because") in (None, one.code)]
        if len(fitting) != details.get("times", 1):
            yield f"{ref} as {milestone} should be {state} {details or ''}; there are {[(str(one.state), one.code) for one in own]}"


def wrong_counts(world: World, after: After, id_of: Callable[[Ref], str]) -> Iterator[str]:
    """What Google should count, and does not, or the other way round."""
    if not after.counted:
        return
    held = [one for one in world.sandbox.admin("GET", "google_ads/conversions") if not one["retracted"]]
    for ref, milestone, details in after.counted:
        own = [one for one in held if str(one["order_id"]).startswith(f"{id_of(ref)}-{milestone}-")]
        if len(own) != (0 if details is None else details.get("times", 1)):
            yield f"Google counts {len(own)} of {ref} as {milestone}"
        yield from (f"{ref} as {milestone}: {wrong}" for one in own for wrong in _differences(one, details or {}))


def _differences(one: dict[str, Any], details: dict[str, Any]) -> Iterator[str]:
    shown = one | {"value": one["adjusted_value"] if one["adjusted_value"] is not None else one["value"]}
    at = datetime.fromisoformat(one["at"]).astimezone(UTC)
    shown |= {"first value": one["value"], "day": at.date().isoformat(), "minute": f"{at:%Y-%m-%dT%H:%MZ}"}
    shown["people"] = len(one["identifiers"])
    for key, expected in details.items():
        if key != "times" and shown.get(key) != expected:
            yield f"{key} is {shown.get(key)!r}, not {expected!r}"

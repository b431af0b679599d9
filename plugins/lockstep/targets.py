"""What the record that is written to says about a planned change: the table at the top of `apply`. Pure."""

from lockstep.model import Action, Change, Values


def compare(action: Action, change: Change, found: Values | None) -> str:
    """What is to be done, as one word: send, there, edited, stale, gone."""
    if found is None:
        return "gone"
    if action is Action.DELETE:
        return "send" if _holds(found, change.before) else "stale"
    if _holds(found, change.after):
        return "there"
    if _holds(found, {name: change.before.get(name) for name in change.after}):
        return "send"
    return "edited" if change.sent_at else "stale"


def ignored(change: Change, name: str, value: str | None) -> bool:
    """The vendor answered success and still holds what it held before (a lifecycle stage that would go back, for one)."""
    return change.action is Action.UPDATE and value != change.after[name] and value == change.before.get(name)


def _holds(found: Values, values: Values) -> bool:
    return all(found.get(name) == value for name, value in values.items())

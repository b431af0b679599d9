"""What of the vendors' words a user may read: they may quote the record."""

from lockstep.causes import template
from lockstep.errors import kind_of
from lockstep.model import Change
from lockstep.store.ledger import Card, ErrorRow
from lockstep_airflow.status.access import Viewer


def told(one: ErrorRow | Card, viewer: Viewer) -> str:
    """The message; for who may not see values, its template. What is said of a whole batch quotes no record."""
    if isinstance(one, Card):
        return bare(one.message, one.cause.code) if viewer.sees_values or one.cause.job else one.cause.template
    return bare(one.message, one.code) if viewer.sees_values or one.change_id is None else one.template


def bare(message: str, code: str) -> str:
    """What an exception of the engine says of itself, without the code and the code's remedy: those stand beside it."""
    return message.removeprefix(f"[{code}] ").removesuffix(f" What to do: {kind_of(code).remedy}")


def adds(words: str, code: str) -> bool:
    """They say more than the code means, which stands beside them, perhaps in another language."""
    return bool(words) and words != kind_of(code).meaning


def told_of(change: Change, message: str, viewer: Viewer) -> str:
    """A message about a change."""
    if viewer.sees_values:
        return message
    return template(
        message,
        (value for some in (change.before, change.after, change.source, change.lost) for value in some.values()),
    )

"""What can be chosen in the filters: objects and systems that were synced lately."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE
from lockstep.store import ledger

#: within which every object that is synced has had batches: each cycle has some for each
_WITHIN, _AMONG = timedelta(days=1), 500


@dataclass(frozen=True, slots=True)
class Choices:
    objects: list[str]
    systems: list[str]


def choices(tx: Connection, now: datetime, objects: Sequence[str], systems: Sequence[str]) -> Choices:
    """Of the latest batches, and what is on the page already."""
    recent = ledger.places(tx, now - _WITHIN, _AMONG)
    ads = GOOGLE_ADS in systems or any(system == GOOGLE_ADS for system, _ in recent)
    known = {name for _, name in recent} | {one for one in objects if one}
    return Choices(sorted(known, key=str.casefold), [SALESFORCE, HUBSPOT, *([GOOGLE_ADS] if ads else [])])

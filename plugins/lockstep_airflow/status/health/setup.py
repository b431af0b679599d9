"""What this host knows of the set-up: which of Airflow's connections there are, and what the files say. No secrets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lockstep.errors import LockstepError
from lockstep.model import GOOGLE_ADS, HUBSPOT, SALESFORCE

Loaded = TypeVar("Loaded")

ALERTS = "alerts"


@dataclass(frozen=True)
class SetUp:
    """`connections`: system (and ALERTS) -> whether Airflow has its connection; absent: it could not be asked.
    `milestones`: how many conversions.yaml names; None: it cannot be read. `allocation`: calls per day, by system."""

    connections: Mapping[str, bool] = field(default_factory=dict)
    milestones: int | None = None
    allocation: Mapping[str, int] = field(default_factory=dict)


def of_this_host() -> SetUp:
    """Asks Airflow and reads the files; what cannot be read is left out."""
    from lockstep import settings as settings_files
    from lockstep.conversions import files as conversion_files
    from lockstep_airflow.connections import mappings_folder

    folder = mappings_folder()
    settings = _readable(settings_files.load, folder)
    conversions = _readable(conversion_files.load, folder)
    return SetUp(
        connections=_connections(),
        milestones=len(conversions.milestones) if conversions else None,
        allocation=settings.allocation if settings else {},
    )


def _readable(load: Callable[[Path], Loaded], folder: Path) -> Loaded | None:
    try:
        return load(folder)
    except LockstepError:
        return None


def _connections() -> dict[str, bool]:
    from sqlalchemy.exc import SQLAlchemyError

    from lockstep_airflow import connections, google_ads

    names = {
        SALESFORCE: connections.SALESFORCE,
        HUBSPOT: connections.HUBSPOT,
        GOOGLE_ADS: google_ads.NAME,
        ALERTS: connections.ALERTS,
    }
    try:
        return {what: connections.find(name) is not None for what, name in names.items()}
    except SQLAlchemyError:
        return {}

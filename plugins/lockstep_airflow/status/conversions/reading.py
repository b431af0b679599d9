"""One look at conversions as a whole, and at the way of one click."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from lockstep.conversions.record import Conversion
from lockstep.store import ad_reports, conversion_list, differences, passport
from lockstep.store.differences import Expiring
from lockstep.store.passport import Passport
from lockstep_airflow.status.conversions.preflight import Checks, checks
from lockstep_airflow.status.conversions.uploads import Uploads, uploads

if TYPE_CHECKING:
    from lockstep.conversions.definition import Conversions


@dataclass(frozen=True, slots=True)
class Overview:
    """`expiring`: open opportunities whose click will be too old; None: open opportunities were never read. `milestones`: how many
    conversions.yaml names, None where this host cannot read it."""

    checks: Checks
    uploads: Uploads
    expiring: int | None
    milestones: int | None

    @property
    def started(self) -> bool:
        """Whether conversions were ever looked for, or checked."""
        return bool(self.uploads.total or self.checks.checked_at)


def overview(tx: Connection, wanted: "Conversions | None", now: datetime) -> Overview:
    read = bool(differences.accounts(tx))
    return Overview(
        checks=checks(tx, wanted, now),
        uploads=uploads(tx, wanted),
        expiring=len(late(tx, now)) if read else None,
        milestones=len(wanted.milestones) if wanted else None,
    )


def late(tx: Connection, now: datetime) -> list[Expiring]:
    """Open opportunities whose click will be too old, the next first; today is that of the first account's time zone."""
    account = next(iter(differences.accounts(tx)), "")
    place = differences.place_of(tx, account, now)
    return differences.expiring(tx, now.astimezone(ZoneInfo(place.zone if place else "UTC")).date())


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: one passport, or conversions of several clicks. `campaign`: the name of the click's."""

    passport: Passport | None = None
    several: tuple[Conversion, ...] = ()
    campaign: str | None = None


def find(tx: Connection, text: str) -> Found:
    """By click id, order id, or the id of a record."""
    one = passport.passport(tx, text) or passport.of_order(tx, text)
    if one is None:
        mine = {each.click_id or each.order_id: each for each in conversion_list.of_record(tx, text)}
        if len(mine) > 1:
            return Found(several=tuple(mine.values()))
        known = [passport.of_order(tx, each.order_id) for each in mine.values()]
        one = next(iter(known or [passport.passport(tx, gclid) for gclid in ad_reports.gclids_of(tx, text)]), None)
    name = ad_reports.campaigns(tx).get(one.campaign) if one and one.campaign else None
    return Found(one, campaign=name or (one.campaign if one else None))

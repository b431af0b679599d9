"""One look at what waits (MK-13)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from lockstep.model import HUBSPOT, SALESFORCE, other_side
from lockstep.store import backlog
from lockstep.store.backlog import Sample

if TYPE_CHECKING:
    from lockstep.mapping import Mappings

#: 5 days of six buckets of four hours
POINTS, BUCKET = 30, timedelta(hours=4)
#: a backlog grows if it is larger than it was so long ago
COMPARED = timedelta(hours=6)
_HOURS, _HOUR = 24, timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Point:
    """What waited at the end of a bucket that began at `at`; `records` and `share` (of the highest) are None where nothing
    was measured."""

    at: datetime
    records: int | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Direction:
    """Records of a mapping on their way to `system`. `slowest`, `fastest`, `mean`: written per hour over 24 rolling hours.
    `sampled_at`: when `records` waited; None: never measured."""

    entity: str
    system: str
    sources: tuple[str, ...]
    targets: tuple[str, ...]
    records: int | None
    sampled_at: datetime | None
    before: int | None
    slowest: int
    fastest: int
    mean: float
    points: tuple[Point, ...]

    @property
    def growing(self) -> bool:
        return self.records is not None and self.before is not None and self.records > self.before

    @property
    def needs(self) -> timedelta | None:
        """Until all is written: backlog / mean per hour. None: nothing was written lately, so nobody can tell."""
        if not self.records:
            return timedelta(0)
        return self.records / self.mean * _HOUR if self.mean else None

    @property
    def peak(self) -> Point:
        return max(self.points, key=lambda point: point.records or 0)


def directions(tx: Connection, mappings: "Mappings | None", now: datetime) -> list[Direction]:
    """What waits most first. Mappings that were never sampled are there too, if the mapping files can be read."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for one in backlog.samples(tx, _telling(backlog.times(tx, now - backlog.KEPT), now)):
        samples[one.entity, one.system].append(one)
    rates: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0] * _HOURS)
    for entity, system, at, records in backlog.written(tx, now - _HOURS * _HOUR):
        rates[entity, system][min(_HOURS - 1, max(0, (now - at) // _HOUR))] += records
    known = {(one.entity, system) for one in (mappings.all if mappings else ()) for system in (SALESFORCE, HUBSPOT)}
    keys = known or samples.keys() | rates.keys()
    found = [_direction(key, samples[key], rates[key], mappings, now) for key in keys]
    return sorted(found, key=lambda one: (-(one.records or 0), -one.mean, one.entity, one.system))


def _telling(times: Sequence[datetime], now: datetime) -> set[datetime]:
    """Of all samples those that the page tells of: the last of each bucket, the latest, and what that is compared with."""
    start = now - POINTS * BUCKET
    found = {(at - start) // BUCKET: at for at in times if at >= start}
    earlier = [at for at in times if at <= times[-1] - COMPARED]
    return {*found.values(), *times[-1:], *earlier[-1:]}


def _direction(
    key: tuple[str, str], samples: Sequence[Sample], hourly: Sequence[int], mappings: "Mappings | None", now: datetime
) -> Direction:
    entity, system = key
    latest = samples[-1] if samples else None
    earlier = [one.records for one in samples if latest and one.at <= latest.at - COMPARED]
    mapping = next((one for one in mappings.all if one.entity == entity), None) if mappings else None
    return Direction(
        entity=entity,
        system=system,
        sources=mapping.objects(other_side(system)) if mapping else (),
        targets=mapping.objects(system) if mapping else (),
        records=latest.records if latest else None,
        sampled_at=latest.at if latest else None,
        before=earlier[-1] if earlier else None,
        slowest=min(hourly),
        fastest=max(hourly),
        mean=sum(hourly) / _HOURS,
        points=_points(samples, now),
    )


def _points(samples: Iterable[Sample], now: datetime) -> tuple[Point, ...]:
    """The last sample of each bucket; the newest bucket ends now."""
    start = now - POINTS * BUCKET
    last: dict[int, int] = {(one.at - start) // BUCKET: one.records for one in samples if one.at >= start}
    highest = max(last.values(), default=0) or 1
    return tuple(
        Point(start + n * BUCKET, last.get(n), last[n] / highest if n in last else None) for n in range(POINTS)
    )

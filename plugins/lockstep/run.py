"""What one run works with: its store, systems, mappings and settings, and which of them it covers."""

import logging
from collections.abc import Callable, Iterator
from collections.abc import Mapping as AbstractMapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from lockstep.conversions import Conversions
from lockstep.mapping import Mapping, Mappings
from lockstep.settings import Settings
from lockstep.store import Store
from lockstep.store.ledger import Run
from lockstep.systems.ads import AdsSystem
from lockstep.systems.base import Meter, System

NO_CONVERSIONS = Conversions()


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Context:
    """Everything a step needs. `systems` and `meters` are keyed by system name; `google_ads` is None where there is no connection
    to it: then no conversion is looked for."""

    store: Store
    systems: AbstractMapping[str, System]
    meters: AbstractMapping[str, Meter]
    mappings: Mappings
    settings: Settings
    run: Run
    now: Callable[[], datetime] = utc_now
    conversions: Conversions = NO_CONVERSIONS
    google_ads: AdsSystem | None = None
    log: logging.Logger = field(default_factory=lambda: logging.getLogger("lockstep"))

    @property
    def params(self) -> AbstractMapping[str, Any]:
        return self.run.params

    @property
    def moves_coverage(self) -> bool:
        """Only a scheduled run (or a manual one without dates) moves coverage; others read exactly their interval (DESIGN §3)."""
        return self.run.kind == "scheduled"

    def chosen(self) -> tuple[Mapping, ...]:
        """The mappings this run covers: all, or those named in the `objects` param."""
        wanted = set(self.params.get("objects") or ())
        return tuple(m for m in self.mappings.all if not wanted or wanted & {m.entity, m.hs_object, *m.sf_objects})

    def sources(self) -> Iterator[tuple[str, str, Mapping]]:
        """(system, object, mapping) of everything that this run reads."""
        wanted = set(self.params.get("systems") or ())
        for mapping in self.chosen():
            for system in ("salesforce", "hubspot"):
                if system in self.systems and (not wanted or system in wanted):
                    yield from ((system, name, mapping) for name in mapping.sources(system))

    def objects(self, system: str) -> list[str]:
        """Everything of that system that this run reads or writes."""
        wanted = set(self.params.get("systems") or ())
        if wanted and system not in wanted:
            return []
        return list(dict.fromkeys(name for mapping in self.chosen() for name in mapping.objects(system)))

"""What an error code is: its class, its meaning, its remedy. The codes themselves are in `lockstep.errors`."""

from dataclasses import dataclass
from enum import StrEnum


class ErrorClass(StrEnum):
    """Who or what can mend it (DESIGN §6)."""

    CONFIG = "config"
    DATA = "data"
    CONFLICT = "conflict"
    PERMISSION = "permission"
    TRANSIENT = "transient"
    QUOTA = "quota"


@dataclass(frozen=True, slots=True)
class ErrorKind:
    code: str
    cls: ErrorClass
    meaning: str
    remedy: str

    @property
    def retried(self) -> bool:
        """Transient failures and used-up quotas are tried again by later runs; others wait for a change."""
        return self.cls in (ErrorClass.TRANSIENT, ErrorClass.QUOTA)

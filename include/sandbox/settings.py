"""What every vendor's settings have in common: defaults, changed at run time by name."""

from dataclasses import dataclass
from typing import Any, ClassVar


@dataclass(frozen=True)
class Unverified:
    """The default of a setting whose behaviour no page of the vendor shows: what it assumes, and why we believe it.

    All of a vendor's stand in its `unverified.py`, and in the tables of docs/sandbox.md. Whoever observes the vendor doing
    otherwise changes the value there, and nothing else.
    """

    value: Any
    assumes: str
    source: str


class Settings(dict[str, Any]):
    """The vendor's defaults with changes. An unknown name is an error, so that a misspelled switch is not silently none."""

    vendor: ClassVar[str]
    defaults: ClassVar[dict[str, Any]]
    unverified: ClassVar[dict[str, Unverified]]

    def __init__(self, changes: dict[str, Any] | None = None) -> None:
        super().__init__(self.defaults)
        self.update(changes or {})

    def update(self, changes: dict[str, Any]) -> None:  # type: ignore[override]
        """Raises ValueError naming every unknown setting."""
        if unknown := sorted(set(changes) - set(self.defaults)):
            raise ValueError(f"unknown {self.vendor} settings {unknown}; known are {sorted(self.defaults)}")
        super().update(changes)

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

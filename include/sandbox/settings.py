"""What every vendor's settings have in common: defaults, changed at run time by name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sandbox import arguments


@dataclass(frozen=True)
class Unverified:
    """The default of a setting whose behaviour no page of the vendor shows: what it assumes, and why we believe it.

    All of a vendor's stand in its `unverified.py`, and in the tables of docs/sandbox.md. Whoever observes the vendor doing
    otherwise changes the value there, and nothing else.
    """

    value: Any
    assumes: str
    source: str


def check(vendor: str, defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> None:
    """ValueError naming what is wrong with changes of a vendor's settings."""
    if unknown := sorted(set(changes) - set(defaults)):
        raise ValueError(f"unknown {vendor} settings {unknown}; known are {sorted(defaults)}")
    arguments.check({name: _hint(default) for name, default in defaults.items()}, changes)


def _hint(default: Any) -> Any:
    """What a setting takes: a switch may also be the list of those for which it is on; null takes anything."""
    if default is None:
        return Any
    if isinstance(default, bool):
        return bool | list
    return float | None if isinstance(default, int | float) else type(default) | None


class Settings(dict[str, Any]):
    """The vendor's defaults with changes. An unknown name is an error, so that a misspelled switch is not silently none."""

    vendor: ClassVar[str]
    defaults: ClassVar[dict[str, Any]]

    def __init__(self, changes: dict[str, Any] | None = None) -> None:
        super().__init__(self.defaults)
        self.update(changes or {})

    def update(self, changes: dict[str, Any]) -> None:  # type: ignore[override]
        """Raises ValueError naming every setting that is unknown, or every value that is of another type than its default."""
        check(self.vendor, self.defaults, changes)
        super().update(changes)

    def __setitem__(self, name: str, value: Any) -> None:
        self.update({name: value})

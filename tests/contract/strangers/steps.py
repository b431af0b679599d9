"""What a program that tries a client prints: one JSON object of what each step found, or the error that it ended in."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from typing import Any


async def run(steps: dict[str, Callable[[], Any]]) -> None:
    """Run every step, though one before it failed, and print what they found."""
    found: dict[str, Any] = {}
    for name, step in steps.items():
        try:
            value = step()
            found[name] = await value if inspect.isawaitable(value) else value
        except Exception as error:  # noqa: BLE001 (whatever a client raises is what was found)
            found[name] = {"failed": f"{type(error).__name__}: {error}"}
    print(json.dumps(found, ensure_ascii=False))

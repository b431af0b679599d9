"""How the suite is divided among the workers of pytest-xdist, and in what order.

A share is what one worker runs from beginning to end: all that needs the one Airflow, all of the engine on PostgreSQL, else one
file, so that what a file's tests share is made once. The longest shares come first; the short ones fill the end.
`--dist loadgroup` would be the usual way, but xdist 3.8 loses its groups with pytest 9.2 (pytest-xdist #1386).
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling

AIRFLOW = "airflow"

#: shares that take long, longest first
LONG = (
    AIRFLOW,
    "engine on PostgreSQL",
    "tests/laws/",
    "tests/integration/engine/test_engine_objects.py",
    "tests/integration/engine/test_engine_conversions.py",
    "tests/integration/",
    "tests/stories/",
    "tests/status/",
    "tests/contract/",
)

#: files of many tests that share nothing dear: they go one by one
LOOSE = ("tests/stories/test_stories.py", "tests/laws/")


def share_of(nodeid: str) -> str:
    """The share that a test belongs to."""
    path, _, test = nodeid.partition("::")
    if path.startswith("tests/integration/test_"):
        return AIRFLOW
    if path.startswith("tests/integration/engine/") and "postgresql" in test:
        return "engine on PostgreSQL"
    return nodeid if path.startswith(LOOSE) else path


def rank(nodeid: str) -> int:
    """The place of a test's share; tests of one rank stay as they are."""
    share = share_of(nodeid)
    return next((number for number, start in enumerate(LONG) if share.startswith(start)), len(LONG))


class ByShare(LoadScopeScheduling):
    """Gives whole shares to workers, in the order of collection."""

    def __init__(self, config: Any, log: Any):
        super().__init__(config, log)
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        return share_of(nodeid)

"""Several calls to a vendor at a time: it answers one in half a second, and takes twenty in a second."""

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

T = TypeVar("T")


def side_by_side(items: Iterable[T], work: Callable[[T], object], at_once: int) -> None:
    """Work on the items, at most `at_once` of them at a time; in this very thread if that is 1.

    An item is drawn, in this thread, when there is room for it. An error stops the drawing; what is being worked on ends
    first, then the error is raised.
    """
    if at_once == 1:
        for item in items:
            work(item)
        return
    with ThreadPoolExecutor(at_once) as pool:
        busy = set[Future[object]]()
        for item in items:
            busy = _below(busy, at_once) | {pool.submit(work, item)}
        _below(busy, 1)


def _below(busy: set[Future[object]], number: int) -> set[Future[object]]:
    """Wait until fewer are at work; raise what one of those that have ended raised."""
    while len(busy) >= number:
        ended, busy = wait(busy, return_when=FIRST_COMPLETED)
        for one in ended:
            one.result()
    return busy

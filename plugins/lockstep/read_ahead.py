"""The next page comes while one is worked on: a vendor needs time to make it, and the network to bring it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def read_ahead(pages: Iterator[T]) -> Iterator[Iterator[T]]:
    """Within it, pages are drawn by one thread, each while the one before is worked on: never more than one ahead, so that
    memory holds two. An error comes in its page's place. Leaving early waits for the page that is on its way.
    """
    with ThreadPoolExecutor(1) as reader:
        yield _drawn(pages, reader)


def _drawn(pages: Iterator[T], reader: ThreadPoolExecutor) -> Iterator[T]:
    coming = reader.submit(next, pages, None)
    while (page := coming.result()) is not None:
        coming = reader.submit(next, pages, None)
        yield page
        del page  # this frame would keep it while the next one is awaited

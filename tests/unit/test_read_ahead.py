"""The next page comes while one is worked on."""

from collections.abc import Iterator
from threading import Event, get_ident

import pytest

from lockstep.read_ahead import read_ahead


def test_the_next_one_comes_while_one_is_worked_on_and_no_further_one() -> None:
    drawn, second = list[int](), Event()

    def numbers() -> Iterator[int]:
        for number in range(5):
            drawn.append(number)
            if number == 1:
                second.set()
            yield number

    with read_ahead(numbers()) as pages:
        assert next(pages) == 0
        assert second.wait(30), "nobody asked for it yet"
        assert drawn == [0, 1]
        assert list(pages) == [1, 2, 3, 4]


def test_all_are_drawn_by_one_other_thread() -> None:
    with read_ahead(get_ident() for _ in range(9)) as pages:
        assert len({get_ident(), *pages}) == 2


def test_an_error_comes_in_its_place() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise LookupError("the third")

    with read_ahead(numbers()) as pages:
        assert [next(pages), next(pages)] == [1, 2]
        with pytest.raises(LookupError, match="the third"):
            next(pages)


def test_leaving_early_waits_for_the_one_that_is_on_its_way() -> None:
    leaving, drawn = Event(), list[int]()

    def numbers() -> Iterator[int]:
        yield 0
        assert leaving.wait(30)
        drawn.append(1)
        yield 1

    with read_ahead(numbers()) as pages:
        assert next(pages) == 0
        leaving.set()
    assert drawn == [1]

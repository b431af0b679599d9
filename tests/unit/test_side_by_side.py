"""Working on several things at a time."""

from collections.abc import Iterator
from threading import Barrier, get_ident

import pytest

from lockstep.side_by_side import side_by_side


def test_as_many_as_told_are_worked_on_at_the_same_time() -> None:
    together, done = Barrier(3, timeout=30), list[int]()

    def work(number: int) -> None:
        together.wait()  # breaks unless three are here
        done.append(number)

    side_by_side(range(9), work, 3)
    assert sorted(done) == list(range(9))


def test_one_at_a_time_stays_in_this_thread_and_in_order() -> None:
    done: list[tuple[int, int]] = []
    side_by_side(range(3), lambda number: done.append((number, get_ident())), 1)
    assert done == [(number, get_ident()) for number in range(3)]


@pytest.mark.parametrize("at_once", [1, 2])
def test_an_error_stops_the_drawing_and_is_raised_when_the_others_have_ended(at_once: int) -> None:
    drawn, ended = list[int](), list[int]()

    def items() -> Iterator[int]:
        for number in range(100):
            drawn.append(number)
            yield number

    def work(number: int) -> None:
        if number == 1:
            raise ValueError("no")
        ended.append(number)

    with pytest.raises(ValueError, match="no"):
        side_by_side(items(), work, at_once)
    assert len(drawn) < 100
    assert sorted(ended) == [number for number in drawn if number != 1][: len(ended)]
    assert len(drawn) - len(ended) <= 2

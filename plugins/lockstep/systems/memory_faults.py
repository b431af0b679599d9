"""What goes wrong in a system in memory."""

from lockstep.errors import LockstepError


class Faults:
    """What goes wrong: errors and lost answers by the number of the call, counted from 1."""

    def __init__(self) -> None:
        self.calls = 0
        self._errors: dict[int, LockstepError] = {}
        self._lost: set[int] = set()

    def fail_at(self, call: int, error: LockstepError) -> None:
        """The call raises, and does nothing."""
        self._errors[call] = error

    def lose_at(self, call: int) -> None:
        """A write is carried out, but its answer is lost."""
        self._lost.add(call)

    def heal(self) -> None:
        """Nothing goes wrong from now on."""
        self._errors.clear()
        self._lost.clear()

    def next(self) -> bool:
        """Count a call: raise its error, or return whether its answer is lost."""
        self.calls += 1
        if error := self._errors.pop(self.calls, None):
            raise error
        return self.calls in self._lost

"""When a value came to stand, as the vendors' own histories tell it (HS-13): asked for clashes that the later edit wins.

HubSpot keeps the history of every property, Salesforce of the fields that an administrator chose. Where there is none, the
time counts at which the mirror first saw the value. Planning itself asks nobody: it is done again with what was read.
"""

from collections import defaultdict
from collections.abc import Iterable

from lockstep.plan import Contested, UnitPlan
from lockstep.run import Context


class Histories:
    def __init__(self, ctx: Context):
        self._ctx = ctx
        #: what was asked -> when the present value was set; None: no history tells
        self._known: dict[Contested, str | None] = {}

    @property
    def times(self) -> dict[Contested, str]:
        return {asked: at for asked, at in self._known.items() if at}

    def unread(self, plans: Iterable[UnitPlan]) -> set[Contested]:
        return {one for plan in plans for one in plan.contested} - self._known.keys()

    def read(self, contested: set[Contested]) -> None:
        """One question per object; no transaction is open."""
        groups: dict[tuple[str, str], set[Contested]] = defaultdict(set)
        for one in contested:
            groups[one.system, one.object].add(one)
        for (system, name), some in groups.items():
            fields = sorted({one.field for one in some})
            found = self._ctx.systems[system].field_times(name, fields, sorted({one.record_id for one in some}))
            self._known |= {one: found.get((one.record_id, one.field)) for one in some}

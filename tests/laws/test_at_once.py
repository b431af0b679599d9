"""Several calls at a time: what one of them meets is no trouble of the others, and running again ends it."""

from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from tests.laws.two_systems import OBJECT, Killed, TwoSystems, spoil

from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.store import Store

RECORDS = 60


@pytest.mark.parametrize("kind", ["fails", "lost", "dies"])
def test_what_one_call_meets_ends_with_the_next_cycle(tmp_path: Path, kind: str) -> None:
    two = TwoSystems(Store(f"sqlite:///{tmp_path}/lockstep.db"))
    hubspot = two.memory[HUBSPOT]
    hubspot.limits = replace(hubspot.limits, write_batch=5, writes_at_once=4)
    for number in range(RECORDS):
        two.memory[SALESFORCE].create(OBJECT[SALESFORCE], {"Email": f"p{number}@x.no", "Title": "Buyer"})
    spoil(two, HUBSPOT, kind, 12)
    with pytest.raises(Killed) if kind == "dies" else nullcontext():
        two.cycle()
    assert bool(two.engine.errors) == (kind == "fails")
    hubspot.faults.heal()
    for _ in range(2):
        batches = two.cycle()
        assert two.engine.errors == {}
    assert len(two.people(HUBSPOT)) == RECORDS
    assert two.by_email()[HUBSPOT] == two.by_email()[SALESFORCE]
    assert sum(batch.counts["new"] + batch.counts["updated"] for batch in batches) == 0, "it rests"

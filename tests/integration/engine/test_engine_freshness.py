"""How far behind a mapping is goes by what was read and pushed, not by how much people edit."""

from datetime import timedelta

from tests.integration.engine.world import on_both

from lockstep import steps
from lockstep.decisions import Decision, DecisionKind
from lockstep.model import Step
from lockstep.store import decisions


def behind(world) -> dict[str, int]:
    ctx = world.engine.context("push_updates:look", Step.PUSH_UPDATES, "scheduled", world.window(), {})
    return {one.entity: one.minutes for one in steps.behind(ctx)}


@on_both
def test_quiet_hours_are_fresh_and_failed_reads_are_not(synced):
    synced.wait(timedelta(hours=5))
    synced.cycle()
    assert behind(synced) == {}
    synced.fault("hubspot", "status", "/crm/.*contacts", status=503, times=1_000_000)
    for _ in range(3):
        synced.cycle()
    late = behind(synced)
    assert set(late) == {"people"}
    assert 44 <= late["people"] <= 46
    synced.heal()
    synced.cycle()
    assert synced.engine.errors == {}
    assert behind(synced) == {}
    with synced.engine.store.writing() as tx:
        decisions.record(tx, Decision(DecisionKind.PAUSE, "ann", synced.now, object="people"))
    for _ in range(3):
        synced.cycle()
    assert behind(synced) == {}

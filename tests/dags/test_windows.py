"""One function decides which time a run covers."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from lockstep.errors import ConfigError
from lockstep_airflow.windows import resolve_window

AFTER = datetime(2026, 3, 5, 12, 7, tzinfo=UTC)
DAY = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC))


def context(run_type="manual", interval=(None, None), conf=None, params=None):
    run = SimpleNamespace(
        dag_id="pull_updates",
        run_id="r",
        run_type=run_type,
        run_after=AFTER,
        conf=conf,
        data_interval_start=interval[0],
        data_interval_end=interval[1],
    )
    return {"dag_run": run, "params": params or {}}


def resolved(**kwargs):
    found = resolve_window(context(**kwargs))
    return found.kind, found.window.start, found.window.end


def test_a_backfill_covers_its_data_interval():
    assert resolved(run_type="backfill", interval=DAY) == ("backfill", *DAY)


def test_a_scheduled_run_covers_its_data_interval():
    assert resolved(run_type="scheduled", interval=DAY) == ("scheduled", *DAY)


@pytest.mark.parametrize("run_type", ["manual", "operator_triggered", "asset_triggered"])
def test_other_runs_never_use_the_interval_that_airflow_made_up(run_type):
    assert resolved(run_type=run_type, interval=DAY) == ("scheduled", None, AFTER)


def test_a_persons_dates_make_a_manual_run():
    conf = {"window_start": "2026-01-01", "window_end": "2026-02-01T00:00:00+01:00"}
    assert resolved(conf=conf) == ("manual", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, 23, tzinfo=UTC))


def test_dates_win_over_a_backfills_interval():
    conf = {"window_start": "2026-01-01", "window_end": "2026-02-01"}
    assert resolved(run_type="backfill", interval=DAY, conf=conf)[0] == "manual"


def test_a_start_alone_reaches_to_the_time_of_the_run():
    assert resolved(conf={"window_start": "2026-01-01"}) == ("manual", datetime(2026, 1, 1, tzinfo=UTC), AFTER)


def test_the_cycle_tells_its_steps_kind_and_window():
    conf = {"kind": "backfill", "window_start": DAY[0].isoformat(), "window_end": DAY[1].isoformat()}
    assert resolved(run_type="operator_triggered", conf=conf) == ("backfill", *DAY)
    conf = {"kind": "scheduled", "window_start": None, "window_end": AFTER.isoformat()}
    assert resolved(run_type="operator_triggered", conf=conf) == ("scheduled", None, AFTER)


def test_dates_may_come_as_params_too():
    assert resolved(params={"window_start": "2026-01-01", "window_end": None})[0] == "manual"


@pytest.mark.parametrize(
    ("conf", "words"),
    [
        ({"window_end": "2026-01-01"}, "without window_start"),
        ({"window_start": "2026-02-01", "window_end": "2026-01-01"}, "not before"),
        ({"window_start": "2026-01-01", "window_end": "2026-01-01"}, "not before"),
        ({"window_start": "yesterday"}, "'yesterday', which is not a date"),
        ({"window_start": "2026-01-01", "kind": "weekly"}, "kind is 'weekly'"),
    ],
)
def test_wrong_dates_are_refused_in_words(conf, words):
    with pytest.raises(ConfigError, match=words):
        resolve_window(context(conf=conf))


def test_a_timetable_without_intervals_is_refused():
    with pytest.raises(ConfigError, match="no data interval"):
        resolve_window(context(run_type="scheduled", interval=(AFTER, AFTER)))

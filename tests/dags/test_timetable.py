"""The backfill-only timetable leans on how Airflow asks; here is what it leans on."""

from datetime import UTC, datetime, timedelta

import pytest
from airflow.timetables.base import DataInterval, TimeRestriction
from airflow.timetables.interval import CronDataIntervalTimetable
from pendulum import instance

from lockstep.errors import ConfigError
from lockstep_airflow import timetable

START = instance(datetime(2026, 3, 1, tzinfo=UTC))


def windows(schedule, days):
    """What a backfill over so many days makes of it (from and to are both included)."""
    restriction = TimeRestriction(START, START + timedelta(days=days - 1), catchup=True)
    found, last = [], None
    while info := schedule.next_dagrun_info(last_automated_data_interval=last, restriction=restriction):
        last = info.data_interval
        found.append((last.start, last.end))
    return found


def test_it_never_schedules_itself():
    schedule = timetable.BackfillOnlyCron("0 0 * * *", timezone="UTC")
    restriction = TimeRestriction(START, None, catchup=False)
    assert schedule.next_dagrun_info(last_automated_data_interval=None, restriction=restriction) is None
    before = DataInterval(START, START + timedelta(days=1))
    assert schedule.next_dagrun_info(last_automated_data_interval=before, restriction=restriction) is None


def test_a_backfill_gets_whole_days_one_after_another():
    found = windows(timetable.BackfillOnlyCron("0 0 * * *", timezone="UTC"), days=5)
    assert found == [(START + timedelta(days=n), START + timedelta(days=n + 1)) for n in range(5)]


def test_it_survives_serialization():
    from airflow.serialization.decoders import decode_timetable
    from airflow.serialization.encoders import encode_timetable

    schedule = timetable.BackfillOnlyCron("*/15 * * * *", timezone="UTC")
    encoded = encode_timetable(schedule)
    assert encoded["__type"] == "lockstep_airflow.timetable.BackfillOnlyCron"
    back = decode_timetable(encoded)
    assert isinstance(back, timetable.BackfillOnlyCron)
    assert back.serialize() == schedule.serialize()


def test_the_cycle_follows_the_setting(monkeypatch):
    monkeypatch.setenv("LOCKSTEP_SCHEDULE", "0 6 * * *")
    assert timetable.of_cycle().serialize()["expression"] == "0 6 * * *"
    assert type(timetable.of_cycle()) is CronDataIntervalTimetable


def test_the_schedule_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("LOCKSTEP_SCHEDULE_ENABLED", "False")
    assert isinstance(timetable.of_cycle(), timetable.BackfillOnlyCron)
    assert timetable.of_preflight() is None


def test_a_wrong_schedule_is_named(monkeypatch):
    monkeypatch.setenv("LOCKSTEP_SCHEDULE", "every day")
    with pytest.raises(ConfigError, match="LOCKSTEP_SCHEDULE is 'every day'"):
        timetable.of_cycle()

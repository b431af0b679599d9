"""Loads what a process of Airflow holds before its task begins, so that peak memory is that of the whole task."""

import os
import resource
import tempfile

os.environ.setdefault("AIRFLOW_HOME", tempfile.mkdtemp(prefix="lockstep-airflow-home-"))

import airflow.sdk.execution_time.task_runner  # noqa: F401

import lockstep_airflow.operators  # noqa: F401


def peak_rss_mb() -> float:
    """The most memory that this process has held so far."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)

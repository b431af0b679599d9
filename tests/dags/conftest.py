"""Airflow in a temporary home, without a database: these tests read DAGs and call operators' parts."""

import tests.airflow_home  # noqa: F401 - before Airflow is imported

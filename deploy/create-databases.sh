#!/usr/bin/env bash
# Runs once, when PostgreSQL's volume is empty: a database and a role of its own for Airflow's metadata and for the
# ledger, so that neither can touch the other.
set -euo pipefail

psql --set ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres \
    --set airflow_password="${AIRFLOW_DB_PASSWORD}" --set lockstep_password="${LOCKSTEP_DB_PASSWORD}" <<'SQL'
CREATE ROLE airflow LOGIN PASSWORD :'airflow_password';
CREATE DATABASE airflow OWNER airflow;
REVOKE CONNECT ON DATABASE airflow FROM PUBLIC;
CREATE ROLE lockstep LOGIN PASSWORD :'lockstep_password';
CREATE DATABASE lockstep OWNER lockstep;
REVOKE CONNECT ON DATABASE lockstep FROM PUBLIC;
SQL

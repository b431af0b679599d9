#!/usr/bin/env bash
# Before the first start and after each upgrade: Airflow's schema and the login. Repeating it changes nothing.
set -euo pipefail

python /opt/lockstep/deploy/passwords.py
airflow db migrate

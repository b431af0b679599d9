"""Everything of Lockstep that imports Airflow: operators, connections, alerts, the Sync Status page."""

"""Lockstep's engine: keeps Salesforce, HubSpot and Google Ads in step. Knows no Airflow."""

#!/usr/bin/env bash
# Whether this container's Celery worker answers.
exec celery --app airflow.providers.celery.executors.celery_executor.app inspect ping \
    --timeout 20 --destination "celery@${HOSTNAME}"

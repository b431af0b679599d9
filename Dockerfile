# One image for every Airflow component and for the sandbox; docker-compose.yaml chooses the command.
# Without a registry: see CONTRIBUTING.md, "The compose stack without a registry".
ARG BASE_IMAGE=python:3.12-slim-bookworm

FROM ${BASE_IMAGE} AS packages
RUN python3 -m venv /opt/lockstep/venv
# A folder `wheelhouse/` beside this file, if there is one, is used instead of PyPI; the hashes are checked either way.
COPY requirements.txt wheelhouse* /build/
# --no-deps: the lock names every package, so there is nothing left to resolve.
RUN set -eu; \
    from=""; if ls /build/*.whl >/dev/null 2>&1; then from="--no-index --find-links /build"; fi; \
    /opt/lockstep/venv/bin/pip install --quiet --no-cache-dir --disable-pip-version-check \
        --require-hashes --no-deps $from -r /build/requirements.txt

FROM ${BASE_IMAGE}
# Airflow's conventional user id, so that volumes made for Airflow's own image stay readable.
RUN useradd --uid 50000 --gid 0 --create-home --home-dir /opt/airflow --shell /usr/sbin/nologin airflow \
    && install -d -o airflow -g 0 -m 0775 /opt/airflow /opt/airflow/logs /opt/airflow/auth /opt/lockstep/sandbox
COPY --from=packages /opt/lockstep/venv /opt/lockstep/venv
COPY --chown=airflow:0 deploy/*.py deploy/*.sh /opt/lockstep/deploy/
COPY --chown=airflow:0 dags /opt/airflow/dags
COPY --chown=airflow:0 plugins /opt/airflow/plugins
COPY --chown=airflow:0 include /opt/airflow/include
# Sync Status shows the operations guide.
COPY --chown=airflow:0 docs/operations.md /opt/airflow/docs/operations.md

ENV PATH=/opt/lockstep/venv/bin:$PATH \
    AIRFLOW_HOME=/opt/airflow \
    PYTHONPATH=/opt/airflow/include \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    AIRFLOW__CORE__LOAD_EXAMPLES=False
USER 50000
WORKDIR /opt/airflow
EXPOSE 8080
# Replaced by each service of docker-compose.yaml.
CMD ["airflow", "version"]

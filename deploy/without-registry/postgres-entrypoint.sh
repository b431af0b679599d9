#!/usr/bin/env bash
# On an empty data folder: a cluster with a password, then the scripts of /docker-entrypoint-initdb.d over a socket only.
set -euo pipefail

first_start() {
    : "${POSTGRES_PASSWORD:?POSTGRES_PASSWORD is not set}"
    initdb --username=postgres --encoding=UTF8 --auth-local=trust --auth-host=scram-sha-256 \
        --pwfile=<(printf '%s\n' "${POSTGRES_PASSWORD}") >/dev/null
    printf 'host all all all scram-sha-256\n' >> "${PGDATA}/pg_hba.conf"
    pg_ctl --silent --wait --options="-c listen_addresses='' -k /tmp" start
    for script in /docker-entrypoint-initdb.d/*.sh; do
        [[ -e ${script} ]] || continue
        bash "${script}"
    done
    pg_ctl --silent --wait --mode=fast stop
}

[[ -s ${PGDATA}/PG_VERSION ]] || first_start
exec postgres -c listen_addresses='*' -k /tmp "$@"

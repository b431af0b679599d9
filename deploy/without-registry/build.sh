#!/usr/bin/env bash
# The three images of docker-compose.yaml from Debian's packages and PyPI alone, for a machine that reaches no
# container registry. Needs root, debootstrap and a running Docker engine; prints what to put into .env.
#
#   deploy/without-registry/build.sh [folder for the root file system, about 400 MB; default: a temporary one]
#
# MIRROR (default http://deb.debian.org/debian) is a setting; PIP_INDEX_URL and this machine's certificates are used.
set -euo pipefail
cd "$(dirname "$0")/../.."

mirror=${MIRROR:-http://deb.debian.org/debian}
root=${1:-}
if [[ -z ${root} ]]; then
    root=$(mktemp -d)
    trap 'rm -rf "${root}"' EXIT
fi

if [[ ! -e ${root}/etc/debian_version ]]; then
    echo "--- a Debian root file system in ${root}"
    debootstrap --variant=minbase --include=ca-certificates,python3,python3-venv,python3-pip bookworm "${root}" "${mirror}"
fi
tar -C "${root}" --exclude='./var/cache/apt/archives/*.deb' -c . | docker import - lockstep-base:bookworm

echo "--- PostgreSQL and Redis"
docker build --quiet --tag lockstep-postgres:15 --file deploy/without-registry/postgres.Dockerfile deploy/without-registry
docker build --quiet --tag lockstep-redis:7 --file deploy/without-registry/redis.Dockerfile deploy/without-registry

echo "--- wheels, checked against the hashes of requirements.txt"
# In the base image, since wheels and the lock's markers depend on its Python.
docker run --rm --network host --env PIP_INDEX_URL \
    --volume /etc/ssl/certs:/etc/ssl/certs:ro --volume "${PWD}:/source" --workdir /source lockstep-base:bookworm \
    python3 -m pip download --quiet --require-hashes --no-deps --only-binary :all: \
    --requirement requirements.txt --dest wheelhouse

echo "--- Lockstep"
docker build --tag lockstep:latest --build-arg BASE_IMAGE=lockstep-base:bookworm .

cat <<'END'
--- done. Lines for .env:
BASE_IMAGE=lockstep-base:bookworm
POSTGRES_IMAGE=lockstep-postgres:15
REDIS_IMAGE=lockstep-redis:7
END

"""Writes `.env` (secrets of the compose stack) and `connections.env` (what Lockstep's tasks connect to).

Neither file is overwritten. With --sandbox the connections are those of the sandbox and its profile is switched on;
without, `connections.env` is a form to fill in. Needs nothing but Python.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import secrets
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FORM = """\
# What Lockstep's tasks connect to (README.md, "Connect real accounts"). One line each, JSON in single quotes.
#AIRFLOW_CONN_SALESFORCE_DEFAULT='{"conn_type": "salesforce", "extra": {"consumer_key": "", "consumer_secret": "", "domain": "example.my"}}'
#AIRFLOW_CONN_HUBSPOT_DEFAULT='{"conn_type": "generic", "password": ""}'
#AIRFLOW_CONN_GOOGLE_ADS_DEFAULT='{"conn_type": "generic", "extra": {"client_id": "", "client_secret": "", "refresh_token": "", "customer_id": "", "login_customer_id": ""}}'
#AIRFLOW_CONN_LOCKSTEP_ALERTS='{"conn_type": "apprise", "extra": {"config": [{"path": "", "tag": "all"}]}}'
"""
PROXY = "http://sandbox:8901"
CA = "/opt/lockstep/sandbox/ca.pem"
SANDBOX_CONNECTIONS = {
    "SALESFORCE_DEFAULT": {
        "conn_type": "salesforce",
        "extra": {
            "consumer_key": "sandbox",
            "consumer_secret": "sandbox",
            "domain": "acme.my",
            "proxies": {"https": PROXY},
            "ca": CA,
        },
    },
    "HUBSPOT_DEFAULT": {"conn_type": "generic", "password": "pat-sandbox", "extra": {"proxy": PROXY, "ca": CA}},
    "GOOGLE_ADS_DEFAULT": {
        "conn_type": "generic",
        "extra": {
            "customer_id": "2223334445",
            "login_customer_id": "1112223334",
            "client_id": "sandbox",
            "client_secret": "sandbox",
            "refresh_token": "sandbox",
            "proxy": PROXY,
            "ca": CA,
        },
    },
}


def connections_text(sandbox: bool) -> str:
    """The `connections.env` file: the sandbox's connections, or a form to fill in."""
    if not sandbox:
        return FORM
    lines = (f"AIRFLOW_CONN_{name}='{json.dumps(value)}'" for name, value in SANDBOX_CONNECTIONS.items())
    lag = (f"LOCKSTEP__LAG_SECONDS__{name}=0" for name in ("SALESFORCE", "HUBSPOT"))
    return (
        "\n".join(
            [
                "# The sandbox accepts any key, secret and token of the right form, and shows changes at once.",
                *lines,
                *lag,
            ]
        )
        + "\n"
    )


def secrets_text(sandbox: bool) -> str:
    """The `.env` file: fresh random secrets, and the settings that people change."""
    lines = [
        "# Secrets and settings of docker-compose.yaml. Passwords: letters, digits, - and _ only. Never commit this file.",
        f"LOCKSTEP_FERNET_KEY={base64.urlsafe_b64encode(os.urandom(32)).decode()}",
        *(f"{name}={secrets.token_urlsafe(48)}" for name in ("LOCKSTEP_JWT_SECRET", "LOCKSTEP_API_SECRET_KEY")),
        *(f"{name}_PASSWORD={secrets.token_urlsafe(24)}" for name in ("POSTGRES", "AIRFLOW_DB", "LOCKSTEP_DB")),
        "# The login of the UI: user admin. Other users: LOCKSTEP_USERS=admin:admin,vera:viewer,otto:op",
        f"LOCKSTEP_ADMIN_PASSWORD={secrets.token_urlsafe(18)}",
        "LOCKSTEP_LISTEN=127.0.0.1:8080",
        "LOCKSTEP_WORKERS=2",
    ]
    return "\n".join([*lines, *(["COMPOSE_PROFILES=sandbox"] if sandbox else [])]) + "\n"


def write(place: Path, text: str) -> None:
    """Creates the file, readable by its owner alone; raises FileExistsError."""
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)


def main(sandbox: bool) -> int:
    texts = {ROOT / ".env": secrets_text(sandbox), ROOT / "connections.env": connections_text(sandbox)}
    present = [place.name for place in texts if place.exists()]
    if present:
        print(f"{' and '.join(present)} exist already and are kept; move them away to make new ones.", file=sys.stderr)
        return 1
    for place, text in texts.items():
        write(place, text)
    print("Wrote .env and connections.env. Log in as admin with LOCKSTEP_ADMIN_PASSWORD from .env.")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sandbox", action="store_true", help="connect to the sandbox instead of real accounts")
    sys.exit(main(parser.parse_args().sandbox))

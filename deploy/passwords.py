"""Writes the login file of Airflow's SimpleAuthManager from LOCKSTEP_ADMIN_PASSWORD.

Passwords of other users in the file stay; who exists, and in which role, is said by
AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS. Airflow itself adds a password for a user that has none.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

SHORTEST = 12


def write(place: Path, password: str) -> None:
    """Sets the password of `admin` in the file at `place`; raises ValueError for a short one."""
    if len(password) < SHORTEST:
        raise ValueError(f"LOCKSTEP_ADMIN_PASSWORD has {len(password)} characters; give it at least {SHORTEST}.")
    text = place.read_text() if place.exists() else ""
    users = json.loads(text) if text.strip() else {}
    place.touch(mode=0o600)
    place.write_text(json.dumps({**users, "admin": password}))


if __name__ == "__main__":
    try:
        write(
            Path(os.environ["AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE"]),
            os.environ["LOCKSTEP_ADMIN_PASSWORD"],
        )
    except ValueError as error:
        sys.exit(str(error))

"""Vendors' access tokens, kept in the store and encrypted with Airflow's Fernet key."""

import json
from datetime import UTC, datetime
from typing import Any, Protocol

from cryptography.fernet import InvalidToken

from lockstep.store import Store, cache


class Fernet(Protocol):
    def encrypt(self, msg: bytes) -> bytes: ...

    def decrypt(self, msg: bytes) -> bytes: ...


class EncryptedTokens:
    """The engine's token cache (lockstep.systems.base.TokenCache)."""

    def __init__(self, store: Store, fernet: Fernet):
        self._store, self._fernet = store, fernet

    def get(self, key: str) -> dict[str, Any] | None:
        with self._store.reading() as tx:
            secret = cache.get(tx, _name(key), datetime.now(UTC))
        if secret is None:
            return None
        try:
            return dict(json.loads(self._fernet.decrypt(secret.encode())))
        except InvalidToken:
            return None  # the Fernet key was changed: log in again

    def put(self, key: str, value: dict[str, Any], expires_at: datetime) -> None:
        secret = self._fernet.encrypt(json.dumps(value).encode()).decode()
        with self._store.writing() as tx:
            cache.put(tx, _name(key), secret, expires_at)

    def forget(self, key: str) -> None:
        with self._store.writing() as tx:
            cache.forget(tx, _name(key))


def _name(key: str) -> str:
    return f"token:{key}"

"""The ids of pairs."""

import secrets
from datetime import UTC, datetime


def new_pair_id(now: datetime) -> str:
    """24 hexadecimal digits, growing with time, so that new pairs lie together in the store's index."""
    return f"{int(now.timestamp() * 1000):012x}{secrets.token_hex(6)}"


def made_at(pair_id: str) -> datetime:
    """When `new_pair_id` made it."""
    return datetime.fromtimestamp(int(pair_id[:12], 16) / 1000, UTC)

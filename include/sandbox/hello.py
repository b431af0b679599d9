"""Reads which application protocols a TLS client offers (ALPN, RFC 7301), so that the front port can tell gRPC from HTTP/1.1."""

RECORD_HANDSHAKE = 22
ALPN = 16
HELLO_LIMIT = 65_536


def offered_protocols(data: bytes) -> list[str] | None:
    """Return the protocols that a ClientHello offers, [] if it offers none or is no ClientHello; None while bytes are missing."""
    if data[:1] != bytes([RECORD_HANDSHAKE]) or len(data) > HELLO_LIMIT:
        return [] if data else None
    handshake = _handshake(data)
    if handshake is None:
        return None
    try:
        return _protocols(handshake)
    except IndexError:
        return []


def _handshake(data: bytes) -> bytes | None:
    """Join the records until the first handshake message is whole."""
    out, at = b"", 0
    while len(out) < 4 or len(out) < 4 + int.from_bytes(out[1:4]):
        if len(data) < at + 5:
            return None
        size = int.from_bytes(data[at + 3 : at + 5])
        if len(data) < at + 5 + size:
            return None
        out += data[at + 5 : at + 5 + size]
        at += 5 + size
    return out


def _protocols(hello: bytes) -> list[str]:
    at = 4 + 2 + 32
    at += 1 + hello[at]  # session id
    at += 2 + int.from_bytes(hello[at : at + 2])  # cipher suites
    at += 1 + hello[at]  # compression methods
    end = at + 2 + int.from_bytes(hello[at : at + 2])
    at += 2
    while at + 4 <= end:
        kind, size = int.from_bytes(hello[at : at + 2]), int.from_bytes(hello[at + 2 : at + 4])
        if kind == ALPN:
            return _names(hello[at + 6 : at + 4 + size])
        at += 4 + size
    return []


def _names(data: bytes) -> list[str]:
    out, at = [], 0
    while at < len(data):
        out.append(data[at + 1 : at + 1 + data[at]].decode("latin-1"))
        at += 1 + data[at]
    return out

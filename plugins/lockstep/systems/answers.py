"""What adapters make of vendors' answers before they become results: lost answers, refusals, and when to try again."""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace

from urllib3.exceptions import ConnectTimeoutError, MaxRetryError, NewConnectionError, ProxyError, SSLError

from lockstep.errors import ConfigError, LockstepError, QuotaExhausted, VendorUnavailable
from lockstep.model import Rejection, Write, WriteResult, Written

#: how often one call is tried, and the first pause between tries in seconds; each further pause doubles
TRIES, PAUSE = 4, 0.5


class LostAnswer(VendorUnavailable):
    """The request was sent and no usable answer came: it may have been carried out."""


class Refused(ConfigError):
    """The vendor answered a whole request with an error that is about the request, not about its own state."""

    def __init__(self, system: str, status: int, rejection: Rejection, body: object = None):
        fields = f" (fields: {', '.join(rejection.fields)})" if rejection.fields else ""
        super().__init__(
            f"{system} refused the request with {status} {rejection.vendor_code or ''}: {rejection.message}{fields}",
            hint="Run sync_schema, then check the mapping and the integration user's permissions.",
        )
        self.system, self.status, self.rejection, self.body = system, status, rejection, body


def pause(attempt: int) -> float:
    """Seconds to wait after the given attempt (1, 2, ...) failed: doubling, with jitter so that tasks do not march in step."""
    return PAUSE * float(2 ** (attempt - 1)) * random.uniform(0.5, 1.0)


def broken(system: str, error: BaseException, repeatable: bool) -> LockstepError:
    """The error for a connection that broke before an answer came; `error` is urllib3's."""
    while isinstance(error, MaxRetryError | ProxyError):
        # urllib3 also calls a lost answer a ProxyError ("unable to connect to proxy"): only the cause inside tells
        inner = error.reason if isinstance(error, MaxRetryError) else error.original_error
        if inner is None:
            break
        error = inner
    if isinstance(error, SSLError):
        return ConfigError(
            f"{system}: the TLS connection could not be made: {error}",
            hint="Check the CA bundle and the proxy of the connection.",
        )
    message = f"{system} did not answer ({type(error).__name__})."
    return VendorUnavailable(message) if repeatable or _never_sent(error) else LostAnswer(message)


def _never_sent(error: BaseException) -> bool:
    no_tunnel = type(error) is OSError and "Tunnel connection failed" in str(error)
    return no_tunnel or isinstance(error, NewConnectionError | ConnectTimeoutError)


class Sending:
    """Sends writes in several vendor calls and keeps the promise of `System.write`.

    The first call may raise; once something was sent, a later error becomes a transient rejection of the writes that it
    kept back, and a lost answer becomes `Written.UNKNOWN`.
    """

    def __init__(self, send: Callable[[Sequence[Write]], list[WriteResult]]):
        self._send, self.sent = send, False

    def __call__(self, writes: Sequence[Write]) -> list[WriteResult]:
        try:
            results = self._send(writes)
        except LostAnswer:
            self.sent = True
            return [WriteResult(write.key, Written.UNKNOWN, write.record_id) for write in writes]
        except Refused:
            self.sent = True
            raise
        except LockstepError as error:
            if not self.sent:
                raise
            return [rejected(write, kept_back(error)) for write in writes]
        self.sent = True
        return results


def kept_back(error: LockstepError) -> Rejection:
    """The rejection of a write that an error kept from being sent."""
    return Rejection("quota" if isinstance(error, QuotaExhausted) else error.code, error.message)


def rejected(write: Write, rejection: Rejection, record_id: str | None = None) -> WriteResult:
    return WriteResult(write.key, Written.REJECTED, record_id or write.record_id, rejection=rejection)


def bisected(writes: Sequence[Write], send: Callable[[Sequence[Write]], list[WriteResult]]) -> list[WriteResult]:
    """Send; if the vendor refuses the whole call, find the poisoned writes so that the others land.

    A refusal that names fields is blamed on the writes that carry them; otherwise the batch is halved. At most
    2 * log2(n) calls for one bad write.
    """
    if not writes:
        return []
    try:
        return send(writes)
    except Refused as refused:
        return _around(writes, send, refused)


def _around(
    writes: Sequence[Write], send: Callable[[Sequence[Write]], list[WriteResult]], refused: Refused
) -> list[WriteResult]:
    blamed = {write.key for write in writes if set(refused.rejection.fields) & write.values.keys()}
    if len(writes) == 1 or len(blamed) == len(writes):
        return [rejected(write, refused.rejection) for write in writes]
    if blamed:
        rest = bisected([write for write in writes if write.key not in blamed], send)
        return rest + [rejected(write, refused.rejection) for write in writes if write.key in blamed]
    middle = len(writes) // 2
    return bisected(writes[:middle], send) + bisected(writes[middle:], send)


#: rejections that are about single fields, so that the rest of the record can still land (DESIGN §5)
FIELD_CODES = frozenset(
    {
        "invalid_value",
        "value_too_long",
        "picklist_value",
        "invalid_email",
        "field_permission",
        "unknown_field",
        "inactive_owner",
        "reference_invalid",
        "wrong_type",
    }
)
#: rounds of leaving refused fields out: vendors often name one field at a time
ROUNDS = 4


def without_bad_fields(
    writes: Sequence[Write], send: Callable[[Sequence[Write]], list[WriteResult]], keep: frozenset[str]
) -> list[WriteResult]:
    """Send; where the vendor refuses single fields of a record, send the rest of the record without them.

    `keep`: fields that are never left out, besides those that a record needs. A record that has nothing else to write stays rejected. Results are in the
    order of `writes`; what was left out is in `field_rejections`.
    """
    results = {result.key: result for result in send(writes)}
    left_out: dict[int, tuple[Rejection, ...]] = {}
    pending = list(writes)
    for _ in range(ROUNDS):
        shrunk = [one for write in pending if (one := _shrink(write, results[write.key], keep))]
        if not shrunk:
            break
        for write in shrunk:
            left_out[write.key] = left_out.get(write.key, ()) + _field_rejections(results[write.key])
        results |= {result.key: result for result in send(shrunk)}
        pending = shrunk
    return [_with_fields(results[write.key], left_out.get(write.key, ())) for write in writes]


def _shrink(write: Write, result: WriteResult, keep: frozenset[str]) -> Write | None:
    bad = {name for rejection in _field_rejections(result) for name in rejection.fields}
    values = {name: value for name, value in write.values.items() if name not in bad}
    if not bad & write.values.keys() or bad & (keep | write.needs) or not values.keys() - keep:
        return None
    return replace(write, values=values)


def _field_rejections(result: WriteResult) -> tuple[Rejection, ...]:
    found = (result.rejection, *result.field_rejections) if result.status is Written.REJECTED else ()
    return tuple(one for one in found if one and one.code in FIELD_CODES and one.fields)


def _with_fields(result: WriteResult, left_out: tuple[Rejection, ...]) -> WriteResult:
    if not left_out or result.status is not Written.OK:
        return result
    return WriteResult(
        result.key,
        result.status,
        result.record_id,
        result.created,
        result.values,
        result.version,
        field_rejections=left_out + result.field_rejections,
    )

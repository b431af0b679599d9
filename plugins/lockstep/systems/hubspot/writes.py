"""Writing HubSpot records: batches of 100, each input with its own trace id, so that a bad one does not stop the rest.

Results come back in another order than inputs, and HubSpot lower-cases e-mail addresses: answers are joined on the trace
id. An update of a record that was merged away is left out of the answer without an error.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from lockstep.errors import LockstepError
from lockstep.model import Action, Rejection, Write, WriteResult, Written
from lockstep.systems.answers import LostAnswer, Refused, Sending, bisected, kept_back, rejected, without_bad_fields
from lockstep.systems.hubspot.links import LinkApi, is_link
from lockstep.systems.hubspot.reads import version
from lockstep.systems.hubspot.refusals import existing_id, rejections_of
from lockstep.systems.hubspot.transport import Client, json_of

WRITE_BATCH = 100
Writes = Sequence[Write]


class HubSpotWriter:
    """The writing half of the system."""

    def __init__(self, client: Client, links: LinkApi):
        self._client, self._links = client, links

    @cached_property
    def _batch(self) -> Any:
        return self._client.crm.objects.batch_api

    def write(self, object: str, action: Action, writes: Writes, external_id: str) -> list[WriteResult]:
        """See `System.write`: properties first, then links, which need the record's id."""
        if action is Action.DELETE:
            return self._in_order(writes, bisected(writes, Sending(lambda some: self._archive(object, some))))
        plain = [_without_links(write) for write in writes]
        needed = [write for write in plain if write.values or action is Action.CREATE]
        sending = Sending(lambda some: self._send(object, action, some, external_id))
        results = without_bad_fields(needed, lambda some: bisected(some, sending), frozenset({external_id}))
        done = {result.key: result for result in results}
        for write in plain:
            done.setdefault(write.key, WriteResult(write.key, Written.OK, write.record_id, values={}))
        return self._in_order(writes, list(self._with_links(object, action, writes, done, sending.sent).values()))

    def _in_order(self, writes: Writes, results: Sequence[WriteResult]) -> list[WriteResult]:
        by_key = {result.key: result for result in results}
        return [by_key[write.key] for write in writes]

    def _archive(self, object: str, writes: Writes) -> list[WriteResult]:
        """HubSpot answers 204 for records that are archived already, too."""
        json_of(self._batch.archive, object, {"inputs": [{"id": write.record_id} for write in writes]})
        return [WriteResult(write.key, Written.OK, write.record_id) for write in writes]

    def _send(self, object: str, action: Action, writes: Writes, external_id: str) -> list[WriteResult]:
        method = self._batch.upsert if action is Action.CREATE else self._batch.update
        inputs = [_input(write, action, external_id) for write in writes]
        answer = json_of(method, object, {"inputs": inputs})
        errors = _errors_by_key(answer.get("errors") or [], writes)
        records = {
            key: one for one in answer.get("results") or [] if (key := _key_of(one, writes, external_id)) is not None
        }
        return [_result(write, action, records.get(write.key), errors.get(write.key)) for write in writes]

    def _with_links(
        self, object: str, action: Action, writes: Writes, done: dict[int, WriteResult], sent: bool
    ) -> dict[int, WriteResult]:
        """Write links of the records that are there. A refused link is a refused field; a lone one refuses the record."""
        for field in dict.fromkeys(name for write in writes for name in write.values if is_link(name)):
            some = [
                write
                for write in writes
                if done[write.key].status is Written.OK and field in write.values
                if not (action is Action.CREATE and write.values[field] is None)
            ]
            if some:
                sent = self._write_link(object, field, some, done, sent) or sent
        return done

    def _write_link(self, object: str, field: str, writes: Writes, done: dict[int, WriteResult], sent: bool) -> bool:
        ids = {write.key: str(done[write.key].record_id) for write in writes}
        try:
            refused = self._links.write(object, field, {ids[write.key]: write.values[field] for write in writes})
        except LostAnswer:
            for write in writes:
                done[write.key] = replace(done[write.key], status=Written.UNKNOWN)
            return True
        except LockstepError as error:
            if not sent and not isinstance(error, Refused):
                raise
            refused = dict.fromkeys(ids.values(), replace(_rejection(error), fields=(field,)))
        for write in writes:
            done[write.key] = _linked(write, field, done[write.key], refused.get(ids[write.key]))
        return True


def _without_links(write: Write) -> Write:
    if not any(map(is_link, write.values)):
        return write
    return replace(write, values={name: value for name, value in write.values.items() if not is_link(name)})


def _input(write: Write, action: Action, external_id: str) -> dict[str, Any]:
    properties = {name: value if value is not None else "" for name, value in write.values.items()}
    if action is Action.UPDATE:
        return {"id": write.record_id, "properties": properties, "objectWriteTraceId": str(write.key)}
    # an empty field of a new record is left to the portal's defaults
    properties = {name: value for name, value in properties.items() if value} | {external_id: str(write.external_id)}
    key = {"id": write.external_id, "idProperty": external_id}
    return {**key, "properties": properties, "objectWriteTraceId": str(write.key)}


def _key_of(record: Mapping[str, Any], writes: Writes, external_id: str) -> int | None:
    """Which write a result answers: by trace id, else by external id or record id."""
    if trace := record.get("objectWriteTraceId"):
        return int(trace)
    own = (record.get("properties") or {}).get(external_id)
    for write in writes:
        if (own and own == write.external_id) or str(record["id"]) == write.record_id:
            return write.key
    return None


def _errors_by_key(errors: Sequence[Mapping[str, Any]], writes: Writes) -> dict[int, Mapping[str, Any]]:
    found: dict[int, Mapping[str, Any]] = {}
    by_id = {write.record_id or write.external_id: write.key for write in writes}
    for error in errors:
        context = error.get("context") or {}
        found |= {int(trace): error for trace in context.get("objectWriteTraceId") or ()}
        found |= {by_id[one]: error for one in context.get("ids") or () if one in by_id}
    return found


def _result(
    write: Write, action: Action, record: Mapping[str, Any] | None, error: Mapping[str, Any] | None
) -> WriteResult:
    if error is not None:
        first, *others = rejections_of(error)
        return replace(rejected(write, first, existing_id(error)), field_rejections=tuple(others))
    if record is None:
        message = "HubSpot left the record out of its answer: it was merged or archived meanwhile."
        return rejected(write, Rejection("record_gone", message))
    told = record.get("properties") or {}
    values = {name: told[name] or None for name in write.values if name in told}
    created = action is Action.CREATE and bool(record.get("new"))
    return WriteResult(write.key, Written.OK, str(record["id"]), created, values, version(record["updatedAt"]))


def _rejection(error: LockstepError) -> Rejection:
    return error.rejection if isinstance(error, Refused) else kept_back(error)


def _linked(write: Write, field: str, result: WriteResult, refused: Rejection | None) -> WriteResult:
    if refused is None:
        return replace(result, values={**(result.values or {}), field: write.values[field]})
    if write.values.keys() == {field} and write.record_id:
        return rejected(write, refused)
    return replace(result, field_rejections=(*result.field_rejections, refused))

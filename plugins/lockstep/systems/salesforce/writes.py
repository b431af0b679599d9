"""Writing Salesforce records: Collections of 200, five of them in one Composite, which counts as one API call.

Assignment rules: Salesforce runs them unless `Sforce-Auto-Assign` says otherwise, so the header is always sent. A
Composite's subrequests do not inherit it from the request around them; it stands in each of them.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from lockstep.model import Action, ObjectSchema, Rejection, Write, WriteResult, Written
from lockstep.systems.answers import Refused, Sending, bisected, rejected, without_bad_fields
from lockstep.systems.base import parts
from lockstep.systems.salesforce.client import COMPOSITE_HEAVY, SalesforceClient
from lockstep.systems.salesforce.raw import to_json
from lockstep.systems.salesforce.record_types import RecordTypes
from lockstep.systems.salesforce.refusals import existing_id, rejection_of

COLLECTION = 200
Records = Sequence[Write]


class SalesforceWriter:
    """The writing half of the system."""

    def __init__(self, client: SalesforceClient, schema_of: Callable[[str], ObjectSchema], record_types: RecordTypes):
        self._client, self._schema_of, self._record_types = client, schema_of, record_types

    def write(self, object: str, action: Action, writes: Records, external_id: str) -> list[WriteResult]:
        """See `System.write`. A record that is gone already counts as deleted."""
        call = _Call(self._client, object, action, external_id, self._types(object, action))
        sending = Sending(call.send)

        def send(some: Records) -> list[WriteResult]:
            ready, refused = self._record_types.sent(object, some)
            results = [one for group in call.groups(ready) for one in bisected(group, sending)]
            by_key = {one.key: one for one in (*results, *refused)}
            return [by_key[write.key] for write in some]

        return without_bad_fields(writes, send, frozenset({external_id}))

    def _types(self, object: str, action: Action) -> Mapping[str, str]:
        if action is Action.DELETE:
            return {}
        return {name: field.type for name, field in self._schema_of(object).fields.items()}


class _Call:
    """How writes of one object and action become requests."""

    def __init__(
        self, client: SalesforceClient, object: str, action: Action, external_id: str, types: Mapping[str, str]
    ):
        self._client, self._object, self._action = client, object, action
        self._external_id, self._types = external_id, types

    def groups(self, writes: Records) -> list[list[Write]]:
        """Vendor calls of at most five Collections."""
        return [
            [write for _, chunk in some for write in chunk] for some in parts(self._chunks(writes), COMPOSITE_HEAVY)
        ]

    def _chunks(self, writes: Records) -> list[tuple[str, Records]]:
        """Collections, each with one kind of assignment header."""
        by_rule: dict[str, list[Write]] = {}
        for write in writes:
            by_rule.setdefault(self._auto_assign(write), []).append(write)
        return [(rule, chunk) for rule, some in by_rule.items() for chunk in parts(some, COLLECTION)]

    def _auto_assign(self, write: Write) -> str:
        """Rules choose the owner only of new leads for which we know none."""
        wanted = self._action is Action.CREATE and self._object == "Lead" and not write.values.get("OwnerId")
        return "TRUE" if wanted else "FALSE"

    def send(self, writes: Records) -> list[WriteResult]:
        """One vendor call."""
        chunks = self._chunks(writes)
        if len(chunks) == 1:
            return self._single(*chunks[0])
        answers = self._client.composite([self._request(*chunk) for chunk in chunks], repeatable=False)
        return [
            one for (_, chunk), answer in zip(chunks, answers, strict=True) for one in self._results(chunk, *answer)
        ]

    def _single(self, rule: str, chunk: Records) -> list[WriteResult]:
        request = self._request(rule, chunk)
        body = self._client.json(
            request["method"], request["url"], body=request["body"], headers=request["httpHeaders"], repeatable=False
        )
        return self._results(chunk, 200, body)

    def _request(self, rule: str, chunk: Records) -> dict[str, Any]:
        headers = {"Sforce-Auto-Assign": rule}
        root = f"{self._client.root}/composite/sobjects"
        if self._action is Action.DELETE:
            ids = ",".join(str(write.record_id) for write in chunk)
            return {
                "method": "DELETE",
                "url": f"{root}?ids={ids}&allOrNone=false",
                "body": None,
                "httpHeaders": headers,
            }
        url = f"{root}/{self._object}/{quote(self._external_id)}" if self._action is Action.CREATE else root
        body = {"allOrNone": False, "records": [self._record(write) for write in chunk]}
        return {"method": "PATCH", "url": url, "body": body, "httpHeaders": headers}

    def _record(self, write: Write) -> dict[str, Any]:
        values = {name: to_json(value, self._types.get(name, "string")) for name, value in write.values.items()}
        if self._action is Action.CREATE:
            # an empty field of a new record is left to the org's defaults
            values = {name: value for name, value in values.items() if value is not None}
            values[self._external_id] = write.external_id
        else:
            values["id"] = write.record_id
        return {"attributes": {"type": self._object}, **values}

    def _results(self, chunk: Records, status: int, body: Any) -> list[WriteResult]:
        errors = [one for one in body if isinstance(one, dict)] if isinstance(body, list) else []
        if status >= 300 or len(errors) != len(chunk) or any("success" not in one for one in errors):
            rejection = rejection_of(errors, status)
            if status < 300 or status >= 500:
                return [WriteResult(write.key, Written.UNKNOWN, write.record_id) for write in chunk]
            return self._refused_part(chunk, status, rejection, body)
        return [self._result(write, one) for write, one in zip(chunk, errors, strict=True)]

    def _refused_part(self, chunk: Records, status: int, rejection: Rejection, body: Any) -> list[WriteResult]:
        """A Collection that Salesforce refused as a whole is sent again alone, in halves, to find the bad record."""
        if len(chunk) == 1:
            return [rejected(chunk[0], rejection)]

        def first_then_send(some: Records) -> list[WriteResult]:
            if len(some) == len(chunk):
                raise Refused("Salesforce", status, rejection, body)
            return self.send(some)

        return bisected(chunk, Sending(first_then_send))

    def _result(self, write: Write, answer: Mapping[str, Any]) -> WriteResult:
        if answer["success"]:
            created = bool(answer.get("created"))
            return WriteResult(write.key, Written.OK, answer.get("id") or write.record_id, created)
        errors = answer.get("errors") or []
        rejection = rejection_of(errors)
        if not rejection.fields and rejection.code == "reference_invalid" and self._action is not Action.CREATE:
            rejection = Rejection("record_gone", rejection.message, rejection.vendor_code)
        if self._action is Action.DELETE and rejection.code == "record_gone":
            return WriteResult(write.key, Written.OK, write.record_id)
        return rejected(write, rejection, existing_id(errors))

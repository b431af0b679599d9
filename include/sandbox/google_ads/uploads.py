"""ConversionUploadService: uploads of click conversions, row by row."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sandbox.google_ads.arranged import ROWS as ARRANGED
from sandbox.google_ads.arranged import take_error
from sandbox.google_ads.errors import UPLOAD, AdsError, Refusal, error
from sandbox.google_ads.matching import Candidate, judge, record
from sandbox.google_ads.reading import Reader, Wrong
from sandbox.google_ads.requests import Request
from sandbox.google_ads.state import Action, Click, Customer, State, UploadedRow

JOB_ID_MAX = 2**31
ROWS = "conversions"


def upload_click_conversions(request: Request) -> list[Any]:
    """Answer UploadClickConversions."""
    body, state = request.body, request.state
    customer = request.customer(changes=True)
    check_allow_list(state, "UploadClickConversions")
    check_batch(request, ROWS, UPLOAD, "TOO_MANY_CONVERSIONS_IN_REQUEST")
    job_id = job_of(body, state, UPLOAD)
    request.charge(len(body.conversions))
    results = Upload(state, customer, job_id, bool(body.validate_only)).run(body.conversions)
    return [_response(request, results, job_id)]


def check_allow_list(state: State, method: str) -> None:
    """Refuse a method that the allow-list closes to this project, if it is refused as a whole."""
    if closed(state, method) and state.settings["allow_list_gate"] == "call":
        raise Refusal(not_allowlisted())


def closed(state: State, method: str) -> bool:
    return not state.settings["allowlisted"] and method in state.settings["allow_list_covers"]


def not_allowlisted() -> AdsError:
    return error("not_allowlisted_error", "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE")


def check_batch(request: Request, rows: str, kind: str, too_many: str) -> None:
    """Refuse a batch without rows, with too many of them, or without partial failure."""
    count = len(getattr(request.body, rows))
    if count > request.state.settings["rows_max"]:
        raise Refusal(error(kind, too_many, rows))
    if count == 0:
        raise Refusal(error("request_error", "REQUIRED_FIELD_MISSING", rows))
    if not request.body.partial_failure:
        raise Refusal(error("partial_failure_error", "PARTIAL_FAILURE_MODE_REQUIRED", "partial_failure"))


def job_of(body: Any, state: State, kind: str) -> int:
    """Return the job id of a batch: the client's, or one of the server's, which are 2^31 and more."""
    if not body.HasField("job_id"):
        return JOB_ID_MAX + state.next_id()
    if not 1 <= body.job_id < JOB_ID_MAX:
        raise Refusal(error(kind, "INVALID_JOB_ID", "job_id"))
    return int(body.job_id)


class Upload:
    """One batch. A row's result is its conversion's candidate, or the error that it gets."""

    def __init__(self, state: State, customer: Customer, job_id: int, validate_only: bool) -> None:
        self.state, self.customer, self.job_id, self.validate_only = state, customer, job_id, validate_only

    def run(self, rows: Any) -> list[Candidate | AdsError]:
        """Read, compare and judge all rows, record the good ones (unless only validating), and log them."""
        results: list[Candidate | AdsError] = [self._read(row) for row in rows]
        twins = Counter(item.key for item in results if isinstance(item, Candidate))
        for index, item in enumerate(results):
            if isinstance(item, Candidate):
                results[index] = self._settle(item, twins[item.key] > 1)
        if not self.validate_only:
            self._log(rows, results)
        return [item.under((ROWS, n)) if isinstance(item, AdsError) else item for n, item in enumerate(results)]

    def _read(self, row: Any) -> Candidate | AdsError:
        if closed(self.state, "UploadClickConversions"):
            return not_allowlisted()
        if arranged := take_error(self.state.settings, ARRANGED):
            return arranged
        try:
            return Reader(self.state, self.customer, self.job_id).read(row)
        except Wrong as found:
            return found.error

    def _settle(self, item: Candidate, twin: bool) -> Candidate | AdsError:
        twin_of = self._twin(item) if twin else None
        if self.validate_only:
            return twin_of or item  # structure and permission; neither clicks nor earlier order ids are looked up
        click = judge(self.state, item)
        found = {
            "twin": twin_of,
            "order id in use": self._repeated(item),
            "click": self._of_click(item, click),
        }
        for name in (*self.state.settings["row_precedence"], *found):
            if wrong := found.get(name):
                return wrong
        if isinstance(click, Click):
            record(self.state, item, click)
        return item

    def _of_click(self, item: Candidate, click: Click | str) -> AdsError | None:
        if not isinstance(click, Click):
            return error(UPLOAD, click, *_field(item))
        if self._recorded_by(item, click):
            return error(UPLOAD, "CLICK_CONVERSION_ALREADY_EXISTS", *_field(item))
        return None

    def _twin(self, item: Candidate) -> AdsError:
        if item.order_id:
            return error(UPLOAD, "DUPLICATE_ORDER_ID", "order_id", trigger=item.order_id)
        return error(UPLOAD, "DUPLICATE_CLICK_CONVERSION_IN_REQUEST", *_field(item))

    def _repeated(self, item: Candidate) -> AdsError | None:
        if item.order_id and (item.action.id, item.order_id) in self.state.by_order:
            return error(UPLOAD, "ORDER_ID_ALREADY_IN_USE", "order_id", trigger=item.order_id)
        return None

    def _recorded_by(self, item: Candidate, click: Click) -> bool:
        """Without an order id, a conversion is the same as one of that click, action and time."""
        return not item.order_id and (item.action.id, click.id, item.at) in self.state.by_click

    def _log(self, rows: Any, results: list[Candidate | AdsError]) -> None:
        for row, item in zip(rows, results, strict=True):
            found = (item.kind, item.name) if isinstance(item, AdsError) else None
            action = named_action(self.state, row.conversion_action)
            self.state.uploads.append(
                UploadedRow(
                    self.customer.tracking or self.customer.id,
                    action.id if action else None,
                    "GOOGLE_ADS_API",
                    self.job_id,
                    self.state.now(),
                    found,
                )
            )


def named_action(state: State, name: str) -> Action | None:
    """Return the conversion action that a resource name ends with."""
    return state.actions.get(name.rpartition("/")[2])


def _field(item: Candidate) -> tuple[str, ...]:
    """Where the click of a conversion comes from."""
    return (next(iter(item.ids), "user_identifiers"),)


def _response(request: Request, results: list[Candidate | AdsError], job_id: int) -> Any:
    response = request.new("services.conversion_upload_service.UploadClickConversionsResponse")
    response.job_id = job_id
    request.protos.partial(response, [item for item in results if isinstance(item, AdsError)], request.id)
    if request.body.validate_only:
        return response
    for row, item in zip(request.body.conversions, results, strict=True):
        result = response.results.add()
        if isinstance(item, Candidate):
            _write_result(result, row)
    return response


def _write_result(result: Any, row: Any) -> None:
    for name in ("gclid", "gbraid", "wbraid", "conversion_action", "conversion_date_time"):
        kind = result.DESCRIPTOR.fields_by_name[name]
        if getattr(row, name) and (not kind.has_presence or row.HasField(name)):
            setattr(result, name, getattr(row, name))
    for identifier in row.user_identifiers:
        result.user_identifiers.add().CopyFrom(identifier)

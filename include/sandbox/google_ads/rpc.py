"""The gRPC side: finds the method of a call, decodes its request in the called version, and answers it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.google_ads.access import Access
from sandbox.google_ads.actions import mutate_conversion_actions
from sandbox.google_ads.adjustments import upload_conversion_adjustments
from sandbox.google_ads.arranged import CALLS, take_error
from sandbox.google_ads.customers import list_accessible_customers, mutate_customer
from sandbox.google_ads.data_manager import DataManager, DataManagerRefused
from sandbox.google_ads.errors import Refusal, error
from sandbox.google_ads.protos import VERSIONS, Protos, data_manager, protos, sunset
from sandbox.google_ads.requests import Request
from sandbox.google_ads.search import search, search_stream
from sandbox.google_ads.state import State
from sandbox.google_ads.uploads import upload_click_conversions
from sandbox.rpc import RpcAnswer, RpcCall, RpcRefused, Trailers

ADS = re.compile(r"/google\.ads\.googleads\.(v\d+)\.services\.(\w+/\w+)")
DATA_MANAGER = "/google.ads.datamanager.v1.IngestionService/"

Endpoint = Callable[[Request], list[Any]]
METHODS: dict[str, tuple[str, Endpoint]] = {
    "ConversionUploadService/UploadClickConversions": (
        "conversion_upload_service.UploadClickConversionsRequest", upload_click_conversions,
    ),
    "ConversionAdjustmentUploadService/UploadConversionAdjustments": (
        "conversion_adjustment_upload_service.UploadConversionAdjustmentsRequest", upload_conversion_adjustments,
    ),
    "ConversionActionService/MutateConversionActions": (
        "conversion_action_service.MutateConversionActionsRequest", mutate_conversion_actions,
    ),
    "GoogleAdsService/Search": ("google_ads_service.SearchGoogleAdsRequest", search),
    "GoogleAdsService/SearchStream": ("google_ads_service.SearchGoogleAdsStreamRequest", search_stream),
    "CustomerService/ListAccessibleCustomers": ("customer_service.ListAccessibleCustomersRequest", list_accessible_customers),
    "CustomerService/MutateCustomer": ("customer_service.MutateCustomerRequest", mutate_customer),
}  # fmt: skip


class GoogleRpc:
    """Answers calls to the Google Ads API and to the Data Manager API."""

    def __init__(self, state: State, access: Access, manager: DataManager) -> None:
        self.state, self.access, self.manager = state, access, manager

    def prepare(self) -> None:
        """Load the newest version's messages, so that the first call does not wait for them."""
        protos(VERSIONS[-1])

    async def answer(self, call: RpcCall) -> RpcAnswer:
        """Answer one call; RpcRefused for one that fails."""
        if call.path.startswith(DATA_MANAGER):
            return await self._data_manager(call)
        found = ADS.fullmatch(call.path)
        if found is None:
            raise unknown(call.path)
        return await self._ads(call, found[1], found[2])

    async def _ads(self, call: RpcCall, version: str, method: str) -> RpcAnswer:
        request_id = f"sandbox-{self.state.next_id():012d}"
        if sunset(version):
            newest = await asyncio.to_thread(protos, VERSIONS[-1])
            raise newest.refused(Refusal(error("request_error", "UNSUPPORTED_VERSION")), request_id, version)
        if version not in VERSIONS or method not in METHODS:
            raise unknown(call.path)
        messages = await asyncio.to_thread(protos, version)
        request = await asyncio.to_thread(messages.message, f"services.{METHODS[method][0]}")
        try:
            answers = self.invoke(messages, method, call.metadata, decode(request, call.body), request_id)
        except Refusal as refusal:
            raise self._refused(messages.refused(refusal, request_id)) from refusal
        return RpcAnswer([message.SerializeToString() for message in answers], (("request-id", request_id),))

    def invoke(
        self, messages: Protos, method: str, metadata: Mapping[str, str], body: Any, request_id: str
    ) -> list[Any]:
        """Carry out a method of the Google Ads API and return its answers (of a stream, several); Refusal if it is refused."""
        self.manager.settle()
        if arranged := take_error(self.state.settings, CALLS):
            raise Refusal(arranged)
        caller = self.access.caller(metadata)
        return METHODS[method][1](Request(self.state, self.access, caller, messages, body, request_id))

    def _refused(self, refused: RpcRefused) -> RpcRefused:
        if refused.code == "UNAUTHENTICATED" and not self.state.settings["auth_error_details"]:
            return RpcRefused(refused.code, refused.message)
        return refused

    async def _data_manager(self, call: RpcCall) -> RpcAnswer:
        method = call.path.removeprefix(DATA_MANAGER)
        if method not in {"IngestEvents", "RetrieveRequestStatus"}:
            raise unknown(call.path)
        body = decode(await asyncio.to_thread(data_manager, f"ingestion_service.{method}Request"), call.body)
        await asyncio.to_thread(data_manager, "request_status_per_destination.RequestStatusPerDestination")
        endpoint = self.manager.ingest if method == "IngestEvents" else self.manager.status
        try:
            return RpcAnswer([endpoint(body, call.metadata.get("authorization", "")).SerializeToString()])
        except DataManagerRefused as refused:
            details = (("grpc-status-details-bin", refused.status().SerializeToString()),)
            raise RpcRefused(refused.code, refused.message, details) from refused

    async def fault_trailers(self, path: str, body: Any) -> Trailers:
        """Return the trailers of an error that a test gives as the JSON of a GoogleAdsFailure (of a Status for Data Manager)."""
        from google.protobuf.json_format import ParseDict, ParseError

        found = ADS.fullmatch(path)
        try:
            if found is None:
                from google.rpc.status_pb2 import Status

                return (("grpc-status-details-bin", ParseDict(body, Status()).SerializeToString()),)
            messages = await asyncio.to_thread(protos, found[1])
            failure = ParseDict(body, messages.message("errors.errors.GoogleAdsFailure")())
            return messages.trailers(failure, failure.request_id or "sandbox-fault")
        except ParseError as problem:
            raise ValueError(str(problem)) from problem


def decode(cls: Any, body: bytes) -> Any:
    """Parse a request message; INVALID_ARGUMENT if the bytes are none."""
    from google.protobuf.message import DecodeError

    try:
        return cls.FromString(body)
    except DecodeError as problem:
        raise RpcRefused("INVALID_ARGUMENT", "Request could not be decoded.") from problem


def unknown(path: str) -> RpcRefused:
    return RpcRefused("UNIMPLEMENTED", f"Method not found: the sandbox does not model {path}.")

"""Sends a fixture's gRPC request: JSON in, the vendor's own messages on the wire, JSON out."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.protobuf.json_format import MessageToDict, ParseDict
from google.rpc import error_details_pb2, status_pb2  # noqa: F401 (details are written out by their names)
from tests.contract.golden_exchanges import Heard
from tests.contract.sandbox_process import Running

SECONDS = 20
MANAGER = "1112223334"
FAILURE = re.compile(r"google\.ads\.googleads\.v\d+\.errors\.googleadsfailure-bin")
#: methods whose messages do not have the method's name
NAMES = {"Search": "SearchGoogleAds", "SearchStream": "SearchGoogleAdsStream"}


def send(running: Running, token: str, request: Mapping[str, Any]) -> Heard:
    """Send `request` (`rpc`: package.Service/Method; `json`; `metadata`) and return its answer or its error's details."""
    service, method = request["rpc"].split("/")
    sent, received = _messages(service, method)
    metadata = {"authorization": f"Bearer {token}", "login-customer-id": MANAGER} | request.get("metadata", {})
    call = _channel(running.google_ads_grpc, running.ca).unary_stream(
        f"/{service}/{method}", lambda message: message.SerializeToString(), received.FromString
    )(
        ParseDict(request.get("json", {}), sent()),
        timeout=SECONDS,
        metadata=[(name, value) for name, value in metadata.items() if value is not None],
    )
    try:
        answers = [MessageToDict(one) for one in call]
    except grpc.RpcError as error:
        trailers = dict(error.trailing_metadata() or ())
        return Heard(error.code().name, _texts(trailers), json=_details(trailers))
    found = answers if method.endswith("Stream") else answers[0]
    return Heard("OK", _texts(dict(call.trailing_metadata() or ())), json=found)


@cache
def _channel(address: str, ca: str) -> grpc.Channel:
    return grpc.secure_channel(address, grpc.ssl_channel_credentials(Path(ca).read_bytes()))


def _messages(service: str, method: str) -> tuple[Any, Any]:
    """The classes of a method's request and answer. Importing a module of the client enters them into protobuf's pool."""
    package, name = service.rsplit(".", 1)
    module = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    path = package.replace("google.ads.datamanager.v1", "google.ads.datamanager_v1")
    importlib.import_module(f"{path}.types.{module}")
    pool = descriptor_pool.Default()
    names = (f"{package}.{NAMES.get(method, method)}{end}" for end in ("Request", "Response"))
    sent, received = (message_factory.GetMessageClass(pool.FindMessageTypeByName(one)) for one in names)
    return sent, received


def _texts(trailers: Mapping[str, Any]) -> dict[str, str]:
    return {name: value for name, value in trailers.items() if isinstance(value, str)}


def _details(trailers: Mapping[str, Any]) -> Any:
    """The error in the trailers as JSON: a GoogleAdsFailure, or a google.rpc.Status; None if there is neither."""
    return next(_decoded(trailers), None)


def _decoded(trailers: Mapping[str, Any]) -> Iterator[Any]:
    for name, value in trailers.items():
        if FAILURE.fullmatch(name):
            package = name.rsplit(".", 1)[0]
            importlib.import_module(f"{package}.types.errors")
            found = descriptor_pool.Default().FindMessageTypeByName(f"{package}.GoogleAdsFailure")
            yield MessageToDict(message_factory.GetMessageClass(found).FromString(value))
        elif name == "grpc-status-details-bin":
            yield MessageToDict(status_pb2.Status.FromString(value))

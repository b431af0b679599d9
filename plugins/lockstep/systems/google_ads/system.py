"""The Google Ads system: its parts put together. Google's libraries are loaded, and its clients made, when they are first needed."""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from lockstep.conversions.definition import Backend
from lockstep.model import GOOGLE_ADS
from lockstep.systems.ads import Account, ConversionAction, Uploader
from lockstep.systems.base import Meter, TokenCache
from lockstep.systems.google_ads.connection import GoogleAdsConnection

if TYPE_CHECKING:
    from lockstep.systems.google_ads.calls import Caller
    from lockstep.systems.google_ads.login import Login
    from lockstep.systems.google_ads.reads import AdsReader
    from lockstep.systems.google_ads.reports import GoogleAdsReports
    from lockstep.systems.google_ads.uploads import GoogleAdsUploader


class GoogleAdsSystem:
    """Reads accounts and actions, uploads conversions, adjusts them. Use one per task: it is not thread-safe."""

    name = GOOGLE_ADS

    def __init__(
        self,
        connection: GoogleAdsConnection,
        meter: Meter,
        tokens: TokenCache | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._connection, self._meter, self._tokens = connection, meter, tokens
        self._now, self._sleep = now, sleep

    @property
    def customer_id(self) -> str:
        """The connection's own account."""
        return self._connection.customer_id

    def account(self, customer: str) -> Account:
        return self._reader.account(customer)

    def actions(self, customer: str) -> list[ConversionAction]:
        return self._reader.actions(customer)

    def uploader(self, backend: Backend) -> Uploader:
        return self.adjuster if backend is Backend.GOOGLE_ADS else self._data_manager

    @cached_property
    def adjuster(self) -> "GoogleAdsUploader":
        from lockstep.systems.google_ads.uploads import GoogleAdsUploader

        return GoogleAdsUploader(self._call, self._service, self._connection.api_version)

    @cached_property
    def _login(self) -> "Login":
        from lockstep.systems.google_ads.login import Login

        return Login(self._connection, self._meter, self._tokens)

    @cached_property
    def _call(self) -> "Caller":
        from lockstep.systems.google_ads.calls import Caller

        return Caller(self._login, self._meter, self._connection.timeout, self._sleep)

    @cached_property
    def reports(self) -> "GoogleAdsReports":
        from lockstep.systems.google_ads.reports import GoogleAdsReports

        return GoogleAdsReports(self._reader)

    @cached_property
    def _reader(self) -> "AdsReader":
        from lockstep.systems.google_ads.reads import AdsReader

        return AdsReader(self._call, self._service("GoogleAdsService").search, self._connection.api_version)

    @cached_property
    def _data_manager(self) -> Uploader:
        from lockstep.systems.google_ads.data_manager import DataManagerUploader

        return DataManagerUploader(self._call, lambda: self._ingestion, self._connection.login_customer_id, self._now)

    @cached_property
    def _ingestion(self) -> Any:
        from google.ads import datamanager_v1 as api

        from lockstep.systems.google_ads.login import channel

        opened = channel(self._connection, self._login, self._connection.data_manager_endpoint)
        transport = api.IngestionServiceClient.get_transport_class("grpc")(channel=opened)
        return api.IngestionServiceClient(transport=transport)

    @cached_property
    def _ads_channel(self) -> Any:
        """One channel for all services of the Google Ads API, with Google's own interceptors but for the one that logs requests."""
        from google.ads.googleads.interceptors import ExceptionInterceptor, MetadataInterceptor

        from lockstep.systems.google_ads.login import channel

        own = self._connection
        interceptors = (
            MetadataInterceptor(own.developer_token, own.login_customer_id, None),
            ExceptionInterceptor(own.api_version, use_proto_plus=True),
        )
        return channel(own, self._login, own.endpoint, interceptors)

    def _service(self, name: str) -> Any:
        """The client of one service: `ConversionUploadService`."""
        module = "".join(f"_{one.lower()}" if one.isupper() else one for one in name).lstrip("_")
        found = import_module(f"google.ads.googleads.{self._connection.api_version}.services.services.{module}")
        client = getattr(found, f"{name}Client")
        return client(transport=client.get_transport_class("grpc")(channel=self._ads_channel))

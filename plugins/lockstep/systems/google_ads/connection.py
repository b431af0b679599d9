"""What the connection to Google Ads says: plain strings. Imports nothing of Google's."""

from dataclasses import dataclass, field
from typing import Any

from lockstep.model import GOOGLE_ADS

ADS_HOST, DATA_MANAGER_HOST = "googleads.googleapis.com", "datamanager.googleapis.com"
TOKEN_URI = "https://oauth2.googleapis.com/token"


@dataclass(frozen=True, slots=True)
class GoogleAdsConnection:
    """Plain strings of the connection `google_ads_default`.

    Either client_id, client_secret and refresh_token, or service_account (the JSON key's content). `customer_id`: the account, ten
    digits. `login_customer_id`: the manager through which the login reaches it. `developer_token` is optional since September
    2026. `endpoint`, `data_manager_endpoint`: host:port. `ca`: path of a CA bundle. `proxy`: of HTTP CONNECT.
    """

    customer_id: str
    login_customer_id: str | None = None
    client_id: str | None = None
    client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    service_account: dict[str, Any] | None = field(default=None, repr=False)
    developer_token: str | None = field(default=None, repr=False)
    api_version: str = "v26"
    token_uri: str = TOKEN_URI
    endpoint: str = ADS_HOST
    data_manager_endpoint: str = DATA_MANAGER_HOST
    ca: str | None = None
    proxy: str | None = None
    timeout: float = 120.0

    @property
    def key(self) -> str:
        """Names the login in the token cache; holds nothing secret."""
        who = self.client_id or (self.service_account or {}).get("client_email", "")
        return f"{GOOGLE_ADS}:{who}:{self.customer_id}"

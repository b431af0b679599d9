"""From Airflow's connection `google_ads_default` to the engine's Google Ads system. Nothing is contacted here.

Any connection type will do (`generic`). Login and password: the OAuth client's id and secret. Extras: `customer_id`,
`refresh_token`, and where needed `login_customer_id`, `developer_token`, `service_account` (instead of the OAuth client),
`api_version`, `endpoint`, `data_manager_endpoint`, `token_uri`, `ca`, `proxy`. The extra `google_ads_client` of Airflow's
own Google provider is read as well.
"""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lockstep.errors import ConfigError
from lockstep_airflow.connections import extras_of, find, token_cache

if TYPE_CHECKING:
    from lockstep.store import Store
    from lockstep.systems.ads import AdsSystem
    from lockstep.systems.base import Meter

NAME = "google_ads_default"
VERSIONS = ("v23", "v24", "v25", "v26")
_NUMBERS = ("customer_id", "login_customer_id")


def google_ads(opened: "Store", meter: "Meter") -> "AdsSystem | None":
    """The system, not yet contacted; None where Airflow has no such connection. Raises ConfigError that lists every mistake."""
    from lockstep.systems.google_ads import GoogleAdsConnection, GoogleAdsSystem

    found = find(NAME)
    if found is None:
        return None
    given = extras_of(found)
    given = {**_loaded("google_ads_client", given.pop("google_ads_client", None)), **given}
    given.setdefault("client_id", found.login)
    given.setdefault("client_secret", found.password)
    if "service_account" in given:
        given["service_account"] = _loaded("service_account", given["service_account"])
    for name in _NUMBERS:
        given[name] = str(given.get(name) or "").replace("-", "") or None
    _check(given)
    known = {name: value for name, value in given.items() if name in GoogleAdsConnection.__dataclass_fields__ and value}
    return GoogleAdsSystem(GoogleAdsConnection(**known), meter, token_cache(opened))


def _check(given: Mapping[str, Any]) -> None:
    wrong = []
    if not given.get("customer_id"):
        wrong.append("`customer_id` is missing: the ten digits of the Google Ads account")
    wrong += [f"`{name}` is not ten digits" for name in _NUMBERS if given.get(name) and not _is_account(given[name])]
    if not given.get("service_account"):
        names = [name for name in ("client_id", "client_secret", "refresh_token") if not given.get(name)]
        if names:
            wrong.append(f"{', '.join(names)} missing (or give `service_account`)")
    if given.get("api_version", VERSIONS[-1]) not in VERSIONS:
        wrong.append(f"`api_version` is none of {', '.join(VERSIONS)}")
    if wrong:
        hint = "Login is the OAuth client's id, password its secret; the rest goes into the extra (see docs/conversions.md)."
        raise ConfigError(f"The Airflow connection `{NAME}` is not complete: {'; '.join(wrong)}.", hint=hint)


def _is_account(text: str) -> bool:
    return len(text) == 10 and text.isdigit()


def _loaded(name: str, value: Any) -> dict[str, Any]:
    """An extra that is an object, or JSON text of one."""
    try:
        found = json.loads(value) if isinstance(value, str) else value or {}
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ConfigError(
            f"The extra `{name}` of the connection `{NAME}` is not a JSON object.", hint="Paste the JSON as it is."
        )
    return found

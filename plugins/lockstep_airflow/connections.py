"""From Airflow's connections to the engine's store and systems.

| connection | needed | what it holds |
|---|---|---|
| `lockstep_store` | no: a SQLite file under AIRFLOW_HOME | the database of mirror, pairs and ledger |
| `salesforce_default` | yes | type `salesforce`: client credentials, JWT, or user name and password |
| `hubspot_default` | yes | password: the private app's or service key's token |
| `google_ads_default` | no: without it no conversion is looked for | login and password: OAuth client; see `lockstep_airflow.google_ads` |

Nothing is contacted here. Mistakes are ConfigErrors that name the connection; no message ever holds a secret.
"""

import json
import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from airflow.sdk import Connection
from airflow.sdk.configuration import conf
from airflow.sdk.exceptions import AirflowNotFoundException
from sqlalchemy.engine import URL

from lockstep.errors import ConfigError

if TYPE_CHECKING:
    from lockstep.model import ObjectSchema
    from lockstep.settings import Settings
    from lockstep.store import Store
    from lockstep.systems.base import Meter, System, TokenCache

STORE, SALESFORCE, HUBSPOT, ALERTS = "lockstep_store", "salesforce_default", "hubspot_default", "lockstep_alerts"

#: executors that run every task on the scheduler's own host
LOCAL_EXECUTORS = {"LocalExecutor", "SequentialExecutor"}

#: the provider's field -> ours, where the names differ
SALESFORCE_EXTRAS = {"private_key_file_path": "private_key_file"}


def mappings_folder() -> Path:
    """`LOCKSTEP_MAPPINGS`, or include/mappings beside plugins/ (plugins/mappings where only plugins are shipped)."""
    if told := os.environ.get("LOCKSTEP_MAPPINGS"):
        return Path(told)
    plugins = Path(__file__).resolve().parents[1]
    beside = plugins.parent / "include" / "mappings"
    return beside if beside.exists() or not (plugins / "mappings").exists() else plugins / "mappings"


def find(name: str) -> Connection | None:
    """The connection, or None if Airflow has none of that name."""
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def _required(name: str, hint: str) -> Connection:
    found = find(name)
    if found is None:
        raise ConfigError(f"The Airflow connection `{name}` is missing.", hint=hint)
    return found


def store_url() -> str:
    """Where the store is, as a SQLAlchemy URL (with its password: never to be logged)."""
    found = find(STORE)
    if found is None:
        return f"sqlite:///{Path(os.environ.get('AIRFLOW_HOME', '~/airflow')).expanduser()}/lockstep.db"
    if found.conn_type == "sqlite":
        return f"sqlite:///{_sqlite_file(found)}"
    if found.conn_type not in ("postgres", "postgresql"):
        raise ConfigError(
            f"The connection `{STORE}` has the type {found.conn_type!r}.", hint="Use `sqlite` or `postgres`."
        )
    query = {name: str(value) for name, value in found.extra_dejson.items()}
    url = URL.create("postgresql", found.login, found.password, found.host, found.port, found.schema, query)
    return url.render_as_string(hide_password=False)


def _sqlite_file(connection: Connection) -> str:
    path = connection.host or connection.schema
    if not path:
        raise ConfigError(f"The connection `{STORE}` names no file.", hint="Put the file's absolute path into `host`.")
    return f"/{path.lstrip('/')}"


def store() -> "Store":
    """The store, not yet upgraded. Refuses SQLite where tasks may run on several hosts."""
    from lockstep.store import Store

    opened = Store(store_url())
    executors = {name.split(":")[-1].split(".")[-1] for name in conf.get("core", "executor").split(",")}
    if opened.is_sqlite and not executors <= LOCAL_EXECUTORS:
        raise ConfigError(
            f"The store is a SQLite file, but the executor ({', '.join(sorted(executors))}) may run tasks on several"
            " hosts: each would see a file of its own, and records would be created twice.",
            hint=f"Give Lockstep a PostgreSQL database: an Airflow connection `{STORE}` of type postgres.",
        )
    return opened


def systems(
    opened: "Store", settings: "Settings", meters: "dict[str, Meter]", missing_ok: bool = False
) -> "dict[str, System]":
    """Both CRM systems, not yet contacted. Raises one ConfigError that lists everything that is wrong.

    `missing_ok`: a system without a connection is left out.
    """
    makers: dict[str, Callable[[], System]] = {
        "salesforce": lambda: _salesforce(opened, meters["salesforce"], settings),
        "hubspot": lambda: _hubspot(opened, meters["hubspot"]),
    }
    made: dict[str, System] = {}
    wrong: list[ConfigError] = []
    for name, make in makers.items():
        if missing_ok and find(f"{name}_default") is None:
            continue
        try:
            made[name] = make()
        except ConfigError as error:
            wrong.append(error)
    if wrong:
        raise ConfigError(" ".join(e.message for e in wrong), hint=" ".join(e.hint for e in wrong))
    return made


def _salesforce(opened: "Store", meter: "Meter", settings: "Settings") -> "System":
    from lockstep.systems.salesforce import SalesforceConnection, SalesforceOptions, SalesforceSystem

    hint = "Add it under Admin > Connections (type Salesforce): consumer key, consumer secret and My Domain."
    found = _required(SALESFORCE, hint)
    known = {field.name for field in fields(SalesforceConnection)}
    extras = {SALESFORCE_EXTRAS.get(name, name): value for name, value in extras_of(found).items()}
    if isinstance(extras.get("proxies"), str):
        extras["proxies"] = _json(SALESFORCE, "proxies", extras["proxies"])
    given = {name: value for name, value in extras.items() if name in known}
    connection = SalesforceConnection(username=found.login or None, password=found.password or None, **given)
    options = SalesforceOptions(
        bulk_threshold=settings.bulk_threshold,
        page=settings.page_size["salesforce"],
        create_external_ids=settings.create_external_ids,
    )
    return SalesforceSystem(connection, meter, token_cache(opened), options, _known_schema(opened, "salesforce"))


def _hubspot(opened: "Store", meter: "Meter") -> "System":
    from lockstep.systems.hubspot import HubSpotConnection, HubSpotSystem

    hint = "Add it under Admin > Connections (type HTTP or generic): the token goes into the password."
    found = _required(HUBSPOT, hint)
    if not found.password:
        raise ConfigError(f"The Airflow connection `{HUBSPOT}` has no token.", hint="Put the token into the password.")
    known = {field.name for field in fields(HubSpotConnection)} - {"token", "timeout"}
    given = {name: value for name, value in extras_of(found).items() if name in known}
    if found.host:
        given.setdefault("host", found.host if "://" in found.host else f"https://{found.host}")
    connection = HubSpotConnection(token=found.password, **given)
    return HubSpotSystem(connection, meter, schema_of=_known_schema(opened, "hubspot"))


def _known_schema(opened: "Store", system: str) -> "Callable[[str], ObjectSchema | None]":
    """What sync_schema has stored of an object, so that no task asks the vendor for it again."""
    from lockstep.store import schema

    def known(name: str) -> "ObjectSchema | None":
        with opened.reading() as tx:
            return schema.get(tx, system, name)

    return known


def extras_of(connection: Connection) -> dict[str, Any]:
    """The connection's filled extras, by their short names (old forms of the provider stored prefixed ones)."""
    prefix = f"extra__{connection.conn_type}__"
    return {
        name.removeprefix(prefix): value for name, value in connection.extra_dejson.items() if value not in (None, "")
    }


def _json(connection: str, name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        raise ConfigError(
            f"The extra `{name}` of the connection `{connection}` is not JSON.",
            hint='Write it like {"https": "http://proxy.example.com:3128"}.',
        ) from None


def token_cache(opened: "Store") -> "TokenCache | None":
    """Access tokens between tasks; None (each task logs in) where Airflow has no Fernet key to encrypt them with."""
    from airflow.models.crypto import get_fernet

    from lockstep_airflow.tokens import EncryptedTokens

    fernet = get_fernet()
    return EncryptedTokens(opened, fernet) if fernet.is_encrypted else None

"""Who may look and act: the only module of Sync Status that leans on Airflow's internals, which are not a stable API.

| to | Airflow's own permission |
|---|---|
| read any page | the view *Website* |
| see values of records | to read the connections of both systems: whoever may, can read every record there anyway |
| act | to trigger the DAG that the action starts |
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import (
    AccessView,
    ConnectionDetails,
    DagAccessEntity,
    DagDetails,
)
from airflow.api_fastapi.core_api.security import get_user, requires_access_view
from fastapi import Depends, HTTPException, Request

from lockstep_airflow.connections import HUBSPOT, SALESFORCE

#: FastAPI dependency: 401 for nobody, 403 for a user who may not see Airflow's website
may_read: Any = requires_access_view(AccessView.WEBSITE)


@dataclass(frozen=True)
class Viewer:
    """Whoever asks. `name`: as Airflow's audit log has it."""

    name: str
    sees_values: bool
    may_trigger: Callable[[str], bool]


async def viewer(request: Request, user: Annotated[Any, Depends(get_user)]) -> None:
    """FastAPI dependency: puts the Viewer into `request.state.viewer`."""
    manager = get_auth_manager()

    def reads(connection: str) -> bool:
        details = ConnectionDetails(conn_id=connection)
        return bool(manager.is_authorized_connection(method="GET", details=details, user=user))

    def may_trigger(dag_id: str) -> bool:
        details = DagDetails(id=dag_id)
        return bool(
            manager.is_authorized_dag(method="POST", access_entity=DagAccessEntity.RUN, details=details, user=user)
        )

    request.state.viewer = Viewer(user.get_name(), reads(SALESFORCE) and reads(HUBSPOT), may_trigger)


def of_this_page(request: Request) -> None:
    """FastAPI dependency for what acts: no other site may send a user's browser here (CSRF).

    A browser says where a request comes from: in Sec-Fetch-Site; of a page that came by plain http, in Origin alone (W3C, Fetch
    Metadata: only sent to trustworthy addresses). A script brings its token in a header, which no other site can set, instead
    of the cookie that comes by itself.
    """
    if request.headers.get("authorization", "").lower().startswith("bearer "):
        return
    site, host = request.headers.get("sec-fetch-site"), request.headers.get("host", "")
    own = site == "same-origin" if site else request.headers.get("origin") in (f"http://{host}", f"https://{host}")
    if not own:
        raise HTTPException(403, "Only this page, or a script with a token in its header, may do this.")


def login_url(next_url: str) -> str:
    """Airflow's login page, leading back to `next_url` (absolute: Airflow refuses to leave its own address)."""
    return str(get_auth_manager().get_url_login(next_url=next_url))

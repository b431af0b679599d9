"""Who may look: the only module of Sync Status that leans on Airflow's internals, which are not a stable API."""

from typing import Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import requires_access_view

#: FastAPI dependency: 401 for nobody, 403 for a user who may not see Airflow's website
may_read: Any = requires_access_view(AccessView.WEBSITE)


def login_url(next_url: str) -> str:
    """Airflow's login page, leading back to `next_url` (absolute: Airflow refuses to leave its own address)."""
    return str(get_auth_manager().get_url_login(next_url=next_url))

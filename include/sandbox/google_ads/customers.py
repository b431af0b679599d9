"""CustomerService: which accounts the user has, and the few settings of an account that its API changes."""

from __future__ import annotations

from typing import Any

from sandbox.google_ads.errors import Refusal, error
from sandbox.google_ads.requests import Request

UPDATABLE = {"descriptive_name": "name", "auto_tagging_enabled": "auto_tagging"}
SERVICE = "services.customer_service"


def list_accessible_customers(request: Request) -> list[Any]:
    """Answer ListAccessibleCustomers: the accounts the user has direct access to; the login customer does not matter."""
    response = request.new(f"{SERVICE}.ListAccessibleCustomersResponse")
    names = (f"customers/{row.id}" for row in request.state.customers.values() if row.accessible)
    response.resource_names.extend(names)
    return [response]


def mutate_customer(request: Request) -> list[Any]:
    """Answer MutateCustomer: an update of the name or of auto-tagging."""
    customer, body = request.customer(changes=True), request.body
    request.charge()
    paths = list(body.operation.update_mask.paths)
    if not paths:
        raise Refusal(error("field_mask_error", "FIELD_MASK_MISSING", "operation", "update_mask"))
    for path in paths:
        if path not in UPDATABLE:
            raise Refusal(error("field_error", "IMMUTABLE_FIELD", "operation", "update", path))
    if not body.validate_only:
        for path in paths:
            setattr(customer, UPDATABLE[path], getattr(body.operation.update, path))
    response = request.new(f"{SERVICE}.MutateCustomerResponse")
    response.result.resource_name = f"customers/{customer.id}"
    return [response]

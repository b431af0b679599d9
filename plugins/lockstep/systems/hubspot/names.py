"""How HubSpot's object types are addressed: its own by their plural, custom ones by `p_` and their name.

The bare name of a custom object has not been accepted since June 2025 (changelog of the CRM API); `p_<name>` needs neither
the portal's id nor a call, unlike the fully qualified name and the type id.
"""

OWN = frozenset({
    "contacts", "companies", "deals", "tickets", "tasks", "notes", "calls", "emails", "meetings", "communications",
    "postal_mail", "products", "line_items", "quotes", "leads", "orders", "carts", "invoices", "subscriptions_commerce",
    "feedback_submissions", "goal_targets", "users", "appointments", "courses", "listings", "services", "projects",
})  # fmt: skip
CUSTOM = "p_"


def api_name(object: str) -> str:
    """A mapping's object as URLs name it."""
    return object if object in OWN else CUSTOM + object


def plain(api_name: str) -> str:
    """The mapping's object again."""
    return api_name.removeprefix(CUSTOM)

"""The views of Sync Status, in the order of the tabs: name (text `view.<name>`) -> path."""

VIEWS = {
    "batches": "/",
    "errors": "/errors",
    "unsynced": "/unsynced",
    "record": "/record",
    "calls": "/calls",
    "backlog": "/backlog",
    "conversions": "/conversions",
    "schema": "/schema",
    "health": "/health",
}

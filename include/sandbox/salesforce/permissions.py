"""Field permissions: what a permission set may grant (Object Reference, FieldPermissions)."""

from sandbox.salesforce.errors import rejected
from sandbox.salesforce.org import Org
from sandbox.salesforce.store import Row


def check(org: Org, own_id: str | None, row: Row) -> None:
    """Refuse a grant of a field that is not there or needs none, of edit without read, and a second grant of one set."""
    name, _, field = str(row["Field"]).partition(".")
    if name != row["SobjectType"] or name not in org.full or not org.has(name, field):
        message = f"Field Name: bad value for restricted picklist field: {row['Field']}"
        raise rejected("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, "Field")
    if org.full[name].fields[field].required or not org.full[name].fields[field].custom:
        raise rejected("FIELD_INTEGRITY_EXCEPTION", f"You cannot set permissions of the field: {row['Field']}", "Field")
    if row.get("PermissionsEdit") and not row.get("PermissionsRead"):
        raise rejected("FIELD_INTEGRITY_EXCEPTION", "Permission Edit depends on permission Read", "PermissionsEdit")
    for other in org.store.holding("FieldPermissions", "ParentId", row["ParentId"]):
        if other["Field"] == row["Field"] and other["Id"] != own_id:
            message = f"duplicate value found: Field duplicates value on record with id: {other['Id']}"
            raise rejected("DUPLICATE_VALUE", message)

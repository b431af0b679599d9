"""Makes the external-id field of an object, where the settings ask for it, and lets the integration user write it.

The usual way is to deploy the metadata that Lockstep ships; this is for organisations in which nobody can. A field that is made
through the Tooling API (Tooling API Developer Guide, CustomField) is seen by nobody: a permission set of ours grants it to the
integration user (Object Reference: PermissionSet, PermissionSetAssignment, FieldPermissions). Every part is looked for first, so
that a run which stopped half-way is finished by the next one.
"""

from typing import Any

from lockstep.errors import AccessError
from lockstep.systems.answers import Refused
from lockstep.systems.salesforce.client import SalesforceClient
from lockstep.systems.salesforce.soql import text

PERMISSION_SET, LABEL = "Lockstep_External_Ids", "Lockstep External Ids"
#: fields of tasks and events are made on the object that both share
MADE_ON = {"Task": "Activity", "Event": "Activity"}
METADATA = {
    "label": "Lockstep Id",
    "description": "Names the pair of this record and its HubSpot partner. Written by Lockstep; blank it on a cloned record.",
    "type": "Text",
    "length": 64,
    "externalId": True,
    "unique": True,
    "caseSensitive": False,
    "required": False,
}
_THERE = {"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"}


def make(client: SalesforceClient, object: str, field: str, user: str) -> None:
    """Make `<object>.<field>`, or only grant it if it is there and hidden from the user.

    :raises AccessError: the integration user may not customise the organisation
    """
    try:
        full_name = f"{MADE_ON.get(object, object)}.{field}"
        _create(client, "/tooling/sobjects/CustomField", {"FullName": full_name, "Metadata": METADATA})
        _grant(client, object, field, _permission_set(client, user))
    except (AccessError, Refused) as error:
        raise AccessError(
            f"Salesforce: {object}.{field} could not be made: {error.message}",
            hint="Let the integration user customize the application and assign permission sets, or switch "
            "`create_external_ids` off and deploy the metadata shipped with Lockstep.",
        ) from error


def _permission_set(client: SalesforceClient, user: str) -> str:
    """The id of our permission set, assigned to the user."""
    ours = f"SELECT Id FROM PermissionSet WHERE Name = {text(PERMISSION_SET)}"
    made = _find(client, ours)
    if made is None:
        _create(client, "/sobjects/PermissionSet", {"Name": PERMISSION_SET, "Label": LABEL})
        made = _find(client, ours) or ""
    where = f"PermissionSetId = {text(made)} AND AssigneeId = {text(user)}"
    if not _find(client, f"SELECT Id FROM PermissionSetAssignment WHERE {where}"):
        _create(client, "/sobjects/PermissionSetAssignment", {"PermissionSetId": made, "AssigneeId": user})
    return made


def _grant(client: SalesforceClient, object: str, field: str, permission_set: str) -> None:
    name, rights = f"{object}.{field}", {"PermissionsRead": True, "PermissionsEdit": True}
    where = f"ParentId = {text(permission_set)} AND Field = {text(name)}"
    if found := _find(client, f"SELECT Id FROM FieldPermissions WHERE {where}"):
        client.call("PATCH", f"/sobjects/FieldPermissions/{found}", body=rights)
    else:
        body = {"ParentId": permission_set, "SobjectType": object, "Field": name, **rights}
        _create(client, "/sobjects/FieldPermissions", body)


def _find(client: SalesforceClient, soql: str) -> str | None:
    """The id of the first record."""
    records: list[dict[str, str]] = client.json("GET", "/query", params={"q": soql})["records"]
    return records[0]["Id"] if records else None


def _create(client: SalesforceClient, path: str, body: Any) -> None:
    """What is there already, perhaps since an answer was lost, is as good."""
    try:
        client.call("POST", path, body=body)
    except Refused as refused:
        if refused.rejection.vendor_code not in _THERE:
            raise

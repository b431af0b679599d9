"""What an administrator sets up, as `object_table` has the rest: permission sets and, in the Tooling API alone, custom fields."""

TABLE: dict[str, str] = {
    "PermissionSet": """
Id id ro
Name string(80) req uniq
Label string(80) req
Description string(255)
IsOwnedByProfile boolean ro
ProfileId reference ro > Profile as Profile
IsCustom boolean ro
NamespacePrefix string(15) ro
""",
    "PermissionSetAssignment": """
Id id ro
PermissionSetId reference co req > PermissionSet as PermissionSet
AssigneeId reference co req > User as Assignee
IsActive boolean ro
SystemModstamp datetime ro
""",
    "FieldPermissions": """
Id id ro
ParentId reference co req > PermissionSet as Parent
SobjectType picklist(40) co req
Field picklist(280) co req
PermissionsRead boolean
PermissionsEdit boolean
SystemModstamp datetime ro
""",
    "CustomField": """
Id id ro
TableEnumOrId string(255) ro
DeveloperName string(255) ro
NamespacePrefix string(15) ro
FullName string(255) co req
Metadata anyType req
Description string(1000) ro
InlineHelpText string(510) ro
Length int ro
Precision int ro
Scale int ro
RelationshipLabel string(80) ro
ManageableState picklist(40) ro
""",
}
TOOLING = frozenset({"CustomField"})
"""Objects of the Tooling API alone."""

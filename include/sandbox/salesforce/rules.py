"""The organisation's rules, all of them data in the settings: assignment, validation, duplicates; and references, uniqueness."""

from typing import TYPE_CHECKING, Any

from sandbox.salesforce.errors import Fault, Rejected, rejected
from sandbox.salesforce.fields import SObject
from sandbox.salesforce.ids import to18
from sandbox.salesforce.org import Org
from sandbox.salesforce.soql.condition import matcher
from sandbox.salesforce.store import Row

if TYPE_CHECKING:
    from sandbox.salesforce.dml import Options


def assign(org: Org, name: str, before: Row, values: Row, options: "Options") -> None:
    """Let the assignment rule choose the owner, if one is to run (Sforce-Auto-Assign; Bulk 2.0's assignmentRuleId).

    Without a rule that matches, a new record goes to the default owner where one is set.
    """
    if options.assign is False or name not in {"Lead", "Case", "Account"}:
        return
    rule = org.settings["assignment_rules"].get(name)
    if isinstance(options.assign, str) and (rule is None or to18(rule["id"]) != options.assign):
        raise rejected("INVALID_CROSS_REFERENCE_KEY", f"invalid assignment rule: {options.assign}")
    wanted = rule and (rule.get("active", True) or options.assign is not True)
    if wanted and (not rule.get("when") or matcher(org, name, rule["when"])(before | values)):
        values["OwnerId"] = rule["owner"]
    elif not before and name in org.settings["default_owners"]:
        values["OwnerId"] = org.settings["default_owners"][name]


def check_references(org: Org, definition: SObject, before: Row, values: Row) -> None:
    """Refuse references to records that are not there, of another object, or owners that are not active."""
    for name, value in values.items():
        field = definition.fields.get(name)
        if value is None or field is None or field.type != "reference" or value == before.get(name):
            continue
        _check_reference(org, definition, field.name, field.references, value)


def _check_reference(org: Org, definition: SObject, name: str, targets: tuple[str, ...], value: str) -> None:
    target = next((t for t in targets if value.startswith(org.full[t].prefix)), None)
    if target is None:
        label = definition.fields[name].label
        raise Rejected(Fault("MALFORMED_ID", f"{label}: id value of incorrect type: {value}", (name,)))
    row = org.store.tables[target].get(value)
    if row is None or row.get("IsDeleted"):
        raise Rejected(Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,)))
    if name == "OwnerId" and target == "User" and not row["IsActive"]:
        message = f"operation performed with inactive user [{value[:15]}] as owner of {definition.name.lower()}"
        raise Rejected(Fault("INACTIVE_OWNER_OR_USER", message, ()))
    if name == "RecordTypeId" and row["SobjectType"] != definition.name:
        message = f"Record Type ID: this ID value isn't valid for the user: {value}"
        raise Rejected(Fault("INVALID_CROSS_REFERENCE_KEY", message, (name,)))
    if name == "OwnerId" and target == "Group" and row["Type"] != "Queue":
        raise Rejected(Fault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (name,)))


def record_types(org: Org, name: str) -> list[Row]:
    """Return the active record types of an object, its default first."""
    return [row for row in org.store.rows("RecordType") if row["SobjectType"] == name and row["IsActive"]]


def default_record_type(org: Org, name: str) -> str | None:
    """Return the record type of a record that names none; None where the object has none."""
    return next((str(row["Id"]) for row in record_types(org, name)), None)


def check_deletable(org: Org, name: str, row: Row) -> None:
    """Refuse to delete a person or company with cases, where the organisation's settings say so."""
    field = {"Account": "AccountId", "Contact": "ContactId"}.get(name)
    if field is None or not org.settings["cases_block_deletes"]:
        return
    numbers = ", ".join(case["CaseNumber"] or case["Id"] for case in org.store.holding("Case", field, row["Id"]))
    if numbers:
        message = (
            f"Your attempt to delete {row['Name']} could not be completed because it is associated with the following "
            f"cases.: {numbers}"
        )
        raise rejected("DELETE_FAILED", message)


def check_unique(org: Org, definition: SObject, own_id: str | None, values: Row) -> None:
    """Refuse a value that another record holds in a unique field."""
    for field in definition.fields.values():
        if not field.unique or values.get(field.name) is None:
            continue
        for other in org.store.by_external(definition.name, field.name, str(values[field.name])):
            if other != own_id:
                message = f"duplicate value found: {field.name} duplicates value on record with id: {other}"
                raise rejected("DUPLICATE_VALUE", message)


def check_validation(org: Org, name: str, row: Row) -> None:
    """Refuse a record that a validation rule's condition is true of."""
    faults = []
    for rule in org.settings["validation_rules"]:
        if rule["object"] == name and matcher(org, name, rule["when"])(row):
            fields = (rule["field"],) if rule.get("field") else ()
            faults.append(Fault("FIELD_CUSTOM_VALIDATION_EXCEPTION", rule["message"], fields))
    if faults:
        raise Rejected(*faults)


def check_duplicates(org: Org, name: str, before: Row | None, row: Row, options: "Options") -> None:
    """Refuse a record that a duplicate rule matches with another, unless it only alerts and saving is allowed."""
    for rule in org.settings["duplicate_rules"]:
        if rule["object"] != name or not _touched(rule, before, row):
            continue
        allow = rule.get("action", "block") == "alert"
        matches = _matches(org, rule, row, (before or {}).get("Id"))
        if matches and not (allow and options.allow_duplicates):
            raise Rejected(_duplicate_fault(rule, name, matches, allow, options.version))


def _touched(rule: dict[str, Any], before: Row | None, row: Row) -> bool:
    return before is None or any(row.get(field) != before.get(field) for field in rule["fields"])


def _matches(org: Org, rule: dict[str, Any], row: Row, own_id: str | None) -> list[tuple[str, str]]:
    wanted = [_folded(row.get(field)) for field in rule["fields"]]
    if None in wanted:
        return []
    return [
        (target, other["Id"])
        for target in rule.get("against", [rule["object"]])
        for other in org.store.rows(target)
        if other["Id"] != own_id and [_folded(other.get(field)) for field in rule["fields"]] == wanted
    ]


def _folded(value: Any) -> str | None:
    return str(value).strip().casefold() if value is not None else None


def _duplicate_fault(
    rule: dict[str, Any], name: str, matches: list[tuple[str, str]], allow: bool, version: str
) -> Fault:
    base = f"/services/data/v{version}/sobjects"
    records = [
        {"additionalInformation": [], "fieldDiffs": [], "matchConfidence": 100.0,
         "record": {"attributes": {"type": target, "url": f"{base}/{target}/{record_id}"}, "Id": record_id}}
        for target, record_id in matches
    ]  # fmt: skip
    rule_name = rule.get("name", f"Standard_{name}_Duplicate_Rule")
    result = {
        "allowSave": allow,
        "duplicateRule": rule_name,
        "duplicateRuleEntityType": name,
        "errorMessage": "Use one of these records?",
        "matchResults": [
            {"entityType": matches[0][0], "errors": [], "matchEngine": "ExactMatchEngine", "matchRecords": records,
             "rule": f"{rule_name}_Match", "size": len(records), "success": True}
        ],
    }  # fmt: skip
    return Fault("DUPLICATES_DETECTED", "Use one of these records?", (), 400, {"duplicateResult": result})

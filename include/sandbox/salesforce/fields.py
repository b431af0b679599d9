"""Field and object descriptions, and how ``describe`` shows them (REST API Developer Guide, sObject Describe)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

TEXT_TYPES = frozenset({"string", "textarea", "phone", "email", "url", "picklist", "multipicklist", "combobox"})
NUMBER_TYPES = frozenset({"double", "currency", "percent", "int"})
SOAP = {
    "id": "tns:ID",
    "reference": "tns:ID",
    "boolean": "xsd:boolean",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "time": "xsd:time",
    "int": "xsd:int",
    "double": "xsd:double",
    "currency": "xsd:double",
    "percent": "xsd:double",
}


ISO_CODES = ("CountryCode", "StateCode")
"""How the fields of state and country codes end; they are checked together with their address."""


@dataclass(frozen=True)
class Field:
    """One field. ``length`` is in characters for text types; ``references`` names the objects a reference may point at."""

    name: str
    type: str
    length: int = 0
    label: str = ""
    creatable: bool = True
    updatable: bool = True
    required: bool = False
    values: tuple[str, ...] = ()
    default: Any = None
    references: tuple[str, ...] = ()
    relationship: str | None = None
    external_id: bool = False
    unique: bool = False
    case_sensitive: bool = False
    restricted: bool = False
    scale: int = 0
    compound: str | None = None
    calculated: bool = False
    auto_number: bool = False
    cascade: bool = False
    name_field: bool = False

    @property
    def custom(self) -> bool:
        return self.name.endswith("__c")

    @property
    def nillable(self) -> bool:
        return not (self.required or self.auto_number or self.type in {"boolean", "id"} or self.name in NEVER_NULL)

    @property
    def filterable(self) -> bool:
        return self.type != "anyType" and not (self.type == "textarea" and self.length > 255)

    @property
    def sortable(self) -> bool:
        return self.filterable and self.type != "multipicklist"

    def as_json(self) -> dict[str, Any]:
        """Return the field as describe shows it."""
        text = self.type in TEXT_TYPES
        return {
            "aggregatable": self.filterable and self.type != "boolean",
            "aiPredictionField": False,
            "autoNumber": self.auto_number,
            "byteLength": self.length * 3 if text else (18 if self.type in {"id", "reference"} else 0),
            "calculated": self.calculated,
            "calculatedFormula": None,
            "cascadeDelete": self.cascade,
            "caseSensitive": self.case_sensitive,
            "compoundFieldName": self.compound,
            "controllerName": None,
            "createable": self.creatable,
            "custom": self.custom,
            "defaultValue": self.default if self.type != "boolean" else bool(self.default),
            "defaultValueFormula": None,
            "defaultedOnCreate": self.default is not None or self.type == "boolean" or self.name == "OwnerId",
            "dependentPicklist": False,
            "deprecatedAndHidden": False,
            "digits": 8 if self.type == "int" else 0,
            "displayLocationInDecimal": False,
            "encrypted": False,
            "externalId": self.external_id,
            "extraTypeInfo": None,
            "filterable": self.filterable,
            "filteredLookupInfo": None,
            "formulaTreatNullNumberAsZero": False,
            "groupable": self.filterable and self.type not in {"datetime", "currency", "double", "percent"},
            "highScaleNumber": False,
            "htmlFormatted": False,
            "idLookup": self.type == "id" or self.external_id or (self.type == "email"),
            "inlineHelpText": None,
            "label": self.label,
            "length": 18 if self.type in {"id", "reference"} else self.length,
            "mask": None,
            "maskType": None,
            "name": self.name,
            "nameField": self.name_field or self.name == "Name",
            "namePointing": len(self.references) > 1,
            "nillable": self.nillable,
            "permissionable": not self.required and self.type not in {"id"} and self.updatable,
            "picklistValues": [
                {
                    "active": True,
                    "defaultValue": value == self.default,
                    "label": value,
                    "validFor": None,
                    "value": value,
                }
                for value in self.values
            ],
            "polymorphicForeignKey": len(self.references) > 1,
            "precision": 18 if self.type in NUMBER_TYPES and self.type != "int" else 0,
            "queryByDistance": False,
            "referenceTargetField": None,
            "referenceTo": list(self.references),
            "relationshipName": self.relationship,
            "relationshipOrder": 0 if self.cascade and self.custom else None,
            "restrictedDelete": False,
            "restrictedPicklist": self.restricted,
            "scale": self.scale,
            "searchPrefilterable": self.type == "reference",
            "soapType": SOAP.get(self.type, "xsd:string"),
            "sortable": self.sortable,
            "type": self.type,
            "unique": self.unique,
            "updateable": self.updatable,
            "writeRequiresMasterRead": False,
        }


NEVER_NULL = frozenset(
    {"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById", "SystemModstamp", "OwnerId", "Name"}
)


@dataclass(frozen=True)
class SObject:
    """One object. ``fields`` by API name in describe's order; ``children`` are (object, field, relationship name)."""

    name: str
    label: str
    plural: str
    prefix: str
    fields: dict[str, Field]
    children: tuple[tuple[str, str, str], ...] = ()
    creatable: bool = True
    updatable: bool = True
    deletable: bool = True
    mergeable: bool = False
    replicateable: bool = True
    by_lower: dict[str, str] | None = None

    def canonical(self, name: str) -> str | None:
        """Return a field's API name from any spelling of its letters' case; None if there is no such field."""
        return (self.by_lower or {}).get(name.lower())

    def reference(self, relationship: str) -> Field | None:
        """Return the reference field of a parent relationship name, in any case; None if there is none."""
        wanted = relationship.lower()
        for field in self.fields.values():
            if field.relationship and field.relationship.lower() == wanted:
                return field
        return None

    def with_fields(self, fields: dict[str, Field]) -> "SObject":
        """Return the same object with other fields."""
        return replace(self, fields=fields, by_lower={name.lower(): name for name in fields})

    def brief(self, version: str) -> dict[str, Any]:
        """Return the object as the global describe lists it."""
        base = f"/services/data/v{version}/sobjects/{self.name}"
        return {
            "activateable": False,
            "associateEntityType": None,
            "associateParentEntity": None,
            "createable": self.creatable,
            "custom": self.name.endswith("__c"),
            "customSetting": False,
            "deepCloneable": False,
            "deletable": self.deletable,
            "deprecatedAndHidden": False,
            "feedEnabled": False,
            "hasSubtypes": False,
            "isInterface": False,
            "isSubtype": False,
            "keyPrefix": self.prefix,
            "label": self.label,
            "labelPlural": self.plural,
            "layoutable": self.updatable,
            "mergeable": self.mergeable,
            "mruEnabled": self.updatable,
            "name": self.name,
            "queryable": True,
            "replicateable": self.replicateable,
            "retrieveable": True,
            "searchable": self.updatable,
            "triggerable": self.updatable,
            "undeletable": self.deletable,
            "updateable": self.updatable,
            "urls": {"sobject": base, "describe": f"{base}/describe", "rowTemplate": f"{base}/{{ID}}"},
        }

    def describe(self, version: str, record_types: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
        """Return the object's whole description; ``record_types`` are the object's rows of RecordType."""
        children = [
            {
                "cascadeDelete": child in CASCADES.get(self.name, ()),
                "childSObject": child,
                "deprecatedAndHidden": False,
                "field": field,
                "junctionIdListNames": [],
                "junctionReferenceTo": [],
                "relationshipName": name,
                "restrictedDelete": False,
            }
            for child, field, name in self.children
        ]
        return self.brief(version) | {
            "actionOverrides": [],
            "childRelationships": children,
            "compactLayoutable": True,
            "defaultImplementation": None,
            "extendedBy": None,
            "extendsInterfaces": None,
            "fields": [field.as_json() for field in self.fields.values()],
            "implementedBy": None,
            "implementsInterfaces": None,
            "listviewable": None,
            "lookupLayoutable": None,
            "namedLayoutInfos": [],
            "networkScopeFieldName": None,
            "recordTypeInfos": self._record_types(version, record_types),
            "searchLayoutable": True,
            "sobjectDescribeOption": "FULL",
            "supportedScopes": [{"label": f"All {self.plural}", "name": "everything"}],
        }

    def _record_types(self, version: str, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The object's record types, the first of them the default, and last Master, which every object has."""
        layout = f"/services/data/v{version}/sobjects/{self.name}/describe/layouts/"
        master = {"Id": MASTER, "Name": "Master", "DeveloperName": "Master", "IsActive": True}
        return [
            {
                "active": row["IsActive"],
                "available": True,
                "defaultRecordTypeMapping": position == 0,
                "developerName": row["DeveloperName"],
                "master": row is master,
                "name": row["Name"],
                "recordTypeId": row["Id"],
                "urls": {"layout": layout + row["Id"]},
            }
            for position, row in enumerate([*rows, master])
        ]


MASTER = "012000000000000AAA"
CASCADES = {
    "Account": ("Contact", "Opportunity", "Case", "Subscription__c", "Task", "Event", "AccountHistory"),
    "Contact": ("OpportunityContactRole", "CampaignMember", "Task", "Event", "ContactHistory"),
    "Lead": ("CampaignMember", "Task", "Event", "LeadHistory"),
    "Opportunity": (
        "OpportunityContactRole", "OpportunityHistory", "Task", "Event", "OpportunityFieldHistory",
    ),
    "Case": ("Task", "Event", "CaseHistory"),
    "Campaign": ("CampaignMember", "CampaignMemberStatus", "Task", "Event"),
    "Subscription__c": ("Subscription_Item__c", "Task", "Event", "Subscription__History"),
    "Group": ("QueueSobject", "GroupMember"),
}  # fmt: skip
"""Children that go into the recycle bin with their parent."""

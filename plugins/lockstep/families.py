"""Error codes by the families of HubSpot's error cards (HS-02), so that people who know those find theirs again."""

from enum import StrEnum

from lockstep.errors import CODES


class Family(StrEnum):
    """One card of the Sync errors page. What HubSpot counts into it stands beside it."""

    ASSOCIATIONS = "associations"  # association limit reached, waiting for the account to sync
    CUSTOM_CODE = "custom_code"  # Salesforce automation, flows, validation rules
    DUPLICATES = "duplicates"  # e-mail already in use, duplicate rules
    PERMISSIONS = "permissions"  # insufficient access, missing records, field permissions
    PROPERTY_MAPPINGS = "property_mappings"  # the mapping and the vendors' fields do not fit
    PROPERTY_VALUES = "property_values"  # invalid, missing, too long, not in the list


_CODES = {
    Family.ASSOCIATIONS: ("reference_invalid", "waiting_for_reference"),
    Family.CUSTOM_CODE: ("validation_rule", "ignored_by_vendor", "vendor_refused", "vendor_error", "row_locked"),
    Family.DUPLICATES: (
        "duplicate",
        "duplicate_rule",
        "ambiguous_match",
        "partner_flip",
        "unknown_pair",
        "merged_into_paired",
    ),
    Family.PERMISSIONS: (
        "field_permission",
        "record_permission",
        "record_gone",
        "converted_lead",
        "edited_and_deleted",
        "partner_deleted",
    ),
    Family.PROPERTY_MAPPINGS: ("unknown_field", "member_statuses_differ"),
    Family.PROPERTY_VALUES: (
        "required_field_missing",
        "required_empty",
        "no_match_key",
        "invalid_value",
        "value_too_long",
        "picklist_value",
        "invalid_email",
        "inactive_owner",
        "wrong_type",
        "clash",
    ),
}
_FAMILY_OF = {code: family for family, codes in _CODES.items() for code in codes}

#: codes that no card shows: left out on purpose, tried again by themselves, of a whole batch, or what Google Ads says
CARDLESS = frozenset(CODES) - _FAMILY_OF.keys()


def family_of(code: str) -> Family | None:
    """The one family that a code belongs to; None for what no card shows (see CARDLESS)."""
    return _FAMILY_OF.get(code)

"""Each error code is on one card of the six that HubSpot has (HS-02), or on none for a reason."""

from collections import Counter

from lockstep.errors import CODES
from lockstep.families import _CODES, CARDLESS, Family, family_of
from lockstep.google_ads_codes import GOOGLE_ADS_CODES
from lockstep.preflight_codes import PREFLIGHT_CODES

#: nothing that a person mends on a record
NO_CARD = {
    *("stale", "unconfirmed", "matched_live", "taken_over", "waiting_for_coverage", "quota", "rate_limited"),
    *("limit_reached", "unchanged", "dry_run", "create_off", "update_off", "delete_off", "not_in_scope", "erased"),
    *("lead_converted", "authentication", "access", "config", "vendor_unavailable", "quota_exhausted", "lease_held"),
    *("guard_tripped", "horizon_passed", "not_finished", "ledger_unbalanced", "internal"),
    *("pipeline_not_synced", "changed_since", "undo_kept", "linked_already", "not_referred"),
}


def test_each_code_is_on_one_card_or_on_none_for_a_reason() -> None:
    assert CARDLESS - GOOGLE_ADS_CODES.keys() - PREFLIGHT_CODES.keys() == NO_CARD, (
        "a new code: name its card in families.py, or list it here"
    )
    assert Counter(code for codes in _CODES.values() for code in codes).most_common(1)[0][1] == 1
    assert set(_CODES) == set(Family)


def test_families_hold_codes_that_exist() -> None:
    assert {code for codes in _CODES.values() for code in codes} <= CODES.keys()


def test_family_of() -> None:
    assert family_of("picklist_value") is Family.PROPERTY_VALUES
    assert family_of("unchanged") is None

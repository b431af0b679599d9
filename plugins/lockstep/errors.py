"""Every error the engine raises, and the registry of stable error codes.

    LockstepError
    ├── FatalError             trying again cannot help; a person must act
    │   ├── ConfigError        settings, mapping files, connections: found before anything was written
    │   ├── AuthenticationError  the vendor refuses our credentials
    │   │   └── Suspended      it did so just before, and has not been seen to let us in since
    │   ├── AccessError        the credentials are good, but lack a permission
    │   ├── GuardTripped       the plan is too dangerous to apply without a person's word
    │   ├── HorizonPassed      the vendor no longer knows what was deleted so long ago: reconcile
    │   ├── RunFailed          a step ends red: a batch failed, or too many records were rejected
    │   └── LedgerError        a batch does not balance: a bug in Lockstep
    ├── RetriableError         the same call may succeed later (`retry_after` seconds, when the vendor says)
    │   ├── VendorUnavailable  no answer, or an answer that says "not now"
    │   ├── RateLimited        too many calls in a short time
    │   └── LeaseHeld          another run writes to this pair of objects
    └── QuotaExhausted         the day's allocation is used up: stop cleanly, defer the rest
        └── VendorQuotaExhausted  the vendor says so itself

Rejected records are not exceptions but data: see `model.Rejection`.
"""

from lockstep.error_kinds import ErrorClass as ErrorClass
from lockstep.error_kinds import ErrorKind as ErrorKind
from lockstep.google_ads_codes import GOOGLE_ADS_CODES
from lockstep.preflight_codes import PREFLIGHT_CODES


class LockstepError(Exception):
    """Base of all: `code` is stable (see CODES), `message` says what happened, `hint` what to do (else the code's remedy)."""

    code = "internal"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None):
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or type(self).code

    def __str__(self) -> str:
        hint = self.hint or (CODES[self.code].remedy if self.code in CODES else "")
        return f"[{self.code}] {self.message}" + (f" What to do: {hint}" if hint else "")


class FatalError(LockstepError):
    code = "fatal"


class ConfigError(FatalError):
    code = "config"


class AuthenticationError(FatalError):
    code = "authentication"


class AccessError(FatalError):
    code = "access"


class GuardTripped(FatalError):
    code = "guard_tripped"


class HorizonPassed(FatalError):
    code = "horizon_passed"


class Suspended(AuthenticationError):
    """Said without a call, so that it reads, counts and alerts as the refusal that it repeats."""


class RunFailed(FatalError):
    code = "run_failed"


class LedgerError(FatalError):
    code = "ledger_unbalanced"


class RetriableError(LockstepError):
    code = "retriable"

    def __init__(self, message: str, *, hint: str = "", code: str | None = None, retry_after: float | None = None):
        super().__init__(message, hint=hint, code=code)
        self.retry_after = retry_after


class VendorUnavailable(RetriableError):
    code = "vendor_unavailable"


class RateLimited(RetriableError):
    code = "rate_limited"


class LeaseHeld(RetriableError):
    code = "lease_held"


class QuotaExhausted(LockstepError):
    code = "quota_exhausted"


class VendorQuotaExhausted(QuotaExhausted):
    """The vendor's own quota, which all its applications share."""


def _kinds(*rows: tuple[str, ErrorClass, str, str]) -> dict[str, ErrorKind]:
    return {code: ErrorKind(code, cls, meaning, remedy) for code, cls, meaning, remedy in rows}


_C, _D, _X, _P, _T, _Q = (
    ErrorClass.CONFIG,
    ErrorClass.DATA,
    ErrorClass.CONFLICT,
    ErrorClass.PERMISSION,
    ErrorClass.TRANSIENT,
    ErrorClass.QUOTA,
)

#: code -> meaning and remedy, for rejected, held, deferred and skipped records and for failed batches.
CODES: dict[str, ErrorKind] = _kinds(
    # failed: the vendor said no
    (
        "required_field_missing",
        _D,
        "The target requires a field that is empty.",
        "Fill the field on the source record, or give it a default in the mapping.",
    ),
    (
        "invalid_value",
        _D,
        "The target does not accept this value for the field.",
        "Correct the value on the source record.",
    ),
    (
        "value_too_long",
        _D,
        "The value is longer than the target field allows.",
        "Shorten it, lengthen the target field, or set `truncate` on the field in the mapping.",
    ),
    (
        "picklist_value",
        _D,
        "The target's list of options lacks this value.",
        "Add the option, or map the value under `values:`.",
    ),
    (
        "invalid_email",
        _D,
        "The e-mail address is not valid for the target.",
        "Correct the address on the source record.",
    ),
    (
        "duplicate",
        _X,
        "The target already holds a record with this unique value.",
        "Merge the two records, or change the value on one of them.",
    ),
    (
        "duplicate_rule",
        _X,
        "A Salesforce duplicate rule blocked the record.",
        "Merge the duplicates in Salesforce, or let the integration user pass the rule.",
    ),
    (
        "validation_rule",
        _D,
        "A validation rule or automation in the target refused the record.",
        "Read the vendor's message; correct the record or the rule.",
    ),
    ("inactive_owner", _D, "The owner is not active in the target.", "Give the record an active owner."),
    (
        "converted_lead",
        _D,
        "The lead was converted meanwhile.",
        "Nothing: the contact takes its place in the next cycle.",
    ),
    (
        "record_gone",
        _D,
        "The target record was deleted or merged meanwhile.",
        "Nothing: the next pull reads what happened.",
    ),
    (
        "reference_invalid",
        _D,
        "A referenced record does not exist or is not visible in the target.",
        "Check that the related record exists and is shared with the integration user.",
    ),
    (
        "field_permission",
        _P,
        "The integration user may not write this field.",
        "Grant edit permission on the field (see the permission set).",
    ),
    (
        "record_permission",
        _P,
        "The integration user may not write this record.",
        "Grant access to the object or the record.",
    ),
    (
        "unknown_field",
        _C,
        "The target has no such field, or hides it from the integration user.",
        "Run sync_schema; correct the mapping or the field's permissions.",
    ),
    ("row_locked", _T, "Another process held the record.", "Nothing: it is tried again in the next run."),
    (
        "vendor_error",
        _T,
        "The vendor failed on this record without a usable reason.",
        "Nothing: it is tried again; read the vendor's message if it persists.",
    ),
    (
        "ignored_by_vendor",
        _D,
        "The vendor answered success, but kept its old value.",
        "See whether a rule or a workflow in the target resets the field.",
    ),
    ("vendor_refused", _D, "The vendor refused the record.", "Read the vendor's message."),
    (
        "wrong_type",
        _D,
        "The vendor sent a value that does not fit the field's type.",
        "Correct the value in the source system.",
    ),
    # held: a person decides
    (
        "ambiguous_match",
        _X,
        "Several records could be the partner.",
        "Merge the duplicates, or correct the key on one of them.",
    ),
    (
        "clash",
        _X,
        "Both sides changed the field, and its rule asks a person.",
        "Give both sides the same value, or choose another rule for the field.",
    ),
    (
        "edited_and_deleted",
        _X,
        "One side was deleted while the other was edited.",
        "Decide whether to delete or to restore the record.",
    ),
    (
        "partner_deleted",
        _X,
        "One side was deleted, and the mapping holds such pairs.",
        "Decide whether to delete the other side or to restore the record.",
    ),
    ("merged_into_paired", _X, "The record was merged into one that has another partner.", "Merge the partners too."),
    (
        "partner_flip",
        _X,
        "Another record would become the partner.",
        "Merge the duplicates, or blank the external id on the copied record.",
    ),
    (
        "unknown_pair",
        _X,
        "The record carries the id of a pair that the ledger does not know: an older ledger was restored, or it is a copy.",
        "On a copy, blank the external id; otherwise restore the newest ledger.",
    ),
    # deferred: will be tried again by itself
    ("stale", _T, "The target changed after the plan was made.", "Nothing: it is planned afresh in the next run."),
    (
        "unconfirmed",
        _T,
        "The vendor's answer was lost; the record is read back before it is planned again.",
        "Nothing: the next run resolves it.",
    ),
    (
        "matched_live",
        _T,
        "The target held this record already; the two are paired now.",
        "Nothing: they are merged in the next run.",
    ),
    (
        "taken_over",
        _T,
        "The run that planned this ended before it was sent; a later run planned it afresh.",
        "Nothing: see the later change.",
    ),
    (
        "waiting_for_reference",
        _T,
        "A referenced record is not paired yet.",
        "See why the referenced record is not synced.",
    ),
    (
        "waiting_for_coverage",
        _T,
        "Not everything on both sides has been read yet.",
        "Let the pull steps succeed; see their batches.",
    ),
    (
        "quota",
        _Q,
        "The day's allocation of API calls is used up.",
        "Nothing: it continues when the quota allows; or raise the allocation.",
    ),
    ("rate_limited", _Q, "The vendor limits our pace.", "Nothing: it continues by itself."),
    ("limit_reached", _Q, "The run's own record limit was reached.", "Nothing: the next run continues."),
    # skipped: nothing to do, on purpose
    ("unchanged", _D, "No change in the fields of interest.", ""),
    ("dry_run", _D, "Planned only: the run was a dry run.", "Run again without dry_run to apply."),
    ("create_off", _D, "The mapping does not create records in that direction.", "Turn on `create` in the mapping."),
    ("update_off", _D, "The mapping does not update records in that direction.", "Turn on `update` in the mapping."),
    ("delete_off", _D, "The mapping keeps the partner of a deleted record.", "Set the delete policy in the mapping."),
    (
        "member_statuses_differ",
        _C,
        "The campaign's member statuses are not the same in Salesforce and HubSpot; its members are not synced (MK-21).",
        "Add the missing statuses in Salesforce, or detach from the HubSpot campaign the lists of those that are too many.",
    ),
    (
        "linked_already",
        _D,
        "The two records are linked on the other side already, by another link that has a partner.",
        "Nothing, if one link is enough there; else remove the one that is not wanted.",
    ),
    (
        "pipeline_not_synced",
        _D,
        "The record is in a pipeline, or has a record type, that the mapping does not name; its sync rests (HS-18).",
        "Move the record to a pipeline that is synced, or add the pipeline under `pipelines` in the mapping.",
    ),
    (
        "not_referred",
        _D,
        "No synced record refers to this one, and the mapping creates partners for those alone (HS-17).",
        "Nothing: it gets its partner as soon as a synced record refers to it.",
    ),
    (
        "no_match_key",
        _D,
        "The record has none of the mapping's match keys, and those are required.",
        "Fill the key (for people: the e-mail address).",
    ),
    (
        "required_empty",
        _D,
        "A field that the target requires is empty on the source.",
        "Fill it on the source record, or give the field a `default` in the mapping.",
    ),
    (
        "changed_since",
        _D,
        "The record was changed or deleted since the run that is undone; what stands there stays.",
        "Nothing; correct the record by hand if the undo should have reached it.",
    ),
    (
        "undo_kept",
        _D,
        "The undo was told to keep what the run created or deleted.",
        "Run it again with `creates` or `deletes` if it should go back as well.",
    ),
    ("not_in_scope", _D, "The record is outside the inclusion list.", "Add it to the list."),
    ("erased", _D, "The person was erased (GDPR); the record is never created again.", ""),
    ("lead_converted", _D, "The lead was converted; its contact carries on.", ""),
    # batches that failed as a whole
    (
        "authentication",
        _P,
        "The vendor refuses our credentials.",
        "Renew the credentials in the Airflow connection, then run again.",
    ),
    ("access", _P, "The credentials lack a permission.", "Grant the permission named in the message, then run again."),
    (
        "config",
        _C,
        "A setting, mapping file or connection is wrong.",
        "Correct what the message names, then run again.",
    ),
    (
        "vendor_unavailable",
        _T,
        "The vendor did not answer.",
        "Airflow tries again; if it persists, see the vendor's status page.",
    ),
    ("quota_exhausted", _Q, "The day's allocation of API calls is used up.", "Wait, or raise the allocation."),
    (
        "lease_held",
        _T,
        "Another run writes to this pair of objects.",
        "Nothing: the next run continues. A lease of a killed run expires by itself.",
    ),
    (
        "guard_tripped",
        _X,
        "A safety limit stopped the run before any write.",
        "Look at the plan: approve it if it is right, or mend the cause.",
    ),
    (
        "horizon_passed",
        _C,
        "The vendor no longer tells what was deleted so long ago.",
        "Run the DAG reconcile for the object.",
    ),
    (
        "not_finished",
        _T,
        "The task ended before its batch was done (killed, or out of time).",
        "Clear the task in Airflow to continue; otherwise the next run takes it over.",
    ),
    (
        "ledger_unbalanced",
        _C,
        "The batch's counts do not add up.",
        "This is a bug in Lockstep: please report it with the batch's id.",
    ),
    ("internal", _C, "An unexpected error inside Lockstep.", "Read the task's log; please report it."),
)

#: what Google Ads says of conversions, and what keeps them from being imported at all
CODES |= GOOGLE_ADS_CODES | PREFLIGHT_CODES


def kind_of(code: str) -> ErrorKind:
    """The registry's entry for a code; an unknown code reads as `internal`."""
    return CODES.get(code, CODES["internal"])

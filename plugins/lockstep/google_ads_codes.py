"""What Google says of conversions, one row a name: class, what is done about it, meaning and remedy. Pure.

Names are those of ConversionUploadError and ConversionAdjustmentUploadError (Google Ads API v23 to v26), of the Data Manager
API's ProcessingErrorReason and ErrorReason, and of the errors that refuse a whole call. The code is `ads_` and the name in
lower case; names that say the same as another one share its code.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from lockstep.error_kinds import ErrorClass, ErrorKind


class Verdict(StrEnum):
    """What becomes of a row. recorded: Google holds it. later: sent again after a while. dropped: never sent again. fix: sent
    again once its data has changed. stopped: its account or action must be mended first; sent again after a while."""

    RECORDED = "recorded"
    LATER = "later"
    DROPPED = "dropped"
    FIX = "fix"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class AdsError:
    """`code` is in `lockstep.errors.CODES`. `wait`: until a row that is sent again later."""

    code: str
    verdict: Verdict
    wait: timedelta = timedelta(hours=6)


# name = class verdict | meaning | remedy
_TABLE = """
TOO_RECENT_EVENT = transient later | The click was made less than six hours ago. | Nothing: it is sent again in six hours.
TOO_RECENT_CONVERSION_ACTION = transient later | The conversion action was created less than six hours ago. | Nothing: it is sent again in six hours.
TOO_RECENT_CALL = transient later | The call was made less than six hours ago. | Nothing: it is sent again in six hours.
TOO_RECENT_CONVERSION = transient later | The conversion is too recent to be adjusted. | Nothing: it is sent again.
CONVERSION_NOT_FOUND = transient later | Google does not know the conversion that is to be adjusted, or not yet. | Nothing: it is tried again for a day, then given up.
INTERNAL_ERROR = transient later | Google failed on this row. | Nothing: it is sent again.
ORDER_ID_ALREADY_IN_USE = data recorded | Google holds the conversion already: an earlier answer was lost. | Nothing.
DUPLICATE_TRANSACTION_ID = data recorded | Google holds the conversion already, with this value. | Nothing.
CLICK_CONVERSION_ALREADY_EXISTS = data dropped | The same click has a conversion of this action at this very second, from another source. | See who else uploads this conversion action.
CALL_CONVERSION_ALREADY_EXISTS = data dropped | The same call has a conversion of this action at this very second. | See who else uploads this conversion action.
DUPLICATE_GCLID = data dropped | The same click has a conversion of this action at this very second. | See who else uploads this conversion action.
CONVERSION_ALREADY_RETRACTED = data recorded | The conversion was taken back before. | Nothing.
MORE_RECENT_RESTATEMENT_FOUND = data recorded | A newer value was told already. | Nothing.
RESTATEMENT_ALREADY_EXISTS = data recorded | This value was told already. | Nothing.
CONVERSION_ALREADY_ENHANCED = data recorded | The conversion was enhanced before. | Nothing.
EXPIRED_EVENT = data dropped | The click is older than the action's click-through window, or than 90 days. | Nothing can be done; a longer window helps later ones (at most 90 days).
EVENT_NOT_FOUND = data dropped | Google does not know the click. | If there are many, look whether the site or a form alters the GCLID.
CLICK_NOT_FOUND = data dropped | No click belongs to this person: they did not come by an ad. | Nothing: this is expected for people without a GCLID.
INVALID_CLICK = data dropped | Google does not know the click, or it came before conversion tracking. | If there are many, look whether the site or a form alters the GCLID.
CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME = data dropped | The click came before the account tracked conversions. | Nothing can be done.
CONVERSION_TRACKING_NOT_ENABLED_AT_CALL_TIME = data dropped | The call came before the account tracked conversions. | Nothing can be done.
CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY = data dropped | Consent, or Apple's tracking policy, forbids the conversion. | Nothing; see how consent is collected.
DENIED_CONSENT = data dropped | The person's consent forbids the conversion. | Nothing; see how consent is collected.
NO_CONSENT = data fix | Google requires an answer on consent for this person. | Map the consent field in conversions.yaml.
UNKNOWN_CONSENT = data fix | Google requires an answer on consent for this person. | Map the consent field in conversions.yaml.
EXPIRED_CALL = data dropped | The call is older than the action's window. | Nothing can be done.
CALL_NOT_FOUND = data dropped | Google does not know the call. | Nothing: Lockstep sends clicks only; see who else uploads.
INVALID_CUSTOMER_FOR_CLICK = data dropped | The click belongs to another account than the one that owns the action. | If it is so for all rows, correct `account` in conversions.yaml.
INVALID_OPERATING_ACCOUNT_FOR_CLICK = data dropped | The click belongs to another account than the one that owns the action. | If it is so for all rows, correct `account` in conversions.yaml.
INVALID_CUSTOMER_FOR_CALL = data dropped | The call belongs to another account. | Nothing: Lockstep sends clicks only.
CONVERSION_EXPIRED = data dropped | The conversion is older than 54 days: Google no longer adjusts it. | Nothing can be done.
TOO_MANY_ADJUSTMENTS = data dropped | The conversion was adjusted as often as Google allows. | Nothing can be done.
CONVERSION_PRECEDES_EVENT = data fix | The milestone is dated before the click. | Look whether the GCLID came later than the milestone, or the record was imported.
CONVERSION_PRECEDES_CALL = data fix | The milestone is dated before the call. | Correct the record.
ADJUSTMENT_PRECEDES_CONVERSION = data fix | The adjustment is dated before the conversion. | Look at the record's history.
UNPARSEABLE_GCLID = data fix | The GCLID cannot be read: cut, lower-cased or made up. | Correct the field; look at the form that fills it (capitals count, up to 255 characters).
UNPARSEABLE_GBRAID = data fix | The GBRAID cannot be read. | Correct the field; look at the form that fills it.
UNPARSEABLE_WBRAID = data fix | The WBRAID cannot be read. | Correct the field; look at the form that fills it.
UNPARSEABLE_CALLERS_PHONE_NUMBER = data fix | The caller's number cannot be read. | Nothing: Lockstep sends clicks only.
GBRAID_WBRAID_BOTH_SET = data fix | The row has both a GBRAID and a WBRAID. | This is a bug in Lockstep: please report it.
VALUE_MUST_BE_UNSET = data fix | The row has identifiers that exclude each other. | This is a bug in Lockstep: please report it.
INVALID_USER_IDENTIFIER = data fix | A hashed identifier is not a SHA-256. | This is a bug in Lockstep: please report it.
ORDER_ID_CONTAINS_PII = data fix | Google takes the order id for personal data. | This is a bug in Lockstep: please report it.
CUSTOM_VARIABLE_VALUE_CONTAINS_PII = data fix | A custom variable holds personal data. | Nothing: Lockstep sends none; see who else uploads.
CURRENCY_CODE = data fix | Google does not know the currency. | Correct the currency of the record, or `currency` in conversions.yaml.
DATE_TIME = data fix | Google does not accept the time of the conversion. | Look at the record's history; times in the future are refused.
NO_IDENTIFIER = data fix | The record has neither a click id nor a person's identifier that may be sent. | Fill the GCLID; it is read again when the record changes.
EXTERNAL_ATTRIBUTION_DATA_SET_FOR_NON_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION = config stopped | The row has attribution data that the action does not take. | Give the action a Google attribution model.
EXTERNAL_ATTRIBUTION_DATA_NOT_SET_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION = config stopped | The action expects external attribution data, which Lockstep does not have. | Choose an action with a Google attribution model.
EXTERNAL_ATTRIBUTION_DATA_MISSING = config stopped | The action expects external attribution data, which Lockstep does not have. | Choose an action with a Google attribution model.
ORDER_ID_NOT_PERMITTED_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION = config stopped | The action is externally attributed and takes no order ids. | Choose an action with a Google attribution model.
EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION_NOT_PERMITTED_WITH_USER_IDENTIFIER = config stopped | The action is externally attributed and takes no hashed identifiers. | Name only click ids in the milestone's `identifiers`, or choose another action.
CUSTOM_VARIABLE_NOT_ENABLED = config stopped | A custom variable is not enabled. | Nothing: Lockstep sends none; see who else uploads.
ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID = config stopped | The action counts one per click, and takes no GBRAID or WBRAID. | Let the action count every conversion, or name only `gclid` in the milestone's `identifiers`.
CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS = config stopped | Google forbids hashed identifiers for this account. | Name only click ids in the milestones' `identifiers`, or ask Google.
CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS = config stopped | The customer data terms are not accepted in Google Ads. | Accept them: Goals > Settings > Customer data terms.
CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS = config stopped | Enhanced conversions for leads are off. | Turn them on in Google Ads, or name only click ids in `identifiers`.
CONVERSION_ACTION_NOT_ELIGIBLE_FOR_ENHANCEMENT = config stopped | The action cannot be enhanced. | Choose an action that counts web conversions.
CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCEMENT = config stopped | Google forbids enhancements for this account. | Ask Google.
NO_CONVERSION_ACTION_FOUND = config stopped | The conversion action does not exist in the account that owns the conversions, or was removed. | Enable it, or name another one in conversions.yaml.
INVALID_CONVERSION_ACTION_TYPE = config stopped | The action does not take imports: its type is not "import from clicks". | Name an action of that type in conversions.yaml.
CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE = config dropped | The action always uses its default value, so no other one can be told. | Let the action use different values, or set `restate: false`.
MISSING_ORDER_ID_FOR_WEBPAGE = config stopped | Web conversions are adjusted by order id only. | Name an import action in conversions.yaml.
UNAUTHORIZED_CUSTOMER = permission stopped | The click belongs to an account that the login cannot see. | Give the login access to the account, or through its manager.
TOO_MANY_CONVERSIONS_IN_REQUEST = config stopped | The request was too large. | This is a bug in Lockstep: please report it.
TOO_MANY_ADJUSTMENTS_IN_REQUEST = config stopped | The request was too large. | This is a bug in Lockstep: please report it.
DUPLICATE_ORDER_ID = config later | An order id stood twice in one request. | Nothing: it is sent again.
DUPLICATE_CLICK_CONVERSION_IN_REQUEST = config later | Two rows of one request have the same click and second. | Nothing: they are sent one after the other.
DUPLICATE_CALL_CONVERSION_IN_REQUEST = config later | Two rows of one request have the same call and second. | Nothing: they are sent one after the other.
DUPLICATE_ADJUSTMENT_IN_REQUEST = config later | Two adjustments of one request have the same second. | Nothing: they are sent one after the other.
DUPLICATE_ENHANCEMENT_IN_REQUEST = config later | Two enhancements of one request belong to one conversion. | Nothing: they are sent one after the other.
UNSUPPORTED_USER_IDENTIFIER = config fix | An identifier is of a kind that Google does not take here. | This is a bug in Lockstep: please report it.
GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET = config fix | The adjustment names its conversion twice. | This is a bug in Lockstep: please report it.
INVALID_JOB_ID = config later | The number of the upload was out of range. | This is a bug in Lockstep: please report it.
NOT_ALLOWLISTED = permission stopped | Google has closed this API to the Cloud project: it is for those who used it before June 2026. | Set `backend: data_manager` in conversions.yaml.
PROJECT_NOT_APPROVED = permission stopped | The Cloud project may only use test accounts. | Apply for Basic access in the Google Ads API Center of the project.
ACCOUNT_SUSPENDED = permission stopped | The Google Ads account is suspended or not enabled. | Mend the account in Google Ads.
REJECTED = data fix | Google refused the row with a name that is not in this list. | Read Google's name and words in the change's detail.
UNRESOLVED = transient later | Google refused part of the request and does not say which rows. | Nothing: the rows are sent again in smaller requests until it is known.
REQUEST_FORGOTTEN = transient later | Google no longer tells what became of the request. | Nothing: the rows are sent again; those that Google holds are recognised.
"""

#: other names for the same: Data Manager's, and errors that are not about conversions alone
_ALIASES = {
    "TOO_RECENT_CLICK": "TOO_RECENT_EVENT",
    "EVENT_TOO_OLD": "EXPIRED_EVENT",
    "INVALID_GCLID": "UNPARSEABLE_GCLID",
    "INVALID_GBRAID": "UNPARSEABLE_GBRAID",
    "INVALID_WBRAID": "UNPARSEABLE_WBRAID",
    "CONVERSION_PRECEDES_CLICK": "CONVERSION_PRECEDES_EVENT",
    "OPERATING_ACCOUNT_MISMATCH_FOR_AD_IDENTIFIER": "INVALID_OPERATING_ACCOUNT_FOR_CLICK",
    "INVALID_AD_IDENTIFIER_FOR_ACCOUNT": "INVALID_OPERATING_ACCOUNT_FOR_CLICK",
    "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED": "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
    "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS": "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
    "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS": "CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS",
    "CONVERSION_ACTION_TOO_RECENTLY_CREATED": "TOO_RECENT_CONVERSION_ACTION",
    "INVALID_CONVERSION_ACTION_ID": "NO_CONVERSION_ACTION_FOUND",
    "INVALID_CURRENCY_CODE": "CURRENCY_CODE",
    "UNSUPPORTED": "CURRENCY_CODE",
    "EVENT_TIME_INVALID": "DATE_TIME",
    "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET": "DATE_TIME",
    "LATER_THAN_MAXIMUM_DATE": "DATE_TIME",
    "EARLIER_THAN_MINIMUM_DATE": "DATE_TIME",
    "NO_IDENTIFIERS_PROVIDED": "NO_IDENTIFIER",
    "INVALID_SHA256_FORMAT": "INVALID_USER_IDENTIFIER",
    "INVALID_HEX_ENCODING": "INVALID_USER_IDENTIFIER",
    "INVALID_FORMAT": "INVALID_USER_IDENTIFIER",
    "TOO_MANY_USER_IDENTIFIERS": "UNSUPPORTED_USER_IDENTIFIER",
    "TRANSIENT_ERROR": "INTERNAL_ERROR",
    "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE": "NOT_ALLOWLISTED",
    "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION": "PROJECT_NOT_APPROVED",
    "CUSTOMER_NOT_ENABLED": "ACCOUNT_SUSPENDED",
    "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT": "ACCOUNT_SUSPENDED",
}

#: Data Manager's prefix of what it found while processing
_PREFIX = "PROCESSING_ERROR_REASON_"

#: two rows of one request must not meet again at once; what is stopped is looked at every few hours
_WAITS = {
    "DUPLICATE_ORDER_ID": timedelta(0),
    "DUPLICATE_CLICK_CONVERSION_IN_REQUEST": timedelta(minutes=1),
    "DUPLICATE_ADJUSTMENT_IN_REQUEST": timedelta(minutes=1),
    "INTERNAL_ERROR": timedelta(minutes=5),
    "UNRESOLVED": timedelta(0),
    "REQUEST_FORGOTTEN": timedelta(0),
}


def _rows() -> list[tuple[str, ErrorKind, AdsError]]:
    found = []
    for line in _TABLE.strip().splitlines():
        head, meaning, remedy = (part.strip() for part in line.split(" | "))
        name, _, (cls, verdict) = *head.partition(" = ")[:2], head.partition(" = ")[2].split()
        code = f"ads_{name.lower()}"
        error = AdsError(code, Verdict(verdict), _WAITS.get(name, timedelta(hours=6)))
        found.append((name, ErrorKind(code, ErrorClass(cls), meaning, remedy), error))
    return found


_ROWS = _rows()

#: code -> meaning and remedy; part of `lockstep.errors.CODES`
GOOGLE_ADS_CODES = {kind.code: kind for _, kind, _ in _ROWS}
_BY_NAME = {name: error for name, _, error in _ROWS}


def ads_error(name: str) -> AdsError:
    """What Google's name of an error means; names that nobody knows yet are `ads_rejected`."""
    plain = name.removeprefix(_PREFIX).removeprefix("PROCESSING_ERROR_")
    return _BY_NAME.get(_ALIASES.get(plain, plain), _BY_NAME["REJECTED"])


def by_code(code: str) -> AdsError:
    """:raises KeyError: no code of Google Ads"""
    return _BY_NAME[code.removeprefix("ads_").upper()]

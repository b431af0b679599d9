"""The texts of Google Ads errors, by kind and name; a kind of "" holds for every kind. They follow the texts of the reference."""

UPLOAD, ADJUST = "conversion_upload_error", "conversion_adjustment_upload_error"

TEXTS: dict[tuple[str, str], str] = {
    (UPLOAD, "TOO_MANY_CONVERSIONS_IN_REQUEST"): "Upload fewer than 2001 events in a single request.",
    (UPLOAD, "UNPARSEABLE_GCLID"): "The imported gclid could not be decoded.",
    (
        UPLOAD,
        "UNPARSEABLE_GBRAID",
    ): "Can't parse event import data. Check if your gbraid parameter was not modified and try again.",
    (
        UPLOAD,
        "UNPARSEABLE_WBRAID",
    ): "Can't parse event import data. Check if your wbraid parameter was not modified and try again.",
    (UPLOAD, "GBRAID_WBRAID_BOTH_SET"): "Can't use both gbraid and wbraid parameters. Use only 1 and try again.",
    (
        UPLOAD,
        "CONVERSION_PRECEDES_EVENT",
    ): "The imported event has a `conversion_date_time` that precedes the click. Make sure "
    "your `conversion_date_time` is correct and try again.",
    (
        UPLOAD,
        "EXPIRED_EVENT",
    ): "The imported event can't be recorded because its click occurred before this conversion's "
    "click-through window. Make sure you import the most recent data.",
    (
        UPLOAD,
        "TOO_RECENT_EVENT",
    ): "The click associated with the given identifier or iOS URL parameter occurred less than 6 "
    "hours ago. Retry after 6 hours have passed.",
    (
        UPLOAD,
        "EVENT_NOT_FOUND",
    ): "The imported event could not be attributed to a click. This may be because the event did not "
    "come from a Google Ads campaign.",
    (
        UPLOAD,
        "CLICK_NOT_FOUND",
    ): "The email address or phone number for this event can't be matched to a click. This may be "
    "because it didn't come from a Google Ads campaign, and you can safely ignore this warning.",
    (
        UPLOAD,
        "UNAUTHORIZED_CUSTOMER",
    ): "The click ID or call is associated with an Ads account you don't have access to.",
    (
        UPLOAD,
        "INVALID_CUSTOMER_FOR_CLICK",
    ): "The click from the imported event is associated with a different Google Ads "
    "account. Make sure you're importing to the correct account.",
    (
        UPLOAD,
        "CONVERSION_TRACKING_NOT_ENABLED_AT_IMPRESSION_TIME",
    ): "At the time of the click, conversion tracking was not "
    "enabled in the effective conversion account of the click's Google Ads account.",
    (
        UPLOAD,
        "EXTERNAL_ATTRIBUTION_DATA_SET_FOR_NON_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION",
    ): "The imported event includes "
    "external attribution data, but the conversion action isn't set up to use an external attribution model.",
    (
        UPLOAD,
        "EXTERNAL_ATTRIBUTION_DATA_NOT_SET_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION",
    ): "The conversion action is set up to use an external attribution model, but the imported event is missing data.",
    (
        UPLOAD,
        "ORDER_ID_NOT_PERMITTED_FOR_EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION",
    ): "Order IDs can't be used for a conversion measured with an external attribution model.",
    (
        UPLOAD,
        "EXTERNALLY_ATTRIBUTED_CONVERSION_ACTION_NOT_PERMITTED_WITH_USER_IDENTIFIER",
    ): "User provided data can't be used "
    "with external attribution models. Use a different attribution model or omit user identifiers and try again.",
    (
        UPLOAD,
        "ORDER_ID_ALREADY_IN_USE",
    ): "The imported event includes an order ID that was previously recorded, so the event was not processed.",
    (UPLOAD, "DUPLICATE_ORDER_ID"): "Imported events include multiple conversions with the same order ID and were not "
    "processed. Make sure order IDs are unique and try again.",
    (
        UPLOAD,
        "CLICK_CONVERSION_ALREADY_EXISTS",
    ): "The imported event has the same click and `conversion_date_time` as an "
    "existing conversion. Use a unique `conversion_date_time` or order ID for each unique event and try again.",
    (
        UPLOAD,
        "DUPLICATE_CLICK_CONVERSION_IN_REQUEST",
    ): "Multiple events have the same click and `conversion_date_time`. Make "
    "sure your `conversion_date_time` is correctly configured and try again.",
    (
        UPLOAD,
        "ONE_PER_CLICK_CONVERSION_ACTION_NOT_PERMITTED_WITH_BRAID",
    ): "Conversion actions that use one-per-click counting can't be used with gbraid or wbraid parameters.",
    (
        UPLOAD,
        "CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS",
    ): "Enhanced conversions can't be used for this account "
    "because of Google customer data policies. Contact your Google representative.",
    (
        UPLOAD,
        "CUSTOMER_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS",
    ): "Make sure you've turned on enhanced conversions for leads in conversion settings and try again.",
    (UPLOAD, "CUSTOM_VARIABLE_NOT_ENABLED"): "Enable the custom variable in your conversion settings and try again.",
    (
        UPLOAD,
        "CONVERSION_NOT_COMPLIANT_WITH_ATT_POLICY",
    ): "The conversion can't be imported because the conversion source "
    "didn't comply with Apple App Transparency Tracking (ATT) policies or because the customer didn't consent to tracking.",
    (
        "",
        "CUSTOMER_NOT_ACCEPTED_CUSTOMER_DATA_TERMS",
    ): "Make sure you agree to the customer data processing terms in conversion settings and try again.",
    (
        "",
        "TOO_RECENT_CONVERSION_ACTION",
    ): "Can't import events to a conversion action that was just created. Try importing again in 6 hours.",
    (
        "",
        "INVALID_USER_IDENTIFIER",
    ): "Make sure you hash user provided data using SHA-256 and ensure you are normalizing "
    "according to the guidelines.",
    (
        "",
        "UNSUPPORTED_USER_IDENTIFIER",
    ): "The provided user identifiers are not supported. Use only hashed email or phone number and try again.",
    (
        "",
        "ORDER_ID_CONTAINS_PII",
    ): "Can't import events with order IDs containing personally-identifiable information (PII).",
    (
        "",
        "INVALID_JOB_ID",
    ): "The provided job id in the request is not within the allowed range. A job ID must be a positive "
    "integer in the range [1, 2^31).",
    (
        "",
        "NO_CONVERSION_ACTION_FOUND",
    ): "The conversion action specified in the request cannot be found. Make sure it's available in this account.",
    (
        "",
        "INVALID_CONVERSION_ACTION_TYPE",
    ): "The type of the conversion action specified in the request isn't supported for this upload.",
    (
        ADJUST,
        "CONVERSION_ALREADY_RETRACTED",
    ): "The conversion was already retracted. This adjustment was not processed.",
    (
        ADJUST,
        "CONVERSION_NOT_FOUND",
    ): "The conversion for this conversion action and conversion identifier can't be found. Make "
    "sure your conversion identifiers are associated with the correct conversion action and try again.",
    (ADJUST, "CONVERSION_EXPIRED"): "Adjustment can't be made to a conversion that occurred more than 54 days ago.",
    (
        ADJUST,
        "ADJUSTMENT_PRECEDES_CONVERSION",
    ): "Adjustment has an `adjustment_date_time` that occurred before the associated "
    "conversion. Make sure your `adjustment_date_time` is correct and try again.",
    (
        ADJUST,
        "MORE_RECENT_RESTATEMENT_FOUND",
    ): "More recent adjustment `adjustment_date_time` has already been reported for the associated conversion.",
    (
        ADJUST,
        "TOO_RECENT_CONVERSION",
    ): "Adjustment can't be recorded because the conversion occurred too recently. Try adjusting "
    "a conversion that occurred at least 24 hours ago.",
    (
        ADJUST,
        "CANNOT_RESTATE_CONVERSION_ACTION_THAT_ALWAYS_USES_DEFAULT_CONVERSION_VALUE",
    ): "Can't make an adjustment to a "
    "conversion that is set up to use the default value. Check your conversion action value setting and try again.",
    (ADJUST, "TOO_MANY_ADJUSTMENTS_IN_REQUEST"): "Try uploading fewer than 2001 adjustments in a single API request.",
    (ADJUST, "TOO_MANY_ADJUSTMENTS"): "The conversion has already been adjusted the maximum number of times.",
    (
        ADJUST,
        "RESTATEMENT_ALREADY_EXISTS",
    ): "The conversion has prior a restatement with the same `adjustment_date_time`.",
    (ADJUST, "DUPLICATE_ADJUSTMENT_IN_REQUEST"): "Imported adjustment has a duplicate conversion adjustment with same "
    "`adjustment_date_time`.",
    (
        ADJUST,
        "CONVERSION_ACTION_NOT_ELIGIBLE_FOR_ENHANCEMENT",
    ): "Can't use enhanced conversions with the specified conversion action.",
    (
        ADJUST,
        "GCLID_DATE_TIME_PAIR_AND_ORDER_ID_BOTH_SET",
    ): "Cannot set both gclid_date_time_pair and order_id. Use only 1 type and try again.",
    (
        ADJUST,
        "CONVERSION_ALREADY_ENHANCED",
    ): "Conversion already has enhancements with the same Order ID and conversion action.",
    (ADJUST, "DUPLICATE_ENHANCEMENT_IN_REQUEST"): "Multiple enhancements have the same conversion action and Order ID.",
    (
        ADJUST,
        "CUSTOMER_DATA_POLICY_PROHIBITS_ENHANCEMENT",
    ): "Enhanced conversions can't be used for this account because of "
    "Google customer data policies. Contact your Google representative.",
    (
        ADJUST,
        "MISSING_ORDER_ID_FOR_WEBPAGE",
    ): "Adjustment for website conversion requires Order ID (ie, transaction ID).",
    (
        "date_error",
        "INVALID_STRING_DATE_TIME_SECONDS_WITH_OFFSET",
    ): "The string date time's format should be yyyy-mm-dd hh:mm:ss+|-hh:mm.",
    ("date_error", "LATER_THAN_MAXIMUM_DATE"): "The date is later than the maximum date allowed.",
    ("field_error", "REQUIRED"): "The required field was not present.",
    ("field_error", "VALUE_MUST_BE_UNSET"): "The field's value must be unset.",
    ("field_error", "IMMUTABLE_FIELD"): "The field cannot be modified by an update operation.",
    ("currency_code_error", "UNSUPPORTED"): "The currency code is not supported.",
    (
        "partial_failure_error",
        "PARTIAL_FAILURE_MODE_REQUIRED",
    ): "The partial failure field was false in the request. This method requires this field be set to true.",
    (
        "not_allowlisted_error",
        "CUSTOMER_NOT_ALLOWLISTED_FOR_THIS_FEATURE",
    ): "New integrations for uploading click conversions "
    "should use the Data Manager API. Usage of ConversionUploadService.UploadClickConversions is limited to existing users.",
    ("authentication_error", "OAUTH_TOKEN_EXPIRED"): "OAuth token in the header has expired.",
    ("authentication_error", "OAUTH_TOKEN_REVOKED"): "OAuth token in the header has been revoked.",
    ("authentication_error", "OAUTH_TOKEN_INVALID"): "OAuth token in the header is not valid.",
    ("authentication_error", "OAUTH_TOKEN_HEADER_INVALID"): "The OAuth token header is missing or malformed.",
    ("authentication_error", "CUSTOMER_NOT_FOUND"): "No customer found for the provided customer id.",
    (
        "authorization_error",
        "USER_PERMISSION_DENIED",
    ): "User doesn't have permission to access customer. Note: If you're "
    "accessing a client customer, the manager's customer id must be set in the 'login-customer-id' header.",
    (
        "authorization_error",
        "INVALID_LOGIN_CUSTOMER_ID_SERVING_CUSTOMER_ID_COMBINATION",
    ): "The login customer ID and the serving "
    "customer ID combination isn't valid: the serving customer isn't the login customer or below it.",
    (
        "authorization_error",
        "CUSTOMER_NOT_ENABLED",
    ): "The customer account can't be accessed because it is not yet enabled or has been deactivated.",
    (
        "authorization_error",
        "ACTION_NOT_PERMITTED_FOR_SUSPENDED_ACCOUNT",
    ): "The action is not permitted for suspended accounts.",
    (
        "authorization_error",
        "CLOUD_PROJECT_NOT_APPROVED_FOR_PRODUCTION",
    ): "The Google Cloud project sent in the request is only approved for use with test accounts.",
    ("request_error", "UNSUPPORTED_VERSION"): "This version of the API has been sunset and requests to it are blocked.",
    ("request_error", "INVALID_CUSTOMER_ID"): "The customer ID must be a valid customer ID without dashes.",
    ("request_error", "REQUIRED_FIELD_MISSING"): "Required field is missing.",
    ("request_error", "RESOURCE_NAME_MALFORMED"): "Resource name is malformed.",
    ("header_error", "INVALID_LOGIN_CUSTOMER_ID"): "The login customer ID could not be validated.",
    ("quota_error", "RESOURCE_EXHAUSTED"): "Too many requests. Retry in {seconds} seconds.",
    ("quota_error", "RESOURCE_TEMPORARILY_EXHAUSTED"): "Too many requests. Retry in {seconds} seconds.",
}

REASON_TEXTS = {
    "REQUIRED_FIELD_MISSING": "Required field is missing.",
    "TOO_MANY_EVENTS": "Maximum number of events allowed per request is {events_max}.",
    "TOO_MANY_DESTINATIONS": "Maximum number of destinations allowed per request is {destinations_max}.",
    "INVALID_DESTINATION": "This Destination is not valid.",
    "DUPLICATE_DESTINATION_REFERENCE": "Multiple destinations have the same reference.",
    "DESTINATION_ACCOUNT_TYPE_MISMATCH": "The account type of the destination does not fit.",
    "INVALID_CONVERSION_ACTION_ID": "The conversion action ID is not valid.",
    "INVALID_CONVERSION_ACTION_TYPE": "The conversion action type is not valid.",
    "CONVERSION_ACTION_TOO_RECENTLY_CREATED": "The conversion action was created too recently.",
    "NO_IDENTIFIERS_PROVIDED": "Events data contains no user identifiers or ad identifiers.",
    "EVENT_TIME_INVALID": "The event time is not valid.",
    "INVALID_CURRENCY_CODE": "The currency code is not valid.",
    "INVALID_HEX_ENCODING": "The HEX encoded value is malformed.",
    "INVALID_BASE64_ENCODING": "The base64 encoded value is malformed.",
    "INVALID_SHA256_FORMAT": "The SHA256 encoded value is malformed.",
    "TOO_MANY_USER_IDENTIFIERS": "Maximum number of user identifiers allowed per event is 10.",
    "INVALID_ARGUMENT": "There was a problem with the request.",
    "DESTINATION_ACCOUNT_NOT_ENABLED_ENHANCED_CONVERSIONS_FOR_LEADS": "The destination account is not enabled for enhanced "
    "conversions for leads.",
    "DESTINATION_ACCOUNT_DATA_POLICY_PROHIBITS_ENHANCED_CONVERSIONS": "Enhanced conversions can't be used for the destination "
    "account because of Google customer data policies.",
    "DESTINATION_ACCOUNT_ENHANCED_CONVERSIONS_TERMS_NOT_SIGNED": "Enhanced conversions terms are not signed in the destination "
    "account.",
}
"""The texts of the Data Manager API's error reasons; braces name settings."""

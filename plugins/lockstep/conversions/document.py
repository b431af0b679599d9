"""The language of conversions.yaml, as pydantic models: docs/conversions.md explains each key to those who write them."""

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Discriminator, Field, Tag

from lockstep.yaml_files import UNTOLD, OneOf, Spelled

IdentifierKind = Annotated[str, OneOf("gclid", "gbraid", "wbraid", "email", "phone")]
ObjectName = Annotated[str, OneOf("Lead", "Contact", "Opportunity", "contacts")]
Signal = Annotated[str, OneOf("ad_user_data", "ad_personalization")]
BackendName = Annotated[str, OneOf("data_manager", "google_ads")]


def _listed(value: Any) -> Any:
    return (
        {key: [one] if isinstance(one, str) else one for key, one in value.items()}
        if isinstance(value, dict)
        else value
    )


def _account(value: Any) -> Any:
    return str(value).replace("-", "") if isinstance(value, (str, int)) else value


def _text(value: Any) -> Any:
    """YAML reads `yes`, `true` and numbers as such; here they are what stands in a field, or an id."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int) else value


def _none(value: Any) -> Any:
    return None if value == "none" else value


def _finite(value: Decimal) -> Decimal:
    if not value.is_finite() or value < 0:
        raise ValueError("a value is a number of zero or more")
    return value


def _is_field(value: Any) -> str:
    return f"{UNTOLD}field" if isinstance(value, dict | OfField) else f"{UNTOLD}value"


Account = Annotated[
    str,
    Spelled(r"^\d{10}$", "An account number has ten digits, as in 123-456-7890."),
    BeforeValidator(_account, json_schema_input_type=str | int),
]
Name = Annotated[
    str,
    Spelled(
        "^[a-z][a-z0-9_]{0,23}$", "A name is at most 24 lower-case letters, digits and _, and begins with a letter."
    ),
]
Text = Annotated[str, BeforeValidator(_text, json_schema_input_type=str | bool | int)]
FieldsOf = Annotated[
    dict[ObjectName, list[str]], BeforeValidator(_listed, json_schema_input_type=dict[ObjectName, str | list[str]])
]
Currency = Annotated[str, Spelled("^[A-Z]{3}$", "A currency is three capital letters, such as NOK.")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfField(Part):
    field: str = Field(description="API name of a field of the milestone's record.")


IsField = Annotated[OfField, Tag(f"{UNTOLD}field")]
Worth = Annotated[
    Annotated[Annotated[Decimal, AfterValidator(_finite), Tag(f"{UNTOLD}value")] | IsField, Discriminator(_is_field)]
    | None,
    BeforeValidator(_none, json_schema_input_type=float | OfField | Literal["none"]),
]
CurrencyOf = Annotated[Annotated[Currency, Tag(f"{UNTOLD}value")] | IsField, Discriminator(_is_field)]


class ConsentDocument(Part):
    """Where a person's consent to the use of their data in ads stands."""

    ad_user_data: FieldsOf = Field(
        default={}, description="Object -> field of the consent to send user data to Google."
    )
    ad_personalization: FieldsOf = Field(default={}, description="Object -> field of the consent to personalised ads.")
    granted: tuple[Text, ...] = Field(default=("true", "yes", "granted"), description="What says yes, in any case.")
    denied: tuple[Text, ...] = Field(default=("false", "no", "denied"), description="What says no, in any case.")
    unknown: Literal["send", "withhold"] = Field(
        default="send", description="People without an answer: `send` by click id alone, or `withhold`."
    )


class MilestoneDocument(Part):
    """One milestone: exactly one of lead_status, lead_converted, opportunity_stage, hubspot_lifecycle."""

    name: Name = Field(description="A short name; it is part of the order id, so it must not change.")
    lead_status: str | None = Field(default=None, description="API name of a Salesforce lead status.")
    lead_converted: Literal[True] | None = Field(default=None, description="The conversion of a Salesforce lead.")
    opportunity_stage: str | None = Field(default=None, description="API name of a Salesforce opportunity stage.")
    hubspot_lifecycle: str | None = Field(default=None, description="Internal name of a HubSpot lifecycle stage.")
    action: Text = Field(description="The conversion action in Google Ads: its id, or its name.")
    value: Worth = Field(
        default=None, description="A number, `{field: Amount}`, or `none` for the action's own default."
    )
    currency: CurrencyOf | None = Field(default=None, description="An ISO 4217 code, or `{field: CurrencyIsoCode}`.")
    count: Literal["first", "every"] = Field(
        default="first", description="A record that reaches it again: counted once, or each time."
    )
    restate: bool = Field(default=True, description="Tell Google when the value changes (within 54 days).")
    identifiers: tuple[IdentifierKind, ...] | None = Field(
        default=None, description="The kinds that are sent for this milestone; all by default."
    )
    account: Account | None = Field(
        default=None, description="The Google Ads account, where it differs from the file's."
    )


class ConversionsDocument(Part):
    """Milestones of Salesforce and HubSpot, and the Google Ads conversions that they become."""

    backend: BackendName = Field(default="data_manager", description="The API that conversions are sent through.")
    shadow: BackendName | None = Field(
        default=None, description="A second API that only checks what was sent, to compare before changing over."
    )
    account: Account | None = Field(
        default=None, description="The Google Ads account (ten digits); by default the Airflow connection's."
    )
    lookback_days: int = Field(default=90, ge=1, le=90, description="How far back the first read of history goes.")
    identifiers: dict[IdentifierKind, FieldsOf] = Field(
        default={}, description="Kind -> object -> the field, or fields, that may hold it."
    )
    country: FieldsOf = Field(default={}, description="Object -> field with the country of telephone numbers.")
    consent: ConsentDocument = ConsentDocument()
    milestones: tuple[MilestoneDocument, ...] = ()


def json_schema() -> dict[str, Any]:
    """JSON Schema of conversions.yaml, for editors."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ConversionsDocument.model_json_schema()}

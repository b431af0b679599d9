"""conversions.yaml: what it means, and every mistake at once with its line and remedy."""

from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from ruamel.yaml import YAML

from lockstep.conversions.definition import Amount, Backend, Conversions, Count, Kind
from lockstep.conversions.document import json_schema
from lockstep.conversions.files import load
from lockstep.errors import ConfigError

SHIPPED = Path(__file__).parents[3] / "include" / "mappings"
HEAD = "identifiers: {gclid: {Lead: GCLID__c, Opportunity: GCLID__c}}\n"


def read(folder: Path, text: str) -> Conversions:
    (folder / "conversions.yaml").write_text(text, encoding="utf-8")
    return load(folder)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(ConfigError) as error:
        read(folder, text)
    return error.value.message


def test_the_shipped_file_is_right_and_fits_the_editors_schema() -> None:
    assert [one.name for one in load(SHIPPED).milestones] == ["working", "converted", "won"]
    jsonschema.validate(YAML(typ="safe").load(SHIPPED / "conversions.yaml"), json_schema())


def test_without_a_file_there_are_no_conversions(tmp_path: Path) -> None:
    assert load(tmp_path) == Conversions()


def test_a_file_without_milestones_is_right(tmp_path: Path) -> None:
    assert read(tmp_path, "milestones: []\n").milestones == ()


def test_what_a_milestone_says(tmp_path: Path) -> None:
    text = """account: 222-333-4445
backend: google_ads
shadow: data_manager
identifiers: {gclid: {Opportunity: [GCLID__c, Old_Gclid__c]}, email: {contacts: email}}
milestones:
  - {name: won, opportunity_stage: Closed Won, action: 700004, value: {field: Amount}, currency: {field: CurrencyIsoCode}}
  - {name: met, lead_status: Met, action: CRM meeting, value: 12.5, currency: NOK, count: every, identifiers: [gclid]}
  - {name: sql, hubspot_lifecycle: salesqualifiedlead, action: "1", value: none, account: 1112223334}
"""
    found = read(tmp_path, text)
    won, met, sql = found.milestones
    assert (found.account, found.backend, found.shadow) == ("2223334445", Backend.GOOGLE_ADS, Backend.DATA_MANAGER)
    assert (won.kind, won.reached, won.action, won.value) == (
        Kind.OPPORTUNITY_STAGE, "Closed Won", "700004", Amount(field="Amount"),
    )  # fmt: skip
    assert (won.currency_field, won.restate, won.count, won.object) == (
        "CurrencyIsoCode",
        True,
        Count.FIRST,
        "Opportunity",
    )
    assert (met.value.fixed, met.currency, met.count, met.identifiers) == (
        Decimal("12.5"),
        "NOK",
        Count.EVERY,
        ("gclid",),
    )
    assert not met.restate, "a fixed value never changes"
    assert (sql.object, sql.account, sql.value) == ("contacts", "1112223334", Amount())
    assert found.fields_of("Opportunity") == ("Amount", "CurrencyIsoCode", "GCLID__c", "Old_Gclid__c")


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    text = """backend: data_manager
shadow: data_manager
consent: {granted: [Yes, ok], denied: [OK]}
milestones:
  - {name: a, action: "1"}
  - {name: a, lead_status: New, opportunity_stage: Won, action: "1", currency: NOK}
  - {name: b, lead_converted: true, action: "1", identifiers: [gbraid]}
  - {name: c, lead_converted: true, action: "1"}
"""
    found = refusal(tmp_path, text)
    assert found.startswith("9 mistakes in conversions.yaml:")
    for line in (
        "conversions.yaml:2 shadow: The shadow is the backend itself.",
        "identifiers: Google cannot find a click without an identifier.",
        "conversions.yaml:3 consent: 'ok' says both yes and no.",
        "conversions.yaml:5 milestones[0]: No kinds of milestone are named.",
        "conversions.yaml:6 milestones[1]: 2 kinds of milestone are named.",
        "conversions.yaml:6 milestones[1].currency: A currency without a value.",
        "conversions.yaml:7 milestones[2].identifiers[0]: There are no fields for gbraid.",
        "conversions.yaml:6 milestones[1]: Two milestones have the name 'a'. What to do: The other is line 5.",
    ):
        assert line in found
    assert (
        "What to do: Write exactly one of lead_status, lead_converted, opportunity_stage, hubspot_lifecycle." in found
    )


def test_the_same_milestone_and_action_twice_is_a_mistake(tmp_path: Path) -> None:
    text = HEAD + "milestones:\n" + "".join(f"  - {{name: {n}, lead_converted: true, action: '1'}}\n" for n in "xy")
    assert "Two milestones have the same milestone and action" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("backend: bing", "'bing' is not possible here."),
        (
            "account: 12345",
            "conversions.yaml:1 account: '12345' is not possible here. An account number has ten digits",
        ),
        ("lookback_days: 91", "lookback_days"),
        (
            "milestones: [{name: Won!, lead_converted: true, action: x}]",
            "milestones[0].name: 'Won!' is not possible here. A name is",
        ),
        ("milestones: [{name: won, lead_converted: false, action: x}]", "milestones[0].lead_converted"),
        ("milestones: [{name: won, lead_converted: true}]", "The key `action` is missing."),
        ("milestones: [{name: won, lead_converted: true, action: x, value: -1}]", "zero or more"),
        ("milestones: [{name: won, lead_converted: true, action: x, value: 1, currency: kr}]", "three capital letters"),
        ("milestones: [{name: won, lead_converted: true, action: x, value: {feild: Amount}}]", "Did you mean `field`?"),
        ("milestones: [{name: won, lead_converted: true, action: x, value: much}]", "milestones[0].value: "),
        ("backend: 1", "'1' is not possible here. What to do: Use one of: data_manager, google_ads"),
        ("lookback_days: much", "see docs/conversions.md"),
        ("milestones: [{name: won, lead_converted: true, action: x, vlaue: 1}]", "Did you mean `value`?"),
        ("identifiers: {gclid: {Person: X}}", "Person"),
    ],
)
def test_a_mistake_names_its_place(tmp_path: Path, line: str, words: str) -> None:
    assert words in refusal(tmp_path, line + "\n")

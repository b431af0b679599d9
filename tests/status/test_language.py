"""One catalogue, three languages, nothing forgotten."""

import ast
import re
import string
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lockstep.errors import CODES
from lockstep.mapping import load
from lockstep.model import BatchStatus, Operation, OutcomeKind
from lockstep.steps import network
from lockstep_airflow.status.language import LANGUAGES, Language, choose
from lockstep_airflow.status.texts import FOR_SCRIPTS, TEXTS
from lockstep_airflow.status.texts.codes import PHRASES
from lockstep_airflow.status.texts.whys import CLAUSES

STATUS = Path(__file__).parents[2] / "plugins/lockstep_airflow/status"


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_text_is_there_with_the_same_places():
    assert [key for key, texts in TEXTS.items() if len(texts) != len(LANGUAGES) or not all(texts)] == []
    assert [key for key, texts in TEXTS.items() if len({frozenset(places(one)) for one in texts}) != 1] == []


#: read well of one, too, or are never said of one
OF_ANY_NUMBER = {
    "chosen", "done_of", "growing_n", "hours", "looked_so_far", "now_all", "page_number", "page_of", "passport_several", "resync_latest", "selected",
}  # fmt: skip


def test_what_is_counted_has_a_form_for_one():
    lacking = {key for key, texts in TEXTS.items() if "{n}" in texts[0] and f"{key}.one" not in TEXTS}
    assert lacking == OF_ANY_NUMBER
    assert {key for key in TEXTS if key.endswith(".one") and key.removesuffix(".one") not in TEXTS} == set()


def test_templates_and_scripts_use_texts_that_exist():
    pages = "".join(file.read_text() for file in (STATUS / "templates").glob("*.html"))
    used = set(re.findall(r't\("([\w.]+)"[,)]', pages))
    assert used - set(TEXTS) == set()
    scripts = "".join(file.read_text() for file in (STATUS / "static").glob("*.js"))
    assert set(re.findall(r'\btext\("(\w+)"', scripts)) <= set(FOR_SCRIPTS)


def test_every_word_of_the_ledger_has_one():
    words = [f"status.{one}" for one in BatchStatus] + [f"operation.{one}" for one in Operation]
    words += [f"outcome.{one}" for one in OutcomeKind]
    assert [word for word in words if word not in TEXTS] == []
    english = [TEXTS[f"status.{one}"][0] for one in BatchStatus]
    assert sorted(english) == sorted(["Succeeded", "Failed", "Incomplete", "In Process", "Cleaned up"])


@pytest.mark.parametrize(
    ("cookie", "accept", "code"),
    [
        ("", "nb-NO,nb;q=0.9,en;q=0.8", "nb"), ("", "nn,en;q=0.5", "nb"), ("", "no", "nb"), ("", "de,sv;q=0.5", "sv"),
        ("", "en;q=0.3,sv;q=0.8", "sv"), ("", "", "en"), ("", "de;q=x,*", "en"), ("sv", "nb", "sv"), ("xx", "nb", "nb"),
    ],
)  # fmt: skip
def test_choice_of_language(cookie: str, accept: str, code: str):
    assert choose({"lockstep_language": cookie}, accept).code == code


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (-3, "0 minutes"),
        (0.2, "1 minute"),
        (119, "119 minutes"),
        (120, "2 hours"),
        (2879, "48 hours"),
        (2880, "2 days"),
    ],
)
def test_how_long(minutes: float, told: str):
    assert Language("en").lasting(minutes) == told


def test_a_page_in_norwegian(client: TestClient):
    page = client.get("", headers={"Accept-Language": "nb"}).text
    assert '<html lang="nb">' in page
    assert "Ufullstendig" in page
    assert "5\u00a0699" in page


def test_one_and_many():
    assert Language("en")("batches", 1) == "1 batch"
    assert Language("sv")("batches", 2) == "2 partier"
    assert Language("en").name("object", "Invoice__c") == "Invoice__c"


def test_every_meaning_and_remedy_is_translated():
    """By the registry's own words: who edits those edits the translation too (texts/codes.py, texts/ads_codes.py)."""
    english = {words for kind in CODES.values() for words in (kind.meaning, kind.remedy) if words}
    assert english - PHRASES.keys() == set(), "translate these"
    assert PHRASES.keys() - english == set(), "nothing says these any more"
    assert [words for words, found in PHRASES.items() if len(found) != 2 or not all(found)] == []
    assert [words for words, found in PHRASES.items() if any(one.count("`") != words.count("`") for one in found)] == []


def test_a_card_in_swedish(client: TestClient):
    page = client.get("errors", headers={"Accept-Language": "sv"}).text
    assert '<span lang="sv">Leverantören avvisade posten.</span>' in page
    assert "Läs leverantörens meddelande." in page


ENGINE = STATUS.parents[1] / "lockstep"
#: what stands for the parts of a reason that differ from one to the next
PARTS = {"what": "both sides changed", "why": "both sides changed", "ending": "a person decides"}


def reasons_of_the_merge() -> set[str]:
    """Every reason that the merge of two sides can give, from its source."""
    found = []
    for node in ast.walk(ast.parse((ENGINE / "merge.py").read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_still", "_write", "_clash"):
            found += node.args[2:]
        elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in ("why", "ending"):
            found += [node.value.body, node.value.orelse] if isinstance(node.value, ast.IfExp) else [node.value]
    return {filled(one) for one in found if isinstance(one, ast.JoinedStr) or isinstance(getattr(one, "value", 0), str)}


def filled(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(filled(one) for one in node.values)
    if isinstance(node, ast.FormattedValue):
        return PARTS.get(getattr(node.value, "id", ""), "Salesforce")
    assert isinstance(node, ast.Constant)
    return str(node.value)


def test_every_reason_for_a_value_is_translated():
    reasons = reasons_of_the_merge()
    assert len(reasons) >= 15
    for code in ("nb", "sv"):
        assert [one for one in reasons if Language(code).why(f"two_way: {one}")[1] != code] == []
    sources = "".join(one.read_text() for one in (ENGINE / "merge.py", ENGINE / "steps/undo.py", *(ENGINE / "plan").glob("*.py")))  # fmt: skip
    assert [one for one in CLAUSES if "{" not in one and one not in sources] == [], "nothing says these any more"
    assert [one for one, texts in CLAUSES.items() if any(places(each) != places(one) for each in texts)] == []


@pytest.mark.parametrize(
    ("english", "norwegian"),
    [
        ("two_way: both sides changed; HubSpot wins", "two_way: begge sider er endret; HubSpot vinner"),
        ("decision 7 of vera: a value of their own", "avgjørelse 7 av vera: en egen verdi"),
        ("undo of change 12", "angrer endring 12"),
        (
            "two_way: only Salesforce changed, once the record that it refers to is paired",
            "two_way: bare Salesforce er endret, når posten den viser til, er paret",
        ),
    ],
)
def test_reasons_in_norwegian(english: str, norwegian: str):
    assert Language("nb").why(english) == (norwegian, "nb")
    assert Language("en").why(english) == (english, "en")


def test_a_reason_that_nobody_translated_is_told_in_english():
    assert Language("sv").why("two_way: the moon is full") == ("two_way: the moon is full", "en")


def test_a_code_without_translation_is_told_in_english(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delitem(PHRASES, CODES["clash"].meaning)
    assert Language("nb").meaning("clash") == CODES["clash"].meaning
    assert (Language("nb").lang_of("meaning", "clash"), Language("nb").lang_of("remedy", "clash")) == ("en", "nb")


def test_a_lead_is_called_as_the_company_calls_it():
    """MK-07"""
    assert Language("en").name("object", "Lead") == "Lead"
    assert Language("en", "Person").name("object", "Lead") == "Person (Lead)"
    assert Language("nb", "Person").name("object", "Contact") == "Kontakt"


def test_every_mapped_object_has_a_name_that_people_know():
    """MK-08; custom objects are called as in their mapping file."""
    mappings = load(Path(__file__).parents[2] / "include" / "mappings")
    objects = {name for one in (*mappings.all, *mappings.off) for name in (*one.sf_objects, one.hs_object)}
    nameless = {name for name in objects if f"object.{name}" not in TEXTS}
    assert nameless == {"Subscription__c", "Subscription_Item__c", "subscriptions", "subscription_items"}


def test_every_report_of_google_ads_has_a_name():
    nameless = [one for one in (network.TRAFFIC, network.COUNTED, network.CLICKS, network.DIAGNOSES) if f"object.{one}" not in TEXTS]  # fmt: skip
    assert nameless == []


@pytest.mark.parametrize(("code", "spelled"), [("en", "1,234.5"), ("nb", "1\u00a0234,5"), ("sv", "1\u00a0234,5")])
def test_figures_are_spelled_as_people_do(code: str, spelled: str):
    assert Language(code).number(1234.5) == spelled

"""One catalogue, three languages, nothing forgotten."""

import re
import string
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from lockstep.errors import CODES
from lockstep.mapping import load
from lockstep.model import BatchStatus, Operation, OutcomeKind
from lockstep_airflow.status.language import LANGUAGES, Language, choose
from lockstep_airflow.status.texts import FOR_SCRIPTS, TEXTS
from lockstep_airflow.status.texts.codes import PHRASES

STATUS = Path(__file__).parents[2] / "plugins/lockstep_airflow/status"


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_with_the_same_places(key: str):
    assert len(TEXTS[key]) == len(LANGUAGES)
    assert all(TEXTS[key])
    places = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in TEXTS[key]]
    assert places[0] == places[1] == places[2]


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

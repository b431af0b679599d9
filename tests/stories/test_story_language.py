"""What is not understood in a story is a mistake that says where it stands and what could stand there."""

from pathlib import Path

import pytest
from tests.stories.language import Ref, read
from tests.stories.reading import StoryMistake

STORY = """
title: A new phone number
shows: [HS-13]
before:
  Salesforce Contact "Kari Nilsen": {Phone: +47 22, Birthdate: 1980-02-01, NumberOfKids: 2, Title: blank}
  in step: yes
people do:
  - edit Salesforce Contact "Kari Nilsen": {Phone: "22"}
  - merge HubSpot contact "Kari" into HubSpot contact "Kari Nilsen"
  - give Salesforce Contact "Kari Nilsen" to "Anna Berg"
  - wait: 10 minutes
sync: twice
after:
  HubSpot contact "Kari Nilsen": {phone: "22"}
  HubSpot contact "Kari": none
  how many: {HubSpot contact: 1}
  nothing was written: to HubSpot
  ledger:
    - held HubSpot contact "Kari": ambiguous_match
    - updated HubSpot contact "Kari Nilsen"
  counts:
    push updates of HubSpot contact: {updated: 1}
why: Both teams see what the other knows.
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "story.yaml"
    file.write_text(text)
    return file


def test_a_story_is_read(tmp_path: Path) -> None:
    (story,) = read(written(tmp_path, STORY))
    kari = Ref("salesforce", "Contact", "Kari Nilsen")
    assert story.before == {kari: {"Phone": "+47 22", "Birthdate": "1980-02-01", "NumberOfKids": 2, "Title": None}}
    assert (story.in_step, story.sync.times) == (True, 2)
    assert [deed.verb for deed in story.deeds] == ["edit", "merge", "give", "wait"]
    assert story.deeds[0].value == {"Phone": "22"}
    assert story.deeds[2].args == (kari, "Anna Berg")
    assert story.after.records[Ref("hubspot", "contact", "Kari")] is None
    assert story.after.how_many == {("hubspot", "contact"): 1}
    assert [entry.details for entry in story.after.ledger] == [{"because": "ambiguous_match"}, {}]
    assert story.after.counts == {("push_updates", "hubspot", "contact"): {"updated": 1}}


def test_a_file_may_hold_a_list_of_stories(tmp_path: Path) -> None:
    one = STORY.strip().replace("\n", "\n  ")
    assert [story.line for story in read(written(tmp_path, f"- {one}\n- {one}\n"))] == [1, 23]


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ("people do:", "people does:", "story.yaml:7: there is no key 'people does'; did you mean 'people do'?"),
        ("shows: [HS-13]", "shows: [HS13]", "story.yaml:3: 'HS13' is no id; they look like HS-13"),
        ("why: Both teams see what the other knows.", "", "the key 'why' is missing"),
        ("- edit Salesforce", "- edits Salesforce", "story.yaml:8: 'edits Salesforce Contact"),
        ("sync: twice", "sync: often", "story.yaml:12: 'often' is not understood; write once, twice"),
        ("wait: 10 minutes", "wait: long", "story.yaml:11: 'long' is no time; write 10 minutes"),
        (
            '  HubSpot contact "Kari": none',
            "  Kari: none",
            "story.yaml:15: 'Kari' is not understood; records are written",
        ),
        ("- held HubSpot", "- holds HubSpot", "story.yaml:19: there is no outcome 'holds'; did you mean 'held'?"),
        ("to HubSpot\n", "to Hubspot\n", "there is no place 'to Hubspot'; did you mean 'to HubSpot'?"),
        ("in step: yes", "in stride: yes", "story.yaml:6: 'in stride' is not understood"),
        ('"Anna Berg"\n', '"Anna Berg": now\n', "story.yaml:10: nothing stands after the colon here: 'now'"),
        ("{HubSpot contact: 1}", "{contacts: 1}", "'contacts': write HubSpot contact, Salesforce Lead"),
        ("push updates of HubSpot", "push updates to HubSpot", "write push updates of HubSpot contact"),
        ("sync: twice", "sync: twice\nsync: once", "story.yaml:13: 'sync' is written twice"),
        ("before:", "before", "story.yaml:5: this is not valid YAML"),
    ],
)
def test_mistakes_are_told(tmp_path: Path, right: str, wrong: str, message: str) -> None:
    assert right in STORY
    with pytest.raises(StoryMistake) as told:
        read(written(tmp_path, STORY.replace(right, wrong)))
    assert message in str(told.value)


def test_all_mistakes_at_once(tmp_path: Path) -> None:
    with pytest.raises(StoryMistake) as told:
        read(written(tmp_path, STORY.replace("sync: twice", "sync: often").replace("HS-13", "13")))
    assert len(str(told.value).splitlines()) == 2

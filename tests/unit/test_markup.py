"""HubSpot's rich text and Salesforce's plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decisions import OWNERS

from lockstep.mapping import FieldMapping, FieldType, Rule
from lockstep.markup import plain, rich
from lockstep.model import HUBSPOT, SALESFORCE
from lockstep.values import Rendered, ValueContext, canonical, render


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>With <b>terms</b></p><p>Soon</p>", "With terms\nSoon"),
        ("<div>a<br>b</div>", "a\nb"),
        ("<ul><li>one</li><li>two</li></ul>", "one\ntwo"),
        ("Fish &amp; chips &lt;now&gt;", "Fish & chips <now>"),
        ("<style>p {}</style><p>seen</p>", "seen"),
        ("plain", "plain"),
        ("1 < 2", "1 < 2"),
        ("<p></p>", ""),
    ],
)  # fmt: skip
def test_what_a_reader_sees(html: str, text: str) -> None:
    assert plain(html) == text


@given(st.text(alphabet="ab <>&;\n/p'\"å漢", max_size=40).map(str.strip))
def test_plain_text_comes_back_as_it_was(text: str) -> None:
    assert plain(rich(text)) == text


def test_both_sides_of_a_field_are_compared_as_text() -> None:
    body = FieldMapping(
        "body", {"Task": "Description"}, "hs_task_body", FieldType.TEXT, Rule.two_way, forms={HUBSPOT: FieldType.HTML}
    )
    context = ValueContext(OWNERS)
    assert canonical(body, HUBSPOT, "<p>a &amp; b</p>", context) == canonical(body, SALESFORCE, "a & b", context)
    assert canonical(body, HUBSPOT, "<p></p>", context) is None
    assert render(body, HUBSPOT, "tasks", "a & b\nc", "a & b\nc", context) == Rendered("a &amp; b<br>c")
    assert render(body, SALESFORCE, "Task", "a & b", "<p>a &amp; b</p>", context) == Rendered("a & b")

"""Values: what counts as the same, and what is written (HS-14). Tables for people to read, properties for the rest."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lockstep.mapping import FieldMapping, FieldType, Rule
from lockstep.model import HUBSPOT, SALESFORCE, Field, ObjectSchema, Owner, Rejection
from lockstep.owners import OwnerMap, OwnerRef
from lockstep.values import Rendered, Unmapped, Unreadable, ValueContext, Waiting, canonical, key_text, render

OWNERS = OwnerMap([Owner("005A", "Ada Moe", "ada@x.org", True)], [Owner("1", "Ada Moe", "ada@x.org", True)])
PAIRS = {(SALESFORCE, "001A"): "pair-a", (HUBSPOT, "51"): "pair-a"}
RECORDS = {(SALESFORCE, "pair-a"): "001A", (HUBSPOT, "pair-a"): "51"}
CONTEXT = ValueContext(
    OWNERS,
    references=lambda system, entity, id: PAIRS.get((system, id)),
    records=lambda system, entity, id: RECORDS.get((system, id)),
    default_country="NO",
    zone=ZoneInfo("Europe/Oslo"),
)
STAGES = {"Qualification": "qualified", "Needs Analysis": "qualified", "Closed Won": "won"}


def field(type: FieldType, **more: object) -> FieldMapping:
    given = {"name": "f", "salesforce": {"Contact": "F"}, "hubspot": "f", "rule": Rule.two_way, **more}
    return FieldMapping(type=type, **given)  # type: ignore[arg-type]


def written(one: FieldMapping, system: str, value: object, source: str | None = None, context: ValueContext = CONTEXT):
    object = "Contact" if system == SALESFORCE else "contacts"
    return render(one, system, object, value, source, context)  # type: ignore[arg-type]


SAME = [
    (FieldType.STRING, " Bjørn ", "Bjørn"),
    (FieldType.STRING, "Åse", "A\u030ase"),
    (FieldType.TEXT, "one\r\ntwo", "one\ntwo\n"),
    (FieldType.EMAIL, " Ada.Moe@X.ORG", "ada.moe@x.org"),
    (FieldType.PHONE, "+47 22 33 44 55", "22334455"),
    (FieldType.PHONE, "0047 22334455", "(22) 33-44-55"),
    (FieldType.PHONE, "00 1 212 555 0123", "+12125550123"),
    (FieldType.PHONE, "+4722334455 ext. 12", "22334455 x12"),
    (FieldType.URL, "HTTPS://Acme.com/No/", "acme.com/No"),
    (FieldType.DOMAIN, "https://www.Acme.example:8080/x?y", "acme.example"),
    (FieldType.DOMAIN, "info@acme.example", "www.acme.example."),
    (FieldType.DOMAIN, "bücher.example", "xn--bcher-kva.example"),
    (FieldType.NUMBER, "100.50", "100.5"),
    (FieldType.NUMBER, "1E+3", "1000"),
    (FieldType.BOOLEAN, "true", "TRUE"),
    (FieldType.DATE, "2026-03-01", "2026-03-01T12:00:00.000Z"),
    (FieldType.DATE, "2026-03-01", "1772323200000"),
    (FieldType.DATE, "2026-03-02", "2026-03-01T23:30:00Z"),
    (FieldType.DATETIME, "2026-03-01T12:00:00.000+0000", "1772366400000"),
    (FieldType.DATETIME, "2026-03-01T13:00:00.1239+01:00", "2026-03-01T12:00:00.123Z"),
    (FieldType.MULTIPICKLIST, "b; a", "a;b;"),
]
DIFFERENT = [
    (FieldType.STRING, "Moe", "moe"),
    (FieldType.EMAIL, "ada@x.org", "ada@x.com"),
    (FieldType.PHONE, "+47 22334455", "+46 22334455"),
    (FieldType.PHONE, "22334455 x12", "22334455"),
    (FieldType.URL, "acme.com/No", "acme.com/no"),
    (FieldType.DOMAIN, "acme.example", "shop.acme.example"),
    (FieldType.NUMBER, "0.1", "0.10000000000000001"),
    (FieldType.DATE, "2026-03-01", "2026-03-02"),
    (FieldType.PICKLIST, "A", "a"),
]


@pytest.mark.parametrize(("type", "one", "other"), SAME)
def test_spelled_differently_but_the_same(type: FieldType, one: str, other: str) -> None:
    assert canonical(field(type), SALESFORCE, one, CONTEXT) == canonical(field(type), HUBSPOT, other, CONTEXT)


@pytest.mark.parametrize(("type", "one", "other"), DIFFERENT)
def test_different_values_stay_different(type: FieldType, one: str, other: str) -> None:
    assert canonical(field(type), SALESFORCE, one, CONTEXT) != canonical(field(type), HUBSPOT, other, CONTEXT)


@pytest.mark.parametrize("type", list(FieldType))
@pytest.mark.parametrize("raw", [None, "", "  ", "\r\n"])
def test_blank_is_none_for_every_type(type: FieldType, raw: str | None) -> None:
    assert canonical(field(type, refers_to=("accounts",)), SALESFORCE, raw, CONTEXT) is None


@pytest.mark.parametrize(
    ("type", "raw"),
    [
        (FieldType.NUMBER, "twelve"),
        (FieldType.NUMBER, "NaN"),
        (FieldType.NUMBER, "1e999999999"),
        (FieldType.BOOLEAN, "maybe"),
        (FieldType.DATE, "2026-02-30"),
        (FieldType.DATETIME, "2026-03-01T12:00:00"),
        (FieldType.DOMAIN, "n/a"),
    ],
)
def test_text_that_does_not_fit_its_type_is_kept_apart_and_never_written(type: FieldType, raw: str) -> None:
    value = canonical(field(type), SALESFORCE, raw, CONTEXT)
    assert value == Unreadable(raw)
    refused = written(field(type), HUBSPOT, value, raw)
    assert isinstance(refused, Rejection)
    assert (refused.code, refused.fields) == ("wrong_type", ("f",))
    assert raw not in refused.message


def test_dates_are_written_in_the_form_of_the_target() -> None:
    close = field(FieldType.DATE, forms={SALESFORCE: FieldType.DATE, HUBSPOT: FieldType.DATETIME})
    value = canonical(close, SALESFORCE, "2026-03-01", CONTEXT)
    assert value == date(2026, 3, 1)
    assert written(close, HUBSPOT, value) == Rendered("2026-03-01T11:00:00.000Z")  # noon in Oslo
    assert written(close, SALESFORCE, value) == Rendered("2026-03-01")


@pytest.mark.parametrize(
    ("type", "raw", "sent"),
    [
        (FieldType.PHONE, " (22) 33 44 55 ", "(22) 33 44 55"),
        (FieldType.EMAIL, "Ada@X.org ", "Ada@X.org"),
        (FieldType.URL, "https://www.acme.com/", "https://www.acme.com/"),
        (FieldType.DOMAIN, "https://www.acme.com/", "acme.com"),
        (FieldType.STRING, " Ada ", "Ada"),
        (FieldType.NUMBER, "1E+2", "100"),
        (FieldType.BOOLEAN, "TRUE", "true"),
    ],
)
def test_the_spelling_of_the_source_is_kept(type: FieldType, raw: str, sent: str) -> None:
    value = canonical(field(type), SALESFORCE, raw, CONTEXT)
    assert written(field(type), HUBSPOT, value, raw) == Rendered(sent)


def test_a_source_that_does_not_mean_the_value_is_not_written() -> None:
    assert written(field(FieldType.PHONE), HUBSPOT, "+4722334455", "99887766") == Rendered("+4722334455")


class TestPicklists:
    stage = field(FieldType.PICKLIST, values=STAGES, read_as={"qualified_too": "qualified"})

    def test_values_are_compared_as_hubspot_options(self) -> None:
        assert canonical(self.stage, SALESFORCE, "Needs Analysis", CONTEXT) == "qualified"
        assert canonical(self.stage, HUBSPOT, "qualified_too", CONTEXT) == "qualified"

    def test_the_first_of_several_salesforce_values_is_written_back(self) -> None:
        assert written(self.stage, SALESFORCE, "qualified") == Rendered("Qualification")
        assert written(self.stage, HUBSPOT, "qualified") == Rendered("qualified")

    def test_a_value_without_counterpart_is_refused_across_and_kept_at_home(self) -> None:
        for system, other in ((SALESFORCE, HUBSPOT), (HUBSPOT, SALESFORCE)):
            value = canonical(self.stage, system, "elsewhere", CONTEXT)
            assert value == Unmapped(system, "elsewhere")
            refused = written(self.stage, other, value)
            assert isinstance(refused, Rejection)
            assert refused.code == "picklist_value"
            assert written(self.stage, system, value) == Rendered("elsewhere")

    def test_the_same_word_without_counterpart_is_not_the_same_value(self) -> None:
        assert canonical(self.stage, SALESFORCE, "x", CONTEXT) != canonical(self.stage, HUBSPOT, "x", CONTEXT)

    def test_multipicklists_are_sets(self) -> None:
        many = field(FieldType.MULTIPICKLIST, values=STAGES)
        value = canonical(many, SALESFORCE, "Closed Won;Needs Analysis;Qualification", CONTEXT)
        assert value == frozenset({"qualified", "won"})
        assert written(many, HUBSPOT, value) == Rendered("qualified;won")
        assert written(many, SALESFORCE, value) == Rendered("Closed Won;Qualification")
        refused = written(many, HUBSPOT, canonical(many, SALESFORCE, "Closed Won;Lost", CONTEXT))
        assert isinstance(refused, Rejection)
        assert "'Lost'" in refused.message


class TestReferences:
    account = field(FieldType.REFERENCE, refers_to=("accounts",))

    def test_two_ids_of_one_pair_are_equal(self) -> None:
        assert canonical(self.account, SALESFORCE, "001A", CONTEXT) == "pair-a"
        assert canonical(self.account, HUBSPOT, "51", CONTEXT) == "pair-a"
        assert written(self.account, HUBSPOT, "pair-a") == Rendered("51")

    def test_an_unpaired_record_is_waited_for(self) -> None:
        value = canonical(self.account, SALESFORCE, "001Z", CONTEXT)
        assert value == Waiting(SALESFORCE, "accounts", "001Z")
        for unknown in (value, "pair-z"):
            refused = written(self.account, HUBSPOT, unknown)
            assert isinstance(refused, Rejection)
            assert refused.code == "waiting_for_reference"


class TestBlanks:
    def test_a_salesforce_checkbox_is_never_blank(self) -> None:
        assert written(field(FieldType.BOOLEAN), SALESFORCE, None) == Rendered("false")
        assert written(field(FieldType.BOOLEAN), HUBSPOT, None) == Rendered(None)

    def test_a_salesforce_record_always_has_an_owner(self) -> None:
        refused = written(field(FieldType.OWNER), SALESFORCE, None)
        assert isinstance(refused, Rejection)
        assert refused.code == "required_empty"
        assert written(field(FieldType.OWNER), HUBSPOT, None) == Rendered(None)

    def test_any_other_field_is_cleared(self) -> None:
        assert written(field(FieldType.STRING), SALESFORCE, None, "old") == Rendered(None)


class TestLengths:
    def test_a_field_that_is_cut_is_compared_as_cut(self) -> None:
        title = field(FieldType.STRING, truncate={SALESFORCE: 5})
        long = canonical(title, HUBSPOT, "Head of Sales", CONTEXT)
        assert long == canonical(title, SALESFORCE, "Head", CONTEXT) == "Head"
        assert written(title, SALESFORCE, long, "Head of Sales") == Rendered("Head")

    def test_cutting_never_tears_a_character(self) -> None:
        title = field(FieldType.STRING, truncate={SALESFORCE: 4})
        assert canonical(title, HUBSPOT, "abc🚀", CONTEXT) == "abc"

    def test_what_the_target_cannot_hold_is_refused_beforehand(self) -> None:
        context = described("F", Field("F", "F", "string", length=4))
        refused = written(field(FieldType.STRING), SALESFORCE, "12345", "12345", context)
        assert isinstance(refused, Rejection)
        assert (refused.code, refused.fields) == ("value_too_long", ("F",))
        assert written(field(FieldType.STRING), SALESFORCE, "1234", "1234", context) == Rendered("1234")

    def test_an_option_that_the_target_lacks_is_refused_beforehand(self) -> None:
        context = described("F", Field("F", "F", "picklist", options=("Web",), restricted=True))
        refused = written(field(FieldType.PICKLIST), SALESFORCE, "Fax", "Fax", context)
        assert isinstance(refused, Rejection)
        assert refused.code == "picklist_value"
        assert written(field(FieldType.PICKLIST), SALESFORCE, "Web", "Web", context) == Rendered("Web")

    def test_a_field_that_the_object_lacks_is_refused(self) -> None:
        refused = render(field(FieldType.STRING), SALESFORCE, "Lead", "x", "x", CONTEXT)
        assert isinstance(refused, Rejection)
        assert refused.code == "unknown_field"


def described(name: str, one: Field) -> ValueContext:
    return ValueContext(OWNERS, schemas={(SALESFORCE, "Contact"): ObjectSchema(SALESFORCE, "Contact", {name: one})})


@pytest.mark.parametrize(
    ("type", "raw", "key"),
    [
        (FieldType.EMAIL, " Ada@X.org", "ada@x.org"),
        (FieldType.DOMAIN, "https://www.acme.example", "acme.example"),
        (FieldType.DOMAIN, "none", None),
        (FieldType.NUMBER, "7.0", "7"),
        (FieldType.STRING, None, None),
        (FieldType.STRING, "  ", None),
    ],
)
def test_match_keys(type: FieldType, raw: str | None, key: str | None) -> None:
    assert key_text(type, raw, CONTEXT) == key


# --- properties --------------------------------------------------------------------------------------------------------

TEXTS = st.text(max_size=40) | st.from_regex(r"[+\d ()\-x./a-z@]{1,25}", fullmatch=True)
NATURAL = {
    FieldType.NUMBER: st.decimals(allow_nan=False, allow_infinity=False, places=4).map(str),
    FieldType.BOOLEAN: st.sampled_from(["true", "false", "TRUE"]),
    FieldType.DATE: st.dates().map(date.isoformat),
    FieldType.DATETIME: st.datetimes(timezones=st.just(UTC)).map(datetime.isoformat),
    FieldType.OWNER: st.sampled_from(["005A", "1", "x"]),
    FieldType.REFERENCE: st.sampled_from(["001A", "51", "x"]),
    FieldType.PICKLIST: st.sampled_from([*STAGES, *STAGES.values(), "x"]),
    FieldType.MULTIPICKLIST: st.lists(st.sampled_from([*STAGES, "won", "x"])).map(";".join),
}
LISTS = (FieldType.PICKLIST, FieldType.MULTIPICKLIST)


@st.composite
def fields_and_values(draw: st.DrawFn) -> tuple[FieldMapping, str]:
    type = draw(st.sampled_from(list(FieldType)))
    raw = draw(TEXTS | NATURAL[type] if type in NATURAL else TEXTS)
    options = STAGES if type in LISTS and draw(st.booleans()) else {}
    return field(type, values=options, refers_to=("accounts",)), raw


@given(fields_and_values(), st.sampled_from([SALESFORCE, HUBSPOT]))
def test_every_text_has_a_hashable_canonical_form(given_: tuple[FieldMapping, str], system: str) -> None:
    one, raw = given_
    value = canonical(one, system, raw, CONTEXT)
    assert hash(value) == hash(canonical(one, system, raw, CONTEXT))


@given(fields_and_values(), st.sampled_from([SALESFORCE, HUBSPOT]), st.sampled_from([SALESFORCE, HUBSPOT]))
def test_what_is_written_reads_back_as_the_same_value(
    given_: tuple[FieldMapping, str], source: str, target: str
) -> None:
    """The property that keeps two systems from writing to each other for ever."""
    one, raw = given_
    value = canonical(one, source, raw, CONTEXT)
    result = written(one, target, value, raw)
    if isinstance(result, Rendered) and value is not None:
        assert canonical(one, target, result.value, CONTEXT) == value
        again = written(one, target, value, result.value)
        assert again == result


@given(
    st.sampled_from(
        [FieldType.STRING, FieldType.TEXT, FieldType.EMAIL, FieldType.PHONE, FieldType.URL, FieldType.DOMAIN]
    ),
    TEXTS,
)
def test_canonical_texts_are_their_own_canonical_form(type: FieldType, raw: str) -> None:
    value = canonical(field(type), SALESFORCE, raw, CONTEXT)
    if isinstance(value, str):
        assert canonical(field(type), HUBSPOT, value, CONTEXT) == value


@given(fields_and_values())
def test_text_types_mean_the_same_on_both_sides(given_: tuple[FieldMapping, str]) -> None:
    """Swapping the sides changes nothing where neither a value list, an owner nor a reference is involved."""
    one, raw = given_
    if not one.values and one.type not in (FieldType.OWNER, FieldType.REFERENCE):
        assert canonical(one, SALESFORCE, raw, CONTEXT) == canonical(one, HUBSPOT, raw, CONTEXT)


@given(st.text(max_size=60), st.integers(1, 20))
def test_cut_text_fits_and_stays_cut(raw: str, length: int) -> None:
    one = field(FieldType.TEXT, truncate={HUBSPOT: length})
    value = canonical(one, SALESFORCE, raw, CONTEXT)
    if value is not None:
        assert isinstance(value, str)
        assert len(value.encode("utf-16-le")) <= 2 * length
        assert canonical(one, HUBSPOT, value, CONTEXT) == value


def test_the_double_zero_is_understood_without_a_country() -> None:
    context = ValueContext(OWNERS)
    assert key_text(FieldType.PHONE, "0047 22334455", context) == "+4722334455"
    assert key_text(FieldType.PHONE, "22334455", context) == "22334455"


def test_numbers_are_exact() -> None:
    assert canonical(field(FieldType.NUMBER), SALESFORCE, "0.1", CONTEXT) == Decimal("0.1")


def test_owners_are_people() -> None:
    assert canonical(field(FieldType.OWNER), HUBSPOT, "1", CONTEXT) == OwnerRef(SALESFORCE, "005A")
    assert written(field(FieldType.OWNER), HUBSPOT, OwnerRef(SALESFORCE, "005A")) == Rendered("1")
    refused = written(field(FieldType.OWNER), SALESFORCE, OwnerRef(HUBSPOT, "9"))
    assert isinstance(refused, Rejection)
    assert refused.code == "inactive_owner"

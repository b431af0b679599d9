"""Every requirement of the engine has a story that shows it, or is named here with the test that does."""

from tests.architecture.tree import ROOT
from tests.stories.test_stories import STORIES

WANTED = (
    {f"MK-{number:02}" for number in range(2, 26)}
    | {f"HS-{number:02}" for number in range(1, 21)}
    | {f"OW-{number:02}" for number in range(1, 8)}
    | {f"GA-E{number:02}" for number in range(1, 19)}
    | {f"GA-{number:02}" for number in (0, *range(19, 29))}
    | {f"AT-{number:02}" for number in range(1, 6)}
)

#: one row of a table for each error of Google's own import
PREFLIGHT = "tests/integration/engine/test_engine_preflight.py::"
ATTRIBUTION = "tests/unit/conversions/test_attribution.py::"

#: what a page shows, a table or a measurement: id -> the test
ELSEWHERE = {
    **{f"GA-E{number:02}": f"{PREFLIGHT}test_what_is_wrong_is_found" for number in (*range(1, 16), 17)},
    "GA-E16": f"{PREFLIGHT}test_an_import_that_failed_passes_salesforces_words_on",
    "GA-E18": f"{PREFLIGHT}test_only_what_was_deleted_is_gone",
    "GA-26": "tests/integration/engine/test_engine_network.py::test_both_numbers_and_why_they_differ",
    **{f"AT-{number:02}": f"{ATTRIBUTION}test_which_ad_a_contact_counts_for" for number in range(1, 5)},
    "AT-05": "tests/unit/conversions/test_reconciliation.py::test_the_buckets_add_up_whatever_google_reports",
    "MK-02": "tests/status/test_batches_page.py::test_last_five_days_newest_first_without_idle_batches",
    "MK-03": "tests/status/test_in_browser.py::test_filters_by_apply_and_clear_and_keeps_them_in_the_address",
    "MK-04": "tests/status/test_exports.py::test_errors_of_the_filter",
    "MK-05": "tests/status/test_batches_page.py::test_the_ten_columns_in_marketos_order",
    "MK-06": "tests/status/test_batch_page.py::test_a_failed_batch_says_why_and_what_to_do",
    "MK-12": "tests/status/test_errors_page.py::test_one_cause_with_its_records_and_times",
    "MK-13": "tests/status/test_figures_pages.py::test_backlog_with_rates_and_trend",
    "HS-04": "tests/status/test_figures_pages.py::test_features_say_what_is_not_set_up",
    "MK-19": "tests/integration/engine/test_engine_drift.py::test_a_lost_field_is_held_and_the_rest_goes_on_until_it_is_back",
    "HS-01": "tests/unit/store/test_suspensions.py::test_a_person_allots_calls_instead_of_the_setting",
    "HS-03": "tests/unit/store/test_suspensions.py::test_the_run_that_was_refused_calls_no_more_and_the_next_one_asks_once",
    "MK-07": "tests/status/test_language.py::test_a_lead_is_called_as_the_company_calls_it",
    "MK-08": "tests/status/test_language.py::test_every_mapped_object_has_a_name_that_people_know",
    "MK-20": "tests/unit/test_needed_fields.py::test_all_that_are_missing_are_named_with_the_remedy",
    "MK-21": "tests/integration/engine/test_engine_campaigns.py::test_members_wait_while_the_statuses_differ",
    "MK-25": "tests/unit/test_mapping_objects.py::test_two_levels_below_an_account",
    "HS-11": "tests/contract/test_shipped_mappings.py::test_they_fit",
}

#: facts about other products that ours is measured by: id -> what we do instead
FACTS = {
    "MK-10": "Marketo waits five minutes between cycles; ours is `LOCKSTEP_SCHEDULE`, a quarter of an hour",
    "MK-14": "Marketo's 7,200 idle calls a day; what ours costs is measured by `make bench`",
    "MK-15": "Marketo's 10,000 records an hour; what ours takes is measured by `make bench`",
}

SHOWN = {one for story in STORIES for one in story.shows}


def test_every_id_is_shown_somewhere() -> None:
    assert WANTED - SHOWN - ELSEWHERE.keys() - FACTS.keys() == set()


def test_what_is_shown_elsewhere_is_there() -> None:
    for one, place in ELSEWHERE.items():
        file, _, name = place.partition("::")
        text = (ROOT / file).read_text()
        assert f"def {name}(" in text, place
        assert one in text or not one.startswith(("GA-", "AT-")), f"{file} does not name {one}"


def test_no_two_stories_have_one_title() -> None:
    titles = [story.title for story in STORIES]
    assert sorted(set(titles)) == sorted(titles)

"""What a reader relies on: every error code, environment variable, make target, link and decision is where the docs say."""

import re
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT, files, python_files

from lockstep.errors import CODES, ErrorClass, LockstepError
from lockstep.store import Store

DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
ENGINE = ROOT / "plugins" / "lockstep"
OPERATIONS = (DOCS / "operations.md").read_text()

#: variables of one program of ours, read by nobody who operates Lockstep
PRIVATE = {"LOCKSTEP_TEST_AIRFLOW"}


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub and most viewers make them."""
    titles = re.findall(r"^#{1,6} (.+)$", _without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.replace("`", "")).strip().lower().replace(" ", "-") for title in titles}


def section(text: str, anchor: str) -> str:
    """What stands under the heading of that anchor, up to the next one of its level or above."""
    parts = re.split(r"^(?=## )", text, flags=re.MULTILINE)
    return next((part for part in parts if anchor in anchors(part.partition("\n")[0])), "")


# --- errors


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_error_code_is_explained(code: str) -> None:
    kind = CODES[code]
    assert kind.code == code
    assert re.fullmatch(r"[a-z_]+", code)
    assert kind.meaning.endswith(".")
    rows = re.findall(rf"^\| `{code}` \| (.+) \| (.*) \|$", section(OPERATIONS, f"class-{kind.cls}"), re.MULTILINE)
    assert len(rows) == 1, f"docs/operations.md, class {kind.cls}: one row for {code}"
    assert rows[0][0].strip()
    # a skipped record that nothing is wrong with needs no remedy
    assert kind.remedy or code in {"unchanged", "erased", "lead_converted"}


@pytest.mark.parametrize("cls", list(ErrorClass))
def test_every_error_class_has_its_section(cls: ErrorClass) -> None:
    text = section(OPERATIONS, f"class-{cls}")
    documented = set(re.findall(r"^\| `([a-z_]+)` \|", text, re.MULTILINE))
    assert documented == {code for code, kind in CODES.items() if kind.cls is cls}


def test_every_error_that_can_end_a_batch_is_in_the_registry() -> None:
    def tree(cls: type[LockstepError]) -> set[type[LockstepError]]:
        return {cls, *(found for sub in cls.__subclasses__() for found in tree(sub))}

    # bases that are never raised themselves, and the seal's own word for "see the batches"
    unlisted = {"fatal", "retriable", "run_failed"}
    assert {cls.code for cls in tree(LockstepError)} - CODES.keys() == unlisted


# --- pages


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", _without_code(page.read_text())):
        place, _, anchor = target.partition("#")
        if "://" in target or target.startswith("mailto:"):
            continue
        found = (page.parent / place).resolve() if place else page
        if not found.exists() or (anchor and anchor not in anchors(found.read_text())):
            broken.append(target)
    assert broken == []


def test_links_in_the_code_lead_somewhere() -> None:
    """Runbooks, hints and Sync Status point into these pages by anchor."""
    pattern = re.compile(r"\bdocs/([\w/-]+\.md)(?:#([\w-]+))?")
    broken = []
    for path in files():
        if path.suffix not in (".py", ".yaml", ".html", ".toml", ".sh") or "tests" in path.relative_to(ROOT).parts:
            continue
        for page, anchor in pattern.findall(path.read_text()):
            found = DOCS / page
            if not found.exists() or (anchor and anchor not in anchors(found.read_text())):
                broken.append(f"{path.relative_to(ROOT)}: docs/{page}{'#' if anchor else ''}{anchor}")
    assert broken == []


def test_decisions_are_numbered_once_and_without_gaps() -> None:
    names = sorted(path.name for path in (DOCS / "decisions").glob("*.md"))
    numbers = [int(name[:4]) for name in names if re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name)]
    assert len(numbers) == len(names), "a page of another form"
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("path", sorted((DOCS / "decisions").glob("*.md")), ids=lambda path: path.stem)
def test_a_decision_has_its_parts(path: Path) -> None:
    text = path.read_text()
    assert re.match(rf"# {int(path.name[:4])}\. \S", text)
    assert re.search(r"^Status: (accepted|superseded by \[)", text, re.MULTILINE)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Context", "Decision", "Consequences"]


def test_a_tree_in_the_readme_equals_the_disk() -> None:
    lines = [
        line for line in (ROOT / "README.md").read_text().splitlines() if re.match(r"    [\w./-]+/(\s{2,}|$)", line)
    ]
    assert [line for line in lines if not (ROOT / line.split()[0]).is_dir()] == []


def test_the_folders_of_tests_are_those_that_contributing_lists() -> None:
    listed = set(re.findall(r"^\| `(\w+)/` \|", (ROOT / "CONTRIBUTING.md").read_text(), re.MULTILINE))
    there = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and list(path.rglob("test_*.py"))}
    assert there - listed == set()


# --- commands and settings


def test_every_make_target_is_documented() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, re.MULTILINE))
    pages = "\n".join(page.read_text() for page in PAGES)
    assert targets
    assert {target for target in targets if not re.search(rf"make {target}\b(?!-)", pages)} == set()
    mentioned = set(re.findall(r"`make ([a-z-]+)", pages)) | set(
        re.findall(r"^    make ([a-z-]+)", pages, re.MULTILINE)
    )
    assert mentioned - set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE)) == set(), "documented, but not a target"


def test_every_environment_variable_is_documented() -> None:
    pages = "\n".join((DOCS / name).read_text() for name in ("operations.md", "mappings.md"))
    read = _variables()
    assert {"LOCKSTEP_MAPPINGS", "LOCKSTEP_SCHEDULE", "LOCKSTEP_RETRIES", "LOCKSTEP_DB_PASSWORD"} <= read
    assert {name for name in read - PRIVATE if f"`{name}`" not in pages} == set()


def test_every_documented_variable_is_read() -> None:
    table = section(OPERATIONS, "environment-variables")
    documented = set(re.findall(r"^\| `(LOCKSTEP_[A-Z_]+)` \|", table, re.MULTILINE))
    assert documented
    assert documented - _variables() == set()


def test_every_query_of_the_guide_is_answered(sqlite_url: str) -> None:
    queries = re.findall(r"^    (SELECT .+);$", OPERATIONS, re.MULTILINE)
    assert len(queries) > 5
    store = Store(sqlite_url)
    with store.reading() as tx:
        for query in queries:
            tx.exec_driver_sql(query)
    store.dispose()


def _variables() -> set[str]:
    """`LOCKSTEP_…` variables that our programs read, by `os.environ` or in the compose file."""
    code = "\n".join(path.read_text() for path in python_files() if "tests" not in path.relative_to(ROOT).parts)
    read = set(re.findall(r'(?:environ(?:\.get\(|\[)|getenv\(|_setting\()"(LOCKSTEP_[A-Z]+(?:_[A-Z]+)*)"', code))
    compose = (ROOT / "docker-compose.yaml").read_text()
    return read | set(re.findall(r"\$\{(LOCKSTEP_[A-Z_]+)[:}]", compose))


def _without_code(text: str) -> str:
    return re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE)


# --- requirements

REQUIREMENTS = (DOCS / "requirements.md").read_text()
ALL = (("MK", 1, 25), ("HS", 1, 21), ("OW", 1, 7), ("GA", 0, 0), ("GA-E", 1, 18), ("GA", 19, 28), ("AT", 1, 5))
IDS = [
    f"{kind}{'' if kind == 'GA-E' else '-'}{number:02}"
    for kind, first, last in ALL
    for number in range(first, last + 1)
]


def test_every_requirement_has_one_row() -> None:
    assert re.findall(r"^\| ([A-Z]{2}-E?\d\d) \|", REQUIREMENTS, re.MULTILINE) == IDS


def test_what_does_and_shows_a_requirement_is_there() -> None:
    rows = re.findall(r"^\| (?!Id|What|-)(?:[A-Z]{2}-E?\d\d \| )?.*$", REQUIREMENTS, re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`([a-z_][\w/.-]*(?:/|\.py|\.yaml))`", row)}
    assert len(named) > 100
    assert [name for name in sorted(named) if not any((top / name).exists() for top in (ROOT, ENGINE))] == []

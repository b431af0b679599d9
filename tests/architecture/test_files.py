"""What files look like: lengths, names, imports of DAGs, and nothing that belongs to one machine."""

import ast
import re
from collections import Counter
from pathlib import Path

import pytest
from tests.architecture.tree import ROOT, files, imports_of, modules, python_files, within

DAGS = sorted((ROOT / "dags").glob("*.py"))
LONGEST, LONGEST_DAG, LONGEST_FUNCTION = 300, 60, 50

#: longer files, each with its reason and the length it must not pass. An entry that is no longer needed fails.
LONGER = {
    "plugins/lockstep/errors.py": (450, "one registry: a code is looked up in one place"),
    "plugins/lockstep/model.py": (400, "the values between all modules, documentation for the most part"),
    "plugins/lockstep/apply.py": (380, "one batch end to end, read from top to bottom"),
    "plugins/lockstep/steps/planner.py": (350, "three planners that share their bookkeeping"),
    "plugins/lockstep/store/tables.py": (560, "the whole schema on one page"),
    "plugins/lockstep/store/migrations/versions/0001_first_schema.py": (680, "a frozen copy of the schema"),
}

#: longer functions, with the reason
LONGER_FUNCTIONS = {"include/sandbox/salesforce/fields.py as_json": "one literal: a field as `describe` answers it"}

DRAWERS = {
    "utils",
    "util",
    "helpers",
    "helper",
    "common",
    "misc",
    "manager",
    "handler",
    "handlers",
    "service",
    "services",
}

#: a product is called by its name: Google's Data Manager API
PRODUCTS = ("data_manager",)

DAG_IMPORTS = ("airflow.sdk", "airflow.providers", "lockstep_airflow")

#: an absolute path below a place where a person or a build happens to work
MACHINE_PATHS = re.compile(r"(?<![\w.$}/-])/(?:work|tmp|Users|home/\w|root/(?!\.)|farm|mnt|opt/build)[/\w]")


def test_files_are_short() -> None:
    long = {_place(path): _length(path) for path in python_files() if _is_product(path) and _length(path) > LONGEST}
    assert {place: length for place, length in long.items() if length > LONGER.get(place, (LONGEST, ""))[0]} == {}
    assert LONGER.keys() - long.keys() == set(), "these files are short now: take them off the list"


def test_functions_are_short() -> None:
    """Most are about 8 lines. The bound is for the one that nobody dared to split."""
    long = {
        f"{_place(path)} {node.name}": length
        for path in python_files()
        if _is_product(path) and "migrations/versions" not in _place(path)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (length := _lines_of(node)) > LONGEST_FUNCTION
    }
    assert {name: length for name, length in long.items() if name not in LONGER_FUNCTIONS} == {}
    assert LONGER_FUNCTIONS.keys() - long.keys() == set(), "these are short now: take them off the list"


def test_no_module_is_a_drawer() -> None:
    names = {part for path in python_files() for part in (path.stem, path.parent.name)}
    assert names & DRAWERS == set()
    endings = tuple(f"_{name}" for name in DRAWERS)
    assert [one for one in names if one.endswith(endings) and not one.endswith(PRODUCTS)] == []


def test_no_two_files_of_tests_have_one_name() -> None:
    """pytest imports them by their bare name, and stops at the second."""
    names = Counter(path.name for path in (ROOT / "tests").rglob("test_*.py"))
    assert [name for name, times in names.items() if times > 1] == []


def test_imports_are_absolute() -> None:
    relative = [f"{_place(path)}:{one.line}" for path in python_files() for one in imports_of(path) if one.level]
    assert relative == []


def test_every_package_says_what_it_is() -> None:
    silent = [
        _place(one.path)
        for one in modules()
        if not one.name.startswith("lockstep.store.migrations") and ast.get_docstring(ast.parse(one.text)) is None
    ]
    assert silent == []


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_a_dag_file_is_wiring(path: Path) -> None:
    assert len(path.read_text().splitlines()) < LONGEST_DAG
    assert [one.name for one in imports_of(path) if not within(one.name, *DAG_IMPORTS)] == []
    body = ast.parse(path.read_text()).body
    assert not [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]


@pytest.mark.parametrize("path", DAGS, ids=lambda path: path.stem)
def test_a_dag_file_is_named_like_its_dag_and_opens_with_its_runbook(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r'DAG\("(\w+)"', text) == [path.stem]
    assert "(__doc__" in text
    runbook = ast.get_docstring(ast.parse(text)) or ""
    assert runbook.startswith(f"# {path.stem.replace('_', ' ').capitalize()}")
    assert "fails" in runbook or "failed" in runbook


def test_nothing_belongs_to_one_machine() -> None:
    found = [
        f"{_place(path)}:{number}: {line.strip()[:120]}"
        for path in files()
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def test_machine_paths_would_be_found() -> None:
    assert MACHINE_PATHS.search("open('/home/ann/lockstep')")
    assert MACHINE_PATHS.search("see /Users/ann/notes")
    assert not MACHINE_PATHS.search("https://example.com/home/ann")
    assert not MACHINE_PATHS.search("/etc/ssl/certs")


def _is_product(path: Path) -> bool:
    return path.relative_to(ROOT).parts[0] in ("plugins", "include", "dags", "scripts", "deploy")


def _place(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _length(path: Path) -> int:
    return len(path.read_text().splitlines())


def _lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Without the docstring."""
    body = node.body[1:] if ast.get_docstring(node) and len(node.body) > 1 else node.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1

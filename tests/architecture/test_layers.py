"""Who may import whom: the rules that keep the engine testable without Airflow, without vendors and without a database."""

import ast
import importlib.util
from collections.abc import Iterator

import pytest
from tests.architecture.tree import ROOT, Module, modules, offences, within

ENGINE, SHELL, SANDBOX = modules("lockstep"), modules("lockstep_airflow", "lockstep_plugin"), modules("sandbox")

#: they decide: no I/O, no clock, no chance
PURE = (
    "lockstep.model",
    "lockstep.errors",
    "lockstep.decisions",
    "lockstep.mapping.definition",
    "lockstep.values",
    "lockstep.match",
    "lockstep.merge",
    "lockstep.policies",
    "lockstep.owners",
    "lockstep.plan",
    "lockstep.guards",
    "lockstep.spelling",
    "lockstep.scalars",
    "lockstep.conversions.definition",
    "lockstep.conversions.history",
    "lockstep.conversions.identifiers",
    "lockstep.conversions.milestones",
    "lockstep.conversions.record",
    "lockstep.conversions.findings",
    "lockstep.conversions.preflight",
    "lockstep.conversions.preflight_fields",
    "lockstep.conversions.attribution",
    "lockstep.conversions.reconciliation",
    "lockstep.conversions.places",
    "lockstep.conversions.reports",
)
DATABASE = ("sqlalchemy", "alembic", "sqlite3", "psycopg")
VENDORS = ("requests", "urllib3", "httpx", "simple_salesforce", "hubspot", "google", "http.client", "urllib.request")
CLOCK_AND_CHANCE = ("time", "random", "secrets", "uuid")
INPUT_OUTPUT = (
    *DATABASE,
    *VENDORS,
    "os",
    "io",
    "pathlib",
    "socket",
    "ssl",
    "subprocess",
    "tempfile",
    "shutil",
    "logging",
)

#: what the shell may take from SQLAlchemy: values and errors, nothing that sends a statement
SENDS_NO_SQL = {"URL", "IntegrityError", "SQLAlchemyError", "Connection", "ColumnElement", "and_", "or_"}


def test_the_tree_is_found() -> None:
    assert len(ENGINE) > 50
    assert len(SHELL) > 10
    assert len(SANDBOX) > 50


def test_every_module_on_the_path_belongs_to_a_known_package() -> None:
    assert [
        one.name
        for one in modules()
        if not within(one.name, "lockstep", "lockstep_airflow", "lockstep_plugin", "sandbox")
    ] == []


def test_only_the_shell_imports_airflow() -> None:
    assert offences((*ENGINE, *SANDBOX), "airflow", "lockstep_airflow", "lockstep_plugin") == []


def test_engine_and_sandbox_never_import_each_other() -> None:
    assert offences(SANDBOX, "lockstep") == []
    assert offences((*ENGINE, *SHELL), "sandbox") == []


@pytest.mark.parametrize("name", PURE)
def test_what_decides_does_no_input_or_output(name: str) -> None:
    found = modules(name)
    assert found, f"{name} is gone: correct the list"
    assert (
        offences(found, *INPUT_OUTPUT, *CLOCK_AND_CHANCE, "lockstep.store", "lockstep.systems", "lockstep.steps") == []
    )


@pytest.mark.parametrize("name", PURE)
def test_what_decides_does_not_ask_for_the_time(name: str) -> None:
    called = [
        f"{one}:{node.lineno} calls {node.func.attr}"
        for one in modules(name)
        for node in ast.walk(ast.parse(one.text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("now", "today", "utcnow")
    ]
    assert called == []


def test_only_the_store_sends_sql() -> None:
    others = tuple(one for one in ENGINE if not within(one.name, "lockstep.store"))
    assert offences(others, *DATABASE) == []
    taken = {
        (str(one), imported.name.rpartition(".")[2])
        for one in SHELL
        for imported in one.imports
        if within(imported.name, *DATABASE)
    }
    assert {(module, name) for module, name in taken if name not in SENDS_NO_SQL} == set()


def test_only_systems_talk_to_vendors() -> None:
    others = tuple(one for one in (*ENGINE, *SHELL) if not within(one.name, "lockstep.systems"))
    assert offences(others, *VENDORS, "socket", "ssl") == []


def test_systems_know_neither_the_store_nor_the_decisions() -> None:
    assert (
        offences(modules("lockstep.systems"), "lockstep.store", "lockstep.steps", "lockstep.plan", "lockstep.merge")
        == []
    )


def test_nothing_below_the_steps_imports_the_steps() -> None:
    """`apply` is at their height: it works on a step's context."""
    below = ("lockstep.apply", "lockstep.outcomes", "lockstep.steps")
    assert offences(tuple(one for one in ENGINE if not within(one.name, *below)), *below) == []


def test_modules_import_each_other_in_one_direction() -> None:
    """Whatever is imported first must work: a package executes its `__init__` before any of its modules."""
    assert set(_cycles()) == set()


def _cycles() -> Iterator[frozenset[str]]:
    """Groups of modules that reach each other by what they import when they are imported (not for types, not in functions)."""
    edges = {one.name: _needs(one) for one in (*ENGINE, *SHELL, *SANDBOX)}
    reach = {name: _reachable(name, edges) for name in edges}
    groups = {
        frozenset({name, *(one for one in reach[name] if name in reach[one])}) for name in edges if name in reach[name]
    }
    return iter(groups)


def _needs(module: Module) -> set[str]:
    known = {one.name for one in modules()}
    found = set()
    for imported in module.imports:
        if imported.at_import and not imported.typing:
            parts = imported.name.split(".")
            # importing a module executes the packages that it is in
            found |= {".".join(parts[: n + 1]) for n in range(len(parts))} & known
    own = {module.name, *(module.name.rsplit(".", n)[0] for n in range(1, module.name.count(".") + 1))}
    return found - own


def _reachable(name: str, edges: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    todo = set(edges[name])
    while todo:
        one = todo.pop()
        found.add(one)
        todo |= edges[one] - found
    return found


def test_the_packages_under_test_are_these() -> None:
    spec = importlib.util.find_spec("lockstep")
    assert spec is not None
    assert spec.origin == str(ROOT / "plugins" / "lockstep" / "__init__.py")

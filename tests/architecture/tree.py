"""The source tree as the tests here see it: modules, what each imports, and the text files a reader meets."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

#: folder -> how deep its packages are named: plugins/lockstep/model.py is `lockstep.model`
PATHS = (ROOT / "plugins", ROOT / "include")
CODE = ("plugins", "include", "dags", "scripts", "deploy", "tests", "benchmarks")
SKIPPED = {"__pycache__", ".venv", ".git", ".demo", "node_modules", "wheelhouse"}
TEXT = {
    ".py",
    ".md",
    ".yaml",
    ".yml",
    ".json",
    ".toml",
    ".sh",
    ".txt",
    ".in",
    ".html",
    ".css",
    ".js",
    ".mako",
    ".cfg",
    "",
}


@dataclass(frozen=True)
class Import:
    """One name that a module imports. `at_import`: as soon as the module is, not inside a function. `typing`: for types alone."""

    name: str
    line: int
    at_import: bool
    typing: bool
    level: int = 0


@dataclass(frozen=True)
class Module:
    name: str
    path: Path

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def imports(self) -> tuple[Import, ...]:
        return imports_of(self.path)

    def __str__(self) -> str:
        return self.name


@cache
def imports_of(path: Path) -> tuple[Import, ...]:
    return tuple(_imports(ast.parse(path.read_text()), at_import=True, typing=False))


def _imports(node: ast.AST, at_import: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        match child:
            case ast.Import(names=names):
                yield from (Import(one.name, child.lineno, at_import, typing) for one in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                for one in names:
                    yield Import(f"{module}.{one.name}" if module else one.name, child.lineno, at_import, typing, level)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                yield from _imports(child, False, typing)
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                yield from _imports(child, at_import, True)
            case _:
                yield from _imports(child, at_import, typing)


@cache
def modules(*packages: str) -> tuple[Module, ...]:
    """The modules of these packages, by their dotted names; without names, all that are on the path."""
    found = (Module(_dotted(path, place), path) for place in PATHS for path in sorted(place.rglob("*.py")))
    return tuple(one for one in found if not packages or any(within(one.name, package) for package in packages))


def _dotted(path: Path, place: Path) -> str:
    return ".".join(path.relative_to(place).with_suffix("").parts).removesuffix(".__init__")


def within(name: str, *packages: str) -> bool:
    """True if the dotted name is one of the packages, or in one."""
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def offences(found: tuple[Module, ...], *forbidden: str) -> list[str]:
    """Where one of the modules imports something of the forbidden packages, in words."""
    return [
        f"{one.path.relative_to(ROOT)}:{imported.line} imports {imported.name}"
        for one in found
        for imported in one.imports
        if within(imported.name, *forbidden)
    ]


@cache
def python_files() -> tuple[Path, ...]:
    return tuple(path for path in files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in CODE)


@cache
def files() -> tuple[Path, ...]:
    """Every text file that belongs to the project: what tools make (caches, the demo's state) starts with a dot or is skipped."""
    kept = {".ci", ".pre-commit-config.yaml", ".gitignore", ".dockerignore", ".airflowignore"}
    return tuple(
        path
        for path in sorted(ROOT.rglob("*"))
        if path.suffix in TEXT
        and not any(part in SKIPPED or (part[0] == "." and part not in kept) for part in path.relative_to(ROOT).parts)
        and path.is_file()
    )

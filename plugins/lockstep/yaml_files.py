"""YAML with line numbers, and mistakes that say where they are and what to do. All mistakes at once, never the first alone."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema, ErrorDetails, core_schema
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from lockstep.errors import ConfigError

Path_ = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)
#: how tags of alternatives begin: pydantic tells them as part of the place, readers do not know them
UNTOLD = "*"


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake in a file. `line` counts from 1 (0: not a file); `key` is the way to it, as in `fields[3].rule`."""

    file: str
    line: int
    key: str
    message: str
    remedy: str
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        where = (f"{self.file}:{self.line}" if self.line else self.file) + (f" {self.key}" if self.key else "")
        return f"{where}: {self.message}" + (f" What to do: {self.remedy}" if self.remedy else "")


def refuse(problems: Iterable[Problem], what: str) -> None:
    """Raises ConfigError that lists every error (warnings are left out); returns if there is none."""
    errors = sorted((one for one in problems if one.severity == "error"), key=lambda one: (one.file, one.line))
    if errors:
        listed = "\n".join(f"  - {one}" for one in errors)
        count = "1 mistake" if len(errors) == 1 else f"{len(errors)} mistakes"
        raise ConfigError(f"{count} in {what}:\n{listed}", hint="Correct the lines above; nothing was written.")


class OneOf:
    """For `Annotated[str, OneOf("a", "b")]`: to pydantic a literal, to other code plain text."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.literal_schema(list(self.names))


class Spelled:
    """For `Annotated[str, Spelled(pattern, words)]`: text of that pattern; other text is answered with the words."""

    def __init__(self, pattern: str, words: str) -> None:
        self.pattern, self.words = pattern, words

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        found = handler(schema)
        # what is read in several spellings is told by its own schema
        return {**found, "pattern": self.pattern} if found.get("type") == "string" else found

    def _checked(self, text: str) -> str:
        if not re.search(self.pattern, text):
            raise ValueError(f"{text!r} is not possible here. {self.words}")
        return text


class Document:
    """A YAML file as plain Python values, which remembers the line of each of them. `guide`: the page that explains its keys."""

    def __init__(self, path: Path, missing_ok: bool = False, guide: str = "docs/mappings.md") -> None:
        self.file, self._guide = path.name, guide
        self.problems: list[Problem] = []
        self._lines: dict[Path_, int] = {}
        self._overlaid: dict[Path_, str] = {}
        self.content = None if missing_ok and not path.exists() else self._plain(self._load(path), ())
        self._unreadable = bool(self.problems)

    def overlay(self, at: Path_, value: str, source: str) -> None:
        """Put another value in that place; mistakes in it are reported as those of `source`."""
        inner = self.content
        for part in at[:-1]:
            inner = inner.setdefault(part, {}) if isinstance(inner, dict) else None
        self._overlaid[at] = source
        if isinstance(inner, dict):
            inner[at[-1]] = value
        elif not self._unreadable:
            self.problem(at, f"{_key(at[:-1])} has no parts.", f"Remove `{at[-1]}` from the name.")

    def problem(self, at: Path_, message: str, remedy: str, severity: Literal["error", "warning"] = "error") -> Problem:
        """Note a mistake at that place of the file."""
        source = next((name for overlaid, name in self._overlaid.items() if overlaid[: len(at)] == at), None)
        if source:
            found = Problem("environment", 0, source, message, remedy, severity)
        else:
            found = Problem(self.file, self.line(at), _key(at), message, remedy, severity)
        self.problems.append(found)
        return found

    def line(self, at: Path_) -> int:
        """The line of the value, or of the nearest one around it; 1 for the file as a whole."""
        return next((self._lines[at[:end]] for end in range(len(at), -1, -1) if at[:end] in self._lines), 1)

    def validate(self, model: type[Model]) -> Model | None:
        """The content as that model; None with `problems` filled if it does not fit."""
        if self._unreadable:
            return None
        if self.content is None:
            self.problem((), "The file is empty.", f"Write the keys that {self._guide} lists, or remove the file.")
            return None
        try:
            return model.model_validate(self.content)
        except ValidationError as error:
            found = error.errors(include_url=False)
            for detail in found:
                if not _follows(detail, found):
                    self._explain(detail, model)
            return None

    def _load(self, path: Path) -> Any:
        try:
            return YAML(typ="rt").load(path.read_text(encoding="utf-8"))
        except OSError as error:
            self.problem((), f"The file cannot be read: {error.strerror}.", "Check that it exists and its permissions.")
        except UnicodeDecodeError:
            self.problem((), "The file is not UTF-8 text.", "Save it as UTF-8.")
        except DuplicateKeyError as error:
            self._syntax(error, "A key is written twice", "Remove one of the two.")
        except MarkedYAMLError as error:
            self._syntax(error, "This is not valid YAML", "Check indentation, colons and quotes near this line.")
        except YAMLError as error:
            self.problem((), f"This is not valid YAML: {error}.", "Check indentation, colons and quotes.")
        return None

    def _syntax(self, error: MarkedYAMLError, message: str, remedy: str) -> None:
        mark = error.problem_mark or error.context_mark
        reason = (error.problem or "").splitlines()
        text = f"{message}{': ' + reason[0] if reason else ''}."
        self.problems.append(Problem(self.file, mark.line + 1 if mark else 1, "", text, remedy))

    def _plain(self, node: Any, at: Path_) -> Any:
        if isinstance(node, CommentedMap):
            for key in node:
                self._lines[*at, key] = node.lc.key(key)[0] + 1
            return {key: self._plain(value, (*at, key)) for key, value in node.items()}
        if isinstance(node, CommentedSeq):
            for index in range(len(node)):
                self._lines[*at, index] = node.lc.item(index)[0] + 1
            return [self._plain(value, (*at, index)) for index, value in enumerate(node)]
        return _scalar(node)

    def _explain(self, detail: ErrorDetails, model: type[BaseModel]) -> None:
        at = tuple(part for part in detail["loc"] if part != "[key]" and not str(part).startswith(UNTOLD))
        self.problem(at, *_in_words(detail, at, model, self._guide))


def _follows(detail: ErrorDetails, found: list[ErrorDetails]) -> bool:
    """pydantic calls a list too short when its items are wrong: only the items are worth telling."""
    place = detail["loc"]
    return detail["type"] == "too_short" and any(
        other["loc"][: len(place)] == place for other in found if other is not detail
    )


def _scalar(node: Any) -> Any:
    """ruamel's own scalar classes as Python's: they are subclasses with formatting attached."""
    for kind in (bool, int, float, str):
        if isinstance(node, kind):
            return kind(node)
    return node


def _key(at: Path_) -> str:
    text = ""
    for part in at:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _in_words(detail: ErrorDetails, at: Path_, model: type[BaseModel], guide: str) -> tuple[str, str]:
    """(message, remedy) for one of pydantic's errors."""
    last = str(at[-1]) if at else ""
    match detail["type"]:
        case "missing":
            return f"The key `{last}` is missing.", f"Add `{last}:` here; {guide} says what it means."
        case "extra_forbidden":
            known = _keys_at(model, at[:-1])
            return f"There is no key `{last}`.", _did_you_mean(last, known) or f"Use one of: {', '.join(known)}."
        case "enum" | "literal_error":
            known = [part.strip("' ") for part in detail["ctx"]["expected"].replace(" or ", ", ").split(",")]
            wrong = str(detail["input"])
            return f"{wrong!r} is not possible here.", _did_you_mean(wrong, known) or f"Use one of: {', '.join(known)}."
        case "model_type" | "model_attributes_type" | "dict_type":
            return "Keys with values are expected here.", f"Write `key: value` lines; see {guide}."
        case "list_type" | "tuple_type":
            return "A list is expected here.", "Write [one, two], or lines that begin with a dash."
        case "too_short":
            return "The list is empty.", "Name at least one."
        case "string_too_short":
            return "Nothing is written here.", "Write it, or remove the key."
        case "string_type":
            return f"{detail['input']!r} is not text.", "Put the value in quotes."
        case _:
            return f"{detail['msg'].removeprefix('Value error, ')}.".replace(
                "..", "."
            ), f"Correct the value; see {guide}."


def _did_you_mean(wrong: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(wrong, list(known), n=1, cutoff=0.6)
    return f"Did you mean `{close[0]}`?" if close else ""


def _keys_at(model: type[BaseModel], at: Path_) -> list[str]:
    """The keys that the model knows at that place."""
    current: Any = model
    for part in at:
        if isinstance(part, str) and isinstance(current, type) and issubclass(current, BaseModel):
            found = current.model_fields.get(part)
            current = _model_in(found.annotation) if found else None
    return sorted(current.model_fields) if isinstance(current, type) and issubclass(current, BaseModel) else []


def _model_in(annotation: Any) -> Any:
    """The model class inside `Model`, `list[Model]`, `tuple[Model, ...]` or `Model | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (_model_in(one) for one in getattr(annotation, "__args__", ()))
    return next((one for one in inner if one is not None), None)

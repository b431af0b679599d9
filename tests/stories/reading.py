"""Story files as plain values that remember their lines. What is not understood is a mistake with file, line and remedy.

Plain words stay text: `+47 22` is no number and `2026-01-31` no date. `yes` and `no` are true and false, `blank` is no value.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")
WORDS = {"yes": True, "true": True, "no": False, "false": False, "blank": None, "~": None, "null": None, "": None}

Place = tuple[str | int, ...]


class StoryMistake(Exception):
    """Everything that is wrong with a file, a line each."""


@dataclass
class Page:
    """One file: its values, the line of each, and the mistakes found so far."""

    path: Path
    content: Any = None
    lines: dict[Place, int] = field(default_factory=dict)
    mistakes: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> "Page":
        page = cls(path)
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise StoryMistake(f"{path.name}:{line}: this is not valid YAML: {error.problem}") from None
        page.content = page._value(node, ()) if node else None
        return page

    def wrong(self, place: Place, message: str) -> None:
        line = next((self.lines[place[:end]] for end in range(len(place), -1, -1) if place[:end] in self.lines), 1)
        self.mistakes.append(f"{self.path.name}:{line}: {message}")

    def refuse(self) -> None:
        if self.mistakes:
            raise StoryMistake("\n".join(self.mistakes))

    def known(self, place: Place, given: Iterable[str], known: Iterable[str], what: str) -> None:
        """Every word of `given` must be one of `known`."""
        listed = list(known)
        for word in given:
            if word not in listed:
                close = difflib.get_close_matches(str(word), listed, n=1, cutoff=0.6)
                hint = f"did you mean {close[0]!r}?" if close else f"there are: {', '.join(listed)}"
                self.wrong((*place, word), f"there is no {what} {word!r}; {hint}")

    def _value(self, node: yaml.Node, at: Place) -> Any:
        self.lines[at] = node.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            found: dict[str, Any] = {}
            for key, value in node.value:
                name, line = str(key.value), key.start_mark.line + 1
                self.lines[*at, name] = line
                if name in found:
                    self.wrong((*at, name), f"{name!r} is written twice")
                found[name] = self._value(value, (*at, name))
                self.lines[*at, name] = line
            return found
        if isinstance(node, yaml.SequenceNode):
            return [self._value(one, (*at, number)) for number, one in enumerate(node.value)]
        return _scalar(node)


def _scalar(node: Any) -> Any:
    text = str(node.value)
    if node.style in ("'", '"', "|", ">"):
        return text
    if text in WORDS:
        return WORDS[text]
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text

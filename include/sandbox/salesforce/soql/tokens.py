"""Splits SOQL into tokens."""

import re
from dataclasses import dataclass

from sandbox.salesforce.errors import Rejected, rejected

TOKEN = re.compile(
    r"""\s*(?:
    (?P<string>'(?:[^'\\]|\\.)*')
  | (?P<datetime>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))
  | (?P<date>\d{4}-\d\d-\d\d)
  | (?P<number>[+-]?(?:\d+\.\d*|\.\d+|\d+)(?:[eE][+-]?\d+)?)
  | (?P<name>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)
  | (?P<mark><=|>=|!=|<>|[=<>(),:])
  | (?P<end>$)
    )""",
    re.VERBOSE | re.DOTALL,
)
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\", "_": "_", "%": "%"}


@dataclass(frozen=True)
class Token:
    """One token; ``at`` is its offset in the query."""

    kind: str
    text: str
    at: int

    @property
    def upper(self) -> str:
        return self.text.upper()


def tokenize(text: str) -> list[Token]:
    """Return the tokens of a query, the last of kind ``end``; Rejected with MALFORMED_QUERY on a stray character."""
    tokens, at = [], 0
    while True:
        match = TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            start = at + len(text[at:]) - len(text[at:].lstrip())
            raise malformed(text, start, f"unexpected token: '{text[start : start + 1]}'")
        tokens.append(Token(match.lastgroup, match[match.lastgroup], match.start(match.lastgroup)))
        at = match.end()
        if match.lastgroup == "end":
            return tokens


def malformed(text: str, at: int, message: str) -> Rejected:
    """Return the refusal of a query, with the place."""
    return rejected("MALFORMED_QUERY", place(text, at) + message)


def place(text: str, at: int) -> str:
    """Return the part of an error text that points at a place: the query, a caret, row and column."""
    row = text.count("\n", 0, at) + 1
    column = at - (text.rfind("\n", 0, at) + 1) + 1
    shown = " ".join(text[max(0, at - 40) : at + 20].split())
    caret = " " * min(at, 40) + "^"
    return f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column}\n"


def unescape(text: str) -> str:
    """Return the value of a string token; ValueError on an escape that SOQL does not have."""
    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", lambda match: _escape(match[1]), text[1:-1], flags=re.DOTALL)


def _escape(code: str) -> str:
    if len(code) == 5:
        return chr(int(code[1:], 16))
    if code.lower() not in ESCAPES and code not in ESCAPES:
        raise ValueError(f"Invalid string literal '\\{code}'. Illegal character sequence '\\{code}' in string literal.")
    return ESCAPES.get(code) or ESCAPES[code.lower()]


def like_pattern(text: str) -> re.Pattern[str]:
    """Return the pattern of a LIKE string token: % is any text, _ one character, backslash keeps either literal."""
    out = ""
    for part in re.findall(r"\\u[0-9a-fA-F]{4}|\\.|.", text[1:-1], flags=re.DOTALL):
        if part == "%":
            out += ".*"
        elif part == "_":
            out += "."
        else:
            out += re.escape(_escape(part[1:]) if part.startswith("\\") else part)
    return re.compile(out, re.IGNORECASE | re.DOTALL)

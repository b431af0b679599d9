"""Parses the Google Ads Query Language: SELECT, FROM, WHERE, ORDER BY, LIMIT, PARAMETERS. Its grammar is Google's, whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sandbox.google_ads.errors import Refusal, error

TOKEN = re.compile(
    r"""\s*(?:(?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?P<number>-?\d+(?:\.\d+)?(?![\w.]))"""
    r"""|(?P<name>[A-Za-z_][\w.]*)|(?P<symbol><=|>=|!=|[=<>(),]))"""
)
COMPARISONS = {"=", "!=", "<", "<=", ">", ">="}
LIST_OPERATORS = {"IN", "NOT IN", "CONTAINS ANY", "CONTAINS ALL", "CONTAINS NONE"}
KEYWORDS = {"SELECT", "FROM", "WHERE", "ORDER", "LIMIT", "PARAMETERS", "AND", "BY"}
PARAMETERS = {"include_drafts", "omit_unselected_resource_names"}


@dataclass(frozen=True)
class Literal:
    """A value in a query: its text, and whether it was quoted."""

    text: str
    quoted: bool


@dataclass(frozen=True)
class Condition:
    field: str
    operator: str
    values: tuple[Literal, ...] = ()


@dataclass(frozen=True)
class Query:
    fields: tuple[str, ...]
    resource: str
    conditions: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    limit: int | None = None
    parameters: tuple[tuple[str, str], ...] = ()


def refuse(name: str, text: str) -> Refusal:
    """An error of a query."""
    return Refusal(error("query_error", name, text=f"Error in query: {text}"))


def parse(text: str) -> Query:
    """Return the query; Refusal with a QueryError if it is malformed."""
    return _Parser(_tokens(text)).query()


def _tokens(text: str) -> list[tuple[str, str]]:
    out, at, text = [], 0, text.strip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if found is None:
            rest = text[at:].strip()
            if rest[:1] in {"'", '"'}:
                raise refuse("STRING_NOT_TERMINATED", f"string is not terminated: {rest[:20]}")
            raise refuse("BAD_SYMBOL", f"unexpected symbol {rest[:1]}.")
        out.append((str(found.lastgroup), found[str(found.lastgroup)]))
        at = found.end()
    return out


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    # --- tokens ------------------------------------------------------------------------------------------------------
    def _peek(self, ahead: int = 0) -> tuple[str, str]:
        at = self.at + ahead
        return self.tokens[at] if at < len(self.tokens) else ("end", "")

    def _take(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise refuse("UNEXPECTED_END_OF_QUERY", "unexpected end of query.")
        self.at += 1
        return token

    def _word(self, *words: str) -> bool:
        """Take these keywords if they come next, in any letter case."""
        for ahead, word in enumerate(words):
            kind, value = self._peek(ahead)
            if kind != "name" or value.upper() != word:
                return False
        self.at += len(words)
        return True

    def _symbol(self, symbol: str) -> bool:
        if self._peek() != ("symbol", symbol):
            return False
        self.at += 1
        return True

    def _expect(self, good: bool, name: str, what: str) -> None:
        if not good:
            found = self._peek()[1]
            raise refuse(name if found else "UNEXPECTED_END_OF_QUERY", f"expected {what}, found {found or 'the end'}.")

    # --- clauses -----------------------------------------------------------------------------------------------------
    def query(self) -> Query:
        self._expect(self._word("SELECT"), "EXPECTED_SELECT", "SELECT")
        fields = tuple(self._names())
        self._expect(self._word("FROM"), "EXPECTED_FROM", "FROM")
        resource = self._name()
        conditions = tuple(self._conditions()) if self._word("WHERE") else ()
        order = tuple(self._order()) if self._word("ORDER") else ()
        limit = self._limit() if self._word("LIMIT") else None
        parameters = tuple(self._parameters()) if self._word("PARAMETERS") else ()
        if self._peek()[0] != "end":
            raise refuse("UNEXPECTED_INPUT", f"unexpected input {self._peek()[1]}.")
        return Query(fields, resource, conditions, order, limit, parameters)

    def _name(self) -> str:
        kind, value = self._take()
        if kind != "name" or value.upper() in KEYWORDS:
            raise refuse("BAD_FIELD_NAME", f"invalid field name {value}.")
        return value

    def _names(self) -> list[str]:
        names = [self._name()]
        while self._symbol(","):
            names.append(self._name())
        return names

    def _conditions(self) -> list[Condition]:
        conditions = [self._condition()]
        while self._word("AND"):
            conditions.append(self._condition())
        return conditions

    def _condition(self) -> Condition:
        field = self._name()
        operator = self._operator()
        if operator in LIST_OPERATORS:
            return Condition(field, operator, tuple(self._list()))
        if operator in {"IS NULL", "IS NOT NULL"}:
            return Condition(field, operator)
        if operator == "BETWEEN":
            low = self._literal()
            self._expect(self._word("AND"), "EXPECTED_AND", "AND")
            return Condition(field, operator, (low, self._literal()))
        if self._peek() == ("symbol", "("):
            raise refuse("EXPECTED_SINGLE_VALUE", "expected a single value.")
        return Condition(field, operator, (self._literal(),))

    def _operator(self) -> str:
        if self._peek()[0] == "symbol" and self._peek()[1] in COMPARISONS:
            return self._take()[1]
        for words in (
            ("IS", "NOT", "NULL"), ("IS", "NULL"), ("NOT", "IN"), ("IN",), ("NOT", "LIKE"), ("LIKE",), ("BETWEEN",),
            ("DURING",), ("CONTAINS", "ANY"), ("CONTAINS", "ALL"), ("CONTAINS", "NONE"), ("NOT", "REGEXP_MATCH"),
            ("REGEXP_MATCH",),
        ):  # fmt: skip
            if self._word(*words):
                return " ".join(words)
        raise refuse("BAD_OPERATOR", f"invalid operator {self._take()[1]}.")

    def _literal(self) -> Literal:
        kind, value = self._take()
        if kind == "symbol":
            raise refuse("BAD_VALUE", f"invalid value {value}.")
        if kind == "text":
            return Literal(re.sub(r"\\(.)", r"\1", value[1:-1]), True)
        return Literal(value, False)

    def _list(self) -> list[Literal]:
        if not self._symbol("("):
            raise refuse("EXPECTED_LIST", "expected a list.")
        if self._symbol(")"):
            raise refuse("PROHIBITED_EMPTY_LIST_IN_CONDITION", "the list is empty.")
        values = [self._literal()]
        while self._symbol(","):
            values.append(self._literal())
        self._expect(self._symbol(")"), "UNEXPECTED_INPUT", ")")
        return values

    def _order(self) -> list[tuple[str, bool]]:
        self._expect(self._word("BY"), "EXPECTED_BY", "BY")
        order = [self._ordering()]
        while self._symbol(","):
            order.append(self._ordering())
        return order

    def _ordering(self) -> tuple[str, bool]:
        field = self._name()
        descending = self._word("DESC")
        if not descending:
            self._word("ASC")
        return field, descending

    def _limit(self) -> int:
        kind, value = self._take()
        if kind != "number" or not value.isdigit():
            raise refuse("BAD_LIMIT_VALUE", f"invalid limit {value}.")
        if int(value) < 1:
            raise refuse("LIMIT_VALUE_TOO_LOW", "the limit is too low.")
        return int(value)

    def _parameters(self) -> list[tuple[str, str]]:
        out = [self._parameter()]
        while self._symbol(","):
            out.append(self._parameter())
        return out

    def _parameter(self) -> tuple[str, str]:
        name = self._name()
        if name not in PARAMETERS:
            raise refuse("BAD_PARAMETER_NAME", f"invalid parameter {name}.")
        self._expect(self._symbol("="), "UNEXPECTED_INPUT", "=")
        value = self._take()[1].lower()
        if value not in {"true", "false"}:
            raise refuse("BAD_PARAMETER_VALUE", f"invalid value of {name}: {value}.")
        return name, value

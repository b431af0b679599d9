"""Recursive-descent parser from SOQL text to a tree."""

from typing import Any

from sandbox.salesforce.errors import Rejected
from sandbox.salesforce.soql.tokens import Token, malformed, tokenize
from sandbox.salesforce.soql.tree import Both, Column, Compare, Condition, Literal, Not, Order, Query, Within

AGGREGATES = frozenset({"COUNT", "COUNT_DISTINCT", "SUM", "AVG", "MIN", "MAX"})
CLAUSES = frozenset(
    {"FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "OFFSET", "USING", "WITH", "FOR", "ALL", "UPDATE"}
)
COMPARISONS = frozenset({"=", "!=", "<>", "<", ">", "<=", ">="})
DEPTH_MAX = 100


def parse(text: str) -> Query:
    """Return the tree of a query; Rejected with MALFORMED_QUERY on anything outside the subset."""
    parser = Parser(text)
    query = parser.query(0)
    parser.expect_end()
    return query


def parse_condition(text: str) -> Condition:
    """Return the tree of a condition alone (for the organisation's rules)."""
    parser = Parser(text)
    condition = parser.condition()
    parser.expect_end()
    return condition


class Parser:
    """One pass over the tokens of a text."""

    def __init__(self, text: str) -> None:
        self.text, self.tokens, self.place, self.depth = text, tokenize(text), 0, 0

    # --- tokens ----------------------------------------------------------------------------------------------------
    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    def take(self) -> Token:
        token = self.token
        self.place += 1
        return token

    def fail(self, message: str | None = None) -> Rejected:
        shown = f"'{self.token.text}'" if self.token.kind != "end" else "'<EOF>'"
        return malformed(self.text, self.token.at, message or f"unexpected token: {shown}")

    def at(self, *words: str) -> bool:
        return self.token.kind in {"name", "mark"} and self.token.upper in words

    def accept(self, word: str) -> bool:
        if self.at(word):
            self.place += 1
            return True
        return False

    def expect(self, word: str) -> Token:
        if not self.at(word):
            raise self.fail()
        return self.take()

    def expect_end(self) -> None:
        if self.token.kind != "end":
            raise self.fail()

    def name(self) -> Token:
        if self.token.kind != "name" or self.token.upper in {"SELECT", "FROM", "WHERE"}:
            raise self.fail()
        return self.take()

    # --- query -----------------------------------------------------------------------------------------------------
    def query(self, level: int) -> Query:
        self.expect("SELECT")
        parts: dict[str, Any] = {"columns": [], "children": [], "order_of_select": []}
        self.select(parts, level)
        self.expect("FROM")
        source = self.name()
        parts |= {"source": source.text, "source_at": source.at, "text": self.text}
        if self.token.kind == "name" and self.token.upper not in CLAUSES:
            parts["alias"] = self.take().text
        self.clauses(parts)
        frozen: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in parts.items()}
        return Query(**frozen)

    def select(self, parts: dict[str, Any], level: int) -> None:
        while True:
            if self.at("(") and level == 0:
                self.take()
                parts["children"].append(self.query(level + 1))
                self.expect(")")
                parts["order_of_select"].append("child")
            elif self.at("FIELDS"):
                parts["fields_all"] = self.fields_all()
            elif self.at("COUNT") and self.tokens[self.place + 2].text == ")":
                self.place += 3
                parts["count"] = True
            else:
                parts["columns"].append(self.column(alias=True))
                parts["order_of_select"].append("column")
            if not self.accept(","):
                break
        if parts.get("count") and (parts["columns"] or parts["children"]):
            raise self.fail()

    def fields_all(self) -> str:
        self.take()
        self.expect("(")
        which = self.name().upper
        if which not in {"ALL", "STANDARD", "CUSTOM"}:
            raise self.fail()
        self.expect(")")
        return which

    def column(self, alias: bool = False) -> Column:
        token = self.name()
        if self.at("("):
            if token.upper not in AGGREGATES:
                raise malformed(self.text, token.at, f"unexpected token: '{token.text}'")
            self.take()
            inner = self.name()
            self.expect(")")
            name = self.take().text if alias and self._alias_follows() else None
            return Column(tuple(inner.text.split(".")), inner.at, token.upper, name)
        name = self.take().text if alias and self._alias_follows() else None
        return Column(tuple(token.text.split(".")), token.at, None, name)

    def _alias_follows(self) -> bool:
        return self.token.kind == "name" and self.token.upper != "FROM" and "." not in self.token.text

    def clauses(self, parts: dict[str, Any]) -> None:
        if self.accept("WHERE"):
            parts["where"] = self.condition()
        if self.accept("GROUP"):
            self.expect("BY")
            parts["group"] = self.columns()
        if self.accept("HAVING"):
            parts["having"] = self.condition()
        if self.accept("ORDER"):
            self.expect("BY")
            parts["order"] = self.orders()
        if self.accept("LIMIT"):
            parts["limit"] = self.count()
        if self.accept("OFFSET"):
            parts["offset"] = self.count()

    def columns(self) -> list[Column]:
        found = [self.column()]
        while self.accept(","):
            found.append(self.column())
        return found

    def orders(self) -> list[Order]:
        found = [self.order()]
        while self.accept(","):
            found.append(self.order())
        return found

    def order(self) -> Order:
        column = self.column()
        descending = self.accept("DESC")
        if not descending:
            self.accept("ASC")
        last: bool | None = None
        if self.accept("NULLS"):
            last = self.accept("LAST")
            if not last:
                self.expect("FIRST")
        return Order(column, descending, last)

    def count(self) -> int:
        if self.token.kind != "number" or not self.token.text.isdigit():
            raise self.fail()
        return int(self.take().text)

    # --- conditions ------------------------------------------------------------------------------------------------
    def condition(self) -> Condition:
        """AND and OR do not mix without parentheses: SOQL refuses that."""
        self.deepen()
        parts = [self.factor()]
        operator = self.token.upper if self.at("AND", "OR") else None
        while operator and self.accept(operator):
            parts.append(self.factor())
        if self.at("AND", "OR"):
            raise self.fail()
        self.depth -= 1
        return Both(operator, tuple(parts)) if operator else parts[0]

    def deepen(self) -> None:
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise self.fail("condition is nested too deeply")

    def factor(self) -> Condition:
        if self.accept("NOT"):
            self.deepen()
            negated = Not(self.factor())
            self.depth -= 1
            return negated
        if self.accept("("):
            inner = self.condition()
            self.expect(")")
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        column = self.column()
        if self.token.kind == "mark" and self.token.text in COMPARISONS:
            operator = self.take().text
            return Compare(column, "!=" if operator == "<>" else operator, self.literal())
        if self.accept("LIKE"):
            if self.token.kind != "string":
                raise self.fail()
            return Compare(column, "LIKE", self.literal())
        return self.within(column)

    def within(self, column: Column) -> Within:
        if self.accept("NOT"):
            self.expect("IN")
            operator = "NOT IN"
        elif self.at("IN", "INCLUDES", "EXCLUDES"):
            operator = self.take().upper
        else:
            raise self.fail()
        self.expect("(")
        if self.at("SELECT") and operator in {"IN", "NOT IN"}:
            query = self.query(1)
            self.expect(")")
            return Within(column, operator, query=query)
        values = [self.literal()]
        while self.accept(","):
            values.append(self.literal())
        self.expect(")")
        return Within(column, operator, tuple(values))

    def literal(self) -> Literal:
        token = self.token
        if token.kind in {"string", "number", "date", "datetime"}:
            return Literal(self.take().kind, token.text)
        if token.kind != "name":
            raise self.fail()
        self.take()
        if token.upper in {"TRUE", "FALSE"}:
            return Literal("boolean", token.upper)
        if token.upper == "NULL":
            return Literal("null", "NULL")
        if self.accept(":"):
            return Literal("range", token.upper, self.count())
        return Literal("range", token.upper)

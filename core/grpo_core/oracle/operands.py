"""The grammar's operands: numerals, names, functions, brackets, macros, matrices, and big operators.

What stands inside brackets is the rest of the grammar's, which grammar.py adds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

from grpo_core.oracle.limits import Unreadable
from grpo_core.oracle.nodes import EULER, IMAGINARY, INFINITY, PI, Node, Num, Op, Sym, integer
from grpo_core.oracle.numerals import read_numeral
from grpo_core.oracle.stream import END, TokenStream
from grpo_core.oracle.tokens import Token

PRODUCT = 3
"""How tightly a product binds; grammar.py lists the others."""
_CLOSERS = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}
_BIG = {"\\sum": "sum", "\\prod": "product", "\\int": "integral", "\\lim": "limit"}
_LETTERS = {"e": EULER, "i": IMAGINARY}
_NAMES_OF_FUNCTIONS = frozenset("fghFGH")
_HEADS = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "lg": "log10", "log": "ln", "sgn": "sign"}
_STARTS_KINDS = frozenset({"num", "name", "func", "diff", "begin"})
_STARTS = frozenset(
    {"(", "[", "{", "\\{", "\\frac", "\\binom", "\\sqrt", "\\pi", "\\infty", "\\lfloor", "\\lceil"}
) | set(_BIG)


class OperandParser(TokenStream, ABC):
    """Reads one operand; expressions, lists and signs come from the subclass."""

    @abstractmethod
    def expression(self, floor: int = 0) -> Node: ...

    @abstractmethod
    def items(self) -> list[Node]: ...

    @abstractmethod
    def implicit(self, left: Node) -> Node: ...

    @abstractmethod
    def signed(self) -> Node: ...

    @abstractmethod
    def exponent(self) -> Node: ...

    def starts_factor(self) -> bool:
        """Can the next token begin a factor, so that it is multiplied by what stands before it?"""
        return self.token.kind in _STARTS_KINDS or (self.token.kind == "op" and self.token.text in _STARTS)

    def primary(self) -> Node:
        self.deepen()
        node = self.operand()
        self.depth -= 1
        return node

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "num":
            return self.subscripted_number(read_numeral(token.text))
        if token.kind == "name":
            return self.name(token.text)
        if token.kind == "func":
            return self.function(token.text)
        if token.kind == "diff":
            return Op("diff", (self.expression(PRODUCT), Sym(token.text)))
        if token.kind == "begin":
            return self.matrix(token.text)
        if token.kind == "op":
            return self.operator_primary(token.text)
        raise Unreadable(f"Expected a value before {token.text!r}.")

    def operator_primary(self, text: str) -> Node:
        if text in _CLOSERS:
            return self.bracketed(text)
        if text == "\\frac":
            numerator = self.argument()
            return Op("mul", (numerator, Op("inv", (self.argument(),))))
        if text == "\\binom":
            upper = self.argument()
            return Op("binomial", (upper, self.argument()))
        if text == "\\sqrt":
            return self.root()
        if text in {"\\pi", "\\infty"}:
            return PI if text == "\\pi" else INFINITY
        if text in _BIG:
            return self.big_operator(_BIG[text])
        if text in {"|", "\\lfloor", "\\lceil"}:
            return self.fenced(text)
        raise Unreadable(f"Expected a value before {text!r}.")

    def fenced(self, opener: str) -> Node:
        inner = self.expression()
        self.expect({"|": "|", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}[opener])
        return Op({"|": "abs", "\\lfloor": "floor", "\\lceil": "ceiling"}[opener], (inner,))

    def big_operator(self, head: str) -> Node:
        """A sum, product, integral or limit, kept as written: bounds, then the body."""
        bounds: list[Node] = []
        while self.at("_", "^"):
            self.take()
            bounds.append(self.argument())
        return Op(head, (*bounds, self.expression(PRODUCT)))

    def argument(self) -> Node:
        """A macro's argument: a braced group, else one token, of a numeral its first digit (`\\frac34`)."""
        if self.at("{"):
            return self.primary()
        if self.token.kind == "num" and len(self.token.text) > 1:
            digits = self.token.text
            self.tokens[self.position] = Token("num", digits[1:])
            return read_numeral(digits[0])
        return self.primary()

    def root(self) -> Node:
        index: Node | None = None
        if self.at("["):
            self.take()
            index = self.expression()
            self.expect("]")
        radicand = self.bracket_operand() if self.at("(") else self.argument()
        if index is None or index == integer(2):
            return Op("sqrt", (radicand,))
        return Op("root", (radicand, index))

    def bracket_operand(self) -> Node:
        return self.bracketed(self.take().text)

    def bracketed(self, opener: str) -> Node:
        """A group, tuple, interval or set; `{…}` only groups, unless it holds a list."""
        items = self.items()
        if not self.at(")", "]", "\\}", "}"):
            raise Unreadable(f"The bracket {opener!r} is not closed.")
        closer = self.take().text
        if opener in {"(", "["} and closer in {")", "]"}:
            return _in_brackets(opener, closer, items)
        if closer != _CLOSERS[opener]:
            raise Unreadable(f"The bracket {opener!r} is closed by {closer!r}.")
        if opener == "\\{":
            return Op("set", tuple(items))
        return items[0] if len(items) == 1 else Op("list", tuple(items))

    def subscripted_number(self, number: Num) -> Node:
        if not self.at("_"):
            return number
        self.take()
        return Op("base", (number, self.argument()))

    def name(self, letter: str) -> Node:
        name = letter + self.subscript()
        if name in _LETTERS:
            return _LETTERS[name]
        symbol = Sym(name)
        if letter[0] in _NAMES_OF_FUNCTIONS and self.at("(") and not self.token.spaced:
            inner = self.bracket_operand()
            arguments = inner.args if isinstance(inner, Op) and inner.head == "tuple" else (inner,)
            return Op("call", (symbol, *arguments))
        return symbol

    def subscript(self) -> str:
        if not self.at("_"):
            return ""
        self.take()
        if not self.at("{"):
            return "_" + self.take().text
        self.take()
        parts: list[str] = []
        while not self.at("}"):
            if self.token is END:
                raise Unreadable("A subscript is not closed.")
            parts.append(self.take().text)
        self.take()
        return "_" + "".join(parts)

    def function(self, name: str) -> Node:
        power = None
        if name == "sqrt":
            return self.root()
        head = _HEADS.get(name, name)
        if name == "log" and self.at("_"):
            self.take()
            base = self.argument()
            return Op("mul", (Op("ln", (self.operand_of_function(),)), Op("inv", (Op("ln", (base,)),))))
        if self.at("^"):
            self.take()
            power = self.exponent()
        operand = self.operand_of_function()
        several = head in {"min", "max", "gcd", "lcm"} and isinstance(operand, Op) and operand.head == "tuple"
        applied: Node = Op(head, operand.args if several and isinstance(operand, Op) else (operand,))
        return applied if power is None else Op("pow", (applied, power))

    def operand_of_function(self) -> Node:
        """A bracket, or the factors that follow up to an operator or another function (`sin 2x cos y`)."""
        if self.at("("):
            return self.bracket_operand()
        operand = self.signed()
        while self.starts_factor() and self.token.kind != "func" and not self.at("("):
            operand = self.implicit(operand)
        return operand

    def matrix(self, environment: str) -> Node:
        if not environment.endswith("matrix") and environment != "array":
            raise Unreadable(f"The environment {environment} is not known.")
        rows: list[list[Node]] = [[self.expression()]]
        while self.at("&", "\\\\"):
            if self.take().text == "&":
                rows[-1].append(self.expression())
            elif self.token.kind != "end":
                rows.append([self.expression()])
        if self.take().kind != "end":
            raise Unreadable("The matrix is not closed.")
        return Op("matrix", tuple(Op("row", tuple(row)) for row in rows))


def _in_brackets(opener: str, closer: str, items: list[Node]) -> Node:
    if len(items) == 1 and opener + closer in {"()", "[]"}:
        return items[0]
    if len(items) == 2 and opener + closer != "()":
        return Op(f"interval{opener}{closer}", tuple(items))
    if opener + closer in {"()", "[]"}:
        return Op("tuple", tuple(items))
    raise Unreadable("Brackets that do not match.")

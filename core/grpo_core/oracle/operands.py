"""The grammar's operands: numerals, names, functions, brackets, macros, matrices, and big operators.

What stands inside brackets is the rest of the grammar's, which grammar.py adds.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable

from grpo_core.oracle.bases import based
from grpo_core.oracle.big_operators import big_operator
from grpo_core.oracle.limits import Unreadable
from grpo_core.oracle.nodes import EMPTY, EULER, IMAGINARY, INFINITY, PI, REALS, Node, Num, Op, Sym, integer
from grpo_core.oracle.numerals import read_numeral
from grpo_core.oracle.stream import END, TokenStream
from grpo_core.oracle.tokens import Token

PRODUCT = 3
"""How tightly a product binds; grammar.py lists the others."""
_CLOSERS = {"(": ")", "[": "]", "\\{": "\\}", "{": "}"}
_BIG = {"\\sum": "sum", "\\prod": "product", "\\int": "integral", "\\lim": "limit"}
_CONSTANTS: dict[str, Node] = {"\\pi": PI, "\\infty": INFINITY, "\\emptyset": EMPTY, "\\reals": REALS}
_CONSTANTS |= {f"\\set{letter}": Op("numbers", (Sym(letter),)) for letter in "ZNQC"}
_LETTERS = {"e": EULER, "i": IMAGINARY}
_INVERSE = ["^", "{", "-", "1", "}", "("]
_CONDITIONS = frozenset({"lt", "le", "ne", "chain"})
_MINUS_ONE = (Op("neg", (integer(1),)), integer(-1))
_INVERSES = frozenset({"asin", "acos", "atan"})
_NAMES_OF_FUNCTIONS = frozenset("fghFGH")
_HEADS = {"arcsin": "asin", "arccos": "acos", "arctan": "atan", "lg": "log10", "sgn": "sign"}
_STARTS_KINDS = frozenset({"num", "name", "func", "diff", "begin", "unknown"})
_STARTS = frozenset({"(", "[", "{", "\\{", "\\frac", "\\binom", "\\sqrt", "\\lfloor", "\\lceil", *_BIG, *_CONSTANTS})


class OperandParser(TokenStream, ABC):
    """Reads one operand; expressions, lists and signs come from the subclass."""

    @abstractmethod
    def expression(self, floor: int = 0) -> Node: ...

    @abstractmethod
    def relation(self) -> Node: ...

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
        if self.at("|"):
            return self.bars == 0  # inside `|…|` the next bar closes
        return self.token.kind in _STARTS_KINDS or (self.token.kind == "op" and self.token.text in _STARTS)

    def primary(self) -> Node:
        self.deepen()
        node = self.operand()
        self.depth -= 1
        return node

    def operand(self) -> Node:
        token = self.take()
        if token.kind == "num":
            return self.subscripted_number(token.text)
        if token.kind == "name":
            return self.name(token.text)
        if token.kind == "func":
            return self.function(token.text)
        if token.kind == "unknown":
            return Sym(token.text)
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
        if text in _CONSTANTS:
            return _CONSTANTS[text]
        if text in _BIG:
            return self.big_operator(_BIG[text])
        if text in {"|", "\\lfloor", "\\lceil"}:
            return self.fenced(text)
        raise Unreadable(f"Expected a value before {text!r}.")

    def named_number(self) -> Node | None:
        """`C(10,3)` as a binomial coefficient."""
        if not (self.token.text == "(" and not self.token.spaced):
            return None
        start, depth = self.position, self.depth
        inner = self.bracket_operand()
        if isinstance(inner, Op) and inner.head == "tuple" and len(inner.args) == 2:
            return Op("binomial", inner.args)
        self.position, self.depth = start, depth
        return None

    def fenced(self, opener: str) -> Node:
        self.bars += opener == "|"
        inner = self.expression()
        self.bars -= opener == "|"
        self.expect({"|": "|", "\\lfloor": "\\rfloor", "\\lceil": "\\rceil"}[opener])
        return Op({"|": "abs", "\\lfloor": "floor", "\\lceil": "ceiling"}[opener], (inner,))

    def big_operator(self, head: str) -> Node:
        """A sum, product, integral or limit: bounds, then the body, whose variable `big_operators` finds."""
        bounds: dict[str, Node] = {}
        while self.at("_", "^"):
            sign = self.take().text
            bounds[sign] = self.argument()
        self.integrals += head == "integral"
        body = self.expression(2 if head == "integral" else PRODUCT)
        self.integrals -= head == "integral"
        return big_operator(head, bounds.get("_"), bounds.get("^"), body)

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
        if self.at("\\}") and opener == "\\{":
            self.take()
            return EMPTY
        built = opener == "\\{" and self.skip_builder()
        items = self.items()
        if not self.at(")", "]", "\\}", "}"):
            raise Unreadable(f"The bracket {opener!r} is not closed.")
        closer = self.take().text
        if opener in {"(", "["} and closer in {")", "]"}:
            return _in_brackets(opener, closer, items)
        if closer != _CLOSERS[opener]:
            raise Unreadable(f"The bracket {opener!r} is closed by {closer!r}.")
        if opener == "\\{":
            heads = {item.head if isinstance(item, Op) else "" for item in items}
            if not heads <= (_CONDITIONS | {"in"} if built else _CONDITIONS) or not (built or len(items) == 1):
                return Op("set", tuple(items))
        return items[0] if len(items) == 1 else Op("list", tuple(items))

    def skip_builder(self) -> bool:
        """Over the `x :` or `x ∈ ℝ |` of a set that is written by a condition; is there one?"""
        at = self.position
        names = [token.text for token in self.tokens[at : at + 4]]
        for bar in (1, 3):
            if len(names) > bar and names[bar] in {":", "|", "\\mid"} and self.tokens[at].kind == "name":
                built = bar == 1 or names[1:3] == ["\\in", "\\reals"]
                self.position += bar + 1 if built else 0
                return built
        return False

    def subscripted_number(self, numeral: str) -> Node:
        if not self.at("_"):
            return read_numeral(numeral)
        self.take()
        base = self.argument()
        if not isinstance(base, Num) or base.value not in range(2, 37):
            return Op("subscripted", (read_numeral(numeral), base))
        return based(numeral, int(base.value))

    def name(self, letter: str) -> Node:
        name = letter + self.subscript()
        if name in _LETTERS:
            return _LETTERS[name]
        if name == "C" and (combinations := self.named_number()) is not None:
            return combinations
        if letter[0] in _NAMES_OF_FUNCTIONS and [t.text for t in self.tokens[self.position :][:6]] == _INVERSE:
            self.position += 5
            name += "^{-1}"
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
            if base == integer(10):
                return Op("log10", (self.operand_of_function(),))
            return Op("mul", (Op("ln", (self.operand_of_function(),)), Op("inv", (Op("ln", (base,)),))))
        if self.at("^"):
            self.take()
            power = self.exponent()
        if power in _MINUS_ONE and f"a{name}" in _INVERSES:
            head, power = f"a{name}", None
        operand = self.operand_of_function()
        several = head in {"min", "max", "gcd", "lcm"} and isinstance(operand, Op) and operand.head == "tuple"
        applied: Node = Op(head, operand.args if several and isinstance(operand, Op) else (operand,))
        if name == "cis":
            applied = Op("add", (Op("cos", (operand,)), Op("mul", (IMAGINARY, Op("sin", (operand,))))))
        return applied if power is None else Op("pow", (applied, power))

    def operand_of_function(self) -> Node:
        """A bracket, or the factors that follow up to an operator or another function (`sin 2x cos y`)."""
        if self.at("("):
            return self.bracket_operand()
        operand = self.signed()
        while self.starts_factor() and self.token.kind != "func" and not self.at("(") and not self.at_differential():
            operand = self.implicit(operand)
        return operand

    def at_differential(self) -> bool:
        """The `dx` of an integral ends what its function is applied to."""
        return self.integrals > 0 and self.token.text == "d" and self.next_token.kind == "name"

    def matrix(self, environment: str) -> Node:
        if environment in {"cases", "aligned"}:
            return _cases(self.rows(self.case_part))
        if not environment.endswith("matrix") and environment != "array":
            raise Unreadable(f"The environment {environment} is not known.")
        rows = self.rows(lambda: [self.expression()])
        matrix = Op("matrix", tuple(Op("row", tuple(row)) for row in rows))
        return Op("det", (matrix,)) if environment == "vmatrix" else matrix

    def case_part(self) -> list[Node]:
        """A value or a condition; `otherwise` is one."""
        if self.token.kind == "word" and self.token.text in {"otherwise", "else"}:
            self.take()
            return [Sym("otherwise")]
        part = self.relation()
        while self.at(",", ";", "."):
            self.take()
        return [part]

    def rows(self, cell: Callable[[], list[Node]]) -> list[list[Node]]:
        """The cells of each row of an environment, up to its end."""
        rows: list[list[Node]] = [cell()]
        while self.at("&", "\\\\"):
            if self.take().text == "&":
                rows[-1] += cell()
            elif self.token.kind != "end":
                rows.append(cell())
        if self.take().kind != "end":
            raise Unreadable("The environment is not closed.")
        return rows


def _cases(rows: list[list[Node]]) -> Node:
    """A system of relations as their list, else values with their conditions."""
    if all(len(row) == 1 for row in rows):
        return Op("list", tuple(row[0] for row in rows)) if len(rows) > 1 else rows[0][0]
    if any(len(row) != 2 for row in rows):
        raise Unreadable("A case needs a value and a condition.")
    return Op("cases", tuple(Op("case", tuple(row)) for row in rows))


def _in_brackets(opener: str, closer: str, items: list[Node]) -> Node:
    if len(items) == 1 and opener + closer in {"()", "[]"}:
        return items[0]
    if len(items) == 2 and opener + closer != "()":
        return Op(f"interval{opener}{closer}", tuple(items))
    if opener + closer in {"()", "[]"}:
        return Op("tuple", tuple(items))
    raise Unreadable("Brackets that do not match.")

"""The grammar: tokens to a tree, by precedence climbing. LaTeX and plain text share it. Nothing is ever evaluated.

An answer is a comma list of relations of expressions. Units and prose are gone (units.py); a text of words only is
a `text` node, so that "Monday" can be compared. Depth is bounded, so recursion is too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from grpo_core.oracle.bases import read_based
from grpo_core.oracle.clock import read_time
from grpo_core.oracle.layout import without_layout
from grpo_core.oracle.limits import CACHED_PARSES, CACHED_TEXT, MAX_ANSWER, MAX_DEPTH, OverBudget, Unreadable
from grpo_core.oracle.nodes import RELATIONS, Node, Num, Op, Sym, integer
from grpo_core.oracle.normalise import normalise
from grpo_core.oracle.notation import flat, known, mixed_number, spread_signs, unknown_macro
from grpo_core.oracle.numerals import read_numeral
from grpo_core.oracle.operands import PRODUCT, OperandParser
from grpo_core.oracle.plain import read_at_sight
from grpo_core.oracle.quantities import joined, quantity, read_unit
from grpo_core.oracle.real_sets import are_inequalities
from grpo_core.oracle.spoken import from_words, without_label
from grpo_core.oracle.stream import END
from grpo_core.oracle.tokens import tokenize
from grpo_core.oracle.units import without_units

_SIGNS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "\\in": "in", "\\equiv": "eq"}
_BINARY = {"\\cup": 1, "\\cap": 1, "\\setminus": 1, "\\pm": 2, "\\mp": 2, "+": 2, "-": 2, "*": PRODUCT, "/": PRODUCT}
_WORDS = re.compile(r"\w+")
_SIGN = 4
_TRANSPOSES = (Sym("T"), Sym("t"), Op("top", ()))
_OF_PROSE = frozenset({"word", "num", "name"})


def parse(text: str) -> Node:
    """The tree of an answer's text. Raises `Unreadable` or `OverBudget`."""
    return _parse_cached(text) if len(text) <= CACHED_TEXT else _parse(text)


@lru_cache(maxsize=CACHED_PARSES)
def _parse_cached(text: str) -> Node:
    return _parse(text)


def _parse(text: str) -> Node:
    at_sight = read_at_sight(text)
    if at_sight is not None:
        return at_sight
    return read_in_full(text)


def read_in_full(text: str) -> Node:
    """`parse`, whatever the text is."""
    if len(text) > 2 * MAX_ANSWER:
        raise OverBudget("BUDGET_LENGTH")
    normal = normalise(text)
    if not normal:
        raise Unreadable("Nothing stands there.")
    whole = read_time(normal) or read_based(normal)
    if whole is not None:
        return whole
    tokens = tokenize(normal)
    if len(tokens) > 1 and tokens[0].text in {"a", "A"} and all(token.kind == "word" for token in tokens[1:]):
        tokens = tokens[1:]
    tokens = without_label(without_units(without_layout(tokens)))
    if not tokens:
        raise Unreadable("Nothing but remarks stands there.")
    if all(token.kind == "word" or token.text in {",", "-", "'"} for token in tokens):
        return from_words(_WORDS.findall(" ".join(token.text for token in tokens).lower()))
    if tokens[0].kind == "word" and all(token.kind in _OF_PROSE or token.text == "," for token in tokens):
        return Op("text", (Sym(" ".join(token.text for token in tokens).lower()),))
    return known(spread_signs(Parser(tokens).answer()))


def _value(node: Node) -> Node:
    """The operand itself; a relation is none."""
    if isinstance(node, Op) and (node.head in RELATIONS or node.head == "chain"):
        raise Unreadable("A relation is no operand.")
    return node


class Parser(OperandParser):
    """Lists, relations and expressions over the operands of operands.py."""

    # --- lists and relations ----------------------------------------------------------------------------------

    def answer(self) -> Node:
        tree = self.listing()
        if self.token is not END:
            raise Unreadable(f"Cannot read on from {self.token.text!r}.")
        return tree

    def listing(self) -> Node:
        """A list; of `1 hour and 30 minutes` the one quantity, of `x < 1 or x > 3` either."""
        start = self.position
        items = self.items()
        while len(items) > 1 and (whole := joined(items[0], items[1])) is not None:
            items[:2] = [whole]
        if len(items) == 1:
            return items[0]
        either = any(token.either for token in self.tokens[start : self.position])
        return Op("or" if either and are_inequalities(items) else "list", tuple(items))

    def items(self) -> list[Node]:
        """Relations between separators; separators may repeat (`, and`)."""
        items = [self.relation()]
        while self.at(",", ";"):
            while self.at(",", ";"):
                self.take()
            if self.token is END:
                break
            items.append(self.relation())
        return items

    def relation(self) -> Node:
        """A chain of sides. What follows `≈` only restates what stands before it."""
        if self.at("\\approx") and self.position == 0:
            self.take()
        sides, signs = [self.side()], []
        while self.at(*_SIGNS, ":"):
            signs.append(self.take().text)
            sides.append(self.side())
        if self.at("\\mod"):
            self.take()
            sides[-1] = Op("mod", (sides[-1], self.expression()))
        if self.at("\\to") and self.depth > 1 and not signs:
            self.take()
            return Op("to", (sides[0], self.expression()))
        if self.at("\\approx", "\\to"):
            self.skip_restatement()
        if not signs:
            return sides[0]
        if set(signs) == {":"}:
            return Op("ratio", tuple(sides))
        return self.chain(sides, signs)

    def side(self) -> Node:
        """An expression, with its unit; several that follow each other are one quantity (`6 ft 3 in`)."""
        side = self.with_unit(self.expression())
        while isinstance(side, Op) and side.head == "quantity" and self.token.kind == "num":
            whole = joined(side, self.with_unit(self.expression()))
            if whole is None:
                raise Unreadable("Two quantities side by side.")
            side = whole
        return side

    def with_unit(self, value: Node) -> Node:
        if self.token.kind != "unit":
            return value
        unit = read_unit(tuple(self.take().text.split()))
        return value if unit is None else quantity(value, unit)

    def chain(self, sides: list[Node], signs: list[str]) -> Node:
        if ":" in signs:
            sides, signs = self.fold_ratios(sides, signs)
        kinds = {_SIGNS[sign] for sign in signs}
        if kinds <= {"gt", "ge"}:
            sides, signs = sides[::-1], [sign.replace(">", "<") for sign in signs[::-1]]
            kinds = {_SIGNS[sign] for sign in signs}
        if kinds == {"eq"} and len(sides) > 2:
            sides = [side for side in sides[:-1] if not unknown_macro(side)] + sides[-1:]
        if len(kinds) == 1:
            return Op(kinds.pop(), tuple(sides))
        if kinds != {"lt", "le"}:
            raise Unreadable("Relations of different kinds in one chain.")
        pairs = zip(sides, sides[1:], signs, strict=False)
        return Op("chain", tuple(Op(_SIGNS[sign], (left, right)) for left, right, sign in pairs))

    @staticmethod
    def fold_ratios(sides: list[Node], signs: list[str]) -> tuple[list[Node], list[str]]:
        """`V_1:V_2 = 11:21` is one relation between two ratios."""
        groups: list[list[Node]] = [[sides[0]]]
        for side, sign in zip(sides[1:], signs, strict=True):
            groups[-1].append(side) if sign == ":" else groups.append([side])
        folded = [group[0] if len(group) == 1 else Op("ratio", tuple(group)) for group in groups]
        return folded, [sign for sign in signs if sign != ":"]

    def skip_restatement(self) -> None:
        while self.token is not END and not self.at(",", ";", ")", "]", "}", "\\}"):
            self.take()

    # --- expressions ------------------------------------------------------------------------------------------

    def expression(self, floor: int = 0) -> Node:
        """Operators that bind at least as tightly as `floor`; multiplication may be implicit."""
        self.deepen()
        left = self.signed()
        while True:
            text = self.token.text if self.token.kind == "op" else ""
            if text in _BINARY and _BINARY[text] >= max(floor, 1):
                self.take()
                left = self.join(text, left, self.expression(_BINARY[text] + 1))
            elif floor <= PRODUCT and self.starts_factor():
                left = self.implicit(left)
            else:
                break
        self.depth -= 1
        return left

    def join(self, operator: str, left: Node, right: Node) -> Node:
        left, right = _value(left), _value(right)
        if operator in {"+", "-"}:
            return flat("add", left, right if operator == "+" else Op("neg", (right,)))
        if operator in {"*", "/"}:
            return flat("mul", left, right if operator == "*" else Op("inv", (right,)))
        if operator == "\\cup":
            return flat("union", left, right)
        return Op({"\\pm": "pm", "\\mp": "mp", "\\cap": "intersect", "\\setminus": "minus"}[operator], (left, right))

    def implicit(self, left: Node) -> Node:
        """Side by side: a product. Two bare numerals are none."""
        if self.tokens[self.position - 1].kind == "num" and self.token.kind == "num":
            raise Unreadable("Two numbers side by side.")
        factor = self.power()
        if isinstance(factor, Op) and factor.head == "eq" and factor.args[-1] == left:
            return left  # a remark: `42 (6·7 = 42)`
        return flat("mul", _value(left), _value(factor))

    def mixed(self, left: Node) -> Node:
        """A numeral with what makes it a mixed number: `2\\frac14`, `2 1/4`; an improper fraction multiplies."""
        if self.at("\\frac"):
            right = self.primary()
            mixed = mixed_number(left, right)
            return flat("mul", left, right) if mixed is None else mixed
        return self.plain_mixed(left) if self.token.kind == "num" else left

    def plain_mixed(self, left: Node) -> Node:
        """`2 1/4`: a whole number, a numeral, a slash, a larger numeral."""
        numerator = read_numeral(self.take().text)
        if not self.at("/"):
            raise Unreadable("Two numbers side by side.")
        self.take()
        if self.token.kind != "num":
            raise Unreadable("Two numbers side by side.")
        fraction = Op("mul", (numerator, Op("inv", (read_numeral(self.take().text),))))
        mixed = mixed_number(left, fraction)
        if mixed is None:
            raise Unreadable("Two numbers side by side.")
        return mixed

    def signed(self) -> Node:
        if self.at("-", "+", "\\pm", "\\mp"):
            sign = self.take().text
            operand = self.expression(_SIGN)
            if sign == "+":
                return operand
            return Op("neg", (operand,)) if sign == "-" else Op(sign[1:], (integer(0), operand))
        return self.power()

    def power(self, in_exponent: bool = False) -> Node:
        numeral = self.token.kind == "num"
        base = self.primary()
        if numeral and isinstance(base, Num) and not in_exponent:
            base = self.mixed(base)
        base = self.postfix(base)
        if not self.at("^"):
            return base
        self.take()
        if self.at("\\circ") or (self.at("{") and self.next_token.text == "\\circ"):
            return self.postfix(Op("degree", (self.skip_degree(base),)))
        exponent = self.exponent()
        if isinstance(base, Op) and base.head in {"tuple", "interval[]"} and exponent in _TRANSPOSES:
            return base
        return self.postfix(Op("pow", (base, exponent)))

    def skip_degree(self, base: Node) -> Node:
        braced = self.at("{")
        self.position += 3 if braced else 1
        return base

    def exponent(self) -> Node:
        if self.at("-", "+"):
            sign = self.take().text
            operand = self.exponent_operand()
            return Op("neg", (operand,)) if sign == "-" else operand
        return self.exponent_operand()

    def exponent_operand(self) -> Node:
        self.deepen()
        operand = self.power(in_exponent=True)
        self.depth -= 1
        return operand

    def postfix(self, node: Node) -> Node:
        for _ in range(MAX_DEPTH):
            if not self.at("!", "%", "'"):
                return node
            mark = self.take().text
            if mark == "!" and self.at("!"):
                self.take()
                mark = "!!"
            if mark == "%" and isinstance(node, Op) and node.head == "percent":
                raise Unreadable("Two percent signs.")
            node = Op({"!": "factorial", "!!": "factorial2", "%": "percent", "'": "prime"}[mark], (node,))
        raise OverBudget("BUDGET_DEPTH")

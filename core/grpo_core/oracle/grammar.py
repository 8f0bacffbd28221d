"""The grammar: tokens to a tree, by precedence climbing. LaTeX and plain text share it. Nothing is ever evaluated.

An answer is a comma list of relations of expressions. Units and prose are gone (units.py); a text of words only is
a `text` node, so that "Monday" can be compared. Depth is bounded, so recursion is too.
"""

from __future__ import annotations

import re
from functools import lru_cache

from grpo_core.oracle.limits import CACHED_PARSES, CACHED_TEXT, MAX_ANSWER, MAX_DEPTH, OverBudget, Unreadable
from grpo_core.oracle.nodes import Node, Op, Sym, integer
from grpo_core.oracle.normalise import normalise
from grpo_core.oracle.notation import flat, mixed_number, spread_signs
from grpo_core.oracle.numerals import read_numeral
from grpo_core.oracle.operands import PRODUCT, OperandParser
from grpo_core.oracle.stream import END
from grpo_core.oracle.tokens import tokenize
from grpo_core.oracle.units import without_units

_RELATIONS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "\\in": "in"}
_BINARY = {"\\cup": 1, "\\pm": 2, "\\mp": 2, "+": 2, "-": 2, "*": PRODUCT, "/": PRODUCT}
_SIGN = 4


def parse(text: str) -> Node:
    """The tree of an answer's text. Raises `Unreadable` or `OverBudget`."""
    return _parse_cached(text) if len(text) <= CACHED_TEXT else _parse(text)


@lru_cache(maxsize=CACHED_PARSES)
def _parse_cached(text: str) -> Node:
    return _parse(text)


def _parse(text: str) -> Node:
    if len(text) > 2 * MAX_ANSWER:
        raise OverBudget("BUDGET_LENGTH")
    normal = normalise(text)
    if not normal:
        raise Unreadable("Nothing stands there.")
    tokens = without_units(tokenize(normal))
    if not tokens:
        raise Unreadable("Nothing but remarks stands there.")
    if all(token.kind == "word" or token.text in {",", "-", "'"} for token in tokens):
        return Op("text", (Sym(" ".join(re.findall(r"\w+", " ".join(t.text for t in tokens))).lower()),))
    return spread_signs(Parser(tokens).answer())


class Parser(OperandParser):
    """Lists, relations and expressions over the operands of operands.py."""

    # --- lists and relations ----------------------------------------------------------------------------------

    def answer(self) -> Node:
        tree = self.listing()
        if self.token is not END:
            raise Unreadable(f"Cannot read on from {self.token.text!r}.")
        return tree

    def listing(self) -> Node:
        items = self.items()
        return items[0] if len(items) == 1 else Op("list", tuple(items))

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
        sides, signs = [self.expression()], []
        while self.at(*_RELATIONS, ":"):
            signs.append(self.take().text)
            sides.append(self.expression())
        if self.at("\\approx"):
            self.skip_restatement()
        if not signs:
            return sides[0]
        if set(signs) == {":"}:
            return Op("ratio", tuple(sides))
        return self.chain(sides, signs)

    def chain(self, sides: list[Node], signs: list[str]) -> Node:
        if ":" in signs:
            sides, signs = self.fold_ratios(sides, signs)
        kinds = {_RELATIONS[sign] for sign in signs}
        if kinds <= {"gt", "ge"}:
            sides, signs = sides[::-1], [sign.replace(">", "<") for sign in signs[::-1]]
            kinds = {_RELATIONS[sign] for sign in signs}
        if len(kinds) == 1:
            return Op(kinds.pop(), tuple(sides))
        if kinds != {"lt", "le"}:
            raise Unreadable("Relations of different kinds in one chain.")
        pairs = zip(sides, sides[1:], signs, strict=False)
        return Op("chain", tuple(Op(_RELATIONS[sign], (left, right)) for left, right, sign in pairs))

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
        if operator in {"+", "-"}:
            return flat("add", left, right if operator == "+" else Op("neg", (right,)))
        if operator in {"*", "/"}:
            return flat("mul", left, right if operator == "*" else Op("inv", (right,)))
        if operator == "\\cup":
            return flat("union", left, right)
        return Op({"\\pm": "pm", "\\mp": "mp"}[operator], (left, right))

    def implicit(self, left: Node) -> Node:
        """Side by side: a mixed number, or a product. Two bare numerals are neither."""
        bare = self.tokens[self.position - 1].kind == "num"
        if bare and self.token.kind == "num":
            return self.plain_mixed(left)
        fraction = self.at("\\frac")
        right = self.power()
        mixed = mixed_number(left, right) if bare and fraction else None
        return mixed if mixed is not None else flat("mul", left, right)

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

    def power(self) -> Node:
        base = self.postfix(self.primary())
        if not self.at("^"):
            return base
        self.take()
        if self.at("\\circ") or (self.at("{") and self.next_token.text == "\\circ"):
            return self.postfix(Op("degree", (self.skip_degree(base),)))
        return self.postfix(Op("pow", (base, self.exponent())))

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
        operand = self.power()
        self.depth -= 1
        return operand

    def postfix(self, node: Node) -> Node:
        for _ in range(MAX_DEPTH):
            if not self.at("!", "%", "'"):
                return node
            mark = self.take().text
            node = Op({"!": "factorial", "%": "percent", "'": "prime"}[mark], (node,))
        raise OverBudget("BUDGET_DEPTH")

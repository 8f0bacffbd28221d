"""A tree as LaTeX, as it was written: nothing is evaluated or reordered. Made without SymPy."""

from __future__ import annotations

from itertools import pairwise

from grpo_core.oracle.nodes import INTERVALS, Node, Num, Op, Sym
from grpo_core.oracle.numerals import decimal_text

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)
_CONSTANTS = {"pi": r"\pi", "E": "e", "I": "i", "oo": r"\infty", "…": r"\ldots", "": ""}
_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi rho sigma tau phi chi psi omega ell
"""
_GREEK = frozenset(_GREEK_NAMES.split())
_RELATIONS = {"eq": "=", "ne": r"\ne", "lt": "<", "le": r"\le", "in": r"\in", "chain": ",", "or": r"\text{ or }"}
_JOINED = {"union": r"\cup", "intersect": r"\cap", "minus": r"\setminus", "ratio": ":", "pm": r"\pm", "mp": r"\mp"}
_FENCES = {"abs": ("|", "|"), "floor": (r"\lfloor ", r" \rfloor"), "ceiling": (r"\lceil ", r" \rceil")}
_FENCES |= {"ceil": _FENCES["ceiling"], "set": (r"\{", r"\}"), "tuple": ("(", ")"), "list": ("", "")}
_BIG = {"sum": r"\sum", "product": r"\prod", "integral": r"\int", "limit": r"\lim"}
_COMMANDS = "sin cos tan cot sec csc sinh cosh tanh ln log exp min max gcd det"
_OWN_NAMES = frozenset(_COMMANDS.split())
_MARKS = {"factorial": "!", "factorial2": "!!", "percent": r"\%", "degree": r"^\circ", "prime": "'"}


def latex(node: Node) -> str:
    return _write(node)[0]


def _write(node: Node) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if isinstance(node, Num):
        return _number(node)
    if isinstance(node, Sym):
        return _symbol(node.name), _ATOM
    if node.head == "add":
        return _sum(node), _SUM
    if node.head == "mul":
        return _product(node)
    if node.head == "neg":
        return "-" + _at(node.args[0], _UNARY), _UNARY
    if node.head == "inv":
        return rf"\frac{{1}}{{{latex(node.args[0])}}}", _POWER
    if node.head == "pow":
        return f"{_at(node.args[0], _ATOM)}^{{{latex(node.args[1])}}}", _POWER
    if node.head in _MARKS:
        return _at(node.args[0], _ATOM) + _MARKS[node.head], _POWER
    return _applied(node), _ATOM


def _number(number: Num) -> tuple[str, int]:
    value = number.value
    if value.denominator == 1 or number.digits:
        return decimal_text(number), _ATOM if value >= 0 else _UNARY
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}", _POWER if value > 0 else _UNARY


def _symbol(name: str) -> str:
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    letter, _, subscript = name.partition("_")
    written = rf"\{letter}" if letter.lower() in _GREEK or letter in _GREEK else letter
    return f"{written}_{{{subscript}}}" if subscript else written


def _at(node: Node, binding: int) -> str:
    text, own = _write(node)
    return text if own >= binding else rf"\left({text}\right)"


def _sum(node: Op) -> str:
    text = _at(node.args[0], _SUM)
    for term in node.args[1:]:
        negative = isinstance(term, Op) and term.head == "neg"
        inner = term.args[0] if negative and isinstance(term, Op) else term
        text += f" {'-' if negative else '+'} {_at(inner, _PRODUCT)}"
    return text


def _product(node: Op) -> tuple[str, int]:
    below = [f.args[0] for f in node.args if isinstance(f, Op) and f.head == "inv"]
    above = [f for f in node.args if not (isinstance(f, Op) and f.head == "inv")]
    if below:
        return rf"\frac{{{_factors(above)}}}{{{_factors(below)}}}", _POWER
    return _factors(above), _PRODUCT


def _factors(factors: list[Node]) -> str:
    if len(factors) < 2:
        return latex(factors[0]) if factors else "1"
    text = _at(factors[0], _UNARY)
    for before, factor in pairwise(factors):
        written = _at(factor, _POWER)
        text += rf" \cdot {written}" if needs_dot(before, factor) else f" {written}"
    return text


def needs_dot(before: Node, factor: Node) -> bool:
    """Would two factors side by side read as something else?"""
    if isinstance(before, Op) and before.head in _OWN_NAMES:
        return True
    leading = factor.args[0] if isinstance(factor, Op) and factor.args else factor
    return isinstance(leading, Num)


def _applied(node: Op) -> str:
    args = [latex(arg) for arg in node.args]
    if node.head in _FENCES:
        opener, closer = _FENCES[node.head]
        return opener + ", ".join(args) + closer
    if node.head in INTERVALS:
        return f"{node.head[8]}{args[0]}, {args[1]}{node.head[9]}"
    if node.head in _RELATIONS:
        return f" {_RELATIONS[node.head]} ".join(args)
    if node.head in _JOINED:
        return f" {_JOINED[node.head]} ".join(_at(arg, _PRODUCT) for arg in node.args)
    if node.head in {"matrix", "cases"}:
        environment = "pmatrix" if node.head == "matrix" else "cases"
        return rf"\begin{{{environment}}}" + r" \\ ".join(args) + rf"\end{{{environment}}}"
    if node.head in {"row", "case"}:
        return " & ".join(args)
    return _special(node, args)


def _special(node: Op, args: list[str]) -> str:
    head = node.head
    if head == "sqrt":
        return rf"\sqrt{{{args[0]}}}"
    if head == "root":
        return rf"\sqrt[{args[1]}]{{{args[0]}}}"
    if head == "binomial":
        return rf"\binom{{{args[0]}}}{{{args[1]}}}"
    if head in {"reals", "numbers"}:
        return rf"\mathbb{{{args[0] if args else 'R'}}}"
    if head == "text":
        return rf"\text{{{args[0]}}}"
    if head == "quantity":
        return args[0]
    if head == "clock":
        return rf"{args[0]}{{:}}{int(args[1]):02}" + (rf"\text{{ {args[2]}}}" if args[2] else "")
    if head == "base":
        return f"{args[0]}_{{10}}"
    if head == "mod":
        return rf"{args[0]} \pmod{{{args[1]}}}"
    if head == "call":
        return f"{args[0]}({', '.join(args[1:])})"
    if head in _BIG:
        return _big(head, args)
    name = rf"\{head}" if head in _OWN_NAMES else rf"\operatorname{{{head}}}"
    return rf"{name}\left({', '.join(args)}\right)"


def _big(head: str, args: list[str]) -> str:
    if head == "integral":
        bounds = f"_{{{args[2]}}}^{{{args[3]}}}" if len(args) == 4 else ""
        return rf"\int{bounds} {args[1]} \, d{args[0]}"
    if head == "limit":
        return rf"\lim_{{{args[0]} \to {args[1]}}} {args[2]}"
    return rf"{_BIG[head]}_{{{args[0]}={args[1]}}}^{{{args[2]}}} {args[3]}"

"""A tree as Unicode text for a terminal: one line where that reads well, fractions and matrices on several."""

from __future__ import annotations

from dataclasses import dataclass

from grpo_core.oracle.nodes import Node, Num, Op, Sym
from grpo_core.oracle.numerals import decimal_text

_SUM, _PRODUCT, _UNARY, _POWER, _ATOM = range(5)
CONSTANTS = {"pi": "π", "E": "e", "I": "i", "oo": "∞"}
_GREEK_NAMES = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho final sigma tau"
GREEK = {name: chr(0x3B1 + i) for i, name in enumerate(_GREEK_NAMES.split())}
GREEK |= {name: chr(0x3C5 + i) for i, name in enumerate(("upsilon", "phi", "chi", "psi", "omega"))}
NUMBER_SETS = {"R": "ℝ", "Z": "ℤ", "N": "ℕ", "Q": "ℚ", "C": "ℂ"}
_RAISED = str.maketrans("0123456789-+n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ")
_RELATIONS = {"eq": "=", "ne": "≠", "lt": "<", "le": "≤", "in": "∈", "chain": "and", "or": "or"}
_JOINED = {"union": "∪", "intersect": "∩", "minus": "∖", "ratio": ":", "pm": "±", "mp": "∓"}
_FENCES = {"abs": "||", "floor": "⌊⌋", "ceiling": "⌈⌉", "ceil": "⌈⌉", "set": "{}", "tuple": "()", "list": "  "}
_MARKS = {"factorial": "!", "factorial2": "!!", "percent": "%", "degree": "°", "prime": "'"}
_BIG = {"sum": "∑", "product": "∏"}
_WIDEST = 400


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of equal width; `base` is the line that stands on the text's own."""

    lines: tuple[str, ...]
    base: int
    binding: int

    @property
    def width(self) -> int:
        return len(self.lines[0])


def pretty(node: Node) -> str:
    """The text, without trailing spaces; lines past 400 columns are cut."""
    return "\n".join(line[:_WIDEST].rstrip() for line in _block(node).lines)


def plain(node: Node) -> str:
    """The text on one line: `3/4`, `√2`, `x² − x − 12`."""
    text, _ = _line(node)
    return text.strip()


# --- one line ---------------------------------------------------------------------------------------------------


def _line(node: Node) -> tuple[str, int]:
    """The text and how tightly it binds."""
    if isinstance(node, Num):
        whole = node.value.denominator == 1 or node.digits
        return decimal_text(node).replace("-", "−"), _ATOM if whole and node.value >= 0 else _UNARY
    if isinstance(node, Sym):
        letter, mark, subscript = node.name.partition("_")
        return CONSTANTS.get(node.name) or GREEK.get(letter, letter) + mark + subscript, _ATOM
    if node.head == "add":
        return _sum(node), _SUM
    if node.head == "mul":
        return _product(node), _PRODUCT
    if node.head == "neg":
        return "−" + _at(node.args[0], _PRODUCT), _UNARY
    if node.head == "inv":
        return "1/" + _at(node.args[0], _ATOM), _PRODUCT
    if node.head == "pow":
        return _power(node), _POWER
    if node.head in _MARKS:
        return _at(node.args[0], _ATOM) + _MARKS[node.head], _POWER
    return _applied(node), _ATOM


def _at(node: Node, binding: int) -> str:
    text, own = _line(node)
    return text if own >= binding else f"({text})"


def _sum(node: Op) -> str:
    text = _at(node.args[0], _SUM)
    for term in node.args[1:]:
        negative = isinstance(term, Op) and term.head == "neg"
        inner = term.args[0] if negative and isinstance(term, Op) else term
        text += f" {'−' if negative else '+'} {_at(inner, _PRODUCT)}"
    return text


def _product(node: Op) -> str:
    text = ""
    for index, factor in enumerate(node.args):
        if isinstance(factor, Op) and factor.head == "inv":
            text = (text or "1") + "/" + _at(factor.args[0], _ATOM)
        else:
            touching = text[-1:].isalpha() or isinstance(factor, Num)
            written = _at(factor, _POWER if index else _UNARY)
            text += ("·" if text and (touching or "/" in text) else "") + written
    return text


def _power(node: Op) -> str:
    base, exponent = _at(node.args[0], _ATOM), _line(node.args[1])[0]
    raised = exponent.replace("−", "-").translate(_RAISED)
    if all(character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ" for character in raised):
        return base + raised
    return f"{base}^{_at(node.args[1], _ATOM)}"


def _applied(node: Op) -> str:
    args = [_line(arg)[0] for arg in node.args]
    if node.head in _FENCES:
        return (_FENCES[node.head][0] + ", ".join(args) + _FENCES[node.head][1]).strip()
    if node.head.startswith("interval"):
        return f"{node.head[8]}{args[0]}, {args[1]}{node.head[9]}"
    if node.head in _RELATIONS:
        return f" {_RELATIONS[node.head]} ".join(args)
    if node.head in _JOINED:
        return f" {_JOINED[node.head]} ".join(_at(arg, _PRODUCT) for arg in node.args)
    if node.head in {"matrix", "cases", "row", "case"}:
        return "[" + ("; " if node.head in {"matrix", "cases"} else ", ").join(args) + "]"
    return _special(node, args)


def _special(node: Op, args: list[str]) -> str:
    head = node.head
    if head == "sqrt":
        return "√" + _at(node.args[0], _ATOM)
    if head == "root":
        return f"root({args[0]}, {args[1]})"
    if head in {"reals", "numbers"}:
        return NUMBER_SETS.get(args[0] if args else "R", "ℝ")
    if head in {"text", "quantity", "base"}:
        return args[0]
    if head == "clock":
        return f"{args[0]}:{int(args[1]):02} {args[2]}".strip()
    if head == "mod":
        return f"{args[0]} (mod {args[1]})"
    if head == "call":
        return f"{args[0]}({', '.join(args[1:])})"
    if head == "integral":
        bounds = f"[{args[2]}…{args[3]}]" if len(args) == 4 else ""
        return f"∫{bounds} {args[1]} d{args[0]}"
    if head == "limit":
        return f"lim[{args[0]}→{args[1]}] {args[2]}"
    if head in _BIG:
        return f"{_BIG[head]}[{args[0]}={args[1]}…{args[2]}] {args[3]}"
    return f"{head}({', '.join(args)})"


# --- several lines ----------------------------------------------------------------------------------------------


def _block(node: Node) -> Block:
    if isinstance(node, Num) and _is_tall(node):
        sign = [_text("−")] if node.value < 0 else []
        numerator, denominator = abs(node.value.numerator), node.value.denominator
        return _beside([*sign, _over(_text(str(numerator)), _text(str(denominator)))], _UNARY)
    if not isinstance(node, Op) or not _is_tall(node):
        text, binding = _line(node)
        return _text(text, binding)
    if node.head in {"matrix", "cases"}:
        return _grid(node)
    if node.head == "add":
        return _beside(_tall_terms(node), _SUM)
    if node.head in {"mul", "inv"}:
        return _tall_fraction(node)
    if node.head == "neg":
        return _beside([_text("−"), _bound(node.args[0], _PRODUCT)], _UNARY)
    signs = {**_RELATIONS, **_JOINED}
    if node.head in signs:
        return _separated([_block(arg) for arg in node.args], f" {signs[node.head]} ")
    if node.head in {"tuple", "list", "set"}:
        return _fenced(_separated([_block(arg) for arg in node.args], ", "), _FENCES[node.head])
    return _text(*_line(node))


def _is_tall(node: Node) -> bool:
    if isinstance(node, Num):
        return node.value.denominator != 1 and not node.digits
    return isinstance(node, Op) and (node.head in {"matrix", "cases", "inv"} or any(_is_tall(arg) for arg in node.args))


def _text(text: str, binding: int = _ATOM) -> Block:
    return Block((text,), 0, binding)


def _bound(node: Node, binding: int) -> Block:
    block = _block(node)
    return block if block.binding >= binding else _fenced(block, "()")


def _tall_terms(node: Op) -> list[Block]:
    blocks = [_block(node.args[0])]
    for term in node.args[1:]:
        negative = isinstance(term, Op) and term.head == "neg"
        inner = term.args[0] if negative and isinstance(term, Op) else term
        blocks += [_text(" − " if negative else " + "), _bound(inner, _PRODUCT)]
    return blocks


def _tall_fraction(node: Op) -> Block:
    factors = (node,) if node.head == "inv" else node.args
    below = [f.args[0] for f in factors if isinstance(f, Op) and f.head == "inv"]
    above = [f for f in factors if not (isinstance(f, Op) and f.head == "inv")]
    top = _factors(above) if above else _text("1")
    return _over(top, _factors(below)) if below else top


def _factors(nodes: list[Node]) -> Block:
    if len(nodes) == 1:
        return _block(nodes[0])
    return _separated([_bound(node, _UNARY) for node in nodes], "·", _PRODUCT)


def _over(top: Block, bottom: Block) -> Block:
    width = max(top.width, bottom.width) + 2
    lines = [line.center(width) for line in top.lines]
    lines += ["─" * width, *(line.center(width) for line in bottom.lines)]
    return Block(tuple(lines), len(top.lines), _ATOM)


def _separated(blocks: list[Block], separator: str, binding: int = _SUM) -> Block:
    parts: list[Block] = []
    for block in blocks:
        parts += [_text(separator), block] if parts else [block]
    return _beside(parts, binding)


def _beside(blocks: list[Block], binding: int) -> Block:
    above = max(block.base for block in blocks)
    below = max(len(block.lines) - block.base for block in blocks)
    lines = [""] * (above + below)
    for block in blocks:
        for row in range(above + below):
            index = row - above + block.base
            lines[row] += block.lines[index] if 0 <= index < len(block.lines) else " " * block.width
    return Block(tuple(lines), above, binding)


def _fenced(block: Block, fence: str) -> Block:
    if not fence.strip():
        return block
    return Block(tuple(fence[0] + line + fence[1] for line in block.lines), block.base, _ATOM)


def _grid(node: Op) -> Block:
    rows = [[_line(cell)[0] for cell in row.args] for row in node.args if isinstance(row, Op)]
    columns = max(len(row) for row in rows)
    padded = [row + [""] * (columns - len(row)) for row in rows]
    widths = [max(len(row[i]) for row in padded) for i in range(columns)]
    lines = tuple("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in padded)
    return _fenced(Block(lines, len(lines) // 2, _ATOM), "[]" if node.head == "matrix" else "{ ")

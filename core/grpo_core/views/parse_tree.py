"""A parse, as the oracle gives it (`["add", ["n", "3"], …]`), as a tree with what to write at each node."""

from __future__ import annotations

from typing import Any

from grpo_core.types import Json

MOST_NODES = 400
"""Nodes that are drawn; what is left of a larger tree is one node `…`."""

_LABELS = {
    "add": ("+", "sum"),
    "mul": ("×", "product"),
    "neg": ("−", "negative"),
    "inv": ("1/□", "one over"),
    "pow": ("□ⁿ", "power"),
    "sqrt": ("√", "square root"),
    "root": ("ⁿ√", "root"),
    "abs": ("|□|", "absolute value"),
    "factorial": ("!", "factorial"),
    "binomial": ("(ⁿₖ)", "binomial"),
    "call": ("f(□)", "function of"),
    "sum": ("∑", "finite sum: variable, from, to, of"),
    "product": ("∏", "finite product: variable, from, to, of"),
    "integral": ("∫", "integral: variable, of, from, to"),
    "limit": ("lim", "limit: variable, point, of"),
    "tuple": ("(,)", "tuple, in order"),
    "list": (",", "list, in any order"),
    "set": ("{ }", "set"),
    "union": ("∪", "union"),
    "intersect": ("∩", "intersection"),
    "minus": ("∖", "set difference"),
    "eq": ("=", "equation"),
    "ne": ("≠", "inequation"),
    "lt": ("<", "less than"),
    "le": ("≤", "at most"),
    "in": ("∈", "member of"),
    "pm": ("±", "plus or minus"),
    "mp": ("∓", "minus or plus"),
    "percent": ("%", "percent"),
    "degree": ("°", "degrees"),
    "ratio": (":", "ratio"),
}
_LEAVES = {"n": "number", "s": "symbol"}
_CONSTANTS = {"pi": "π", "E": "e", "I": "i", "oo": "∞"}


def parse_tree(tree: Any) -> Json:
    """`{"label", "name", "children"}`: a short sign, what it is called, and the nodes below it."""
    left = [MOST_NODES]
    return _node(tree, left)


def _node(tree: Any, left: list[int]) -> Json:
    head, *rest = tree
    left[0] -= 1
    if head in _LEAVES:
        text = str(rest[0])
        shown = _CONSTANTS.get(text, text) if head == "s" else text.replace("-", "−")
        return {"label": shown, "name": _LEAVES[head], "children": []}
    label, name = _LABELS.get(head, (head, head))
    children = []
    for item in rest:
        if left[0] <= 0:
            children.append({"label": "…", "name": "more than is drawn", "children": []})
            break
        children.append(_node(item, left))
    return {"label": label, "name": name, "children": children}

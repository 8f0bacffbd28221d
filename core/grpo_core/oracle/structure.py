"""One form for trees that differ only in the order of terms and factors. Nothing is computed: `29-14` is not `15`."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from grpo_core.oracle.limits import CACHED_PARSES
from grpo_core.oracle.nodes import Node, Num, Sym

Key = tuple[Any, ...]
_COMMUTATIVE = frozenset({"add", "mul", "set", "list", "union", "or", "min", "max", "gcd", "lcm"})


@lru_cache(maxsize=CACHED_PARSES)
def canonical(node: Node) -> Key:
    """A hashable key, equal for trees that are the same up to order and nesting of sums and products."""
    return _canonical(node)


def _canonical(node: Node) -> Key:
    if isinstance(node, Num):
        return ("n", node.value.numerator, node.value.denominator)
    if isinstance(node, Sym):
        return ("s", node.name)
    if node.head == "neg" and isinstance(node.args[0], Num):
        return _canonical(Num(-node.args[0].value))
    keys = [_canonical(arg) for arg in node.args]
    if node.head not in _COMMUTATIVE:
        return (node.head, *keys)
    flat = [part for key in keys for part in (key[1:] if key[0] == node.head and node.head != "set" else (key,))]
    return (node.head, *sorted(flat, key=repr))

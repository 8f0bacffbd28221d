"""Normal form: a tree expanded to a sum of monomials with rational coefficients, within a budget on terms.

Atoms are variables, `pi`, `I` (its powers reduced), square roots of primes (their squares reduced), and whatever
else as an opaque atom whose key starts with `?`. Equal forms are equal values. Different forms without opaque atoms
are different values; with them, the question stays open.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from hashlib import blake2b

from grpo_core.oracle.exact import Undefined, rational
from grpo_core.oracle.limits import CACHED_PARSES, MAX_BITS, MAX_TERM_PRODUCTS, MAX_TERMS, OverBudget
from grpo_core.oracle.nodes import Node, Num, Op, Sym
from grpo_core.oracle.structure import canonical

Monomial = tuple[tuple[str, int], ...]
Polynomial = dict[Monomial, Fraction]

_ONE: Monomial = ()
_PI: Monomial = (("pi", 1),)
_QUARTERS: dict[str, tuple[int | None, ...]] = {"sin": (0, 1, 0, -1), "cos": (1, 0, -1, 0), "tan": (0, None, 0, None)}
"""At 0, 1, 2 and 3 right angles."""
_LARGEST_TRIAL_FACTOR = 1_000
_LONGEST_NAME = 100
_OPAQUE_CONSTANTS = frozenset({"E", "oo"})


class _Work:
    """Products of terms that are left to one expansion, and what it has expanded: a root looks twice at what is under
    it, so that nested ones would be expanded two to the power of their depth times."""

    def __init__(self) -> None:
        self.left = MAX_TERM_PRODUCTS
        self.expanded: dict[int, tuple[Op, Polynomial]] = {}

    def spend(self, products: int) -> None:
        self.left -= products
        if self.left < 0:
            raise OverBudget("BUDGET_TERMS")


@lru_cache(maxsize=CACHED_PARSES)
def normal_form(node: Node) -> Polynomial | None:
    """The expanded form; None where expanding would pass the budget or there is no value."""
    try:
        return _expand(node, _Work())
    except (OverBudget, Undefined):
        return None


def is_decisive(form: Polynomial) -> bool:
    """Do different forms mean different values? Not if an atom is opaque."""
    return not any(atom.startswith("?") for monomial in form for atom, _ in monomial)


def proportion(form: Polynomial, other: Polynomial) -> Fraction | None:
    """c with form = c · other, if there is one; both must be non-zero."""
    if not form or form.keys() != other.keys():
        return None
    ratios = {form[monomial] / other[monomial] for monomial in form}
    return ratios.pop() if len(ratios) == 1 else None


def minus(form: Polynomial, other: Polynomial) -> Polynomial:
    return _sum([form, {monomial: -value for monomial, value in other.items()}])


def _expand(node: Node, work: _Work) -> Polynomial:
    if isinstance(node, Num):
        return _constant(node.value)
    if isinstance(node, Sym):
        return _atom(("?" if node.name in _OPAQUE_CONSTANTS else "") + node.name)
    known = work.expanded.get(id(node))
    if known is not None:
        return known[1]
    form = _expand_operation(node, work)
    work.expanded[id(node)] = node, form  # kept with the node, so that no other gets its id
    return form


def _expand_operation(node: Op, work: _Work) -> Polynomial:
    if node.head == "add":
        return _sum([_expand(arg, work) for arg in node.args])
    if node.head == "neg":
        return {monomial: -value for monomial, value in _expand(node.args[0], work).items()}
    if node.head == "mul":
        return _multiply_all([_expand(arg, work) for arg in node.args], work)
    if node.head == "inv":
        return _inverse(_expand(node.args[0], work), node)
    if node.head == "pow":
        return _power(node, work)
    if node.head == "diff":
        return _derivative(node, work)
    return _function(node, work)


def _constant(value: Fraction) -> Polynomial:
    return {_ONE: value} if value else {}


def _atom(name: str, exponent: int = 1) -> Polynomial:
    return {((name, exponent),): Fraction(1)}


def _sum(forms: list[Polynomial]) -> Polynomial:
    total: Polynomial = {}
    for form in forms:
        for monomial, value in form.items():
            total[monomial] = total.get(monomial, Fraction(0)) + value
    if len(total) > MAX_TERMS:
        raise OverBudget("BUDGET_TERMS")
    return {monomial: value for monomial, value in total.items() if value}


def _multiply_all(forms: list[Polynomial], work: _Work) -> Polynomial:
    result = _constant(Fraction(1))
    for form in forms:
        result = _multiply(result, form, work)
    return result


def _multiply(left: Polynomial, right: Polynomial, work: _Work) -> Polynomial:
    work.spend(len(left) * len(right))
    product: list[Polynomial] = []
    for monomial, value in left.items():
        for other, factor in right.items():
            _check_bits(value, factor)
            joined, scale = _join(monomial, other)
            product.append({joined: value * factor * scale})
    return _sum(product)


def _check_bits(*values: Fraction) -> None:
    if sum(max(v.numerator.bit_length(), v.denominator.bit_length()) for v in values) > MAX_BITS:
        raise OverBudget("BUDGET_BITS")


def _join(left: Monomial, right: Monomial) -> tuple[Monomial, Fraction]:
    """Product of two monomials, with squares of roots and of `I` turned into a rational factor."""
    exponents = dict(left)
    for atom, exponent in right:
        exponents[atom] = exponents.get(atom, 0) + exponent
    scale = Fraction(1)
    for atom, exponent in exponents.items():
        square = _square(atom)
        if square is not None and exponent not in {0, 1}:
            _check_bits(Fraction(square), Fraction(2) ** min(abs(exponent), MAX_BITS))
            scale *= Fraction(square) ** (exponent // 2)
            exponents[atom] = exponent % 2
    return tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent)), scale


def _square(atom: str) -> int | None:
    if atom == "I":
        return -1
    return int(atom[1:]) if atom.startswith("√") else None


def _inverse(form: Polynomial, node: Op) -> Polynomial:
    """1/form: of one monomial exactly, of a sum as an opaque atom of its canonical key."""
    if not form:
        raise Undefined
    if len(form) > 1:
        leading = max(form, key=repr)
        scaled = sorted((repr(monomial), str(value / form[leading])) for monomial, value in form.items())
        return {((_opaque_name("inv", scaled), 1),): 1 / form[leading]}
    (monomial, value), *_ = form.items()
    joined, scale = _join((), tuple((atom, -exponent) for atom, exponent in monomial))
    return {joined: scale / value}


def _power(node: Op, work: _Work) -> Polynomial:
    base, exponent = node.args
    power = rational(exponent)
    if power is None or power.denominator != 1:
        return _half_power(node, power, work)
    form = _expand(base, work)
    if len(form) == 1 and abs(power) > 1:
        return _monomial_power(form, power.numerator)
    if abs(power) > MAX_TERMS:
        raise OverBudget("BUDGET_EXPONENT")
    if power < 0:
        inverse = _inverse(form, node)
        return _multiply_all([inverse] * -power.numerator, work)
    if not form and not power:
        raise Undefined
    return _multiply_all([form] * power.numerator, work)


def _monomial_power(form: Polynomial, power: int) -> Polynomial:
    (monomial, value), *_ = form.items()
    if abs(power) * max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS and abs(value) != 1:
        raise OverBudget("BUDGET_EXPONENT")
    joined, scale = _join((), tuple((atom, exponent * power) for atom, exponent in monomial))
    return {joined: value**power * scale}


def _half_power(node: Op, power: Fraction | None, work: _Work) -> Polynomial:
    if power is not None and power.denominator == 2 and abs(power.numerator) <= MAX_TERMS:
        root = _function(Op("sqrt", (node.args[0],)), work)
        return _multiply_all([root] * power.numerator, work) if power > 0 else _opaque(node, work)
    return _opaque(node, work)


def _function(node: Op, work: _Work) -> Polynomial:
    value = rational(node)
    if value is not None:
        return _constant(value)
    if node.head in _QUARTERS and (value := _at_quarter_turn(node, work)) is not None:
        return _constant(value)
    if node.head == "sqrt":
        inner = _expand(node.args[0], work)
        if not inner:
            return {}
        if inner.keys() == {_ONE}:
            return _root_of_rational(inner[_ONE])
    return _opaque(node, work)


def _at_quarter_turn(node: Op, work: _Work) -> Fraction | None:
    """The sine, cosine or tangent of a whole number of right angles, where it has a value."""
    (angle,) = node.args
    if isinstance(angle, Op) and angle.head == "degree":
        degrees = rational(angle.args[0])
        quarters = None if degrees is None else degrees / 90
    else:
        form = _expand(angle, work)
        quarters = 2 * form.get(_PI, Fraction(0)) if form.keys() <= {_PI} else None
    if quarters is None or quarters.denominator != 1:
        return None
    value = _QUARTERS[node.head][quarters.numerator % 4]
    return None if value is None else Fraction(value)


def _root_of_rational(value: Fraction) -> Polynomial:
    """√(p/q) = √(pq)/q, its small prime factors taken apart."""
    remaining = abs(value.numerator) * value.denominator
    outside, factors = Fraction(1, value.denominator), [("I", 1)] if value < 0 else []
    for factor in range(2, _LARGEST_TRIAL_FACTOR):
        if factor * factor > remaining:
            break
        while remaining % (factor * factor) == 0:
            remaining //= factor * factor
            outside *= factor
        if remaining % factor == 0:
            remaining //= factor
            factors.append((f"√{factor}", 1))
    if remaining > 1:
        prime = remaining < _LARGEST_TRIAL_FACTOR**2
        factors.append((f"√{remaining}" if prime else f"?√{remaining}", 1))
    return {tuple(sorted(factors)): outside}


def _opaque(node: Op, work: _Work) -> Polynomial:
    """An atom that stands for the whole node; its arguments are expanded first so that equal ones look equal."""
    keys = []
    for arg in node.args:
        form = None if isinstance(arg, Op) and arg.head == "row" else _expanded(arg, work)
        keys.append(repr(canonical(arg)) if form is None else repr(sorted(form.items(), key=repr)))
    return _atom(_opaque_name(node.head, keys))


def _opaque_name(head: str, keys: Sequence[object]) -> str:
    """The same for the same keys, and short: written out in full, each level would double the quotes of those in it."""
    written = repr(keys)
    digest = written if len(written) <= _LONGEST_NAME else blake2b(written.encode(), digest_size=20).hexdigest()
    return f"?{head}{digest}"


def _expanded(node: Node, work: _Work) -> Polynomial | None:
    try:
        return _expand(node, work)
    except Undefined:
        return None


def _derivative(node: Op, work: _Work) -> Polynomial:
    form, by = _expand(node.args[0], work), node.args[1]
    if not isinstance(by, Sym) or not is_decisive(form):
        return _opaque(node, work)
    terms: list[Polynomial] = []
    for monomial, value in form.items():
        exponents = dict(monomial)
        power = exponents.pop(by.name, 0)
        if power:
            rest = {**exponents, by.name: power - 1}
            terms.append({tuple(sorted((a, e) for a, e in rest.items() if e)): value * power})
    return _sum(terms)

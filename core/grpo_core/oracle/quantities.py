"""Known units of measure: their dimension and size, so that `90 minutes` is `1.5 hours` and `45 km` is not `45 mph`.

A unit that is not listed (apples, students) says nothing and is dropped by units.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from grpo_core.oracle.nodes import Node, Num, Op, Sym

_TABLE = """
time s 1 s sec secs second seconds
time s 60 min mins minute minutes
time s 3600 h hr hrs hour hours
time s 86400 day days
time s 604800 week weeks
month m 1 month months
month m 12 year years yr yrs
length m 1 m meter meters metre metres
length m 1000 km kilometer kilometers kilometre kilometres
length m 1/10 dm decimeter decimeters
length m 1/100 cm centimeter centimeters centimetre centimetres
length m 1/1000 mm millimeter millimeters millimetre millimetres
length m 127/5000 in inch inches
length m 381/1250 ft foot feet
length m 1143/1250 yd yds yard yards
length m 201168/125 mi mile miles
mass g 1 g gram grams
mass g 1000 kg kgs kilogram kilograms
mass g 1/1000 mg milligram milligrams
mass g 1000000 tonne tonnes
mass g 45359237/100000 lb lbs pound pounds
mass g 45359237/1600000 oz ounce ounces
volume l 1 L liter liters litre litres
volume l 1/1000 mL ml milliliter milliliters
money d 1 dollar dollars USD
money d 1/100 cent cents ¢
euro e 1 euro euros EUR
celsius c 1 Celsius
fahrenheit f 1 Fahrenheit
unit u 1 unit units
"""
_POWERS = {"square": 2, "sq": 2, "squared": 2, "cubic": 3, "cu": 3, "cubed": 3}
_WHOLE_RATES = {"mph": ("mi", "h"), "kph": ("km", "h"), "kmh": ("km", "h")}
_MOST_WORDS = 8


@dataclass(frozen=True, slots=True)
class Unit:
    """`dimension` such as `length^1 time^-1`; one of the unit is `size` of the dimension's own."""

    dimension: str
    size: Fraction


def _read_table() -> dict[str, Unit]:
    units: dict[str, Unit] = {}
    for row in _TABLE.strip().splitlines():
        dimension, _, size, *names = row.split()
        units |= {name: Unit(dimension, Fraction(size)) for name in names}
    return units


_UNITS = _read_table()


def is_unit(word: str) -> bool:
    return word in _UNITS or word.lower() in _UNITS or word in _WHOLE_RATES or word in _POWERS


@lru_cache(maxsize=512)
def read_unit(words: tuple[str, ...]) -> Unit | None:
    """The unit that the words name (`square cm`, `miles per hour`, `cm ^ 2`, `m / s`), or None if any is unknown."""
    if not words or len(words) > _MOST_WORDS:
        return None
    exponents: Counter[str] = Counter()
    size, sign, power, named = Fraction(1), 1, 1, False
    for word in _spelled(words):
        if word in {"per", "/"}:
            sign = -1
        elif word in _POWERS and not word.endswith("ed"):
            power = _POWERS[word]
        elif word.startswith("^"):
            power = int(word[1:])
        elif (unit := _UNITS.get(word) or _UNITS.get(word.lower())) is not None:
            base, _, own = unit.dimension.partition("^")
            exponents[base] += sign * power * int(own or 1)
            size *= unit.size ** (sign * power)
            power, named = 1, True
        else:
            return None
    dimension = " ".join(f"{name}^{exponent}" for name, exponent in sorted(exponents.items()) if exponent)
    return Unit(dimension, size) if named else None


def _spelled(words: Sequence[str]) -> list[str]:
    """`mph` as `mi / h`, and `cm ^ 2` or `cm squared` as `^2 cm`."""
    spelled: list[str] = []
    words = [word for word in words if word not in {"{", "}"}]
    for index, word in enumerate(words):
        if word in _WHOLE_RATES:
            spelled += [_WHOLE_RATES[word][0], "/", _WHOLE_RATES[word][1]]
        elif spelled and (exponent := _exponent(words[max(0, index - 2) : index], word)):
            spelled.insert(len(spelled) - 1, f"^{exponent}")
        elif spelled and word in {"squared", "cubed"}:
            spelled.insert(len(spelled) - 1, f"^{_POWERS[word]}")
        elif word != "^" and words[index - 1 : index + 1] != ["^", "-"]:
            spelled.append(word)
    return spelled


def _exponent(before: Sequence[str], word: str) -> int:
    """The power that a number after `^` or `^ -` makes; 0 for any other word."""
    if len(word) > 2 or not (word.isascii() and word.isdigit()):
        return 0
    if before[-1:] == ["^"]:
        return int(word)
    return -int(word) if before[-2:] == ["^", "-"] else 0


def quantity(value: Node, unit: Unit) -> Op:
    return Op("quantity", (value, Num(unit.size), Sym(unit.dimension)))


def bare(node: Node) -> Node:
    """The tree without its units."""
    if not isinstance(node, Op):
        return node
    if node.head == "quantity":
        return bare(node.args[0])
    return Op(node.head, tuple(bare(arg) for arg in node.args))


def joined(larger: Node, smaller: Node) -> Node | None:
    """`1 hour` and `30 minutes` as one quantity in the larger unit; None if they do not belong together."""
    if not (isinstance(larger, Op) and isinstance(smaller, Op) and larger.head == smaller.head == "quantity"):
        return None
    (value, size, dimension), (part, part_size, part_dimension) = larger.args, smaller.args
    assert isinstance(size, Num)
    assert isinstance(part_size, Num)
    if dimension != part_dimension or part_size.value >= size.value:
        return None
    scaled = Op("mul", (part, Num(part_size.value / size.value)))
    return Op("quantity", (Op("add", (value, scaled)), size, dimension))


def in_same_unit(answer: Node, gold: Node) -> tuple[Node, Node] | None:
    """Both values, in one unit if both sides have one; None if their units measure different things."""
    units = [node.args[1:] if isinstance(node, Op) and node.head == "quantity" else None for node in (answer, gold)]
    values = [node.args[0] if isinstance(node, Op) and node.head == "quantity" else node for node in (answer, gold)]
    if units[0] is None or units[1] is None or units[0] == units[1]:
        return values[0], values[1]
    if units[0][1] != units[1][1]:
        return (values[0], values[1]) if _unnamed(units[0][1], units[1][1]) else None
    return Op("mul", (values[0], units[0][0])), Op("mul", (values[1], units[1][0]))


def _unnamed(dimension: Node, other: Node) -> bool:
    """Is one of the units only called a unit, so that it may be the other: `units^2` and `cm^2`, but not `cm^3`?"""
    names = [node.name if isinstance(node, Sym) else "" for node in (dimension, other)]
    if names[0].startswith("unit^") == names[1].startswith("unit^") and "unit^1" not in names:
        return False
    powers = {name.removeprefix("unit^").removeprefix("length^") for name in names}
    return "unit^1" in names or len(powers) == 1

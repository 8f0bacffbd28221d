"""A worked answer as a completion writes it, and the arithmetic lines that both solvers build it from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Derivation:
    """Lines such as `12+7=19` and the answer that they lead to."""

    steps: tuple[str, ...]
    answer: str

    @property
    def text(self) -> str:
        return "\n".join([*self.steps, rf"\boxed{{{self.answer}}}"])


def sum_line(a: int, b: int) -> str:
    """`12+7=19`, `3-4=-1`"""
    return f"{a}{b:+d}={a + b}"


def product_line(a: int, b: int) -> str:
    """`19*3=57`, `3*(-4)=-12`"""
    return f"{a}*{b}={a * b}" if b >= 0 else f"{a}*({b})={a * b}"


def quotient_line(a: int, b: int) -> str:
    """`9/3=3`; b divides a."""
    return f"{a}/{b}={a // b}"

"""A cursor over tokens: what stands next, taking it, demanding it, and the count of open constructs."""

from __future__ import annotations

from grpo_core.oracle.limits import MAX_DEPTH, OverBudget, Unreadable
from grpo_core.oracle.tokens import Token

END = Token("end_of_text", "")
_BEYOND = (END,) * 4
"""Behind the last token, as far as any rule looks ahead."""


class TokenStream:
    """One pass over the tokens; `depth` counts open constructs against the budget, so that recursion is bounded;
    `integrals` counts those whose `dx` has not come, `bars` the absolute values that are open."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, *_BEYOND]
        self.position = 0
        self.depth = 0
        self.integrals = 0
        self.bars = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    @property
    def next_token(self) -> Token:
        """The token after the one that stands next."""
        return self.tokens[self.position + 1]

    def at(self, *texts: str) -> bool:
        token = self.tokens[self.position]
        return token.text in texts and token.kind == "op"

    def take(self) -> Token:
        """The next token, which is passed; the end is not."""
        token = self.tokens[self.position]
        if token is not END:
            self.position += 1
        return token

    def deepen(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise OverBudget("BUDGET_DEPTH")

    def expect(self, text: str) -> None:
        if not self.at(text):
            raise Unreadable(f"Expected {text!r} before {self.token.text!r}.")
        self.position += 1

"""Tokens that only lay mathematics out: `&` before a relation, lines of a derivation, a brace before a system, and
brackets that are turned outwards, as in `]-3, 5]`.
"""

from __future__ import annotations

from grpo_core.oracle.tokens import Token

LINES = frozenset({"aligned", "alignedat", "align", "align*", "gathered", "gather", "gather*", "split", "eqnarray"})
"""Environments that are lines of relations."""
CASES = frozenset({"cases", "dcases", "rcases"})
_RELATIONS = frozenset({"=", "<", ">", "<=", ">=", "!=", "\\approx", "\\equiv", "\\in"})
_AFTER_INTERVAL = frozenset({"\\cup", "\\cap", "\\setminus", ",", ";", ")", "\\}"})
_DEPTHS = {"(": 1, "\\{": 1, ")": -1, "\\}": -1}
_END = Token("end_of_text", "")


def without_layout(tokens: list[Token]) -> list[Token]:
    if any(token.kind == "begin" for token in tokens):
        tokens = _laid_out(tokens)
    brackets = [token.text for token in tokens if token.text in {"[", "]"}]
    return _turned(tokens) if brackets and (brackets[0] == "]" or brackets[-1] == "[") else tokens


def _laid_out(tokens: list[Token]) -> list[Token]:
    kept: list[Token] = []
    open_environments: list[str] = []
    for i, token in enumerate(tokens):
        inside = open_environments[-1] if open_environments else ""
        if token.kind == "begin":
            name = _environment(tokens, i)
            open_environments.append(name)
            if name == "cases" and kept and kept[-1].text == "\\{":
                kept.pop()
            kept.append(Token("begin", name))
        elif token.kind == "end":
            kept.append(Token("end", open_environments.pop() if open_environments else token.text))
        elif not (inside and _is_layout(tokens, i, inside, kept[-1])):
            kept.append(token)
    return kept


def _environment(tokens: list[Token], begin: int) -> str:
    """The environment that begins there; an array of relations is a system or a distinction of cases."""
    name = tokens[begin].text
    if name in LINES:
        return "aligned"
    end = next((i for i in range(begin + 1, len(tokens)) if tokens[i].kind in {"begin", "end"}), len(tokens))
    relations = any(token.text in _RELATIONS for token in tokens[begin:end])
    return "cases" if name in CASES or (name == "array" and relations) else name


def _is_layout(tokens: list[Token], i: int, inside: str, before: Token) -> bool:
    following = tokens[i + 1] if i + 1 < len(tokens) else _END
    if tokens[i].text == "&":
        return inside == "aligned" or following.text in _RELATIONS
    if tokens[i].text != "\\\\":
        return False
    first = tokens[i + 2] if following.text == "&" and i + 2 < len(tokens) else following
    return before.text == "\\\\" or (inside in {"aligned", "cases"} and first.text in _RELATIONS)


def _turned(tokens: list[Token]) -> list[Token]:
    """`]a, b[` as `(a, b)`: a bracket that closes where none is open, or opens where a value ends."""
    made: list[Token] = []
    depth = 0
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else _END
        if token.text == "]" and depth == 0:
            token = Token("op", "(", token.spaced)
        elif token.text == "[" and depth > 0 and (following is _END or following.text in _AFTER_INTERVAL):
            token = Token("op", ")", token.spaced)
        depth += {**_DEPTHS, "[": 1, "]": -1}.get(token.text, 0) if token.kind == "op" else 0
        made.append(token)
    return made

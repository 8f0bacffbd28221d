"""Cutting a normalised text into tokens: one regular expression without backtracking, then letters split by meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from grpo_core.oracle.limits import MAX_ANSWER, MAX_TOKENS, OverBudget, Unreadable
from grpo_core.oracle.numerals import NUMERAL, SPACED_THOUSANDS, is_grouped


@dataclass(frozen=True, slots=True)
class Token:
    """`kind`: `num`, `name` (one variable), `func`, `word` (prose or unit), `begin`/`end` (environment), `diff`
    (d/d of the named variable), `unknown` (a macro that the grammar does not know), or `op`, where `text` is the
    operator, bracket or `\\command` itself. A separator that was the word `or` is `either`."""

    kind: str
    text: str
    spaced: bool = False
    either: bool = False


_FUNCTION_NAMES = """
    sin cos tan cot sec csc arcsin arccos arctan asin acos atan sinh cosh tanh ln log lg exp sqrt abs min max gcd lcm
    sgn sign floor ceil det Re Im cis
"""
_GREEK_NAMES = """
    alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho sigma tau phi
    varphi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega ell
"""
_COMMAND_NAMES = r"""
    \frac \binom \sqrt \pm \mp \cup \in \infty \approx \circ \lfloor \rfloor \lceil \rceil \sum \prod \int \lim
    \pi \\ \| \cap \setminus \emptyset \reals \mid \to \equiv \mod \top
    \setZ \setN \setQ \setC
"""
_WORDS_OF_TWO_LETTERS = """
    am an as at be by cm do ft go he hr if in is it kg km lb me mg mi ml mL mm my no of on or oz pm so to up us we
"""
FUNCTIONS = frozenset(_FUNCTION_NAMES.split())
_GREEK = frozenset(_GREEK_NAMES.split())
_KNOWN_COMMANDS = frozenset(_COMMAND_NAMES.split())
_TWO_LETTER_WORDS = frozenset(_WORDS_OF_TWO_LETTERS.split())
_OPERATORS = {
    "\\cdot": "*", "\\times": "*", "\\ast": "*", "\\div": "/", "\\le": "<=", "\\leq": "<=", "\\leqslant": "<=",
    "\\ge": ">=", "\\geq": ">=", "\\geqslant": ">=", "\\lt": "<", "\\gt": ">", "\\ne": "!=", "\\neq": "!=",
    "\\%": "%", "\\{": "\\{", "\\}": "\\}", "\\lbrace": "\\{", "\\rbrace": "\\}", "\\langle": "(", "\\rangle": ")",
    "\\lvert": "|", "\\rvert": "|", "\\vert": "|", "\\colon": ":", "\\sim": "\\approx", "\\simeq": "\\approx",
    "\\lbrack": "[", "\\rbrack": "]", "\\varnothing": "\\emptyset", "\\rightarrow": "\\to", "\\Rightarrow": "\\to",
    "\\backslash": "\\setminus", "\\cong": "\\equiv", "\\intercal": "\\top", "\\lVert": "\\|", "\\rVert": "\\|",
}  # fmt: skip
_DEPTHS = {"(": 1, "[": 1, "\\{": 1, ")": -1, "]": -1, "\\}": -1}
_UNIT_LETTERS = frozenset({"m", "g", "s", "h", "L"})
_SEPARATORS = frozenset({"and", "or", "und", "et"})

_TOKEN = re.compile(
    r"(?P<space>\s+)"
    rf"|(?P<num>{SPACED_THOUSANDS}|{NUMERAL})"
    r"|\\(?:text|mbox|textbf|textit|textrm|textnormal|mathrm|mathbf|mathit|operatorname\*?|mathop)\s?\{(?P<words>[^{}]*)\}"
    r"|\\(?P<env>begin|end)\s?\{(?P<envname>[a-z]+\*?)\}(?:\s?\{[clr| ]+\})?"
    r"|\\diff\{(?P<diff>[A-Za-z])\}"
    r"|(?P<command>\\[A-Za-z]+|\\.)"
    r"|(?P<letters>[A-Za-z]+'*)"
    r"|(?P<op><=|>=|!=|[-+*/^_=<>(){}\[\],;:|!%&'])",
    re.DOTALL,
)
_MATHEMATICS = re.compile(r"[-+]?[\d.,/]+|[A-Za-z]|\(?[A-Z]\)?")
_CAPITALS = re.compile(r"\(?[A-Z]\)?(?:\s?(?:,|;|and|or|, and)\s?\(?[A-Z]\)?)+")
"""Letters in a list: `\\text{A and C}`."""
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*|[^\s\w]|[\d_]+")


def tokenize(text: str) -> list[Token]:
    """Tokens of a normalised text. Raises `Unreadable` for a character that mathematics does not have."""
    if len(text) > MAX_ANSWER:
        raise OverBudget("BUDGET_LENGTH")
    tokens: list[Token] = []
    position, depth, spaced = 0, 0, False
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise Unreadable(f"No mathematics begins with {text[position]!r}.")
        position = match.end()
        if match.lastgroup == "space":
            spaced = True
        elif match.lastgroup == "op":
            tokens.append(_operator(match[0], spaced))
            depth += _DEPTHS.get(match[0], 0)
            spaced = False
        else:
            made = _tokens_of(match, depth, spaced)
            depth += sum(_DEPTHS.get(token.text, 0) for token in made if token.kind == "op")
            tokens += made
            spaced = False
    if len(tokens) > MAX_TOKENS:
        raise OverBudget("BUDGET_TOKENS")
    return tokens


def _tokens_of(match: re.Match[str], depth: int, spaced: bool) -> list[Token]:
    kind, text = match.lastgroup, match[0]
    if kind == "num":
        return _numerals(text, depth, spaced)
    if kind == "command":
        return [_command(text, spaced)]
    if kind == "letters":
        return _letters(text, spaced)
    if kind == "words":
        return _words(match["words"])
    if kind == "envname":
        return [Token(match["env"], match["envname"])]
    return [Token("diff", match["diff"], spaced)]


@lru_cache(maxsize=128)
def _operator(text: str, spaced: bool) -> Token:
    return Token("op", text, spaced)


def _numerals(text: str, depth: int, spaced: bool) -> list[Token]:
    """One numeral, or several where the commas separate members: always inside brackets, else unless in groups of 3."""
    if text.isdecimal():
        return [Token("num", text, spaced)]
    if " " in text or (is_grouped(text) and depth == 0):
        return [Token("num", text.replace(",", "").replace(" ", ""), spaced)]
    tokens: list[Token] = []
    for part in text.split(","):
        tokens += [Token("op", ",")] if tokens else []
        tokens.append(Token("num", part, spaced and not tokens))
    return tokens


def _words(text: str) -> list[Token]:
    """What a text macro holds: mathematics if it reads as such (`\\text{13}`, `\\mathrm{e}`), else words."""
    text = text.strip()
    if text in _UNIT_LETTERS:
        return [Token("word", text, True)]
    if _MATHEMATICS.fullmatch(text) or text in FUNCTIONS:
        return tokenize(text)
    tokens: list[Token] = []
    if _CAPITALS.fullmatch(text):
        for letter in re.findall("[A-Z]", text):
            tokens += [Token("op", ","), Token("name", letter)]
        return tokens[1:]
    for word in _WORD.findall(text):
        if word in _SEPARATORS or word in {",", ";"}:
            tokens.append(Token("op", ",", either=word == "or"))
        elif word.isdecimal():
            tokens.append(Token("num", word, True))
        else:
            tokens.append(Token("word", word, True))
    return tokens


def _letters(run: str, spaced: bool) -> list[Token]:
    """A run of letters: function, constant, separator, unit or prose word, or a product of variables."""
    if run in FUNCTIONS:
        return [Token("func", run, spaced)]
    if run in {"pi", "infinity", "oo", "inf"}:
        return [Token("op", "\\pi" if run == "pi" else "\\infty", spaced)]
    if run in _SEPARATORS:
        return [Token("op", ",", either=run == "or")]
    if len(run.rstrip("'")) == 1:
        return [Token("name", run, spaced)]
    if _is_product(run):
        return [Token("name", letter, spaced and not i) for i, letter in enumerate(run)]
    return [Token("word", run, spaced)]


def _is_product(run: str) -> bool:
    """Letters side by side are a product if they are two and no word (`xy`, `AB`), follow each other (`abc`), or are
    one small letter (`xxx`)."""
    if len(run) == 2:
        return run not in _TWO_LETTER_WORDS
    if len(set(run)) == 1 and run.islower():
        return len(run) <= 4
    return len(run) <= 4 and all(ord(b) - ord(a) == 1 for a, b in pairwise(run))


@lru_cache(maxsize=512)
def _command(text: str, spaced: bool) -> Token:
    if text in {"\\lor", "\\vee", "\\land", "\\wedge"}:
        return Token("op", ",", either=text in {"\\lor", "\\vee"})
    if text in _OPERATORS:
        return Token("op", _OPERATORS[text], spaced)
    name = text[1:]
    if name in FUNCTIONS and name != "sqrt":
        return Token("func", name, spaced)
    if name in _GREEK:
        return Token("name", name, spaced)
    if name in {"ldots", "dots", "cdots"}:
        return Token("name", "…", spaced)
    if text in _KNOWN_COMMANDS:
        return Token("op", text, spaced)
    return Token("unknown", text, spaced)
